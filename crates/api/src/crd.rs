//! The CRD as it is installed: generated from the Rust types, then finished once.
//!
//! The derive leaves traces of Rust in the schema (nullable options, integer formats, titles) and cannot
//! say how lists merge. Both are corrected here, where the CEL rules of [`super::rules`] are added too.
//!
//! A field with an enumerated type has the text of the field: the type's own would take its place, so enums of the schema
//! have none (`#[schemars(description = "")]`).

use kube::CustomResourceExt;
use serde_json::{Map, Value, json};

use super::admission;
use super::credential::AppCredential;
use super::grant::AppCredentialGrant;
use super::rules::{self, Place, Rule};
use super::status::UNOBSERVED;

/// Lists that merge by the name of their entries, for server-side apply and GitOps tools, and have each name once. The API server
/// finds an entry by its key on each write, so there are no more of them than people merge.
const MAPS: &[&str] = &["environments", "parameters", "properties", "fields"];
/// Lists of distinct words.
const SETS: &[&str] = &["excludedParameters"];

/// The files of `crds/` and the object in each: the CRDs, and the policy that comes with them.
///
/// # Errors
/// When a generated definition cannot be turned into JSON, which no input can cause.
pub fn all() -> Result<[(&'static str, Value); 4], serde_json::Error> {
    Ok([
        ("appcredentials.yaml", app_credential()?),
        ("appcredentialgrants.yaml", app_credential_grant()?),
        ("policy.yaml", admission::policy()?),
        ("policybinding.yaml", admission::binding()),
    ])
}

/// The finished CRD of `AppCredential`.
///
/// # Errors
/// When the generated definition cannot be turned into JSON, which no input can cause.
pub fn app_credential() -> Result<Value, serde_json::Error> {
    finished(serde_json::to_value(AppCredential::crd())?, &rules::all())
}

/// The finished CRD of `AppCredentialGrant`.
///
/// # Errors
/// When the generated definition cannot be turned into JSON, which no input can cause.
pub fn app_credential_grant() -> Result<Value, serde_json::Error> {
    finished(serde_json::to_value(AppCredentialGrant::crd())?, &rules::of_grants())
}

fn finished(mut crd: Value, rules: &[Rule]) -> Result<Value, serde_json::Error> {
    if let Some(schema) = crd.pointer_mut("/spec/versions/0/schema/openAPIV3Schema") {
        clean(schema);
        unobserved(schema);
        visit("", schema, &mut list_types);
        visit("", schema, &mut conditions);
        visit("", schema, &mut maps);
        visit("", schema, &mut |path, schema| apply(rules, path, schema));
    }
    if let Some(object) = crd.as_object_mut() {
        object.remove("status");
    }
    Ok(crd)
}

/// A definition as YAML, as it is committed under `crds/`.
///
/// # Errors
/// When the definition cannot be written as YAML, which no input can cause.
pub fn file(definition: &Value) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let head = "# Generated from the Rust types by `appcredential-operator crd`; a test compares the two.\n";
    Ok(format!("{head}{}", serde_saphyr::to_string(definition)?))
}

/// The CRDs as one YAML stream.
///
/// # Errors
/// When a definition cannot be written as YAML, which no input can cause.
pub fn yaml() -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let files = all()?.iter().map(|(_, definition)| file(definition)).collect::<Result<Vec<_>, _>>()?;
    Ok(files.join("---\n"))
}

