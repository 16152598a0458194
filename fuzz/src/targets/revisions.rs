//! Revisions, whatever somebody wrote into the annotations: a plan that is carried out leaves nothing to do, an interrupted
//! one ends under its revision, and a revision never goes back.
//!
//! The input is `{secret, configMap, known, stop}`; of an object `{revision, same, immutable, deleting, foreign}`.

use appcredential_api::SensitiveBytes;
use appcredential_core::plan::{self, Observed, Step, TargetPlan};
use appcredential_core::render::{self, Object, Output};
use appcredential_core::resolve::{self, Selection};
use serde_json::{Value, json};

use super::support::{identity, inputs};
use crate::simulated::{Cluster, observed};

pub(super) fn run(data: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Value>(data) else { return };
    let output = desired();
    let mut cluster = Cluster::default();
    for (object, field) in [(&output.secret, "secret"), (&output.config_map, "configMap")] {
        if let Some(there) = input[field].as_object() {
            let there = found(&cluster, object, &json!(there));
            cluster.objects.insert(object.object_ref(), there);
        }
    }
    let synced = input["known"].as_i64().filter(|known| (1..=i64::from(i32::MAX)).contains(known));
    let before: Vec<i64> = cluster.objects.values().filter_map(|object| object.revision).collect();
    let first = cluster.plan(&output, synced);
    if is_blocked(&first) {
        assert_eq!(cluster.apply(&first, 0), 0);
        let steps = [&first.secret, &first.config_map];
        assert!(
            steps.iter().all(|step| matches!(step, Step::Blocked(_) | Step::Unchanged)),
            "half a target is written"
        );
        return;
    }
    let most = if input["stop"] == json!(true) { 1 } else { 2 };
    let wrote = cluster.apply(&first, most);
    let second = cluster.plan(&output, synced);
    assert!(wrote == 0 || second.revision == first.revision, "an interrupted round ends under its revision");
    cluster.apply(&second, 2);
    let last = cluster.plan(&output, Some(second.revision));
    assert_eq!((&last.secret, &last.config_map), (&Step::Unchanged, &Step::Unchanged), "nothing is left to do");
    assert_eq!(last.revision, second.revision);
    let known = synced.unwrap_or(0);
    assert!(before.iter().all(|revision| *revision <= last.revision) && known <= last.revision, "a revision goes back");
    assert!(cluster.objects.values().all(|object| object.revision == Some(last.revision)), "both carry one revision");
}

fn is_blocked(plan: &TargetPlan<'_>) -> bool {
    [&plan.secret, &plan.config_map].into_iter().any(|step| matches!(step, Step::Blocked(_)))
}

/// The outputs of a small credential.
fn desired() -> Output {
    let spec = json!({"application": {"type": "db"}, "authentication": {"type": "Basic", "basic":
        {"username": {"value": "u"}, "password": {"value": "p"}}}, "connection": {"host": "h"}});
    let spec = serde_json::from_value(spec).expect("a spec");
    let all = resolve::environments(&spec, &identity(), &Selection::default()).expect("it is accepted");
    let filled = all[0].fill(&inputs(&all)).expect("it needs no source");
    render::outputs(&identity(), &filled).expect("no preset and no template").remove(0)
}

/// An object that was found in the place of a desired one.
fn found(cluster: &Cluster, object: &Object, input: &Value) -> Observed {
    let mut object = object.clone();
    if input["same"] != json!(true) {
        object.data.insert("other".to_owned(), SensitiveBytes::from("other"));
    }
    let revision = match &input["revision"] {
        Value::String(text) => plan::parse_revision(text),
        Value::Number(number) => plan::parse_revision(&number.to_string()),
        _ => None,
    };
    let mut there = observed(&cluster.fingerprinter, &object, revision);
    there.immutable = input["immutable"] == json!(true);
    there.deleting = input["deleting"] == json!(true);
    if input["foreign"] == json!(true) {
        there.owner_uid = None;
        there.controller_uid = Some("uid-of-another".into());
    }
    there
}
