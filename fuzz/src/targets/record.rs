//! A credential or grant with anything as its spec and status: it decodes, and what cannot be understood is told without
//! a value.

use appcredential_cluster::{GrantRecord, Record};
use appcredential_operator::controller::decode;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::support::texts;

/// Metadata as the API server gives it.
const METADATA: &str = r#"{"name":"app","namespace":"team","uid":"u","resourceVersion":"7","generation":3,"managedFields":[
{"manager":"somebody","operation":"Update","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{}}}]}"#;

/// What is said of a field, whatever it holds.
const MESSAGE: &str =
    "has a form that this version does not understand; compare it with `kubectl explain appcredential.spec`";

/// What is said of a field that this version does not know.
const UNKNOWN: &str =
    "is a field that this version of the operator does not know; upgrade the operator, or remove the field";

pub(super) fn run(data: &[u8]) {
    let Ok(raw) = serde_json::from_slice::<&RawValue>(data) else { return };
    let text = format!(r#"{{"metadata":{METADATA},"spec":{raw},"status":{raw}}}"#);
    let grant: GrantRecord = serde_json::from_str(&text).expect("no spec or status stops a list of grants");
    let record: Record = serde_json::from_str(&text).expect("no spec or status stops a list of credentials");
    let told = (raw.get() != "null").then(|| raw.get());
    for kept in [&record.spec, &record.status, &grant.spec, &grant.status] {
        assert_eq!(kept.as_ref().map(|kept| kept.get()), told, "spec and status are kept as they came");
    }
    assert_eq!((record.generation, record.resource_version().as_str()), (3, "7"));
    match decode::spec(&record) {
        Ok(spec) => {
            let again = serde_json::from_value(json!(spec)).expect("what was read can be written and read");
            assert_eq!(spec, again, "a spec is the same once it was written and read");
        }
        Err(problems) => {
            assert!((1..=8).contains(&problems.len()), "some fields are named");
            for problem in problems {
                let known = [MESSAGE, UNKNOWN].contains(&problem.message.as_str());
                assert!(known || (told.is_none() && problem.path() == "spec"), "{problem}");
                // Of a long name, the beginning is shown.
                if problem.message != UNKNOWN || problem.path().len() < 64 {
                    names_a_field(raw, problem.path());
                }
            }
        }
    }
}

/// Fails where a path is made of anything but keys and indexes of the spec: it must not quote a value.
fn names_a_field(raw: &RawValue, path: &str) {
    // A document that is deeper than serde reads has no path to be held against.
    let Ok(value) = serde_json::from_str::<Value>(raw.get()) else { return };
    let (_, keys) = texts(&value);
    let is_field = path.strip_prefix("spec").is_some_and(|rest| is_path(rest, &keys));
    assert!(is_field, "{path} is no path of the spec");
}

fn is_path(rest: &str, keys: &[&str]) -> bool {
    if let Some((index, rest)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return index.parse::<usize>().is_ok() && is_path(rest, keys);
    }
    let after = |rest: &str| {
        let rests = keys.iter().filter_map(|key| rest.strip_prefix(key));
        rests.into_iter().any(|rest| is_path(rest, keys))
    };
    rest.is_empty() || rest.strip_prefix('.').is_some_and(after)
}
