//! The names of keys: style, prefix, renamed, left out; which scope they are taken from; and what is refused.

use crate::support::{assert_same, effective, environments, problems, spec, with_environment};

const BASE: &str = "
authentication: {type: APIKey, apiKey: {key: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}
connection: {host: h, tls: {ca: {value: c}}}
";

/// The keys of the Secret and of the ConfigMap.
fn keys(text: &str) -> (String, String) {
    let (secret, config_map) = effective(&spec(text));
    let join = |keys: crate::support::Keys| keys.into_keys().collect::<Vec<_>>().join(" ");
    (join(secret), join(config_map))
}

#[test]
fn keys_have_the_style_prefix_and_names_that_are_asked_for() {
    for (keys_of_output, secret, config_map) in [
        ("{}", "api-key", "auth-type ca.crt host"),
        ("{style: Kebab}", "api-key", "auth-type ca.crt host"),
        ("{style: EnvironmentVariable}", "API_KEY", "AUTH_TYPE CA_CRT HOST"),
        ("{style: EnvironmentVariable, prefix: X_}", "X_API_KEY", "X_AUTH_TYPE X_CA_CRT X_HOST"),
        ("{prefix: x.}", "x.api-key", "x.auth-type x.ca.crt x.host"),
        ("{rename: [{key: api-key, to: TOKEN}]}", "TOKEN", "auth-type ca.crt host"),
        ("{prefix: x-, rename: [{key: host, to: HOST}]}", "x-api-key", "HOST x-auth-type x-ca.crt"),
        ("{drop: [auth-type, ca.crt]}", "api-key", "host"),
        ("{style: None}", "", ""),
        ("{style: None, rename: [{key: api-key, to: TOKEN}, {key: host, to: HOST}]}", "TOKEN", "HOST"),
    ] {
        let actual = keys(&format!("{BASE}output: {{keys: {keys_of_output}}}"));
        assert_eq!((actual.0.as_str(), actual.1.as_str()), (secret, config_map), "{keys_of_output}");
    }
}

#[test]
fn each_field_of_a_shape_replaces_that_of_the_scope_below() {
    let base = format!("{BASE}output: {{keys: {{style: EnvironmentVariable, drop: [auth-type, ca.crt]}}}}");
    for (environment, target, expected) in [
        ("{}", "{}", "API_KEY/ENVIRONMENT HOST"),
        ("{keys: {prefix: E_}}", "{}", "E_API_KEY/E_ENVIRONMENT E_HOST"),
        ("{keys: {prefix: E_}}", "{keys: {prefix: T_}}", "T_API_KEY/T_ENVIRONMENT T_HOST"),
        ("{keys: {drop: [host]}}", "{}", "API_KEY/AUTH_TYPE CA_CRT ENVIRONMENT"),
        ("{keys: {drop: []}}", "{keys: {style: Kebab}}", "api-key/auth-type ca.crt environment host"),
        ("{keys: {style: Kebab}}", "{keys: {drop: [environment]}}", "api-key/auth-type ca.crt host"),
    ] {
        let spec = with_environment(&base, &format!("output: {environment}\ntargets: [{{output: {target}}}]"));
        let (secret, config_map) = effective(&spec);
        let join = |keys: crate::support::Keys| keys.into_keys().collect::<Vec<_>>().join(" ");
        assert_eq!(format!("{}/{}", join(secret), join(config_map)), expected, "{environment} {target}");
    }
}

#[test]
fn presets_and_templates_of_a_scope_replace_those_below_whole() {
    let base = format!(
        "{BASE}output: {{presets: [{{name: OpenAIEnvironment}}], templates: [{{key: t, format: Text, template: x}}], keys: {{style: None}}}}"
    );
    for (environment, secret, config_map) in [
        ("{}", "OPENAI_API_KEY", "OPENAI_BASE_URL t"),
        ("{presets: []}", "", "t"),
        ("{templates: []}", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
        ("{templates: [{key: u, format: Text, template: '{{ api_key }}'}]}", "OPENAI_API_KEY u", "OPENAI_BASE_URL"),
    ] {
        let spec = with_environment(&base, &format!("output: {environment}"));
        let (actual_secret, actual_config_map) = effective(&spec);
        let join = |keys: crate::support::Keys| keys.into_keys().collect::<Vec<_>>().join(" ");
        assert_eq!((join(actual_secret), join(actual_config_map)), (secret.to_owned(), config_map.to_owned()));
    }
}

#[test]
fn two_that_give_one_key_are_refused_with_both_names() {
    for (output, path, first) in [
        (
            "{keys: {rename: [{key: api-key, to: x}]}, templates: [{key: x, format: Text, template: '{{ api_key }}'}]}",
            "spec.output.templates[0]",
            "spec.authentication.apiKey.key",
        ),
        (
            "{presets: [{name: RedisURL, key: x}, {name: SMTPURL, key: x}]}",
            "spec.output.presets[1]",
            "spec.output.presets[0]",
        ),
        ("{keys: {rename: [{key: host, to: auth-type}]}}", "spec.connection.host", "spec.authentication.type"),
        ("{templates: [{key: host, format: Text, template: x}]}", "spec.output.templates[0]", "spec.connection.host"),
        (
            "{templates: [{key: a, format: Text, template: x}, {key: a, format: Text, template: y}]}",
            "spec.output.templates[1]",
            "spec.output.templates[0]",
        ),
    ] {
        let problems = environments(&spec(&format!("{BASE}output: {output}"))).expect_err(output);
        let [problem] = &problems[..] else { panic!("{output}: {problems:?}") };
        assert_eq!((problem.reason.word(), problem.path()), ("KeyConflict", path), "{output}");
        assert!(problem.message.contains(&format!("which {first} gives already")), "{problem}");
    }
}

#[test]
fn a_key_that_goes_to_the_other_object_does_not_collide() {
    let text = format!("{BASE}output: {{templates: [{{key: host, format: Text, template: '{{{{ api_key }}}}'}}]}}");
    assert_same("host in the Secret", problems(&spec(&text)), &[]);
}

#[test]
fn a_shape_that_means_nothing_is_refused_at_its_field() {
    for (output, path) in [
        ("{keys: {rename: [{key: pasword, to: X}]}}", "spec.output.keys.rename[0].key"),
        ("{keys: {rename: [{key: host, to: X}, {key: host, to: Y}]}}", "spec.output.keys.rename[1].key"),
        ("{keys: {rename: [{key: host, to: X}], drop: [host]}}", "spec.output.keys.rename[0].key"),
        ("{keys: {style: None, prefix: X_}}", "spec.output.keys.prefix"),
        ("{presets: [{name: RedisURL, key: '..'}]}", "spec.output.presets[0]"),
        ("{templates: [{key: '.', format: Text, template: x}]}", "spec.output.templates[0]"),
        ("{keys: {rename: [{key: host, to: 'a/b'}]}}", "spec.connection.host"),
    ] {
        let all = problems(&spec(&format!("{BASE}output: {output}")));
        assert_eq!(all, [format!("InvalidSpec {path}")], "{output}");
    }
}

#[test]
fn a_rename_of_the_base_may_be_for_one_environment_alone() {
    let text = format!(
        "{BASE}output: {{keys: {{rename: [{{key: port, to: PORT}}]}}}}\nenvironments: [{{name: a}}, {{name: b, connection: {{port: 1}}}}]"
    );
    assert_same("port", problems(&spec(&text)), &[]);
}

#[test]
fn a_service_binding_takes_presets_and_templates_and_no_keys() {
    let binding = format!("{BASE}targets: [{{secret: {{layout: ServiceBinding}}}}]\n");
    let given = "{presets: [{name: RedisURL}], templates: [{key: t, format: Text, template: '{{ host }}'}]}";
    let (secret, config_map) = effective(&spec(&format!("{binding}output: {given}")));
    assert_eq!(secret.into_keys().collect::<Vec<_>>().join(" "), "REDIS_URL api-key certificates host t type");
    assert_eq!(config_map.into_keys().collect::<Vec<_>>().join(" "), "REDIS_URL auth-type ca.crt host t");
    for keys in ["{style: None}", "{prefix: x}", "{drop: [host]}", "{rename: [{key: host, to: h}]}"] {
        let all = problems(&spec(&format!("{binding}output: {{keys: {keys}}}")));
        assert!(all.iter().any(|problem| problem.starts_with("InvalidSpec spec.output.keys.")), "{keys}: {all:?}");
    }
    let undone = binding.replace("[{secret", "[{output: {keys: {prefix: ''}}, secret");
    assert_same("undone", problems(&spec(&format!("{undone}output: {{keys: {{prefix: x}}}}"))), &[]);
}
