//! What a failed test prints: all that helps to find out why, and no values.

use std::fmt::Write;

use serde_json::{Value, json};

use super::namespace::TestNamespace;

/// Lines of the operator's log.
const LINES: usize = 40;

impl TestNamespace {
    /// The namespace as it stands.
    pub(crate) async fn report(&self) -> String {
        let mut out = format!("--- namespace {}\n", self.namespace);
        let credentials = self.credentials().list(&Default::default()).await;
        if let Err(error) = &credentials {
            let _ = writeln!(out, "the credentials cannot be listed: {error}");
        }
        for credential in credentials.into_iter().flatten() {
            let credential = json!(credential);
            let (meta, status) = (&credential["metadata"], &credential["status"]);
            let _ = writeln!(out, "AppCredential {} generation {}: {status}", meta["name"], meta["generation"]);
        }
        let secrets = self.secrets().list(&Default::default()).await.expect("an answer");
        for secret in secrets {
            let _ = writeln!(out, "Secret {}", reduced(&json!(secret)));
        }
        for config_map in self.config_maps().list(&Default::default()).await.expect("an answer") {
            let _ = writeln!(out, "ConfigMap {}", reduced(&json!(config_map)));
        }
        for event in self.all_events().await {
            let _ = writeln!(out, "Event {} {}: {}", event["regarding"]["name"], event["reason"], event["note"]);
        }
        for (name, namespace) in &self.others {
            let _ = writeln!(out, "--- namespace {name} is {namespace}: {:#?}", self.objects_of(namespace).await);
        }
        let _ = writeln!(out, "--- the end of the operator's log\n{}", self.operator.last_lines(LINES));
        out
    }
}

/// Metadata, type and the names of the keys.
fn reduced(object: &Value) -> Value {
    let meta = |field: &str| object["metadata"][field].clone();
    let keys = |field: &str| object[field].as_object().map(|data| data.keys().cloned().collect::<Vec<_>>());
    json!({
        "name": meta("name"), "resourceVersion": meta("resourceVersion"), "labels": meta("labels"),
        "annotations": meta("annotations"), "ownerReferences": meta("ownerReferences"),
        "type": object["type"], "immutable": object["immutable"],
        "data": keys("data"), "binaryData": keys("binaryData"),
    })
}
