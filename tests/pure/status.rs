//! What people are told: each outcome with its exact conditions, environments and targets.

use appcredential_api::status::Place;
use appcredential_api::{AppCredentialGrantStatus, AppCredentialStatus, Disposition, FieldPath, Problem, Reason};
use appcredential_core::status::{self, CONDITIONS, EnvironmentOutcome, Facts, Outcome, STALLED, TargetOutcome};
use k8s_openapi::jiff::Timestamp;

/// A time of the tests, in seconds.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(crate) fn problem(reason: Reason, path: &str) -> Problem {
    Problem::about(reason, path, "is wrong; put it right")
}

/// A target, written under a revision or not.
pub(crate) fn target(name: &str, revision: Option<i64>, problem: Option<Problem>) -> TargetOutcome {
    TargetOutcome {
        namespace: "team".to_owned(),
        secret_name: name.to_owned(),
        config_map_name: format!("{name}-settings"),
        revision,
        problem,
        ..TargetOutcome::default()
    }
}

/// The next status, with the outputs without an owner reference as they were.
pub(crate) fn next(
    previous: Option<&AppCredentialStatus>,
    generation: i64,
    outcome: &Outcome,
    now: Timestamp,
) -> Option<AppCredentialStatus> {
    status::next(previous, outcome, Facts { generation, rendered_by: "the test", ..Facts::default() }, now)
}

/// An environment without problems of its own.
pub(crate) fn walked(name: &str, targets: Vec<TargetOutcome>) -> EnvironmentOutcome {
    EnvironmentOutcome { name: name.to_owned(), targets, declared: true, ..EnvironmentOutcome::default() }
}

/// An environment whose sources are missing.
pub(crate) fn unresolved(name: &str, problems: Vec<Problem>) -> EnvironmentOutcome {
    EnvironmentOutcome {
        name: name.to_owned(),
        declared: true,
        unresolved: problems.into(),
        targets: vec![target(name, None, None)],
        sources: Vec::new(),
    }
}

/// The first status after an outcome.
pub(crate) fn first(outcome: &Outcome) -> AppCredentialStatus {
    next(None, 3, outcome, at(0)).expect("there is something to say")
}

/// The conditions as `Type=Status/Reason: message`.
pub(crate) fn conditions(status: &AppCredentialStatus) -> Vec<String> {
    let conditions = status.conditions.iter();
    conditions.map(|c| format!("{}={}/{}: {}", c.type_, c.status, c.reason, c.message)).collect()
}

fn good(name: &str) -> EnvironmentOutcome {
    walked(name, vec![target(name, Some(1), None)])
}

/// What became of an environment, in the table below.
#[derive(Clone, Copy)]
enum Of {
    Good,
    Missing,
    Taken,
}
use Of::{Good, Missing, Taken};

fn environment(name: &str, of: Of) -> EnvironmentOutcome {
    match of {
        Good => good(name),
        Missing => unresolved(name, vec![problem(Reason::SecretNotFound, "spec.a")]),
        Taken => walked(name, vec![target(name, None, Some(problem(Reason::NotOwned, "Secret team/b")))]),
    }
}

/// A walk: the environments, and whether something could not be pruned.
fn walk(environments: &[Of], stale: bool) -> Outcome {
    let environments = environments.iter().enumerate().map(|(index, of)| environment(&format!("e{index}"), *of));
    let leftover = stale.then(|| problem(Reason::WriteFailed, "ConfigMap team/c"));
    Outcome::Walked(environments.collect(), leftover.into_iter().collect())
}

const FOUND: &str = "ResolvedRefs=True/Resolved: every source was found";
const SYNCED: &str = "Synced=True/Synced: every output is written as the credential says";

