//! Which credentials an object concerns: as a source, or because it blocks an output.
//!
//! The watch of names sees every Secret and ConfigMap. Only those that some credential asks for are kept, as a
//! name and a version, so that memory does not grow with what is not ours.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::queue::Key;
use appcredential_api::{Kind, ObjectRef, ResourceVersion};

/// The index.
#[derive(Debug, Default)]
pub(super) struct Interests {
    of_object: BTreeMap<ObjectRef, Interest>,
}

#[derive(Debug, Default)]
struct Interest {
    /// Mostly one, and none twice.
    credentials: Vec<Key>,
    version: Option<ResourceVersion>,
}

impl Interests {
    /// Replaces what a credential asks for.
    pub(super) fn replace(&mut self, key: &Key, before: &BTreeSet<ObjectRef>, after: &BTreeSet<ObjectRef>) {
        for object in before.difference(after) {
            if let Some(interest) = self.of_object.get_mut(object) {
                interest.credentials.retain(|known| known != key);
                if interest.credentials.is_empty() {
                    self.of_object.remove(object);
                }
            }
        }
        for object in after.difference(before) {
            let credentials = &mut self.of_object.entry(object.clone()).or_default().credentials;
            credentials.reserve_exact(1);
            credentials.push(key.clone());
        }
    }

    /// Takes over a version that a reconcile has read, so that the watch's news of it wakes nobody. Whether the watch
    /// knew a newer one already: then what was read is out of date.
    pub(super) fn read(&mut self, object: &ObjectRef, version: &ResourceVersion) -> bool {
        let Some(interest) = self.of_object.get_mut(object) else { return false };
        match interest.version.as_ref() {
            Some(known) if known == version => false,
            Some(known) if !version.is_newer_than(known) => true,
            _ => {
                interest.version = Some(version.clone());
                false
            }
        }
    }

    /// Takes in that a reconcile has not found an object: that it is there is news, in whatever version.
    pub(super) fn missed(&mut self, object: &ObjectRef) {
        if let Some(interest) = self.of_object.get_mut(object) {
            interest.version = None;
        }
    }

    /// Returns the credentials that a new version of an object concerns; none if the version is known.
    pub(super) fn applied(&mut self, object: &ObjectRef, version: &ResourceVersion) -> Vec<Key> {
        let Some(interest) = self.of_object.get_mut(object) else { return Vec::new() };
        if interest.version.as_ref() == Some(version) {
            return Vec::new();
        }
        interest.version = Some(version.clone());
        interest.credentials.clone()
    }

    /// Returns the credentials that a deleted object concerns. An object that only moved from one watch to the other,
    /// as its label came or went, is known in that version or a newer one already, and is not deleted.
    pub(super) fn deleted(&mut self, object: &ObjectRef, version: Option<&ResourceVersion>) -> Vec<Key> {
        let Some(interest) = self.of_object.get_mut(object) else { return Vec::new() };
        let known = interest.version.as_ref();
        if version.zip(known).is_some_and(|(version, known)| !version.is_newer_than(known)) {
            return Vec::new();
        }
        interest.version = None;
        interest.credentials.clone()
    }

    /// Returns the version of an object that some credential asks for, if it is known to exist.
    pub(super) fn version(&self, object: &ObjectRef) -> Option<ResourceVersion> {
        self.of_object.get(object)?.version.clone()
    }

    /// Returns whether some credential asks for an object.
    pub(super) fn knows(&self, kind: Kind, Key { namespace, name }: &Key) -> bool {
        self.of_object.contains_key(&ObjectRef::new(kind, namespace.clone(), name.clone()))
    }

    /// Returns the objects that some credential asks for, within a range.
    pub(super) fn keys(&self, range: (Bound<ObjectRef>, Bound<ObjectRef>)) -> impl Iterator<Item = &ObjectRef> {
        self.of_object.range(range).map(|(object, _)| object)
    }
}
