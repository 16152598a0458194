//! What errands found out, taken in: outputs as they were written, versions of sources, statuses.

use tokio::time::Instant;

use super::super::errand::Answer;
use super::super::job::{Learned, Reported};
use super::super::life::{News, Origin, Running, interests};
use super::super::queue::{Key, Subject, Ticket};
use super::Hub;
use super::tally::Tally;
use appcredential_api::{Disposition, ObjectRef};

impl Hub {
    /// Takes in what an errand has brought back. `jitter` spreads what is tried again.
    pub(in super::super) fn done(&mut self, errand: Ticket, answer: Answer, jitter: f64, now: Instant) {
        let Some(subject) = self.queue.done(errand) else { return };
        match (subject, answer) {
            (Subject::Credential(key), Answer::Reconciled(learned)) => self.reconciled(&key, *learned, jitter, now),
            (Subject::Credential(key), Answer::Reported(reported)) => self.reported(&key, reported, jitter, now),
            (Subject::Grant(key), Answer::GrantReported(reported)) => self.grant_reported(&key, reported, now),
            // An errand answers what it was asked.
            (Subject::Credential(_) | Subject::Grant(_), _) => {}
        }
    }

    /// Takes in what a reconcile learned.
    fn reconciled(&mut self, key: &Key, mut learned: Learned, jitter: f64, now: Instant) {
        let Some(life) = self.lives.get_mut(key) else { return };
        let Some(running) = life.ended() else { return };
        let is_known = life.known.is_some();
        let uncertain = self.take_in_outputs(is_known, &learned, &running);
        if !uncertain.is_empty() {
            learned.disposition = learned.disposition.max(Some(Disposition::Retry));
        }
        for (source, version) in &learned.sources {
            let object = source.in_namespace(&key.namespace);
            // A list that came meanwhile is newer than what was read, whatever its versions. And a read that went through a
            // cache on its way may be older than the last watch event.
            if running.is_relisted(&object) || self.interests.read(&object, version) {
                learned.disposition = learned.disposition.max(Some(Disposition::Retry));
            }
        }
        for source in &learned.missing {
            let object = source.in_namespace(&key.namespace);
            // Where the store has gone back to when it was there, the list that came meanwhile was the last news of it.
            if running.is_relisted(&object) && self.interests.version(&object).is_some() {
                learned.disposition = learned.disposition.max(Some(Disposition::Retry));
            }
            self.interests.missed(&object);
        }
        let Some(life) = self.lives.get_mut(key) else { return };
        let is_echo = |news: &&News| life.is_of(&running) && news.is_echo(&learned.written, &learned.deleted);
        let news = running.news.iter().filter(|news| !is_echo(news)).map(|news| news.object.clone()).collect();
        if let (Some(report), true) = (&learned.report, life.is_of(&running)) {
            let counted = Tally::of(&key.namespace, &report.status);
            if let Some(known) = life.known.as_deref_mut() {
                Tally::replace(&mut known.tally, counted, &self.metrics);
            }
        }
        if let Some(known) = life.known.as_deref_mut() {
            known.doubt(uncertain);
        }
        let before = interests(life.known.as_deref());
        let effects = life.finished(*running, learned, news, jitter, now);
        self.interests.replace(key, &before, &interests(life.known.as_deref()));
        self.carry_out(key, effects, now);
        self.bury(key);
    }

    /// Takes in the outputs that a reconcile looked at, wrote and deleted, whosever they are by now. Returns the places
    /// where it is not certain what is there: they have to be looked at.
    fn take_in_outputs(&mut self, is_known: bool, learned: &Learned, running: &Running) -> Vec<ObjectRef> {
        for (object, there) in &learned.verified {
            // A watch event that came meanwhile is newer.
            if running.is_relisted(object) || running.news.iter().any(|news| news.object == *object) {
                continue;
            }
            match there {
                Some(there) => drop(self.outputs.set(there)),
                None => self.outputs.forget(object),
            }
        }
        let mut uncertain = learned.unseen.clone();
        for written in &learned.written {
            // A list that came meanwhile may be newer than the answer, and the store may have gone back with it.
            if running.is_relisted(&written.object_ref()) {
                uncertain.push(written.object_ref());
                if !is_known {
                    // Nobody is left to look at it. If it is there, its watch tells.
                    continue;
                }
            }
            self.outputs.apply(written);
        }
        for (object, uid) in &learned.deleted {
            self.outputs.remove(object, uid);
        }
        // The answer to a write may have come before the news that its object was deleted, and be taken over after them.
        for (object, uid) in running.deleted() {
            self.outputs.remove(object, uid);
        }
        uncertain
    }

    /// Takes in what became of a status.
    fn reported(&mut self, key: &Key, reported: Reported, jitter: f64, now: Instant) {
        let Some(life) = self.lives.get_mut(key) else { return };
        let Some(running) = life.ended() else { return };
        let news = running.news.iter().filter(|news| !news.is_echo(&[], &[])).map(|news| news.object.clone()).collect();
        let there = match &reported {
            // A watch event that came meanwhile may be newer. Versions do not show it: those of a restored store go back.
            Reported::Outdated(there) if life.is_of(&running) && !running.has_seen() => Some(there.clone()),
            _ => None,
        };
        let effects = life.reported(*running, reported, news, jitter, now);
        self.carry_out(key, effects, now);
        if let Some(there) = there {
            self.credential(*there, Origin::List, now);
        }
        self.bury(key);
    }
}
