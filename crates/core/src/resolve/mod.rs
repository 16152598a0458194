//! From a spec to effective environments, or all that is wrong with it.
//!
//! Pure: `environments` merges each environment over the base (`merge`), turns it into leaves (`leaves`)
//! and validates what came out (`validate`, `targets`); `Environment::fill` puts the values of sources in (`sources`).
//! A credential is accepted whole or not at all; what only a source shows concerns its environment alone.

mod at;
mod class;
mod leaves;
mod merge;
mod names;
mod outputs;
mod provenance;
mod sources;
mod targets;
mod validate;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::output::Shape;
use appcredential_api::credential::Layout;
use appcredential_api::problem::{Finder, TARGETS_OF_BASE};
use appcredential_api::status::UNDECLARED;
use appcredential_api::{AppCredentialSpec, FieldPath, Identity, ObjectRef, Problems, SecretType, Sensitive, labels};
use at::At;
pub use class::{Class, goes, key};
use leaves::Leaves;
pub use merge::{Merged, merge};
use names::Names;
pub use provenance::{Provenance, Traced, trace};
pub use sources::{Filled, FilledLeaf, Inputs, Source, SourceKey};
use validate::validate_environment;

/// What this operator handles: all environments or the named ones (`--environments`), and the prefixes of labels
/// and annotations that targets may add (`--allow-metadata-prefix`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    environments: Option<BTreeSet<String>>,
    prefixes: BTreeSet<String>,
}

impl Selection {
    /// Selects only these environments; an empty list means all.
    pub fn only(names: impl IntoIterator<Item = String>) -> Self {
        let names: BTreeSet<String> = names.into_iter().collect();
        let environments = if names.is_empty() { None } else { Some(names) };
        Self { environments, prefixes: BTreeSet::new() }
    }

    /// Allows labels and annotations under these prefixes too.
    #[must_use]
    pub fn allowing(mut self, prefixes: impl IntoIterator<Item = String>) -> Self {
        self.prefixes.extend(prefixes);
        self
    }

    /// Returns what is handled, in words: two operators with the same words render the same.
    #[must_use]
    pub fn words(&self) -> String {
        let join = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        let environments = self.environments.as_ref().map(|names| format!(" environments={}", join(names)));
        let prefixes = (!self.prefixes.is_empty()).then(|| format!(" metadata-prefixes={}", join(&self.prefixes)));
        format!("{}{}", environments.unwrap_or_default(), prefixes.unwrap_or_default())
    }

    /// Returns the words of an operator as they are in the status of a credential that declares no environments: which ones
    /// are handled makes no difference to it, so operators that differ in nothing else find each other's work done.
    #[must_use]
    pub fn without_environments(&self, operator: &str) -> String {
        let prefixes = Self { environments: None, prefixes: self.prefixes.clone() };
        let version = operator.strip_suffix(&self.words()).unwrap_or(operator);
        format!("{version}{}", prefixes.words())
    }

    /// Returns whether some environments are left to other operators.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.environments.is_some()
    }

    /// Returns whether an environment is handled. A credential without environments always is.
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
    /// Returns the name in the status: `default` for a credential without environments.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(UNDECLARED)
    }
}

/// One key of the outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The field, such as `spec.environments[staging].connection.host`.
    pub path: FieldPath,
    /// The key.
    pub key: String,
    /// Which outputs it goes to.
    pub class: Class,
    /// Where its value comes from.
    pub origin: Origin,
}

impl Leaf {
    /// Returns the object that the value comes from, if the value is not in the spec.
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
    /// are looked for in its own namespace, and those to be retained.
    pub detached: bool,
    /// Labels that both outputs have besides ours.
    pub labels: BTreeMap<String, String>,
    /// Annotations that both outputs have besides ours.
    pub annotations: BTreeMap<String, String>,
    /// How the keys of both are made.
    pub shape: Arc<Shape>,
}

impl Target {
    /// Returns the objects of the target.
    #[must_use]
    pub fn objects(&self) -> [ObjectRef; 2] {
        ObjectRef::of_target(&self.namespace, &self.secret_name, &self.config_map_name)
    }
}

/// How many objects a credential may read: four for each of sixteen environments. Each is watched for it, and read again when
/// it changes; whoever needs more keys puts them into fewer objects.
pub const SOURCES_MAX: usize = 64;

