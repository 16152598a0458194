//! A test's own namespace with an operator of its own, and what a test does there.
//!
//! Manifests are applied server-side by the client itself: that is what `kubectl apply --server-side` sends,
//! without the half second that each kubectl takes. Edits are merge patches, as `kubectl edit` sends them.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::process::Output;
use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::api::{ApiResource, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::GroupVersionKind;
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use super::account::{Account, SYSTEM};
use super::operator::Operator;
use super::plane::{Plane, plane};

/// How long anything may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// How often a condition is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(50);

/// A namespace with an operator.
pub(crate) struct TestNamespace {
    pub(crate) plane: Arc<Plane>,
    pub(crate) namespace: String,
    pub(crate) client: Client,
    pub(crate) operator: Operator,
    /// As whom the operator acts.
    pub(crate) user: String,
    pub(super) account: Account,
    /// Whether its operator is meant to lack a right at times.
    limited: bool,
    /// Other namespaces that the operator watches: what the test calls them, and their names.
    pub(super) others: Vec<(String, String)>,
    _permit: OwnedSemaphorePermit,
}

impl TestNamespace {
    /// A new namespace with a running operator.
    pub(crate) async fn start(name: &str) -> Self {
        let mut test = Self::idle(name).await;
        test.operator.start();
        test
    }

    /// A new namespace with an operator that does not run yet.
    pub(crate) async fn idle(name: &str) -> Self {
        Self::on(plane().await, name).await
    }

    /// A new namespace with an operator that does not run yet, and that may do nothing unless the test allows it.
    pub(crate) async fn limited(name: &str) -> Self {
        Self::bare(plane().await, name).await.denied_at_times()
    }

    /// A new namespace on this control plane, with an operator that does not run yet.
    pub(crate) async fn on(plane: Arc<Plane>, name: &str) -> Self {
        let test = Self::bare(plane, name).await;
        test.account.installed_for(test.plane.folder(), &test.namespace).await;
        test
    }

    async fn bare(plane: Arc<Plane>, name: &str) -> Self {
        let permit = Arc::clone(&plane.permits).acquire_owned().await.expect("a permit");
        let client = plane.client().await;
        let namespace = new_namespace(&client, name).await;
        let account = Account::new(&client, &namespace).await;
        let kubeconfig = plane.kubeconfig_with(&account.name, &account.token(None).await);
        let args = vec!["--namespace".to_owned(), namespace.clone()];
        let operator = Operator::new(plane.folder(), kubeconfig, &account.name, args);
        let (user, others) = (account.user(), Vec::new());
        Self { plane, namespace, client, operator, user, account, limited: false, others, _permit: permit }
    }

    /// The operator is meant to lack a right at times.
    pub(crate) fn denied_at_times(mut self) -> Self {
        self.limited = true;
        self
    }

    /// The operator may work in one more namespace.
    pub(crate) async fn allowed_in(&self, namespace: &str) {
        self.account.also_for(self.plane.folder(), namespace).await;
    }

    /// The operator may work in all namespaces.
    pub(crate) async fn allowed_everywhere(&self) {
        self.account.everywhere(self.plane.folder()).await;
    }

    /// As whom one of several replicas acts.
    pub(crate) fn replica_user(&self, index: usize) -> String {
        format!("{}/{}", self.user, self.replica_name(index))
    }

    /// The name of its pod.
    pub(crate) fn replica_name(&self, index: usize) -> String {
        format!("{}-{index}", self.account.name)
    }

    /// The name of the lease that replicas of the operator stand for.
    pub(crate) fn lease_name(&self) -> &str {
        &self.account.name
    }

    /// The leases of all operators.
    pub(crate) fn leases(&self) -> Api<Lease> {
        Api::namespaced(self.client.clone(), SYSTEM)
    }

    /// One of several replicas, which stand for election: a process with the token of a pod. It does not run yet. It gets at
    /// the API server directly or by another address.
    pub(crate) async fn replica(&self, index: usize, by: Option<std::net::SocketAddr>) -> Operator {
        let name = self.replica_name(index);
        let pod = self.account.pod(&name).await;
        let kubeconfig = self.plane.kubeconfig_by(&name, &self.account.token(Some(&pod)).await, by);
        let watched = ["--namespace", &self.namespace, "--leader-election=true"];
        let words = [&watched[..], &["--lease-namespace", SYSTEM, "--lease-name", self.lease_name()]].concat();
        let args = words.iter().map(|word| (*word).to_owned()).collect();
        let mut operator = Operator::new(self.plane.folder(), kubeconfig, &name, args);
        let uid = pod.metadata.uid.expect("a uid");
        operator.env.extend([("POD_NAME".to_owned(), name), ("POD_UID".to_owned(), uid)]);
        operator
    }

    /// A client that acts as the operator would.
    pub(crate) async fn operator_client(&self) -> Client {
        super::plane::client(self.operator.kubeconfig()).await
    }

    /// The Secrets of the namespace.
    pub(crate) fn secrets(&self) -> Api<Secret> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The ConfigMaps of the namespace.
    pub(crate) fn config_maps(&self) -> Api<ConfigMap> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The credentials of the namespace.
    pub(crate) fn credentials(&self) -> Api<DynamicObject> {
        self.api("AppCredential")
    }

    fn api(&self, kind: &str) -> Api<DynamicObject> {
        api_of(&self.client, &self.namespace, kind)
    }

    /// Applies every document of a YAML stream.
    pub(crate) async fn apply(&self, yaml: &str) {
        for document in documents(yaml) {
            self.apply_one(document).await;
        }
    }

    /// Applies one object.
    pub(crate) async fn apply_one(&self, object: Value) {
        let api = self.api(object["kind"].as_str().expect("a kind"));
        let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
        let applied = api.patch(&name, &PatchParams::apply("test").force(), &Patch::Apply(&object)).await;
        applied.unwrap_or_else(|error| panic!("{name} is not accepted: {error}"));
    }

    /// Edits the spec of a credential.
    pub(crate) async fn edit(&self, name: &str, spec: Value) {
        self.patch("AppCredential", name, json!({"spec": spec})).await;
    }

    /// Changes an object with a merge patch.
    pub(crate) async fn patch(&self, kind: &str, name: &str, patch: Value) {
        let patched = self.api(kind).patch(name, &PatchParams::default(), &Patch::Merge(&patch)).await;
        patched.unwrap_or_else(|error| panic!("the edit of {kind} {name} is not accepted: {error}"));
    }

    /// Deletes an object.
    pub(crate) async fn delete(&self, kind: &str, name: &str) {
        self.api(kind).delete(name, &DeleteParams::background()).await.expect("deleted");
    }

    /// A Secret to be referred to.
    pub(crate) async fn source(&self, name: &str, data: &[(&str, &[u8])]) {
        let bytes = |(key, value): &(&str, &[u8])| ((*key).to_owned(), json!(k8s_openapi::ByteString(value.to_vec())));
        let data: serde_json::Map<String, Value> = data.iter().map(bytes).collect();
        let metadata = json!({"name": name});
        self.apply_one(json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data})).await;
    }

    /// A ConfigMap to be referred to.
    pub(crate) async fn settings(&self, name: &str, data: &[(&str, &str)]) {
        let data: serde_json::Map<String, Value> =
            data.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        let metadata = json!({"name": name});
        self.apply_one(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})).await;
    }

    /// Runs kubectl in the namespace.
    pub(crate) async fn kubectl(&self, args: &[&str], input: &str) -> Output {
        let plane = Arc::clone(&self.plane);
        let mut all: Vec<String> = vec![format!("--namespace={}", self.namespace)];
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        let input = input.to_owned();
        let run = move || plane.kubectl(&all.iter().map(String::as_str).collect::<Vec<_>>(), &input);
        tokio::task::spawn_blocking(run).await.expect("kubectl")
    }

    /// Runs kubectl in the namespace, which must succeed, and returns what it says.
    pub(crate) async fn kubectl_says(&self, args: &[&str]) -> String {
        let output = self.kubectl(args, "").await;
        assert!(output.status.success(), "kubectl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Waits until `check` finds something.
    pub(crate) async fn wait_for<T>(&self, what: &str, check: impl AsyncFnMut() -> Option<T>) -> T {
        self.wait_within(DEADLINE, what, check).await
    }

    /// Waits until `check` finds something, for at most `limit`.
    pub(crate) async fn wait_within<T>(
        &self,
        limit: Duration,
        what: &str,
        mut check: impl AsyncFnMut() -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = check().await {
                return found;
            }
            if Instant::now() >= deadline {
                panic!("not in {limit:?}: {what}\n{}", self.report().await);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until `check` holds.
    pub(crate) async fn wait_until(&self, what: &str, mut check: impl AsyncFnMut() -> bool) {
        self.wait_for(what, async || check().await.then_some(())).await;
    }
}

impl Drop for TestNamespace {
    fn drop(&mut self) {
        self.operator.kill();
        // A test that fails has said why.
        let denied = if self.limited || std::thread::panicking() { Vec::new() } else { self.denied() };
        // A control plane of our own goes away whole, and ending a namespace is much work for it.
        if self.plane.existing {
            let others = self.others.iter().map(|(_, name)| name);
            for namespace in others.chain([&self.namespace]) {
                let _ = self.plane.kubectl(&["delete", "namespace", namespace, "--wait=false"], "");
            }
            let ours = format!("--selector=app.kubernetes.io/instance={}", self.account.name);
            let system = format!("--namespace={SYSTEM}");
            let kinds = "clusterroles,clusterrolebindings,roles,rolebindings,serviceaccounts,pods";
            let _ = self.plane.kubectl(&["delete", kinds, &system, &ours, "--wait=false"], "");
            let _ = self.plane.kubectl(&["delete", "lease", &self.account.name, &system, "--ignore-not-found"], "");
        }
        assert!(denied.is_empty(), "the chart's roles do not allow {denied:#?}");
    }
}

/// The objects of a kind in a namespace.
pub(super) fn api_of(client: &Client, namespace: &str, kind: &str) -> Api<DynamicObject> {
    let (group, version) = match kind {
        "AppCredential" | "AppCredentialGrant" => ("appcredential.io", "v1alpha1"),
        "Secret" | "ConfigMap" | "ResourceQuota" => ("", "v1"),
        other => panic!("no test applies a {other}"),
    };
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    Api::namespaced_with(client.clone(), namespace, &resource)
}

/// A name that no other test has.
pub(super) fn unique(name: &str) -> String {
    let random = RandomState::new().build_hasher().finish();
    format!("{name}-{:08x}", random >> 32)
}

/// Makes a namespace that no other test has.
pub(crate) async fn new_namespace(client: &Client, name: &str) -> String {
    let name = unique(name);
    let namespace: Namespace = serde_json::from_value(json!({"metadata": {"name": name}})).expect("a namespace");
    Api::all(client.clone()).create(&PostParams::default(), &namespace).await.expect("a new namespace");
    name
}

/// The documents of a YAML stream.
pub(crate) fn documents(yaml: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(yaml).expect("YAML")
}
