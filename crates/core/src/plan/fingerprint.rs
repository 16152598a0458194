//! Fingerprints: what an output holds, in 16 bytes that tell nothing to anybody else.
//!
//! An output in the cluster is compared with the desired one without keeping its bytes. The hash is keyed
//! with randomness of this process and never leaves it: not in status, logs or annotations.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};

use serde::{Deserialize, Serialize};

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

/// What a fingerprint is taken of. The revision is not in it: it follows from the content.
#[derive(Debug, Hash)]
pub struct Content<'a> {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// The type of a Secret.
    pub secret_type: Option<&'a str>,
    /// Key and bytes of each entry, in the order of the keys.
    pub data: Vec<(&'a str, &'a [u8])>,
    /// The labels that are ours: managed-by, name, namespace, environment.
    pub labels: [Option<&'a str>; 4],
    /// The uid in the annotation.
    pub owner_uid: Option<&'a str>,
    /// Each owner reference: its uid, whether it is the controller, and whether its `apiVersion` is that of our kinds.
    pub owners: Vec<(&'a str, bool, bool)>,
    /// The annotation with its own name.
    pub output: Option<&'a str>,
    /// The annotation with the deletion policy.
    pub deletion_policy: Option<&'a str>,
    /// The annotation of an output that was left behind.
    pub retained_from: Option<&'a str>,
    /// The annotations that tell which labels and annotations the target adds.
    pub extra_keys: [Option<&'a str>; 2],
    /// The labels that the target adds; of those that it tells of, the ones that are there.
    pub extra_labels: Vec<(&'a str, &'a str)>,
    /// The annotations that the target adds, likewise.
    pub extra_annotations: Vec<(&'a str, &'a str)>,
}

/// The labels of a [`Content`], in its order.
pub const CONTENT_LABELS: [&str; 4] = [labels::MANAGED_BY, labels::NAME, labels::NAMESPACE, labels::ENVIRONMENT];

fn pairs(map: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    map.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

impl Fingerprinter {
    /// The fingerprint of a content.
    #[must_use]
    pub fn of(&self, content: &Content<'_>) -> Fingerprint {
        Fingerprint(self.keys.0.hash_one(content), self.keys.1.hash_one(content))
    }

    /// A hash of one value, by which it is seen that it changed.
    #[must_use]
    pub fn of_value(&self, value: &[u8]) -> u32 {
        let hash = self.keys.0.hash_one(value) ^ self.keys.1.hash_one(value);
        u32::try_from(hash >> 32).unwrap_or_default()
    }

    /// The fingerprint that a desired object has once it is written.
    #[must_use]
    pub fn of_object(&self, object: &Object) -> Fingerprint {
        let label = |name: &str| object.labels.get(name).map(String::as_str);
        let annotations = super::annotations(object);
        let annotation = |name: &str| annotations.get(name).map(String::as_str);
        self.of(&Content {
            kind: object.kind,
            secret_type: object.secret_type.as_deref(),
            data: object.data.iter().map(|(key, value)| (key.as_str(), value.expose())).collect(),
            labels: CONTENT_LABELS.map(label),
            owner_uid: annotation(labels::OWNER_UID),
            owners: if object.detached { Vec::new() } else { vec![(&object.owner.uid, true, true)] },
            output: annotation(labels::OUTPUT),
            deletion_policy: annotation(labels::DELETION_POLICY),
            retained_from: None,
            extra_keys: [annotation(labels::EXTRA_LABELS), annotation(labels::EXTRA_ANNOTATIONS)],
            extra_labels: pairs(&object.extra_labels),
            extra_annotations: pairs(&object.extra_annotations),
        })
    }
}
