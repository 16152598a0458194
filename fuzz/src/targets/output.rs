//! A Secret or ConfigMap as the API server sends it: it is reduced to what tells nothing of its data.

use appcredential_api::Kind;
use appcredential_cluster::OutputObject;
use appcredential_cluster::objects::{ConfigMaps, CoreKind, Secrets};
use appcredential_core::plan::Observed;
use serde_json::{Value, json};

use super::support::{CANARY, assert_hidden};

/// The canary in base64.
const ENCODED: &str = "Q0FOQVJZLU9GLUEtU0VDUkVU";

pub(super) fn run(data: &[u8]) {
    // What nobody looks at may be no text at all; the API server sends none such.
    if std::str::from_utf8(data).is_err() {
        return;
    }
    reduce::<Secrets>(data);
    reduce::<ConfigMaps>(data);
}

fn reduce<K: CoreKind>(data: &[u8]) {
    let Ok(object) = serde_json::from_slice::<OutputObject<K>>(data) else { return };
    let observed = object.observed;
    let text = serde_json::to_string(&observed).expect("what is known of an output can be packed");
    let unpacked: Observed = serde_json::from_str(&text).expect("what was packed can be unpacked");
    assert_eq!(observed, unpacked, "packing loses nothing");
    assert!(observed.revision.is_none_or(|revision| (1..=i64::from(i32::MAX)).contains(&revision)));
    assert!(observed.keys.iter().map(|(key, _)| key).is_sorted(), "keys are in their order");
    // Deeper than serde reads a whole document, in a field that nobody looks at.
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let sorted: OutputObject<K> = serde_json::from_value(value.clone()).expect("the order of fields does not matter");
    assert_eq!(observed, sorted.observed, "the order of fields does not matter");
    is_blind::<K>(&observed, value);
}

/// Another value in the data changes the fingerprint, and is nowhere to be seen.
fn is_blind<K: CoreKind>(before: &Observed, mut value: Value) {
    let data = value.get_mut("data").and_then(Value::as_object_mut);
    let Some((_, first)) = data.and_then(|data| data.iter_mut().next()) else { return };
    let canary = if K::KIND == Kind::Secret { ENCODED } else { CANARY };
    // The binary data of a ConfigMap may have the same key, and is what counts then.
    let had = std::mem::replace(first, json!(canary));
    let text = value.to_string();
    let after: OutputObject<K> = serde_json::from_value(value.clone()).expect("a value for a value");
    let hidden = had != json!(canary) && value.get("binaryData").is_none_or(|binary| binary == &json!({}));
    assert!(!hidden || before.fingerprint != after.observed.fingerprint, "a value changes unnoticed");
    let known = json!(after.observed).to_string();
    // Somebody may have written the canary itself into a label.
    if text.matches(CANARY).count() + text.matches(ENCODED).count() == 1 {
        assert_hidden("an output", &after.observed);
        assert!(!known.contains(CANARY) && !known.contains(ENCODED), "what is kept of an output holds its data");
    }
}
