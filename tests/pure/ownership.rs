//! Whose an object is: every row of the table in `crates/core/src/plan/observed.rs`, at the place where an output is wanted and elsewhere.

use std::collections::BTreeSet;

use appcredential_api::{Identity, Kind, NamespacedName, ObjectRef, Uid};
use appcredential_core::plan::{self, Known, Observed, Scope, Step, Wanted};
use appcredential_core::render::Output;
use appcredential_core::resolve::Selection;

use crate::simulated::{Cluster, observed};
use crate::support::{identity, output, spec};

/// Whose an object is, as the plan shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// It is written.
    Ours,
    /// Of a former credential of this name, and Kubernetes collects it.
    Former,
    /// Left behind by one.
    Left,
    /// An output of another credential.
    Other,
    /// Recorded by our status, and without a mark of ours.
    Stripped,
    /// Somebody else's.
    Foreign,
}
use Whose::{Foreign, Former, Left, Other, Ours, Stripped};

/// An object: the uid of its controller, the uid in its annotation, who left it behind, and the credential that its labels name.
type Marks = (&'static str, &'static str, &'static str, &'static str);

const ME: &str = "uid-of-app";
const APP: &str = "team/app";

/// Each object as seen from a target at home, one at home to be retained, one elsewhere, one elsewhere to be retained.
#[rustfmt::skip]
const WANTED: &[(Marks, [Whose; 4])] = &[
    // Another controller's reference.
    (("x", "", "", ""),              [Foreign, Foreign, Foreign, Foreign]),
    (("x", "", "", APP),             [Foreign, Foreign, Foreign, Foreign]),
    // Ours by every mark, and claimed by another controller: that one's.
    (("x", ME, "", APP),             [Foreign, Foreign, Foreign, Foreign]),
    (("x", "y", "", "team/other"),   [Other, Other, Other, Other]),
    // Of a former credential of this name: Kubernetes collects what has an owner that is gone.
    (("former", "former", "", APP),  [Former, Former, Former, Former]),
    // Our reference, our uid.
    ((ME, ME, "", APP),              [Ours, Ours, Ours, Ours]),
    ((ME, "", "", ""),               [Ours, Ours, Ours, Ours]),
    (("", ME, "", APP),              [Ours, Ours, Ours, Ours]),
    (("", ME, "", ""),               [Ours, Ours, Ours, Ours]),
    // Left behind by this very credential.
    (("", "", ME, APP),              [Ours, Ours, Ours, Ours]),
    // Left behind by a former one of this name: it is taken over where the target is to be retained.
    (("", "", "former", APP),        [Left, Ours, Left, Ours]),
    (("", "former", "", APP),        [Left, Ours, Left, Ours]),
    // Of another credential, or left by it.
    (("", "former", "", "team/other"), [Other, Other, Other, Other]),
    (("", "former", "", "other/app"), [Other, Other, Other, Other]),
    (("", "", "former", "team/other"), [Foreign, Foreign, Foreign, Foreign]),
    (("", "", "former", "other/app"), [Foreign, Foreign, Foreign, Foreign]),
    (("", "", ME, "team/other"),     [Foreign, Foreign, Foreign, Foreign]),
    // Labels alone are nobody's.
    (("", "", "", APP),              [Foreign, Foreign, Foreign, Foreign]),
    (("", "", "", ""),               [Foreign, Foreign, Foreign, Foreign]),
];

const TARGETS: [&str; 4] =
    ["{}", "{deletionPolicy: Retain}", "{namespace: b}", "{namespace: b, deletionPolicy: Retain}"];

fn wanted(target: &str) -> Output {
    output(&spec(&format!(
        "authentication: {{type: BearerToken, bearerToken: {{token: {{value: t}}}}}}\ntargets: [{target}]"
    )))
}

fn some(text: &str) -> Option<Uid> {
    (!text.is_empty()).then(|| text.into())
}

fn marked(output: &Output, (controller, owner, left, credential): Marks) -> Observed {
    let there = observed(&Cluster::default().fingerprinter, &output.secret, Some(3));
    Observed {
        controller_uid: some(controller),
        owner_uid: some(owner),
        retained_from: some(left),
        credential: credential.split_once('/').map(|(namespace, name)| NamespacedName::new(namespace, name)),
        ..there
    }
}

