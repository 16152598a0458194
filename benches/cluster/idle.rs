//! The cases `rest` and `restart`: nothing has changed, so nothing should be done.

use std::time::Duration;

use super::results::{Case, Unit};
use super::stage::{Stage, tell, without_watching};
use super::statistics::number;

const MINUTE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_secs(10);
/// How long the audit log may take to tell of watches that ended with their process.
const LATE: Duration = Duration::from_millis(500);

/// The case `rest`.
pub(crate) async fn rest(stage: &mut Stage) -> Case {
    stage.in_sync().await;
    let time = if stage.quick { SHORT } else { MINUTE };
    tell(&format!("rest: {time:?} of idleness"));
    let taking = stage.begin("rest");
    tokio::time::sleep(time).await;
    let mut case = stage.end(taking);
    let seconds = case.seconds;
    let requests: u64 = without_watching(case.requests.clone()).values().sum();
    case.add("requests", count(requests), Unit::Count);
    if let Some(cpu) = case.operator_cpu_seconds {
        case.add("CPU of a core", cpu / seconds * 100.0, Unit::Percent);
    }
    case.add("idle for", seconds, Unit::Seconds);
    case
}

/// The case `restart`.
pub(crate) async fn restart(stage: &mut Stage) -> Case {
    stage.in_sync().await;
    stage.operator.stop().await;
    tokio::time::sleep(LATE).await;
    tell("restart: with everything in sync");
    let taking = stage.begin("restart");
    stage.operator.start(&stage.plane);
    let ready = stage.operator.ready().await;
    stage.rest().await;
    // Its watches are told when they end.
    stage.operator.stop().await;
    tokio::time::sleep(LATE).await;
    let mut case = stage.end(taking);
    let writes = case.requests_that(&["create", "update", "patch", "delete", "deletecollection"]);
    case.add("requests", count(case.requests.values().sum()), Unit::Count);
    case.add("writes", count(writes), Unit::Count);
    case.add("reads", count(case.requests_that(&["get"])), Unit::Count);
    case.add("ready after", ready.as_secs_f64(), Unit::Seconds);
    case
}

fn count(requests: u64) -> f64 {
    number(usize::try_from(requests).unwrap_or(usize::MAX))
}
