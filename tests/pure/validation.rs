//! What is refused: every problem at once, each with its field path and without any value.

use appcredential_api::{Identity, Reason};
use appcredential_core::resolve::{self, Selection};
use serde_json::json;

use crate::support::{assert_same, environments, identity, problems, spec, typed, with_environment};

/// Specs with all that is wrong with each.
const WRONG: &[(&str, &[&str])] = &[
    ("", &["InvalidSpec spec.authentication.type"]),
    ("authentication: {}", &["InvalidSpec spec.authentication.type"]),
    ("{authentication: {type: None}, connection: {port: 0}}", &["InvalidSpec spec.connection.port"]),
    ("{authentication: {type: None}, connection: {port: 65536}}", &["InvalidSpec spec.connection.port"]),
    ("{authentication: {type: None}, connection: {uri: 'https://u:p@h/x'}}", &["InvalidSpec spec.connection.uri"]),
    (
        "{authentication: {type: None}, connection: {uri: 'jdbc:x://h/d?a=b&Password=p'}}",
        &["InvalidSpec spec.connection.uri"],
    ),
    (
        "{authentication: {type: None}, connection: {endpoints: ['amqp://u:p@h:1']}}",
        &["InvalidSpec spec.connection.endpoints"],
    ),
    ("authentication: {basic: {username: {value: u}}}", &["InvalidSpec spec.authentication.type"]),
    ("authentication: {type: None, basic: {username: {value: u}}}", &["InvalidSpec spec.authentication.basic"]),
    (
        "authentication: {type: Basic, basic: {username: {value: u}}, aws: {}, custom: {}}",
        &[
            "InvalidSpec spec.authentication.aws",
            "InvalidSpec spec.authentication.custom",
            "InvalidSpec spec.authentication.basic.password",
        ],
    ),
    (
        "authentication: {type: BearerToken, bearerToken: {token: {}}}",
        &["InvalidSpec spec.authentication.bearerToken.token"],
    ),
    (
        "authentication: {type: BearerToken, bearerToken: {token: {value: a, valueFrom: {secretKeyRef: {name: n, key: k}}}}}",
        &["InvalidSpec spec.authentication.bearerToken.token"],
    ),
    (
        "authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {}}}}",
        &["InvalidSpec spec.authentication.bearerToken.token"],
    ),
    (
        "authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: n, key: k}, configMapKeyRef: {name: n, key: k}}}}}",
        &["InvalidSpec spec.authentication.bearerToken.token"],
    ),
    (
        "authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: UPPER, key: k}}}}}",
        &["InvalidSpec spec.authentication.bearerToken.token"],
    ),
    (
        "authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: n, key: 'a/b'}}}}}",
        &["InvalidSpec spec.authentication.bearerToken.token"],
    ),
    (
        "authentication: {type: None}\nparameters: [{name: '', value: x}, {name: 'a b', value: x}, {name: '..', value: x}, {name: '.', value: x}, {name: ..a, value: x}, {name: ü, value: x}]",
        &[
            "InvalidSpec spec.parameters[]",
            "InvalidSpec spec.parameters[a b]",
            "InvalidSpec spec.parameters[..]",
            "InvalidSpec spec.parameters[.]",
            "InvalidSpec spec.parameters[..a]",
            "InvalidSpec spec.parameters[ü]",
        ],
    ),
    (
        "authentication: {type: None}\nconnection: {tls: {ca: {}}, properties: [{name: x}]}",
        &["InvalidSpec spec.connection.tls.ca", "InvalidSpec spec.connection.properties[x]"],
    ),
    (
        "authentication: {type: None}\ntargets: [{secret: {name: UPPER}, configMap: {name: 'a_b'}}, {secret: {name: ''}, configMap: {name: a..b}}]",
        &[
            "InvalidSpec spec.targets[0].secret.name",
            "InvalidSpec spec.targets[0].configMap.name",
            "InvalidSpec spec.targets[1].secret.name",
            "InvalidSpec spec.targets[1].configMap.name",
        ],
    ),
    (
        "environments: [{name: Upper, authentication: {type: None}}, {name: '', authentication: {type: None}}, {name: a.b, authentication: {type: None}}]",
        &[
            "InvalidSpec spec.environments[Upper]",
            "InvalidSpec spec.environments[Upper].targets[0].secret.name",
            "InvalidSpec spec.environments[Upper].targets[0].configMap.name",
            "InvalidSpec spec.environments[]",
            "InvalidSpec spec.environments[].targets[0].secret.name",
            "InvalidSpec spec.environments[].targets[0].configMap.name",
            "InvalidSpec spec.environments[a.b]",
        ],
    ),
];

#[test]
fn every_problem_of_a_spec_is_reported_with_its_field_path() {
    for (text, expected) in WRONG {
        assert_same(text, problems(&spec(text)), expected);
    }
}

