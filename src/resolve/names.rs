//! Default names of outputs.
//!
//! An output is named `<credential>`, or `<credential>-<environment>` where environments are declared and share the
//! credential's namespace; in a namespace of its own an environment needs no suffix. Teams
//! like to name their sources just so; a source is never overwritten, so where one of the default names is
//! a source of the same credential, all its default names get the suffix `-credential`. The rule looks at
//! the whole credential, whatever environments are handled here, so that every cluster uses the same names.

use std::collections::BTreeSet;

use super::SourceKey;
use super::leaves::Collector;
use super::merge::Merged;
use crate::api::{AppCredentialSpec, Identity, Kind};

/// The objects that environments refer to.
pub(super) fn sources(spec: &AppCredentialSpec, environments: &[Merged]) -> BTreeSet<SourceKey> {
    let mut sources = BTreeSet::new();
    for merged in environments {
        let mut ignored = Vec::new();
        let mut collector = Collector { leaves: Vec::new(), problems: &mut ignored };
        collector.collect(spec, merged);
        sources.extend(collector.leaves.iter().filter_map(|leaf| leaf.source().cloned()));
    }
    sources
}

/// The names that a credential gives and takes.
pub(super) struct Names<'a> {
    pub(super) identity: &'a Identity,
    sources: BTreeSet<SourceKey>,
    suffix: &'static str,
}

impl<'a> Names<'a> {
    pub(super) fn new(spec: &AppCredentialSpec, identity: &'a Identity, environments: &[Merged]) -> Self {
        let sources = sources(spec, environments);
        let mut names = Self { identity, sources, suffix: "" };
        let taken = environments.iter().any(|merged| {
            let name = names.default_for(merged.name.as_deref());
            names.is_source(Kind::Secret, &name) || names.is_source(Kind::ConfigMap, &name)
        });
        if taken {
            names.suffix = "-credential";
        }
        names
    }

    /// The default name of both outputs of an environment in the credential's namespace.
    pub(super) fn default_for(&self, environment: Option<&str>) -> String {
        let Identity { name, .. } = self.identity;
        match environment {
            Some(environment) => format!("{name}-{environment}{}", self.suffix),
            None => format!("{name}{}", self.suffix),
        }
    }

    /// The default name in a namespace: that of another one has no environment's suffix.
    pub(super) fn default_in(&self, namespace: &str, environment: Option<&str>) -> String {
        if namespace == self.identity.namespace { self.default_for(environment) } else { self.identity.name.clone() }
    }

    /// Whether the credential reads this object of its namespace.
    pub(super) fn is_source(&self, kind: Kind, name: &str) -> bool {
        self.sources.contains(&SourceKey { kind, name: name.to_owned() })
    }
}
