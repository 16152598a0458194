//! The life of one credential: what is known of it, and what each piece of news asks for.
//!
//! ```text
//! seen       a watch tells of it                       starts, unless it is only our own write coming back
//! woken      something that it depends on has changed  starts, a burst at once, then one a second (`bucket`)
//! contested  somebody else has changed an output       starts, more and more slowly (`contest`)
//! started    an errand takes what is known with it
//! finished   a reconcile has ended                     a status to be written, a retry, or nothing
//! reported   a status was written, or was not          a retry, or nothing
//! gone       it is no more                             nothing waits any longer; what runs is let go
//! ```
//!
//! Each transition changes this one value and returns effects as data; it has no clock, no queue and no client. An
//! errand belongs to the incarnation (uid) that it was started for: what it brings back is never taken for that of a
//! successor of the same name. News that come while an errand runs are kept until it ends and are compared then with
//! what it wrote itself: nothing is dropped.

mod bucket;
mod contest;
mod effect;
mod known;
mod running;
mod sighting;

use std::collections::BTreeSet;

use tokio::time::Instant;

use super::hub::kept::Kept;
use super::hub::packed::Packed;
use super::job::{Learned, Reported};
use super::queue::Class;
use crate::backoff;
use appcredential_api::{AppCredentialStatus, Disposition, ObjectRef};
use appcredential_cluster::Record;
use appcredential_core::resolve::Selection;
use bucket::Bucket;
use contest::Contest;
pub(super) use contest::Contested;
pub(super) use effect::Effect;
pub(super) use known::{Elsewhere, Known, Reach};
pub(super) use running::{News, Running};
pub(super) use sighting::Origin;
use sighting::Sighting;

/// The life of a credential. Of one that is gone only the errand that outlives it is left.
#[derive(Default)]
pub(super) struct Life {
    pub(super) known: Option<Box<Known>>,
    running: Option<Box<Running>>,
}

impl Life {
    /// Returns whether nothing is known and nothing runs.
    pub(super) fn is_over(&self) -> bool {
        self.known.is_none() && self.running.is_none()
    }

    /// Returns the errand that runs.
    pub(super) fn running(&mut self) -> Option<&mut Running> {
        self.running.as_deref_mut()
    }

    /// Returns whether a record has the spec that is known, at the same stage of the same incarnation's life.
    pub(super) fn has_spec_of(&self, record: &Record, origin: Origin) -> bool {
        let known = self.known.as_ref().filter(|known| known.kept.is_of_the_spec_of(record));
        // A generation that a restored store counts again may be that of another spec.
        known.is_some_and(|known| origin == Origin::Event || known.kept.has_the_text_of(record))
    }

    /// Takes in a credential whose spec is new: it was created, edited, replaced, or is being deleted.
    pub(super) fn seen(
        &mut self,
        record: Record,
        (status, selection): (Option<AppCredentialStatus>, &Selection),
        reach: Reach,
        origin: Origin,
        now: Instant,
    ) -> Vec<Effect> {
        let sighting = Sighting::of(&record, status, selection, origin);
        let kept = Kept::of(record);
        match self.known.as_deref_mut().filter(|known| known.kept.uid == kept.uid) {
            Some(known) => {
                known.edit(kept, reach, now);
                self.take_in(sighting, now);
            }
            None => {
                let edited = (origin != Origin::FirstList).then_some(now);
                let former = self.known.replace(Box::new(Known::new(kept, sighting, reach, edited)));
                // Its outputs have the same places.
                if let (Some(mut former), Some(known)) = (former, self.known.as_deref_mut()) {
                    known.doubt(former.take_uncertain());
                }
            }
        }
        self.start(origin.class())
    }

    /// Takes in a credential whose spec is known: its status or its metadata may be news.
    pub(super) fn seen_again(
        &mut self,
        record: Record,
        (status, selection): (Option<AppCredentialStatus>, &Selection),
        origin: Origin,
        now: Instant,
    ) -> Vec<Effect> {
        let sighting = Sighting::of(&record, status, selection, origin);
        if let Some(known) = self.known.as_deref_mut() {
            known.kept.replace(Kept::of(record));
        }
        self.take_in(sighting, now)
    }

    /// Compares a watch event with what is known. While an errand of this incarnation runs, that has to wait: whether
    /// it is news depends on what the errand writes.
    fn take_in(&mut self, sighting: Sighting, now: Instant) -> Vec<Effect> {
        let Some(known) = self.known.as_deref_mut() else { return Vec::new() };
        match self.running.as_deref_mut().filter(|running| running.uid == known.kept.uid) {
            Some(running) => {
                running.see(sighting);
                Vec::new()
            }
            None if known.is_news(sighting) => self.woken(now),
            None => Vec::new(),
        }
    }

    /// Takes in that something has changed that the credential depends on.
    pub(super) fn woken(&mut self, now: Instant) -> Vec<Effect> {
        let Some(known) = self.known.as_deref_mut().filter(|known| known.asked != Some(Class::Change)) else {
            return Vec::new();
        };
        match known.bucket.take(now) {
            None => self.start(Class::Change),
            Some(at) => vec![Effect::RetryAt(at)],
        }
    }

    /// Takes in news of an output. While an errand runs they may be echoes of its own writes.
    pub(super) fn output_changed(&mut self, news: News, origin: Origin, now: Instant) -> Vec<Effect> {
        if let Some(running) = self.running.as_deref_mut() {
            running.news.push(news);
            return Vec::new();
        }
        self.contested(news.object, origin, now)
    }

