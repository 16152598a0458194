//! Secrets that stand readable: the operator's own check, held against the table that the schema and the policy are held against.

use std::collections::BTreeSet;

use appcredential_api::plain;
use serde_json::{Value, json};

use crate::plain_cases::*;
use crate::support::{problems, typed, yaml};

/// The cases for which this does not hold.
fn not<'a>(cases: &[&'a str], holds: impl Fn(&str) -> bool) -> Vec<&'a str> {
    cases.iter().copied().filter(|case| !holds(case)).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn a_value_that_is_named_like_a_secret_is_one() {
    assert_eq!(not(SECRET_NAMES, |name| plain::is_secret(name, "s3cret")), NONE);
    assert_eq!(not(HARMLESS_NAMES, |name| !plain::is_secret(name, "s3cret")), NONE);
    for name in SECRET_NAMES {
        assert_eq!(not(HARMLESS_VALUES, |value| !plain::is_secret(name, value)), NONE, "{name}");
    }
}

#[test]
fn a_password_is_found_in_every_spelling_of_a_uri() {
    assert_eq!(not(SECRET_URIS, plain::is_in_uri), NONE);
    assert_eq!(not(HARMLESS_URIS, |uri| !plain::is_in_uri(uri)), NONE);
    assert_eq!(not(SECRET_ADDRESSES, plain::is_in_address), NONE);
    assert_eq!(not(HARMLESS_ADDRESSES, |address| !plain::is_in_address(address)), NONE);
}

#[test]
fn a_text_that_holds_a_secret_is_one_whatever_it_is_named() {
    let secret = [SECRET_TEXTS, SECRET_URIS, SECRET_ADDRESSES].concat();
    assert_eq!(not(&secret, |text| plain::is_secret("x", text)), NONE);
    let harmless = [HARMLESS_TEXTS, HARMLESS_URIS, HARMLESS_ADDRESSES, HARMLESS_VALUES].concat();
    assert_eq!(not(&harmless, |text| !plain::is_secret("x", text)), NONE);
}

#[test]
fn every_text_with_a_secret_has_a_sign_of_one() {
    let sign = regex::Regex::new(plain::SIGN).unwrap();
    let secret = [SECRET_TEXTS, SECRET_URIS, SECRET_ADDRESSES].concat();
    assert_eq!(not(&secret, |text| sign.is_match(text)), NONE);
}

#[test]
fn an_address_with_a_password_never_reaches_a_config_map() {
    let told =
        |connection: Value| problems(&typed(json!({"authentication": {"type": "None"}, "connection": connection})));
    let refused = |field: &str| vec![format!("InvalidSpec spec.connection.{field}")];
    assert_eq!(not(SECRET_URIS, |uri| told(json!({"uri": uri})) == refused("uri")), NONE);
    assert_eq!(not(HARMLESS_URIS, |uri| told(json!({"uri": uri})).is_empty()), NONE);
    assert_eq!(not(SECRET_ADDRESSES, |it| told(json!({"endpoints": ["b:1", it]})) == refused("endpoints")), NONE);
    assert_eq!(not(HARMLESS_ADDRESSES, |it| told(json!({"endpoints": [it]})).is_empty()), NONE);
}

#[test]
fn each_field_with_a_plain_secret_is_named_and_no_other() {
    let spec = typed(yaml(
        "
authentication: {type: Basic, basic: {username: {value: u}, password: {value: p}}}
connection: {uri: https://h/?token=x, endpoints: [u:p@tcp(h)/db], properties: [{name: db_password, value: p}, {name: x, value: y}]}
parameters: [{name: token, value: t}, {name: url, value: redis://:p@h}, {name: token_url, value: https://h/token}, {name: pw, valueFrom: {secretKeyRef: {name: s, key: k}}}]
environments:
- name: a
  authentication: {basic: {password: {value: p}}, oauth2: {tokenURL: https://u:p@h/token}, custom: {fields: [{name: key, value: k}, {name: pin, value: '1'}, {name: api_key, value: k}]}}
  parameters: [{name: secret, value: s}]
- name: b
  authentication: {basic: {password: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}",
    ));
    let expected = [
        "spec.authentication.basic.password",
        "spec.connection.uri",
        "spec.connection.endpoints",
        "spec.connection.properties[db_password]",
        "spec.parameters[token]",
        "spec.parameters[url]",
        "spec.environments[a].authentication.basic.password",
        "spec.environments[a].authentication.oauth2.tokenURL",
        "spec.environments[a].authentication.custom.fields[api_key]",
        "spec.environments[a].parameters[secret]",
    ];
    assert_eq!(plain::fields(&spec), expected.map(str::to_owned).into_iter().collect::<BTreeSet<_>>());
}
