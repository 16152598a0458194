//! The reference of the chart's values: descriptions from the comments of values.yaml, types from its schema.
//!
//! A comment above a key makes a row of it, with all that is below it; a key without one is a heading for what is below.

use std::fmt::Write;

use serde_json::Value;

use super::{CHART, HEAD};
use crate::helm::read;

/// A value that is described.
struct Row {
    path: Vec<String>,
    description: String,
}

fn rows(text: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in text.lines() {
        let content = line.trim_start();
        let depth = line.len() - content.len();
        if let Some(text) = content.strip_prefix('#') {
            comment.push(text.trim());
        } else if content.is_empty() {
            comment.clear();
        } else if let Some((key, _)) = content.split_once(':').filter(|_| !content.starts_with('-')) {
            open.retain(|(other, _)| *other < depth);
            open.push((depth, key.to_owned()));
            let path: Vec<String> = open.iter().map(|(_, key)| key.clone()).collect();
            let known = rows.iter().any(|row| path.starts_with(&row.path));
            assert!(!known || comment.is_empty(), "{path:?} is described as a part of another value");
            if !comment.is_empty() {
                rows.push(Row { path, description: comment.join(" ") });
                comment.clear();
            }
        }
    }
    rows
}

/// The schema of a value, its references followed.
fn schema<'a>(whole: &'a Value, path: &[String]) -> &'a Value {
    let follow = |schema: &'a Value| match schema["$ref"].as_str() {
        Some(reference) => whole.pointer(reference.trim_start_matches('#')).expect("a definition"),
        None => schema,
    };
    path.iter().fold(follow(whole), |schema, key| follow(&schema["properties"][key]))
}

fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ");
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect::<Vec<_>>().join(" or "),
        kind => kind.as_str().unwrap_or_else(|| panic!("no type: {schema}")).to_owned(),
    };
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(least), Value::Number(most)) => format!("{kind}, {least} to {most}"),
        _ => kind,
    }
}

fn at<'a>(values: &'a Value, path: &[String]) -> &'a Value {
    path.iter().fold(values, |value, key| &value[key])
}

pub(super) fn reference() -> String {
    let text = read(&format!("{CHART}/values.yaml"));
    let values: Value = serde_saphyr::from_str(&text).unwrap();
    let whole: Value = serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap();
    let mut out = format!(
        "<!-- {HEAD} -->
# The chart of the AppCredential operator

```sh
helm install appcredential-operator charts/appcredential-operator \\
  --namespace appcredential-system --create-namespace \\
  --set image.repository=registry.example.com/appcredential-operator
```

The operator's image is published nowhere. [docs/image.md](../../docs/image.md) says how to build and push one; without
`image.repository` the chart fails and says so. [docs/install.md](../../docs/install.md) says how to install, upgrade and
remove the release.

## Values

A value that is not in this table is refused, and so is one of the wrong type.

| Value | Type | Default | What it does |
|---|---|---|---|
"
    );
    for Row { path, description } in rows(&text) {
        let kind = kind(schema(&whole, &path));
        let default = at(&values, &path).to_string();
        writeln!(out, "| `{}` | {kind} | `{default}` | {description} |", path.join(".")).unwrap();
    }
    out
}

/// Every key of values.yaml that is no row and below none, and every row.
fn keys(prefix: &[String], schema: &Value, whole: &Value, rows: &[Row], out: &mut Vec<String>) {
    let Some(properties) = schema["properties"].as_object().filter(|_| !rows.iter().any(|row| row.path == prefix))
    else {
        out.push(prefix.join("."));
        return;
    };
    for key in properties.keys().filter(|key| !(prefix.is_empty() && *key == "global")) {
        let path = [prefix, std::slice::from_ref(key)].concat();
        keys(&path, self::schema(whole, &path), whole, rows, out);
    }
}

#[test]
fn every_value_is_described_and_the_schema_knows_just_these() {
    let text = read(&format!("{CHART}/values.yaml"));
    let whole: Value = serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap();
    let rows = rows(&text);
    let mut described: Vec<String> = rows.iter().map(|row| row.path.join(".")).collect();
    let mut known = Vec::new();
    keys(&[], &whole, &whole, &rows, &mut known);
    described.sort();
    known.sort();
    assert_eq!(described, known);
    for row in &rows {
        assert!(
            row.description.ends_with(['.', ':']),
            "{}: a description is a sentence: {}",
            row.path.join("."),
            row.description
        );
    }
}
