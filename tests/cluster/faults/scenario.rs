//! What happens in a run, as data: what is there, what is changed, and what has to be true in the end.
//!
//! What has to be true is written by hand, so that the run without a fault, which all others are compared with, is
//! itself held against something.

use serde_json::{Value, json};

use super::watches::WITHHELD;

/// The object that credentials read, and two that nobody may touch though they look like outputs.
pub(super) const AROUND: &str = "
apiVersion: v1
kind: Secret
metadata: {name: source}
stringData: {password: hunter2}
---
apiVersion: v1
kind: Secret
metadata:
  name: bystander
  labels: {app.kubernetes.io/managed-by: appcredential-operator, appcredential.io/name: orders, appcredential.io/namespace: NAMESPACE}
stringData: {password: theirs}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: bystander
  labels: {app.kubernetes.io/managed-by: appcredential-operator, appcredential.io/name: orders, appcredential.io/namespace: NAMESPACE}
data: {host: theirs}
";

/// Without environments; its outputs are named `orders`.
pub(super) const ONE: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: orders}
spec:
  application: {type: postgresql}
  authentication:
    type: Basic
    basic: {username: {value: app}, password: {valueFrom: {secretKeyRef: {name: source, key: password}}}}
  connection: {host: pg.internal, port: 5432}
";

/// With two environments; its outputs are named `orders-staging` and `orders-production`.
const TWO: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: orders}
spec:
  application: {type: postgresql}
  authentication:
    type: Basic
    basic: {username: {value: app}, password: {valueFrom: {secretKeyRef: {name: source, key: password}}}}
  connection: {port: 5432}
  environments:
  - {name: staging, connection: {host: pg.staging}}
  - {name: production, connection: {host: pg.production}}
";

/// An object in the way of an output.
const FOREIGN: &str = "
apiVersion: v1
kind: Secret
metadata: {name: orders}
stringData: {password: foreign}
";

/// What is done to the cluster.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// A manifest is applied.
    Apply(&'static str),
    /// A merge patch of an object: kind, name, patch.
    Patch(&'static str, &'static str, Value),
    /// An object is deleted: kind, name.
    Delete(&'static str, &'static str),
    /// It is waited until every watch was started.
    Watching,
    /// It is waited until `Ready` has this reason for the present spec, and all is quiet.
    Settled(&'static str),
}

/// A scenario.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Manifests that are there before the controller starts.
    pub(crate) given: Vec<&'static str>,
    /// The reason of `Ready` that is waited for before the change; without one the faults apply from the start.
    pub(crate) settled: Option<&'static str>,
    pub(crate) change: Vec<Action>,
    /// The reason of `Ready` in the end.
    pub(crate) ready: &'static str,
    /// The outputs in the end.
    pub(crate) outputs: &'static [&'static str],
    /// Lines of the end state.
    pub(crate) holds: &'static [&'static str],
    /// What may not be in the end state.
    pub(crate) lacks: &'static [&'static str],
}

impl Scenario {
    /// Whether it has a second namespace.
    pub(crate) fn goes_elsewhere(&self) -> bool {
        self.given.iter().any(|yaml| yaml.contains("ELSEWHERE"))
    }
}

const BOTH: &[&str] =
    &["ConfigMap/orders-production", "ConfigMap/orders-staging", "Secret/orders-production", "Secret/orders-staging"];
const PAIR: &[&str] = &["ConfigMap/orders", "Secret/orders"];

/// A change of a credential that is in sync.
fn changed(name: &'static str, credential: &'static str, change: Action) -> Scenario {
    Scenario {
        name,
        given: vec![AROUND, credential],
        settled: Some("Ready"),
        change: vec![change],
        ready: "Ready",
        outputs: PAIR,
        holds: &[],
        lacks: &[],
    }
}

/// A change of the spec.
fn edited(name: &'static str, credential: &'static str, spec: &Value) -> Scenario {
    changed(name, credential, Action::Patch("AppCredential", "orders", json!({"spec": spec})))
}

