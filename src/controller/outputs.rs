//! The outputs in the cluster, as the watches and our own writes tell of them.
//!
//! They are kept packed: most are never looked at again.
//!
//! A watch may tell of an older version than the answer to our own write: the newer one stays. What is ours is
//! told apart from what others did, so that our own writes never wake a credential.

use std::collections::{BTreeSet, HashMap};

use super::hub::packed::Packed;
use super::interest::is_newer;
use super::queue::Key;
use crate::api::Kind;
use crate::plan::{ObjectKey, Observed};

/// The outputs.
#[derive(Default)]
pub(super) struct Outputs {
    known: HashMap<ObjectKey, Packed<Observed>>,
    of_credential: HashMap<Key, Vec<ObjectKey>>,
}

/// The credential that an output says it belongs to.
fn credential(observed: &Observed) -> Option<Key> {
    observed.credential.clone().map(|(namespace, name)| Key { namespace, name })
}

impl Outputs {
    /// The outputs of a credential.
    pub(super) fn of(&self, key: &Key) -> Vec<Observed> {
        let keys = self.of_credential.get(key).into_iter().flatten();
        keys.filter_map(|object| self.get(object)).collect()
    }

    /// Takes over a version if it is news. The credentials that it concerns: where it belonged and where it belongs.
    pub(super) fn apply(&mut self, observed: Observed) -> Vec<Key> {
        let object = observed.key();
        if let Some(known) = self.get(&object)
            && !is_newer(&observed.resource_version, &known.resource_version)
        {
            return Vec::new();
        }
        let mut concerned = self.unlink(&object);
        if let Some(key) = credential(&observed) {
            let objects = self.of_credential.entry(key.clone()).or_default();
            // There are mostly two, and ever so many lists of them.
            objects.reserve_exact(1);
            objects.push(object.clone());
            if !concerned.contains(&key) {
                concerned.push(key);
            }
        }
        if let Some(packed) = Packed::of(&observed) {
            self.known.insert(object, packed);
        }
        concerned
    }

    /// Takes over a deletion, if it is of the incarnation that is known.
    pub(super) fn remove(&mut self, object: &ObjectKey, uid: &str) -> Vec<Key> {
        if self.get(object).is_none_or(|known| known.uid != uid) {
            return Vec::new();
        }
        let concerned = self.unlink(object);
        self.known.remove(object);
        concerned
    }

    fn get(&self, object: &ObjectKey) -> Option<Observed> {
        self.known.get(object)?.unpack()
    }

    fn unlink(&mut self, object: &ObjectKey) -> Vec<Key> {
        let Some(key) = self.get(object).as_ref().and_then(credential) else { return Vec::new() };
        if let Some(objects) = self.of_credential.get_mut(&key) {
            objects.retain(|known| known != object);
            if objects.is_empty() {
                self.of_credential.remove(&key);
            }
        }
        vec![key]
    }

    /// The version of an output, if it is one.
    pub(super) fn version(&self, object: &ObjectKey) -> Option<String> {
        self.get(object).map(|known| known.resource_version)
    }

    /// The credentials that have outputs in a namespace.
    pub(super) fn credentials_in(&self, namespace: &str) -> BTreeSet<Key> {
        let there = self.known.iter().filter(|((_, at, _), _)| at == namespace);
        there.filter_map(|(_, known)| credential(&known.unpack()?)).collect()
    }

    /// The known outputs of a kind with their uids, in a namespace or everywhere.
    pub(super) fn existing(&self, kind: Kind, namespace: Option<&str>) -> Vec<(ObjectKey, String)> {
        let known = self
            .known
            .iter()
            .filter(|((of, at, _), _)| *of == kind && namespace.is_none_or(|namespace| namespace == at));
        known.filter_map(|(object, known)| Some((object.clone(), known.unpack()?.uid))).collect()
    }
}
