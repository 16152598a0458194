//! What kubectl remembers of a credential in an annotation of it: the whole manifest that was applied before, plain secrets included.
//!
//! Whoever replaces a plain secret by a reference with anything but `kubectl apply` leaves it standing there. No policy can see that,
//! since the annotation is a text. So the operator looks, and keeps no more of it than whether that is so.

use serde::Deserialize;
use serde_json::value::RawValue;

use appcredential_api::value::Sensitive;
use appcredential_api::{AppCredentialSpec, plain};

/// The annotations of a credential that are looked at. All others are skipped.
#[derive(Default, Deserialize)]
pub(super) struct Annotations {
    /// That of kubectl, which is dropped once it was looked at.
    #[serde(rename = "kubectl.kubernetes.io/last-applied-configuration", default)]
    last_applied: Option<Sensitive>,
    /// The uid of the policy that somebody has set it under.
    #[serde(rename = "appcredential.io/reviewed", default)]
    pub(super) reviewed: Option<Box<str>>,
}

/// The part of a status that tells which spec was looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    #[serde(default)]
    observed_generation: Option<i64>,
}

/// Returns the spec in the annotation, where it is another one than that of the credential.
fn former(annotations: &Annotations, spec: &RawValue) -> Option<AppCredentialSpec> {
    #[derive(Deserialize)]
    struct Manifest<'a> {
        #[serde(borrow)]
        spec: &'a RawValue,
    }
    let manifest: Manifest<'_> = serde_json::from_str(annotations.last_applied.as_ref()?.expose()).ok()?;
    if manifest.spec.get() == spec.get() { None } else { serde_json::from_str(manifest.spec.get()).ok() }
}

/// Returns whether a plain secret that the spec no longer has stands in the annotation. A spec is looked at when it is new:
/// where the status says that it was seen, the answer is no, and costs nothing.
pub(super) fn has_repaired_secret(
    annotations: &Annotations,
    generation: i64,
    spec: Option<&RawValue>,
    status: Option<&RawValue>,
) -> bool {
    let seen = status.and_then(|raw| serde_json::from_str::<Seen>(raw.get()).ok()?.observed_generation);
    let Some(spec) = spec.filter(|_| seen != Some(generation)) else { return false };
    let Some(former) = former(annotations, spec) else { return false };
    let before = plain::fields(&former);
    if before.is_empty() {
        return false;
    }
    let Ok(now) = serde_json::from_str::<AppCredentialSpec>(spec.get()) else { return false };
    !before.is_subset(&plain::fields(&now))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Record;

    fn with(password: &Value) -> Value {
        json!({"application": {"type": "db"}, "authentication": {"type": "Basic", "basic": {"password": password}}})
    }

    /// What is known of a credential of generation 2 with this spec, this annotation, and a status of this generation.
    fn known(spec: &Value, annotation: &str, observed: i64) -> bool {
        let annotations = json!({"team": "shop", "kubectl.kubernetes.io/last-applied-configuration": annotation});
        let object = json!({
            "metadata": {"name": "app", "namespace": "team", "generation": 2, "annotations": annotations},
            "spec": spec, "status": {"observedGeneration": observed},
        });
        let record: Result<Record, _> = serde_json::from_str(&object.to_string());
        record.is_ok_and(|record| !format!("{record:?}").contains("hunter2") && record.has_repaired_secret)
    }

    #[test]
    fn a_plain_secret_kept_past_its_repair_is_reported_once() {
        let (plain, other) = (json!({"value": "hunter2"}), json!({"value": "other"}));
        let reference = json!({"valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}});
        let manifest = |password: &Value| json!({"kind": "AppCredential", "spec": with(password)}).to_string();
        assert!(known(&with(&reference), &manifest(&plain), 1));
        assert!(!known(&with(&reference), &manifest(&plain), 2), "this spec was looked at");
        assert!(!known(&with(&reference), &manifest(&reference), 1), "the annotation was repaired as well");
        assert!(!known(&with(&plain), &manifest(&reference), 1), "it stands in the spec, where the policy sees it");
        assert!(!known(&with(&other), &manifest(&plain), 1), "nothing was repaired");
        for text in ["", "{", "[]", "{\"spec\": 5}", "{\"spec\": {\"password\": \"hunter2\"}}"] {
            assert!(!known(&with(&reference), text, 1), "{text}");
        }
    }
}
