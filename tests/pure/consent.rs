//! Consent: what a grant lets whom write where, what is said where it does not, and the names that outputs have there.

use std::collections::BTreeSet;
use std::sync::Arc;

use appcredential_api::{AppCredentialGrantSpec, Identity, Kind, ObjectRef, Reason};
use appcredential_core::plan::Consent;
use appcredential_core::resolve::{self, Target};
use serde_json::Value;

use crate::support::{environments, identity, spec, yaml};

fn grant(text: &str) -> Arc<AppCredentialGrantSpec> {
    Arc::new(serde_json::from_value(yaml(text)).unwrap_or_else(|error| panic!("{text}: {error}")))
}

/// The consent of these namespaces, each with a grant.
fn consent(grants: &[(&str, &str)]) -> Consent {
    let grants = grants.iter().map(|(namespace, text)| ((*namespace).to_owned(), grant(text)));
    Consent { grants: grants.collect(), ..Consent::default() }
}

/// The target of `team/app` in this namespace, under its default names.
fn target(namespace: &str) -> Target {
    let spec = spec(&format!("authentication: {{type: None}}\ntargets: [{{namespace: '{namespace}'}}]"));
    environments(&spec).unwrap().remove(0).targets.remove(0)
}

/// For each grant of the namespace `b`, whether `team/app` may write a Secret `app`, a ConfigMap `app`, a Secret `x`.
const GRANTS: &[(&str, [bool; 3])] = &[
    ("from: [{namespace: team}]", [true, true, true]),
    ("from: [{namespace: team, name: app}]", [true, true, true]),
    ("from: [{namespace: team, name: other}]", [false, false, false]),
    ("from: [{namespace: other}]", [false, false, false]),
    ("from: [{namespace: other, name: app}]", [false, false, false]),
    ("from: [{namespace: other}, {namespace: team}]", [true, true, true]),
    ("from: [{namespace: tea}, {namespace: team1}]", [false, false, false]),
    ("from: [{namespace: team, name: ap}, {namespace: team, name: app1}]", [false, false, false]),
    ("{from: [{namespace: team}], to: [{kind: Secret}]}", [true, false, true]),
    ("{from: [{namespace: team}], to: [{kind: ConfigMap}]}", [false, true, false]),
    ("{from: [{namespace: team}], to: [{kind: Secret, name: app}]}", [true, false, false]),
    ("{from: [{namespace: team}], to: [{kind: Secret, name: x}]}", [false, false, true]),
    ("{from: [{namespace: team}], to: [{kind: Secret, name: app}, {kind: ConfigMap, name: app}]}", [true, true, false]),
    ("{from: [{namespace: team}], to: [{kind: Secret}, {kind: ConfigMap, name: x}]}", [true, false, true]),
    // What is empty allows nothing; it cannot be said in the schema, and may have been stored before that.
    ("{from: []}", [false, false, false]),
    ("{from: [{namespace: team}], to: []}", [false, false, false]),
];

#[test]
fn a_grant_lets_those_write_whom_it_names_and_what_it_names() {
    for (text, expected) in GRANTS {
        let objects = [(Kind::Secret, "app"), (Kind::ConfigMap, "app"), (Kind::Secret, "x")];
        let consent = consent(&[("b", text)]);
        let permitted = objects.map(|(kind, name)| consent.permits(&identity(), &ObjectRef::new(kind, "b", name)));
        assert_eq!(permitted, *expected, "{text}");
        // A grant speaks for the namespace that it stands in, and for no other.
        assert!(
            objects.iter().all(|(kind, name)| !consent.permits(&identity(), &ObjectRef::new(*kind, "c", *name))),
            "{text}"
        );
        assert_eq!(consent.target(&identity(), &target("b")).is_ok(), expected[0] && expected[1], "{text}");
    }
}

#[test]
fn the_own_namespace_needs_no_grant_and_another_one_does() {
    let none = Consent::default();
    assert!(none.permits(&identity(), &ObjectRef::new(Kind::Secret, "team", "app")));
    assert!(none.target(&identity(), &target("team")).is_ok());
    assert!(!none.permits(&identity(), &ObjectRef::new(Kind::Secret, "b", "app")));
}

#[test]
fn grants_of_a_namespace_add_up_object_by_object() {
    let secrets = ("b", "{from: [{namespace: team}], to: [{kind: Secret}]}");
    let maps = ("b", "{from: [{namespace: team}], to: [{kind: ConfigMap, name: app}]}");
    let elsewhere = ("c", "{from: [{namespace: team}], to: [{kind: ConfigMap, name: app}]}");
    assert!(consent(&[secrets, maps]).target(&identity(), &target("b")).is_ok());
    assert!(consent(&[secrets, elsewhere]).target(&identity(), &target("b")).is_err());
}

