//! From a spec to effective environments, or all that is wrong with it.
//!
//! Pure: `environments` merges each environment over the base (`merge`), turns it into leaves (`leaves`)
//! and validates what came out (`validate`, `targets`); `Environment::fill` puts the values of sources in (`sources`).
//! A credential is accepted whole or not at all; what only a source shows concerns its environment alone.

mod class;
mod leaves;
mod merge;
mod names;
mod sources;
mod targets;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use crate::api::credential::Layout;
use crate::api::{AppCredentialSpec, Identity, Kind, Problem, Reason, SecretType, Sensitive, labels};
pub use class::{Class, key};
pub use merge::{Merged, merge};
pub use sources::{Filled, FilledLeaf, Inputs, Source, SourceKey};

/// What this operator handles: all environments or the named ones (`--environments`), and the prefixes of labels
/// and annotations that targets may add (`--allow-metadata-prefix`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    environments: Option<BTreeSet<String>>,
    prefixes: BTreeSet<String>,
}

impl Selection {
    /// Only these environments; an empty list means all.
    pub fn only(names: impl IntoIterator<Item = String>) -> Self {
        let names: BTreeSet<String> = names.into_iter().collect();
        let environments = if names.is_empty() { None } else { Some(names) };
        Self { environments, prefixes: BTreeSet::new() }
    }

    /// The same, with these prefixes of labels and annotations.
    #[must_use]
    pub fn allowing(mut self, prefixes: impl IntoIterator<Item = String>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// What is handled, in words: two operators with the same words render the same.
    #[must_use]
    pub fn words(&self) -> String {
        let join = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        let environments = self.environments.as_ref().map(|names| format!(" environments={}", join(names)));
        let prefixes = (!self.prefixes.is_empty()).then(|| format!(" metadata-prefixes={}", join(&self.prefixes)));
        format!("{}{}", environments.unwrap_or_default(), prefixes.unwrap_or_default())
    }

    /// Whether an environment is handled. A credential without environments always is.
    #[must_use]
    pub fn handles(&self, environment: Option<&str>) -> bool {
        match (&self.environments, environment) {
            (Some(names), Some(environment)) => names.contains(environment),
            _ => true,
        }
    }
}

/// An effective environment: what its outputs are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// The name; none where the credential declares no environments.
    pub name: Option<String>,
    /// Everything that becomes a key.
    pub leaves: Vec<Leaf>,
    /// Where the outputs go.
    pub targets: Vec<Target>,
    /// The application's type, which a ServiceBinding Secret has as its own type.
    pub application: String,
}

impl Environment {
    /// The name in the status: `default` for a credential without environments.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("default")
    }
}

/// One key of the outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The field, such as `spec.environments[staging].connection.host`.
    pub path: String,
    /// The key.
    pub key: String,
    /// Which outputs it goes to.
    pub class: Class,
    /// Where its value comes from.
    pub origin: Origin,
}

impl Leaf {
    /// The object that the value comes from, if it does not stand in the spec.
    #[must_use]
    pub fn source(&self) -> Option<&SourceKey> {
        match &self.origin {
            Origin::Source { source, .. } => Some(source),
            Origin::Plain(_) => None,
        }
    }
}

/// Where a leaf's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The spec itself.
    Plain(Sensitive),
    /// A key of an object in the credential's namespace.
    Source {
        /// The object.
        source: SourceKey,
        /// The key in its data.
        key: String,
        /// Whether a missing value leaves the leaf out.
        optional: bool,
    },
}

