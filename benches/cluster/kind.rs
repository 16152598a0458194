//! The case `kind`: what a write of a credential costs the API server, whoever writes it.
//!
//! The same bytes are written as an AppCredential, as an object whose schema allows everything, and as a Secret. The ratio
//! to the open schema is what schema, rules and policy of this kind cost; that to a Secret is what a kind of one's own costs.
//! CPU seconds of the API server are counted, in rounds that take turns: what else happens on the machine hits all alike.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use appcredential_api::crd;
use futures::AsyncReadExt;
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::GroupVersionKind;
use kube::{Api, Client};
use serde_json::{Value, json};

use super::coming;
use super::objects;
use super::results::{Case, Unit};
use super::stage::{Stage, tell};
use super::statistics::number;
use super::writers::each;

const NAMESPACE: &str = "kind";
/// Writes under way at once.
const WRITERS: usize = 4;
/// Objects in a round, rounds of each: enough for the API server to collect its garbage several times in each.
const OBJECTS: usize = 300;
const ROUNDS: usize = 4;
/// The credentials that are written, from small to large.
const FIXTURES: &str = include_str!("../../tests/fixtures/appcredentials.yaml");

/// What is written, and what it is called in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Credential,
    Open,
    Secret,
}

const FORMS: [(Form, &str); 3] = [(Form::Open, "open schema"), (Form::Secret, "Secret"), (Form::Credential, "kind")];

/// A kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    Create,
    Spec,
    Status,
}

const WRITES: [(Write, &str); 3] =
    [(Write::Create, "create"), (Write::Spec, "spec patch"), (Write::Status, "status patch")];

/// Milliseconds of CPU for each write.
type Cost = [f64; WRITES.len()];

