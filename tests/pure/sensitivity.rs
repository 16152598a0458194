//! The sensitivity table: every class of leaf, in every kind of object and every layout.

use appcredential_api::{Kind, Layout};
use appcredential_core::resolve::{Class, key};

use crate::support::{effective, spec};

/// Class, then whether it goes to: Secret (Split), Secret (ServiceBinding), ConfigMap (Split), ConfigMap (ServiceBinding).
const TABLE: &[(Class, [bool; 4])] = &[
    (Class::Secret, [true, true, false, false]),
    (Class::Setting, [false, true, true, true]),
    (Class::Application, [false, true, false, false]),
    (Class::AuthType, [false, false, true, true]),
];

const PLACES: [(Kind, Layout); 4] = [
    (Kind::Secret, Layout::Split),
    (Kind::Secret, Layout::ServiceBinding),
    (Kind::ConfigMap, Layout::Split),
    (Kind::ConfigMap, Layout::ServiceBinding),
];

#[test]
fn each_class_goes_where_the_table_says_and_nowhere_else() {
    for (class, goes) in TABLE {
        for ((kind, layout), goes) in PLACES.iter().zip(goes) {
            assert_eq!(key(*class, "k", *kind, *layout), goes.then_some("k"), "{class:?} {kind} {layout:?}");
        }
    }
}

#[test]
fn a_ca_is_named_certificates_in_a_service_binding_secret_only() {
    for class in [Class::Setting, Class::Secret] {
        for (kind, layout) in PLACES {
            let expected =
                if (kind, layout) == (Kind::Secret, Layout::ServiceBinding) { "certificates" } else { "ca.crt" };
            if let Some(actual) = key(class, "ca.crt", kind, layout) {
                assert_eq!(actual, expected, "{class:?} {kind} {layout:?}");
            }
        }
    }
}

const EVERYTHING: &str = "
application: {type: db, provider: p}
authentication: {type: Basic, basic: {username: {value: u}, password: {valueFrom: {configMapKeyRef: {name: m, key: k}}}}}
connection:
  host: h
  tls: {ca: {value: c}}
  properties: [{name: plain-property, value: '1'}, {name: secret-property, valueFrom: {secretKeyRef: {name: s, key: k}}}]
scopes: [a]
parameters: [{name: plain, value: '1'}, {name: mapped, valueFrom: {configMapKeyRef: {name: m, key: k}}}, {name: secret, valueFrom: {secretKeyRef: {name: s, key: k}}}]
";

fn keys(layout: &str) -> (String, String) {
    let (secret, config_map) = effective(&spec(&format!(
        "{EVERYTHING}environments: [{{name: e, targets: [{{secret: {{layout: {layout}}}}}]}}]"
    )));
    let join = |keys: crate::support::Keys| keys.into_keys().collect::<Vec<_>>().join(" ");
    (join(secret), join(config_map))
}

#[test]
fn a_split_secret_has_authentication_and_values_from_secrets() {
    let (secret, config_map) = keys("Split");
    assert_eq!(secret, "password secret secret-property username");
    assert_eq!(config_map, "auth-type ca.crt environment host mapped plain plain-property scopes");
}

#[test]
fn a_service_binding_secret_has_all_but_the_authentication_type() {
    let (secret, config_map) = keys("ServiceBinding");
    let all = "certificates environment host mapped password plain plain-property provider scopes secret secret-property type username";
    assert_eq!(secret, all);
    assert_eq!(config_map, keys("Split").1, "the ConfigMap does not depend on the layout");
}

#[test]
fn a_ca_from_a_secret_stays_out_of_the_config_map() {
    for (layout, expected) in [("Split", "ca.crt"), ("ServiceBinding", "certificates")] {
        let (secret, config_map) = effective(&spec(&format!(
            "authentication: {{type: None}}\nconnection: {{tls: {{ca: {{valueFrom: {{secretKeyRef: {{name: s, key: k}}}}}}}}}}\ntargets: [{{secret: {{layout: {layout}}}}}]"
        )));
        assert_eq!(secret[expected], "Secret/s/k");
        assert_eq!(config_map.keys().collect::<Vec<_>>(), ["auth-type"]);
    }
}