fn whose(output: &Output, there: &Observed, recorded: Option<&str>) -> Whose {
    let fingerprinter = Cluster::default().fingerprinter;
    let known = Known { secret_uid: recorded, ..Known::default() };
    let plan = plan::target(output, |object| (object.kind == Kind::Secret).then_some(there), known, &fingerprinter);
    match plan.secret {
        Step::Blocked(problem) if problem.message.starts_with("belongs to a former credential") => Former,
        Step::Blocked(problem) if problem.message.starts_with("was left by a former credential") => Left,
        Step::Blocked(problem) if problem.message.starts_with("is an output of AppCredential") => Other,
        Step::Blocked(problem) if problem.message.starts_with("was written by this credential") => Stripped,
        Step::Blocked(problem) => {
            assert!(
                problem.message.starts_with("exists and is not an output of this credential"),
                "{}",
                problem.message
            );
            Foreign
        }
        _ => Ours,
    }
}

#[test]
fn every_object_at_the_wanted_place_is_whose_the_table_says() {
    for (marks, expected) in WANTED {
        let found = TARGETS.map(|target| {
            let output = wanted(target);
            whose(&output, &marked(&output, *marks), None)
        });
        assert_eq!(found, *expected, "{marks:?}");
    }
}

/// An object whose uid our status recorded, as seen from every target: it takes a mark of ours besides.
#[rustfmt::skip]
const RECORDED: &[(Marks, Whose)] = &[
    // The labels name the credential: somebody took off the rest, or wrote something else over it.
    (("", "", "", APP),              Ours),
    (("", "another", "", APP),       Ours),
    // No mark at all: a status alone makes nothing ours.
    (("", "", "", ""),               Stripped),
    // Marks of others.
    (("", "", "", "team/other"),     Foreign),
    (("", "another", "", ""),        Foreign),
    (("", "u", "", "shop/orders"),   Other),
    (("x", "", "", ""),              Foreign),
    (("x", ME, "", APP),             Foreign),
];

#[test]
fn an_object_that_our_status_recorded_is_ours_only_with_a_mark() {
    for target in TARGETS {
        let output = wanted(target);
        for (marks, expected) in RECORDED {
            let there = marked(&output, *marks);
            assert_eq!(whose(&output, &there, Some(&there.uid)), *expected, "{target} {marks:?}");
        }
        let bare = marked(&output, ("", "", "", APP));
        assert_eq!(whose(&output, &bare, Some("another incarnation")), Foreign, "{target}");
    }
}

#[test]
fn the_former_owner_of_an_output_is_named() {
    let output = wanted("{namespace: b}");
    let there = marked(&output, ("", "u", "", "shop/orders"));
    let fingerprinter = Cluster::default().fingerprinter;
    let plan = plan::target(
        &output,
        |object| (object.kind == Kind::Secret).then_some(&there),
        Known::default(),
        &fingerprinter,
    );
    let Step::Blocked(problem) = plan.secret else { panic!("{:?}", plan.secret) };
    assert_eq!(
        problem.to_string(),
        "Secret b/app: is an output of AppCredential shop/orders; give one of the two targets another name"
    );
}

