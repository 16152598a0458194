//! What the API server itself can do: the measure of everything else.
//!
//! The same objects that the operator writes are written by plain clients, as many at once as the operator has
//! workers, while no operator runs. What is written goes away again before one starts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use appcredential_api::AppCredential;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::Api;
use kube::api::{Patch, PatchParams};

use super::objects;
use super::results::{Case, Scale, Unit};
use super::stage::{Stage, tell};
use super::statistics::{Latencies, number, per_second};
use super::view::{View, What};
use super::writers::each;

const NAMESPACE: &str = "raw";
/// Credentials whose writes are not counted: a new API server gets faster with its first ones.
const WARM_UP: usize = 300;

/// What raw writes took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawWrites {
    /// Creations of each credential's outputs, and a patch of its status.
    pub(crate) creates: Phase,
    /// Patches of each credential's outputs, and of its status.
    pub(crate) patches: Phase,
    /// Edits of each credential's spec.
    pub(crate) edits: Phase,
    /// Patches of each credential's status alone.
    pub(crate) statuses: Phase,
    /// Creations of each credential's outputs alone.
    pub(crate) outputs: Phase,
}

/// One kind of writes for each credential.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phase {
    pub(crate) took: Duration,
    /// CPU seconds of the API server.
    pub(crate) api_server: Option<f64>,
}

/// What is written for each credential.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Creates,
    Patches,
    Edits,
    Statuses,
    Outputs,
}

/// Writers on one namespace.
#[derive(Clone)]
struct Raw {
    secrets: Api<Secret>,
    config_maps: Api<ConfigMap>,
    credentials: Api<AppCredential>,
    targets: usize,
}

/// How many outputs a credential has.
pub(crate) fn outputs(targets: usize) -> usize {
    2 * targets
}

/// How many writes a credential costs: its outputs and its status.
pub(crate) fn writes(targets: usize) -> usize {
    outputs(targets) + 1
}

/// Measures raw writes, on a stage where no operator runs; each of them once for each credential.
pub(crate) async fn write(stage: &mut Stage) -> RawWrites {
    if let Some(raw) = stage.raw {
        return raw;
    }
    let scale = stage.scale;
    tell("raw writes");
    objects::namespace(&stage.client, NAMESPACE).await;
    let few = Scale { credentials: scale.credentials.min(WARM_UP), ..scale };
    round(stage, few).await;
    let raw = round(stage, scale).await;
    stage.raw = Some(raw);
    raw
}

async fn round(stage: &Stage, scale: Scale) -> RawWrites {
    let client = &stage.client;
    objects::fill(client, NAMESPACE, scale, false, stage.writers).await;
    let raw = Raw {
        secrets: Api::namespaced(client.clone(), NAMESPACE),
        config_maps: Api::namespaced(client.clone(), NAMESPACE),
        credentials: Api::namespaced(client.clone(), NAMESPACE),
        targets: scale.targets,
    };
    let there = Arc::new(raw.credentials.list(&Default::default()).await.expect("a list").items);
    let creates = phase(stage, &raw, &there, Kind::Creates).await;
    let patches = phase(stage, &raw, &there, Kind::Patches).await;
    let edits = phase(stage, &raw, &there, Kind::Edits).await;
    let statuses = phase(stage, &raw, &there, Kind::Statuses).await;
    objects::clear::<Secret>(client, NAMESPACE).await;
    objects::clear::<ConfigMap>(client, NAMESPACE).await;
    let outputs = phase(stage, &raw, &there, Kind::Outputs).await;
    objects::clear::<Secret>(client, NAMESPACE).await;
    objects::clear::<ConfigMap>(client, NAMESPACE).await;
    objects::clear::<AppCredential>(client, NAMESPACE).await;
    RawWrites { creates, patches, edits, statuses, outputs }
}

async fn phase(stage: &Stage, raw: &Raw, there: &Arc<Vec<AppCredential>>, kind: Kind) -> Phase {
    let before = stage.api_server_cpu();
    let (raw, all) = (raw.clone(), Arc::clone(there));
    let took = each(stage.writers, there.len(), move |index| {
        let (raw, all) = (raw.clone(), Arc::clone(&all));
        async move { raw.write(kind, index, &all[index]).await }
    });
    let took = took.await;
    let api_server = before.zip(stage.api_server_cpu()).map(|(before, after)| after - before);
    Phase { took, api_server }
}

