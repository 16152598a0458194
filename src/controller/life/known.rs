//! What is known of a credential between two errands.
//!
//! Ten thousand of these are kept: what is looked at now and then is packed, and what few have is behind a pointer.

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::{Bucket, Contest, Contested, Effect, Sighting, packed, retry_at};
use crate::controller::hub::kept::Kept;
use crate::controller::hub::packed::Packed;
use crate::controller::hub::tally::Tally;
use crate::controller::job::{Learned, Report};
use crate::controller::queue::{Class, Key};
use appcredential_api::{AppCredentialStatus, Disposition, FieldPath, ObjectRef, ResourceVersion};
use appcredential_cluster::Basis;
use appcredential_core::status;

/// A target in another namespace than the credential's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Elsewhere {
    /// The namespace.
    pub(in super::super) namespace: String,
    /// The name of its Secret.
    pub(in super::super) secret_name: String,
    /// The name of its ConfigMap.
    pub(in super::super) config_map_name: String,
}

/// What a spec reaches: the objects that it refers to, and its targets in other namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Reach {
    /// The sources.
    pub(in super::super) sources: BTreeSet<ObjectRef>,
    /// The targets in other namespaces.
    pub(in super::super) targets: Vec<Elsewhere>,
}

/// What is known of a credential.
pub(in super::super) struct Known {
    /// The record, but for its status.
    pub(in super::super) kept: Kept,
    /// The status that we wrote or saw last.
    pub(super) status: Option<Packed<AppCredentialStatus>>,
    /// The field of it that cannot be read.
    unreadable: Option<FieldPath>,
    /// The version of the credential after our last write of its status: what is older is no news.
    pub(super) version: Option<ResourceVersion>,
    /// Whether our finalizer holds it, as we saw or wrote it last.
    pub(in super::super) held: bool,
    /// The status that is to be written.
    pub(super) report: Option<Packed<Report>>,
    /// The sources that it refers to.
    pub(in super::super) sources: Box<[ObjectRef]>,
    /// The objects of others that are in its way.
    pub(super) blocked: Box<[ObjectRef]>,
    /// Its targets in other namespaces.
    pub(in super::super) targets: Box<[Elsewhere]>,
    /// The credentials that read each other's outputs in a ring with this one.
    pub(in super::super) ring: Box<[Key]>,
    /// How it is counted.
    pub(in super::super) tally: Option<Tally>,
    /// Whether it was never looked at: then its status may tell that there is nothing to do.
    pub(in super::super) fresh: bool,
    /// Since when an edit waits for a reconcile.
    pub(super) edited: Option<Instant>,
    /// The reconcile that is asked for.
    pub(super) asked: Option<Class>,
    /// Outputs that somebody else changed or deleted since the last reconcile.
    pub(super) touched: BTreeSet<ObjectRef>,
    /// Places of outputs where it is not certain what is known of them.
    uncertain: BTreeSet<ObjectRef>,
    /// Whether the last reconcile took a share of the memory for what is large.
    took_share: bool,
    failures: u32,
    /// Whether the last reconcile failed.
    failing: bool,
    /// Whether the last write of its status failed.
    unsaid: bool,
    pub(super) bucket: Bucket,
    pub(super) contest: Option<Box<Contest>>,
}

impl Known {
    /// Starts with what was seen of a credential.
    pub(super) fn new(kept: Kept, sighting: Sighting, reach: Reach, edited: Option<Instant>) -> Self {
        let Sighting { status, unreadable, held, .. } = sighting;
        Self {
            kept,
            status: packed(status.as_ref()),
            unreadable,
            version: None,
            held,
            report: None,
            sources: reach.sources.into_iter().collect(),
            blocked: Box::default(),
            targets: reach.targets.into(),
            ring: Box::default(),
            tally: None,
            fresh: true,
            edited,
            asked: None,
            touched: BTreeSet::new(),
            uncertain: BTreeSet::new(),
            took_share: false,
            failures: 0,
            failing: false,
            unsaid: false,
            bucket: Bucket::default(),
            contest: None,
        }
    }

    /// Takes in a new spec of the same incarnation. What happened to outputs, and what the last reconcile has to say,
    /// outlasts it.
    pub(super) fn edit(&mut self, kept: Kept, reach: Reach, now: Instant) {
        self.kept.replace(kept);
        self.sources = reach.sources.into_iter().collect();
        self.targets = reach.targets.into();
        self.blocked = Box::default();
        self.ring = Box::default();
        self.fresh = true;
        self.failures = 0;
        // Somebody has looked after it: other targets, perhaps, or another owner of them.
        self.contest = None;
        self.edited = self.edited.or(Some(now));
    }

    /// Takes in a status and a finalizer as a watch saw them. Returns whether somebody else has changed them.
    pub(super) fn is_news(&mut self, sighting: Sighting) -> bool {
        let Sighting { version, status, unreadable, held, listed, selection } = sighting;
        // What our own write followed on. A list is true, whatever its version.
        if !listed && self.version.as_ref().is_some_and(|ours| !version.is_newer_than(ours)) {
            return false;
        }
        let says = |known: Option<&AppCredentialStatus>| match (known, status.as_ref()) {
            (Some(known), Some(found)) => status::is_no_news(known, found, &selection),
            (known, found) => known == found,
        };
        // A write whose answer was lost may have been carried out: then nothing is left to be written.
        let said = self.to_report().is_some_and(|report| says(Some(&report.status)));
        let is_news = !(said || says(self.status().as_ref())) || self.held != held;
        if said {
            self.report = None;
        }
        self.status = packed(status.as_ref());
        self.unreadable = unreadable;
        self.held = held;
        self.version = None;
        is_news
    }

