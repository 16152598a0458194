//! What a restart need not look at: a credential all of whose versions are those that its status records.

use appcredential_api::status::{DetachedOutputs, ObjectVersion, Review, SourceVersion};
use appcredential_api::{AppCredentialStatus, Kind, ResourceVersion};
use appcredential_core::plan::{self, Consent, Observed, Situation, Verdict};
use appcredential_core::resolve::Selection;
use appcredential_core::status::{self, EnvironmentOutcome, Facts, Outcome, TargetOutcome};

use crate::simulated::{Cluster, observed};
use crate::status::at;
use crate::support::{identity, output, spec};

/// Everything that the question is asked of.
struct Case {
    status: AppCredentialStatus,
    generation: i64,
    held: bool,
    rendered_by: &'static str,
    selection: Selection,
    observed: Vec<Observed>,
    source: Option<ResourceVersion>,
    review: Verdict,
}

fn version(observed: &Observed) -> Option<ObjectVersion> {
    Some(ObjectVersion { uid: observed.uid.clone(), resource_version: observed.resource_version.clone() })
}

/// A credential with one target and one source, just as it was left.
fn settled() -> Case {
    let output = output(&spec(
        "authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}",
    ));
    let cluster = Cluster::default();
    let observed: Vec<Observed> =
        [&output.secret, &output.config_map].map(|object| observed(&cluster.fingerprinter, object, Some(1))).into();
    let target = TargetOutcome {
        namespace: output.target.namespace.clone(),
        secret_name: output.target.secret_name.clone(),
        config_map_name: output.target.config_map_name,
        revision: Some(1),
        secret: version(&observed[0]),
        config_map: version(&observed[1]),
        ..TargetOutcome::default()
    };
    let source = SourceVersion { kind: Kind::Secret, name: "s".to_owned(), resource_version: Some("7".into()) };
    let environment = EnvironmentOutcome {
        name: "default".to_owned(),
        targets: vec![target],
        sources: vec![source],
        ..EnvironmentOutcome::default()
    };
    let facts = Facts { generation: 3, rendered_by: "1.0", ..Facts::default() };
    let status = status::next(None, &Outcome::Walked(vec![environment], vec![]), facts, at(0)).expect("a status");
    Case {
        status,
        generation: 3,
        held: false,
        rendered_by: "1.0",
        selection: Selection::default(),
        observed,
        source: Some("7".into()),
        review: Verdict::Admitted,
    }
}

fn is_settled(case: &Case) -> bool {
    let situation = Situation {
        owner: &identity(),
        generation: case.generation,
        held: case.held,
        rendered_by: case.rendered_by,
        selection: &case.selection,
        consent: &Consent::default(),
        review: &case.review,
        observed: &case.observed,
    };
    plan::is_settled(&case.status, &situation, |kind, name| {
        case.source.clone().filter(|_| kind == Kind::Secret && name == "s")
    })
}

#[test]
fn what_was_left_in_sync_and_not_touched_is_not_looked_at_again() {
    assert!(is_settled(&settled()));
}

type Change = (&'static str, fn(&mut Case));

#[rustfmt::skip]
const CHANGES: &[Change] = &[
    ("the spec", |case| case.generation = 4),
    ("the operator", |case| case.rendered_by = "1.1"),
    ("the source", |case| case.source = Some("8".into())),
    ("the source is gone", |case| case.source = None),
    ("the Secret was written", |case| case.observed[0].resource_version = "9".into()),
    ("the Secret was created anew", |case| case.observed[0].uid = "another".into()),
    ("the Secret is being deleted", |case| case.observed[0].deleting = true),
    ("the ConfigMap was written", |case| case.observed[1].resource_version = "9".into()),
    ("the Secret is gone", |case| drop(case.observed.remove(0))),
    ("the ConfigMap is gone", |case| drop(case.observed.remove(1))),
    ("an output that is not wanted", |case| {
        let stale = Observed { name: "stale".to_owned(), ..case.observed[0].clone() };
        case.observed.push(stale);
    }),
    ("a finalizer that nothing needs", |case| case.held = true),
    ("a finalizer that is missing", |case| case.status.detached_outputs = vec![DetachedOutputs::default()]),
    ("a condition is not good", |case| case.status.conditions[3].status = "False".to_owned()),
    ("a condition is missing", |case| drop(case.status.conditions.pop())),
    ("a version was never recorded", |case| case.status.environments[0].targets[0].secret = None),
    ("the policy has not seen it", |case| case.review = Verdict::Unreviewed(Review::default())),
    ("that the policy has seen it is not recorded", |case| case.review = Verdict::Reviewed(Review::default())),
    ("it stands elsewhere without consent", |case| {
        case.status.environments[0].targets[0].namespace = "other".to_owned();
        case.observed.iter_mut().for_each(|there| there.namespace = "other".to_owned());
    }),
];

#[test]
fn whatever_changed_is_looked_at() {
    for (what, change) in CHANGES {
        let mut case = settled();
        change(&mut case);
        assert!(!is_settled(&case), "{what}");
    }
}

#[test]
fn only_a_new_optional_source_changes_what_is_settled() {
    let mut case = settled();
    case.status.environments[0].sources[0].resource_version = None;
    assert!(!is_settled(&case), "it came");
    case.source = None;
    assert!(is_settled(&case), "it is missing as before");
}

#[test]
fn outputs_of_environments_handled_by_others_need_no_look() {
    let mut case = settled();
    let stale =
        Observed { name: "theirs".to_owned(), environment: Some("staging".to_owned()), ..case.observed[0].clone() };
    case.observed.push(stale);
    assert!(!is_settled(&case));
    case.selection = Selection::only(["production".to_owned()]);
    assert!(is_settled(&case));
}
