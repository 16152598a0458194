//! The outputs in the cluster, as the watches and our own writes tell of them.
//!
//! They are kept packed: most are never looked at again.
//!
//! A watch may tell of an older version than the answer to our own write: the newer one stays. What is ours is
//! distinguished from what others did, so that our own writes never wake a credential.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use super::hub::packed::Packed;
use super::queue::Key;
use appcredential_api::{ObjectRef, ResourceVersion, Uid};
use appcredential_core::plan::Observed;

/// The outputs.
#[derive(Default)]
pub(super) struct Outputs {
    known: BTreeMap<ObjectRef, Packed<Observed>>,
    of_credential: HashMap<Key, Vec<ObjectRef>>,
}

impl Outputs {
    /// Returns the outputs of a credential.
    pub(super) fn of(&self, key: &Key) -> Vec<Observed> {
        let keys = self.of_credential.get(key).into_iter().flatten();
        keys.filter_map(|object| self.get(object)).collect()
    }

    /// Takes over a version if it is news. The credentials that it concerns: where it belonged and where it belongs.
    pub(super) fn apply(&mut self, observed: &Observed) -> Vec<Key> {
        let object = observed.object_ref();
        if let Some(known) = self.get(&object)
            && !observed.resource_version.is_newer_than(&known.resource_version)
        {
            return Vec::new();
        }
        self.put(object, observed)
    }

    /// Takes over a version as it is, whatever is known: a list is true, also that of a store which went back. The
    /// credentials that it concerns, if it is news.
    pub(super) fn set(&mut self, observed: &Observed) -> Vec<Key> {
        let object = observed.object_ref();
        let same = |known: Observed| known.uid == observed.uid && known.resource_version == observed.resource_version;
        if self.get(&object).is_some_and(same) { Vec::new() } else { self.put(object, observed) }
    }

    fn put(&mut self, object: ObjectRef, observed: &Observed) -> Vec<Key> {
        let mut concerned = self.unlink(&object);
        if let Some(key) = observed.credential.clone() {
            let objects = self.of_credential.entry(key.clone()).or_default();
            // There are mostly two, and ever so many lists of them.
            objects.reserve_exact(1);
            objects.push(object.clone());
            if !concerned.contains(&key) {
                concerned.push(key);
            }
        }
        if let Some(packed) = Packed::of(observed) {
            self.known.insert(object, packed);
        }
        concerned
    }

    /// Takes over a deletion, if it is of the incarnation that is known.
    pub(super) fn remove(&mut self, object: &ObjectRef, uid: &Uid) -> Vec<Key> {
        if self.get(object).is_none_or(|known| known.uid != *uid) {
            return Vec::new();
        }
        let concerned = self.unlink(object);
        self.known.remove(object);
        concerned
    }

    /// Forgets an output that is not there, whatever is known of it.
    pub(super) fn forget(&mut self, object: &ObjectRef) {
        self.unlink(object);
        self.known.remove(object);
    }

    fn get(&self, object: &ObjectRef) -> Option<Observed> {
        self.known.get(object)?.unpack()
    }

    fn unlink(&mut self, object: &ObjectRef) -> Vec<Key> {
        let Some(key) = self.get(object).and_then(|known| known.credential) else { return Vec::new() };
        if let Some(objects) = self.of_credential.get_mut(&key) {
            objects.retain(|known| known != object);
            if objects.is_empty() {
                self.of_credential.remove(&key);
            }
        }
        vec![key]
    }

    /// Returns the version of an output, if it is one.
    pub(super) fn version(&self, object: &ObjectRef) -> Option<ResourceVersion> {
        self.get(object).map(|known| known.resource_version)
    }

    /// Returns the uid of an output, if it is one.
    pub(super) fn uid(&self, object: &ObjectRef) -> Option<Uid> {
        self.get(object).map(|known| known.uid)
    }

    /// Returns the credential that the labels of an object name.
    pub(super) fn named_by(&self, object: &ObjectRef) -> Option<Key> {
        self.get(object)?.credential
    }

    /// Returns the known outputs within a range.
    pub(super) fn keys(&self, range: (Bound<ObjectRef>, Bound<ObjectRef>)) -> impl Iterator<Item = &ObjectRef> {
        self.known.range(range).map(|(object, _)| object)
    }
}
