//! Which credential is reconciled next.
//!
//! Pure but for the times that are passed in. A credential waits at most once and is never reconciled twice at
//! the same time: what comes in meanwhile makes it run again. Edits by people go before what a restart or a
//! retry brings (lanes), and within a lane namespaces take turns, so that no tenant waits for another's
//! thousands.
//!
//! Reports are statuses that are to be written. They wait apart from reconciles, so that outputs need not wait
//! for the statuses of other credentials; of one credential, neither ever runs beside the other.
//!
//! How many run at once depends on what comes in. Whatever is under way takes its share of the API server, so while
//! there are changes, what can wait makes room for them.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// How many reports may wait before the background does: what a start brings would hold all its statuses in memory.
const UNREPORTED: usize = 256;
/// How long after a change others are expected.
const BUSY: Duration = Duration::from_millis(500);

/// A credential: namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

/// How urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// The first look after a start, and retries.
    Background,
    /// Something has changed.
    Change,
}

impl Lane {
    /// Its name, for metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Change => "change",
        }
    }
}

/// A credential whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which one.
    pub key: Key,
    /// The lane that it waited in.
    pub lane: Lane,
    /// For how long.
    pub waited: Duration,
}

/// One lane: the names that wait in each namespace, and the turns of the namespaces.
#[derive(Debug, Default)]
struct Turns {
    namespaces: HashMap<String, VecDeque<String>>,
    order: VecDeque<String>,
}

impl Turns {
    fn push(&mut self, key: &Key) {
        let names = self.namespaces.entry(key.namespace.clone()).or_default();
        if names.is_empty() {
            self.order.push_back(key.namespace.clone());
        }
        names.push_back(key.name.clone());
    }

    fn pop(&mut self) -> Option<Key> {
        let namespace = self.order.pop_front()?;
        let names = self.namespaces.get_mut(&namespace)?;
        let name = names.pop_front()?;
        if names.is_empty() {
            self.namespaces.remove(&namespace);
        } else {
            self.order.push_back(namespace.clone());
        }
        Some(Key { namespace, name })
    }
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    /// How many reconciles may run at once.
    concurrency: usize,
    /// When the last change was begun.
    changed: Option<Instant>,
    changes: Turns,
    background: Turns,
    /// In which lane, and since when.
    waiting: HashMap<Key, (Lane, Instant)>,
    reports: Turns,
    unreported: HashSet<Key>,
    /// Reconciles and reports.
    running: HashMap<Key, Kind>,
    counts: [usize; 3],
    again: HashMap<Key, Lane>,
    later: BTreeMap<(Instant, Key), ()>,
    due: HashMap<Key, Instant>,
}

/// What runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A reconcile of the background.
    Background,
    /// A reconcile of a change.
    Change,
    /// A report.
    Report,
}

impl Queue {
    /// An empty one, for so many reconciles at once.
    #[must_use]
    pub fn new(concurrency: usize) -> Self {
        Self {
            concurrency: concurrency.max(1),
            changed: None,
            changes: Turns::default(),
            background: Turns::default(),
            waiting: HashMap::new(),
            reports: Turns::default(),
            unreported: HashSet::new(),
            running: HashMap::new(),
            counts: [0; 3],
            again: HashMap::new(),
            later: BTreeMap::new(),
            due: HashMap::new(),
        }
    }

    /// Asks for a reconcile.
    pub fn push(&mut self, key: &Key, lane: Lane) {
        self.cancel(key);
        if self.running.contains_key(key) {
            let again = self.again.entry(key.clone()).or_insert(lane);
            *again = (*again).max(lane);
            return;
        }
        match self.waiting.get(key) {
            Some((known, _)) if *known >= lane => {}
            // An entry that moved to the faster lane is skipped when its turn in the slower one comes.
            _ => {
                self.waiting.insert(key.clone(), (lane, Instant::now()));
                self.lane(lane).push(key);
            }
        }
    }

    /// Asks for a reconcile at a later time, unless one is asked for before.
    pub fn push_later(&mut self, key: &Key, at: Instant) {
        self.cancel(key);
        self.due.insert(key.clone(), at);
        self.later.insert((at, key.clone()), ());
    }

    /// Asks for a report.
    pub fn push_report(&mut self, key: &Key) {
        if self.unreported.insert(key.clone()) {
            self.reports.push(key);
        }
    }

