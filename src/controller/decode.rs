//! Decoding a spec that may have been stored before the schema was tightened.
//!
//! serde's messages quote what they found. Only the path of the field is taken over.

use crate::api::{AppCredentialSpec, Problem, Reason};
use crate::cluster::Record;

/// The spec of a credential.
///
/// # Errors
/// The field that this version does not understand.
pub fn spec(record: &Record) -> Result<AppCredentialSpec, Problem> {
    let Some(raw) = &record.spec else {
        return Err(Problem::new(Reason::InvalidSpec, "spec", "is missing"));
    };
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => "spec".to_owned(),
            path => format!("spec.{path}"),
        };
        Problem::new(
            Reason::InvalidSpec,
            path,
            "has a form that this version does not understand; compare it with `kubectl explain appcredential.spec`",
        )
    })
}
