use std::collections::HashMap;
use std::time::Duration;

use super::room::{BUSY, PACE, UNREPORTED};
use super::*;

/// A queue at a time, and what it has given out by name.
struct Played {
    queue: Queue,
    now: Instant,
    running: HashMap<String, Ticket>,
}

fn subject(text: &str) -> Subject {
    let (namespace, name) = text.split_once('/').unwrap_or(("", text));
    Subject::Credential(Key { namespace: namespace.to_owned(), name: name.to_owned() })
}

impl Played {
    fn new() -> Self {
        Self { queue: Queue::new(16), now: Instant::now(), running: HashMap::new() }
    }

    fn ask(&mut self, class: Class, names: &[&str]) {
        for name in names {
            self.queue.ask(&subject(name), class, self.now);
        }
    }

    fn ask_many(&mut self, class: Class, namespace: &str, count: usize) {
        for index in 0..count {
            self.ask(class, &[&format!("{namespace}/{index}")]);
        }
    }

    fn ask_in(&mut self, seconds: u64, name: &str) -> Instant {
        let when = self.now + Duration::from_secs(seconds);
        self.queue.ask_at(&subject(name), Class::Background, when);
        when
    }

    /// The next errand: its class and its subject.
    fn next(&mut self) -> Option<(Class, String)> {
        let turn = self.queue.pop(self.now)?;
        let key = turn.subject.key();
        let name = format!("{}/{}", key.namespace, key.name);
        self.running.insert(name.clone(), turn.ticket);
        Some((turn.class, name))
    }

    fn done(&mut self, name: &str) {
        let ticket = self.running.remove(name).unwrap_or_else(|| unreachable!("{name} does not run"));
        assert_eq!(self.queue.done(ticket), Some(subject(name)));
    }

    /// Runs one after the other until nothing is left.
    fn drain(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        while let Some((_, name)) = self.next() {
            self.done(&name);
            out.push(name);
        }
        out
    }

    /// How many of each class are started now.
    fn start_all(&mut self) -> [usize; CLASSES] {
        let mut counts = [0; CLASSES];
        while let Some((class, _)) = self.next() {
            *at(&mut counts, class as usize) += 1;
        }
        counts
    }
}

fn change(name: &str) -> Option<(Class, String)> {
    Some((Class::Change, name.to_owned()))
}

#[test]
fn a_credential_waits_only_once() {
    let mut played = Played::new();
    played.ask(Class::Change, &["a/x", "a/x", "a/x"]);
    assert_eq!(played.drain(), ["a/x"]);
    assert!(played.queue.is_at_rest());
}

#[test]
fn changes_go_before_the_backlog_of_a_restart() {
    let mut played = Played::new();
    played.ask(Class::Background, &["a/1", "a/2", "a/3"]);
    played.ask(Class::Change, &["a/3", "b/9"]);
    assert_eq!(played.drain(), ["a/3", "b/9", "a/1", "a/2"]);
}

#[test]
fn namespaces_take_turns() {
    let mut played = Played::new();
    played.ask(Class::Background, &["big/1", "big/2", "big/3", "small/1", "tiny/1"]);
    assert_eq!(played.drain(), ["big/1", "small/1", "tiny/1", "big/2", "big/3"]);
}

#[test]
fn what_comes_in_during_a_reconcile_runs_after_it() {
    let mut played = Played::new();
    played.ask(Class::Change, &["a/x"]);
    assert_eq!(played.next(), change("a/x"));
    played.ask(Class::Change, &["a/x"]);
    assert_eq!(played.next(), None, "never twice at the same time");
    played.done("a/x");
    assert_eq!(played.drain(), ["a/x"]);
}

#[test]
fn no_status_is_written_beside_a_reconcile_and_vice_versa() {
    let mut played = Played::new();
    played.ask(Class::Change, &["a/x", "a/y"]);
    played.ask(Class::Status, &["a/x", "a/y"]);
    assert_eq!(played.next(), change("a/x"));
    assert_eq!(played.next(), change("a/y"));
    assert_eq!(played.next(), None);
    played.ask(Class::Change, &["a/x"]);
    played.done("a/x");
    played.done("a/y");
    assert_eq!(played.next(), change("a/x"));
    assert_eq!(played.next(), Some((Class::Status, "a/y".to_owned())), "x is being reconciled again");
    played.ask(Class::Change, &["a/y"]);
    assert_eq!(played.next(), None, "its status is being written");
    played.done("a/y");
    assert_eq!(played.next(), change("a/y"));
    played.done("a/y");
    played.done("a/x");
    assert_eq!(played.next(), Some((Class::Status, "a/x".to_owned())));
    played.done("a/x");
    assert!(played.queue.is_at_rest());
}

