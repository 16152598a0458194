//! An errand that runs, and what came in meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::Sighting;
use crate::controller::Namespace;
use appcredential_api::{Kind, ObjectRef, ResourceVersion, Uid};
use appcredential_core::plan::Observed;

/// News of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct News {
    /// Which one.
    pub(in super::super) object: ObjectRef,
    /// Its version, or the uid of what was deleted.
    pub(in super::super) what: Result<ResourceVersion, Uid>,
    /// Whether it was known: one that is deleted and was not may be in the answer to a write that is still to come.
    pub(in super::super) is_known: bool,
}

impl News {
    /// Returns whether these are of a write or a deletion of our own.
    pub(in super::super) fn is_echo(&self, written: &[Observed], deleted: &[(ObjectRef, Uid)]) -> bool {
        match &self.what {
            Ok(version) => written
                .iter()
                .any(|observed| observed.resource_version == *version && observed.object_ref() == self.object),
            Err(uid) => {
                let is_written = || written.iter().any(|it| it.uid == *uid && it.object_ref() == self.object);
                deleted.iter().any(|(object, deleted)| *object == self.object && deleted == uid)
                    || (!self.is_known && !is_written())
            }
        }
    }
}

/// An errand that runs.
pub(in super::super) struct Running {
    /// The incarnation that it is for.
    pub(super) uid: Uid,
    /// Since when an edit waits that it brings to its outputs.
    pub(super) edited: Option<Instant>,
    /// News of outputs: they may be echoes of its own writes.
    pub(in super::super) news: Vec<News>,
    /// The last watch event of the credential itself.
    pub(super) sighting: Option<Sighting>,
    /// The lists of Secrets and ConfigMaps that were taken over meanwhile: what they say is newer than any answer before.
    relisted: BTreeSet<(Kind, Namespace)>,
}

impl Running {
    /// Starts with nothing seen of this incarnation.
    pub(super) fn new(uid: Uid) -> Self {
        Self { uid, edited: None, news: Vec::new(), sighting: None, relisted: BTreeSet::new() }
    }

    /// Takes in a watch event of the credential. That it was listed is not forgotten over what follows.
    pub(super) fn see(&mut self, mut sighting: Sighting) {
        sighting.listed |= self.sighting.as_ref().is_some_and(|earlier| earlier.listed);
        self.sighting = Some(sighting);
    }

    /// Returns whether a watch event of the credential came meanwhile.
    pub(in super::super) fn has_seen(&self) -> bool {
        self.sighting.is_some()
    }

    /// Returns the outputs, with their uids, of which the last news are that they were deleted.
    pub(in super::super) fn deleted(&self) -> impl Iterator<Item = (&ObjectRef, &Uid)> {
        let last: BTreeMap<_, _> = self.news.iter().map(|news| (&news.object, &news.what)).collect();
        last.into_iter().filter_map(|(object, what)| Some((object, what.as_ref().err()?)))
    }

    /// Takes in that a list of Secrets or ConfigMaps begins or is complete.
    pub(in super::super) fn relisted(&mut self, kind: Kind, namespace: &Namespace) {
        self.relisted.insert((kind, namespace.clone()));
    }

    /// Returns whether a list came meanwhile that would have had to name an object.
    pub(in super::super) fn is_relisted(&self, ObjectRef { kind, namespace, .. }: &ObjectRef) -> bool {
        self.relisted.iter().any(|(listed, at)| listed == kind && at.as_deref().is_none_or(|at| at == namespace))
    }
}
