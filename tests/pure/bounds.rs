//! What a spec may multiply is bounded: problems, plain text, sources; and nothing takes the square of what is written.

use appcredential_api::value::PLAIN_MAX;
use appcredential_api::{AppCredentialSpec, Problems, Reason};
use appcredential_core::resolve::{self, SOURCES_MAX, Selection};
use serde_json::{Value, json};

use crate::support::{environments, problems, typed};

/// A spec whose parameters have the names of its properties, in each environment, with several targets of both layouts.
fn colliding(names: usize, environments: usize, targets: usize) -> AppCredentialSpec {
    let named: Vec<Value> = (0..names).map(|i| json!({"name": format!("p{i}"), "value": "x"})).collect();
    let environments: Vec<Value> = (0..environments)
        .map(|e| {
            let targets: Vec<Value> = (0..targets)
                .map(|t| {
                    let layout = if t % 2 == 0 { "Split" } else { "ServiceBinding" };
                    let name = format!("out-{e}-{t}");
                    json!({"secret": {"name": name, "layout": layout}, "configMap": {"name": name}})
                })
                .collect();
            json!({"name": format!("e{e}"), "targets": targets})
        })
        .collect();
    typed(json!({
        "authentication": {"type": "None"},
        "parameters": named,
        "connection": {"properties": named},
        "environments": environments,
    }))
}

#[test]
fn equal_names_in_all_environments_are_listed_once_and_counted() {
    let problems = environments(&colliding(128, 16, 1)).unwrap_err();
    assert_eq!((problems.len(), problems.more()), (Problems::MOST, 16 * 128 - Problems::MOST));
    // Each is one of the ConfigMap, and with a target of the other layout one of the Secret too, however many targets there are.
    for (targets, kinds) in [(2, 2), (8, 2)] {
        let problems = environments(&colliding(128, 16, targets)).unwrap_err();
        assert_eq!(problems.len() + problems.more(), 16 * 128 * kinds, "{targets} targets");
    }
    assert!(problems.iter().all(|problem| problem.reason == Reason::KeyConflict));
}

/// Each problem compared with each other one would be 10^10 comparisons: hours, where this takes a second.
#[test]
fn a_hundred_thousand_problems_are_not_compared_pairwise() {
    let problems = environments(&colliding(15_000, 4, 8)).unwrap_err();
    assert_eq!((problems.len(), problems.more()), (Problems::MOST, 15_000 * 4 * 2 - Problems::MOST));
}

/// Likewise: a list that is laid over another one, name by name.
#[test]
fn long_lists_are_merged_without_looking_for_each_name() {
    let entries = |from: usize| -> Vec<Value> {
        (from..from + 60_000).map(|i| json!({"name": format!("p{i}"), "value": "x"})).collect()
    };
    let excluded: Vec<String> = (0..20_000).map(|i| format!("p{i}")).collect();
    let environment = json!({"name": "a", "parameters": entries(40_000), "excludedParameters": excluded});
    let spec = typed(json!({"parameters": entries(0), "environments": [environment]}));
    let merged = resolve::merge(&spec).remove(0);
    assert_eq!(merged.parameters.len(), 80_000);
    assert_eq!(merged.parameters[0].name, "p20000");
}

#[test]
fn plain_text_is_bounded_as_in_the_schema() {
    let value = |length: usize| json!({"value": "x".repeat(length)});
    let parameter = |length: usize| json!({"name": "p", "value": "ü".repeat(length)});
    let spec = |length: usize| {
        typed(json!({
            "authentication": {"type": "BearerToken", "bearerToken": {"token": value(length)}},
            "connection": {"tls": {"ca": value(length)}, "properties": [{"name": "q", "value": "x".repeat(length)}]},
            "parameters": [parameter(length)],
        }))
    };
    assert_eq!(problems(&spec(PLAIN_MAX)), [""; 0]);
    let refused = problems(&spec(PLAIN_MAX + 1));
    let fields = ["authentication.bearerToken.token", "connection.tls.ca", "connection.properties[q]", "parameters[p]"];
    assert_eq!(refused, fields.map(|field| format!("InvalidSpec spec.{field}")));
}

/// A spec with environments that read this many Secrets together.
fn reading(sources: usize) -> AppCredentialSpec {
    let reference = |i: usize| json!({"name": format!("p{i}"), "valueFrom": {"secretKeyRef": {"name": format!("s{i}"), "key": "k"}}});
    let environments: Vec<Value> = (0..4)
        .map(|e| {
            let parameters: Vec<Value> = (0..sources).filter(|i| i % 4 == e).map(reference).collect();
            json!({"name": format!("e{e}"), "parameters": parameters})
        })
        .collect();
    typed(json!({"authentication": {"type": "None"}, "environments": environments}))
}

#[test]
fn too_many_sources_are_refused_with_their_number() {
    assert_eq!(problems(&reading(SOURCES_MAX)), [""; 0]);
    let refused = environments(&reading(SOURCES_MAX + 1)).unwrap_err();
    assert_eq!(
        refused.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "spec: refers to 65 Secrets and ConfigMaps, and may refer to 64; put keys into fewer objects, or split the credential"
        ]
    );
}

#[test]
fn no_more_sources_are_watched_than_a_credential_may_have() {
    let watched = resolve::sources(&reading(1_000), &Selection::default());
    assert_eq!(watched.len(), SOURCES_MAX);
}
