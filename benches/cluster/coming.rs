//! Fields that are designed and not built yet, as they will stand in the schema: what a write costs is measured with them, so
//! that a field is paid for before it is there. One that is built is taken out here.

use serde_json::{Map, Value, json};

/// An object with these fields.
macro_rules! object {
    ($($fields:tt)+) => { json!({"type": "object", "properties": {$($fields)+}}) };
}

/// A list that nobody merges into.
macro_rules! list {
    ($items:expr) => { json!({"type": "array", "maxItems": 64, "x-kubernetes-list-type": "atomic", "items": $items}) };
}

/// Adds the fields to the CRD of `AppCredential`.
pub(crate) fn add(definition: &mut Value) {
    let schema = &mut definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
    for scope in ["/spec", "/spec/properties/environments/items"] {
        let scope = schema.pointer_mut(scope).expect("a scope");
        extend(scope, "", json!({"parametersFrom": list!(from()), "guard": guard()}));
        extend(scope, "/properties/connection", json!({"fieldsFrom": list!(from())}));
        extend(scope, "/properties/targets/items", json!({"kinds": list!(word(16))}));
        extend(scope, "/properties/authentication", json!({"rotateAfterDays": {"type": "integer", "minimum": 1}}));
    }
    let spec = schema.pointer_mut("/spec").expect("the spec");
    extend(
        spec,
        "",
        json!({
            "history": object!("keepValues": {"type": "boolean"}),
            "pin": object!("entry": word(64), "until": {"type": "string", "format": "date-time"}, "reason": word(256)),
            "restarts": object!("workloads": list!(word(253)), "window": word(64)),
        }),
    );
    let environment =
        schema.pointer_mut("/status/properties/environments/items").expect("the environments of the status");
    let expiry = object!("field": word(256), "time": {"type": "string", "format": "date-time"}, "from": word(64));
    let restart = object!("workload": word(300), "revision": {"type": "integer"}, "state": word(32));
    extend(environment, "", json!({"expiry": list!(expiry), "restarts": list!(restart)}));
}

fn extend(schema: &mut Value, at: &str, fields: Value) {
    let properties = schema.pointer_mut(at).map(|schema| &mut schema["properties"]);
    let properties: &mut Map<String, Value> = properties.and_then(Value::as_object_mut).expect("an object");
    let Value::Object(fields) = fields else { return };
    for (name, field) in fields {
        assert!(properties.insert(name.clone(), field).is_none(), "{name} is built: take it out of what comes");
    }
}

fn word(most: usize) -> Value {
    json!({"type": "string", "maxLength": most})
}

fn from() -> Value {
    let name = object!("name": word(253));
    let (key, prefix) = (word(253), word(63));
    let fields = object!("host": key, "port": key, "database": key, "path": key, "protocol": key, "uri": key);
    object!("secretRef": name, "configMapRef": name, "prefix": prefix, "fields": fields)
}

fn guard() -> Value {
    let hold = json!({"type": "string", "enum": ["Allow", "Hold"]});
    object!("removals": hold, "deletion": hold)
}
