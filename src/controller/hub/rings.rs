//! Rings: credentials that read each other's outputs.
//!
//! Each write of one would be a changed source of the next, for ever. So a credential that closes a ring is refused:
//! nothing is written for it, and its condition names the ring. The operator reconciles it again when one of the others
//! is edited or deleted.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::super::decode;
use super::super::queue::Key;
use super::Hub;
use appcredential_api::ObjectRef;
use appcredential_core::plan::Observed;
use appcredential_core::resolve;

/// How many credentials are looked at in the search for a ring.
const LONGEST: usize = 256;

/// Which credentials wait for an edit of which others.
#[derive(Default)]
pub(super) struct Rings {
    waiting: BTreeMap<Key, BTreeSet<Key>>,
}

impl Rings {
    fn replace(&mut self, key: &Key, before: &[Key], after: &[Key]) {
        for member in before {
            if let Some(waiting) = self.waiting.get_mut(member) {
                waiting.remove(key);
                if waiting.is_empty() {
                    self.waiting.remove(member);
                }
            }
        }
        for member in after.iter().filter(|member| *member != key) {
            self.waiting.entry(member.clone()).or_default().insert(key.clone());
        }
    }
}

impl Hub {
    /// Returns the ring that a credential closes, beginning with itself; empty where there is none.
    pub(super) fn find_ring(&mut self, key: &Key, observed: &[Observed]) -> Vec<Key> {
        let ring = self.search_ring(key, observed).unwrap_or_default();
        if let Some(known) = self.lives.get_mut(key).and_then(|life| life.known.as_deref_mut()) {
            let before = std::mem::replace(&mut known.ring, ring.clone().into());
            self.rings.replace(key, &before, &ring);
        }
        ring
    }

    fn search_ring(&self, key: &Key, observed: &[Observed]) -> Option<Vec<Key>> {
        // Few credentials read what another one writes: for all others this is where it ends.
        let mut paths: Vec<Vec<Key>> = self.read_from(key).map(|next| vec![key.clone(), next]).collect();
        if paths.is_empty() {
            return None;
        }
        let own = self.own_outputs(key, observed);
        let mut seen = BTreeSet::new();
        while let Some(path) = paths.pop() {
            let Some(last) = path.last().filter(|last| seen.insert((*last).clone())) else { continue };
            let reads = self.known(last).map(|known| &*known.sources).unwrap_or_default();
            if reads.iter().any(|source| own.contains(source)) {
                return Some(path);
            }
            if seen.len() >= LONGEST {
                return None;
            }
            let next = self.read_from(last).map(|next| [path.as_slice(), &[next]].concat());
            paths.extend(next);
        }
        None
    }

    /// The credentials whose outputs a credential reads.
    fn read_from(&self, key: &Key) -> impl Iterator<Item = Key> {
        let sources = self.known(key).map(|known| &*known.sources).unwrap_or_default();
        let owners: BTreeSet<Key> = sources.iter().filter_map(|source| self.outputs.named_by(source)).collect();
        owners.into_iter().filter(move |owner| owner != key && self.known(owner).is_some())
    }

    /// The objects that a credential has written or wants to write.
    fn own_outputs(&self, key: &Key, observed: &[Observed]) -> BTreeSet<ObjectRef> {
        let mut own: BTreeSet<ObjectRef> = observed.iter().map(Observed::object_ref).collect();
        let Some(known) = self.known(key) else { return own };
        let record = known.kept.record(key);
        let environments =
            decode::spec(&record).map(|spec| resolve::environments(&spec, &record.identity(), &self.selection));
        for environment in environments.into_iter().flatten().flatten() {
            let objects = environment.targets.iter().flat_map(resolve::Target::objects);
            own.extend(objects);
        }
        own
    }

    /// Wakes those that waited for an edit of this credential, or for its end.
    pub(super) fn wake_ring(&mut self, key: &Key, now: Instant) {
        let waiting = self.rings.waiting.get(key).cloned().unwrap_or_default();
        self.wake(waiting, now);
    }

    /// Forgets for whom a credential waited.
    pub(super) fn leave_ring(&mut self, key: &Key, ring: &[Key]) {
        self.rings.replace(key, ring, &[]);
    }
}