/// The controller starts, and there is a credential with two environments.
pub(super) fn created() -> Scenario {
    let holds: &[&str] = &[r#""host": "pg.staging""#, r#""host": "pg.production""#, r#""password": "hunter2""#];
    Scenario { settled: None, change: Vec::new(), outputs: BOTH, holds, ..edited("created", TWO, &json!({})) }
}

pub(super) fn value_edited() -> Scenario {
    let holds: &[&str] = &[r#""port": "5433""#];
    let spec = json!({"connection": {"port": 5433}});
    Scenario { outputs: BOTH, holds, lacks: &["5432"], ..edited("value-edited", TWO, &spec) }
}

pub(super) fn environment_removed() -> Scenario {
    let spec = json!({"environments": [{"name": "staging", "connection": {"host": "pg.staging"}}]});
    let outputs: &[&str] = &["ConfigMap/orders-staging", "Secret/orders-staging"];
    Scenario { outputs, lacks: &["production"], ..edited("environment-removed", TWO, &spec) }
}

pub(super) fn target_renamed() -> Scenario {
    let spec = json!({"targets": [{"secret": {"name": "renamed"}, "configMap": {"name": "renamed"}}]});
    let outputs: &[&str] = &["ConfigMap/renamed", "Secret/renamed"];
    Scenario { outputs, holds: &[r#""host": "pg.internal""#], ..edited("target-renamed", ONE, &spec) }
}

pub(super) fn authentication_changed() -> Scenario {
    let token = json!({"valueFrom": {"secretKeyRef": {"name": "source", "key": "password"}}});
    let spec = json!({"authentication": {"type": "BearerToken", "basic": null, "bearerToken": {"token": token}}});
    let holds: &[&str] = &[r#""token": "hunter2""#, r#""auth-type": "BearerToken""#];
    Scenario { holds, lacks: &[r#""username""#], ..edited("authentication-changed", ONE, &spec) }
}

pub(super) fn layout_changed() -> Scenario {
    let spec = json!({"targets": [{"secret": {"layout": "ServiceBinding"}}]});
    let holds: &[&str] = &[r#""type": "servicebinding.io/postgresql""#];
    Scenario { holds, ..edited("layout-changed", ONE, &spec) }
}

pub(super) fn output_deleted() -> Scenario {
    changed("output-deleted", ONE, Action::Delete("Secret", "orders"))
}

pub(super) fn output_edited() -> Scenario {
    let wrong = json!({"data": {"host": "wrong", "port": null}});
    let holds: &[&str] = &[r#""host": "pg.internal""#, r#""port": "5432""#];
    Scenario { holds, lacks: &["wrong"], ..changed("output-edited", ONE, Action::Patch("ConfigMap", "orders", wrong)) }
}

pub(super) fn source_edited() -> Scenario {
    let rotated = json!({"stringData": {"password": "rotated"}});
    let holds: &[&str] = &[r#""password": "rotated""#];
    Scenario { holds, lacks: &["hunter2"], ..changed("source-edited", ONE, Action::Patch("Secret", "source", rotated)) }
}

/// The controller starts, and another object has the name of an output.
pub(super) fn foreign_in_the_way() -> Scenario {
    Scenario {
        given: vec![AROUND, FOREIGN, ONE],
        settled: None,
        change: Vec::new(),
        ready: "NotOwned",
        outputs: &[],
        holds: &[r#""password": "foreign""#],
        ..edited("foreign-in-the-way", ONE, &json!({}))
    }
}

pub(super) fn foreign_removed() -> Scenario {
    Scenario {
        given: vec![AROUND, FOREIGN, ONE],
        settled: Some("NotOwned"),
        lacks: &["foreign"],
        ..changed("foreign-removed", ONE, Action::Delete("Secret", "orders"))
    }
}

/// An output gets an annotation of somebody else's, and the credential is edited.
pub(super) fn annotated_and_edited() -> Scenario {
    let annotated = json!({"metadata": {"annotations": {"theirs": "kept"}}});
    let edited = json!({"spec": {"authentication": {"basic": {"username": {"value": "other"}}}}});
    let change = vec![Action::Patch("Secret", "orders", annotated), Action::Patch("AppCredential", "orders", edited)];
    let holds: &[&str] = &[r#""theirs": "kept""#, r#""username": "other""#];
    Scenario { change, holds, ..changed("annotated-and-edited", ONE, Action::Watching) }
}

/// A credential that comes while the controller watches, and is then edited twice.
///
/// Where the first edit is not told of, it is as if both were one.
pub(super) fn watched(first_is_told: bool) -> Scenario {
    let patch = |spec: Value| Action::Patch("AppCredential", "orders", json!({"spec": spec}));
    let description = if first_is_told { "first" } else { WITHHELD };
    let mut change = vec![
        Action::Watching,
        Action::Apply(ONE),
        Action::Settled("Ready"),
        patch(json!({"description": description, "connection": {"host": "pg2.internal"}})),
        Action::Settled("Ready"),
        patch(json!({"description": null, "connection": {"port": 5433}})),
    ];
    if !first_is_told {
        change.remove(4);
    }
    Scenario {
        given: vec![AROUND],
        settled: None,
        change,
        holds: &[r#""host": "pg2.internal""#, r#""port": "5433""#],
        lacks: &["5432"],
        ..changed("watched", ONE, Action::Watching)
    }
}