#[test]
fn a_missing_grant_is_reported_with_the_manifest_to_apply() {
    for (text, refused) in [
        ("from: [{namespace: other}]", "Secret app and ConfigMap app"),
        ("{from: [{namespace: team}], to: [{kind: Secret}]}", "ConfigMap app"),
        ("{from: [{namespace: team}], to: [{kind: ConfigMap}]}", "Secret app"),
    ] {
        let problem = consent(&[("b", text)]).target(&identity(), &target("b")).unwrap_err();
        assert_eq!((problem.reason, problem.path()), (Reason::NotGranted, "namespace b"));
        let (said, manifest) = problem.message.split_once("; ask its owner to apply: ").unwrap();
        assert_eq!(said, format!("does not consent to the {refused}"));
        let manifest: Value = serde_saphyr::from_str(manifest).unwrap();
        assert_eq!(manifest["metadata"]["namespace"], "b");
        let granted: AppCredentialGrantSpec = serde_json::from_value(manifest["spec"].clone()).unwrap();
        let consent = Consent { grants: vec![("b".to_owned(), Arc::new(granted))], ..Consent::default() };
        assert!(consent.target(&identity(), &target("b")).is_ok(), "what it shows is enough");
    }
}

/// Names that YAML would take for something else than a text.
#[test]
fn the_manifest_holds_texts_whatever_the_names_look_like() {
    for name in ["2024", "1e3", "true", "null", "0x1f", "on", "a.1", "1-2"] {
        let owner = Identity { namespace: "10".to_owned(), name: name.to_owned(), uid: "u".into() };
        let problem = Consent::default().target(&owner, &target("77")).unwrap_err();
        let (_, manifest) = problem.message.split_once("ask its owner to apply: ").unwrap();
        let manifest: Value = serde_saphyr::from_str(manifest).unwrap();
        assert_eq!(manifest["metadata"]["namespace"], "77", "{name}");
        assert_eq!(manifest["metadata"]["name"], "10", "{name}");
        assert_eq!(manifest["spec"]["from"][0]["namespace"], "10", "{name}");
        assert_eq!(manifest["spec"]["from"][0]["name"], name);
    }
}

#[test]
fn an_unseen_namespace_gets_nothing_whatever_its_grants_say() {
    let watched: BTreeSet<String> = ["team".to_owned(), "b".to_owned()].into();
    let mut consent = consent(&[("b", "from: [{namespace: team}]"), ("c", "from: [{namespace: team}]")]);
    consent.sight.watched = Some(Arc::new(watched));
    assert!(consent.target(&identity(), &target("b")).is_ok());
    assert!(consent.target(&identity(), &target("team")).is_ok());
    let problem = consent.target(&identity(), &target("c")).unwrap_err();
    assert_eq!((problem.reason, problem.path()), (Reason::OutOfScope, "namespace c"));
    consent.sight.forbidden = Arc::new(["b".to_owned()].into());
    let problem = consent.target(&identity(), &target("b")).unwrap_err();
    assert_eq!((problem.reason, problem.path()), (Reason::NamespaceForbidden, "namespace b"));
    // The own namespace is where the credential was seen: it is watched, whatever the list says.
    consent.sight.watched = Some(Arc::default());
    assert!(consent.target(&identity(), &target("team")).is_ok());
}

/// Targets and the names that they give, Secret and ConfigMap.
const NAMES: &[(&str, &[&str])] = &[
    ("targets: [{namespace: b}]", &["b/app b/app"]),
    ("targets: [{namespace: team}]", &["team/app team/app"]),
    ("targets: [{namespace: b, secret: {name: s}}]", &["b/s b/app"]),
    ("targets: [{namespace: b, configMap: {name: m}}]", &["b/app b/m"]),
    ("environments: [{name: qa, targets: [{namespace: b}]}]", &["b/app b/app"]),
    ("environments: [{name: qa, targets: [{}, {namespace: b}]}]", &["team/app-qa team/app-qa", "b/app b/app"]),
    (
        "environments: [{name: qa, targets: [{namespace: b}]}, {name: live, targets: [{namespace: c}]}, {name: dev}]",
        &["b/app b/app", "c/app c/app", "team/app-dev team/app-dev"],
    ),
    // A source of the same name is in the way at home, and only there.
    (
        "{parameters: [{name: x, valueFrom: {secretKeyRef: {name: app, key: k}}}], targets: [{namespace: b, secret: {name: app}}]}",
        &["b/app b/app"],
    ),
];

#[test]
fn in_other_namespaces_an_output_has_the_credential_name() {
    for (text, expected) in NAMES {
        let mut value = yaml(text);
        value["authentication"] = serde_json::json!({"type": "None"});
        let spec = crate::support::typed(value);
        let all = environments(&spec).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"));
        let targets = all.iter().flat_map(|environment| &environment.targets);
        let names = |it: &Target| format!("{0}/{1} {0}/{2}", it.namespace, it.secret_name, it.config_map_name);
        assert_eq!(targets.clone().map(names).collect::<Vec<_>>(), *expected, "{text}");
        // And whoever is asked who wants to write where says the same.
        let elsewhere = resolve::targets_elsewhere(&spec, &identity());
        let elsewhere: BTreeSet<String> = elsewhere.iter().map(names).collect();
        assert_eq!(elsewhere, targets.filter(|it| it.namespace != "team").map(names).collect(), "{text}");
    }
}

#[test]
fn two_environments_in_one_other_namespace_need_names() {
    let both = "authentication: {type: None}\nenvironments: [{name: a, targets: [{namespace: b}]}, {name: c, targets: [{namespace: b}]}]";
    let problems = crate::support::problems(&spec(both));
    assert!(problems.contains(&"TargetConflict spec.environments[c].targets[0]".to_owned()), "{problems:?}");
}
