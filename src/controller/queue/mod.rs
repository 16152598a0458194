//! Which errand runs next.
//!
//! Pure but for the times that are passed in. Each subject (a credential or a grant) has one slot:
//!
//! ```text
//! running   at most one errand, of whatever duty: what comes in meanwhile waits for its end
//! waiting   for its turn, at most once for each duty (`turns`: namespaces take turns)
//! due       at a later time, at most once for each duty
//! ```
//!
//! An errand that starts covers what waited and what was due of its duty until then. What is asked for after that,
//! now or for later, stays. A slot with nothing in it is gone: while nothing is asked for, there is none.

mod class;
mod room;
mod subject;
mod turns;

use std::collections::{BTreeSet, HashMap};

use tokio::time::Instant;

use appcredential_api::NamespacedName;
pub use class::Class;
use class::{CLASSES, Duty};
pub use subject::{Subject, Ticket, Turn};
use turns::{Place, Turns};

/// The namespace and name of a credential or a grant.
pub type Key = NamespacedName;

/// Everything that the queue knows of a subject.
#[derive(Debug, Default)]
struct Slot {
    running: Option<Ticket>,
    waiting: [Option<Waiting>; 2],
    due: [Option<(Instant, Class)>; 2],
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    class: Class,
    since: Instant,
    /// The place in the line; none while an errand of the same subject runs.
    place: Option<Place>,
}

impl Slot {
    fn is_empty(&self) -> bool {
        self.running.is_none() && self.waiting.iter().all(Option::is_none) && self.due.iter().all(Option::is_none)
    }
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    /// How many reconciles may run at once.
    concurrency: usize,
    slots: HashMap<Subject, Slot>,
    lines: [Turns; CLASSES],
    /// What is due later, the next first.
    timers: BTreeSet<(Instant, Subject, Duty)>,
    running: HashMap<Ticket, (Subject, Class)>,
    counts: [usize; CLASSES],
    tickets: u64,
    /// When the last change was begun.
    changed: Option<Instant>,
    /// When the last write of a credential's status was begun.
    reported: Option<Instant>,
    /// Whether only statuses are given out.
    draining: bool,
}

/// Returns the element of a class or duty: the arrays have one for each.
#[expect(clippy::indexing_slicing, reason = "an array has an element for each variant")]
fn at<T, const N: usize>(array: &mut [T; N], index: usize) -> &mut T {
    &mut array[index]
}

impl Queue {
    /// Returns an empty queue, for so many reconciles at once.
    #[must_use]
    pub fn new(concurrency: usize) -> Self {
        Self {
            concurrency: concurrency.max(1),
            slots: HashMap::new(),
            lines: Default::default(),
            timers: BTreeSet::new(),
            running: HashMap::new(),
            counts: [0; CLASSES],
            tickets: 0,
            changed: None,
            reported: None,
            draining: false,
        }
    }

    /// Asks for an errand. If one of the same duty waits already, the more urgent class counts.
    pub fn ask(&mut self, subject: &Subject, class: Class, now: Instant) {
        let slot = self.slots.entry(subject.clone()).or_default();
        let waiting = at(&mut slot.waiting, class.duty() as usize);
        if let Some(known) = waiting {
            if known.class <= class {
                return;
            }
            if let Some(place) = known.place.take() {
                at(&mut self.lines, known.class as usize).remove(subject.key(), place);
            }
        }
        // One that is running goes to the line when that has ended.
        let place = slot.running.is_none().then(|| at(&mut self.lines, class as usize).push(subject.key()));
        *waiting = Some(Waiting { class, since: now, place });
    }

    /// Asks for an errand at a later time, or at an earlier one that is known already.
    pub fn ask_at(&mut self, subject: &Subject, class: Class, when: Instant) {
        let slot = self.slots.entry(subject.clone()).or_default();
        let due = at(&mut slot.due, class.duty() as usize);
        if let Some((known, _)) = due {
            if *known <= when {
                return;
            }
            self.timers.remove(&(*known, subject.clone(), class.duty()));
        }
        *due = Some((when, class));
        self.timers.insert((when, subject.clone(), class.duty()));
    }

    /// Forgets what waits and what is due. What runs goes on.
    pub fn forget(&mut self, subject: &Subject) {
        for duty in [Duty::Reconcile, Duty::Status] {
            self.take(subject, duty);
        }
        self.tidy(subject);
    }

    /// Takes what waits and what is due of a duty out of the slot.
    fn take(&mut self, subject: &Subject, duty: Duty) -> Option<Waiting> {
        let slot = self.slots.get_mut(subject)?;
        if let Some((when, _)) = at(&mut slot.due, duty as usize).take() {
            self.timers.remove(&(when, subject.clone(), duty));
        }
        let waiting = at(&mut slot.waiting, duty as usize).take()?;
        if let Some(place) = waiting.place {
            at(&mut self.lines, waiting.class as usize).remove(subject.key(), place);
        }
        Some(waiting)
    }

