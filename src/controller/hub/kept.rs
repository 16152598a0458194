//! A credential as it is kept between reconciles.
//!
//! A large spec is not kept: it is read again for each reconcile, so that memory does not grow with what tenants write.

use appcredential_api::{Identity, ResourceVersion, Uid};
use serde_json::value::RawValue;

use super::super::queue::Key;
use super::packed::Packed;
use appcredential_cluster::Record;
use appcredential_cluster::objects::fingerprinter;
use appcredential_core::plan::Stored;

/// The bytes of a spec beyond which it is not kept. Usual ones have one to four thousand.
const LARGE: usize = 16 * 1024;

/// A spec.
enum Spec {
    Missing,
    Packed(Packed<Box<RawValue>>),
    /// It has so many bytes, and is known again by a keyed hash.
    Unread {
        bytes: usize,
        fingerprint: u32,
    },
}

impl Spec {
    fn of(spec: Option<Box<RawValue>>) -> Self {
        match spec {
            Some(raw) if raw.get().len() > LARGE => {
                let text = raw.get().as_bytes();
                Self::Unread { bytes: text.len(), fingerprint: fingerprinter().of_value(text) }
            }
            Some(raw) => Packed::of(&raw).map_or(Self::Missing, Self::Packed),
            None => Self::Missing,
        }
    }
}

/// What is kept of a record; its namespace and name are its key.
pub(in super::super) struct Kept {
    /// Its uid.
    pub(in super::super) uid: Uid,
    version: ResourceVersion,
    /// The generation of the spec.
    pub(in super::super) generation: i64,
    /// Whether it is being deleted.
    pub(in super::super) deleting: bool,
    finalizers: Box<[String]>,
    /// Whether it was ever seen to be deleted with `--cascade=orphan`: soon after nothing tells of that any more.
    orphans: bool,
    edited_by: Option<Box<str>>,
    created: i64,
    reviewed: Option<Box<str>>,
    has_repaired_secret: bool,
    spec: Spec,
}

impl Kept {
    /// Packs a record.
    pub(in super::super) fn of(record: Record) -> Self {
        Self {
            uid: record.identity().uid,
            version: record.resource_version(),
            generation: record.generation,
            deleting: record.deleting,
            orphans: record.orphans,
            has_repaired_secret: record.has_repaired_secret,
            spec: Spec::of(record.spec),
            finalizers: record.finalizers.into(),
            edited_by: record.edited_by.map(Into::into),
            created: record.created,
            reviewed: record.reviewed,
        }
    }

    /// Takes the place of a former record of the same incarnation.
    pub(in super::super) fn replace(&mut self, next: Self) {
        let orphans = self.orphans || next.orphans;
        *self = Self { orphans, ..next };
    }

