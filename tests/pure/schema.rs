//! What the CRD promises to the API server and to people: bounds everywhere, merge keys, columns, and rules that say
//! what to do.

use appcredential_api::authentication::FieldKey;
use appcredential_api::{AuthenticationType, crd};
use serde_json::{Value, json};

/// The finished CRD.
fn definition() -> Value {
    crd::app_credential().unwrap()
}

/// A schema below `spec` and `status` with its path.
fn schemas() -> Vec<(String, Value)> {
    fn walk(path: &str, schema: &Value, out: &mut Vec<(String, Value)>) {
        out.push((path.to_owned(), schema.clone()));
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            walk(&format!("{path}.{name}"), property, out);
        }
        if schema.get("additionalProperties").is_some() {
            walk(&format!("{path}{{}}"), &schema["additionalProperties"], out);
        }
        if schema.get("items").is_some() {
            walk(&format!("{path}[]"), &schema["items"], out);
        }
    }
    let mut out = Vec::new();
    walk("", &definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut out);
    assert!(out.len() > 500, "the whole schema is walked: {}", out.len());
    out
}

/// The paths of the schemas for which this does not hold.
fn without(holds: impl Fn(&str, &Value) -> bool) -> Vec<String> {
    schemas().into_iter().filter(|(path, schema)| !holds(path, schema)).map(|(path, _)| path).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn every_property_has_a_description() {
    let described =
        |schema: &Value| schema["description"].as_str().is_some_and(|text| text.len() > 5 && text.ends_with('.'));
    let wrong = without(|path, schema| {
        path.ends_with("[]") || path.ends_with("{}") || path.is_empty() || path == ".spec" || described(schema)
    });
    // Those of Kubernetes' own conditions are not ours.
    let ours: Vec<_> = wrong.into_iter().filter(|path| !path.starts_with(".status.conditions[]")).collect();
    assert_eq!(ours, NONE);
}

/// The words of a field, and whether it has to be there.
fn enumerated() -> Vec<(String, Vec<String>, String)> {
    let below_spec =
        schemas().into_iter().filter(|(path, schema)| path.starts_with(".spec") && schema["enum"].is_array());
    let words = |schema: &Value| {
        let words = schema["enum"].as_array().unwrap().iter();
        words.map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    below_spec
        .map(|(path, schema)| (path, words(&schema), schema["description"].as_str().unwrap_or_default().to_owned()))
        .collect()
}

#[test]
fn an_enumerated_field_says_what_is_so_where_it_is_absent() {
    let fields = enumerated();
    assert!(fields.len() >= 14, "{fields:?}");
    for (path, words, text) in fields {
        // What has to be there is never absent.
        if path.ends_with(".presets[].name") || path.ends_with(".templates[].format") {
            continue;
        }
        let default = words.iter().any(|word| text.contains(&format!("Default: {word}")));
        let default = default || words.iter().any(|word| text.contains(&format!("{word} (default)")));
        let absent = ["Absent: ", "absent inherits"].iter().any(|words| text.contains(words));
        assert!(default || absent, "{path}: {text}");
    }
}

#[test]
fn every_string_is_bounded() {
    let wrong = without(|_, schema| {
        schema["type"] != "string" || ["maxLength", "enum", "format"].iter().any(|bound| schema.get(bound).is_some())
    });
    assert_eq!(wrong, NONE);
}

#[test]
fn every_list_is_bounded_and_says_how_it_merges() {
    let wrong = without(|_, schema| {
        schema["type"] != "array" || (schema["maxItems"].is_u64() && schema["x-kubernetes-list-type"].is_string())
    });
    assert_eq!(wrong, NONE);
}

#[test]
fn lists_of_named_entries_merge_by_their_name() {
    for (path, schema) in schemas().into_iter().filter(|(_, schema)| schema["type"] == "array") {
        let properties = &schema["items"]["properties"];
        let key = match path.as_str() {
            // Operators patch what they read: nobody merges there.
            _ if path.starts_with(".status") => {
                assert_eq!(schema["x-kubernetes-list-type"], "atomic", "{path}");
                continue;
            }
            // A list of presets is replaced whole: one may be there twice, under two keys.
            _ if path.ends_with(".output.presets") => {
                assert_eq!(schema["x-kubernetes-list-type"], "atomic", "{path}");
                continue;
            }
            _ if properties.get("name").is_some() => "name",
            _ => {
                assert_ne!(schema["x-kubernetes-list-type"], "map", "{path}");
                continue;
            }
        };
        assert_eq!(schema["x-kubernetes-list-type"], "map", "{path}");
        assert_eq!(schema["x-kubernetes-list-map-keys"], json!([key]), "{path}");
        assert!(schema["items"]["required"].as_array().unwrap().contains(&json!(key)), "{path}: {key} is required");
    }
}

#[test]
fn the_schema_has_no_default_null_open_field_or_trace_of_rust() {
    let wrong = without(|path, schema| {
        let absent = ["nullable", "title", "$ref", "x-kubernetes-preserve-unknown-fields"];
        // Only the labels and annotations of a target are maps, bounded ones.
        let map = schema.get("additionalProperties").is_some();
        let is_map = path.ends_with(".labels") || path.ends_with(".annotations");
        let format = schema["format"].as_str().unwrap_or_default();
        // Of the status alone: that nobody has looked at it. A default of the spec would be a difference to the repository.
        let defaulted = schema.get("default").is_some();
        let unobserved = [".status", ".status.observedGeneration"].contains(&path);
        map == is_map
            && defaulted == unobserved
            && map == schema["maxProperties"].is_u64()
            && absent.iter().all(|word| schema.get(word).is_none())
            && !format.contains("int")
            && schema["type"].is_string()
    });
    assert_eq!(wrong, NONE);
    let text = definition().to_string();
    assert!(!text.contains("null"), "no enum has null among its words");
}

#[test]
fn every_rule_says_what_is_wrong_and_what_to_do() {
    let remedies = ["must be", "set ", "keep one", "remove it", "use ", "give ", "choose ", "create "];
    let mut count = 0;
    for (path, schema) in schemas() {
        for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
            let message = rule["message"].as_str().unwrap();
            assert!(remedies.iter().any(|remedy| message.contains(remedy)), "{path}: {message}");
            assert!(!message.contains('\n') && !message.ends_with('.') && message.len() < 200, "{path}: {message}");
            // The API server puts the path of the schema, or of the field that the rule names, before the message.
            if let Some(field) = rule.get("fieldPath") {
                let name = field.as_str().unwrap().strip_prefix('.').unwrap();
                let field = name.split('.').fold(&schema, |schema, name| &schema["properties"][name]);
                assert!(field.is_object(), "{path}: {name} is a field");
            }
            count += 1;
        }
    }
    assert!(count > 40, "the rules are there: {count}");
}

#[test]
fn a_rule_on_a_value_prints_no_value() {
    for (path, schema) in schemas() {
        if path.ends_with(".value") || path.ends_with(".properties[].value") {
            assert!(schema.get("x-kubernetes-validations").is_none(), "{path}: the API server would quote it");
        }
        for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
            let expression = rule["messageExpression"].as_str().unwrap_or_default();
            assert!(!expression.contains(".value"), "{path}: {expression}");
        }
    }
}

