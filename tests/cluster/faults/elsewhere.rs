//! Scenarios with outputs that Kubernetes does not collect by itself: in another namespace, or to be retained.

use serde_json::{Value, json};

use super::scenario::{AROUND, Action, Scenario};

/// The consent of the other namespace, and a Secret there that is none of ours, whatever it says.
const CONSENT: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredentialGrant
metadata: {name: grant, namespace: ELSEWHERE}
spec: {from: [{namespace: NAMESPACE}]}
---
apiVersion: v1
kind: Secret
metadata:
  name: bystander
  namespace: ELSEWHERE
  labels: {app.kubernetes.io/managed-by: appcredential-operator, appcredential.io/name: orders, appcredential.io/namespace: NAMESPACE}
stringData: {password: theirs}
";

/// A target in the own namespace, one elsewhere, and one elsewhere that is to be retained.
const SPREAD: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: orders}
spec:
  application: {type: postgresql}
  authentication:
    type: Basic
    basic: {username: {value: app}, password: {valueFrom: {secretKeyRef: {name: source, key: password}}}}
  connection: {host: pg.internal, port: 5432}
  targets:
  - {}
  - {namespace: ELSEWHERE}
  - {namespace: ELSEWHERE, secret: {name: kept}, configMap: {name: kept}, deletionPolicy: Retain}
";

/// Only elsewhere: nothing is left to the garbage collector.
const ONLY_ELSEWHERE: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: orders}
spec:
  application: {type: postgresql}
  authentication:
    type: Basic
    basic: {username: {value: app}, password: {valueFrom: {secretKeyRef: {name: source, key: password}}}}
  connection: {host: pg.internal, port: 5432}
  targets:
  - {namespace: ELSEWHERE}
  - {namespace: ELSEWHERE, secret: {name: kept}, configMap: {name: kept}, deletionPolicy: Retain}
";

/// Six outputs, in the order in which their revisions are told.
const ALL: &[&str] = &[
    "ConfigMap/elsewhere/kept",
    "ConfigMap/elsewhere/orders",
    "ConfigMap/orders",
    "Secret/elsewhere/kept",
    "Secret/elsewhere/orders",
    "Secret/orders",
];
/// What was left behind carries its last revision.
const KEPT: &[&str] = &["ConfigMap/elsewhere/kept", "Secret/elsewhere/kept"];

fn scenario(name: &'static str, credential: &'static str, change: Vec<Action>) -> Scenario {
    Scenario {
        name,
        given: vec![AROUND, CONSENT, credential],
        settled: Some("Ready"),
        change,
        ready: "Ready",
        outputs: ALL,
        holds: &[r#""password": "theirs""#],
        lacks: &[],
    }
}

fn targets(targets: &Value) -> Vec<Action> {
    vec![Action::Patch("AppCredential", "orders", json!({"spec": {"targets": targets}}))]
}

/// The controller starts, and there is a credential with targets elsewhere.
pub(super) fn created() -> Scenario {
    let holds: &[&str] = &[r#""appcredential.io/outputs""#, "Secret/NAMESPACE-b/orders"];
    Scenario { settled: None, holds, ..scenario("elsewhere-created", SPREAD, Vec::new()) }
}

pub(super) fn target_added() -> Scenario {
    let added = json!([{}, {"namespace": "ELSEWHERE", "secret": {"name": "added"}, "configMap": {"name": "added"}},
        {"namespace": "ELSEWHERE"}, {"namespace": "ELSEWHERE", "secret": {"name": "kept"}, "configMap": {"name": "kept"}, "deletionPolicy": "Retain"}]);
    let outputs: &[&str] = &[
        "ConfigMap/elsewhere/added",
        "ConfigMap/elsewhere/kept",
        "ConfigMap/elsewhere/orders",
        "ConfigMap/orders",
        "Secret/elsewhere/added",
        "Secret/elsewhere/kept",
        "Secret/elsewhere/orders",
        "Secret/orders",
    ];
    Scenario { outputs, ..scenario("elsewhere-added", SPREAD, targets(&added)) }
}

/// Both targets elsewhere go: one is deleted, the other left behind, and the finalizer goes with them.
pub(super) fn targets_dropped() -> Scenario {
    let outputs: &[&str] = &["ConfigMap/elsewhere/kept", "ConfigMap/orders", "Secret/elsewhere/kept", "Secret/orders"];
    let lacks: &[&str] = &[r#""appcredential.io/outputs""#, "detachedOutputs"];
    let holds: &[&str] = &["retained-from"];
    Scenario { outputs, lacks, holds, ..scenario("elsewhere-dropped", SPREAD, targets(&json!([{}]))) }
}

pub(super) fn consent_revoked() -> Scenario {
    let outputs: &[&str] = &["ConfigMap/elsewhere/kept", "ConfigMap/orders", "Secret/elsewhere/kept", "Secret/orders"];
    let change = vec![Action::Delete("AppCredentialGrant", "grant")];
    let holds: &[&str] = &["retained-from", "does not consent"];
    Scenario { ready: "NotGranted", outputs, holds, ..scenario("elsewhere-revoked", SPREAD, change) }
}

pub(super) fn credential_deleted() -> Scenario {
    let change = vec![Action::Delete("AppCredential", "orders")];
    Scenario { ready: "", outputs: KEPT, ..scenario("elsewhere-deleted", ONLY_ELSEWHERE, change) }
}
