//! Pins: what a namespace that was made anew may have, what is told of it, and what is left alone there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use appcredential_api::{AppCredentialStatus, Kind, ObjectRef, Reason};
use appcredential_core::plan::{self, Consent, Fingerprinter, Observed, Pins, Scope, Seen};
use appcredential_core::resolve::{self, Selection, Target};
use serde_json::json;

use crate::simulated::observed;
use crate::support::{environments, identity, outputs, spec, yaml};

const PINNED: &str = "authentication: {type: None}\ntargets: [{namespace: b, namespaceUID: first}]";

fn target(text: &str) -> Target {
    environments(&spec(text)).unwrap().remove(0).targets.remove(0)
}

fn pins(seen: &[(&str, Seen)]) -> Pins {
    Pins { enabled: true, seen: seen.iter().map(|(name, seen)| ((*name).to_owned(), seen.clone())).collect() }
}

fn uid(text: &str) -> Seen {
    Seen::Uid(text.to_owned())
}

fn consent(grant: &str, pins: Pins) -> Consent {
    let grant = serde_json::from_value(yaml(grant)).unwrap();
    Consent { grants: vec![("b".to_owned(), Arc::new(grant))], pins, ..Consent::default() }
}

/// What is seen of the pinned namespace, and what becomes of a target in it.
fn cases() -> [(Pins, Option<Reason>); 6] {
    let failed = Seen::Failed(Reason::Forbidden, "403".to_owned());
    [
        (pins(&[("b", uid("first"))]), None),
        (pins(&[("b", uid("second"))]), Some(Reason::NamespaceChanged)),
        (pins(&[("b", Seen::Missing)]), Some(Reason::NamespaceChanged)),
        (pins(&[("b", failed)]), Some(Reason::Forbidden)),
        (pins(&[]), Some(Reason::ReadFailed)),
        (Pins::default(), Some(Reason::PinsDisabled)),
    ]
}

#[test]
fn a_target_needs_the_namespace_that_it_pins() {
    for (pins, expected) in cases() {
        let consent = consent("from: [{namespace: team}]", pins.clone());
        let told = consent.target(&identity(), &target(PINNED)).err();
        assert_eq!(told.as_ref().map(|problem| problem.reason), expected, "{pins:?}");
        assert!(told.is_none_or(|problem| problem.path() == "namespace b"));
        let unpinned = target("authentication: {type: None}\ntargets: [{namespace: b}]");
        assert!(consent.target(&identity(), &unpinned).is_ok(), "who pins nothing goes by the name");
    }
}

#[test]
fn a_pin_on_the_own_namespace_counts_too() {
    let own = target("authentication: {type: None}\ntargets: [{namespaceUID: first}]");
    for (uid_now, fits) in [("first", true), ("second", false)] {
        let consent = Consent { pins: pins(&[("team", uid(uid_now))]), ..Consent::default() };
        assert_eq!(consent.target(&identity(), &own).is_ok(), fits);
    }
}

#[test]
fn a_pinned_grant_lets_in_only_the_namespace_it_means() {
    for (seen, expected) in cases() {
        let seen = Pins { seen: seen.seen.values().map(|seen| ("team".to_owned(), seen.clone())).collect(), ..seen };
        let consent = consent("from: [{namespace: team, namespaceUID: first}]", seen.clone());
        let target = target("authentication: {type: None}\ntargets: [{namespace: b}]");
        let told = consent.target(&identity(), &target).err();
        assert_eq!(told.as_ref().map(|problem| problem.reason), expected, "{seen:?}");
        assert!(
            told.is_none_or(|problem| problem.path() == "namespace team" && problem.message.contains("grant in b"))
        );
        assert_eq!(consent.permits(&identity(), &ObjectRef::new(Kind::Secret, "b", "app")), expected.is_none());
        // What cannot be looked at takes nothing back.
        let revoked = consent.is_revoked(&identity(), &ObjectRef::new(Kind::Secret, "b", "app"));
        assert_eq!(revoked, expected == Some(Reason::NamespaceChanged), "{seen:?}");
    }
}

#[test]
fn a_grant_whose_pin_does_not_fit_leaves_others_alone() {
    let both = "from: [{namespace: team, namespaceUID: second}, {namespace: team, namespaceUID: first}]";
    let consent = consent(both, pins(&[("team", uid("first"))]));
    assert!(consent.permits(&identity(), &ObjectRef::new(Kind::Secret, "b", "app")));
}

/// The Secret of `team/app` in `b`, as it was written, and a status that says so.
fn written() -> (Observed, AppCredentialStatus) {
    let environment = environments(&spec("authentication: {type: None}\ntargets: [{namespace: b}]")).unwrap().remove(0);
    let output = outputs(&identity(), &environment).remove(0);
    let secret = observed(&Fingerprinter::default(), &output.secret, Some(1));
    let status = json!({
        "detachedOutputs": [{"outputs": ["Secret/b/app"]}],
        "environments": [{"name": "default", "targets": [{
            "namespace": "b", "secretName": "app", "configMapName": "app", "secret": {"uid": secret.uid, "resourceVersion": "1"},
        }]}],
    });
    (secret, AppCredentialStatus::read(&status.to_string()).status.unwrap())
}

/// What of the object in `b` goes with the credential.
fn goes(pins: &Pins, there: &Observed, status: &AppCredentialStatus) -> bool {
    let told: BTreeSet<String> = status.places().into_iter().map(|place| place.output).collect();
    let pinned = resolve::pinned_namespaces(&spec(PINNED), &identity());
    assert_eq!(pinned, BTreeMap::from([("b".to_owned(), BTreeSet::from(["first".to_owned()]))]));
    let recorded = plan::recorded(&told, &pinned, pins, Some(status), [there]);
    !plan::prune([there], &identity(), &recorded, Scope::All(&Selection::default())).is_empty()
}

#[test]
fn an_old_record_deletes_nothing_in_another_namespace() {
    let (ours, status) = written();
    // Somebody's backup of the former namespace: all our marks, and another uid.
    let restored = Observed { uid: "restored".into(), ..ours.clone() };
    for (pins, told) in cases() {
        // Where the namespace could not be read the record stays, and `prune` waits until it can be.
        let waits = matches!(told, Some(Reason::Forbidden | Reason::ReadFailed));
        assert_eq!(goes(&pins, &restored, &status), told.is_none() || waits, "{pins:?}");
        assert!(goes(&pins, &ours, &status), "the very object that was written is ours wherever it stands: {pins:?}");
    }
}
