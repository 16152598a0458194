//! More namespaces: a test calls them `staging`, `production`, and its own one `home`; their names end in random.
//!
//! `$staging` in a manifest is the name of that namespace, and what is read is put back into these words, so that
//! expectations can be written down whole.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::ObjectMeta;
use serde_json::{Value, json};

use super::namespace::{TestNamespace, api_of, documents, new_namespace, unique};
use super::operator::Operator;

/// What a test calls the namespace of its credentials.
pub(crate) const HOME: &str = "home";

/// The domain of our labels and annotations.
const DOMAIN: &str = "appcredential.io/";

/// Whose an object is, by its marks alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// All our marks, and no owner reference: Kubernetes does not collect it.
    Detached,
    /// All our marks, and an owner reference.
    Owned,
    /// Left behind: the name of its credential and who left it, and no mark of ours.
    Left,
    /// No mark of ours.
    Foreign,
    /// Anything else.
    Odd,
}

impl Mark {
    /// The mark of an object of a namespace. `uids` are those of the credentials of the test: of one name, the last is the
    /// one that is there.
    fn of(namespace: &str, meta: &ObjectMeta, uids: &[String]) -> Self {
        let labels = meta.labels.clone().unwrap_or_default();
        let annotations = meta.annotations.clone().unwrap_or_default();
        let managed = labels.get("app.kubernetes.io/managed-by").is_some_and(|it| it == "appcredential-operator");
        let text = |key: &str| annotations.get(&format!("{DOMAIN}{key}")).map(String::as_str);
        let last = text("owner-uid").is_some_and(|uid| uids.last().is_some_and(|last| last == uid));
        let left = text("retained-from").is_some_and(|uid| uids.iter().any(|known| known == uid));
        let itself = format!("{namespace}/{}", meta.name.as_deref().unwrap_or_default());
        let named = ["name", "namespace"].iter().all(|key| labels.contains_key(&format!("{DOMAIN}{key}")));
        let owners = meta.owner_references.clone().unwrap_or_default();
        let any = labels.keys().chain(annotations.keys()).any(|key| key.starts_with(DOMAIN)) || managed;
        let whole = managed && named && last && text("output") == Some(&itself) && text("retained-from").is_none();
        let gone = !managed && named && left && text("owner-uid").is_none() && text("deletion-policy").is_none();
        match owners.as_slice() {
            [] if whole => Self::Detached,
            [one] if whole && uids.contains(&one.uid) && one.controller == Some(true) => Self::Owned,
            [] if gone => Self::Left,
            _ if !any => Self::Foreign,
            _ => Self::Odd,
        }
    }
}

impl TestNamespace {
    /// A running operator that watches other namespaces besides its own.
    pub(crate) async fn start_with_others(name: &str, others: &[&str]) -> Self {
        let mut test = Self::idle_with_others(name, others).await;
        test.operator.start();
        test
    }

    /// The same, with an operator that does not run yet.
    pub(crate) async fn idle_with_others(name: &str, others: &[&str]) -> Self {
        let mut test = Self::idle(name).await;
        for other in others {
            let namespace = test.add_namespace(other).await;
            test.allowed_in(&namespace).await;
        }
        test
    }

    /// One more namespace, which the operator is told to watch and has no rights in: its name.
    pub(crate) async fn add_namespace(&mut self, other: &str) -> String {
        let (name, _) = self.namespace.rsplit_once('-').expect("a name and what makes it unique");
        let namespace = new_namespace(&self.client, &format!("{name}-{other}")).await;
        self.others.push((other.to_owned(), namespace.clone()));
        self.watching(&[]);
        namespace
    }

    /// Names a namespace that is watched and does not exist yet. No Role can be in it: the operator may work in all.
    pub(crate) async fn expect_namespace(&mut self, other: &str) {
        self.allowed_everywhere().await;
        self.others.push((other.to_owned(), unique(other)));
        self.watching(&[]);
    }

    /// What the operator is started with: all namespaces of the test, and these arguments.
    pub(crate) fn watching(&mut self, args: &[&str]) {
        let namespaces = self.others.iter().map(|(_, name)| name).chain([&self.namespace]);
        let watched = namespaces.flat_map(|name| ["--namespace".to_owned(), name.clone()]);
        let args: Vec<String> = watched.chain(args.iter().map(|arg| (*arg).to_owned())).collect();
        self.operator.give(args);
    }

    /// A second operator that watches only these namespaces of the test takes the place of the first one.
    pub(crate) fn watching_only(&mut self, namespaces: &[&str]) {
        let args = namespaces.iter().flat_map(|name| ["--namespace".to_owned(), self.ns(name)]).collect();
        let operator: &mut Operator = &mut self.operator;
        operator.give(args);
    }

    /// The name of a namespace.
    pub(crate) fn ns(&self, other: &str) -> String {
        if other == HOME {
            return self.namespace.clone();
        }
        let found = self.others.iter().find(|(known, _)| known == other);
        found.unwrap_or_else(|| panic!("no namespace {other}")).1.clone()
    }

    /// A text with the names of the namespaces in the place of `$staging` and its like.
    pub(crate) fn fill(&self, text: &str) -> String {
        let others =
            self.others.iter().fold(text.to_owned(), |text, (known, name)| text.replace(&format!("${known}"), name));
        others.replace("$home", &self.namespace)
    }

