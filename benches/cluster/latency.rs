//! Edits one at a time: from the edit until an application could read the new value.
//!
//! Measured twice: from the API server's answer, which is when the person who edits sees it done, and from
//! sending the edit, as raw edits are measured. Goals hold the first against raw.

use std::time::{Duration, Instant};

use appcredential_api::AppCredential;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;

use super::objects;
use super::raw;
use super::results::{Case, Unit};
use super::stage::{NAMESPACE, Stage, tell};
use super::statistics::{Latencies, number};
use super::view::{View, What};

/// Between two edits, so that one is not measured while the status of another is written.
pub(crate) const PAUSE: Duration = Duration::from_millis(15);
/// Edits after a restart, and when the first of them comes.
const BEHIND: usize = 20;
const AFTER: Duration = Duration::from_secs(2);

/// What is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edited {
    Spec,
    Source,
}

/// From the answer to the edit, and from sending it.
pub(crate) struct Edits {
    pub(crate) from_answer: Latencies,
    pub(crate) from_sending: Latencies,
}

/// How many edits are measured.
pub(crate) fn samples(quick: bool) -> usize {
    if quick { 30 } else { 500 }
}

/// Adds the percentiles of latencies.
pub(crate) fn percentiles(case: &mut Case, what: &str, latencies: &Latencies) {
    for percent in [50, 90, 99] {
        case.add(&format!("{what} p{percent}"), latencies.percentile(f64::from(percent)), Unit::Milliseconds);
    }
}

/// Edits the first credentials of a namespace in turn and waits, each time, for the outputs of all targets.
pub(crate) async fn edits(stage: &mut Stage, namespace: &str, edited: Edited, count: usize, among: usize) -> Edits {
    let mut view = View::outputs(&stage.client).await;
    let credentials: Api<AppCredential> = Api::namespaced(stage.client.clone(), namespace);
    let secrets: Api<Secret> = Api::namespaced(stage.client.clone(), namespace);
    let mut edits = Edits { from_answer: Latencies::new(), from_sending: Latencies::new() };
    for edit in 0..count {
        let (index, word) = (edit % among, stage.next_edit());
        view.forget();
        let sent = Instant::now();
        match edited {
            Edited::Spec => objects::edit(&credentials, &objects::name(index), objects::host_edit(&word)).await,
            Edited::Source => {
                objects::edit(&secrets, &objects::source_name(index), objects::password_edit(&word)).await
            }
        }
        let answered = Instant::now();
        let wanted = match edited {
            Edited::Spec => What::ConfigMap(word),
            Edited::Source => What::Secret(word),
        };
        let seen = view.until(stage.scale.targets, |sighting| sighting.what == wanted).await;
        let seen =
            seen.unwrap_or_else(|error| panic!("an edit does not arrive: {error}\n{}", stage.operator.last_lines()));
        edits.from_answer.record(seen.saturating_duration_since(answered));
        edits.from_sending.record(seen.saturating_duration_since(sent));
        tokio::time::sleep(PAUSE).await;
    }
    edits
}

/// Adds the percentiles of edits and their ratios to raw ones.
fn compare(case: &mut Case, edits: &Edits, raw: &Latencies, percents: &[u32]) {
    for percent in percents {
        let of = f64::from(*percent);
        case.add(&format!("p{percent} to raw"), edits.from_answer.percentile(of) / raw.percentile(of), Unit::Times);
    }
    percentiles(case, "from the answer", &edits.from_answer);
    percentiles(case, "from sending", &edits.from_sending);
    case.add("slowest from the answer", edits.from_answer.slowest(), Unit::Milliseconds);
    percentiles(case, "raw edit to watch", raw);
    case.add("edits", number(usize::try_from(edits.from_answer.count()).unwrap_or(usize::MAX)), Unit::Count);
}

/// The cases `edit` and `source`.
pub(crate) async fn run(stage: &mut Stage, name: &str, edited: Edited) -> Case {
    stage.in_sync().await;
    let count = samples(stage.quick);
    let raw = raw::edit_to_watch(stage, count).await;
    tell(&format!("{name}: {count} edits, one at a time"));
    let mut taking = stage.begin(name);
    let edits = edits(stage, NAMESPACE, edited, count, stage.scale.credentials).await;
    stage.rest().await;
    compare(&mut taking.case, &edits, &raw, &[50, 99]);
    stage.end(taking)
}

/// The case `behind`: edits that come while the operator may still be busy with its start.
pub(crate) async fn behind(stage: &mut Stage) -> Case {
    stage.in_sync().await;
    let raw = raw::edit_to_watch(stage, samples(stage.quick)).await;
    tell(&format!("behind: {BEHIND} edits {AFTER:?} after a restart"));
    let mut taking = stage.begin("behind");
    stage.operator.stop().await;
    stage.operator.start(&stage.plane);
    tokio::time::sleep_until((stage.operator.started() + AFTER).into()).await;
    let edits = edits(stage, NAMESPACE, Edited::Spec, BEHIND, stage.scale.credentials).await;
    stage.rest().await;
    compare(&mut taking.case, &edits, &raw, &[50, 99]);
    stage.end(taking)
}