#[test]
fn problems_of_all_environments_are_reported_at_once() {
    let text = "
targets: []
parameters: [{name: host, value: x}]
environments:
- {name: a, authentication: {type: Basic}, connection: {host: h}}
- {name: b, parameters: [{name: x}], excludedParameters: [x], targets: [{namespace: Other, secret: {type: kubernetes.io/tls}, labels: {argocd.argoproj.io/instance: x}}]}
- {name: c, authentication: {type: None}, targets: [{secret: {name: app-a}}]}
- {name: d, authentication: {type: None}}";
    let expected = [
        "InvalidSpec spec.targets",
        "InvalidSpec spec.environments[a].authentication.basic.username",
        "InvalidSpec spec.environments[a].authentication.basic.password",
        "KeyConflict spec.environments[a].parameters[host]",
        "InvalidSpec spec.environments[b].authentication.type",
        "InvalidSpec spec.environments[b].excludedParameters",
        "InvalidSpec spec.environments[b].parameters[x]",
        "InvalidSpec spec.environments[b].targets[0].namespace",
        "InvalidSpec spec.environments[b].targets[0].secret.type",
        "InvalidSpec spec.environments[b].targets[0].labels[argocd.argoproj.io/instance]",
        "TargetConflict spec.environments[c].targets[0]",
    ];
    assert_same("all at once", problems(&spec(text)), &expected);
}

#[test]
fn the_effective_environment_is_validated_and_not_the_fragments() {
    let base = "authentication: {type: Basic, basic: {username: {}}}";
    let over = "authentication: {basic: {username: {value: u}, password: {value: p}}}";
    assert_same("the environment puts it right", problems(&with_environment(base, over)), &[]);
    // What is wrong in the base is told once for each environment that has it.
    let both = spec(&format!("{base}\nenvironments: [{{name: a, {over}}}, {{name: b}}, {{name: c}}]"));
    let expected = ["b", "c"].map(|name| {
        ["username", "password"]
            .map(|field| format!("InvalidSpec spec.environments[{name}].authentication.basic.{field}"))
    });
    let expected: Vec<&str> = expected.iter().flatten().map(String::as_str).collect();
    assert_same("the others", problems(&both), &expected);
}

#[test]
fn environments_of_other_operators_are_not_validated_here() {
    let spec =
        spec("environments: [{name: a, authentication: {type: None}}, {name: b, authentication: {type: Basic}}]");
    let select = |names: &[&str]| {
        let selection = Selection::only(names.iter().map(|name| (*name).to_owned()));
        resolve::environments(&spec, &identity(), &selection).map(|all| all.len()).map_err(|problems| problems.len())
    };
    assert_eq!(select(&["a"]), Ok(1));
    assert_eq!(select(&["b"]), Err(2));
    assert_eq!(select(&["a", "b"]), Err(2));
    assert_eq!(select(&["x"]), Ok(0));
    assert_eq!(select(&[]), Err(2), "no selection is all of them");
}

#[test]
fn every_operator_handles_a_credential_without_environments() {
    let selection = Selection::only(["production".to_owned()]);
    let all = resolve::environments(&spec("authentication: {type: None}"), &identity(), &selection);
    assert_eq!(all.unwrap().len(), 1);
}

#[test]
fn a_name_that_does_not_fit_into_a_label_is_refused() {
    let spec = spec("authentication: {type: None}");
    for (length, accepted) in [(63, true), (64, false)] {
        let identity = Identity { name: "a".repeat(length), ..identity() };
        let result = resolve::environments(&spec, &identity, &Selection::default());
        match result {
            Ok(_) => assert!(accepted, "{length}"),
            Err(problems) => {
                assert!(!accepted, "{length}");
                assert_eq!((problems[0].reason, problems[0].path()), (Reason::InvalidSpec, "metadata.name"));
            }
        }
    }
}

#[test]
fn the_longest_names_that_are_allowed_are_accepted() {
    let longest = "k".repeat(253);
    let value = json!({"name": longest, "valueFrom": {"secretKeyRef": {"name": longest, "key": longest}}});
    let environment = json!({"name": "e".repeat(63), "targets": [{"secret": {"name": "s".repeat(253)}}]});
    let spec = json!({"authentication": {"type": "None"}, "parameters": [value], "environments": [environment]});
    assert_same("longest", problems(&typed(spec)), &[]);
    for (field, path) in [("name", format!("[{longest}k]")), ("value", format!("[{longest}]"))] {
        let over = format!("{longest}k");
        let value = match field {
            "name" => json!({"name": over, "value": "x"}),
            _ => json!({"name": longest, "valueFrom": {"secretKeyRef": {"name": over, "key": "k"}}}),
        };
        let spec = json!({"authentication": {"type": "None"}, "parameters": [value]});
        let expected = format!("InvalidSpec spec.parameters{path}");
        assert_same("too long", problems(&typed(spec)), &[&expected]);
    }
}

#[test]
fn every_message_says_what_is_wrong_without_a_value() {
    for (text, _) in WRONG {
        let marked = text.replace("value: u}", "value: MARKER}").replace("value: x}", "value: MARKER}");
        for problem in environments(&spec(&marked)).unwrap_err().iter() {
            assert!(!problem.to_string().contains("MARKER"), "{problem}");
            assert!(!problem.message.is_empty() && problem.to_string().starts_with("spec."), "{problem}");
            assert!(!problem.message.ends_with('.'), "messages are joined by `; `: {problem}");
        }
    }
}
