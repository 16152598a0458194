//! The merge rules of the design, each with its number. Rule 4, connections, has a file of its own (`connecting`), and
//! so has rule 3 for every pair of types (`authentication`).

use appcredential_core::resolve::{Inputs, Source, merge};

use crate::rows::{check, row};
use crate::support::{assert_same, environments, identity, inputs, outputs, problems, spec, text, with_environment};

const BASIC: &str = "authentication: {type: Basic, basic: {username: {value: u}, password: {value: p}}}";
const REFERENCED: &str = "authentication: {type: Basic, basic: {username: {value: u}, password: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}";

#[test]
fn rule_1_without_environments_spec_targets_serve_the_only_one() {
    let none = "authentication: {type: None}\nconnection: {host: h}\n";
    for (targets, names) in [
        ("", vec![("app", "app")]),
        ("environments: []\ntargets: []", vec![("app", "app")]),
        ("targets: [{secret: {name: one}}]", vec![("one", "app")]),
        ("targets: [{secret: {name: a}, configMap: {name: b}}, {}]", vec![("a", "b"), ("app", "app")]),
    ] {
        let all = environments(&spec(&format!("{none}{targets}"))).unwrap();
        assert_eq!(all.len(), 1, "{targets}");
        assert_eq!((all[0].name.as_deref(), all[0].label()), (None, "default"), "{targets}");
        let actual: Vec<_> = all[0]
            .targets
            .iter()
            .map(|target| (target.secret_name.as_str(), target.config_map_name.as_str()))
            .collect();
        assert_eq!(actual, names, "{targets}");
        for output in outputs(&identity(), &all[0]) {
            assert!(!text(&output.config_map).contains_key("environment"), "{targets}");
        }
    }
}

#[test]
fn rule_1_environments_exclude_spec_targets_and_a_synced_base() {
    for targets in ["targets: [{secret: {name: one}}]", "targets: []", "targets: [{}]"] {
        let spec = spec(&format!("authentication: {{type: None}}\nenvironments: [{{name: e}}]\n{targets}"));
        assert_same(targets, problems(&spec), &["InvalidSpec spec.targets"]);
    }
    let names: Vec<_> =
        merge(&spec("environments: [{name: a}, {name: b}]")).into_iter().map(|merged| merged.name).collect();
    assert_eq!(names, [Some("a".to_owned()), Some("b".to_owned())]);
}

#[test]
fn rule_2_environments_share_the_base_and_override_it() {
    check(&[
        row(
            "an environment that says nothing has the base",
            "authentication: {type: Basic, basic: {username: {value: u}, password: {value: p}}}\nconnection: {host: h, port: 1}\nscopes: [s]\nparameters: [{name: x, value: '1'}]",
            "",
            "{username: u, password: p}",
            "{auth-type: Basic, host: h, port: '1', scopes: s, x: '1'}",
        ),
        row(
            "a base that says nothing takes all from the environment",
            "authentication: {}",
            "authentication: {type: BearerToken, bearerToken: {token: {value: t}}}\nconnection: {host: h}\nscopes: [s]\nparameters: [{name: x, value: '1'}]",
            "{token: t}",
            "{auth-type: BearerToken, host: h, scopes: s, x: '1'}",
        ),
    ]);
}

#[test]
fn rule_2_environments_are_independent_of_each_other_and_order() {
    let a = "{name: a, authentication: {basic: {password: {value: pa}}}, connection: {host: ha}, scopes: [sa], parameters: [{name: x, value: xa}], excludedParameters: [y]}";
    let b = "{name: b, connection: {uri: https://b}}";
    let base = "authentication: {type: Basic, basic: {username: {value: u}, password: {value: p}}}\nparameters: [{name: y, value: yb}]";
    let read = |order: &str| {
        let all = environments(&spec(&format!("{base}\nenvironments: [{order}]"))).unwrap();
        let keys = |name: &str| {
            let environment = all.iter().find(|environment| environment.label() == name).unwrap();
            let output = outputs(&identity(), environment).remove(0);
            (text(&output.secret), text(&output.config_map))
        };
        (keys("a"), keys("b"))
    };
    let (first, second) = read(&format!("{a}, {b}"));
    assert_eq!((first.clone(), second.clone()), read(&format!("{b}, {a}")));
    assert_eq!(second.0["password"], "p", "nothing of a's password is in b");
    let keys: Vec<&str> = second.1.keys().map(String::as_str).collect();
    assert_eq!(keys, ["auth-type", "environment", "uri", "y"], "nothing of a's is in b");
    assert_eq!(first.0["password"], "pa");
}