/// Where a Secret and a ConfigMap go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The namespace of both.
    pub namespace: String,
    /// The uid that the namespace has to have, where the target pins it.
    pub namespace_uid: Option<String>,
    /// The name of the Secret.
    pub secret_name: String,
    /// The name of the ConfigMap.
    pub config_map_name: String,
    /// How the Secret's keys are laid out.
    pub layout: Layout,
    /// The type of the Secret, with the layout Split.
    pub secret_type: SecretType,
    /// Whether the outputs are left behind when they are no longer wanted.
    pub retain: bool,
    /// Whether Kubernetes does not collect the outputs with their credential: those in other namespaces, since owners
    /// are looked for in the own one, and those to be retained.
    pub detached: bool,
    /// Labels that both outputs have besides ours.
    pub labels: BTreeMap<String, String>,
    /// Annotations that both outputs have besides ours.
    pub annotations: BTreeMap<String, String>,
}

impl Target {
    /// The objects of the target.
    #[must_use]
    pub fn objects(&self) -> [(Kind, &str, &str); 2] {
        [(Kind::Secret, &self.namespace, &self.secret_name), (Kind::ConfigMap, &self.namespace, &self.config_map_name)]
    }
}

/// The effective environments that this operator handles.
///
/// # Errors
/// Every problem of every environment, each with its field path.
pub fn environments(
    spec: &AppCredentialSpec,
    identity: &Identity,
    selection: &Selection,
) -> Result<Vec<Environment>, Vec<Problem>> {
    let mut problems = Vec::new();
    if identity.name.len() > labels::NAME_MAX {
        problems.push(Problem::new(
            Reason::InvalidSpec,
            "metadata.name",
            format!(
                "is longer than {} characters, and it becomes a label of the outputs; choose a shorter name",
                labels::NAME_MAX
            ),
        ));
    }
    let declared = spec.environments.as_deref().unwrap_or_default();
    if !declared.is_empty() && spec.targets.is_some() {
        problems.push(Problem::new(
            Reason::InvalidSpec,
            "spec.targets",
            "does not go together with environments; give each environment its own targets",
        ));
    }
    let mut out = Vec::new();
    let merged = merge(spec);
    let names = names::Names::new(spec, identity, &merged);
    for merged in merged {
        if selection.handles(merged.name.as_deref()) {
            out.push(validate::environment(spec, &names, merged, selection, &mut problems));
        }
    }
    targets::distinct(&out, &mut problems);
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// The objects that the handled environments of a spec refer to, whether it is accepted or not.
#[must_use]
pub fn sources(spec: &AppCredentialSpec, selection: &Selection) -> BTreeSet<SourceKey> {
    let merged: Vec<Merged> =
        merge(spec).into_iter().filter(|merged| selection.handles(merged.name.as_deref())).collect();
    names::sources(spec, &merged)
}

/// The namespaces that targets pin, each with the uids, whatever environments are handled and whether the spec is accepted or not.
#[must_use]
pub fn pinned_namespaces(spec: &AppCredentialSpec, identity: &Identity) -> BTreeMap<String, BTreeSet<String>> {
    let declared = spec.environments.iter().flatten().flat_map(|environment| environment.targets.iter().flatten());
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for target in spec.targets.iter().flatten().chain(declared) {
        if let Some(uid) = &target.namespace_uid {
            let namespace = target.namespace.as_ref().unwrap_or(&identity.namespace);
            out.entry(namespace.clone()).or_default().insert(uid.clone());
        }
    }
    out
}

/// The targets in other namespaces than the credential's, of the handled environments, whether the spec is accepted or not.
#[must_use]
pub fn targets_elsewhere(spec: &AppCredentialSpec, identity: &Identity, selection: &Selection) -> Vec<Target> {
    let declared = spec.environments.iter().flatten().filter(|environment| selection.handles(Some(&environment.name)));
    let declared = declared.flat_map(|environment| environment.targets.iter().flatten());
    let elsewhere =
        |target: &&crate::api::Target| target.namespace.as_ref().is_some_and(|it| *it != identity.namespace);
    let all = spec.targets.iter().flatten().chain(declared).filter(elsewhere);
    // The names in other namespaces do not depend on the environment.
    all.map(|target| targets::resolve(identity, target, || identity.name.clone())).collect()
}
