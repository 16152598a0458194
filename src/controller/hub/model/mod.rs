//! A model of everything around the hub, and random histories of it.
//!
//! ```text
//! world     what stands in the API server, and what its watches have yet to tell
//! errands   what a reconcile and a write of a status do to it
//! here      the histories, and what has to hold: always, and once everything has come to rest
//! ```
//!
//! People and rivals change whatever they like between any two steps, watches tell as late as they like and list anew,
//! the store goes back to an earlier state, errands take effect and are answered at any time. `PROPTEST_CASES` says how
//! many histories there are.

mod errands;
mod invariants;
mod steps;
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::super::Scoped;
use super::super::errand::{Answer, Errand, Work};
use super::super::job::{Learned, Reported};
use super::super::queue::Ticket;
use super::*;
use appcredential_api::Disposition;
use errands::{act, index_of, says};
use steps::{Step, steps};
use world::{Credential, Output, STREAMS, Store, Stream, World, wanted};

/// Contents beyond this are a rival's.
const TAMPERED: i64 = 1_000_000;

/// How an errand ends that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Fails,
    /// A reconcile needs memory that others have, and is not known to need it.
    PutOff,
}

/// An errand that runs.
struct Started {
    ticket: Ticket,
    work: Work,
    answer: Option<Answer>,
    /// The edit that waits for this reconcile.
    edit: bool,
}

/// The hub in its world.
struct Played {
    world: World,
    hub: Hub,
    now: Instant,
    running: Vec<Started>,
    backup: Option<Store>,
    rival: i64,
    /// Whether an edit of the credential of this uid waits for a reconcile.
    edits: BTreeMap<String, bool>,
}