#[test]
fn a_reconcile_covers_what_was_due_until_then() {
    let mut played = Played::new();
    let later = played.ask_in(5, "a/x");
    played.ask_in(5, "a/y");
    assert_eq!(played.queue.next_look(played.now), Some(later));
    assert_eq!(played.next(), None);
    played.ask(Class::Change, &["a/x"]);
    assert_eq!(played.drain(), ["a/x"]);
    played.now = later;
    assert_eq!(played.drain(), ["a/y"]);
    assert!(played.queue.is_at_rest());
}

#[test]
fn what_is_due_outlasts_a_wake_before_its_time() {
    let mut played = Played::new();
    played.ask(Class::Change, &["a/x"]);
    assert_eq!(played.next(), change("a/x"));
    let later = played.ask_in(5, "a/x");
    played.ask(Class::Status, &["a/x"]);
    played.done("a/x");
    assert_eq!(played.drain(), ["a/x"], "its status: another duty");
    assert_eq!(played.queue.due(&subject("a/x")), Some(later));
    played.ask_in(9, "a/x");
    assert_eq!(played.queue.due(&subject("a/x")), Some(later), "the earlier one counts");
    played.now = later;
    assert_eq!(played.next(), Some((Class::Background, "a/x".to_owned())));
}

#[test]
fn what_is_forgotten_does_not_come_up() {
    let mut played = Played::new();
    played.ask(Class::Change, &["a/x", "a/z"]);
    played.ask_in(0, "a/y");
    for name in ["a/x", "a/y"] {
        played.queue.forget(&subject(name));
    }
    assert_eq!(played.drain(), ["a/z"]);
    assert!(played.queue.is_at_rest());
}

#[test]
fn an_answer_that_comes_twice_ends_nothing_else() {
    let mut played = Played::new();
    played.ask(Class::Change, &["a/x"]);
    let first = played.queue.pop(played.now).map(|turn| turn.ticket);
    let first = first.unwrap_or_else(|| unreachable!("x waits"));
    assert_eq!(played.queue.done(first), Some(subject("a/x")));
    played.ask(Class::Change, &["a/x"]);
    assert_eq!(played.next(), change("a/x"));
    assert_eq!(played.queue.done(first), None);
    assert_eq!(played.queue.running(), 1);
}

#[test]
fn the_backlog_of_a_restart_waits_for_many_statuses() {
    let mut played = Played::new();
    played.ask_many(Class::Status, "a", UNREPORTED + 1);
    played.ask(Class::Background, &["b/slow"]);
    played.ask(Class::Change, &["b/edit"]);
    assert_eq!(played.next(), change("b/edit"));
    assert_eq!(played.next().map(|(class, _)| class), Some(Class::Status));
    assert_eq!(played.next(), None, "busy: one at a time");
    played.now += BUSY;
    assert_eq!(played.next().map(|(class, _)| class), Some(Class::Status));
    assert_eq!(played.next(), Some((Class::Background, "b/slow".to_owned())));
}

#[test]
fn statuses_go_on_where_there_is_no_memory_for_more() {
    let mut played = Played::new();
    played.ask_many(Class::Status, "a", UNREPORTED + 10);
    played.ask_many(Class::Background, "b", 100);
    assert_eq!(played.start_all(), [0, 0, 0, 6, 0], "the background waits for them");
}

