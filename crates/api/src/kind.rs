//! The two kinds of objects that are read as sources and written as outputs, and whose they are.

use std::fmt;

use super::{NamespacedName, Uid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A Secret or a ConfigMap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    /// A Secret.
    Secret,
    /// A ConfigMap.
    ConfigMap,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Which credential: where it stands and which incarnation of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid: a credential that is deleted and created again under the same name has another.
    pub uid: Uid,
}

impl Identity {
    /// Returns whether it has this name.
    #[must_use]
    pub fn is_named(&self, named: &NamespacedName) -> bool {
        self.namespace == named.namespace && self.name == named.name
    }
}