    fn contested(&mut self, output: ObjectRef, origin: Origin, now: Instant) -> Vec<Effect> {
        let Some(known) = self.known.as_deref_mut() else { return Vec::new() };
        if origin == Origin::FirstList {
            return self.start(Class::Background);
        }
        known.touched.insert(output);
        match known.contest.as_mut().and_then(|contest| contest.changed(now)) {
            Some(at) => vec![Effect::RetryAt(at)],
            None => self.woken(now),
        }
    }

    fn all_contested(&mut self, outputs: Vec<ObjectRef>, now: Instant) -> Vec<Effect> {
        outputs.into_iter().flat_map(|output| self.contested(output, Origin::Event, now)).collect()
    }

    /// Asks for a reconcile, whatever the reason.
    pub(super) fn start(&mut self, class: Class) -> Vec<Effect> {
        let Some(known) = self.known.as_deref_mut() else { return Vec::new() };
        known.asked = known.asked.map_or(Some(class), |asked| Some(asked.min(class)));
        vec![Effect::Start(class)]
    }

    /// Lets an errand begin: what is known of the credential from here on is compared with what it brings back.
    pub(super) fn started(&mut self, class: Class) -> Option<&mut Known> {
        let known = self.known.as_deref_mut()?;
        let mut running = Running::new(known.kept.uid.clone());
        if class != Class::Status {
            // The edit that this reconcile brings to its outputs. A later one waits for the next.
            running.edited = known.edited.take();
            known.asked = None;
        }
        self.running = Some(Box::new(running));
        Some(known)
    }

    /// Returns whether an errand is for the incarnation that is known.
    pub(super) fn is_of(&self, running: &Running) -> bool {
        self.known.as_ref().is_some_and(|known| known.kept.uid == running.uid)
    }

    /// Ends an errand.
    pub(super) fn ended(&mut self) -> Option<Box<Running>> {
        self.running.take()
    }

    /// Takes in what a reconcile learned. `news` are the outputs that others changed while it ran.
    pub(super) fn finished(
        &mut self,
        running: Running,
        learned: Learned,
        news: Vec<ObjectRef>,
        jitter: f64,
        now: Instant,
    ) -> Vec<Effect> {
        // What a reconcile has to say goes with the incarnation that it was for.
        let Some(known) = self.known.as_deref_mut().filter(|known| known.kept.uid == running.uid) else {
            return self.all_contested(news, now);
        };
        let mut effects = Vec::new();
        let put_off = learned.put_off;
        let listens_anew = !put_off && learned.blocked.iter().any(|object| !known.blocked.contains(object));
        let disposition = learned.disposition;
        known.learn(learned, now);
        match (running.edited, disposition) {
            (Some(edited), Some(Disposition::Done)) => effects.push(Effect::Arrived(now.duration_since(edited))),
            // It still waits, and so does an edit that came after it.
            (Some(edited), _) => known.edited = Some(known.edited.map_or(edited, |later| later.min(edited))),
            (None, _) => {}
        }
        if known.report.is_some() {
            effects.push(Effect::Start(Class::Status));
        }
        if !put_off {
            effects.extend(known.retry(disposition, jitter, now));
        }
        effects.extend(known.contest.as_ref().and_then(|contest| contest.ends_at()).map(Effect::RetryAt));
        // What is in the way may have gone before anybody listened for it: look once more.
        if listens_anew || put_off {
            effects.extend(self.start(Class::Change));
        }
        effects.extend(self.catch_up(running.sighting, news, now));
        effects
    }

    /// Takes in what became of a status.
    pub(super) fn reported(
        &mut self,
        running: Running,
        reported: Reported,
        news: Vec<ObjectRef>,
        jitter: f64,
        now: Instant,
    ) -> Vec<Effect> {
        // Another of that name owes nothing to this one.
        let Some(known) = self.known.as_deref_mut().filter(|known| known.kept.uid == running.uid) else {
            return self.all_contested(news, now);
        };
        let mut effects = Vec::new();
        match reported {
            Reported::Written(version) => known.said(version),
            Reported::Outdated(_) => {
                // It is computed anew, from what is there, whatever was taken for our own before.
                (known.report, known.version) = (None, None);
                effects.extend(self.woken(now));
            }
            // The watch tells of its end too, and then nothing is tried again. A store that was restored may have it back.
            Reported::Gone | Reported::Failed => effects.extend(known.not_said(jitter, now)),
        }
        effects.extend(self.catch_up(running.sighting, news, now));
        effects
    }

    /// Takes in what came in while an errand ran and was not its own doing.
    fn catch_up(&mut self, sighting: Option<Sighting>, news: Vec<ObjectRef>, now: Instant) -> Vec<Effect> {
        let mut effects = self.all_contested(news, now);
        effects.extend(sighting.map(|sighting| self.take_in(sighting, now)).into_iter().flatten());
        effects
    }

    /// Takes in that an incarnation is gone: none where another one is known.
    pub(super) fn gone(&mut self, uid: Option<&str>) -> Option<(Box<Known>, Vec<Effect>)> {
        let is_it = |known: &mut Box<Known>| uid.is_none_or(|uid| *known.kept.uid == *uid);
        let known = self.known.take_if(is_it)?;
        Some((known, vec![Effect::Forget]))
    }
}

/// Returns the effects of a set of objects that are asked for: those that were and those that are.
pub(super) fn interests(known: Option<&Known>) -> BTreeSet<ObjectRef> {
    known.into_iter().flat_map(|known| known.sources.iter().chain(&known.blocked)).cloned().collect()
}

/// Packs a status.
fn packed(status: Option<&AppCredentialStatus>) -> Option<Packed<AppCredentialStatus>> {
    status.and_then(Packed::of)
}

/// The time of the next try after so many failures.
fn retry_at(failures: u32, jitter: f64, now: Instant) -> Instant {
    now + backoff::delay(failures, jitter)
}