impl Played {
    fn new() -> Self {
        let hub = Hub::new(Selection::default(), &[], "".into(), 4, Metrics::default());
        let (world, now) = (World::default(), Instant::now());
        let edits = BTreeMap::new();
        let mut played = Self { world, hub, now, running: Vec::new(), backup: None, rival: TAMPERED, edits };
        for stream in STREAMS {
            played.world.relist(stream);
            played.tell_all(stream);
        }
        played
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Create(..) | Step::Edit(..) | Step::Replace(..) | Step::Delete(_) => self.person(step),
            Step::OverwriteStatus(index) => self.change(*index, |it| it.status = Some(says("rival", 1, true))),
            Step::StripFinalizer(index) => self.change(*index, |it| it.held = false),
            Step::TamperWithOutput(_) | Step::DeleteOutput(_) | Step::PutSource(_) | Step::DeleteSource(_) => {
                self.rival(step);
            }
            Step::CollectGarbage => self.world.collect_garbage(),
            Step::Backup => self.backup = Some(self.world.store.clone()),
            Step::Restore => {
                if let Some(backup) = self.backup.clone() {
                    self.world.restore(backup);
                }
            }
            Step::Tell(stream) => self.tell(*stream),
            Step::Relist(stream) => self.world.relist(*stream),
            Step::Work => self.hub.work(self.now),
            Step::Start => drop(self.start()),
            Step::Act(which, end) => self.act(*which, *end),
            Step::Answer(which, lost) => self.answer(*which, *lost),
            Step::Wait(milliseconds) => self.now += Duration::from_millis(u64::from(*milliseconds)),
        }
    }

    /// What people do to credentials.
    fn person(&mut self, step: &Step) {
        match *step {
            Step::Create(index, variant) if !self.world.store.credentials.contains_key(&index) => {
                let uid = self.world.next_uid();
                let (version, generation, status) = (0, 1, None);
                let credential = Credential { uid, version, generation, variant, status, held: false, deleting: false };
                self.world.put_credential(index, credential);
            }
            Step::Edit(index, variant) => {
                self.change(index, |it| {
                    if it.variant != variant && !it.deleting {
                        (it.variant, it.generation) = (variant, it.generation + 1);
                    }
                });
            }
            Step::Replace(index, variant) => {
                self.change(index, |it| (it.deleting, it.held) = (true, false));
                self.person(&Step::Create(index, variant));
            }
            Step::Delete(index) => self.change(index, |it| it.deleting = true),
            _ => {}
        }
    }

    fn change(&mut self, index: u8, change: impl FnOnce(&mut Credential)) {
        if let Some(mut credential) = self.world.store.credentials.get(&index).cloned() {
            change(&mut credential);
            self.world.put_credential(index, credential);
        }
    }

    /// What others do to outputs and sources.
    fn rival(&mut self, step: &Step) {
        match *step {
            Step::TamperWithOutput(index) => {
                if let Some(there) = self.world.store.outputs.get(&index).cloned() {
                    self.rival += 1;
                    self.world.put_output(index, Output { content: self.rival, ..there });
                }
            }
            Step::DeleteOutput(index) => self.world.remove_output(index),
            Step::PutSource(index) => self.world.put_source(index),
            Step::DeleteSource(index) => self.world.remove_source(index),
            _ => {}
        }
    }

    fn tell(&mut self, stream: Stream) {
        let Some(change) = self.world.streams.get_mut(&stream).and_then(std::collections::VecDeque::pop_front) else {
            return;
        };
        let before = self.generations();
        self.hub.changed(Scoped { namespace: None, change }, self.now);
        self.note_edits(&before);
    }

    /// Notes whose generation is another than before: an edit waits for a reconcile.
    fn note_edits(&mut self, before: &BTreeMap<String, (i64, bool)>) {
        for (uid, generation) in self.generations() {
            if before.get(&uid) != Some(&generation) {
                self.edits.insert(uid, true);
            }
        }
    }

    /// The generations that the hub knows, and whether they are going, by uid.
    fn generations(&self) -> BTreeMap<String, (i64, bool)> {
        let known = self.hub.lives.values().filter_map(|life| life.known.as_deref());
        known.map(|known| (known.kept.uid.to_string(), (known.kept.generation, known.kept.deleting))).collect()
    }

    fn tell_all(&mut self, stream: Stream) {
        while self.world.streams.get(&stream).is_some_and(|pending| !pending.is_empty()) {
            self.tell(stream);
        }
        while self.hub.has_chores() {
            self.hub.work(self.now);
        }
    }

    fn start(&mut self) -> bool {
        let Some(Errand { ticket, work }) = self.hub.next(self.now) else { return false };
        let subject = subject(&work);
        assert!(self.running.iter().all(|other| self::subject(&other.work) != subject), "two at once: {subject:?}");
        let mut edit = false;
        if let Work::Reconcile(job) = &work {
            edit = self.edits.remove(job.record.identity().uid.as_str()).unwrap_or_default();
        }
        self.running.push(Started { ticket, work, answer: None, edit });
        true
    }

    /// The errand that a number means, of those that took effect or did not yet.
    fn running(&self, which: usize, acted: bool) -> Option<usize> {
        let some = self.running.iter().enumerate().filter(|(_, started)| started.answer.is_some() == acted);
        let some: Vec<usize> = some.map(|(at, _)| at).collect();
        some.get(which % some.len().max(1)).copied()
    }

    fn act(&mut self, which: usize, end: End) {
        let Some(started) = self.running(which, false).and_then(|at| self.running.get_mut(at)) else { return };
        started.answer = Some(act(&mut self.world, &started.work, end));
    }

    fn answer(&mut self, which: usize, lost: bool) {
        let Some(at) = self.running(which, true) else { return };
        let Started { ticket, work, answer, edit } = self.running.remove(at);
        let Some(mut answer) = answer else { return };
        if let (Answer::Reported(reported), true) = (&mut answer, lost) {
            *reported = Reported::Failed;
        }
        let uid = uid(&work);
        let before = self.generations();
        let knows = before.contains_key(&uid);
        let is_done = |learned: &Learned| learned.disposition == Some(Disposition::Done);
        let done = matches!(&answer, Answer::Reconciled(learned) if is_done(learned));
        let arrived = self.arrived();
        self.hub.done(ticket, answer, 0.5, self.now);
        let arrivals = self.arrived() - arrived;
        assert!(arrivals <= u64::from(edit && done && knows), "an edit counts only with the reconcile that brought it");
        if edit && arrivals == 0 && knows {
            self.edits.insert(uid, true);
        }
        // The refusal of a status brings what is there.
        self.note_edits(&before);
    }

    /// How many edits have reached their outputs.
    fn arrived(&self) -> u64 {
        let text = self.hub.metrics.text().unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("appcredential_edit_to_synced_seconds_count "));
        line.and_then(|count| count.trim().parse().ok()).unwrap_or_default()
    }

    /// Begins with everything in sync, as most histories do: much of what goes wrong takes a reconcile with nothing to say.
    fn bring_in_sync(&mut self) {
        for index in 0..2 {
            self.step(&Step::PutSource(index));
            self.step(&Step::Create(index, index));
        }
        self.settle();
    }

    /// Lets everything come to rest.
    fn settle(&mut self) {
        for _ in 0..400 {
            self.world.collect_garbage();
            STREAMS.into_iter().for_each(|stream| self.tell_all(stream));
            while self.start() {}
            while !self.running.is_empty() {
                self.act(0, End::Done);
                self.answer(0, false);
            }
            let told = self.world.streams.values().all(std::collections::VecDeque::is_empty);
            if told && self.hub.queue.is_at_rest() && !self.hub.has_chores() {
                return;
            }
            self.now = self.hub.queue.next_look(self.now).unwrap_or(self.now).max(self.now);
        }
        unreachable!("it does not come to rest: {:?}", self.hub.queue);
    }
}

/// Whom an errand is for, and who it was when it began.
fn subject(work: &Work) -> u8 {
    match work {
        Work::Reconcile(job) => index_of(&job.record.identity().name),
        Work::Status(report) => index_of(&report.basis.identity.name),
        Work::GrantStatus(_) => u8::MAX,
    }
}

fn uid(work: &Work) -> String {
    match work {
        Work::Reconcile(job) => job.record.identity().uid.into(),
        Work::Status(report) => report.basis.identity.uid.to_string(),
        Work::GrantStatus(_) => String::new(),
    }
}

/// Histories of a usual run: each takes some 20 ms.
const CASES: u32 = 512;

/// As many as `PROPTEST_CASES` says, else as many as usual.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { CASES };
    ProptestConfig { failure_persistence: None, cases, ..default }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn whatever_happens_it_comes_to_rest_with_everything_right(in_sync: bool, steps in steps()) {
        let mut played = Played::new();
        if in_sync {
            played.bring_in_sync();
        }
        for step in &steps {
            played.step(step);
        }
        played.settle();
        played.check();
    }
}
