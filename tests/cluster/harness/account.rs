//! As whom the operator of a test acts: a service account that has the roles which the chart would give it, and no others.
//! As in an installation it is in a namespace of its own, which outlasts those that are watched.
//!
//! helm renders them once for the whole process, with words in the place of names, and each test has its own made of that.
//! The whole suite runs so, and no request of an operator may be refused for a missing right (`TestNamespace`'s end looks at the
//! audit log): what is granted is enough. That it is not too much is seen in `chart/rights.rs`. One policy bounds what all of these
//! accounts may write, as the chart's policy does for the account of a release (`chart/own.rs`).

use std::path::Path;
use std::sync::OnceLock;

use futures::future::join_all;
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use k8s_openapi::api::core::v1::{Namespace, Pod, ServiceAccount};
use kube::api::{Api, ApiResource, DynamicObject, PostParams, TypeMeta};
use kube::core::GroupVersionKind;
use kube::{Client, ResourceExt};
use serde_json::{Value, json};

use super::helm::template;
use super::namespace::{DEADLINE, documents};

/// The namespace of all operators.
pub(crate) const SYSTEM: &str = "appcredential-test";
/// What the names of all operators' accounts begin with.
const PREFIX: &str = "operator-";
/// The words that stand for the release's name, its namespace, and a namespace that it watches.
const NAME: &str = "the-name";
const HOME: &str = "the-home";
const WATCHED: &str = "the-watched";

/// Manifests of the chart with these words in them.
struct Rendered {
    /// What there is whatever is watched.
    base: Vec<Value>,
    /// What there is in each namespace that is watched.
    watched: Vec<Value>,
    /// What there is instead where all are.
    everywhere: Vec<Value>,
    /// The policy on what an operator may write, and its binding: for all accounts of tests.
    policy: Vec<Value>,
}

/// The service account of a test's operator.
#[derive(Clone)]
pub(super) struct Account {
    client: Client,
    /// Its name, and that of its roles.
    pub(super) name: String,
}

/// What an account must be able to do once its roles hold.
struct Sign {
    verb: &'static str,
    group: &'static str,
    resource: &'static str,
    namespace: String,
}

