//! What is wrong with a value: its form, and the object and key that it refers to.
//!
//! There are two dozen fields that hold a value, in the base and in each environment; as rules of the schema they were a
//! third of what a write of a credential costs. The fields are found in the schema, so that one that is new is held
//! against the same rules.

use kube::CustomResourceExt;
use serde_json::{Map, Value};

use super::lines;
use crate::crd;
use crate::credential::AppCredential;
use crate::rules::{DNS_SUBDOMAIN, is_data_key};
use crate::value::{BAD_KEY, BAD_NAME, NO_FORM, NO_SOURCE, TWO_FORMS, TWO_SOURCES};

/// The properties of a value.
const VALUE: [&str; 2] = ["value", "valueFrom"];

/// The variables that hold problems of values, each with its expression: one for each list, and one for all other fields.
///
/// # Errors
/// When the generated schema cannot be turned into JSON, which no input can cause.
pub(super) fn problems() -> Result<Vec<(String, String)>, serde_json::Error> {
    let (lists, fields): (Vec<String>, Vec<String>) = paths()?.into_iter().partition(|path| path.ends_with("[]"));
    let mut out = vec![("values".to_owned(), of_fields(&fields))];
    for list in lists {
        let list = list.trim_end_matches("[]");
        let name = list.rsplit('.').next().unwrap_or_default();
        out.push((format!("{name}Values"), of_list(list)));
    }
    Ok(out)
}

/// The fields of a base that hold a value, such as `authentication.basic.password` and `parameters[]`.
fn paths() -> Result<Vec<String>, serde_json::Error> {
    let mut definition = serde_json::to_value(AppCredential::crd())?;
    let mut paths = Vec::new();
    if let Some(schema) = definition.pointer_mut("/spec/versions/0/schema/openAPIV3Schema/properties/spec") {
        crd::visit("", schema, &mut |path: &str, schema: &mut Map<String, Value>| {
            if !path.starts_with("environments[]") && crd::has_properties(schema, &VALUE) {
                paths.push(path.to_owned());
            }
        });
    }
    Ok(paths)
}

/// The problems of fields that stand once in each scope.
fn of_fields(fields: &[String]) -> String {
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let texts = format!("{}.map(v, {})", present("", &fields), problem("v.path", "v.at"));
    lines("variables.scopes", "s", &texts)
}

/// A list of the fields below a path that are there, with their paths. An object is asked once whether it is there, and not
/// once for each of its fields: most of them are not.
fn present(path: &str, fields: &[&str]) -> String {
    let mut heads: Vec<&str> = Vec::new();
    for head in fields.iter().filter_map(|field| field.split('.').next()) {
        if !heads.contains(&head) {
            heads.push(head);
        }
    }
    let parts = heads.iter().map(|head| {
        let below: Vec<&str> = fields.iter().filter_map(|field| field.strip_prefix(head)?.strip_prefix('.')).collect();
        let path = format!("{path}.{head}");
        let there = match below.is_empty() {
            true => format!("[{{'path': dyn(s.path + '{path}'), 'at': dyn(s.at{path})}}]"),
            false => present(&path, &below),
        };
        format!("(has(s.at{path}) ? {there} : [])")
    });
    format!("({})", parts.collect::<Vec<_>>().join(" + "))
}

/// The problems of the entries of a list.
fn of_list(list: &str) -> String {
    let optional = list.replace('.', ".?");
    let path = format!("s.path + '.{list}[' + v.name + ']'");
    let texts = format!("s.at.?{optional}.orValue([]).map(v, {})", problem(&path, "v"));
    lines("variables.scopes", "s", &texts)
}

/// What is wrong with one value; empty where nothing is.
fn problem(path: &str, at: &str) -> String {
    let from = format!("{at}.valueFrom");
    let text = |what: &str| format!("{path} + ': {what}'");
    let forms = format!("(has({at}.value) ? {} : {})", text(TWO_FORMS), text(NO_FORM));
    let sources = format!("(has({from}.secretKeyRef) ? {} : {})", text(TWO_SOURCES), text(NO_SOURCE));
    let reference = format!(
        "(has({from}.secretKeyRef) ? [{from}.secretKeyRef] : [{from}.configMapKeyRef]).map(r, !r.name.matches('{DNS_SUBDOMAIN}') ? {} : {} ? '' : {})[0]",
        text(BAD_NAME),
        is_data_key("r.key"),
        text(BAD_KEY),
    );
    format!(
        "has({at}.value) == has({from}) ? {forms} : !has({from}) ? '' : has({from}.secretKeyRef) == has({from}.configMapKeyRef) ? {sources} : {reference}"
    )
}