/// Takes away what only Rust has a use for.
fn clean(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.remove("nullable");
            // A default of the schema would be a difference for GitOps tools; serde fills in what is absent.
            if map.get("type").is_some_and(Value::is_string) {
                map.remove("default");
            }
            if map.get("title").is_some_and(Value::is_string) {
                map.remove("title");
            }
            if map.get("format").and_then(Value::as_str).is_some_and(|format| format.contains("int")) {
                map.remove("format");
            }
            if let Some(Value::Array(words)) = map.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            if let Some(Value::String(text)) = map.get_mut("description") {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            map.values_mut().for_each(clean);
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

/// Says of a list how it merges. Nobody merges into the status: operators patch what they read.
fn list_types(path: &str, schema: &mut Map<String, Value>) {
    if schema.get("type").and_then(Value::as_str) != Some("array") {
        return;
    }
    let name = path.rsplit('.').next().unwrap_or_default();
    let kind = match path.starts_with("status.") {
        false if MAPS.contains(&name) => "map",
        false if SETS.contains(&name) => "set",
        _ => "atomic",
    };
    schema.insert("x-kubernetes-list-type".into(), json!(kind));
    if kind == "map" {
        schema.insert("x-kubernetes-list-map-keys".into(), json!(["name"]));
    }
}

/// Says of an object without a status that nobody has looked at it. This is the only default: of a status there is no diff.
fn unobserved(schema: &mut Value) {
    let Some(Value::Object(status)) = schema.pointer_mut("/properties/status") else { return };
    status.insert("default".into(), json!({}));
    let generation = status.get_mut("properties").and_then(|fields| fields.get_mut("observedGeneration"));
    if let Some(Value::Object(generation)) = generation {
        generation.insert("default".into(), json!(UNOBSERVED));
    }
}

/// Bounds the conditions as Kubernetes bounds its own (`metav1.Condition`), which the generated type does not say.
fn conditions(path: &str, schema: &mut Map<String, Value>) {
    let bounds = match path {
        "status.conditions[].type" => json!({"maxLength": 316}),
        "status.conditions[].status" => json!({"enum": ["True", "False", "Unknown"]}),
        "status.conditions[].reason" => json!({"minLength": 1, "maxLength": 1024}),
        "status.conditions[].message" => json!({"maxLength": 32768}),
        "status.conditions[].observedGeneration" => json!({"minimum": 0}),
        _ => return,
    };
    if let Value::Object(bounds) = bounds {
        schema.extend(bounds);
    }
}

/// Bounds the labels and annotations of a target as Kubernetes bounds them.
fn maps(path: &str, schema: &mut Map<String, Value>) {
    let most = match path.rsplit('.').next() {
        Some("labels") => 63,
        Some("annotations") => 1024,
        _ => return,
    };
    if let Some(Value::Object(values)) = schema.get_mut("additionalProperties") {
        values.insert("maxLength".into(), json!(most));
        schema.insert("maxProperties".into(), json!(8));
    }
}

/// Walks every schema of the tree with its path; `[]` stands for the items of a list.
pub(crate) fn visit(path: &str, schema: &mut Value, f: &mut dyn FnMut(&str, &mut Map<String, Value>)) {
    let Some(map) = schema.as_object_mut() else { return };
    f(path, map);
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        for (name, property) in properties {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            visit(&path, property, f);
        }
    }
    if let Some(items) = map.get_mut("items") {
        visit(&format!("{path}[]"), items, f);
    }
}

pub(crate) fn has_properties(schema: &Map<String, Value>, names: &[&str]) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.is_some_and(|properties| names.iter().all(|name| properties.contains_key(*name)))
}

/// Adds the rules that apply to this schema.
fn apply(rules: &[Rule], path: &str, schema: &mut Map<String, Value>) {
    if path.starts_with("status") {
        return;
    }
    for rule in rules {
        match &rule.place {
            Place::Path(wanted) if *wanted == path => add(schema, rule),
            Place::Shape(names) if has_properties(schema, names) => add(schema, rule),
            Place::Property(names, property) if has_properties(schema, names) => {
                let below = schema.get_mut("properties").and_then(|properties| properties.get_mut(property));
                if let Some(Value::Object(below)) = below {
                    add(below, rule);
                }
            }
            _ => {}
        }
    }
}

fn add(schema: &mut Map<String, Value>, rule: &Rule) {
    let mut entry = Map::new();
    entry.insert("rule".into(), json!(rule.expression));
    entry.insert("message".into(), json!(rule.message));
    if let Some(expression) = &rule.message_expression {
        entry.insert("messageExpression".into(), json!(expression));
    }
    if let Some(field) = &rule.field {
        entry.insert("fieldPath".into(), json!(field));
    }
    let list = schema.entry("x-kubernetes-validations").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.push(Value::Object(entry));
    }
}