    /// A text with `$staging` and its like in the place of the names of the namespaces.
    pub(crate) fn unfill(&self, text: &str) -> String {
        let others =
            self.others.iter().fold(text.to_owned(), |text, (known, name)| text.replace(name, &format!("${known}")));
        others.replace(&self.namespace, "$home")
    }

    /// The objects of a kind in a namespace.
    pub(crate) fn objects(&self, other: &str, kind: &str) -> Api<DynamicObject> {
        api_of(&self.client, &self.ns(other), kind)
    }

    /// Applies every document of a YAML stream in a namespace.
    pub(crate) async fn apply_in(&self, other: &str, yaml: &str) {
        for document in documents(&self.fill(yaml)) {
            let name = document["metadata"]["name"].as_str().expect("a name").to_owned();
            let api = self.objects(other, document["kind"].as_str().expect("a kind"));
            let applied = api.patch(&name, &PatchParams::apply("test").force(), &Patch::Apply(&document)).await;
            applied.unwrap_or_else(|error| panic!("{name} is not accepted: {error}"));
        }
    }

    /// Lets credentials of the own namespace write into another: `spec` as YAML, by default all of it.
    pub(crate) async fn grant(&self, other: &str, spec: &str) {
        let spec = if spec.is_empty() { "{from: [{namespace: $home}]}" } else { spec };
        let grant = format!(
            "apiVersion: appcredential.io/v1alpha1\nkind: AppCredentialGrant\nmetadata: {{name: grant}}\nspec: {spec}"
        );
        self.apply_in(other, &grant).await;
    }

    /// Takes it back.
    pub(crate) async fn revoke(&self, other: &str) {
        self.delete_in(other, "AppCredentialGrant", "grant").await;
    }

    /// Deletes an object of a namespace.
    pub(crate) async fn delete_in(&self, other: &str, kind: &str, name: &str) {
        self.objects(other, kind).delete(name, &DeleteParams::background()).await.expect("deleted");
    }

    /// Changes an object of a namespace with a merge patch.
    pub(crate) async fn patch_in(&self, other: &str, kind: &str, name: &str, patch: Value) {
        let patched = self.objects(other, kind).patch(name, &PatchParams::default(), &Patch::Merge(&patch)).await;
        patched.unwrap_or_else(|error| panic!("the edit of {kind} {name} is not accepted: {error}"));
    }

    /// An object of a namespace as JSON, if it is there.
    pub(crate) async fn get_in(&self, other: &str, kind: &str, name: &str) -> Option<Value> {
        self.objects(other, kind).get_opt(name).await.expect("an answer").map(|object| json!(object))
    }

    /// Every Secret and ConfigMap of a namespace but Kubernetes' own: kind, name, and its metadata.
    pub(super) async fn objects_of(&self, namespace: &str) -> Vec<(&'static str, String, ObjectMeta)> {
        let mut out = Vec::new();
        for kind in ["ConfigMap", "Secret"] {
            let list =
                api_of(&self.client, namespace, kind).list_metadata(&Default::default()).await.expect("an answer");
            let metas = list.items.into_iter().map(|object| object.metadata);
            out.extend(metas.map(|meta| {
                (kind, meta.name.clone().unwrap_or_default(), ObjectMeta { managed_fields: None, ..meta })
            }));
        }
        out.retain(|(_, name, _)| name != "kube-root-ca.crt");
        out
    }

    /// Every Secret and ConfigMap of all namespaces of the test, as `Secret/staging/app Detached`, in order.
    pub(crate) async fn everything(&self, uids: &[String]) -> Vec<String> {
        let mut out = Vec::new();
        let home = (HOME.to_owned(), self.namespace.clone());
        for (other, namespace) in self.others.iter().chain([&home]) {
            for (kind, name, meta) in self.objects_of(namespace).await {
                out.push(format!("{kind}/{other}/{name} {:?}", Mark::of(namespace, &meta, uids)));
            }
        }
        out.sort();
        out
    }

    /// uid and resourceVersion of every object of all namespaces: nothing was touched where they are the same.
    pub(crate) async fn versions(&self) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        let home = (HOME.to_owned(), self.namespace.clone());
        for (other, namespace) in self.others.iter().chain([&home]) {
            for (kind, name, meta) in self.objects_of(namespace).await {
                let version = format!("{} {}", meta.uid.unwrap_or_default(), meta.resource_version.unwrap_or_default());
                out.insert(format!("{kind}/{other}/{name}"), version);
            }
        }
        out
    }

    /// Makes a namespace that was only named so far.
    pub(crate) async fn create_namespace(&self, other: &str) {
        let namespace: Namespace = serde_json::from_value(json!({"metadata": {"name": self.ns(other)}})).expect("one");
        Api::all(self.client.clone()).create(&PostParams::default(), &namespace).await.expect("a new namespace");
    }

    /// Begins the deletion of a namespace.
    pub(crate) async fn delete_namespace(&self, other: &str) {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        namespaces.delete(&self.ns(other), &DeleteParams::background()).await.expect("deleted");
    }

    /// Whether a namespace is there, be it that it is going.
    pub(crate) async fn has_namespace(&self, other: &str) -> bool {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        namespaces.get_opt(&self.ns(other)).await.expect("an answer").is_some()
    }
}
