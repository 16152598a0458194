//! Default names of outputs.
//!
//! An output is named `<credential>`, or `<credential>-<environment>` where environments are declared and share the
//! credential's namespace; in a namespace of its own an environment needs no suffix. Nothing else changes a default
//! name: a running application's Secret keeps its name whatever is added to the spec. A source is never overwritten, so
//! a source of that name is a problem of the credential (`targets`), and not a reason for another name.

use std::collections::BTreeSet;

use super::SourceKey;
use super::leaves::Leaves;
use appcredential_api::{Identity, Kind};

/// The names that a credential gives and takes.
pub(super) struct Names<'a> {
    pub(super) identity: &'a Identity,
    sources: BTreeSet<&'a SourceKey>,
}

impl<'a> Names<'a> {
    /// Returns the names of a credential: its own and those of the objects that its leaves refer to.
    pub(super) fn new(identity: &'a Identity, leaves: impl IntoIterator<Item = &'a Leaves>) -> Self {
        Self { identity, sources: leaves.into_iter().flat_map(Leaves::sources).collect() }
    }

    /// Returns how many objects the credential reads.
    pub(super) fn sources(&self) -> usize {
        self.sources.len()
    }

    /// Returns the default name in a namespace. In other namespaces it has no suffix for the environment.
    pub(super) fn default_in(&self, namespace: &str, environment: Option<&str>) -> String {
        let Identity { namespace: own, name, .. } = self.identity;
        match environment {
            Some(environment) if namespace == own => format!("{name}-{environment}"),
            _ => name.clone(),
        }
    }

    /// Returns whether the credential reads this object of its namespace.
    pub(super) fn is_source(&self, kind: Kind, name: &str) -> bool {
        self.sources.contains(&SourceKey { kind, name: name.to_owned() })
    }
}
