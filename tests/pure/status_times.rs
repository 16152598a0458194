//! Times in the status, what is remembered from one status to the next, and how long a message can be.

use appcredential_api::{AppCredentialStatus, Problem, Reason};
use appcredential_core::status::Outcome;
use k8s_openapi::jiff::Timestamp;

use crate::status::{at, first, next, problem, target, unresolved, walked};

/// The second at which each condition changed.
fn transitions(status: &AppCredentialStatus) -> Vec<i64> {
    let times = status.conditions.iter().map(|condition| condition.last_transition_time.0.as_second());
    times.map(|second| second - 1_700_000_000).collect()
}

fn sync_time(status: &AppCredentialStatus) -> Option<i64> {
    let time = status.environments[0].targets[0].last_sync_time.as_ref();
    time.map(|time| time.0.as_second() - 1_700_000_000)
}

fn good(revision: i64) -> Outcome {
    Outcome::Walked(vec![walked("x", vec![target("x", Some(revision), None)])], vec![])
}

fn missing(reason: Reason) -> Outcome {
    Outcome::Walked(vec![unresolved("x", vec![problem(reason, "spec.a")])], vec![])
}

#[test]
fn a_change_of_time_alone_writes_no_status() {
    for outcome in [
        good(1),
        missing(Reason::SecretNotFound),
        Outcome::Suspended,
        Outcome::Rejected(vec![problem(Reason::InvalidSpec, "spec")].into()),
    ] {
        let status = first(&outcome);
        assert_eq!(next(Some(&status), 3, &outcome, at(60)), None, "{outcome:?}");
        // What is read back from the API server has whole seconds and is the same.
        let read: AppCredentialStatus = serde_json::from_value(serde_json::to_value(&status).unwrap()).unwrap();
        assert_eq!(next(Some(&read), 3, &outcome, at(60)), None, "{outcome:?}");
    }
}

#[test]
fn a_time_between_two_seconds_is_read_back_as_it_was_written() {
    let now = Timestamp::from_nanosecond(1_700_000_000_987_654_321).unwrap();
    let status = next(None, 3, &good(1), now).unwrap();
    let read: AppCredentialStatus = serde_json::from_value(serde_json::to_value(&status).unwrap()).unwrap();
    assert_eq!(read, status);
}

#[test]
fn a_new_generation_is_written_and_moves_no_time() {
    let status = next(Some(&first(&good(1))), 4, &good(1), at(60)).unwrap();
    assert_eq!(status.observed_generation, Some(4));
    assert_eq!(transitions(&status), [0, 0, 0, 0]);
    assert!(status.conditions.iter().all(|condition| condition.observed_generation == Some(4)));
}

#[test]
fn a_transition_time_moves_only_when_the_status_flips() {
    let mut status = first(&good(1));
    for (second, outcome, expected) in [
        (10, missing(Reason::SecretNotFound), vec![0, 10, 10, 10]),
        // Another reason and message is no transition.
        (20, missing(Reason::KeyNotFound), vec![0, 10, 10, 10]),
        (30, good(1), vec![0, 30, 30, 30]),
        (40, Outcome::Suspended, vec![0, 40, 40, 40]),
        (50, Outcome::Rejected(vec![problem(Reason::InvalidSpec, "spec")].into()), vec![50, 40, 40, 40, 50]),
        (60, good(1), vec![60, 60, 60, 60]),
        (70, good(2), vec![60, 60, 60, 60]),
    ] {
        status = next(Some(&status), 3, &outcome, at(second)).expect("something has changed");
        assert_eq!(transitions(&status), expected, "at {second}");
    }
}

#[test]
fn the_last_sync_time_moves_only_when_the_revision_does() {
    let mut status = first(&good(1));
    assert_eq!(sync_time(&status), Some(0));
    for (second, outcome, revision, time) in [
        (10, missing(Reason::SecretNotFound), 1, 0),
        (20, good(1), 1, 0),
        (30, good(2), 2, 30),
        (40, Outcome::Suspended, 2, 30),
        (50, Outcome::Rejected(vec![problem(Reason::InvalidSpec, "spec")].into()), 2, 30),
        (60, Outcome::Failed(problem(Reason::InternalError, "x")), 2, 30),
        (70, good(3), 3, 70),
    ] {
        status = next(Some(&status), 3, &outcome, at(second)).expect("something has changed");
        assert_eq!(status.environments[0].targets[0].revision, Some(revision), "at {second}");
        assert_eq!(sync_time(&status), Some(time), "at {second}");
    }
}

#[test]
fn a_target_never_written_has_neither_revision_nor_time() {
    let status = first(&missing(Reason::SecretNotFound));
    assert_eq!((status.environments[0].targets[0].revision, sync_time(&status)), (None, None));
    let written = next(Some(&status), 3, &good(1), at(10)).unwrap();
    assert_eq!(sync_time(&written), Some(10));
}

