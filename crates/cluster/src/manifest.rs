//! The bodies of writes: a new output, its update, and its release. No value is read here.
//!
//! An update is a JSON patch on condition of the resourceVersion: data and owner references are replaced whole, of
//! the labels and annotations only ours. `add` also replaces what is there, and works where nothing is (a strategic
//! merge's `$patch: replace` loses the data then).

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use serde_json::{Map, Value, json};

use appcredential_api::{Kind, labels};
use appcredential_core::plan::{Observed, Removable};
use appcredential_core::render::Object;

/// The owner references of an output: ours or none.
fn owner_references(object: &Object) -> Value {
    json!(object.owner_reference.as_slice())
}

/// The annotations of an output with this revision.
fn annotations(object: &Object, revision: i64) -> BTreeMap<&str, String> {
    let own = object.annotations.iter().map(|(key, value)| (key.as_str(), value.clone()));
    own.chain([(labels::REVISION, revision.to_string())]).collect()
}

/// `data`, and for a ConfigMap `binaryData` for what is not text.
fn data(object: &Object) -> (Map<String, Value>, Map<String, Value>) {
    let mut text = Map::new();
    let mut binary = Map::new();
    for (key, value) in &object.data {
        let base64 = || json!(ByteString(value.expose().to_vec()));
        match (object.kind, std::str::from_utf8(value.expose())) {
            (Kind::Secret, _) => text.insert(key.clone(), base64()),
            (Kind::ConfigMap, Ok(value)) => text.insert(key.clone(), json!(value)),
            (Kind::ConfigMap, Err(_)) => binary.insert(key.clone(), base64()),
        };
    }
    (text, binary)
}

/// Writes the manifest of a new output.
pub(super) fn whole(object: &Object, revision: i64) -> Value {
    let (text, binary) = data(object);
    let mut body = json!({
        "apiVersion": "v1",
        "kind": object.kind.to_string(),
        "metadata": {
            "name": object.name,
            "namespace": object.namespace,
            "labels": object.labels,
            "annotations": annotations(object, revision),
            "ownerReferences": owner_references(object),
        },
        "data": text,
    });
    if let Some(body) = body.as_object_mut() {
        if let Some(secret_type) = &object.secret_type {
            body.insert("type".to_owned(), json!(secret_type));
        }
        if !binary.is_empty() {
            body.insert("binaryData".to_owned(), Value::Object(binary));
        }
    }
    body
}

/// The condition of every patch: a resourceVersion that differs by now is answered with a conflict; an object that
/// was created anew has another.
fn condition(observed: &Observed) -> Value {
    json!({"op": "replace", "path": "/metadata/resourceVersion", "value": observed.resource_version})
}

/// The path of a label or annotation: `/` is written as `~1` (RFC 6901).
fn path(field: &str, key: &str) -> String {
    format!("/metadata/{field}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Writes the update of an output.
pub(super) fn update(object: &Object, revision: i64, observed: &Observed) -> Value {
    let (text, binary) = data(object);
    let mut operations = vec![
        condition(observed),
        json!({"op": "add", "path": "/metadata/ownerReferences", "value": owner_references(object)}),
        json!({"op": "add", "path": "/data", "value": text}),
    ];
    if object.kind == Kind::ConfigMap {
        operations.push(json!({"op": "add", "path": "/binaryData", "value": binary}));
    }
    let (labels, annotations) = (&object.labels, annotations(object, revision));
    for removable in &observed.removable {
        match removable {
            Removable::Label(key) if !labels.contains_key(key) => {
                operations.push(json!({"op": "remove", "path": path("labels", key)}));
            }
            Removable::Annotation(key) if !annotations.contains_key(key.as_str()) => {
                operations.push(json!({"op": "remove", "path": path("annotations", key)}));
            }
            _ => {}
        }
    }
    for (field, there) in [("labels", observed.has_labels), ("annotations", observed.has_annotations)] {
        if !there {
            operations.push(json!({"op": "add", "path": format!("/metadata/{field}"), "value": {}}));
        }
    }
    operations
        .extend(labels.iter().map(|(key, value)| json!({"op": "add", "path": path("labels", key), "value": value})));
    operations.extend(
        annotations.iter().map(|(key, value)| json!({"op": "add", "path": path("annotations", key), "value": value})),
    );
    Value::Array(operations)
}

/// Takes our marks off an output. The names of the credential and the environment stay, so that people can see where it
/// came from and a credential that is created again can take it over.
pub(super) fn release(observed: &Observed) -> Value {
    let uid = observed.owner_uid.as_deref().unwrap_or_default();
    let mut operations = vec![
        condition(observed),
        json!({"op": "remove", "path": path("labels", labels::MANAGED_BY)}),
        json!({"op": "remove", "path": path("annotations", labels::OWNER_UID)}),
        json!({"op": "add", "path": path("annotations", labels::RETAINED_FROM), "value": uid}),
    ];
    // One whose credential is deleted with `--cascade=orphan` need not have been meant to be retained.
    if observed.removable.contains(&Removable::Annotation(labels::DELETION_POLICY.to_owned())) {
        operations.push(json!({"op": "remove", "path": path("annotations", labels::DELETION_POLICY)}));
    }
    Value::Array(operations)
}
