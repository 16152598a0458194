//! Collisions: two fields on one key of one output, two targets on one object, and targets that this version does not do.

use crate::support::{assert_same, environments, problems, spec};

const BASIC: &str = "authentication: {type: Basic, basic: {username: {value: u}, password: {value: p}}}\n";
const NONE: &str = "authentication: {type: None}\n";

fn custom(name: &str) -> String {
    format!("authentication: {{type: Custom, custom: {{fields: [{{name: {name}, value: x}}]}}}}\n")
}

fn plain(name: &str) -> String {
    format!("parameters: [{{name: {name}, value: x}}]\n")
}

fn secret(name: &str) -> String {
    format!("parameters: [{{name: {name}, valueFrom: {{secretKeyRef: {{name: s, key: k}}}}}}]\n")
}

const BINDING: &str = "targets: [{secret: {layout: ServiceBinding}}]\n";

#[test]
fn two_fields_on_one_key_of_the_config_map_are_refused() {
    for (name, connection) in [
        ("protocol", "protocol: p"),
        ("host", "host: h"),
        ("port", "port: 1"),
        ("path", "path: p"),
        ("uri", "uri: 'a://b'"),
        ("database", "database: d"),
        ("endpoints", "endpoints: [e]"),
        ("tls-mode", "tls: {mode: Require}"),
        ("tls-server-name", "tls: {serverName: s}"),
        ("ca.crt", "tls: {ca: {value: c}}"),
        ("other", "properties: [{name: other, value: v}]"),
    ] {
        let text = format!("{NONE}connection: {{{connection}}}\n{}", plain(name));
        assert_same(&text, problems(&spec(&text)), &[&format!("KeyConflict spec.parameters[{name}]")]);
        let alone = format!("{NONE}{}", plain(name));
        assert_same(&alone, problems(&spec(&alone)), &[]);
    }
    let text = format!("{NONE}{}", plain("auth-type"));
    assert_same("auth-type", problems(&spec(&text)), &["KeyConflict spec.parameters[auth-type]"]);
    let text = format!("{NONE}scopes: [s]\n{}", plain("scopes"));
    assert_same("scopes", problems(&spec(&text)), &["KeyConflict spec.parameters[scopes]"]);
    let text = format!("{NONE}{}environments: [{{name: e}}]", plain("environment"));
    let expected = ["KeyConflict spec.environments[e].parameters[environment]"];
    assert_same("environment", problems(&spec(&text)), &expected);
    assert_same("no environments", problems(&spec(&format!("{NONE}{}", plain("environment")))), &[]);
}

#[test]
fn two_fields_on_one_key_of_the_secret_are_refused() {
    let text = format!("{BASIC}{}", secret("password"));
    assert_same("parameter", problems(&spec(&text)), &["KeyConflict spec.parameters[password]"]);
    let property = "connection: {properties: [{name: username, valueFrom: {secretKeyRef: {name: s, key: k}}}]}\n";
    let expected = ["KeyConflict spec.connection.properties[username]"];
    assert_same("property", problems(&spec(&format!("{BASIC}{property}"))), &expected);
    let ca = "connection: {tls: {ca: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}\n";
    let expected = ["KeyConflict spec.connection.tls.ca"];
    assert_same("ca from a Secret", problems(&spec(&format!("{}{ca}", custom("ca.crt")))), &expected);
}

#[test]
fn a_key_in_the_secret_and_one_in_the_config_map_never_collide() {
    for text in [
        format!("{BASIC}{}", plain("password")),
        format!("{}connection: {{host: h}}", custom("host")),
        custom("type"),
        custom("auth-type"),
        format!("{NONE}connection: {{host: h}}\n{}", secret("host")),
        format!("{NONE}{}", plain("type")),
    ] {
        assert_same(&text, problems(&spec(&text)), &[]);
    }
}