#[test]
fn the_crd_fits_into_the_annotation_of_client_side_apply() {
    let size = definition().to_string().len();
    assert!(size < 256 * 1024, "{size} bytes as compact JSON");
}

#[test]
fn the_kind_has_its_names_columns_selectable_fields_and_status() {
    let definition = definition();
    assert_eq!(definition["metadata"]["name"], "appcredentials.appcredential.io");
    assert!(definition.get("status").is_none());
    let spec = &definition["spec"];
    assert_eq!((&spec["group"], &spec["scope"]), (&json!("appcredential.io"), &json!("Namespaced")));
    assert_eq!(spec["names"]["shortNames"], json!(["appcred"]));
    assert_eq!(spec["names"]["categories"], json!(["credentials"]));
    assert_eq!(spec["versions"].as_array().unwrap().len(), 1);
    let version = &spec["versions"][0];
    assert_eq!(version["name"], "v1alpha1");
    assert_eq!((&version["served"], &version["storage"]), (&json!(true), &json!(true)));
    assert_eq!(version["subresources"], json!({"status": {}}));
    let fields: Vec<&str> = version["selectableFields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["jsonPath"].as_str().unwrap())
        .collect();
    assert_eq!(fields, [".spec.application.type", ".spec.application.provider"]);
    let columns = version["additionalPrinterColumns"].as_array().unwrap();
    let names: Vec<&str> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Application", "Provider", "Environments", "Ready", "Reason", "Age"]);
    // A column or selectable field that names no field shows nothing.
    let known: Vec<String> = schemas().into_iter().map(|(path, _)| path).collect();
    for path in fields.into_iter().chain(columns.iter().map(|column| column["jsonPath"].as_str().unwrap())) {
        let field = path.split("[?").next().unwrap();
        assert!(known.iter().any(|known| known == field) || path == ".metadata.creationTimestamp", "{path}");
    }
}

#[test]
fn what_the_status_can_hold_fits_into_its_schema() {
    let bounds = schemas();
    let bound = |path: &str, word: &str| {
        let (_, schema) = bounds.iter().find(|(known, _)| known == path).unwrap_or_else(|| panic!("{path}"));
        schema[word].as_u64().unwrap_or_else(|| panic!("{path} has {word}"))
    };
    assert!(bound(".status.environments", "maxItems") >= bound(".spec.environments", "maxItems"));
    for targets in [".spec.targets", ".spec.environments[].targets"] {
        assert!(bound(".status.environments[].targets", "maxItems") >= bound(targets, "maxItems"));
    }
    // A revision and the longest message of a target, which `status` cuts at 1,000 bytes.
    assert!(bound(".status.environments[].targets[].message", "maxLength") >= 1_000);
    assert!(bound(".status.environments[].message", "maxLength") >= 32_032);
    let names = bound(".spec.environments", "maxItems") * (bound(".spec.environments[].name", "maxLength") + 1);
    assert!(bound(".status.environmentNames", "maxLength") >= names);
}

#[test]
fn each_field_of_a_type_says_what_forms_and_prompts_show() {
    let fields = AuthenticationType::ALL.iter().flat_map(|kind| kind.fields());
    for field in fields {
        let FieldKey { path, label, help, .. } = &field;
        assert!(label.starts_with(|first: char| first.is_ascii_uppercase()) && label.len() <= 40, "{path}: {label}");
        let help = help.trim();
        assert!(help.len() > 3 && help.ends_with('.'), "{path}: {help}");
        let described = described(path);
        assert!(described.starts_with(help), "{path}: the schema says {described}");
    }
}

/// The description that the schema has of a field below `authentication`.
fn described(path: &str) -> String {
    let definition = definition();
    let spec = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    let node = path.split('.').fold(&spec["properties"]["authentication"], |node, name| &node["properties"][name]);
    node["description"].as_str().unwrap_or_else(|| panic!("{path} has no description")).to_owned()
}