    /// Forgets what was asked for later and what waits.
    pub fn forget(&mut self, key: &Key) {
        self.cancel(key);
        self.again.remove(key);
        self.waiting.remove(key);
        self.unreported.remove(key);
    }

    /// The next credential to be reconciled, which counts as running until [`Queue::done`].
    pub fn pop(&mut self, now: Instant) -> Option<Turn> {
        while let Some(((at, key), ())) = self.later.first_key_value() {
            if *at > now {
                break;
            }
            let key = key.clone();
            self.push(&key, Lane::Background);
        }
        for (lane, kind) in [(Lane::Change, Kind::Change), (Lane::Background, Kind::Background)] {
            if !self.has_room(kind, now) {
                break;
            }
            while let Some(key) = self.lane(lane).pop() {
                let Some((_, since)) = self.waiting.get(&key).filter(|(of, _)| *of == lane).copied() else { continue };
                self.waiting.remove(&key);
                if kind == Kind::Change {
                    self.changed = Some(now);
                }
                self.start(&key, kind);
                return Some(Turn { key, lane, waited: now.saturating_duration_since(since) });
            }
        }
        None
    }

    /// Whether one more of a kind may run. A reconcile is some three calls one after the other and a report is one: with a
    /// third as many, neither waits for the other in the long run.
    fn has_room(&self, kind: Kind, now: Instant) -> bool {
        let [background, changes, reports] = self.counts;
        let all = self.concurrency;
        let busy = self.is_busy(now);
        match kind {
            Kind::Change => background + changes < all,
            Kind::Background if self.unreported.len() >= UNREPORTED => false,
            Kind::Background if busy => background < all.div_ceil(16) && background + changes < all,
            Kind::Background => background + changes < all,
            Kind::Report if busy => reports < all.div_ceil(16),
            Kind::Report => reports < all.div_ceil(3),
        }
    }

    fn is_busy(&self, now: Instant) -> bool {
        self.changed.is_some_and(|changed| now < changed + BUSY)
    }

    /// When what made room for changes may go on, if it does.
    #[must_use]
    pub fn next_calm(&self, now: Instant) -> Option<Instant> {
        let held = !self.waiting.is_empty() || !self.unreported.is_empty();
        self.changed.filter(|_| held).map(|changed| changed + BUSY).filter(|calm| *calm > now)
    }

    fn start(&mut self, key: &Key, kind: Kind) {
        self.running.insert(key.clone(), kind);
        self.count(kind, 1);
    }

    fn count(&mut self, kind: Kind, by: isize) {
        let [background, changes, reports] = &mut self.counts;
        let count = match kind {
            Kind::Background => background,
            Kind::Change => changes,
            Kind::Report => reports,
        };
        *count = count.saturating_add_signed(by);
    }

    /// The next credential whose status is to be written, which counts as running until [`Queue::done`].
    pub fn pop_report(&mut self, now: Instant) -> Option<Key> {
        while self.has_room(Kind::Report, now) {
            let key = self.reports.pop()?;
            // One that is being reconciled is asked for again when that has ended.
            if self.unreported.remove(&key) && !self.running.contains_key(&key) {
                self.start(&key, Kind::Report);
                return Some(key);
            }
        }
        None
    }

    /// Says that a reconcile or a report has ended; it is reconciled again if something came in meanwhile.
    pub fn done(&mut self, key: &Key) {
        if let Some(kind) = self.running.remove(key) {
            self.count(kind, -1);
        }
        if let Some(lane) = self.again.remove(key) {
            self.push(key, lane);
        }
    }

    /// Whether it is being reconciled or its status is being written.
    #[must_use]
    pub fn is_running(&self, key: &Key) -> bool {
        self.running.contains_key(key)
    }

    /// Whether it waits for its turn.
    #[must_use]
    pub fn is_waiting(&self, key: &Key) -> bool {
        self.waiting.contains_key(key)
    }

    /// Whether it waits for its time.
    #[must_use]
    pub fn is_later(&self, key: &Key) -> bool {
        self.due.contains_key(key)
    }

    /// How many are being reconciled or reported.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// When the next of the later ones is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        self.later.first_key_value().map(|((at, _), ())| *at)
    }

    fn lane(&mut self, lane: Lane) -> &mut Turns {
        match lane {
            Lane::Change => &mut self.changes,
            Lane::Background => &mut self.background,
        }
    }

    fn cancel(&mut self, key: &Key) {
        if let Some(at) = self.due.remove(key) {
            self.later.remove(&(at, key.clone()));
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