/// The case.
pub(crate) async fn run(stage: &mut Stage) -> Case {
    stage.operator.stop().await;
    let client = stage.client.clone();
    objects::namespace(&client, NAMESPACE).await;
    open_kind(&client).await;
    with_what_comes(&client).await;
    let mut taking = stage.begin("kind");
    for (size, spec) in sizes() {
        tell(&format!("kind: {size}, {} bytes of spec", spec.to_string().len()));
        let costs = costs(stage, &spec).await;
        let [open, secret, kind] = costs;
        for (index, (_, write)) in WRITES.iter().enumerate() {
            let case = &mut taking.case;
            case.add(&format!("{write}, {size}, to open schema"), kind[index] / open[index], Unit::Times);
            case.add(&format!("{write}, {size}, to Secret"), kind[index] / secret[index], Unit::Times);
            for (cost, (_, form)) in costs.iter().zip(FORMS) {
                case.add(&format!("{write}, {size}, {form}"), cost[index], Unit::Milliseconds);
            }
        }
    }
    let case = stage.end(taking);
    if let Some(path) = &stage.profile {
        let [_, (_, usual), _] = sizes();
        let profile = profile(stage, &usual).await;
        std::fs::write(path, profile).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    case
}

/// The API server's own profile of its CPU while statuses of credentials are patched, as `go tool pprof` reads it.
async fn profile(stage: &Stage, spec: &Value) -> Vec<u8> {
    const SECONDS: usize = 10;
    tell(&format!("kind: the API server's profile of {SECONDS} s of status patches"));
    let (form, api) = (Form::Credential, Form::Credential.api(&stage.client));
    for index in 0..OBJECTS {
        form.write(&api, Write::Create, index, spec).await;
    }
    let patches = async {
        for round in 1.. {
            let (api, spec) = (api.clone(), spec.clone());
            each(WRITERS, OBJECTS, move |index| {
                let (api, spec) = (api.clone(), spec.clone());
                // A status that is there already costs less.
                async move { patch_status(&api, index, status(&spec, round)).await }
            })
            .await;
        }
    };
    let request = http::Request::get(format!("/debug/pprof/profile?seconds={SECONDS}")).body(Vec::new());
    let taken = async {
        let mut stream = pin!(stage.client.request_stream(request.expect("a request")).await.expect("a profile"));
        let mut profile = Vec::new();
        stream.read_to_end(&mut profile).await.expect("a profile");
        profile
    };
    tokio::select! {
        () = patches => unreachable!("there is always another round"),
        profile = taken => profile,
    }
}

/// A small, a usual and the largest of the credentials.
fn sizes() -> [(&'static str, Value); 3] {
    let all: Vec<Value> = serde_saphyr::from_multiple(FIXTURES).expect("credentials");
    let mut specs: Vec<Value> = all.into_iter().map(|mut object| object["spec"].take()).collect();
    specs.sort_by_key(|spec| spec.to_string().len());
    let (middle, last) = (specs.len() / 2, specs.len() - 1);
    [("small", specs[0].clone()), ("usual", specs[middle].clone()), ("largest", specs[last].clone())]
}

/// What each form costs, in the order of `FORMS`.
async fn costs(stage: &Stage, spec: &Value) -> [Cost; FORMS.len()] {
    let rounds = if stage.quick { 1 } else { ROUNDS };
    let objects = if stage.quick { 10 } else { OBJECTS };
    let mut costs = [[0.0; WRITES.len()]; FORMS.len()];
    // The first round warms up.
    for round in 0..=rounds {
        for (cost, (form, _)) in costs.iter_mut().zip(FORMS) {
            let taken = form.round(stage, spec, objects).await;
            if round > 0 {
                cost.iter_mut().zip(taken).for_each(|(sum, taken)| *sum += taken);
            }
        }
    }
    let writes = number(rounds * objects);
    costs.map(|cost| cost.map(|seconds| seconds * 1000.0 / writes))
}

impl Form {
    /// Writes so many objects in each way and removes them: CPU seconds of the API server.
    async fn round(self, stage: &Stage, spec: &Value, count: usize) -> Cost {
        let api = self.api(&stage.client);
        let spec = Arc::new(spec.clone());
        let mut cost = [0.0; WRITES.len()];
        for (cost, (write, _)) in cost.iter_mut().zip(WRITES) {
            let (api, spec) = (api.clone(), Arc::clone(&spec));
            let before = stage.api_server_cpu().unwrap_or_default();
            each(WRITERS, count, move |index| {
                let (api, spec) = (api.clone(), Arc::clone(&spec));
                async move { self.write(&api, write, index, &spec).await }
            })
            .await;
            *cost = stage.api_server_cpu().unwrap_or_default() - before;
        }
        each(WRITERS, count, move |index| {
            let api = api.clone();
            async move {
                let deleted = api.delete(&objects::name(index), &Default::default()).await;
                deleted.expect("deleted");
            }
        })
        .await;
        // What the deletes leave to do (watches, garbage) is not the next round's.
        tokio::time::sleep(Duration::from_millis(200)).await;
        cost
    }

    async fn write(self, api: &Api<DynamicObject>, write: Write, index: usize, spec: &Value) {
        let name = objects::name(index);
        let params = PatchParams::default();
        match write {
            Write::Create => {
                let object = objects::typed(self.object(&name, spec));
                api.create(&PostParams::default(), &object).await.expect("created");
            }
            Write::Spec if self == Self::Secret => {
                let patch = json!({"data": {"description": objects::base64("edited")}});
                api.patch(&name, &params, &Patch::Merge(patch)).await.expect("edited");
            }
            Write::Spec => {
                api.patch(&name, &params, &Patch::Merge(json!({"spec": {"description": "edited"}})))
                    .await
                    .expect("edited");
            }
            Write::Status if self == Self::Secret => {
                let patch = json!({"data": {"status": objects::base64(&status(spec, 1).to_string())}});
                api.patch(&name, &params, &Patch::Merge(patch)).await.expect("told");
            }
            Write::Status => patch_status(api, index, status(spec, 1)).await,
        }
    }

    fn object(self, name: &str, spec: &Value) -> Value {
        let resource = self.resource();
        let head = json!({"name": name, "namespace": NAMESPACE});
        match self {
            Self::Secret => {
                let bytes = objects::base64(&spec.to_string());
                json!({"apiVersion": "v1", "kind": "Secret", "metadata": head, "data": {"spec": bytes}})
            }
            _ => {
                json!({"apiVersion": resource.api_version, "kind": resource.kind, "metadata": head, "spec": spec})
            }
        }
    }

    fn resource(self) -> ApiResource {
        let (group, version, kind) = match self {
            Self::Credential => ("appcredential.io", "v1alpha1", "AppCredential"),
            Self::Open => ("open.appcredential.io", "v1alpha1", "OpenCredential"),
            Self::Secret => ("", "v1", "Secret"),
        };
        ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
    }

    fn api(self, client: &Client) -> Api<DynamicObject> {
        Api::namespaced_with(client.clone(), NAMESPACE, &self.resource())
    }
}

async fn patch_status(api: &Api<DynamicObject>, index: usize, status: Value) {
    let patch = objects::typed(json!([{"op": "add", "path": "/status", "value": status}]));
    let patch = Patch::<()>::Json(patch);
    api.patch_status(&objects::name(index), &PatchParams::default(), &patch).await.expect("told");
}

/// A status as the operator writes it for a credential of these environments, at a generation.
fn status(spec: &Value, generation: usize) -> Value {
    let now = k8s_openapi::jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let condition = |name: &str, reason: &str, message: &str| {
        json!({
            "type": name, "status": "True", "reason": reason, "message": message,
            "observedGeneration": generation, "lastTransitionTime": now,
        })
    };
    let names: Vec<&str> = match spec["environments"].as_array() {
        Some(environments) => environments.iter().filter_map(|environment| environment["name"].as_str()).collect(),
        None => vec!["default"],
    };
    let environment = |name: &&str| {
        let target = json!({"namespace": NAMESPACE, "secretName": name, "configMapName": name, "revision": 1, "lastSyncTime": now});
        json!({"name": name, "ready": true, "targets": [target]})
    };
    json!({
        "observedGeneration": generation,
        "conditions": [
            condition("Accepted", "Valid", "the spec is valid"),
            condition("ResolvedRefs", "Resolved", "every source was found"),
            condition("Synced", "Synced", "every output is written as the credential says"),
            condition("Ready", "Ready", "every environment is ready"),
        ],
        "environments": names.iter().map(environment).collect::<Vec<_>>(),
    })
}

/// Widens the schema by what will stand in it.
async fn with_what_comes(client: &Client) {
    let mut definition = crd::app_credential().expect("a definition");
    coming::add(&mut definition);
    let name = definition["metadata"]["name"].as_str().expect("a name").to_owned();
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &definitions());
    api.patch(&name, &PatchParams::default(), &Patch::Merge(definition)).await.expect("a wider schema");
    // It is served a moment later: with a field that was unknown before.
    let probe = json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": "probe"}, "spec": {
        "application": {"type": "redis"}, "authentication": {"type": "None"}, "history": {"keepValues": false},
    }});
    let (api, probe): (_, DynamicObject) = (Form::Credential.api(client), objects::typed(probe));
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    let served = async || {
        let answer = api.create(&dry, &probe).await;
        answer.is_ok_and(|object| object.data["spec"]["history"].is_object())
    };
    while !served().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn definitions() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition"))
}

/// Installs the kind whose schema allows everything.
async fn open_kind(client: &Client) {
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let definition: DynamicObject = objects::typed(json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "opencredentials.open.appcredential.io"},
        "spec": {
            "group": "open.appcredential.io", "scope": "Namespaced",
            "names": {"kind": "OpenCredential", "plural": "opencredentials", "singular": "opencredential"},
            "versions": [{
                "name": "v1alpha1", "served": true, "storage": true, "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": open, "status": open}}},
            }],
        },
    }));
    let resource =
        ApiResource::from_gvk(&GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition"));
    Api::all_with(client.clone(), &resource).create(&PostParams::default(), &definition).await.expect("the open kind");
    let api = Form::Open.api(client);
    while api.list(&Default::default()).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
