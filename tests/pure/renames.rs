//! What stays of former targets: an application is never left with neither the former outputs nor the new ones, and
//! nothing piles up.

use std::collections::BTreeSet;

use appcredential_api::status::TargetStatus;
use appcredential_api::{Kind, ObjectRef};
use appcredential_core::plan::{self, Looked};

/// A target whose two outputs have one name; in capitals, it is as it should be.
fn looked(name: &str) -> Looked {
    let key = |kind| ObjectRef::new(kind, "team", name.to_lowercase());
    Looked { objects: [key(Kind::Secret), key(Kind::ConfigMap)], complete: name.to_uppercase() == name }
}

/// The environment as one edit after the other leaves it: what its targets keep, by name, after each.
fn story(edits: &[&[&str]]) -> Vec<String> {
    let mut before: Option<Vec<TargetStatus>> = Some(Vec::new());
    let mut told = Vec::new();
    for edit in edits {
        let now: Vec<Looked> = edit.iter().map(|name| looked(name)).collect();
        let kept = plan::keeps(before.as_deref(), &now, &BTreeSet::new());
        let all: BTreeSet<&str> =
            kept.iter().flatten().filter_map(|place| place.strip_prefix("Secret/team/")).collect();
        assert_eq!(kept.iter().flatten().collect::<BTreeSet<_>>().len(), all.len() * 2, "always both");
        told.push(all.into_iter().collect::<Vec<_>>().join(" "));
        let status = |(target, keeps): (&Looked, BTreeSet<String>)| {
            let name = target.objects[0].name.clone();
            let known = before.iter().flatten().find(|known| known.secret_name == name);
            let revision = target.complete.then_some(1).or(known.and_then(|known| known.revision));
            let (secret_name, config_map_name, namespace) = (name.clone(), name, "team".to_owned());
            let keeps = keeps.into_iter().collect();
            TargetStatus { namespace, secret_name, config_map_name, revision, keeps, ..TargetStatus::default() }
        };
        before = Some(now.iter().zip(kept).map(status).collect());
    }
    told
}

/// Targets after each edit (in capitals where they are written, small where they are blocked), and what stays after each.
#[rustfmt::skip]
const STORIES: &[(&[&[&str]], &[&str])] = &[
    // A rename that works keeps nothing; one that is blocked keeps the former outputs until it is not.
    (&[&["A"], &["B"]],                                    &["", ""]),
    (&[&["A"], &["b"], &["b"], &["B"]],                    &["", "a", "a", ""]),
    // Renamed again and again while blocked: the last good ones.
    (&[&["A"], &["b"], &["c"], &["d"], &["D"]],            &["", "a", "a", "a", ""]),
    // One that was good and lost its source, then is renamed.
    (&[&["A"], &["a"], &["b"]],                            &["", "", "a"]),
    // Back to the former name.
    (&[&["A"], &["b"], &["A"]],                            &["", "a", ""]),
    // Beside one that is blocked for ever, renames leave nothing behind.
    (&[&["x", "A"], &["x", "B"], &["x", "C"], &["x", "D"]], &["", "", "", ""]),
    (&[&["X", "A"], &["y", "A"], &["y", "B"], &["y", "C"]], &["", "x", "x", "x"]),
    // Nor do those that were blocked for a while.
    (&[&["x", "A"], &["x", "b"], &["x", "C"], &["x", "d"], &["x", "E"]], &["", "a", "", "c", ""]),
    (&[&["x", "A"], &["x", "b"], &["x", "B"], &["x", "c"], &["x", "C"]], &["", "a", "", "b", ""]),
    // Two in one edit: both former outputs stay until both are written.
    (&[&["A", "B"], &["c", "d"], &["C", "d"], &["C", "D"]], &["", "a b", "a b", ""]),
    // A target that is taken out, and one that is added.
    (&[&["x", "A"], &["x"]],                               &["", ""]),
    (&[&["A"], &["A", "b"]],                               &["", ""]),
];

#[test]
fn former_outputs_stay_only_for_targets_not_written_yet() {
    for (edits, expected) in STORIES {
        assert_eq!(story(edits), *expected, "{edits:?}");
    }
}

#[test]
fn a_target_keeps_at_most_what_an_environment_can_have() {
    let mut before: Vec<TargetStatus> = Vec::new();
    for edit in 0..40 {
        let now = [looked(&format!("blocked-{edit}")), looked(&format!("GOOD-{edit}"))];
        let kept = plan::keeps(Some(&before), &now, &BTreeSet::new());
        assert!(kept.iter().flatten().count() <= 16, "{kept:?}");
        let status = |(target, keeps): (&Looked, BTreeSet<String>)| TargetStatus {
            namespace: "team".to_owned(),
            secret_name: target.objects[0].name.clone(),
            config_map_name: target.objects[1].name.clone(),
            revision: target.complete.then_some(1),
            keeps: keeps.into_iter().collect(),
            ..TargetStatus::default()
        };
        before = now.iter().zip(kept).map(status).collect();
    }
}

#[test]
fn an_empty_status_keeps_all_outputs_for_a_blocked_target() {
    let found = BTreeSet::from(["Secret/team/old".to_owned(), "Secret/team/new".to_owned()]);
    let kept = |name: &str| plan::keeps(None, &[looked(name)], &found);
    assert_eq!(kept("new"), [BTreeSet::from(["Secret/team/old".to_owned()])]);
    assert_eq!(kept("NEW"), [BTreeSet::new()]);
}
