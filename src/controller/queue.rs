//! Which credential is reconciled next.
//!
//! Pure but for the times that are passed in. A credential waits at most once and is never reconciled twice at
//! the same time: what comes in meanwhile makes it run again. Edits by people go before what a restart or a
//! retry brings (lanes), and within a lane namespaces take turns, so that no tenant waits for another's
//! thousands.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use tokio::time::Instant;

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
#[derive(Debug, Default)]
pub struct Queue {
    changes: Turns,
    background: Turns,
    waiting: HashMap<Key, Lane>,
    running: HashSet<Key>,
    again: HashMap<Key, Lane>,
    later: BTreeMap<(Instant, Key), ()>,
    due: HashMap<Key, Instant>,
}

impl Queue {
    /// Asks for a reconcile.
    pub fn push(&mut self, key: &Key, lane: Lane) {
        self.cancel(key);
        if self.running.contains(key) {
            let again = self.again.entry(key.clone()).or_insert(lane);
            *again = (*again).max(lane);
            return;
        }
        match self.waiting.get(key) {
            Some(known) if *known >= lane => {}
            // An entry that moved to the faster lane is skipped when its turn in the slower one comes.
            _ => {
                self.waiting.insert(key.clone(), lane);
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

    /// Forgets what was asked for later and what waits.
    pub fn forget(&mut self, key: &Key) {
        self.cancel(key);
        self.again.remove(key);
        self.waiting.remove(key);
    }

    /// The next credential, which counts as running until [`Queue::done`].
    pub fn pop(&mut self, now: Instant) -> Option<Key> {
        while let Some(((at, key), ())) = self.later.first_key_value() {
            if *at > now {
                break;
            }
            let key = key.clone();
            self.push(&key, Lane::Background);
        }
        for lane in [Lane::Change, Lane::Background] {
            while let Some(key) = self.lane(lane).pop() {
                if self.waiting.get(&key) == Some(&lane) {
                    self.waiting.remove(&key);
                    self.running.insert(key.clone());
                    return Some(key);
                }
            }
        }
        None
    }

    /// Says that a reconcile has ended; it runs again if something came in meanwhile.
    pub fn done(&mut self, key: &Key) {
        self.running.remove(key);
        if let Some(lane) = self.again.remove(key) {
            self.push(key, lane);
        }
    }

    /// Whether it is being reconciled.
    #[must_use]
    pub fn is_running(&self, key: &Key) -> bool {
        self.running.contains(key)
    }

    /// Whether it waits for its turn.
    #[must_use]
    pub fn is_waiting(&self, key: &Key) -> bool {
        self.waiting.contains_key(key)
    }

    /// How many are being reconciled.
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
