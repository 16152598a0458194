//! The cases `memory` and `foreign`: what the operator keeps of what is its business, and of what is not.

use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use serde_json::json;

use super::objects;
use super::results::{Case, Unit};
use super::stage::{Stage, tell};
use super::statistics::{mebibytes, number};
use super::usage::Memory;
use super::writers::each;

const NAMESPACE: &str = "foreign";
/// How large a foreign Secret is.
const SIZE: usize = 100 * 1024;

/// The case `memory`.
pub(crate) async fn run(stage: &mut Stage) -> Case {
    stage.in_sync().await;
    tell("memory: in sync and after a restart");
    let mut taking = stage.begin("memory");
    let credentials = number(stage.scale.credentials);
    if let Some(memory) = stage.operator.memory() {
        told(&mut taking.case, "in sync", memory);
        if let Some(empty) = stage.empty {
            taking.case.add("RSS without credentials", mebibytes(empty.resident), Unit::Mebibytes);
            let of_credentials = mebibytes(memory.resident) - mebibytes(empty.resident);
            taking.case.add("bytes per credential", of_credentials * 1024.0 * 1024.0 / credentials, Unit::Count);
        }
    }
    if let Some(memory) = restarted(stage).await {
        told(&mut taking.case, "after restart", memory);
    }
    stage.end(taking)
}

fn told(case: &mut Case, when: &str, memory: Memory) {
    let [resident, peak] = [memory.resident, memory.peak].map(mebibytes);
    case.add(&format!("RSS {when}"), resident, Unit::Mebibytes);
    case.add(&format!("peak {when}"), peak, Unit::Mebibytes);
    case.add(&format!("peak to RSS {when}"), peak / resident, Unit::Times);
}

/// Memory of a new process once it is at rest.
async fn restarted(stage: &mut Stage) -> Option<Memory> {
    stage.restart().await;
    stage.rest().await;
    stage.operator.memory()
}

/// The case `foreign`: large Secrets that no credential refers to come, are there at a restart, and go.
pub(crate) async fn foreign(stage: &mut Stage) -> Case {
    stage.in_sync().await;
    let count = if stage.quick { 50 } else { 2_000 };
    tell(&format!("foreign: {count} Secrets of 100 KiB"));
    let mut taking = stage.begin("foreign");
    let before = restarted(stage).await;
    objects::namespace(&stage.client, NAMESPACE).await;
    let api: Api<Secret> = Api::namespaced(stage.client.clone(), NAMESPACE);
    let large = objects::base64(&"x".repeat(SIZE));
    each(stage.writers.min(8), count, move |index| {
        let secret = json!({"metadata": {"name": format!("foreign-{index:05}")}, "data": {"large": large}});
        let (api, secret): (_, Secret) = (api.clone(), objects::typed(secret));
        async move {
            objects::create(&api, &secret).await;
        }
    })
    .await;
    stage.rest().await;
    let watching = stage.operator.memory();
    let after = restarted(stage).await;
    if let (Some(before), Some(watching), Some(after)) = (before, watching, after) {
        let growth = |from: u64, to: u64| mebibytes(to) - mebibytes(from);
        let case = &mut taking.case;
        case.add("growth while watching", growth(before.resident, watching.resident), Unit::Mebibytes);
        case.add("growth of a restart", growth(before.resident, after.resident), Unit::Mebibytes);
        case.add("growth of its peak", growth(before.peak, after.peak), Unit::Mebibytes);
        case.add("RSS before", mebibytes(before.resident), Unit::Mebibytes);
    }
    taking.case.add("foreign Secrets", number(count), Unit::Count);
    let case = stage.end(taking);
    objects::clear::<Secret>(&stage.client, NAMESPACE).await;
    stage.rest().await;
    case
}
