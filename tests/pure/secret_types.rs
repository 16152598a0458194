//! Types of Secrets: the keys that each needs, in words, before and after the values are there.

use std::collections::BTreeMap;

use appcredential_api::{SecretType, SensitiveBytes};
use serde_json::json;

use crate::support::{output, problems, spec};

const ALL: [SecretType; 5] =
    [SecretType::Opaque, SecretType::BasicAuth, SecretType::SshAuth, SecretType::Tls, SecretType::DockerConfigJson];

/// A type, keys, and what is missing among them.
#[rustfmt::skip]
const KEYS: &[(&str, &[&str], Option<&str>)] = &[
    ("Opaque", &[], None),
    ("Opaque", &["anything"], None),
    ("kubernetes.io/basic-auth", &["username"], None),
    ("kubernetes.io/basic-auth", &["password"], None),
    ("kubernetes.io/basic-auth", &["password", "username", "host"], None),
    ("kubernetes.io/basic-auth", &[], Some("username or password")),
    ("kubernetes.io/basic-auth", &["Username", "token"], Some("username or password")),
    ("kubernetes.io/ssh-auth", &["ssh-privatekey", "username"], None),
    ("kubernetes.io/ssh-auth", &["ssh-passphrase", "username"], Some("ssh-privatekey")),
    ("kubernetes.io/tls", &["tls.crt", "tls.key"], None),
    ("kubernetes.io/tls", &["tls.crt"], Some("tls.crt and tls.key")),
    ("kubernetes.io/tls", &["tls.key"], Some("tls.crt and tls.key")),
    ("kubernetes.io/tls", &["tls", "crt", "key"], Some("tls.crt and tls.key")),
    ("kubernetes.io/dockerconfigjson", &[".dockerconfigjson"], None),
    ("kubernetes.io/dockerconfigjson", &["dockerconfigjson"], Some(".dockerconfigjson")),
];

fn of(word: &str) -> SecretType {
    serde_json::from_value(json!(word)).unwrap()
}

fn data(keys: &[&str], value: &str) -> BTreeMap<String, SensitiveBytes> {
    keys.iter().map(|key| ((*key).to_owned(), SensitiveBytes::from(value))).collect()
}

#[test]
fn the_types_have_exactly_the_words_of_the_schema() {
    for kind in ALL {
        assert_eq!(of(kind.word()), kind);
    }
    for word in [
        "kubernetes.io/service-account-token",
        "bootstrap.kubernetes.io/token",
        "helm.sh/release.v1",
        "kubernetes.io/dockercfg",
        "opaque",
        "",
    ] {
        assert!(serde_json::from_value::<SecretType>(json!(word)).is_err(), "{word}");
    }
}

#[test]
fn what_a_type_needs_is_reported_before_and_after_filling() {
    for (word, keys, missing) in KEYS {
        assert_eq!(of(word).missing(keys.iter().copied()), *missing, "{word} {keys:?}");
        let problem = missing.map(|needs| format!("type {word} needs the key {needs}"));
        assert_eq!(SecretType::problem(word, &data(keys, "{}")), problem, "{word} {keys:?}");
    }
}

#[test]
fn a_configuration_of_registries_has_to_be_a_json_object() {
    let docker = SecretType::DockerConfigJson.word();
    let key = [".dockerconfigjson"];
    for value in
        ["{}", "{\"auths\": {\"r\": {\"auth\": \"eA==\"}}}", " {\"a\": [1, 2.5e10, null]} ", "{\"a\": 1, \"a\": 2}"]
    {
        assert_eq!(SecretType::problem(docker, &data(&key, value)), None, "{value}");
    }
    for value in ["", "not JSON", "{", "{} {}", "[]", "\"text\"", "1", "true"] {
        let problem = SecretType::problem(docker, &data(&key, value));
        assert!(problem.is_some_and(|said| said.starts_with(&format!("type {docker} needs"))), "{value}");
    }
    let binary = [(".dockerconfigjson".to_owned(), SensitiveBytes::from(vec![0xff, 0xfe]))];
    assert!(SecretType::problem(docker, &binary.into()).is_some());
}

#[test]
fn a_problem_tells_nothing_of_a_value() {
    let said = SecretType::problem(SecretType::DockerConfigJson.word(), &data(&[".dockerconfigjson"], "hunter2"));
    assert!(!said.unwrap().contains("hunter2"));
}

#[test]
fn types_that_are_none_of_ours_have_no_problem() {
    for word in ["Opaque", "servicebinding.io/redis", "example.com/any"] {
        assert_eq!(SecretType::problem(word, &data(&[], "")), None, "{word}");
    }
}

const BASIC: &str = "authentication: {type: Basic, basic: {username: {value: u}, password: {value: p}}}";

#[test]
fn a_target_has_the_type_that_it_asks_for_and_opaque_without() {
    for (target, expected) in [
        ("{}", "Opaque"),
        ("{secret: {name: x}}", "Opaque"),
        ("{secret: {type: Opaque}}", "Opaque"),
        ("{secret: {type: kubernetes.io/basic-auth}}", "kubernetes.io/basic-auth"),
        ("{secret: {layout: Split, type: kubernetes.io/basic-auth}}", "kubernetes.io/basic-auth"),
        ("{secret: {layout: ServiceBinding}}", "servicebinding.io/db"),
    ] {
        let output = output(&spec(&format!("{BASIC}\ntargets: [{target}]")));
        assert_eq!(output.secret.secret_type.as_deref(), Some(expected), "{target}");
        assert_eq!(output.config_map.secret_type, None);
    }
}

#[test]
fn a_type_whose_keys_no_field_gives_is_not_accepted() {
    for (authentication, kind, accepted) in [
        (BASIC, "kubernetes.io/basic-auth", true),
        (BASIC, "kubernetes.io/tls", false),
        ("authentication: {type: None}", "kubernetes.io/basic-auth", false),
        (
            "authentication: {type: SASL, sasl: {mechanism: PLAIN, username: {value: u}, password: {value: p}}}",
            "kubernetes.io/basic-auth",
            true,
        ),
        // A key of the ConfigMap is none of the Secret.
        ("authentication: {type: None}\nparameters: [{name: username, value: u}]", "kubernetes.io/basic-auth", false),
    ] {
        let found =
            problems(&spec(&format!("{authentication}\ntargets: [{{}}, {{namespace: b, secret: {{type: {kind}}}}}]")));
        let expected: &[&str] = if accepted { &[] } else { &["InvalidSpec spec.targets[1].secret.type"] };
        assert_eq!(found, expected, "{authentication} {kind}");
    }
    let both = problems(&spec(&format!("{BASIC}\ntargets: [{{secret: {{layout: ServiceBinding, type: Opaque}}}}]")));
    assert_eq!(both, ["InvalidSpec spec.targets[0].secret.type"]);
}
