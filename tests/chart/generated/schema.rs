//! The schema of the CRD, walked for what the policies are about.

use serde_json::Value;

/// The paths below `spec` of all objects that have these properties, such as `spec.parameters[].valueFrom`.
pub(super) fn objects_with(crd: &Value, properties: &[&str]) -> Vec<String> {
    let schema = crd.pointer("/spec/versions/0/schema/openAPIV3Schema/properties/spec").expect("a schema of the spec");
    let mut found = Vec::new();
    walk("spec", schema, properties, &mut found);
    found
}

/// The words that a field may have: its place below the properties of the spec, as a JSON pointer.
pub(super) fn enumerated(crd: &Value, place: &str) -> Vec<String> {
    let place = format!("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties{place}/enum");
    let words = crd.pointer(&place).and_then(Value::as_array).unwrap_or_else(|| panic!("no words at {place}"));
    words.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
}

fn walk(path: &str, schema: &Value, wanted: &[&str], found: &mut Vec<String>) {
    let properties = schema["properties"].as_object();
    if properties.is_some_and(|there| wanted.iter().all(|name| there.contains_key(*name))) {
        found.push(path.to_owned());
    }
    for (name, property) in properties.into_iter().flatten() {
        walk(&format!("{path}.{name}"), property, wanted, found);
    }
    if schema["items"].is_object() {
        walk(&format!("{path}[]"), &schema["items"], wanted, found);
    }
    // What a map may hold has no path that an expression could be made of: there must be nothing of interest in it.
    let mut inside = Vec::new();
    if schema["additionalProperties"].is_object() {
        walk("", &schema["additionalProperties"], wanted, &mut inside);
    }
    assert!(inside.is_empty(), "{path} is a map of values, which the admission policies cannot look into");
}