/// Returns the effective environments that this operator handles.
///
/// # Errors
/// The problems of all environments, each with its field path.
pub fn environments(
    spec: &AppCredentialSpec,
    identity: &Identity,
    selection: &Selection,
) -> Result<Vec<Environment>, Problems> {
    let found = RefCell::new(Finder::default());
    let at = At::new(FieldPath::spec(), &found);
    validate_credential(spec, identity, &at);
    let merged: Vec<(Merged, Leaves)> = merge(spec)
        .into_iter()
        .map(|merged| {
            let leaves = Leaves::of(spec, &merged);
            (merged, leaves)
        })
        .collect();
    // What every cluster refuses: the sources of all environments count, whichever are handled here.
    let names = Names::new(identity, merged.iter().map(|(_, leaves)| leaves));
    if names.sources() > SOURCES_MAX {
        let message = format!(
            "refers to {} Secrets and ConfigMaps, and may refer to {SOURCES_MAX}; put keys into fewer objects, or split the credential",
            names.sources()
        );
        at.invalid(message);
    }
    let known = merged.iter().flat_map(|(_, leaves)| leaves.leaves.iter().map(|leaf| leaf.key.as_str())).collect();
    let is_handled = |merged: &Merged| selection.handles(merged.name.as_deref());
    let targets: Vec<Vec<Target>> = merged
        .iter()
        .filter(|(merged, _)| is_handled(merged))
        .map(|(merged, leaves)| {
            let targets = validate_environment(&names, merged, leaves, selection, &at.jump(&merged.path));
            outputs::validate(
                &outputs::Given { application: &spec.application.kind, leaves, known: &known },
                &targets,
                &at.jump(&merged.path),
            );
            targets
        })
        .collect();
    let handled = merged.into_iter().filter(|(merged, _)| is_handled(merged));
    let out: Vec<Environment> = handled
        .zip(targets)
        .map(|((merged, leaves), targets)| {
            let application = spec.application.kind.clone();
            Environment { name: merged.name, leaves: leaves.leaves, targets, application }
        })
        .collect();
    targets::find_conflicts(&out, &at);
    found.into_inner().finish().map(|()| out)
}

/// Validates the credential as a whole.
fn validate_credential(spec: &AppCredentialSpec, identity: &Identity, at: &At<'_>) {
    if identity.name.len() > labels::NAME_MAX {
        let message = format!(
            "is longer than {} characters, and it becomes a label of the outputs; choose a shorter name",
            labels::NAME_MAX
        );
        at.jump(&FieldPath::metadata("name")).invalid(message);
    }
    let declared = spec.environments.as_deref().unwrap_or_default();
    if !declared.is_empty() && spec.targets.is_some() {
        at.field("targets").invalid(TARGETS_OF_BASE);
    }
}

/// Returns the objects that the handled environments of a spec refer to, whether it is accepted or not: the first
/// [`SOURCES_MAX`], since a spec that refers to more waits for an edit and for no source.
#[must_use]
pub fn sources(spec: &AppCredentialSpec, selection: &Selection) -> BTreeSet<SourceKey> {
    let handled = merge(spec).into_iter().filter(|merged| selection.handles(merged.name.as_deref()));
    let mut sources = BTreeSet::new();
    for merged in handled {
        for source in Leaves::of(spec, &merged).sources() {
            if sources.len() < SOURCES_MAX {
                sources.insert(source.clone());
            }
        }
    }
    sources
}

/// Returns the namespaces that targets pin, each with the uids, whatever environments are handled and whether the spec
/// is accepted or not.
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

/// Returns the targets in other namespaces than the credential's, whether the spec is accepted or not. Those of all
/// environments: who uses a grant does not depend on which of several operators is asked, and they would write it in turns.
#[must_use]
pub fn targets_elsewhere(spec: &AppCredentialSpec, identity: &Identity) -> Vec<Target> {
    let declared = spec.environments.iter().flatten();
    let declared = declared.flat_map(|environment| environment.targets.iter().flatten());
    let elsewhere =
        |target: &&appcredential_api::Target| target.namespace.as_ref().is_some_and(|it| *it != identity.namespace);
    let all = spec.targets.iter().flatten().chain(declared).filter(elsewhere);
    // The names in other namespaces do not depend on the environment.
    all.map(|target| targets::resolve(identity, target, || identity.name.clone())).collect()
}
