//! A credential as it is kept between reconciles.

use serde_json::value::RawValue;

use super::super::queue::Key;
use super::packed::Packed;
use crate::api::Identity;
use crate::cluster::Record;

/// What is kept of a record; its namespace and name are its key.
pub(in super::super) struct Kept {
    /// Its uid.
    pub(in super::super) uid: Box<str>,
    version: Box<str>,
    /// The generation of the spec.
    pub(in super::super) generation: i64,
    /// Whether it is being deleted.
    pub(in super::super) deleting: bool,
    finalizers: Box<[String]>,
    /// Whether it was ever seen to be deleted with `--cascade=orphan`: soon after nothing tells of that any more.
    orphans: bool,
    edited_by: Option<Box<str>>,
    spec: Option<Packed<Box<RawValue>>>,
}

impl Kept {
    /// Packs a record.
    pub(in super::super) fn of(record: Record) -> Self {
        Self {
            uid: record.identity().uid.into(),
            version: record.resource_version().into(),
            generation: record.generation,
            deleting: record.deleting,
            orphans: record.orphans,
            spec: record.spec.as_ref().and_then(Packed::of),
            finalizers: record.finalizers.into(),
            edited_by: record.edited_by.map(Into::into),
        }
    }

    /// Takes the place of a former record of the same incarnation.
    pub(in super::super) fn replace(&mut self, next: Self) {
        let orphans = self.orphans || next.orphans;
        *self = Self { orphans, ..next };
    }

    /// Its version.
    pub(in super::super) fn version(&self) -> &str {
        &self.version
    }

    /// Whether a record is of the same incarnation with the same spec, at the same end of its life.
    pub(in super::super) fn is_of_the_spec_of(&self, record: &Record) -> bool {
        *self.uid == *record.identity().uid && self.generation == record.generation && self.deleting == record.deleting
    }

    /// Whether a record's spec is this one, letter by letter.
    pub(in super::super) fn has_the_text_of(&self, record: &Record) -> bool {
        let known = self.spec.as_ref().and_then(Packed::unpack);
        known.as_ref().map(|spec| spec.get()) == record.spec.as_ref().map(|spec| spec.get())
    }

    /// The record, without its status.
    pub(in super::super) fn record(&self, key: &Key) -> Record {
        let spec = self.spec.as_ref().and_then(Packed::unpack);
        let mut record = Record::new(&self.identity(key), &self.version, spec);
        record.generation = self.generation;
        record.deleting = self.deleting;
        record.orphans = self.orphans;
        record.finalizers = self.finalizers.to_vec();
        record.edited_by = self.edited_by.as_deref().map(str::to_owned);
        record
    }

    /// Which credential it is.
    pub(in super::super) fn identity(&self, key: &Key) -> Identity {
        Identity { namespace: key.namespace.clone(), name: key.name.clone(), uid: self.uid.to_string() }
    }
}
