//! The pages on how to use outputs: docs/use.md and docs/catalogue/.
//!
//! Below a credential a page shows `secret:` and `configMap:`, the data that the operator writes; `UPDATE_DOCS=1` writes
//! it anew. What a page's pods refer to must be one of these outputs, and a key that it has.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::documents::{effective, pieces};
use crate::support::{Keys, files_below, read, root, typed};

/// The data of the outputs of a page, by kind and name.
type Outputs = BTreeMap<(&'static str, String), Keys>;

/// Returns the pages that show outputs.
fn pages() -> Vec<String> {
    let catalogue = files_below("docs/catalogue", ".md");
    let pages = catalogue.into_iter().filter(|page| !page.ends_with("README.md"));
    pages.chain(["docs/use.md".to_owned()]).collect()
}

fn documents(piece: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(piece).unwrap_or_else(|error| panic!("{error}\n{piece}"))
}

/// Returns the data of a source of the page as `<name>.<key>`.
fn source(document: &Value) -> impl Iterator<Item = (String, String)> {
    let data = ["stringData", "data"].into_iter().filter_map(|field| document[field].as_object()).flatten();
    let name = document["metadata"]["name"].as_str().unwrap();
    data.map(move |(key, value)| (format!("{name}.{key}"), value.as_str().unwrap().to_owned()))
}

/// Returns a value as a scalar of YAML: text of several lines as a block, long text over several lines.
fn scalar(value: &str) -> String {
    let is_plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@".contains(c));
    let is_text = is_plain && value.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_text && !["true", "false", "null", "yes", "no", "on", "off"].contains(&value.to_lowercase().as_str()) {
        return value.to_owned();
    }
    if value.ends_with('\n') && !value.starts_with([' ', '\n']) && value.lines().all(|line| line.len() < 110) {
        return format!("|\n    {}", value.trim_end().replace('\n', "\n    "));
    }
    let quoted: Vec<char> = serde_json::to_string(value).unwrap().chars().collect();
    let mut lines: Vec<String> = Vec::new();
    let mut rest = &quoted[..];
    while rest.len() > 80 {
        // Not within an escape, nor before a space, which the next line would lose.
        let end = (50..80).rev().find(|&at| rest[at - 1] != '\\' && rest[at] != ' ' && rest[at - 2] != '\\').unwrap();
        lines.push(rest[..end].iter().collect());
        rest = &rest[end..];
    }
    lines.push(rest.iter().collect());
    lines.join("\\\n    ")
}

/// Returns the data of both outputs as a page shows it.
fn shown(secret: &Keys, config_map: &Keys) -> String {
    let mut text = String::new();
    for (name, keys) in [("secret", secret), ("configMap", config_map)] {
        text += &format!("{name}:{}\n", if keys.is_empty() { " {}" } else { "" });
        text.extend(keys.iter().map(|(key, value)| format!("  {key}: {}\n", scalar(value))));
    }
    text
}

/// Compares what a page shows with what the operator writes, and returns the outputs.
fn outputs(page: &str) -> Outputs {
    let mut given = BTreeMap::new();
    let mut outputs = Outputs::new();
    let mut latest = None;
    let mut updated = read(page);
    for piece in pieces(page) {
        for document in documents(&piece) {
            let name = document["metadata"]["name"].as_str().unwrap_or_default();
            match document["kind"].as_str() {
                Some("Secret" | "ConfigMap") => given.extend(source(&document)),
                Some("AppCredential") => {
                    let (secret, config_map, output) = effective(name, &typed(document["spec"].clone()), &given);
                    outputs.insert(("Secret", output.clone()), secret.clone());
                    outputs.insert(("ConfigMap", output), config_map.clone());
                    latest = Some((secret, config_map));
                }
                None if document["secret"].is_object() => {
                    let (secret, config_map) = latest.as_ref().expect("a credential stands above its outputs");
                    let keys = |field: &str| serde_json::from_value::<Keys>(document[field].clone()).unwrap();
                    if std::env::var_os("UPDATE_DOCS").is_some() {
                        updated = updated.replacen(&piece, &shown(secret, config_map), 1);
                    } else {
                        assert_eq!((&keys("secret"), &keys("configMap")), (secret, config_map), "{page}");
                    }
                }
                _ => {}
            }
        }
    }
    if updated != read(page) {
        std::fs::write(root().join(page), updated).unwrap();
    }
    outputs
}

/// Returns what a manifest refers to: kind, name and keys.
fn references(value: &Value, found: &mut Vec<(&'static str, String, Vec<String>)>) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let Value::Object(fields) = value else {
        value.as_array().into_iter().flatten().for_each(|value| references(value, found));
        return;
    };
    for (field, value) in fields {
        let kind = match field.as_str() {
            "secretKeyRef" | "secretRef" | "secret" | "imagePullSecrets" => "Secret",
            "configMapKeyRef" | "configMapRef" | "configMap" => "ConfigMap",
            _ => {
                references(value, found);
                continue;
            }
        };
        for one in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            let name = text(&one["name"]).or_else(|| text(&one["secretName"])).expect("a reference has a name");
            let items = one["items"].as_array().into_iter().flatten().filter_map(|item| text(&item["key"]));
            found.push((kind, name, text(&one["key"]).into_iter().chain(items).collect()));
        }
    }
}

#[test]
fn pages_show_the_keys_that_the_operator_writes() {
    let pages = pages();
    assert!(pages.len() >= 9, "the pages are found: {pages:?}");
    for page in pages {
        assert!(!outputs(&page).is_empty(), "{page} has a credential");
    }
}

#[test]
fn pods_of_the_pages_refer_to_keys_that_outputs_have() {
    let mut count = 0;
    for page in pages() {
        let outputs = outputs(&page);
        let documents = pieces(&page).iter().flat_map(|piece| documents(piece)).collect::<Vec<_>>();
        let pods = documents.iter().filter(|it| ["Pod", "Deployment"].map(Some).contains(&it["kind"].as_str()));
        let mut found = Vec::new();
        pods.for_each(|pod| references(&pod["spec"], &mut found));
        count += found.len();
        for (kind, name, keys) in found {
            let data = outputs.get(&(kind, name.clone())).unwrap_or_else(|| panic!("{page}: no {kind} {name}"));
            assert!(keys.iter().all(|key| data.contains_key(key)), "{page}: {kind} {name}: {keys:?} of {data:?}");
        }
    }
    assert!(count >= 4, "the pods are found: {count}");
}

#[test]
fn the_index_of_the_catalogue_lists_every_page() {
    let index = read("docs/catalogue/README.md");
    for page in files_below("docs/catalogue", ".md") {
        let file = page.rsplit('/').next().unwrap();
        assert!(file == "README.md" || index.contains(&format!("]({file})")), "{page}");
    }
}
