//! What objects are called: in the cluster, in texts for people and in the status.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Kind;

/// The namespace and name of a credential or a grant, whatever incarnation of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NamespacedName {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl NamespacedName {
    /// Returns the name in a namespace.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }
}

/// `namespace/name`.
impl fmt::Display for NamespacedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// A Secret or a ConfigMap in the cluster, whatever incarnation of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl ObjectRef {
    /// Returns the object of this kind and name in a namespace.
    pub fn new(kind: Kind, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, namespace: namespace.into(), name: name.into() }
    }

    /// Returns the Secret and the ConfigMap of a target.
    #[must_use]
    pub fn of_target(namespace: &str, secret_name: &str, config_map_name: &str) -> [Self; 2] {
        [(Kind::Secret, secret_name), (Kind::ConfigMap, config_map_name)]
            .map(|(kind, name)| Self::new(kind, namespace, name))
    }

    /// Returns the object as the status records it: `Secret/namespace/name`.
    #[must_use]
    pub fn record(&self) -> String {
        let Self { kind, namespace, name } = self;
        format!("{kind}/{namespace}/{name}")
    }

    /// Returns the namespace of an object that the status records; none for text that is no such record.
    #[must_use]
    pub fn namespace_in(record: &str) -> Option<&str> {
        record.split('/').nth(1)
    }
}

/// `Secret namespace/name`, for people.
impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name } = self;
        write!(f, "{kind} {namespace}/{name}")
    }
}