impl Account {
    /// A new one, which may do nothing.
    pub(super) async fn new(client: &Client, namespace: &str) -> Self {
        let account = Self { client: client.clone(), name: format!("{PREFIX}{namespace}") };
        account.system().await;
        let metadata = json!({"name": account.name, "labels": account.labels()});
        let object = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata});
        let object: ServiceAccount = serde_json::from_value(object).expect("a service account");
        account.accounts().create(&PostParams::default(), &object).await.expect("a new service account");
        account
    }

    /// Makes the namespace of all operators, if no other test has.
    async fn system(&self) {
        let namespace: Namespace = serde_json::from_value(json!({"metadata": {"name": SYSTEM}})).expect("a namespace");
        match Api::all(self.client.clone()).create(&PostParams::default(), &namespace).await {
            Ok(_) => {}
            Err(kube::Error::Api(status)) if status.code == 409 => {}
            Err(error) => panic!("namespace {SYSTEM}: {error}"),
        }
    }

    /// What everything of it can be found by, as what helm renders.
    fn labels(&self) -> Value {
        json!({"app.kubernetes.io/instance": self.name})
    }

    /// Its name as a user.
    pub(super) fn user(&self) -> String {
        format!("system:serviceaccount:{SYSTEM}:{}", self.name)
    }

    fn accounts(&self) -> Api<ServiceAccount> {
        Api::namespaced(self.client.clone(), SYSTEM)
    }

    /// A token of it, be it one that is bound to a pod.
    pub(super) async fn token(&self, pod: Option<&Pod>) -> String {
        let bound = pod.map(|pod| json!({"apiVersion": "v1", "kind": "Pod", "name": pod.name_any(), "uid": pod.uid()}));
        let request: TokenRequest =
            serde_json::from_value(json!({"spec": {"audiences": [], "boundObjectRef": bound}})).expect("a request");
        let made = self.accounts().create_token_request(&self.name, &PostParams::default(), &request).await;
        made.expect("a token").status.expect("a token").token
    }

    /// A pod that runs as it, if there were a node.
    pub(super) async fn pod(&self, name: &str) -> Pod {
        let spec = json!({
            "serviceAccountName": self.name, "automountServiceAccountToken": false,
            "containers": [{"name": "operator", "image": "operator"}],
        });
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": self.labels()}, "spec": spec});
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), SYSTEM);
        pods.create(&PostParams::default(), &serde_json::from_value(pod).expect("a pod")).await.expect("a new pod")
    }

    /// Gives it what the chart does for a release that watches this namespace.
    pub(super) async fn installed_for(&self, folder: &Path, namespace: &str) {
        let rendered = rendered(folder).await;
        join_all(rendered.policy.iter().map(|manifest| self.share(manifest))).await;
        self.give(&rendered.base, namespace).await;
        self.give(&rendered.watched, namespace).await;
        self.holds("update", "coordination.k8s.io", "leases", SYSTEM).await;
        self.holds("create", "authorization.k8s.io", "subjectaccessreviews", "").await;
        self.holds("create", "events.k8s.io", "events", namespace).await;
    }

    /// Gives it what the chart does for one more namespace.
    pub(super) async fn also_for(&self, folder: &Path, namespace: &str) {
        self.give(&rendered(folder).await.watched, namespace).await;
        self.holds("create", "events.k8s.io", "events", namespace).await;
    }

    /// Gives it what the chart does for a release that watches all namespaces.
    pub(super) async fn everywhere(&self, folder: &Path) {
        self.give(&rendered(folder).await.everywhere, "").await;
        self.holds("create", "events.k8s.io", "events", "").await;
    }

    async fn give(&self, manifests: &[Value], watched: &str) {
        let named = |manifest: &Value| {
            let text = manifest.to_string().replace(NAME, &self.name).replace(HOME, SYSTEM);
            serde_json::from_str::<Value>(&text.replace(WATCHED, watched)).expect("JSON")
        };
        join_all(manifests.iter().map(|manifest| self.create(named(manifest)))).await;
    }

    async fn create(&self, manifest: Value) {
        self.post(&manifest).await.unwrap_or_else(|error| panic!("{manifest}: {error}"));
    }

    /// Makes what all accounts share, if no other test has.
    async fn share(&self, manifest: &Value) {
        match self.post(manifest).await {
            Err(kube::Error::Api(status)) if status.code == 409 => {}
            made => made.unwrap_or_else(|error| panic!("{manifest}: {error}")),
        }
    }

    async fn post(&self, manifest: &Value) -> Result<(), kube::Error> {
        let object: DynamicObject = serde_json::from_value(manifest.clone()).expect("an object");
        let TypeMeta { api_version, kind } = object.types.clone().expect("a kind");
        let (group, version) = api_version.split_once('/').expect("a group");
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, &kind));
        let api: Api<DynamicObject> = match object.namespace() {
            Some(namespace) => Api::namespaced_with(self.client.clone(), &namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        api.create(&PostParams::default(), &object).await.map(|_| ())
    }

    /// Waits until it may do this: a role holds some moments after it was bound.
    async fn holds(&self, verb: &'static str, group: &'static str, resource: &'static str, namespace: &str) {
        let sign = Sign { verb, group, resource, namespace: namespace.to_owned() };
        let held = async { while !self.has(&sign).await {} };
        let in_time = tokio::time::timeout(DEADLINE, held).await;
        in_time.unwrap_or_else(|_| panic!("{} may not {verb} {resource} in {namespace:?}", self.name));
    }

    async fn has(&self, sign: &Sign) -> bool {
        // The Lease is the operator's own: only that name is allowed.
        let name = (sign.resource == "leases").then_some(&self.name);
        let attributes = json!({
            "verb": sign.verb, "group": sign.group, "resource": sign.resource, "namespace": sign.namespace, "name": name,
        });
        let review = json!({"spec": {"user": self.user(), "resourceAttributes": attributes}});
        let review: SubjectAccessReview = serde_json::from_value(review).expect("a review");
        let reviews: Api<SubjectAccessReview> = Api::all(self.client.clone());
        let review = reviews.create(&PostParams::default(), &review).await.expect("an answer");
        review.status.is_some_and(|status| status.allowed)
    }
}

/// What the chart renders, once for the whole process.
async fn rendered(folder: &Path) -> &'static Rendered {
    static RENDERED: OnceLock<Rendered> = OnceLock::new();
    let folder = folder.to_owned();
    let render = move || RENDERED.get_or_init(|| Rendered::new(&folder));
    tokio::task::spawn_blocking(render).await.expect("what the chart renders")
}

impl Rendered {
    fn new(folder: &Path) -> Self {
        let (watched, base) = roles(folder, &[WATCHED]).into_iter().partition(|one| one.to_string().contains(WATCHED));
        let everywhere = roles(folder, &[]).into_iter().filter(|one| {
            let name = one["metadata"]["name"].as_str().expect("a name");
            one["kind"].as_str().is_some_and(|kind| kind.starts_with("Cluster")) && name == NAME
        });
        Self { base, watched, everywhere: everywhere.collect(), policy: policy(folder) }
    }
}

/// The policy on what an operator may write, made to be about all accounts of tests.
fn policy(folder: &Path) -> Vec<Value> {
    let text = template(folder, NAME, HOME, &json!({"fullnameOverride": NAME}), "policies/operator");
    let one = format!("request.userInfo.username == \"system:serviceaccount:{HOME}:{NAME}\"");
    assert!(text.contains(&one), "{text}");
    let all = format!("request.userInfo.username.startsWith('system:serviceaccount:{SYSTEM}:{PREFIX}')");
    documents(&text.replace(&one, &all).replace(HOME, SYSTEM).replace(NAME, "appcredential-test"))
}

/// The chart's roles and their bindings, for a release that watches these namespaces. Every right that the chart ever gives
/// is among them.
fn roles(folder: &Path, namespaces: &[&str]) -> Vec<Value> {
    let values = json!({
        "fullnameOverride": NAME, "namespaces": namespaces, "metrics": {"access": "token"}, "namespacePins": true,
    });
    documents(&template(folder, NAME, HOME, &values, "rbac"))
}
