//! The case `tenants`: edits of a healthy namespace while all credentials of another fail.
//!
//! Measured alone; while the operator works through the failing ones; and while those are edited all the time.
//! Edits cost the API server whatever the operator does, so raw ones are measured beside them without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use appcredential_api::AppCredential;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use tokio::task::JoinSet;

use super::latency::{self, Edited, percentiles};
use super::objects;
use super::raw;
use super::results::{Case, Scale, Unit};
use super::stage::{Stage, tell};
use super::statistics::{Latencies, number};

const HEALTHY: &str = "healthy";
const FAILING: &str = "failing";
/// Credentials of the healthy tenant.
const FEW: usize = 20;
/// Who edits the failing ones, each as fast as it is answered.
const EDITORS: usize = 4;

/// The case.
pub(crate) async fn run(stage: &mut Stage) -> Case {
    stage.in_sync().await;
    let (client, targets) = (stage.client.clone(), stage.scale.targets);
    let count = latency::samples(stage.quick).min(200);
    tell(&format!("tenants: {FEW} healthy, {} failing", stage.scale.credentials));
    objects::namespace(&client, HEALTHY).await;
    objects::namespace(&client, FAILING).await;
    objects::fill(&client, HEALTHY, Scale { credentials: FEW, targets }, true, FEW).await;
    stage.rest().await;
    let mut taking = stage.begin("tenants");
    let alone = latency::edits(stage, HEALTHY, Edited::Spec, count, FEW).await;
    stage.operator.stop().await;
    // Their sources are missing.
    objects::fill(&client, FAILING, stage.scale, false, stage.writers).await;
    let raw = raw::edit_to_watch(stage, count).await;
    let noise = Noise::start(stage);
    let raw_beside = raw::edit_to_watch(stage, count).await;
    noise.stop().await;
    stage.operator.start(&stage.plane);
    stage.operator.ready().await;
    let failing = latency::edits(stage, HEALTHY, Edited::Spec, count, FEW).await;
    stage.rest().await;
    let noise = Noise::start(stage);
    let edited = latency::edits(stage, HEALTHY, Edited::Spec, count, FEW).await;
    let edits = noise.stop().await;
    let case = &mut taking.case;
    compare(case, "beside failing ones", &failing.from_answer, &alone.from_answer);
    compare(case, "beside edited ones", &edited.from_answer, &alone.from_answer);
    compare(case, "raw beside edited ones", &raw_beside, &raw);
    percentiles(case, "alone", &alone.from_answer);
    percentiles(case, "raw alone", &raw);
    case.add("edits of the failing ones", number(edits), Unit::Count);
    let case = stage.end(taking);
    for namespace in [FAILING, HEALTHY] {
        objects::clear::<AppCredential>(&client, namespace).await;
        objects::clear::<Secret>(&client, namespace).await;
    }
    stage.rest().await;
    case
}

fn compare(case: &mut Case, what: &str, beside: &Latencies, alone: &Latencies) {
    for percent in [50, 99] {
        let of = f64::from(percent);
        case.add(&format!("p{percent} {what} to alone"), beside.percentile(of) / alone.percentile(of), Unit::Times);
    }
    percentiles(case, what, beside);
}

/// Edits of the failing credentials, until it is stopped.
struct Noise {
    stop: Arc<AtomicBool>,
    edits: Arc<AtomicUsize>,
    editors: JoinSet<()>,
}

impl Noise {
    fn start(stage: &Stage) -> Self {
        let (stop, edits) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut editors = JoinSet::new();
        for _ in 0..EDITORS {
            let (stop, edits, count) = (Arc::clone(&stop), Arc::clone(&edits), stage.scale.credentials);
            let api: Api<AppCredential> = Api::namespaced(stage.client.clone(), FAILING);
            editors.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let edit = edits.fetch_add(1, Ordering::Relaxed);
                    let host = format!("noise-{edit}.internal");
                    objects::edit(&api, &objects::name(edit % count), objects::host_edit(&host)).await;
                }
            });
        }
        Self { stop, edits, editors }
    }

    async fn stop(mut self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(done) = self.editors.join_next().await {
            done.expect("an editor");
        }
        self.edits.load(Ordering::Relaxed)
    }
}
