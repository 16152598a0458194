//! Names that become keys and names of objects: what is accepted, Kubernetes takes; what it takes, is accepted.
//!
//! The input is a list of texts: the names of an environment, of its Secret and its ConfigMap, then names of parameters.

use std::collections::BTreeSet;

use appcredential_api::credential::{Environment, Target};
use appcredential_api::{AppCredentialSpec, Authentication, AuthenticationType, Identity, NamedValue, Problem};
use appcredential_core::render;
use appcredential_core::resolve::{self, Selection};
use serde_json::json;

use super::support::{identity, inputs, is_key, is_label, is_name};

pub(super) fn run(data: &[u8]) {
    let Ok(names) = serde_json::from_slice::<Vec<String>>(data) else { return };
    let [environment, secret, config_map, parameters @ ..] = names.as_slice() else { return };
    let spec = AppCredentialSpec {
        authentication: Some(Authentication { kind: Some(AuthenticationType::None), ..Authentication::default() }),
        environments: Some(vec![Environment {
            name: environment.clone(),
            parameters: Some(parameters.iter().map(|name| parameter(name)).collect()),
            targets: Some(vec![target(secret, config_map)]),
            ..Environment::default()
        }]),
        ..AppCredentialSpec::default()
    };
    match resolve::environments(&spec, &identity(), &Selection::default()) {
        Ok(all) => {
            let [only] = all.as_slice() else { panic!("one environment gives one") };
            let filled = only.fill(&inputs(&all)).expect("all sources are there");
            let outputs = render::outputs(&identity(), &filled).expect("no preset and no template");
            let [output] = outputs.as_slice() else { panic!("one target gives one output") };
            assert!(is_label(environment) && is_name(&output.secret.name) && is_name(&output.config_map.name));
            assert_eq!((&output.secret.name, &output.config_map.name), (secret, config_map));
            let keys: BTreeSet<&String> = output.config_map.data.keys().collect();
            assert!(keys.iter().all(|key| is_key(key)), "{keys:?}");
            assert!(parameters.iter().all(|name| keys.contains(name)), "each parameter is a key");
            let given: BTreeSet<&String> = parameters.iter().collect();
            assert_eq!(
                keys.len(),
                given.len() + 2,
                "each parameter is a key of its own, beside auth-type and environment"
            );
        }
        Err(problems) => has_cause(&problems, environment, [secret, config_map], parameters),
    }
    default_names(environment);
}

/// A parameter whose value comes from a ConfigMap: a plain one may be refused for what it is called.
fn parameter(name: &str) -> NamedValue {
    let entry = json!({"name": name, "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "k"}}});
    serde_json::from_value(entry).expect("a parameter")
}

fn target(secret: &str, config_map: &str) -> Target {
    serde_json::from_value(json!({"secret": {"name": secret}, "configMap": {"name": config_map}})).expect("a target")
}

/// Whether a name is one that nobody has a reason to refuse.
fn is_plain(name: &str) -> bool {
    let letters = name.strip_prefix("x-").is_some_and(|rest| rest.chars().all(|it| it.is_ascii_lowercase()));
    letters && (3..=40).contains(&name.len())
}

/// Whatever is plain is accepted.
fn has_cause(problems: &[Problem], environment: &str, objects: [&String; 2], parameters: &[String]) {
    assert!(!problems.is_empty());
    let fine = is_plain(environment) && objects.into_iter().all(|name| is_plain(name));
    let is_fine = fine && parameters.iter().all(|name| is_plain(name));
    assert!(!is_fine, "plain names are refused: {problems:?}");
}

/// A credential's name with the environment's: accepted only where it is the name of an object.
fn default_names(environment: &str) {
    let spec = AppCredentialSpec {
        authentication: Some(Authentication { kind: Some(AuthenticationType::None), ..Authentication::default() }),
        environments: Some(vec![Environment { name: environment.to_owned(), ..Environment::default() }]),
        ..AppCredentialSpec::default()
    };
    let owner = Identity { name: "a".repeat(63), ..identity() };
    if let Ok(all) = resolve::environments(&spec, &owner, &Selection::default()) {
        let targets: Vec<_> = all.iter().flat_map(|environment| &environment.targets).collect();
        assert!(targets.iter().all(|target| is_name(&target.secret_name) && is_name(&target.config_map_name)));
    }
}