    /// Returns what tells when its spec was stored.
    pub(in super::super) fn stored(&self) -> Stored<'_> {
        Stored { created: self.created, reviewed: self.reviewed.as_deref(), generation: self.generation }
    }

    /// Returns whether its spec has to be read again, since it is large.
    pub(in super::super) fn is_unread(&self) -> bool {
        matches!(self.spec, Spec::Unread { .. })
    }

    /// Returns its version.
    pub(in super::super) fn version(&self) -> &ResourceVersion {
        &self.version
    }

    /// Returns whether a record is of the same incarnation, spec and review, and at the same stage of its life.
    pub(in super::super) fn is_of_the_spec_of(&self, record: &Record) -> bool {
        self.uid == record.identity().uid
            && self.generation == record.generation
            && self.deleting == record.deleting
            && self.reviewed.as_deref() == record.reviewed.as_deref()
    }

    /// Returns whether a record's spec is this one, letter by letter.
    pub(in super::super) fn has_the_text_of(&self, record: &Record) -> bool {
        let Some(raw) = record.spec.as_ref().map(|spec| spec.get()) else { return matches!(self.spec, Spec::Missing) };
        match &self.spec {
            Spec::Missing => false,
            Spec::Packed(packed) => packed.unpack().is_some_and(|known| known.get() == raw),
            Spec::Unread { bytes, fingerprint } => {
                raw.len() == *bytes && fingerprinter().of_value(raw.as_bytes()) == *fingerprint
            }
        }
    }

    /// Returns the record, without its status, and without a spec that is large.
    pub(in super::super) fn record(&self, key: &Key) -> Record {
        let (spec, unread) = match &self.spec {
            Spec::Missing => (None, None),
            Spec::Packed(packed) => (packed.unpack(), None),
            Spec::Unread { bytes, .. } => (None, Some(*bytes)),
        };
        let mut record = Record::new(&self.identity(key), &self.version, spec);
        record.unread = unread;
        record.generation = self.generation;
        record.deleting = self.deleting;
        record.orphans = self.orphans;
        record.has_repaired_secret = self.has_repaired_secret;
        record.created = self.created;
        record.reviewed = self.reviewed.clone();
        record.finalizers = self.finalizers.to_vec();
        record.edited_by = self.edited_by.as_deref().map(str::to_owned);
        record
    }

    /// Returns which credential it is.
    pub(in super::super) fn identity(&self, key: &Key) -> Identity {
        Identity { namespace: key.namespace.clone(), name: key.name.clone(), uid: self.uid.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::to_raw_value};

    use super::*;

    /// What is given out of a record with a spec of so many bytes: its spec, and what is not read.
    fn given(bytes: usize) -> (Option<usize>, Option<usize>) {
        let key = Key { namespace: "team".to_owned(), name: "app".to_owned() };
        let record = Kept::of(record("x", bytes)).record(&key);
        (record.spec.map(|spec| spec.get().len()), record.unread)
    }

    fn record(letter: &str, bytes: usize) -> Record {
        let identity = Identity { namespace: "team".to_owned(), name: "app".to_owned(), uid: "u1".into() };
        // Two of them are the quotes.
        Record::new(&identity, "1", to_raw_value(&json!(letter.repeat(bytes - 2))).ok())
    }

    #[test]
    fn another_spec_of_the_same_length_is_recognized_as_different() {
        for bytes in [LARGE, LARGE + 1] {
            let kept = Kept::of(record("x", bytes));
            assert!(kept.has_the_text_of(&record("x", bytes)));
            assert!(!kept.has_the_text_of(&record("y", bytes)) && !kept.has_the_text_of(&record("x", bytes + 1)));
        }
    }

    /// A record that was created at second 100, with this annotation.
    fn reviewed(uid: &str) -> Result<Record, serde_json::Error> {
        serde_json::from_value(json!({"metadata": {
            "name": "app", "namespace": "team", "uid": "u1", "creationTimestamp": "1970-01-01T00:01:40Z",
            "annotations": {"appcredential.io/reviewed": uid},
        }}))
    }

    #[test]
    fn a_changed_annotation_of_a_review_is_news() -> Result<(), serde_json::Error> {
        let record = reviewed("p1")?;
        let (kept, key) = (Kept::of(record.clone()), Key { namespace: "team".to_owned(), name: "app".to_owned() });
        for stored in [kept.stored(), kept.record(&key).stored()] {
            assert_eq!((stored.created, stored.reviewed), (100, Some("p1")));
        }
        assert!(kept.is_of_the_spec_of(&record));
        assert!(!kept.is_of_the_spec_of(&reviewed("p2")?));
        assert_eq!(reviewed(&"x".repeat(65))?.reviewed, None, "no uid is that long");
        Ok(())
    }

    #[test]
    fn a_usual_spec_is_kept_and_a_large_one_only_its_length() {
        assert_eq!(given(LARGE), (Some(LARGE), None));
        assert_eq!(given(LARGE + 1), (None, Some(LARGE + 1)));
    }
}