/// Walks with ResolvedRefs, Synced and Ready; Accepted is True.
const WALKS: &[(&[Of], bool, [&str; 3])] = &[
    (&[Good, Good], false, [FOUND, SYNCED, "Ready=True/Ready: every environment is ready"]),
    (&[], false, [FOUND, SYNCED, "Ready=True/NotSelected: this operator handles none of the environments"]),
    (
        &[Good, Missing],
        false,
        [
            "ResolvedRefs=False/SecretNotFound: spec.a: is wrong; put it right",
            "Synced=False/SecretNotFound: sources are missing; the last good outputs stay as they are",
            "Ready=False/SecretNotFound: spec.a: is wrong; put it right",
        ],
    ),
    (
        &[Taken, Good],
        false,
        [
            FOUND,
            "Synced=False/NotOwned: Secret team/b: is wrong; put it right",
            "Ready=False/NotOwned: Secret team/b: is wrong; put it right",
        ],
    ),
    (
        &[Taken, Missing],
        false,
        [
            "ResolvedRefs=False/SecretNotFound: spec.a: is wrong; put it right",
            "Synced=False/NotOwned: Secret team/b: is wrong; put it right",
            "Ready=False/SecretNotFound: spec.a: is wrong; put it right; Secret team/b: is wrong; put it right",
        ],
    ),
    (
        &[Good],
        true,
        [
            FOUND,
            "Synced=False/WriteFailed: ConfigMap team/c: is wrong; put it right",
            "Ready=False/WriteFailed: ConfigMap team/c: is wrong; put it right",
        ],
    ),
    (
        &[],
        true,
        [
            FOUND,
            "Synced=False/WriteFailed: ConfigMap team/c: is wrong; put it right",
            "Ready=False/WriteFailed: ConfigMap team/c: is wrong; put it right",
        ],
    ),
];

#[test]
fn each_walk_has_its_conditions() {
    for (environments, stale, [resolved, synced, ready]) in WALKS {
        let expected = ["Accepted=True/Valid: the spec is valid", resolved, synced, ready];
        assert_eq!(conditions(&first(&walk(environments, *stale))), expected);
    }
}

#[test]
fn a_refused_spec_is_reported_with_every_problem() {
    let outcome =
        Outcome::Rejected(vec![problem(Reason::KeyConflict, "spec.a"), problem(Reason::InvalidSpec, "spec.b")].into());
    let all = "spec.a: is wrong; put it right; spec.b: is wrong; put it right";
    let kept = "the spec is not accepted; the last good outputs stay as they are";
    let expected = [
        format!("Accepted=False/KeyConflict: {all}"),
        format!("ResolvedRefs=Unknown/KeyConflict: {kept}"),
        format!("Synced=False/KeyConflict: {kept}"),
        format!("Ready=False/KeyConflict: {all}"),
        format!("Stalled=True/KeyConflict: {all}"),
    ];
    assert_eq!(conditions(&first(&outcome)), expected);
}

#[test]
fn a_suspended_credential_is_accepted_and_not_ready() {
    let kept = "spec.suspend is true: the operator writes nothing and the outputs stay as they are";
    let expected = [
        "Accepted=True/Valid: the spec is valid".to_owned(),
        format!("ResolvedRefs=Unknown/Suspended: {kept}"),
        format!("Synced=False/Suspended: {kept}"),
        format!("Ready=False/Suspended: {kept}"),
    ];
    assert_eq!(conditions(&first(&Outcome::Suspended)), expected);
}

#[test]
fn an_internal_failure_is_reported_on_every_condition() {
    let outcome = Outcome::Failed(problem(Reason::InternalError, "AppCredential team/app"));
    let message = "AppCredential team/app: is wrong; put it right";
    let expected = [
        format!("Accepted=Unknown/InternalError: {message}"),
        format!("ResolvedRefs=Unknown/InternalError: {message}"),
        format!("Synced=False/InternalError: {message}"),
        format!("Ready=False/InternalError: {message}"),
    ];
    assert_eq!(conditions(&first(&outcome)), expected);
}

