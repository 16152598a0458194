//! Where the fields of an environment come from.

use std::collections::BTreeSet;

use appcredential_core::resolve::{Origin, Provenance, trace};
use proptest::prelude::*;

use crate::choices::{cases, chosen};
use crate::specs;
use crate::support::{environments, with_environment};

/// Base, environment, and each field with its provenance; of an override also what a reset would bring back.
const ROWS: &[(&str, &str, &str)] = &[
    ("connection: {host: a}", "{}", "connection.host inherited"),
    ("connection: {host: a}", "connection: {host: b}", "connection.host over a"),
    ("connection: {host: a}", "connection: {host: a}", "connection.host over a"),
    ("{}", "connection: {host: b}", "connection.host own"),
    (
        "connection: {host: a, port: 1}",
        "connection: {uri: 'x:y'}",
        "connection.uri own, connection.host out, connection.port out",
    ),
    ("parameters: [{name: p, value: '1'}]", "{excludedParameters: [p]}", "parameters[p] out"),
    ("parameters: [{name: p, value: '1'}]", "parameters: [{name: p, value: '2'}]", "parameters[p] over 1"),
    ("scopes: [a, b]", "scopes: [c]", "scopes over a b"),
    (
        "authentication: {type: BearerToken, bearerToken: {token: {value: t}}}",
        "authentication: {type: None}",
        "authentication.type over BearerToken, authentication.bearerToken.token out",
    ),
];

#[test]
fn each_field_says_whether_it_is_own_inherited_or_taken_out() {
    for (base, environment, expected) in ROWS {
        let (_, traced) = trace(&with_environment(base, environment)).remove(0);
        let word = |provenance: &Provenance| match provenance {
            Provenance::Own => "own".to_owned(),
            Provenance::Inherited => "inherited".to_owned(),
            Provenance::Override { base: Origin::Plain(text) } => format!("over {}", text.expose()),
            Provenance::Override { base: Origin::Source { key, .. } } => format!("over the key {key}"),
            Provenance::Excluded => "out".to_owned(),
        };
        let told: Vec<String> =
            traced.iter().map(|traced| format!("{} {}", traced.field, word(&traced.provenance))).collect();
        assert_eq!(told.join(", "), *expected, "{base} | {environment}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_not_taken_out_is_what_the_outputs_are_made_of(spec in chosen(specs::spec)) {
        let Ok(environments) = environments(&spec) else { return Ok(()) };
        for (environment, (merged, traced)) in environments.iter().zip(trace(&spec)) {
            let there = traced.iter().filter(|traced| traced.provenance != Provenance::Excluded);
            let there: BTreeSet<&str> = there.map(|traced| traced.leaf.path.as_str()).collect();
            let below = format!("{}.", merged.path);
            let leaves = environment.leaves.iter().map(|leaf| leaf.path.as_str());
            let leaves = leaves.filter(|path| path.starts_with(&below) && !path.starts_with("spec.application."));
            prop_assert_eq!(there, leaves.collect::<BTreeSet<&str>>());
            prop_assert!(merged.name.is_some() || traced.iter().all(|traced| traced.provenance == Provenance::Own));
        }
    }
}
