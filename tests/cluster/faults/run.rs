//! One run of a scenario in a namespace of its own, with or without a fault, and what is asked of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use appcredential_cluster::client::{Gear, connect};
use appcredential_operator::controller::{self, Options};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::Api;
use kube::api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams};
use kube::core::GroupVersionKind;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::fault::Fault;
use super::layer::{Call, Layer};
use super::scenario::{Action, Scenario};
use super::state::End;
use super::watches::WatchFault;
use crate::harness::{Credential, TestNamespace, documents};

/// How long a run may take to come to its end state: several retries.
const CONVERGENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether there is something new to look at.
const POLL: Duration = Duration::from_millis(20);
/// Silence after which a change of the state is worth a look.
const PAUSE: Duration = Duration::from_millis(40);
/// What a run says whose fault never came to be, though it ended as it should.
pub(super) const NEVER: &str = "the fault never came to be";
/// Silence that shows that nothing more is written.
const REST: Duration = Duration::from_millis(300);
/// Silence after a run without faults: longer than what comes between a write and its echo.
const LONG_REST: Duration = Duration::from_millis(1000);

/// Where runs take place: the control plane of this test, in other namespaces.
pub(crate) struct Stage {
    pub(crate) test: TestNamespace,
}

/// A run under way. The controller ends with it.
pub(crate) struct Run<'a> {
    stage: &'a Stage,
    scenario: &'a Scenario,
    namespace: String,
    pub(crate) layer: Arc<Layer>,
    controller: Option<JoinHandle<()>>,
}

/// What a run without faults came to: every other has to come to the same.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) end: End,
    pub(crate) calls: Vec<Call>,
    /// The writes of outputs, and how often each was carried out.
    pub(crate) committed: BTreeMap<String, usize>,
}

impl<'a> Run<'a> {
    /// A namespace with what the scenario starts from.
    pub(crate) async fn prepare(
        stage: &'a Stage,
        scenario: &'a Scenario,
        namespace: String,
        watch_fault: Option<WatchFault>,
    ) -> Self {
        let mut names = vec![namespace.clone()];
        names.extend(scenario.goes_elsewhere().then(|| elsewhere(&namespace)));
        for name in names {
            let object: Namespace = serde_json::from_value(json!({"metadata": {"name": name}})).expect("a namespace");
            Api::all(stage.test.client.clone()).create(&PostParams::default(), &object).await.expect("a namespace");
        }
        let run = Self { stage, scenario, namespace, layer: Layer::new(watch_fault), controller: None };
        for yaml in &scenario.given {
            run.act(&Action::Apply(yaml)).await;
        }
        run
    }

    /// Goes through the scenario, with these faults from its change on.
    pub(crate) async fn perform(&mut self, faults: Vec<(String, Fault)>) {
        self.settle().await;
        self.change(faults).await;
    }

    /// Comes to where the scenario's change begins.
    pub(crate) async fn settle(&mut self) {
        if let Some(reason) = self.scenario.settled {
            self.start();
            self.settled(reason).await;
        }
    }

    /// The change, with these faults.
    pub(crate) async fn change(&mut self, faults: Vec<(String, Fault)>) {
        self.layer.arm(faults);
        if self.scenario.settled.is_none() {
            self.start();
        }
        for action in &self.scenario.change {
            self.act(action).await;
        }
    }

    /// Starts the controller, and starts it anew whenever it crashes.
    fn start(&mut self) {
        let (layer, kubeconfig) = (Arc::clone(&self.layer), self.stage.test.operator.kubeconfig().to_owned());
        let mut namespaces = vec![self.namespace.clone()];
        namespaces.extend(self.scenario.goes_elsewhere().then(|| elsewhere(&self.namespace)));
        self.controller = Some(tokio::spawn(async move {
            loop {
                let real = connect(Some(&kubeconfig), None, Gear::default()).await.expect("a client");
                let options = Options { namespaces: namespaces.clone(), ..Options::default() };
                let controller = controller::run(layer.client(real), options, std::future::pending());
                tokio::select! {
                    () = controller => panic!("the controller ended by itself"),
                    () = layer.crashed.notified() => {}
                }
            }
        }));
    }

