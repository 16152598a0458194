//! What the status says of outputs elsewhere before and after they are written, of the Secret to bind to, and what a grant
//! says of its users.

use std::collections::BTreeSet;

use appcredential_api::grant::{GrantUser, LISTED};
use appcredential_api::status::{DetachedOutputs, ObjectVersion, Place};
use appcredential_api::{AppCredentialStatus, Problem, Reason};
use appcredential_core::status::{self, Facts, Outcome, TargetOutcome, Users, announce, of_grant};

use crate::status::{at, first, next, problem, target, unresolved, walked};

/// Places of the environment `e`.
fn places(places: &[&str]) -> BTreeSet<Place> {
    let place = |place: &&str| Place { environment: Some("e".to_owned()), output: (*place).to_owned() };
    places.iter().map(place).collect()
}

/// The same, as the status tells them.
fn told(outputs: &[&str]) -> Vec<DetachedOutputs> {
    let outputs = outputs.iter().map(|output| (*output).to_owned()).collect();
    vec![DetachedOutputs { environment: Some("e".to_owned()), outputs }]
}

#[test]
fn announcing_outputs_adds_them_and_changes_nothing_else() {
    let fresh = announce(None, &places(&["Secret/b/app"]));
    assert_eq!(fresh, AppCredentialStatus { detached_outputs: told(&["Secret/b/app"]), ..Default::default() });

    let mut known = first(&Outcome::Walked(vec![walked("e", vec![target("x", Some(1), None)])], Vec::new()));
    known.detached_outputs = told(&["Secret/b/old"]);
    let next = announce(Some(&known), &places(&["Secret/b/app", "ConfigMap/b/app", "Secret/b/old"]));
    assert_eq!(next.detached_outputs, told(&["ConfigMap/b/app", "Secret/b/app", "Secret/b/old"]));
    assert_eq!(AppCredentialStatus { detached_outputs: known.detached_outputs.clone(), ..next }, known);
    assert_eq!(announce(Some(&known), &BTreeSet::new()), known);
}

#[test]
fn known_outputs_are_those_seen_now_and_those_nobody_looked_at() {
    let outcome = Outcome::Walked(vec![walked("e", vec![target("x", Some(1), None)])], Vec::new());
    let known = announce(None, &places(&["Secret/b/app", "ConfigMap/b/app"]));
    let now = |detached: Option<&BTreeSet<Place>>, outcome: &Outcome| {
        status::next(Some(&known), outcome, Facts { generation: 1, detached, ..Facts::default() }, at(1))
            .unwrap()
            .detached_outputs
    };
    assert_eq!(now(Some(&places(&["Secret/b/app"])), &outcome), told(&["Secret/b/app"]));
    assert_eq!(now(Some(&BTreeSet::new()), &outcome), []);
    for unseen in [
        Outcome::Failed(problem(Reason::InternalError, "x")),
        Outcome::Terminating(vec![problem(Reason::WriteFailed, "x")]),
    ] {
        assert_eq!(now(None, &unseen), known.detached_outputs, "{unseen:?}");
    }
}

/// A target that workloads can bind to, complete or not.
fn binds(name: &str, complete: bool, problem: Option<Problem>) -> TargetOutcome {
    let secret = complete.then(|| ObjectVersion { uid: name.into(), resource_version: "1".into() });
    TargetOutcome {
        binds: true,
        secret: secret.clone(),
        config_map: secret,
        ..target(name, complete.then_some(1), problem)
    }
}

fn bound(status: &AppCredentialStatus) -> Option<&str> {
    status.binding.as_ref().map(|binding| binding.name.as_str())
}

#[test]
fn the_binding_is_the_first_complete_target_to_bind_to() {
    let of = |targets: Vec<TargetOutcome>| {
        let status = first(&Outcome::Walked(vec![walked("e", targets)], Vec::new()));
        bound(&status).map(str::to_owned)
    };
    let split = || target("split", Some(1), None);
    let taken = || Some(problem(Reason::NotOwned, "Secret team/x"));
    assert_eq!(of(vec![split()]), None);
    assert_eq!(of(vec![split(), binds("one", true, None), binds("two", true, None)]).as_deref(), Some("one"));
    assert_eq!(of(vec![binds("one", false, taken()), binds("two", true, None)]).as_deref(), Some("two"));
    assert_eq!(of(vec![binds("one", false, taken())]), None);
    let two = vec![walked("a", vec![split()]), walked("b", vec![binds("one", true, None)])];
    assert_eq!(bound(&first(&Outcome::Walked(two, Vec::new()))), Some("one"));
}