    /// Takes over what a reconcile has changed and has to say.
    pub(super) fn learn(&mut self, learned: Learned, now: Instant) {
        self.took_share = learned.large;
        if learned.put_off {
            // What it is blocked by it has not got to.
            self.touched.extend(learned.touched.into_iter().filter(|object| !learned.restored.contains_key(object)));
        } else {
            self.blocked = learned.blocked.into_iter().collect();
        }
        if let Some(status) = learned.status {
            // Whatever waited to be written is part of it.
            (self.status, self.report) = (packed(Some(&status)), None);
            self.unreadable = None;
        }
        if let Some(report) = learned.report {
            self.report = Packed::of(&report);
        }
        if let Some(held) = learned.held {
            self.held = held;
        }
        if let Some(version) = learned.version {
            self.version = Some(version);
        }
        if !learned.restored.is_empty() {
            self.contest.get_or_insert_default().restored(learned.restored, now);
        } else if self.contest.as_ref().is_some_and(|contest| contest.is_over(now)) {
            self.contest = None;
        }
    }

    /// Returns whether a reconcile takes a share of the memory for what is large, as far as that is known before.
    pub(in super::super) fn is_large(&self) -> bool {
        self.took_share || self.kept.is_unread()
    }

    /// Returns when a failure is tried again: later and later, until there is none.
    pub(super) fn retry(&mut self, disposition: Option<Disposition>, jitter: f64, now: Instant) -> Option<Effect> {
        self.failing = disposition == Some(Disposition::Retry);
        if self.failing {
            self.failures = self.failures.saturating_add(1);
            return Some(Effect::RetryAt(retry_at(self.failures, jitter, now)));
        }
        // A status that cannot be written is a failure too, and is not over before it is.
        if !self.unsaid {
            self.failures = 0;
        }
        None
    }

    /// Takes in that the status was written, and the version of the credential since.
    pub(super) fn said(&mut self, version: ResourceVersion) {
        self.status = self.to_report().and_then(|report| Packed::of(&report.status));
        (self.report, self.unreadable) = (None, None);
        self.version = Some(version);
        self.unsaid = false;
        if !self.failing {
            self.failures = 0;
        }
    }

    /// Takes in that the status could not be written. Returns when that is tried again.
    pub(super) fn not_said(&mut self, jitter: f64, now: Instant) -> Option<Effect> {
        let failing = self.failing;
        self.unsaid = true;
        let retry = self.retry(Some(Disposition::Retry), jitter, now);
        self.failing = failing;
        retry
    }

    /// Returns the status, as it was written or seen last.
    pub(in super::super) fn status(&self) -> Option<AppCredentialStatus> {
        self.status.as_ref()?.unpack()
    }

    /// Returns the status that is to be written.
    pub(in super::super) fn to_report(&self) -> Option<Report> {
        self.report.as_ref()?.unpack()
    }

    /// Returns the status as the last reconcile left it, written or not.
    pub(in super::super) fn latest(&self) -> Option<AppCredentialStatus> {
        match self.to_report() {
            Some(report) => Some(report.status),
            None => self.status(),
        }
    }

    /// Returns what is known to stand in the cluster.
    pub(in super::super) fn basis(&self, key: &Key) -> Basis {
        let kept = self.kept.version();
        let version = self.version.as_ref().filter(|ours| ours.is_newer_than(kept)).unwrap_or(kept);
        Basis {
            identity: self.kept.identity(key),
            version: version.to_owned(),
            status: self.status(),
            unreadable: self.unreadable.clone(),
            held: self.held,
            deleting: self.kept.deleting,
        }
    }

    /// Takes in that its turn came and there was nothing to be done.
    pub(in super::super) fn not_started(&mut self) {
        self.asked = None;
    }

    /// Takes in that it is not certain what is at these places.
    pub(in super::super) fn doubt(&mut self, places: impl IntoIterator<Item = ObjectRef>) {
        self.uncertain.extend(places);
    }

    /// Hands over the places where it is not certain what is there.
    pub(in super::super) fn take_uncertain(&mut self) -> BTreeSet<ObjectRef> {
        std::mem::take(&mut self.uncertain)
    }

    /// Hands over the outputs that somebody else changed.
    pub(in super::super) fn take_touched(&mut self) -> BTreeSet<ObjectRef> {
        std::mem::take(&mut self.touched)
    }

    /// Returns the outputs that are contested.
    pub(in super::super) fn contested(&self, now: Instant) -> Contested {
        self.contest.as_ref().map(|contest| contest.contested(now)).unwrap_or_default()
    }

    /// Hands over whether this is the first look at it.
    pub(in super::super) fn take_fresh(&mut self) -> bool {
        std::mem::take(&mut self.fresh)
    }
}
