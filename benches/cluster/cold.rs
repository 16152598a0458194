//! The cases `cold` and `storm`: all at once, and how near the operator comes to what the API server can do.

use std::time::{Duration, Instant};

use k8s_openapi::jiff::Timestamp;

use super::objects;
use super::raw;
use super::results::{Case, Unit};
use super::stage::{Stage, tell, without_watching};
use super::statistics::{number, per_second};
use super::view::{View, What};
use super::writers::each;

const WRITES: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

/// The case `cold`: everything is there, then the operator starts.
pub(crate) async fn run(stage: &mut Stage) -> Case {
    let raw = raw::write(stage).await;
    stage.fill().await;
    tell("cold: the operator starts");
    let taking = stage.begin("cold");
    let took = stage.sync().await;
    let outputs = outputs_right(stage);
    stage.rest().await;
    let credentials = stage.scale.credentials;
    let wanted = credentials * raw::outputs(stage.scale.targets);
    let writes = credentials * raw::writes(stage.scale.targets);
    let mut case = stage.end(taking);
    let per = |count: u64| number(usize::try_from(count).unwrap_or(usize::MAX)) / number(credentials);
    case.add("writes/s to raw", per_second(writes, took) / per_second(writes, raw.creates.took), Unit::Times);
    case.add("outputs/s to raw", per_second(wanted, outputs) / per_second(wanted, raw.outputs.took), Unit::Times);
    case.add("until all outputs are right", outputs.as_secs_f64(), Unit::Seconds);
    case.add("until all are ready", took.as_secs_f64(), Unit::Seconds);
    case.add("credentials", per_second(credentials, took), Unit::PerSecond);
    case.add("writes", per_second(writes, took), Unit::PerSecond);
    case.add("raw writes", per_second(writes, raw.creates.took), Unit::PerSecond);
    case.add("writes per credential", per(case.requests_that(&WRITES)), Unit::Count);
    case.add("reads per credential", per(case.requests_that(&["get"])), Unit::Count);
    case.add("requests per credential", per(without_watching(case.requests.clone()).values().sum()), Unit::Count);
    if let Some(seconds) = case.operator_cpu_seconds {
        case.add("CPU per credential", seconds * 1000.0 / number(credentials), Unit::Milliseconds);
    }
    if let Some(seconds) = case.api_server_cpu_seconds {
        case.add("API server CPU, each write", seconds * 1000.0 / number(writes), Unit::Milliseconds);
    }
    case
}

/// Returns how long after the operator's start the last output was created, as the audit log tells: a watch would cost what
/// raw writes do not.
fn outputs_right(stage: &mut Stage) -> Duration {
    let since_start = stage.operator.started().elapsed();
    let now = Timestamp::now();
    let wanted = stage.scale.credentials * raw::outputs(stage.scale.targets);
    let user = stage.operator.users.last().expect("a start").clone();
    let since_there = now.duration_since(stage.plane.outputs_there(&user, wanted));
    since_start.saturating_sub(since_there.unsigned_abs())
}

/// The case `storm`: every spec is edited, as fast as the edits can be sent.
pub(crate) async fn storm(stage: &mut Stage) -> Case {
    // Raw patches need a control plane without an operator: those that were measured before it started.
    let before = stage.raw;
    stage.in_sync().await;
    let credentials = stage.scale.credentials;
    tell(&format!("storm: {credentials} edits at once"));
    let mut view = View::outputs(&stage.client).await;
    view.forget();
    let mut taking = stage.begin("storm");
    let (word, api) = (stage.next_edit(), stage.credentials());
    let wanted = What::ConfigMap(word.clone());
    let began = Instant::now();
    let sent = each(stage.writers, credentials, move |index| {
        let (api, word) = (api.clone(), word.clone());
        async move { objects::edit(&api, &objects::name(index), objects::host_edit(&word)).await }
    });
    let outputs = credentials * stage.scale.targets;
    let (sent, seen) = tokio::join!(sent, view.until(outputs, |sighting| sighting.what == wanted));
    let seen = seen.unwrap_or_else(|error| panic!("not all edits arrive: {error}\n{}", stage.operator.last_lines()));
    let took = seen - began;
    stage.rest().await;
    let case = &mut taking.case;
    if let Some(raw) = before {
        let ratio = |raw: Duration| took.as_secs_f64() / raw.as_secs_f64();
        let (patches, edits) = (raw.patches.took, raw.edits.took);
        case.add("time to raw", ratio(patches), Unit::Times);
        case.add("time to raw with the edits", ratio(patches + edits), Unit::Times);
        case.add("edits answered to raw", sent.as_secs_f64() / edits.as_secs_f64(), Unit::Times);
        case.add("raw writes", patches.as_secs_f64(), Unit::Seconds);
        case.add("raw edits", edits.as_secs_f64(), Unit::Seconds);
    }
    case.add("until all outputs are new", took.as_secs_f64(), Unit::Seconds);
    case.add("until all edits are answered", sent.as_secs_f64(), Unit::Seconds);
    case.add("outputs after the last edit", took.saturating_sub(sent).as_secs_f64(), Unit::Seconds);
    stage.end(taking)
}