#[test]
fn statuses_come_after_all_outputs_that_are_due() {
    let mut played = Played::new();
    played.ask_many(Class::Background, "b", 100);
    played.ask_many(Class::Status, "a", 100);
    assert_eq!(played.start_all(), [0, 0, 16, 1, 0]);
    played.done("a/0");
    assert_eq!(played.start_all(), [0; CLASSES], "outputs are under way");
    let mut background = 16;
    for index in 0..100 {
        played.done(&format!("b/{index}"));
        let [_, _, started, statuses, _] = played.start_all();
        background += started;
        assert!(statuses == 0 || index == 99, "{statuses} statuses while outputs are due");
    }
    assert_eq!(background, 100);
    assert_eq!(played.queue.counts, [0, 0, 0, 6, 0], "then as many as there may be");
}

#[test]
fn an_endless_stream_of_work_lets_statuses_through() {
    let mut played = Played::new();
    played.ask_many(Class::Status, "busy", 1000);
    played.ask(Class::Status, &["calm/x"]);
    let (mut told, began) = (Vec::new(), played.now);
    for index in 0..1000 {
        // Each piece of work takes 10 ms and there is always another.
        played.ask(Class::Change, &[&format!("busy/edit-{index}")]);
        while let Some((class, name)) = played.next() {
            if class == Class::Status {
                told.push(name);
            }
        }
        if told.len() == 20 {
            break;
        }
        played.now += Duration::from_millis(10);
        let running: Vec<String> = played.running.keys().cloned().collect();
        running.iter().for_each(|name| played.done(name));
    }
    assert_eq!(told.iter().position(|name| name == "calm/x"), Some(1), "namespaces take turns");
    assert_eq!(played.now - began, PACE * 19);
}

#[test]
fn a_status_that_is_held_back_is_looked_at_in_time() {
    let mut played = Played::new();
    played.ask(Class::Background, &["b/hangs"]);
    played.ask(Class::Status, &["a/x", "a/y"]);
    assert_eq!(played.start_all(), [0, 0, 1, 1, 0]);
    played.done("a/x");
    assert_eq!(played.next(), None);
    let next = played.queue.next_look(played.now);
    assert_eq!(next, Some(played.now + PACE));
    played.now += PACE;
    assert_eq!(played.next(), Some((Class::Status, "a/y".to_owned())));
    assert_eq!(played.queue.next_look(played.now), None, "nothing waits");
}

#[test]
fn as_many_run_at_once_as_were_asked_for() {
    let mut played = Played::new();
    for class in [Class::Background, Class::Status] {
        played.ask_many(class, class.word(), 100);
    }
    for index in 0..100 {
        let key = Key { namespace: "grants".to_owned(), name: index.to_string() };
        played.queue.ask(&Subject::Grant(key), Class::GrantStatus, played.now);
    }
    assert_eq!(played.start_all(), [0, 0, 16, 1, 2]);
    assert_eq!(played.queue.next_look(played.now), None);
}

#[test]
fn what_can_wait_makes_room_while_there_are_changes() {
    let mut played = Played::new();
    for class in [Class::Background, Class::Status] {
        played.ask_many(class, class.word(), 100);
    }
    played.ask(Class::Change, &["c/edit"]);
    assert_eq!(played.start_all(), [1, 0, 1, 1, 0], "the change, and a little of the rest");
    played.done("c/edit");
    assert_eq!(played.start_all(), [0; CLASSES], "others may follow");
    assert_eq!(played.queue.next_look(played.now), Some(played.now + BUSY));
    played.now += BUSY;
    assert_eq!(played.start_all(), [0, 0, 15, 0, 0], "the status that runs is the one beside outputs");
}

#[test]
fn what_is_large_takes_nobodys_place() {
    let mut played = Played::new();
    played.ask_many(Class::Large, "large", 100);
    assert_eq!(played.start_all(), [0, 4, 0, 0, 0]);
    played.ask_many(Class::Change, "usual", 100);
    assert_eq!(played.start_all(), [16, 0, 0, 0, 0]);
    played.done("large/0");
    assert_eq!(played.start_all(), [0; CLASSES], "while there are changes it makes room for them");
    played.now += BUSY;
    assert_eq!(played.start_all(), [0, 1, 0, 0, 0]);
}

#[test]
fn a_stop_lets_only_statuses_out() {
    let mut played = Played::new();
    played.ask(Class::Change, &["a/x"]);
    played.ask(Class::Background, &["a/y"]);
    played.ask(Class::Status, &["a/z"]);
    played.queue.drain();
    assert_eq!(played.drain(), ["a/z"]);
}