#[test]
fn a_binding_stays_while_its_last_good_secret_does() {
    let known = first(&Outcome::Walked(vec![walked("e", vec![binds("one", true, None)])], Vec::new()));
    assert_eq!(bound(&known), Some("one"));
    let mut missing = unresolved("e", vec![problem(Reason::SecretNotFound, "spec.a")]);
    missing.targets = vec![binds("one", false, None)];
    let full = problem(Reason::Forbidden, "Secret team/one");
    for outcome in [
        Outcome::Walked(vec![missing], Vec::new()),
        Outcome::Walked(vec![walked("e", vec![binds("one", false, Some(full))])], Vec::new()),
        Outcome::Rejected(vec![problem(Reason::InvalidSpec, "spec.a")].into()),
        Outcome::Suspended,
        Outcome::Failed(problem(Reason::InternalError, "x")),
    ] {
        assert_eq!(bound(&next(Some(&known), 1, &outcome, at(1)).unwrap()), Some("one"), "{outcome:?}");
    }
    for outcome in [
        // Somebody else's Secret has the name now: nobody must bind to it.
        Outcome::Walked(
            vec![walked("e", vec![binds("one", false, Some(problem(Reason::NotOwned, "Secret team/one")))])],
            Vec::new(),
        ),
        Outcome::Walked(vec![walked("e", vec![target("one", Some(1), None)])], Vec::new()),
        Outcome::Walked(Vec::new(), Vec::new()),
    ] {
        assert_eq!(bound(&next(Some(&known), 1, &outcome, at(1)).unwrap()), None, "{outcome:?}");
    }
}

fn users(count: usize) -> Users {
    (0..count).map(|index| GrantUser { namespace: "team".to_owned(), name: format!("app-{index:04}") }).collect()
}

#[test]
fn a_grant_counts_its_users_and_lists_the_first_of_them() {
    for count in [0, 1, LISTED, LISTED + 1, 5000] {
        let status = of_grant(None, 3, Some(&users(count)), at(0)).unwrap();
        assert_eq!(status.in_use, Some(i64::try_from(count).unwrap()));
        assert_eq!(status.observed_generation, Some(3));
        let listed = users(count).first;
        assert_eq!(status.credentials, listed, "{count}");
        let condition = &status.conditions[0];
        assert_eq!(
            (condition.type_.as_str(), condition.status.as_str(), condition.reason.as_str()),
            ("Accepted", "True", "Valid")
        );
        assert_eq!(of_grant(Some(&status), 3, Some(&users(count)), at(9)), None, "nothing is new but the time");
    }
}

#[test]
fn the_status_of_a_grant_is_news_where_anything_but_the_time_is() {
    let known = of_grant(None, 3, Some(&users(1)), at(0)).unwrap();
    let next = of_grant(Some(&known), 3, Some(&users(2)), at(9)).unwrap();
    assert_eq!(
        next.conditions[0].last_transition_time, known.conditions[0].last_transition_time,
        "no condition changed"
    );
    assert!(of_grant(Some(&known), 4, Some(&users(1)), at(9)).is_some());
    assert!(of_grant(Some(&known), 3, Some(&Users::default()), at(9)).is_some());
    let refused = of_grant(Some(&known), 3, None, at(9)).unwrap();
    assert_eq!((refused.in_use, refused.credentials.len()), (Some(0), 0), "what is not understood allows nothing");
    assert_eq!(
        (refused.conditions[0].status.as_str(), refused.conditions[0].reason.as_str()),
        ("False", "InvalidSpec")
    );
    assert_ne!(refused.conditions[0].last_transition_time, known.conditions[0].last_transition_time);
}
