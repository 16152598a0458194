//! A release of the chart in the namespaces of a test, and people who may do there what the test lets them.

use std::process::Output;
use std::sync::Arc;

use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use serde_json::{Value, json};

use crate::harness::{CHART, Plane, TestNamespace, documents, helm, succeeded};

/// A release in the namespace of a test and for its namespaces. It is uninstalled when it is dropped.
pub(crate) struct Release {
    plane: Arc<Plane>,
    /// Its name, which everything of it has.
    pub(crate) name: String,
    /// The namespace that it is in.
    pub(crate) namespace: String,
}

impl Release {
    /// Installs the chart with these values, for the test's own namespace and these others.
    ///
    /// The policies of the cluster would hold for all tests. Each test has those that its values give under names of its own, and
    /// bound to its namespaces: that they hold everywhere is seen in `lifecycle.rs`.
    pub(crate) async fn install(test: &TestNamespace, others: &[&str], values: Value) -> Self {
        let namespaces: Vec<String> = others.iter().chain(&["home"]).map(|other| test.ns(other)).collect();
        let mut all = json!({"fullnameOverride": test.namespace, "crds": {"install": false}, "namespaces": namespaces});
        merge(&mut all, values);
        let release = Self::named(test, test.namespace.clone());
        let rendered = succeeded(&release.helm("template", "policies", all.clone()).await);
        let policies = documents(&rendered).into_iter().filter_map(|policy| release.narrowed(policy, &namespaces));
        let policies = json!({"apiVersion": "v1", "kind": "List", "items": policies.collect::<Vec<_>>()});
        succeeded(&test.kubectl(&["apply", "-f", "-"], &policies.to_string()).await);
        merge(&mut all, json!({"policies": {"install": false}}));
        succeeded(&release.helm("install", "release", all).await);
        release
    }

    /// Installs the chart a second time beside the first, whose policies hold for both.
    pub(crate) async fn beside(test: &TestNamespace, values: Value) -> Self {
        let release = Self::named(test, format!("{}-2", test.namespace));
        let mut all = json!({
            "fullnameOverride": release.name, "crds": {"install": false}, "policies": {"install": false},
            "namespaces": [test.namespace],
        });
        merge(&mut all, values);
        succeeded(&release.helm("install", "release", all).await);
        release
    }

    fn named(test: &TestNamespace, name: String) -> Self {
        Self { plane: Arc::clone(&test.plane), name, namespace: test.namespace.clone() }
    }

    /// Runs helm on the chart with these values, in a file of this name.
    async fn helm(&self, verb: &'static str, file: &str, values: Value) -> Output {
        let file = self.plane.folder().join(format!("{}.{file}.json", self.name));
        std::fs::write(&file, values.to_string()).expect("written");
        let (plane, name, namespace) = (Arc::clone(&self.plane), self.name.clone(), self.namespace.clone());
        let run = move || {
            let file = file.to_str().expect("a path");
            let args = [verb, &name, CHART, "--namespace", &namespace, "--values", file];
            helm(plane.kubeconfig(), plane.folder(), &args)
        };
        tokio::task::spawn_blocking(run).await.expect("helm")
    }

    /// A policy of the cluster or its binding, with a name of this release and for these namespaces only.
    fn narrowed(&self, mut object: Value, namespaces: &[String]) -> Option<Value> {
        let of_cluster = object["metadata"]["name"].as_str()?.strip_suffix(".appcredential.io")?.to_owned();
        let name = json!(format!("{of_cluster}.{}", self.name));
        object["metadata"]["name"] = name.clone();
        match object["kind"].as_str()? {
            "ValidatingAdmissionPolicy" => {}
            "ValidatingAdmissionPolicyBinding" => {
                let here = json!({"key": "kubernetes.io/metadata.name", "operator": "In", "values": namespaces});
                object["spec"]["policyName"] = name;
                object["spec"]["matchResources"] = json!({"namespaceSelector": {"matchExpressions": [here]}});
            }
            _ => return None,
        }
        Some(object)
    }

    /// The user that the operator of this release is.
    pub(crate) fn operator(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        let of_release = format!("--selector=app.kubernetes.io/instance={}", self.name);
        let kinds = "validatingadmissionpolicybindings,validatingadmissionpolicies";
        let _ = self.plane.kubectl(&["delete", kinds, &of_release, "--wait=false"], "");
        let args = ["uninstall", &self.name, "--namespace", &self.namespace, "--no-hooks"];
        let _ = helm(self.plane.kubeconfig(), self.plane.folder(), &args);
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// Somebody who may do what the test allows and nothing else.
pub(crate) struct Person<'a> {
    test: &'a TestNamespace,
    client: Client,
    /// The name.
    pub(crate) user: String,
}

/// Whoever writes credentials and the Secrets and ConfigMaps of the namespace, and may read none.
pub(crate) const WRITES_CREDENTIALS: &str =
    "[{apiGroups: [appcredential.io], resources: [appcredentials], verbs: ['*']},
  {apiGroups: [''], resources: [secrets, configmaps], verbs: [create]}]";