    async fn act(&self, action: &Action) {
        match action {
            Action::Apply(yaml) => {
                let yaml = yaml.replace("ELSEWHERE", &elsewhere(&self.namespace));
                for object in documents(&yaml.replace("NAMESPACE", &self.namespace)) {
                    let (kind, name) = (object["kind"].as_str().expect("a kind"), object["metadata"]["name"].as_str());
                    let at = object["metadata"]["namespace"].as_str().unwrap_or(&self.namespace);
                    let (api, patch) = (self.api_in(at, kind), Patch::Apply(&object));
                    let applied = api.patch(name.expect("a name"), &PatchParams::apply("test"), &patch).await;
                    applied.unwrap_or_else(|error| panic!("not accepted: {error}"));
                }
            }
            Action::Patch(kind, name, patch) => self.patch(kind, name, patch).await,
            Action::Delete(kind, name) => {
                self.api(kind).delete(name, &DeleteParams::background()).await.expect("deleted");
            }
            Action::Watching => self.watching().await,
            Action::Settled(reason) => self.settled(reason).await,
        }
    }

    async fn patch(&self, kind: &str, name: &str, patch: &Value) {
        let text = patch.to_string().replace("ELSEWHERE", &elsewhere(&self.namespace));
        let patch: Value = serde_json::from_str(&text).expect("JSON");
        let patched = self.api(kind).patch(name, &PatchParams::default(), &Patch::Merge(&patch)).await;
        patched.unwrap_or_else(|error| panic!("not accepted: {error}"));
    }

    /// Grants stand elsewhere, everything else that is changed in the credential's namespace.
    fn api(&self, kind: &str) -> Api<DynamicObject> {
        match kind {
            "AppCredentialGrant" => self.api_in(&elsewhere(&self.namespace), kind),
            kind => self.api_in(&self.namespace, kind),
        }
    }

    fn api_in(&self, namespace: &str, kind: &str) -> Api<DynamicObject> {
        let ours = kind.starts_with("AppCredential");
        let (group, version) = if ours { ("appcredential.io", "v1alpha1") } else { ("", "v1") };
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        Api::namespaced_with(self.stage.test.client.clone(), namespace, &resource)
    }

    /// An object as it is, as the API server would answer.
    pub(crate) async fn body(&self, kind: &str, name: &str) -> Vec<u8> {
        let object = self.api(kind).get(name).await.expect("an object");
        serde_json::to_vec(&object).expect("JSON")
    }

    /// The state as it is.
    pub(crate) async fn end(&self) -> End {
        let client = || self.stage.test.client.clone();
        let mut namespaces = vec![self.namespace.clone()];
        namespaces.extend(self.scenario.goes_elsewhere().then(|| elsewhere(&self.namespace)));
        let (mut secrets, mut maps) = (Vec::new(), Vec::new());
        for at in namespaces {
            let of: Api<Secret> = Api::namespaced(client(), &at);
            secrets.extend(of.list(&ListParams::default()).await.expect("Secrets"));
            let of: Api<ConfigMap> = Api::namespaced(client(), &at);
            maps.extend(of.list(&ListParams::default()).await.expect("ConfigMaps"));
        }
        let credential = self.api("AppCredential").get_opt("orders").await.expect("an answer");
        End::of(&self.namespace, secrets, maps, credential.map(|object| Credential(json!(object))))
    }

    /// Waits until every watch was started.
    async fn watching(&self) {
        self.until("six watches", async || (self.layer.watches().len() == 6).then_some(())).await;
    }

    /// Waits until the status says so, and all is quiet.
    async fn settled(&self, reason: &str) {
        let ready = async || {
            self.layer.quiet_for(REST / 2)?;
            (self.end().await.ready.as_deref() == Some(reason)).then_some(())
        };
        self.until(&format!("Ready for the reason {reason}"), ready).await;
    }

    async fn until<T>(&self, what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + CONVERGENCE;
        loop {
            if let Some(found) = check().await {
                return found;
            }
            assert!(Instant::now() < deadline, "{}: not in {CONVERGENCE:?}: {what}", self.scenario.name);
            tokio::time::sleep(POLL).await;
        }
    }

