//! Which event is written next, and which are dropped when there are too many: pure.
//!
//! Namespaces take turns, so that none waits for another's hundreds. Each may have some waiting, and where all of them
//! together have too many, it is the namespace with the most that loses its oldest. What a credential says about one
//! thing waits once: a late Event has the latest text.

use std::collections::{HashMap, VecDeque};

use super::Note;

/// How many events of a namespace may wait.
const OF_A_NAMESPACE: usize = 64;
/// How many events may wait. With notes of 1 KiB at most they take less than 2 MiB.
const OF_ALL: usize = 1024;

/// The events that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// A namespace is here as long as it has an event, and then once in `turns`.
    namespaces: HashMap<String, VecDeque<Note>>,
    turns: VecDeque<String>,
    count: usize,
}

impl Waiting {
    /// Adds an event. Returns the one that is dropped for it.
    pub(super) fn push(&mut self, note: Note) -> Option<Note> {
        let namespace = note.about.namespace.clone();
        let known = self.namespaces.get_mut(&namespace);
        if let Some(notes) = known
            && let Some(same) = notes.iter().position(|known| known.is_about_the_same_as(&note))
        {
            // Last, as it came: the last Event has the latest text.
            notes.remove(same);
            notes.push_back(note);
            return None;
        }
        let dropped = if self.waiting_of(&namespace) >= OF_A_NAMESPACE {
            self.drop_oldest_of(&namespace)
        } else if self.count >= OF_ALL {
            self.longest().and_then(|longest| self.drop_oldest_of(&longest))
        } else {
            None
        };
        let notes = self.namespaces.entry(namespace.clone()).or_default();
        if notes.is_empty() {
            self.turns.push_back(namespace);
        }
        notes.push_back(note);
        self.count += 1;
        dropped
    }

    /// Takes the oldest event of the namespace whose turn it is.
    pub(super) fn pop(&mut self) -> Option<Note> {
        let namespace = self.turns.pop_front()?;
        let note = self.take_oldest_of(&namespace);
        if self.namespaces.contains_key(&namespace) {
            self.turns.push_back(namespace);
        }
        note
    }

    fn waiting_of(&self, namespace: &str) -> usize {
        self.namespaces.get(namespace).map_or(0, VecDeque::len)
    }

    /// Returns the namespace with the most events: the one whose turn comes first of several.
    fn longest(&self) -> Option<String> {
        self.turns.iter().rev().max_by_key(|namespace| self.waiting_of(namespace)).cloned()
    }

    fn drop_oldest_of(&mut self, namespace: &str) -> Option<Note> {
        let note = self.take_oldest_of(namespace);
        if !self.namespaces.contains_key(namespace) {
            self.turns.retain(|turn| turn != namespace);
        }
        note
    }

    /// Takes an event away; the turn of its namespace is for the caller to mend.
    fn take_oldest_of(&mut self, namespace: &str) -> Option<Note> {
        let notes = self.namespaces.get_mut(namespace)?;
        let note = notes.pop_front()?;
        if notes.is_empty() {
            self.namespaces.remove(namespace);
        }
        self.count -= 1;
        Some(note)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::note;
    use super::*;

    fn popped(waiting: &mut Waiting) -> Vec<String> {
        std::iter::from_fn(|| waiting.pop())
            .map(|note| format!("{}/{} {}", note.about.namespace, note.about.name, note.note))
            .collect()
    }

    #[test]
    fn namespaces_take_turns() {
        let mut waiting = Waiting::default();
        for (namespace, name) in [("a", "1"), ("a", "2"), ("a", "3"), ("b", "1"), ("c", "1"), ("c", "2")] {
            assert_eq!(waiting.push(note(namespace, name, "x")), None);
        }
        assert_eq!(popped(&mut waiting), ["a/1 x", "b/1 x", "c/1 x", "a/2 x", "c/2 x", "a/3 x"]);
        assert_eq!(waiting.count, 0);
    }

    #[test]
    fn the_flood_of_a_namespace_drops_only_its_own_events() {
        let mut waiting = Waiting::default();
        waiting.push(note("quiet", "only", "x"));
        for index in 0..10 * OF_ALL {
            let dropped = waiting.push(note("loud", &index.to_string(), "x"));
            assert!(dropped.is_none_or(|dropped| dropped.about.namespace == "loud"), "{index}");
        }
        assert_eq!(waiting.count, OF_A_NAMESPACE + 1);
        let rest = popped(&mut waiting);
        assert_eq!(rest.first().map(String::as_str), Some("quiet/only x"));
        assert_eq!(rest.last(), Some(&format!("loud/{} x", 10 * OF_ALL - 1)), "its latest one is kept");
    }

    #[test]
    fn the_namespace_with_most_events_loses_when_there_are_too_many() {
        let mut waiting = Waiting::default();
        for index in 0..OF_ALL {
            // One namespace has five events, all others have one.
            let namespace = if index < 5 { "five".to_owned() } else { format!("n{index}") };
            assert_eq!(waiting.push(note(&namespace, &index.to_string(), "x")), None);
        }
        let mut lost = || waiting.push(note("late", "x", "x")).map(|dropped| dropped.about.namespace);
        assert_eq!(lost().as_deref(), Some("five"));
        assert_eq!(lost(), None, "the same again takes no room");
        assert_eq!(waiting.count, OF_ALL);
        assert_eq!(waiting.turns.len(), waiting.namespaces.len());
    }

    #[test]
    fn a_waiting_event_is_written_with_its_latest_text() {
        let mut waiting = Waiting::default();
        for text in ["a is missing", "b is missing"] {
            assert_eq!(waiting.push(note("a", "1", text)), None);
        }
        waiting.push(Note { reason: "Recovered", ..note("a", "1", "every environment is ready") });
        waiting.push(note("a", "1", "c is missing"));
        assert_eq!(popped(&mut waiting), ["a/1 every environment is ready", "a/1 c is missing"], "in order");
        assert_eq!(waiting.count, 0);
    }
}
