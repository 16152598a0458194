//! Sources: what an environment refers to, and putting the values in.
//!
//! A source that is missing or empty is a problem of its environment alone, and gives no half-filled output:
//! the last good one stays.

use std::collections::{BTreeMap, BTreeSet};

use super::{Class, Environment, Origin, Target};
use appcredential_api::problem::Finder;
use appcredential_api::{Kind, ObjectRef, Problem, Problems, Reason, SensitiveBytes};

/// An object that is referenced, in the credential's namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceKey {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

impl SourceKey {
    /// Returns which object it is for a credential of this namespace.
    #[must_use]
    pub fn in_namespace(&self, namespace: &str) -> ObjectRef {
        ObjectRef::new(self.kind, namespace, self.name.clone())
    }
}

/// What reading a source gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The data.
    Found(BTreeMap<String, SensitiveBytes>),
    /// It does not exist.
    Missing,
    /// It could not be read: the reason, and what the API server said without any value.
    Failed(Reason, String),
}

/// The sources of a credential, as they were read.
pub type Inputs = BTreeMap<SourceKey, Source>;

/// An environment with its values, ready to be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The name; none where the credential declares no environments.
    pub name: Option<String>,
    /// The keys and their values.
    pub leaves: Vec<FilledLeaf>,
    /// Optional keys that no source gives: where their value would go stays the same.
    pub absent: Vec<(String, Class)>,
    /// Where the outputs go.
    pub targets: Vec<Target>,
    /// The application's type.
    pub application: String,
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledLeaf {
    /// The key.
    pub key: String,
    /// Which outputs it goes to.
    pub class: Class,
    /// The value.
    pub value: SensitiveBytes,
}

impl Environment {
    /// Returns the objects that the environment refers to.
    #[must_use]
    pub fn sources(&self) -> BTreeSet<SourceKey> {
        self.leaves.iter().filter_map(|leaf| leaf.source().cloned()).collect()
    }

    /// Returns the keys of these objects that the environment refers to.
    #[must_use]
    pub fn wanted(&self) -> BTreeMap<SourceKey, BTreeSet<String>> {
        let mut wanted: BTreeMap<SourceKey, BTreeSet<String>> = BTreeMap::new();
        for leaf in &self.leaves {
            if let Origin::Source { source, key, .. } = &leaf.origin {
                wanted.entry(source.clone()).or_default().insert(key.clone());
            }
        }
        wanted
    }

    /// Puts the values in.
    ///
    /// # Errors
    /// Every value that is missing, each with its field path and its source.
    pub fn fill(&self, inputs: &Inputs) -> Result<Filled, Problems> {
        let mut problems = Finder::default();
        let (mut leaves, mut absent) = (Vec::with_capacity(self.leaves.len()), Vec::new());
        for leaf in &self.leaves {
            match value(&leaf.origin, inputs) {
                Ok(Some(value)) => leaves.push(FilledLeaf { key: leaf.key.clone(), class: leaf.class, value }),
                Ok(None) => absent.push((leaf.key.clone(), leaf.class)),
                Err((reason, message)) => problems.insert(Problem::at(reason, leaf.path.clone(), message)),
            }
        }
        problems.finish()?;
        Ok(Filled {
            name: self.name.clone(),
            leaves,
            absent,
            targets: self.targets.clone(),
            application: self.application.clone(),
        })
    }
}

/// The value of a leaf; none where an optional one is missing.
fn value(origin: &Origin, inputs: &Inputs) -> Result<Option<SensitiveBytes>, (Reason, String)> {
    let (source, key, optional) = match origin {
        Origin::Plain(text) => return Ok(Some(SensitiveBytes::from(text.expose()))),
        Origin::Source { source, key, optional } => (source, key, *optional),
    };
    let SourceKey { kind, name } = source;
    let missing = match inputs.get(source) {
        Some(Source::Found(data)) => match data.get(key) {
            Some(value) if !value.is_empty() => return Ok(Some(value.clone())),
            Some(_) => (Reason::ValueEmpty, format!("{kind} {name} has an empty key {key}; give it a value")),
            None => (Reason::KeyNotFound, format!("{kind} {name} has no key {key}; add it")),
        },
        Some(Source::Failed(reason, message)) => return Err((*reason, format!("{kind} {name}: {message}"))),
        Some(Source::Missing) | None => {
            let reason = if *kind == Kind::Secret { Reason::SecretNotFound } else { Reason::ConfigMapNotFound };
            (reason, format!("{kind} {name} does not exist; create it"))
        }
    };
    if optional { Ok(None) } else { Err(missing) }
}
