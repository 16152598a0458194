//! The order in which subjects of one class get their turn: namespaces take turns, and within a namespace who came
//! first goes first. So no tenant waits for another's thousands.

use std::collections::{BTreeMap, HashMap};

use super::Key;

/// A place in the line of a namespace.
pub(super) type Place = u64;

/// One line for each namespace.
#[derive(Debug, Default)]
pub(super) struct Turns {
    lines: HashMap<String, Line>,
    /// The namespaces, by when their turn comes.
    order: BTreeMap<u64, String>,
    /// Rises with each place and each turn that is given.
    clock: u64,
    waiting: usize,
}

#[derive(Debug, Default)]
struct Line {
    turn: u64,
    names: BTreeMap<Place, String>,
}

impl Turns {
    /// Puts a key at the end of its namespace's line.
    pub(super) fn push(&mut self, key: &Key) -> Place {
        self.clock += 1;
        let place = self.clock;
        let line = self.lines.entry(key.namespace.clone()).or_default();
        if line.names.is_empty() {
            line.turn = place;
            self.order.insert(place, key.namespace.clone());
        }
        line.names.insert(place, key.name.clone());
        self.waiting += 1;
        place
    }

    /// Takes a key out of its namespace's line.
    pub(super) fn remove(&mut self, key: &Key, place: Place) {
        let Some(line) = self.lines.get_mut(&key.namespace) else { return };
        if line.names.remove(&place).is_some() {
            self.waiting -= 1;
        }
        if line.names.is_empty() {
            self.order.remove(&line.turn);
            self.lines.remove(&key.namespace);
        }
    }

    /// Takes the key whose turn it is. Its namespace goes to the end of the order.
    pub(super) fn pop(&mut self) -> Option<Key> {
        let (_, namespace) = self.order.pop_first()?;
        let line = self.lines.get_mut(&namespace)?;
        let (_, name) = line.names.pop_first()?;
        self.waiting -= 1;
        if line.names.is_empty() {
            self.lines.remove(&namespace);
        } else {
            self.clock += 1;
            line.turn = self.clock;
            self.order.insert(self.clock, namespace.clone());
        }
        Some(Key { namespace, name })
    }

    /// Returns how many wait.
    pub(super) fn len(&self) -> usize {
        self.waiting
    }
}