impl Raw {
    async fn write(&self, kind: Kind, index: usize, owner: &AppCredential) {
        let names = || objects::output_names(index, self.targets);
        match kind {
            Kind::Creates => self.create(index, owner).await,
            Kind::Patches => self.patch(index, owner).await,
            Kind::Edits => {
                objects::edit(&self.credentials, &objects::name(index), objects::host_edit("second.internal")).await;
            }
            Kind::Outputs => self.create_outputs(index, owner).await,
            Kind::Statuses => self.status(owner, &objects::raw_status(owner, &names(), 3)).await,
        }
    }

    /// What the operator writes for a new credential, in its order.
    async fn create(&self, index: usize, owner: &AppCredential) {
        self.create_outputs(index, owner).await;
        let names = objects::output_names(index, self.targets);
        self.status(owner, &objects::raw_status(owner, &names, 1)).await;
    }

    async fn create_outputs(&self, index: usize, owner: &AppCredential) {
        for name in &objects::output_names(index, self.targets) {
            objects::create(&self.secrets, &objects::raw_secret(name, owner)).await;
            objects::create(&self.config_maps, &objects::raw_config_map(name, owner)).await;
        }
    }

    /// What the operator writes for an edited credential.
    async fn patch(&self, index: usize, owner: &AppCredential) {
        let params = PatchParams::default();
        let names = objects::output_names(index, self.targets);
        for name in &names {
            let secret = objects::raw_patch(&objects::secret_data(), owner);
            self.secrets.patch(name, &params, &secret).await.expect("a patched Secret");
            let config_map = objects::raw_patch(&objects::config_map_data(), owner);
            self.config_maps.patch(name, &params, &config_map).await.expect("a patched ConfigMap");
        }
        self.status(owner, &objects::raw_status(owner, &names, 2)).await;
    }

    async fn status(&self, owner: &AppCredential, patch: &Patch<()>) {
        let name = owner.metadata.name.as_deref().unwrap_or_default();
        self.credentials.patch_status(name, &PatchParams::default(), patch).await.expect("a patched status");
    }
}

/// Edits of a Secret that nobody refers to, one at a time: from sending one to its watch event.
pub(crate) async fn edit_to_watch(stage: &mut Stage, count: usize) -> Latencies {
    const NAME: &str = "raw-edit";
    let api: Api<Secret> = Api::namespaced(stage.client.clone(), "default");
    let mut secret = objects::source(0);
    secret.metadata.name = Some(NAME.to_owned());
    objects::create(&api, &secret).await;
    let mut view = View::secrets(&stage.client, "default").await;
    let mut latencies = Latencies::new();
    for _ in 0..count {
        let word = stage.next_edit();
        let sent = Instant::now();
        objects::edit(&api, NAME, objects::password_edit(&word)).await;
        let wanted = What::Secret(word);
        let seen = view.until(1, |sighting| sighting.what == wanted).await.unwrap_or_else(|error| panic!("{error}"));
        latencies.record(seen.saturating_duration_since(sent));
        tokio::time::sleep(super::latency::PAUSE).await;
    }
    objects::clear::<Secret>(&stage.client, "default").await;
    latencies
}

/// The case.
pub(crate) async fn run(stage: &mut Stage) -> Case {
    let mut taking = stage.begin("raw");
    let (targets, credentials) = (stage.scale.targets, stage.scale.credentials);
    let raw = write(stage).await;
    let latencies = edit_to_watch(stage, super::latency::samples(stage.quick)).await;
    let case = &mut taking.case;
    let outputs_and_status = credentials * writes(targets);
    for (name, phase, count) in [
        ("creates and status", raw.creates, outputs_and_status),
        ("creates of outputs", raw.outputs, credentials * outputs(targets)),
        ("patches and status", raw.patches, outputs_and_status),
        ("edits of specs", raw.edits, credentials),
        ("patches of statuses", raw.statuses, credentials),
    ] {
        case.add(name, per_second(count, phase.took), Unit::PerSecond);
        if let Some(cpu) = phase.api_server {
            // How much of the machine a write takes away from whoever else wants it.
            case.add(&format!("API server CPU, {name}"), cpu * 1000.0 / number(count), Unit::Milliseconds);
        }
    }
    case.add("writers", number(stage.writers), Unit::Count);
    super::latency::percentiles(case, "edit to watch", &latencies);
    stage.end(taking)
}
