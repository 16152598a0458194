//! Fingerprints: the content of an output in 16 bytes that mean nothing outside of this process.
//!
//! An output in the cluster is compared with the desired one without keeping its bytes. The hash is keyed
//! with randomness of this process and never leaves it: not in status, logs or annotations.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};

use serde::{Deserialize, Serialize};

use super::Removable;
use crate::render::Object;
use appcredential_api::{Kind, labels};

/// The fingerprint of an output's content: its type, data, and the metadata that is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(u64, u64);

/// The key of the fingerprints of a process: two independent SipHash keys.
#[derive(Clone, Debug, Default)]
pub struct Fingerprinter {
    keys: (RandomState, RandomState),
}

/// What a fingerprint is taken of: type, data, and of the metadata what is ours. The revision is not in it: it follows
/// from the content. The desired object and the one in the cluster are seen by the same function, [`Content::of`].
#[derive(Debug, Hash)]
pub struct Content<'a> {
    kind: Kind,
    secret_type: Option<&'a str>,
    /// In the order of the keys.
    data: Vec<(&'a str, &'a [u8])>,
    labels: [Option<&'a str>; 4],
    annotations: [Option<&'a str>; 6],
    owners: Vec<OwnerView<'a>>,
    extra_labels: Vec<(&'a str, &'a str)>,
    extra_annotations: Vec<(&'a str, &'a str)>,
}

/// What is compared of an owner reference: its uid, whether it is the controller, and whether its `apiVersion` is that
/// of our kinds.
pub(super) type OwnerView<'a> = (&'a str, bool, bool);

/// The labels and annotations of an object.
type Metadata = BTreeMap<String, String>;

const LABELS: [&str; 4] = [labels::MANAGED_BY, labels::NAME, labels::NAMESPACE, labels::ENVIRONMENT];
const ANNOTATIONS: [&str; 6] = [
    labels::OWNER_UID,
    labels::OUTPUT,
    labels::DELETION_POLICY,
    labels::RETAINED_FROM,
    labels::EXTRA_LABELS,
    labels::EXTRA_ANNOTATIONS,
];
/// Those that not every output has: what an earlier version of a target left must go.
const OPTIONAL: [&str; 4] =
    [labels::DELETION_POLICY, labels::RETAINED_FROM, labels::EXTRA_LABELS, labels::EXTRA_ANNOTATIONS];

impl<'a> Content<'a> {
    /// Sees an object: its data in the order of the keys, its labels, annotations and owner references.
    #[must_use]
    pub fn of(
        kind: Kind,
        secret_type: Option<&'a str>,
        data: Vec<(&'a str, &'a [u8])>,
        (labels, annotations): (&'a Metadata, &'a Metadata),
        owners: Vec<OwnerView<'a>>,
    ) -> Self {
        let get = |map: &'a Metadata, name: &str| map.get(name).map(String::as_str);
        Self {
            kind,
            secret_type,
            data,
            labels: LABELS.map(|name| get(labels, name)),
            annotations: ANNOTATIONS.map(|name| get(annotations, name)),
            owners,
            extra_labels: listed(get(annotations, labels::EXTRA_LABELS), labels),
            extra_annotations: listed(get(annotations, labels::EXTRA_ANNOTATIONS), annotations),
        }
    }

    /// Sees a desired object.
    fn desired(object: &'a Object) -> Self {
        let data = object.data.iter().map(|(key, value)| (key.as_str(), value.expose())).collect();
        let owners = object.owner_reference.iter();
        let owners = owners.map(|owner| (owner.uid.as_str(), true, labels::is_current(&owner.api_version))).collect();
        Self::of(object.kind, object.secret_type.as_deref(), data, (&object.labels, &object.annotations), owners)
    }

    /// Returns the keys of the data, each with a hash of its value.
    #[must_use]
    pub fn keys(&self, fingerprinter: &Fingerprinter) -> Vec<(String, u32)> {
        self.data.iter().map(|(key, value)| ((*key).to_owned(), fingerprinter.of_value(value))).collect()
    }

    /// Returns what is ours of the metadata and not of every output.
    #[must_use]
    pub fn removable(&self) -> Vec<Removable> {
        let has = |names: &[&str], values: &[Option<&str>], name: &str| {
            names.iter().zip(values).any(|(known, value)| *known == name && value.is_some())
        };
        let environment = has(&LABELS, &self.labels, labels::ENVIRONMENT).then_some(labels::ENVIRONMENT);
        let labels = environment.into_iter().chain(self.extra_labels.iter().map(|(key, _)| *key));
        let optional = OPTIONAL.into_iter().filter(|name| has(&ANNOTATIONS, &self.annotations, name));
        let annotations = optional.chain(self.extra_annotations.iter().map(|(key, _)| *key));
        let labels = labels.map(|key| Removable::Label(key.to_owned()));
        labels.chain(annotations.map(|key| Removable::Annotation(key.to_owned()))).collect()
    }
}

/// Returns those entries of a map that a comma-joined list names.
fn listed<'a>(names: Option<&str>, map: &'a Metadata) -> Vec<(&'a str, &'a str)> {
    let names: Vec<&str> = names.into_iter().flat_map(|names| names.split(',')).collect();
    let entries = map.iter().filter(|(key, _)| names.contains(&key.as_str()));
    entries.map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

impl Fingerprinter {
    /// Returns the fingerprint of a content.
    #[must_use]
    pub fn of(&self, content: &Content<'_>) -> Fingerprint {
        Fingerprint(self.keys.0.hash_one(content), self.keys.1.hash_one(content))
    }

    /// Returns a hash of one value, by which it is seen that it changed.
    #[must_use]
    pub fn of_value(&self, value: &[u8]) -> u32 {
        let hash = self.keys.0.hash_one(value) ^ self.keys.1.hash_one(value);
        u32::try_from(hash >> 32).unwrap_or_default()
    }

    /// Returns the fingerprint that a desired object has once it is written.
    #[must_use]
    pub fn of_object(&self, object: &Object) -> Fingerprint {
        self.of(&Content::desired(object))
    }
}