    fn tidy(&mut self, subject: &Subject) {
        if self.slots.get(subject).is_some_and(Slot::is_empty) {
            self.slots.remove(subject);
        }
    }

    /// Returns the next errand, which counts as running until [`Queue::done`].
    pub fn pop(&mut self, now: Instant) -> Option<Turn> {
        self.line_up(now);
        for class in Class::ALL {
            if !self.has_room(class, now) {
                continue;
            }
            let Some(key) = at(&mut self.lines, class as usize).pop() else { continue };
            let subject = Subject::of(class, key);
            let since = self.take(&subject, class.duty()).map_or(now, |waiting| waiting.since);
            match class {
                Class::Change => self.changed = Some(now),
                Class::Status => self.reported = Some(now),
                Class::Large | Class::Background | Class::GrantStatus => {}
            }
            let ticket = self.start(&subject, class);
            return Some(Turn { ticket, subject, class, waited: now.saturating_duration_since(since) });
        }
        None
    }

    /// Lets wait what was for later and is due by now.
    fn line_up(&mut self, now: Instant) {
        while let Some((_, subject, duty)) = self.timers.first().filter(|(when, ..)| *when <= now).cloned() {
            let slot = self.slots.get_mut(&subject);
            let due = slot.and_then(|slot| at(&mut slot.due, duty as usize).take());
            self.timers.pop_first();
            if let Some((_, class)) = due {
                self.ask(&subject, class, now);
            }
        }
    }

    fn start(&mut self, subject: &Subject, class: Class) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let slot = self.slots.entry(subject.clone()).or_default();
        slot.running = Some(ticket);
        // Nothing of one subject runs beside it: what waits of it leaves the line until this has ended.
        for waiting in slot.waiting.iter_mut().flatten() {
            if let Some(place) = waiting.place.take() {
                at(&mut self.lines, waiting.class as usize).remove(subject.key(), place);
            }
        }
        self.running.insert(ticket, (subject.clone(), class));
        *at(&mut self.counts, class as usize) += 1;
        ticket
    }

    /// Ends a run: its subject, if it was running. What waited for its end goes to the line.
    pub fn done(&mut self, ticket: Ticket) -> Option<Subject> {
        let (subject, class) = self.running.remove(&ticket)?;
        *at(&mut self.counts, class as usize) -= 1;
        if let Some(slot) = self.slots.get_mut(&subject) {
            slot.running = None;
            for waiting in slot.waiting.iter_mut().flatten() {
                waiting.place = Some(at(&mut self.lines, waiting.class as usize).push(subject.key()));
            }
        }
        self.tidy(&subject);
        Some(subject)
    }

    /// Gives out nothing but statuses from now on: what was written is still said.
    pub fn drain(&mut self) {
        self.draining = true;
    }

    /// Returns how many errands run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// Returns whether an errand of a subject runs.
    pub(super) fn is_running(&self, subject: &Subject) -> bool {
        self.slots.get(subject).is_some_and(|slot| slot.running.is_some())
    }

    /// Returns the credentials that have an errand running.
    pub(super) fn credentials_running(&self) -> impl Iterator<Item = &Key> {
        self.running.values().filter_map(|(subject, _)| match subject {
            Subject::Credential(key) => Some(key),
            Subject::Grant(_) => None,
        })
    }

    /// Returns when to look again, if nothing else happens: when something is due, or when what made room for changes
    /// or outputs may go on.
    #[must_use]
    pub fn next_look(&self, now: Instant) -> Option<Instant> {
        let due = self.timers.first().map(|(when, ..)| *when);
        let held = self.lines.iter().any(|line| line.len() > 0);
        let calm = self.changed.filter(|_| held).map(|changed| changed + room::BUSY).filter(|calm| *calm > now);
        let [.., statuses, _] = self.counts;
        let is_paced = self.unreported() > 0 && statuses == 0 && self.outputs_go_first();
        let paced = self.paced().filter(|next| is_paced && *next > now);
        due.into_iter().chain(calm).chain(paced).min()
    }

    /// Returns when a reconcile or status of a subject is due, if that is at a later time.
    #[cfg(test)]
    pub(super) fn due(&self, subject: &Subject) -> Option<Instant> {
        let due = self.slots.get(subject)?.due.iter().flatten().map(|(when, _)| *when);
        due.min()
    }

    /// Returns whether nothing runs, waits or is due, and nothing is left of what did.
    #[cfg(test)]
    pub(super) fn is_at_rest(&self) -> bool {
        self.slots.is_empty()
            && self.timers.is_empty()
            && self.running.is_empty()
            && self.counts == [0; CLASSES]
            && self.lines.iter().all(|line| line.len() == 0)
    }
}

#[cfg(test)]
mod tests;
