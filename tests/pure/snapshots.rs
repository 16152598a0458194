//! Whole objects and plans as they are, for three credentials. Of the data there is each key with its length in bytes.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test pure snapshots`, then read the difference.

use std::collections::BTreeMap;

use appcredential_core::plan::{Step, TargetPlan};
use appcredential_core::render::{Object, Output};
use serde_json::{Value, json};

use crate::fixtures::Manifests;
use crate::simulated::Cluster;
use crate::support::read;

/// An object with the lengths of its data.
fn object(object: &Object) -> Value {
    let data: BTreeMap<_, _> = object.data.iter().map(|(key, value)| (key, format!("{} bytes", value.len()))).collect();
    json!({
        "kind": object.kind.to_string(),
        "name": format!("{}/{}", object.namespace, object.name),
        "type": object.secret_type,
        "labels": object.labels,
        "annotations": object.annotations,
        "owner": format!("{}/{} {}", object.owner.namespace, object.owner.name, object.owner.uid),
        "data": data,
    })
}

fn step(step: &Step) -> Value {
    match step {
        Step::Create => json!("create"),
        Step::Unchanged => json!("unchanged"),
        Step::Update(on) => json!({"update": {"uid": on.uid, "resourceVersion": on.resource_version}}),
        Step::Replace(on) => json!({"replace": {"uid": on.uid, "resourceVersion": on.resource_version}}),
        Step::Blocked(problem) => json!({"blocked": format!("{}: {problem}", problem.reason)}),
    }
}

fn plan(plan: &TargetPlan<'_>) -> Value {
    json!({"revision": plan.revision, "secret": step(&plan.secret), "configMap": step(&plan.config_map)})
}

/// The outputs of a credential in a file, by environment.
fn outputs(files: &[&str], credential: &str) -> BTreeMap<String, Output> {
    let manifests = files.iter().fold(Manifests::default(), |manifests, file| manifests.read(&read(file)));
    let outputs = manifests.outputs().into_iter().filter(|((name, _), _)| name == credential);
    outputs.map(|((_, environment), output)| (environment.unwrap_or_else(|| "default".to_owned()), output)).collect()
}

/// What is rendered, and the plans of its life: from nothing, in sync, after a change, and beside an object of others.
fn life(outputs: &BTreeMap<String, Output>) -> Value {
    let mut all = BTreeMap::new();
    for (environment, output) in outputs {
        let mut cluster = Cluster::default();
        let first = cluster.plan(output, None);
        cluster.apply(&first, 2);
        let second = cluster.plan(output, Some(first.revision));
        let mut changed = output.clone();
        changed.config_map.data.insert("added".to_owned(), "x".into());
        let third = cluster.plan(&changed, Some(first.revision));
        for there in cluster.objects.values_mut() {
            (there.owner_uid, there.controller_uid, there.credential) = (None, None, None);
        }
        let fourth = cluster.plan(output, Some(first.revision));
        let plans =
            json!({"new": plan(&first), "inSync": plan(&second), "changed": plan(&third), "taken": plan(&fourth)});
        let rendered = json!({"secret": object(&output.secret), "configMap": object(&output.config_map)});
        all.insert(environment, json!({"objects": rendered, "plans": plans}));
    }
    json!(all)
}

const FIXTURES: [&str; 2] = ["tests/fixtures/appcredentials.yaml", "tests/fixtures/sources.yaml"];

#[test]
fn a_database_with_a_source_for_each_environment() {
    insta::assert_yaml_snapshot!("postgresql", life(&outputs(&FIXTURES, "pg")));
}

#[test]
fn a_broker_with_other_mechanisms_in_each_environment() {
    insta::assert_yaml_snapshot!("kafka", life(&outputs(&FIXTURES, "kafka")));
}

#[test]
fn a_service_binding_without_environments() {
    insta::assert_yaml_snapshot!(
        "service-binding",
        life(&outputs(&["examples/09-service-binding.yaml"], "catalog-db"))
    );
}