impl<'a> Person<'a> {
    /// A user of this name, who may do this in the namespace of the test: the rules of a Role as YAML.
    pub(crate) async fn with(test: &'a TestNamespace, user: &str, rules: &str) -> Self {
        let role = format!("role-{:x}", user.bytes().fold(7u64, |hash, byte| hash.wrapping_mul(31) ^ u64::from(byte)));
        let role = format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: {role}}}\nrules: {rules}\n---\n{}",
            binding(&role, "Role", &role, user)
        );
        succeeded(&test.kubectl(&["apply", "-f", "-"], &role).await);
        Self::named(test, user).await
    }

    /// A user who has a ClusterRole in the namespace of the test.
    pub(crate) async fn in_role(test: &'a TestNamespace, role: &str) -> Self {
        let user = format!("{role}-of-{}", test.namespace);
        succeeded(&test.kubectl(&["apply", "-f", "-"], &binding(role, "ClusterRole", role, &user)).await);
        Self::named(test, &user).await
    }

    /// A user who is known and bound to nothing.
    pub(crate) async fn named(test: &'a TestNamespace, user: &str) -> Self {
        Self { test, client: test.plane.client_of(user).await, user: user.to_owned() }
    }

    fn api(&self, object: &Value) -> Api<DynamicObject> {
        let word = |field: &str| object[field].as_str().expect("a word").to_owned();
        let (group, version) = match word("apiVersion").split_once('/') {
            Some((group, version)) => (group.to_owned(), version.to_owned()),
            None => (String::new(), word("apiVersion")),
        };
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(&group, &version, &word("kind")));
        Api::namespaced_with(self.client.clone(), &self.test.namespace, &resource)
    }

    async fn send(&self, object: &Value, params: PatchParams) -> Result<(), String> {
        let name = object["metadata"]["name"].as_str().expect("a name");
        let sent = self.api(object).patch(name, &params.force(), &Patch::Apply(object)).await;
        sent.map(|_| ()).map_err(|error| match error {
            kube::Error::Api(status) => status.message,
            other => panic!("{other}"),
        })
    }

    /// Applies an object.
    pub(crate) async fn applies(&self, object: &Value) -> Result<(), String> {
        self.send(object, PatchParams::apply("person")).await
    }

    /// Whether an object would be accepted.
    pub(crate) async fn tries(&self, object: &Value) -> Result<(), String> {
        self.send(object, PatchParams::apply("person").dry_run()).await
    }

    /// Changes an object with a merge patch.
    pub(crate) async fn edits(&self, kind: &str, name: &str, patch: Value) -> Result<(), String> {
        let version = if kind.starts_with("App") { "appcredential.io/v1alpha1" } else { "v1" };
        let api = self.api(&json!({"apiVersion": version, "kind": kind}));
        let sent = api.patch(name, &PatchParams::default(), &Patch::Merge(&patch)).await;
        sent.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Changes the status of a credential with a merge patch.
    pub(crate) async fn edits_status(&self, name: &str, patch: Value) -> Result<(), String> {
        let api = self.api(&json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential"}));
        let sent = api.patch_status(name, &PatchParams::default(), &Patch::Merge(&patch)).await;
        sent.map(|_| ()).map_err(|error| error.to_string())
    }

    /// What is said to an object that is refused. A policy holds some moments after it was installed: that is waited for.
    pub(crate) async fn is_refused(&self, object: &Value) -> String {
        self.test.wait_for("it is refused", async || self.tries(object).await.err()).await
    }

    /// Waits until an object is accepted: a role holds some moments after it was bound.
    pub(crate) async fn is_accepted(&self, object: &Value) {
        self.test.wait_until("it is accepted", async || self.tries(object).await.is_ok()).await;
    }
}

fn binding(name: &str, kind: &str, role: &str, user: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: {name}}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: {role}}}\n\
         subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: '{user}'}}]\n"
    )
}

/// The one object of a manifest.
pub(crate) fn one(yaml: &str) -> Value {
    documents(yaml).remove(0)
}