#[test]
fn rule_3_authentication_merges_by_field_and_values_as_a_whole() {
    let plain = "authentication: {basic: {password: {value: new}}}";
    let reference = "authentication: {basic: {password: {valueFrom: {secretKeyRef: {name: t, key: l}}}}}";
    let map = "authentication: {type: Basic, basic: {password: {valueFrom: {configMapKeyRef: {name: m, key: l}}}}}";
    let config = "{auth-type: Basic}";
    check(&[
        row("plain over plain", BASIC, plain, "{username: u, password: new}", config),
        row("plain over a reference", REFERENCED, plain, "{username: u, password: new}", config),
        row("a reference over plain", BASIC, reference, "{username: u, password: Secret/t/l}", config),
        row("a reference over a reference", REFERENCED, reference, "{username: u, password: Secret/t/l}", config),
        row("another kind of reference", REFERENCED, map, "{username: u, password: ConfigMap/m/l}", config),
        row("an empty member inherits", BASIC, "authentication: {basic: {}}", "{username: u, password: p}", config),
        row("only the type inherits", BASIC, "authentication: {type: Basic}", "{username: u, password: p}", config),
        row("nothing inherits", BASIC, "authentication: {}", "{username: u, password: p}", config),
        row(
            "a member in the member is laid over by field",
            "authentication: {type: OAuth2, oauth2: {clientID: {value: c}, jwt: {issuer: i, algorithm: RS256}}}",
            "authentication: {oauth2: {jwt: {issuer: j, subject: s}}}",
            "{client-id: c, jwt-issuer: j, jwt-algorithm: RS256, jwt-subject: s}",
            "{auth-type: OAuth2}",
        ),
        row(
            "custom fields are laid over by name, whole entry",
            "authentication: {type: Custom, custom: {fields: [{name: a, value: '1'}, {name: b, valueFrom: {secretKeyRef: {name: s, key: k}}}]}}",
            "authentication: {custom: {fields: [{name: b, value: '2'}, {name: c, value: '3'}]}}",
            "{a: '1', b: '2', c: '3'}",
            "{auth-type: Custom}",
        ),
    ]);
}

#[test]
fn rule_3_another_type_replaces_all() {
    check(&[
        row("None", BASIC, "authentication: {type: None}", "{}", "{auth-type: None}"),
        row(
            "a type with a field of the same name",
            BASIC,
            "authentication: {type: SSHKey, sshKey: {privateKey: {value: k}}}",
            "{ssh-privatekey: k}",
            "{auth-type: SSHKey}",
        ),
        row("from None", "authentication: {type: None}", BASIC, "{username: u, password: p}", "{auth-type: Basic}"),
    ]);
}

#[test]
fn rule_5_scopes_are_replaced_whole_and_an_empty_list_is_none() {
    let base = "scopes: [a, b]";
    check(&[
        row("absent inherits", base, "", "{}", "{scopes: a b}"),
        row("replaced", base, "scopes: [c]", "{}", "{scopes: c}"),
        row("the order is kept", base, "scopes: [b, a]", "{}", "{scopes: b a}"),
        row("[] is none", base, "scopes: []", "{}", "{}"),
        row("added to nothing", "", "scopes: [c]", "{}", "{scopes: c}"),
        row("[] in the base", "scopes: []", "", "{}", "{}"),
    ]);
}

#[test]
fn rule_6_parameters_merge_by_name_and_excluded_ones_go() {
    let base = "parameters: [{name: a, value: '1'}, {name: b, valueFrom: {secretKeyRef: {name: s, key: k}}}]";
    check(&[
        row("inherited", base, "", "{b: Secret/s/k}", "{a: '1'}"),
        row("overridden", base, "parameters: [{name: a, value: '2'}]", "{b: Secret/s/k}", "{a: '2'}"),
        row("a secret one made plain", base, "parameters: [{name: b, value: '2'}]", "{}", "{a: '1', b: '2'}"),
        row(
            "a plain one made secret",
            base,
            "parameters: [{name: a, valueFrom: {secretKeyRef: {name: s, key: l}}}]",
            "{a: Secret/s/l, b: Secret/s/k}",
            "{}",
        ),
        row("added", base, "parameters: [{name: c, value: '3'}]", "{b: Secret/s/k}", "{a: '1', c: '3'}"),
        row("excluded", base, "excludedParameters: [b]", "{}", "{a: '1'}"),
        row("all excluded", base, "excludedParameters: [a, b]", "{}", "{}"),
        row("excluded without being there", base, "excludedParameters: [x]", "{b: Secret/s/k}", "{a: '1'}"),
        row("an empty list inherits", base, "parameters: []", "{b: Secret/s/k}", "{a: '1'}"),
        row("an empty value is a value", base, "parameters: [{name: a, value: ''}]", "{b: Secret/s/k}", "{a: ''}"),
        row(
            "a name like a path is a name",
            base,
            "parameters: [{name: x.authentication.y, value: ''}]",
            "{b: Secret/s/k}",
            "{a: '1', x.authentication.y: ''}",
        ),
    ]);
}