#[test]
fn conditions_always_come_all_four_in_order_with_the_generation() {
    let more = [Outcome::Suspended, Outcome::Rejected(vec![problem(Reason::InvalidSpec, "spec")].into())];
    for outcome in WALKS.iter().map(|(environments, stale, _)| walk(environments, *stale)).chain(more) {
        let status = first(&outcome);
        assert_eq!(status.observed_generation, Some(3));
        let types: Vec<&str> = status.conditions.iter().map(|condition| condition.type_.as_str()).collect();
        let stalled: &[&str] = if matches!(outcome, Outcome::Rejected(_)) { &[STALLED] } else { &[] };
        assert_eq!(types, [&CONDITIONS, stalled].concat());
        for condition in &status.conditions {
            assert_eq!(condition.observed_generation, Some(3));
            assert!(["True", "False", "Unknown"].contains(&condition.status.as_str()));
            assert!(Reason::from_word(&condition.reason).is_some(), "{} is a word of ours", condition.reason);
        }
    }
}

#[test]
fn each_environment_is_reported_on_its_own() {
    let missing = vec![problem(Reason::KeyNotFound, "spec.a"), problem(Reason::ValueEmpty, "spec.b")];
    let taken = problem(Reason::NotOwned, "Secret team/z2");
    let outcome = Outcome::Walked(
        vec![
            good("x"),
            unresolved("y", missing),
            walked("z", vec![target("z1", Some(4), None), target("z2", None, Some(taken))]),
        ],
        vec![],
    );
    let status = first(&outcome);
    assert_eq!(status.environment_names.as_deref(), Some("x,y,z"));
    let told: Vec<_> = status
        .environments
        .iter()
        .map(|e| (e.name.as_str(), e.ready, e.reason.as_deref(), e.message.as_deref()))
        .collect();
    let a = "spec.a: is wrong; put it right; spec.b: is wrong; put it right";
    let expected = [
        ("x", true, None, None),
        ("y", false, Some("KeyNotFound"), Some(a)),
        ("z", false, Some("NotOwned"), Some("Secret team/z2: is wrong; put it right")),
    ];
    assert_eq!(told, expected);
    let targets = &status.environments[2].targets;
    assert_eq!((targets[0].revision, targets[0].message.as_deref()), (Some(4), None));
    assert_eq!(targets[1].revision, None);
    assert_eq!(targets[1].message.as_deref(), Some("Secret team/z2: is wrong; put it right"));
    assert_eq!((targets[1].secret_name.as_str(), targets[1].config_map_name.as_str()), ("z2", "z2-settings"));
}

#[test]
fn a_credential_without_environments_has_one_entry_and_no_names() {
    let only = EnvironmentOutcome { declared: false, ..good("default") };
    let status = first(&Outcome::Walked(vec![only], vec![]));
    assert_eq!(status.environment_names, None);
    assert_eq!(status.environments[0].name, "default");
}

#[test]
fn a_declared_environment_called_default_is_named_beside_others() {
    let status = first(&Outcome::Walked(vec![good("default"), good("x")], vec![]));
    assert_eq!(status.environment_names.as_deref(), Some("default,x"));
}

#[test]
fn what_is_done_next_is_the_most_urgent_of_all_problems() {
    let (stalled, waiting, retry) = (Reason::KeyConflict, Reason::SecretNotFound, Reason::WriteFailed);
    let missing = |reason| Outcome::Walked(vec![good("x"), unresolved("y", vec![problem(reason, "spec")])], vec![]);
    for (outcome, expected) in [
        (Outcome::Suspended, Disposition::Stalled),
        (Outcome::Rejected(vec![problem(stalled, "spec")].into()), Disposition::Stalled),
        (Outcome::Failed(problem(Reason::InternalError, "x")), Disposition::Retry),
        (Outcome::Walked(vec![], vec![]), Disposition::Done),
        (Outcome::Walked(vec![good("x")], vec![]), Disposition::Done),
        (missing(waiting), Disposition::Waiting),
        (missing(retry), Disposition::Retry),
        (
            Outcome::Walked(vec![unresolved("y", vec![problem(waiting, "a")])], vec![problem(retry, "b")]),
            Disposition::Retry,
        ),
        (Outcome::Walked(vec![good("x")], vec![problem(retry, "b")]), Disposition::Retry),
    ] {
        assert_eq!(outcome.disposition(), expected, "{outcome:?}");
    }
}