    /// Records a run without faults, and holds it against what the scenario says of the end.
    pub(crate) async fn record(mut self) -> Reference {
        self.perform(Vec::new()).await;
        let scenario = self.scenario;
        let wrote =
            |layer: &Layer| layer.calls().iter().any(|call| call.name.starts_with("PATCH appcredentials/status"));
        let converged = async || {
            self.layer.quiet_for(LONG_REST)?;
            let end = self.end().await;
            // What was read piece by piece is of one time only if all was quiet meanwhile.
            self.layer.quiet_for(LONG_REST)?;
            // A change of an output may leave the status as it is.
            let done = wrote(&self.layer) || !self.layer.committed().is_empty();
            (done && end.ready.as_deref().unwrap_or_default() == scenario.ready).then_some(end)
        };
        let end = self.until("the end state without a fault", converged).await;
        let outputs: Vec<&str> = end.revisions.keys().map(String::as_str).collect();
        assert_eq!(outputs, scenario.outputs, "{}: {}", scenario.name, end.text);
        for line in scenario.holds {
            assert!(end.text.contains(line), "{}: no {line} in {}", scenario.name, end.text);
        }
        for line in scenario.lacks {
            assert!(!end.text.contains(line), "{}: {line} in {}", scenario.name, end.text);
        }
        assert_eq!(end.difference(&end), None);
        Reference { end, calls: self.layer.calls(), committed: self.layer.committed() }
    }

    /// Waits for the end state of the reference, and asks all that is asked of a run with a fault.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) async fn check(&self, reference: &Reference, within: Duration) -> Result<(), String> {
        let end = self.converge(reference, within).await?;
        // A touched source makes the controller look at everything once more: it finds nothing to write.
        let reads =
            |layer: &Layer| layer.calls().iter().filter(|call| call.name.starts_with("GET secrets source")).count();
        let before = reads(&self.layer);
        if self.scenario.ready.is_empty() {
            return self.writes_as(reference);
        }
        self.patch("Secret", "source", &json!({"metadata": {"annotations": {"touched": "yes"}}})).await;
        let looked = async || (reads(&self.layer) > before).then(|| self.layer.quiet_for(REST)).flatten();
        self.until("another look", looked).await;
        let rested = self.end().await;
        for (object, version) in end.versions.iter().filter(|(object, _)| *object != "Secret/source") {
            if rested.versions.get(object) != Some(version) {
                return Err(format!("{object} was written after the end state was reached"));
            }
        }
        if rested.versions.len() != end.versions.len() {
            return Err(format!("objects came or went after the end state was reached: {:?}", rested.versions.keys()));
        }
        if self.layer.internal_error() {
            return Err("a status spoke of an internal error".to_owned());
        }
        self.writes_as(reference)
    }

    /// The writes of outputs are those of the reference.
    fn writes_as(&self, reference: &Reference) -> Result<(), String> {
        let committed = self.layer.committed();
        if committed != reference.committed {
            return Err(format!("writes of outputs: {committed:?} instead of {:?}", reference.committed));
        }
        Ok(())
    }

    async fn converge(&self, reference: &Reference, within: Duration) -> Result<End, String> {
        let deadline = Instant::now() + within;
        let mut seen = None;
        loop {
            let now = self.layer.quiet_for(PAUSE).filter(|_| self.layer.fired());
            let late = Instant::now() >= deadline;
            if late || (now.is_some() && now != seen) {
                seen = now;
                let end = self.end().await;
                match end.difference(&reference.end) {
                    None if self.layer.fired() => return Ok(end),
                    _ if !late => {}
                    None => return Err(NEVER.to_owned()),
                    Some(difference) => return Err(format!("not in {within:?}: {difference}")),
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The calls, for what is said of a failed run.
    pub(crate) fn story(&self) -> String {
        let calls = self.layer.calls();
        let told: Vec<String> = calls.iter().map(|call| format!("{} -> {:?}", call.name, call.code)).collect();
        format!("{}:\n    {}", self.namespace, told.join("\n    "))
    }
}

/// The other namespace of a run.
fn elsewhere(namespace: &str) -> String {
    format!("{namespace}-b")
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        if let Some(controller) = self.controller.take() {
            controller.abort();
        }
        if self.stage.test.plane.existing {
            let _ = self.stage.test.plane.kubectl(&["delete", "namespace", &self.namespace, "--wait=false"], "");
        }
    }
}

/// The end state is waited for this long, unless a fault takes longer by itself.
pub(crate) const WITHIN: Duration = CONVERGENCE;