#[test]
fn rule_6_excluding_and_setting_one_name_is_refused() {
    for parameters in ["[]", "[{name: a, value: '1'}]"] {
        let text = format!(
            "authentication: {{type: None}}\nparameters: {parameters}\nenvironments: [{{name: e, parameters: [{{name: a, value: '2'}}], excludedParameters: [a]}}]"
        );
        let expected = ["InvalidSpec spec.environments[e].excludedParameters"];
        assert_same(parameters, problems(&spec(&text)), &expected);
    }
}

#[test]
fn rule_7_targets_are_never_inherited() {
    let text = "authentication: {type: None}\nenvironments:
    - {name: a, targets: [{secret: {name: one, layout: ServiceBinding}}, {secret: {name: two}, configMap: {name: two}}]}
    - {name: b}
    - {name: c, targets: []}";
    let all = environments(&spec(text)).unwrap();
    let names = |index: usize| -> Vec<String> {
        let targets = all[index].targets.iter();
        targets
            .map(|target| format!("{}/{} {}", target.namespace, target.secret_name, target.config_map_name))
            .collect()
    };
    assert_eq!(names(0), ["team/one app-a", "team/two two"]);
    assert_eq!(names(1), ["team/app-b app-b"]);
    assert_eq!(names(2), ["team/app-c app-c"]);
}

#[test]
fn rule_8_an_incomplete_base_is_accepted_if_the_merge_completes() {
    for (base, environment) in [
        ("authentication: {type: Basic}", BASIC),
        (BASIC, ""),
        (
            "authentication: {type: Basic, basic: {username: {value: u}}}",
            "authentication: {basic: {password: {value: p}}}",
        ),
        ("authentication: {type: Custom, custom: {fields: []}}", "authentication: {type: None}"),
    ] {
        let spec = with_environment(base, environment);
        assert_same(base, problems(&spec), &[]);
    }
}

#[test]
fn rule_9_keys_that_collide_only_after_merging_are_refused() {
    for (base, environment, path) in [
        ("parameters: [{name: host, value: x}]", "connection: {host: h}", "spec.environments[e].parameters[host]"),
        (
            "connection: {properties: [{name: x, value: '1'}]}",
            "parameters: [{name: x, value: '2'}]",
            "spec.environments[e].parameters[x]",
        ),
    ] {
        let base = format!("authentication: {{type: None}}\n{base}");
        let expected = format!("KeyConflict {path}");
        let merged = with_environment(&base, environment);
        assert_same(environment, problems(&merged), &[&expected]);
        assert_same(&base, problems(&with_environment(&base, "")), &[]);
    }
}

#[test]
fn rule_10_a_missing_source_concerns_its_environment_alone() {
    let text = "authentication: {type: BearerToken}\nenvironments:
    - {name: a, authentication: {bearerToken: {token: {valueFrom: {secretKeyRef: {name: sa, key: k}}}}}}
    - {name: b, authentication: {bearerToken: {token: {valueFrom: {secretKeyRef: {name: sb, key: k}}}}}}";
    let all = environments(&spec(text)).unwrap();
    for (missing, present) in [(0, 1), (1, 0)] {
        let mut sources: Inputs = inputs(&all);
        for source in all[missing].sources() {
            sources.insert(source, Source::Missing);
        }
        let problems = all[missing].fill(&sources).unwrap_err();
        let label = all[missing].label();
        assert_eq!(problems[0].path(), format!("spec.environments[{label}].authentication.bearerToken.token"));
        assert!(all[present].fill(&sources).is_ok(), "{} goes on", all[present].label());
    }
}
