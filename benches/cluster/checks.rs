//! What must hold on any machine, however slow: the operator's requests.
//!
//! Times are compared with goals and reported; a count that is not what it must be is a mistake in the operator,
//! and the run fails. Numbers that two cases share (growth from one scale to another) are made here too.

use super::results::{Case, Run, Scale, Tally, Unit};
use super::statistics::number;

/// Everything that is not as it must be, each in a line.
pub(crate) fn broken(run: &Run) -> Vec<String> {
    let cold = run.case("cold").map(|case| cold(case, run.scale)).unwrap_or_default();
    let restart = run.case("restart").map(restart).unwrap_or_default();
    cold.into_iter().chain(restart).collect()
}

/// One read of the source, one creation of each output, one status: no more and no less.
fn cold(case: &Case, scale: Scale) -> Vec<String> {
    let credentials = u64::try_from(scale.credentials).unwrap_or(u64::MAX);
    let targets = u64::try_from(scale.targets).unwrap_or(u64::MAX);
    let expected: Tally = [
        ("create configmaps", credentials * targets),
        ("create secrets", credentials * targets),
        ("get secrets", credentials),
        ("patch appcredentials/status", credentials),
    ]
    .map(|(what, count)| (what.to_owned(), count))
    .into();
    let listing = |what: &str| what.starts_with("list ") || what.starts_with("watch ") || what.ends_with(" leases");
    let actual: Tally =
        case.requests.iter().filter(|(what, _)| !listing(what)).map(|(what, count)| (what.clone(), *count)).collect();
    if actual == expected { Vec::new() } else { vec![format!("cold: {actual:?} instead of {expected:?}")] }
}

fn restart(case: &Case) -> Vec<String> {
    match case.value("writes") {
        Some(writes) if writes > 0.0 => vec![format!("restart: {writes} writes instead of none: {:?}", case.requests)],
        _ => Vec::new(),
    }
}

/// How CPU and memory of a credential grow from the smallest to the largest number of credentials.
pub(crate) fn growth(runs: &[Run]) -> Option<Case> {
    let targets = runs.first()?.scale.targets;
    let same = || runs.iter().filter(|run| run.scale.targets == targets);
    let small = same().min_by_key(|run| run.scale.credentials)?;
    let large = same().max_by_key(|run| run.scale.credentials)?;
    if small.scale == large.scale {
        return None;
    }
    let mut case = Case::new("growth");
    let per = |run: &Run, case: &str, name: &str| run.case(case).and_then(|case| case.value(name));
    for (of, name) in [("cold", "CPU per credential"), ("memory", "bytes per credential")] {
        if let (Some(few), Some(many)) = (per(small, of, name), per(large, of, name)) {
            case.add(name, many / few, Unit::Times);
        }
    }
    case.add("credentials, smallest", number(small.scale.credentials), Unit::Count);
    case.add("credentials, largest", number(large.scale.credentials), Unit::Count);
    Some(case)
}
