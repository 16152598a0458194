//! Values as they are kept between reconciles: JSON, compressed.
//!
//! Ten thousand credentials are kept, and a few are looked at. A status or an output takes a fifth of its size
//! this way, in one piece of memory instead of dozens, and some microseconds when it is looked at.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What most of the values have in common, which is not stored with each. Anything may stand here; the likely first of
/// equals comes last, where references to it are shortest.
const COMMON: &[u8] = br#"{"application":{"type":"postgresql","provider":"kafka"},"authentication":{"type":"OAuth2","oauth2":{"grantType":"client_credentials","clientID":{"value":"clientSecret":{"valueFrom":{"configMapKeyRef":{"name":"tokenURL":{"value":"https://"type":"Basic","basic":{"username":{"value":"password":{"valueFrom":{"secretKeyRef":{"name":"","key":"password"}}}}},"connection":{"protocol":"https","host":".internal","port":5432,"tls":{"mode":"VerifyFull","database":"endpoints":["properties":[{"name":"scopes":["parameters":[{"name":"environments":[{"name":"staging","production","targets":[{"namespace":"layout":"ServiceBinding","deletionPolicy":"Retain"}]}{"kind":"ConfigMap","namespace":"","name":"","uid":"","resource_version":"","credential":["",""],"environment":null,"owner_uid":"","controller_uid":"","names_itself":true,"retain":false,"retained_from":null,"revision":1,"secret_type":null,"secret_type":"Opaque","immutable":false,"has_labels":true,"has_annotations":true,"removable":[],"deleting":false,"fingerprint":[{"observedGeneration":1,"conditions":[{"lastTransitionTime":"2026-01-01T00:00:00Z","message":"the spec is valid","observedGeneration":1,"reason":"Valid","status":"True","type":"Accepted"},{"lastTransitionTime":"2026-01-01T00:00:00Z","message":"every source was found","observedGeneration":1,"reason":"Resolved","status":"True","type":"ResolvedRefs"},{"lastTransitionTime":"2026-01-01T00:00:00Z","message":"every output is written as the credential says","observedGeneration":1,"reason":"Synced","status":"True","type":"Synced"},{"lastTransitionTime":"2026-01-01T00:00:00Z","message":"every environment is ready","observedGeneration":1,"reason":"Ready","status":"True","type":"Ready"}],"environments":[{"name":"default","ready":true,"targets":[{"namespace":"","secretName":"","configMapName":"","revision":1,"lastSyncTime":"2026-01-01T00:00:00Z","secret":{"uid":"","resourceVersion":""},"configMap":{"uid":"","resourceVersion":""}}],"sources":[{"kind":"Secret","name":"-source","resourceVersion":""}]}],"renderedBy":"0.1.0"}"#;

/// A packed value.
pub(in super::super) struct Packed<T> {
    bytes: Box<[u8]>,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Packed<T> {
    /// Packs a value; nothing where it has no JSON.
    pub(in super::super) fn of(value: &T) -> Option<Self> {
        let json = serde_json::to_vec(value).ok()?;
        let bytes = lz4_flex::block::compress_prepend_size_with_dict(&json, COMMON);
        Some(Self { bytes: bytes.into_boxed_slice(), of: PhantomData })
    }

    /// Unpacks the value.
    pub(in super::super) fn unpack(&self) -> Option<T> {
        let json = lz4_flex::block::decompress_size_prepended_with_dict(&self.bytes, COMMON).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_unpacked_is_what_was_packed() {
        let long = "x".repeat(100_000);
        for value in [json!(null), json!({"name": "a", "list": [1, 2.5, "ü\u{0}\""]}), json!(long)] {
            let raw: Box<RawValue> = serde_json::value::to_raw_value(&value).unwrap_or_default();
            assert_eq!(Packed::of(&value).and_then(|packed| packed.unpack()), Some(value));
            let unpacked = Packed::of(&raw).and_then(|packed| packed.unpack());
            assert_eq!(unpacked.map(|unpacked| unpacked.get().to_owned()), Some(raw.get().to_owned()));
        }
    }

    #[test]
    fn a_usual_status_takes_a_fifth_of_its_size() {
        let condition = |name: &str, reason: &str, message: &str| json!({"lastTransitionTime": "2026-11-27T05:00:00Z", "message": message, "observedGeneration": 3, "reason": reason, "status": "True", "type": name});
        let status: Value = json!({"observedGeneration": 3, "conditions": [
            condition("Accepted", "Valid", "the spec is valid"), condition("ResolvedRefs", "Resolved", "every source was found"),
            condition("Synced", "Synced", "every output is written as the credential says"), condition("Ready", "Ready", "every environment is ready"),
        ], "environments": [{"name": "default", "ready": true, "targets": [{"namespace": "team", "secretName": "orders-db", "configMapName": "orders-db", "revision": 2}]}]});
        let size = status.to_string().len();
        let packed = Packed::of(&status).map(|packed| packed.bytes.len());
        assert!(packed.is_some_and(|packed| packed * 5 < size), "{packed:?} of {size}");
    }
}
