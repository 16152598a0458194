//! The place of a problem: a field, or an object in the cluster.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The path of a field, such as `spec.environments[staging].authentication.basic.password`. Entries that merge by name
/// are distinguished by it, others by their number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldPath(String);

impl FieldPath {
    /// Returns the path of the whole spec.
    #[must_use]
    pub fn spec() -> Self {
        Self("spec".to_owned())
    }

    /// Returns the path of the whole status.
    #[must_use]
    pub fn status() -> Self {
        Self("status".to_owned())
    }

    /// Returns the path of a field of the metadata.
    #[must_use]
    pub fn metadata(field: &str) -> Self {
        Self(format!("metadata.{field}"))
    }

    /// Returns the path that a deserializer tells, below this one: `.` is the whole of it.
    #[must_use]
    pub fn told(&self, path: &str) -> Self {
        match path {
            "." | "" => self.clone(),
            path if path.starts_with('[') => Self(format!("{self}{path}")),
            path => self.field(path),
        }
    }

    /// Returns the path of a field below this one, or of one further down: `tls.ca`.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0))
    }

    /// Returns the path of the entry of this name.
    #[must_use]
    pub fn entry(&self, name: &str) -> Self {
        Self(format!("{}[{name}]", self.0))
    }

    /// Returns the path of the entry of this number.
    #[must_use]
    pub fn index(&self, number: usize) -> Self {
        Self(format!("{}[{number}]", self.0))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a problem is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A field of the credential.
    Field(FieldPath),
    /// Something else, in words: `Secret team/app`, `namespace team`.
    Object(String),
}

impl About {
    /// Returns the text for people.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Field(path) => path.as_str(),
            Self::Object(words) => words,
        }
    }
}
