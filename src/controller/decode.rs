//! Decoding a spec that may have been stored before the schema was tightened, or under the schema of a later release.
//!
//! A field that this version does not know is not dropped: what is left might say something else than what was meant, as a
//! grant without its restriction. serde's messages quote what they found. Only the path of the field is taken over.

use serde::de::DeserializeOwned;
use serde_ignored::Path;
use serde_json::value::RawValue;

use appcredential_api::{AppCredentialGrantSpec, AppCredentialSpec, FieldPath, Problem, Reason};
use appcredential_cluster::{GrantRecord, Record};

/// How many unknown fields are named.
const NAMED: usize = 8;
/// The most that is shown of the name of an unknown field.
const SHOWN: usize = 64;

/// Decodes the spec of a credential.
///
/// # Errors
/// The fields that this version does not know, or the first one that it does not understand.
pub fn spec(record: &Record) -> Result<AppCredentialSpec, Vec<Problem>> {
    let Some(raw) = &record.spec else {
        return Err(vec![Problem::at(Reason::InvalidSpec, FieldPath::spec(), "is missing")]);
    };
    let (spec, unknown) = decode(raw);
    let spec = spec.map_err(|path| {
        let message =
            "has a form that this version does not understand; compare it with `kubectl explain appcredential.spec`";
        vec![Problem::at(Reason::InvalidSpec, path, message)]
    })?;
    if unknown.is_empty() {
        return Ok(spec);
    }
    let problem = |path| {
        let message =
            "is a field that this version of the operator does not know; upgrade the operator, or remove the field";
        Problem::at(Reason::UnknownField, path, message)
    };
    Err(unknown.into_iter().map(problem).collect())
}

/// Decodes what this version understands of the spec of a credential, whatever else is in it: what it refers to.
pub(super) fn understood(record: &Record) -> Option<AppCredentialSpec> {
    decode(record.spec.as_ref()?).0.ok()
}

/// Decodes the spec of a grant; nothing where it has anything that this version does not know or understand.
pub(super) fn grant(record: &GrantRecord) -> Option<AppCredentialGrantSpec> {
    let (spec, unknown) = decode(record.spec.as_ref()?);
    spec.ok().filter(|_| unknown.is_empty())
}

/// What is decoded, or the field that cannot be; and the first fields that are not known.
fn decode<T: DeserializeOwned>(raw: &RawValue) -> (Result<T, FieldPath>, Vec<FieldPath>) {
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let mut json = serde_json::Deserializer::from_str(raw.get());
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let decoded = serde_ignored::deserialize(tracked, |path: Path<'_>| {
        if unknown.len() < NAMED {
            unknown.push(field(&path));
        }
    });
    let decoded = decoded.map_err(|_| FieldPath::spec().told(&track.path().to_string()));
    (decoded, unknown)
}

/// A path as conditions have it: `spec.environments[0].name`.
fn field(path: &Path<'_>) -> FieldPath {
    match path {
        Path::Root => FieldPath::spec(),
        Path::Seq { parent, index } => field(parent).index(*index),
        Path::Map { parent, key } => field(parent).field(&key.chars().take(SHOWN).collect::<String>()),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => field(parent),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use appcredential_api::Identity;

    fn decoded(spec: &serde_json::Value) -> Result<AppCredentialSpec, Vec<String>> {
        let identity = Identity { namespace: "team".to_owned(), name: "app".to_owned(), uid: "u".into() };
        let record = Record::new(&identity, "1", serde_json::value::to_raw_value(spec).ok());
        super::spec(&record).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_unknown_field_is_named_by_path_and_never_by_value() {
        let spec = json!({
            "application": {"type": "redis", "tier": "hunter2"},
            "authentication": {"type": "None"},
            "environments": [{"name": "a"}, {"name": "b", "connection": {"tls": {"pin": ["hunter2"]}}}],
            "parameters": [{"name": "p", "valueFrom": {"vaultRef": {"path": "hunter2"}}}],
            "rotation": {"every": "hunter2"},
        });
        let problems = decoded(&spec).err().unwrap_or_default();
        let fields: Vec<&str> = problems.iter().filter_map(|problem| Some(problem.split_once(": ")?.0)).collect();
        let expected = [
            "spec.application.tier",
            "spec.environments[1].connection.tls.pin",
            "spec.parameters[0].valueFrom.vaultRef",
            "spec.rotation",
        ];
        assert_eq!(fields, expected);
        assert!(
            problems.iter().all(|problem| problem.contains("upgrade the operator") && !problem.contains("hunter2"))
        );
    }

    #[test]
    fn many_unknown_fields_and_long_ones_are_cut() {
        let mut spec = json!({"application": {"type": "redis"}, "authentication": {"type": "None"}});
        if let Some(fields) = spec.as_object_mut() {
            fields.extend((0..100).map(|index| (format!("{index}-{}", "x".repeat(10_000)), json!(1))));
        }
        let problems = decoded(&spec).err().unwrap_or_default();
        assert_eq!(problems.len(), NAMED);
        assert!(problems.iter().all(|problem| problem.len() < 300));
    }

    #[test]
    fn a_wrong_form_is_reported_before_unknown_fields() {
        let spec = json!({"new": 1, "application": {"type": 5}});
        let problems = decoded(&spec).err().unwrap_or_default();
        assert_eq!(problems.len(), 1);
        assert!(
            problems.iter().all(|problem| problem.starts_with("spec.application.type: has a form")),
            "{problems:?}"
        );
    }

    #[test]
    fn a_grant_with_an_unknown_field_allows_nothing() {
        let grant = |spec: &str| {
            let json = format!(r#"{{"metadata": {{"name": "g", "namespace": "b"}}, "spec": {spec}}}"#);
            serde_json::from_str::<GrantRecord>(&json).ok().and_then(|record| super::grant(&record))
        };
        assert!(grant(r#"{"from": [{"namespace": "team"}]}"#).is_some());
        assert!(grant(r#"{"from": [{"namespace": "team"}], "onlyOn": "mondays"}"#).is_none());
        assert!(grant(r#"{"from": [{"namespace": "team", "selector": {}}]}"#).is_none());
    }
}