#[test]
fn every_reason_has_a_word_a_meaning_and_a_remedy() {
    for reason in Reason::ALL {
        assert_eq!(Reason::from_word(reason.word()), Some(*reason));
        assert!(reason.word().bytes().all(|letter| letter.is_ascii_alphanumeric()), "{reason}");
        assert!(reason.meaning().ends_with('.') && reason.remedy().ends_with('.'), "{reason} is in sentences");
    }
    assert_eq!(Reason::from_word("Other"), None);
}

/// What is read of a status, in which everything can be.
fn read(json: &str) -> Option<AppCredentialStatus> {
    let reading = AppCredentialStatus::read(json);
    assert_eq!(reading.unreadable, None, "{json}");
    reading.status
}

#[test]
fn statuses_are_read_back_unless_the_object_was_not_observed() {
    assert_eq!(read(r#"{"observedGeneration": -1}"#), None);
    assert_eq!(read("{}"), None);
    assert_eq!(read("null"), None);
    let places = [Place { environment: None, output: "Secret/b/app".to_owned() }].into();
    let announced = read(r#"{"observedGeneration": -1, "detachedOutputs": [{"outputs": ["Secret/b/app"]}]}"#);
    assert_eq!(announced, Some(status::announce(None, &places)));
    let written = first(&Outcome::Walked(vec![walked("e", vec![target("x", Some(1), None)])], Vec::new()));
    assert_eq!(read(&serde_json::to_string(&written).unwrap()), Some(written));
}

/// A status that cannot be read: the field that it is told by, and the outputs that it names all the same.
const UNREADABLE: &[(&str, &str, &[&str])] = &[
    (r#"{"observedGeneration": "many", "detachedOutputs": []}"#, "status.observedGeneration", &[]),
    (
        r#"{"conditions": [{"type": 5}], "detachedOutputs": [{"environment": "e", "outputs": ["Secret/b/x", "ConfigMap/b/x"]}], "newField": {}}"#,
        "status.conditions[0].type",
        &["ConfigMap/b/x", "Secret/b/x"],
    ),
    // Where the outputs cannot be told either, nobody knows how many there are.
    (r#"{"environments": "hunter2"}"#, "status.environments", &["unknown"]),
    (r#"{"detachedOutputs": "Secret/b/x"}"#, "status.detachedOutputs", &["unknown"]),
    (r#"{"detachedOutputs": null}"#, "status.detachedOutputs", &["unknown"]),
    (
        r#"{"detachedOutputs": [{"outputs": ["Secret/b/x", 5]}, {"kind": "Secret"}, 5]}"#,
        "status.detachedOutputs[0].outputs[1]",
        &["Secret/b/x", "unknown"],
    ),
    ("[]", "status", &["unknown"]),
    (r#""hunter2""#, "status", &["unknown"]),
];

#[test]
fn a_status_that_cannot_be_read_names_its_outputs_and_the_field() {
    for (json, field, places) in UNREADABLE {
        let reading = AppCredentialStatus::read(json);
        assert_eq!(reading.unreadable.as_ref().map(FieldPath::as_str), Some(*field), "{json}");
        let status = reading.status.unwrap_or_default();
        let named: Vec<String> = status.places().into_iter().map(|place| place.output).collect();
        assert_eq!(named, *places, "{json}");
        let rest = AppCredentialStatus { detached_outputs: Vec::new(), ..status };
        assert_eq!(rest, AppCredentialStatus::default(), "nothing else is taken for true: {json}");
    }
    let grant = AppCredentialGrantStatus::read(r#"{"inUse": "hunter2"}"#);
    assert_eq!((grant.status, grant.unreadable.as_ref().map(FieldPath::as_str)), (None, Some("status.inUse")));
}