#[test]
fn a_service_binding_secret_has_every_key_so_more_collide() {
    for (text, path) in [
        (format!("{BASIC}{}", plain("password")), "spec.parameters[password]"),
        (format!("{}connection: {{host: h}}\n", custom("host")), "spec.connection.host"),
        (custom("type"), "spec.authentication.custom.fields[type]"),
        (format!("application: {{type: db, provider: p}}\n{NONE}{}", plain("provider")), "spec.parameters[provider]"),
        (format!("{NONE}{}", plain("type")), "spec.parameters[type]"),
        (
            format!("{NONE}connection: {{tls: {{ca: {{value: c}}}}}}\n{}", plain("certificates")),
            "spec.parameters[certificates]",
        ),
    ] {
        assert_same(&text, problems(&spec(&format!("{text}{BINDING}"))), &[&format!("KeyConflict {path}")]);
        assert_same(&text, problems(&spec(&text)), &[]);
    }
    // `auth-type` is not in a ServiceBinding Secret, and `provider` only where it is set.
    for text in [custom("auth-type"), custom("provider"), custom("ca.crt")] {
        assert_same(&text, problems(&spec(&format!("{text}{BINDING}"))), &[]);
    }
}

#[test]
fn a_collision_is_reported_once_an_object_for_any_targets() {
    let targets = "targets: [{secret: {name: a}, configMap: {name: a}}, {secret: {name: b}, configMap: {name: b}}]";
    let text = format!("{NONE}connection: {{host: h}}\n{}{targets}", plain("host"));
    assert_same("two targets", problems(&spec(&text)), &["KeyConflict spec.parameters[host]"]);
    let three = format!("{NONE}parameters: [{{name: a, value: x}}, {{name: a, value: y}}, {{name: a, value: z}}]");
    let problems = environments(&spec(&three)).unwrap_err();
    assert!(problems.iter().all(|problem| problem.to_string().contains("gives the key a in the ConfigMap")));
}

#[test]
fn two_targets_on_one_object_are_refused_in_any_environments() {
    for (text, expected) in [
        ("targets: [{}, {}]", ["TargetConflict spec.targets[1]", "TargetConflict spec.targets[1]"].as_slice()),
        ("targets: [{}, {secret: {name: a}}]", &["TargetConflict spec.targets[1]"]),
        ("targets: [{}, {configMap: {name: a}}]", &["TargetConflict spec.targets[1]"]),
        ("targets: [{secret: {name: a}}, {configMap: {name: a}}]", &[]),
        (
            "environments: [{name: a}, {name: b, targets: [{secret: {name: app-a}}]}]",
            &["TargetConflict spec.environments[b].targets[0]"],
        ),
        (
            "environments: [{name: a, targets: [{configMap: {name: x}}]}, {name: b, targets: [{}, {secret: {name: y}, configMap: {name: x}}]}]",
            &["TargetConflict spec.environments[b].targets[1]"],
        ),
        ("environments: [{name: a}, {name: b}]", &[]),
    ] {
        assert_same(text, problems(&spec(&format!("{NONE}{text}"))), expected);
    }
}

#[test]
fn a_secret_and_a_config_map_of_one_name_are_two_objects() {
    let text = format!("{NONE}targets: [{{secret: {{name: x}}, configMap: {{name: x}}}}]");
    assert_same("one name", problems(&spec(&text)), &[]);
}

#[test]
fn a_target_that_is_a_source_of_the_credential_is_refused() {
    let reads = "authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}\nparameters: [{name: x, valueFrom: {configMapKeyRef: {name: m, key: k}}}]\n";
    for (targets, expected) in [
        ("[{secret: {name: s}}]", ["TargetConflict spec.targets[0].secret.name"].as_slice()),
        ("[{configMap: {name: m}}]", &["TargetConflict spec.targets[0].configMap.name"]),
        ("[{secret: {name: m}, configMap: {name: s}}]", &[]),
    ] {
        assert_same(targets, problems(&spec(&format!("{reads}targets: {targets}"))), expected);
    }
    let other = "environments: [{name: a, targets: [{secret: {name: t}}]}, {name: b, authentication: {bearerToken: {token: {valueFrom: {secretKeyRef: {name: t, key: k}}}}}}]";
    let expected = ["TargetConflict spec.environments[a].targets[0].secret.name"];
    assert_same("a source of another environment", problems(&spec(&format!("{reads}{other}"))), &expected);
}