#[test]
fn a_target_under_another_name_starts_anew() {
    let moved =
        Outcome::Walked(vec![walked("x", vec![target("y", None, Some(problem(Reason::NotOwned, "y")))])], vec![]);
    let status = next(Some(&first(&good(5))), 3, &moved, at(10)).unwrap();
    assert_eq!((status.environments[0].targets[0].revision, sync_time(&status)), (None, None));
}

#[test]
fn what_is_rejected_keeps_what_was_known_of_the_environments() {
    let before = first(&good(5));
    let rejected = Outcome::Rejected(vec![problem(Reason::InvalidSpec, "spec")].into());
    let after = next(Some(&before), 4, &rejected, at(10)).unwrap();
    assert_eq!(after.environments, before.environments);
    assert_eq!(after.environment_names, before.environment_names);
}

#[test]
fn an_environment_that_is_gone_is_gone_from_the_status() {
    let both = Outcome::Walked(vec![walked("x", vec![]), walked("y", vec![])], vec![]);
    let one = Outcome::Walked(vec![walked("y", vec![])], vec![]);
    let status = next(Some(&first(&both)), 4, &one, at(10)).unwrap();
    assert_eq!(status.environments.len(), 1);
    assert_eq!(status.environment_names.as_deref(), Some("y"));
}

/// Kubernetes' limit of a condition's message, and that of our own fields in the CRD.
const CONDITION_MAX: usize = 32_768;
const TARGET_MAX: usize = 1_024;

/// Problems at this many parameters, each with this message.
fn many(count: usize, message: &str) -> Vec<Problem> {
    (0..count).map(|i| Problem::about(Reason::InvalidSpec, format!("spec.parameters[{i}]"), message)).collect()
}

#[test]
fn the_first_problems_are_listed_and_the_rest_is_counted() {
    for outcome in [
        Outcome::Rejected(many(2_000, "is wrong").into()),
        Outcome::Walked(vec![walked("x", vec![]), unresolved("y", many(2_000, "is wrong"))], vec![]),
    ] {
        let message = first(&outcome).conditions[3].message.clone();
        let (told, left) = message.rsplit_once("; and ").unwrap();
        assert_eq!((told.matches("spec.parameters[").count(), left), (64, "1936 more"), "{outcome:?}");
        assert!(message.starts_with("spec.parameters[0]: is wrong"));
    }
}

#[test]
fn problems_of_several_environments_share_one_message() {
    let names = ["a", "b", "c"];
    let outcome =
        Outcome::Walked(names.map(|name| unresolved(name, many(100, "is wrong"))).into_iter().collect(), vec![]);
    let status = first(&outcome);
    let told = |message: &str| {
        (message.matches("spec.parameters[").count(), message.rsplit_once("; and ").unwrap().1.to_owned())
    };
    assert_eq!(told(&status.conditions[3].message), (64, "236 more".to_owned()));
    assert_eq!(told(status.environments[2].message.as_ref().unwrap()), (64, "36 more".to_owned()));
}

#[test]
fn long_problems_are_listed_as_far_as_the_message_has_room() {
    let status = first(&Outcome::Rejected(many(60, &"is wrong".repeat(100)).into()));
    let message = &status.conditions[0].message;
    assert!(message.len() <= CONDITION_MAX && message.len() > 30_000, "{}", message.len());
    let (told, left) = message.rsplit_once("; and ").unwrap();
    let told = told.matches("spec.parameters[").count();
    assert_eq!(left, format!("{} more", 60 - told));
}

#[test]
fn a_problem_that_is_too_long_is_cut_between_characters() {
    // Three bytes each: a cut at any place but every third would be within a character.
    let long = Problem::about(Reason::ReadFailed, "spec.a", "€".repeat(40_000));
    let outcome = Outcome::Walked(vec![walked("x", vec![target("x", None, Some(long))])], vec![]);
    let status = first(&outcome);
    let message = status.environments[0].targets[0].message.as_ref().unwrap();
    assert!(message.len() <= TARGET_MAX && message.len() > 900 && message.ends_with('€'), "{}", message.len());
    let synced = &status.conditions[2].message;
    assert!(synced.len() <= CONDITION_MAX, "{}", synced.len());
    assert!(
        synced.starts_with("spec.a: €€€"),
        "the beginning is told: {}",
        synced.chars().take(40).collect::<String>()
    );
    assert!(status.environments[0].message.as_ref().unwrap().len() <= CONDITION_MAX);
}

#[test]
fn the_largest_status_fits_into_an_object() {
    let problems: Vec<Problem> = (0..400)
        .map(|i| problem(Reason::SecretNotFound, &format!("spec.parameters[{i}]{}", "x".repeat(200))))
        .collect();
    let environments = (0..16).map(|i| unresolved(&format!("e{i}"), problems.clone())).collect();
    let status = first(&Outcome::Walked(environments, problems));
    let size = serde_json::to_vec(&status).unwrap().len();
    assert!(size < 1_000_000, "{size} bytes");
}
