//! What becomes of a value whose source is there, missing, empty or unreadable, optional or not.

use std::collections::BTreeMap;

use appcredential_api::{Kind, Reason, SensitiveBytes};
use appcredential_core::resolve::{Filled, Inputs, Source, SourceKey};

use crate::support::{environment, spec};

/// An environment with one parameter `p` from the key `k` of the object `o`.
fn fill(kind: Kind, optional: &str, source: Option<Source>) -> Result<Filled, String> {
    let word = if kind == Kind::Secret { "secretKeyRef" } else { "configMapKeyRef" };
    let reference = format!("{{{word}: {{name: o, key: k{optional}}}}}");
    let text = format!("authentication: {{type: None}}\nparameters: [{{name: p, valueFrom: {reference}}}]");
    let inputs: Inputs = source.map(|source| (SourceKey { kind, name: "o".to_owned() }, source)).into_iter().collect();
    environment(&spec(&text)).fill(&inputs).map_err(|problems| {
        let lines = problems.iter().map(|problem| format!("{} {problem}", problem.reason));
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn found(key: &str, value: &str) -> Option<Source> {
    Some(Source::Found(BTreeMap::from([(key.to_owned(), SensitiveBytes::from(value))])))
}

/// The value that came out for the parameter, if any did.
fn value(filled: &Filled) -> Option<&[u8]> {
    filled.leaves.iter().find(|leaf| leaf.key == "p").map(|leaf| leaf.value.expose())
}

const REQUIRED: [&str; 2] = ["", ", optional: false"];
const OPTIONAL: &str = ", optional: true";

/// The states in which there is no value, with what is told where it is not optional.
fn absent(kind: Kind) -> Vec<(Option<Source>, String)> {
    let not_found = format!("{kind}NotFound spec.parameters[p]: {kind} o does not exist; create it");
    vec![
        (Some(Source::Missing), not_found.clone()),
        (None, not_found),
        (found("other", "x"), format!("KeyNotFound spec.parameters[p]: {kind} o has no key k; add it")),
        (found("k", ""), format!("ValueEmpty spec.parameters[p]: {kind} o has an empty key k; give it a value")),
    ]
}

#[test]
fn a_value_that_is_there_is_taken_byte_for_byte() {
    for kind in [Kind::Secret, Kind::ConfigMap] {
        for optional in REQUIRED.into_iter().chain([OPTIONAL]) {
            for text in ["x", " ", "\n", "two\r\nlines\n"] {
                let filled = fill(kind, optional, found("k", text)).unwrap();
                assert_eq!(value(&filled), Some(text.as_bytes()), "{kind} {text:?}");
            }
        }
    }
}

#[test]
fn a_missing_or_empty_value_is_reported_by_field_and_source() {
    for kind in [Kind::Secret, Kind::ConfigMap] {
        for optional in REQUIRED {
            for (source, expected) in absent(kind) {
                assert_eq!(fill(kind, optional, source).unwrap_err(), expected);
            }
        }
    }
}

#[test]
fn a_missing_or_empty_optional_value_leaves_its_key_out() {
    for kind in [Kind::Secret, Kind::ConfigMap] {
        for (source, name) in absent(kind) {
            assert_eq!(value(&fill(kind, OPTIONAL, source).unwrap()), None, "{name}");
        }
    }
}

/// What cannot be read may be there: leaving it out would take it away from those who use it.
#[test]
fn an_unreadable_optional_value_is_still_a_problem() {
    for optional in REQUIRED.into_iter().chain([OPTIONAL]) {
        let failed = Source::Failed(Reason::Forbidden, "may not be read".to_owned());
        let told = fill(Kind::Secret, optional, Some(failed)).unwrap_err();
        assert_eq!(told, "Forbidden spec.parameters[p]: Secret o: may not be read");
    }
}

#[test]
fn a_secret_and_a_config_map_of_one_name_are_two_sources() {
    let config_map = (SourceKey { kind: Kind::ConfigMap, name: "o".to_owned() }, found("k", "x").unwrap());
    let text = "authentication: {type: None}\nparameters: [{name: p, valueFrom: {secretKeyRef: {name: o, key: k}}}]";
    let problems = environment(&spec(text)).fill(&Inputs::from([config_map])).unwrap_err();
    assert_eq!(problems[0].reason, Reason::SecretNotFound);
}

#[test]
fn all_missing_values_are_reported_at_once() {
    let text = "authentication: {type: Basic, basic: {username: {valueFrom: {secretKeyRef: {name: a, key: k}}}, password: {valueFrom: {secretKeyRef: {name: b, key: k}}}}}
connection: {tls: {ca: {valueFrom: {configMapKeyRef: {name: c, key: k}}}}}";
    let problems = environment(&spec(text)).fill(&Inputs::new()).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path()).collect();
    assert_eq!(
        paths,
        ["spec.authentication.basic.username", "spec.authentication.basic.password", "spec.connection.tls.ca"]
    );
}
