//! A credential as the API server has it, and what a test asks of its status.

use serde_json::{Value, json};

/// A credential.
#[derive(Clone, Debug)]
pub(crate) struct Credential(pub(crate) Value);

impl Credential {
    /// Its uid.
    pub(crate) fn uid(&self) -> &str {
        self.0["metadata"]["uid"].as_str().expect("a uid")
    }

    /// Whether the status speaks of the present spec.
    pub(crate) fn is_observed(&self) -> bool {
        let observed = &self.0["status"]["observedGeneration"];
        observed.is_i64() && *observed == self.0["metadata"]["generation"]
    }

    /// A condition: status and reason.
    pub(crate) fn condition(&self, name: &str) -> (String, String) {
        let word = |field: &str| self.of(name)[field].as_str().unwrap_or_default().to_owned();
        (word("status"), word("reason"))
    }

    /// The message of a condition.
    pub(crate) fn message(&self, name: &str) -> String {
        self.of(name)["message"].as_str().unwrap_or_default().to_owned()
    }

    fn of(&self, name: &str) -> Value {
        let conditions = self.0["status"]["conditions"].as_array().cloned().unwrap_or_default();
        conditions.into_iter().find(|condition| condition["type"] == name).unwrap_or_default()
    }

    /// All four conditions as `Accepted=True/Valid`.
    pub(crate) fn conditions(&self) -> Vec<String> {
        let conditions = self.0["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let word = |condition: &Value, field: &str| condition[field].as_str().unwrap_or_default().to_owned();
        let line = |condition: &Value| {
            let [name, status, reason] = ["type", "status", "reason"].map(|field| word(condition, field));
            format!("{name}={status}/{reason}")
        };
        conditions.iter().map(line).collect()
    }

    /// What the status says of an environment.
    pub(crate) fn environment(&self, name: &str) -> Value {
        let environments = self.0["status"]["environments"].as_array().cloned().unwrap_or_default();
        environments.into_iter().find(|environment| environment["name"] == name).unwrap_or_default()
    }

    /// The status without its times and versions, each of which must be one.
    pub(crate) fn status_without_times(&self) -> Value {
        let mut status = self.0["status"].clone();
        strip(&mut status);
        status
    }
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(operator) = map.remove("renderedBy") {
                assert!(
                    operator.as_str().is_some_and(|text| text.starts_with(env!("CARGO_PKG_VERSION"))),
                    "{operator}"
                );
            }
            if map.contains_key("targets") {
                // Which sources there are follows from the spec; what their versions are good for shows at a restart.
                map.remove("sources");
            }
            if map.contains_key("secretName") {
                for field in ["secret", "configMap"] {
                    let version = map.remove(field).unwrap_or_default();
                    let text = |field: &str| version[field].as_str().is_some_and(|text| !text.is_empty());
                    assert!(version.is_null() || (text("uid") && text("resourceVersion")), "{field}: {version}");
                }
            }
            for field in ["lastTransitionTime", "lastSyncTime"] {
                if let Some(time) = map.remove(field) {
                    let time = time.as_str().expect("a time");
                    assert!(time.len() == 20 && time.ends_with('Z'), "{field}: {time}");
                }
            }
            map.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// The conditions of a credential that is as it should be.
pub(crate) fn good_conditions(generation: i64) -> Value {
    let condition = |name: &str, reason: &str, message: &str| json!({"type": name, "status": "True", "reason": reason, "message": message, "observedGeneration": generation});
    json!([
        condition("Accepted", "Valid", "the spec is valid"),
        condition("ResolvedRefs", "Resolved", "every source was found"),
        condition("Synced", "Synced", "every output is written as the credential says"),
        condition("Ready", "Ready", "every environment is ready"),
    ])
}