/// Where an object stands, its controller and the uid in its annotation, whether it names itself, whether our status has
/// its place; and whether it is pruned.
type Elsewhere = (&'static str, &'static str, &'static str, bool, bool, bool);

#[rustfmt::skip]
const PRUNED: &[Elsewhere] = &[
    // At home: by our reference.
    ("team", ME, ME, true, false, true),
    ("team", ME, ME, false, false, false),
    ("team", ME, "", true, false, false),
    ("team", ME, "former", true, false, false),
    ("team", "x", ME, true, true, false),
    // At home without a reference: one to be retained, which the status has.
    ("team", "", ME, true, true, true),
    ("team", "", ME, true, false, false),
    ("team", "", ME, false, true, false),
    ("team", "", "", true, true, false),
    // Elsewhere: just what the status has.
    ("b", "", ME, true, true, true),
    ("b", "", ME, true, false, false),
    ("b", "", ME, false, true, false),
    ("b", "", "former", true, true, false),
    ("b", "", "", true, true, false),
    // A reference across namespaces is no reference.
    ("b", ME, ME, true, false, false),
    ("b", ME, ME, true, true, false),
    ("b", "x", ME, true, true, false),
];

#[test]
fn only_an_output_that_is_ours_beyond_doubt_is_pruned() {
    for (namespace, controller, owner, itself, recorded, goes) in PRUNED {
        let output = wanted(&format!("{{namespace: {namespace}}}"));
        let there = Observed { names_itself: *itself, ..marked(&output, (controller, owner, "", APP)) };
        let places: BTreeSet<String> = recorded.then(|| there.object_ref().record()).into_iter().collect();
        for scope in [Scope::All(&Selection::default()), Scope::Unwanted(&Wanted::default(), &Selection::default())] {
            let pruned = plan::prune([&there], &identity(), &places, scope);
            assert_eq!(!pruned.is_empty(), *goes, "{namespace} {controller} {owner} {itself} {recorded} {scope:?}");
        }
        let next = Identity { uid: "uid-of-the-next".into(), ..identity() };
        assert!(
            plan::prune([&there], &next, &places, Scope::All(&Selection::default())).is_empty(),
            "of the next one of this name it is not"
        );
    }
}

#[test]
fn what_is_no_longer_permitted_goes_and_what_is_stays() {
    let (home, elsewhere) = (wanted("{}"), wanted("{namespace: b}"));
    let fingerprinter = Cluster::default().fingerprinter;
    let objects = [&home.secret, &home.config_map, &elsewhere.secret, &elsewhere.config_map];
    let there = objects.map(|object| observed(&fingerprinter, object, Some(1)));
    let places: BTreeSet<String> = objects.iter().map(|object| object.object_ref().record()).collect();
    let revoked = |grants: &[&str]| {
        let spec = |text: &&str| std::sync::Arc::new(serde_json::from_value(crate::support::yaml(text)).unwrap());
        let grants = grants.iter().map(|text| ("b".to_owned(), spec(text))).collect();
        let consent = plan::Consent { grants, ..plan::Consent::default() };
        let going = plan::prune(&there, &identity(), &places, Scope::Revoked(&consent));
        going.into_iter().map(|it| it.object_ref().record()).collect::<Vec<_>>()
    };
    assert_eq!(revoked(&[]), ["Secret/b/app", "ConfigMap/b/app"]);
    assert_eq!(revoked(&["from: [{namespace: team}]"]), [""; 0]);
    assert_eq!(revoked(&["{from: [{namespace: team}], to: [{kind: Secret}]}"]), ["ConfigMap/b/app"]);
    assert_eq!(revoked(&["from: [{namespace: team, name: other}]"]), ["Secret/b/app", "ConfigMap/b/app"]);
}

#[test]
fn what_a_target_keeps_stays_and_the_rest_goes() {
    let fingerprinter = Cluster::default().fingerprinter;
    let there =
        [wanted("{}"), wanted("{namespace: b}")].map(|output| observed(&fingerprinter, &output.secret, Some(1)));
    let places: BTreeSet<String> = there.iter().map(|object| object.object_ref().record()).collect();
    let pruned = |kept: &[&str]| {
        let wanted = Wanted { kept: kept.iter().map(|place| (*place).to_owned()).collect(), ..Wanted::default() };
        let going = plan::prune(&there, &identity(), &places, Scope::Unwanted(&wanted, &Selection::default()));
        going.into_iter().map(|it| it.object_ref().record()).collect::<Vec<_>>()
    };
    assert_eq!(pruned(&[]), ["Secret/team/app", "Secret/b/app"]);
    assert_eq!(pruned(&["Secret/b/app"]), ["Secret/team/app"]);
    assert_eq!(pruned(&["Secret/b/app", "Secret/team/app"]), [""; 0]);
}

#[test]
fn a_place_says_where_it_is() {
    for (key, text) in
        [((Kind::Secret, "b", "app"), "Secret/b/app"), ((Kind::ConfigMap, "team", "a.b-c"), "ConfigMap/team/a.b-c")]
    {
        let object = ObjectRef::new(key.0, key.1, key.2);
        assert_eq!(object.record(), text);
        assert_eq!(ObjectRef::namespace_in(text), Some(key.1));
    }
    assert_eq!(ObjectRef::namespace_in("nowhere"), None);
}
