//! Names of outputs: by default the credential's and the environment's, whatever the credential reads.

use appcredential_api::AppCredentialSpec;
use appcredential_core::resolve::{self, Selection};
use serde_json::{Value, json};

use crate::support::{environments, identity, problems, typed};

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

/// A spec without environments that reads this object.
fn alone(reference: &str, selector: &Value) -> AppCredentialSpec {
    let parameter = json!({"name": "x", "valueFrom": {reference: selector}});
    typed(json!({"authentication": {"type": "None"}, "parameters": [parameter]}))
}

#[test]
fn a_source_with_the_name_of_a_default_output_is_refused() {
    const STAGING: &str = "TargetConflict spec.environments[a].targets[0].secret.name";
    for (sources, expected) in [
        ([("a", "app-a"), ("b", "other")], STAGING),
        // A source of another environment is not overwritten either.
        ([("a", "other"), ("b", "app-a")], STAGING),
    ] {
        assert_eq!(problems(&reading(&sources)), [expected], "{sources:?}");
    }
    let app = json!({"name": "app", "key": "k"});
    assert_eq!(problems(&alone("secretKeyRef", &app)), ["TargetConflict spec.targets[0].secret.name"]);
    assert_eq!(problems(&alone("configMapKeyRef", &app)), ["TargetConflict spec.targets[0].configMap.name"]);
    let optional = json!({"name": "app", "key": "k", "optional": true});
    assert_eq!(problems(&alone("secretKeyRef", &optional)), ["TargetConflict spec.targets[0].secret.name"]);
}

#[test]
fn the_refusal_of_a_default_name_says_what_to_rename() {
    let refused = environments(&alone("secretKeyRef", &json!({"name": "app", "key": "k"}))).unwrap_err();
    assert_eq!(
        refused[0].message,
        "is app by default, a Secret that this credential reads; rename the source, or set targets[].secret.name"
    );
}

#[test]
fn a_reference_that_is_added_renames_no_output() {
    let before = typed(json!({"authentication": {"type": "None"}, "environments": [{"name": "a"}, {"name": "b"}]}));
    assert_eq!(names(&before), names(&reading(&[("a", "app"), ("b", "app-a-source")])));
}

#[test]
fn only_what_the_merged_environments_read_counts() {
    let reference = json!({"name": "x", "valueFrom": {"secretKeyRef": {"name": "app-a", "key": "k"}}});
    let mut spec =
        json!({"authentication": {"type": "None"}, "parameters": [reference], "environments": [{"name": "a"}]});
    assert_eq!(problems(&typed(spec.clone())).len(), 1);
    spec["environments"][0]["excludedParameters"] = json!(["x"]);
    assert_eq!(names(&typed(spec)), ["app-a"], "nobody reads it any more");
}

#[test]
fn every_cluster_refuses_the_same_names_whatever_it_handles() {
    let spec = reading(&[("a", "other"), ("b", "app-a")]);
    let refused = |name: &str| {
        let selection = Selection::only([name.to_owned()]);
        resolve::environments(&spec, &identity(), &selection).map(|all| all.len()).map_err(|problems| problems.len())
    };
    assert_eq!(refused("a"), Err(1), "where the source of another environment would be overwritten");
    assert_eq!(refused("b"), Ok(1));
}

#[test]
fn a_name_that_is_given_makes_room_for_the_source() {
    let given = json!({"name": "a", "targets": [{"secret": {"name": "mine"}, "configMap": {"name": "mine"}}]});
    let reference = json!({"name": "x", "valueFrom": {"secretKeyRef": {"name": "app-a", "key": "k"}}});
    let spec =
        json!({"authentication": {"type": "None"}, "parameters": [reference], "environments": [given, {"name": "b"}]});
    assert_eq!(names(&typed(spec)), ["mine", "app-b"]);
}
