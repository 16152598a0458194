//! Names of outputs: by default the credential's and the environment's, never those of a source of the same credential.

use appcredential_operator::api::AppCredentialSpec;
use appcredential_operator::resolve::{self, Selection};
use serde_json::{Value, json};

use crate::support::{environments, identity, typed};

/// A spec whose environments read these Secrets: environment name, Secret name.
fn reading(sources: &[(&str, &str)]) -> AppCredentialSpec {
    let environments: Vec<Value> = sources
        .iter()
        .map(|(name, source)| {
            let reference = json!({"secretKeyRef": {"name": source, "key": "token"}});
            json!({"name": name, "authentication": {"bearerToken": {"token": {"valueFrom": reference}}}})
        })
        .collect();
    typed(json!({"authentication": {"type": "BearerToken"}, "environments": environments}))
}

/// The names of the Secrets; those of the ConfigMaps are the same.
fn names(spec: &AppCredentialSpec) -> Vec<String> {
    let all = environments(spec).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let targets = all.iter().flat_map(|environment| &environment.targets);
    targets
        .map(|target| {
            assert_eq!(target.secret_name, target.config_map_name);
            target.secret_name.clone()
        })
        .collect()
}

#[test]
fn an_output_is_named_after_the_credential_and_its_environment() {
    assert_eq!(names(&typed(json!({"authentication": {"type": "None"}}))), ["app"]);
    assert_eq!(names(&reading(&[("a", "other"), ("b", "another")])), ["app-a", "app-b"]);
    // The own namespace written out is nothing else than the default.
    let own = json!({"authentication": {"type": "None"}, "environments": [{"name": "a", "targets": [{"namespace": "team"}]}]});
    assert_eq!(names(&typed(own)), ["app-a"]);
}

#[test]
fn one_default_name_that_is_a_source_gives_all_default_names_the_suffix() {
    for sources in [
        [("a", "app-a"), ("b", "other")],
        [("a", "other"), ("b", "app-b")],
        // A name of the other environment's output.
        [("a", "app-b"), ("b", "other")],
    ] {
        assert_eq!(names(&reading(&sources)), ["app-a-credential", "app-b-credential"], "{sources:?}");
    }
    let alone = |kind: &str| {
        let parameter = json!({"name": "x", "valueFrom": {kind: {"name": "app", "key": "k"}}});
        typed(json!({"authentication": {"type": "None"}, "parameters": [parameter]}))
    };
    assert_eq!(names(&alone("secretKeyRef")), ["app-credential"]);
    assert_eq!(names(&alone("configMapKeyRef")), ["app-credential"], "a ConfigMap counts as a Secret does");
}

#[test]
fn the_name_of_the_credential_alone_is_no_default_name_where_environments_are_declared() {
    assert_eq!(names(&reading(&[("a", "app")])), ["app-a"]);
}

#[test]
fn only_what_the_merged_environments_read_counts() {
    let reference = json!({"name": "x", "valueFrom": {"secretKeyRef": {"name": "app-a", "key": "k"}}});
    let mut spec =
        json!({"authentication": {"type": "None"}, "parameters": [reference], "environments": [{"name": "a"}]});
    assert_eq!(names(&typed(spec.clone())), ["app-a-credential"]);
    spec["environments"][0]["excludedParameters"] = json!(["x"]);
    assert_eq!(names(&typed(spec)), ["app-a"], "nobody reads it any more");
}

#[test]
fn every_cluster_uses_the_same_names_whatever_environments_it_handles() {
    let spec = reading(&[("a", "app-a"), ("b", "other")]);
    for name in ["a", "b"] {
        let selection = Selection::only([name.to_owned()]);
        let all = resolve::environments(&spec, &identity(), &selection).unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].targets[0].secret_name, format!("app-{name}-credential"));
    }
}

#[test]
fn a_name_that_is_given_is_taken_as_it_stands() {
    let given = json!({"name": "a", "targets": [{"secret": {"name": "mine"}, "configMap": {"name": "mine"}}]});
    let reference = json!({"name": "x", "valueFrom": {"secretKeyRef": {"name": "app-a", "key": "k"}}});
    let spec =
        json!({"authentication": {"type": "None"}, "parameters": [reference], "environments": [given, {"name": "b"}]});
    assert_eq!(names(&typed(spec)), ["mine", "app-b-credential"]);
}

#[test]
fn an_optional_source_is_a_source() {
    let reference = json!({"name": "x", "valueFrom": {"secretKeyRef": {"name": "app", "key": "k", "optional": true}}});
    let spec = json!({"authentication": {"type": "None"}, "parameters": [reference]});
    assert_eq!(names(&typed(spec)), ["app-credential"]);
}
