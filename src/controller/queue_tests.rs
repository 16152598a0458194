use std::time::Duration;

use super::*;

fn key(text: &str) -> Key {
    let (namespace, name) = text.split_once('/').unwrap_or(("", text));
    Key { namespace: namespace.to_owned(), name: name.to_owned() }
}

fn popped(queue: &mut Queue, now: Instant) -> Option<Key> {
    queue.pop(now).map(|turn| turn.key)
}

fn drain(queue: &mut Queue) -> Vec<String> {
    let now = Instant::now();
    let mut out = Vec::new();
    while let Some(key) = popped(queue, now) {
        out.push(format!("{}/{}", key.namespace, key.name));
        queue.done(&key);
    }
    out
}

#[test]
fn a_credential_waits_only_once() {
    let mut queue = Queue::new(16);
    for _ in 0..3 {
        queue.push(&key("a/x"), Lane::Change);
    }
    assert_eq!(drain(&mut queue), ["a/x"]);
}

#[test]
fn changes_go_before_the_backlog_of_a_restart() {
    let mut queue = Queue::new(16);
    for name in ["a/1", "a/2", "a/3"] {
        queue.push(&key(name), Lane::Background);
    }
    queue.push(&key("a/3"), Lane::Change);
    queue.push(&key("b/9"), Lane::Change);
    assert_eq!(drain(&mut queue), ["a/3", "b/9", "a/1", "a/2"]);
}

#[test]
fn namespaces_take_turns() {
    let mut queue = Queue::new(16);
    for name in ["big/1", "big/2", "big/3", "small/1", "tiny/1"] {
        queue.push(&key(name), Lane::Background);
    }
    assert_eq!(drain(&mut queue), ["big/1", "small/1", "tiny/1", "big/2", "big/3"]);
}

#[test]
fn what_comes_in_during_a_reconcile_runs_after_it_and_not_beside_it() {
    let mut queue = Queue::new(16);
    let now = Instant::now();
    queue.push(&key("a/x"), Lane::Change);
    assert_eq!(popped(&mut queue, now), Some(key("a/x")));
    queue.push(&key("a/x"), Lane::Change);
    assert_eq!(popped(&mut queue, now), None, "never twice at the same time");
    queue.done(&key("a/x"));
    assert_eq!(popped(&mut queue, now), Some(key("a/x")));
    queue.done(&key("a/x"));
    assert_eq!(popped(&mut queue, now), None);
}

#[test]
fn a_retry_waits_for_its_time_and_a_change_overtakes_it() {
    let mut queue = Queue::new(16);
    let now = Instant::now();
    let later = now + Duration::from_secs(5);
    queue.push_later(&key("a/x"), later);
    queue.push_later(&key("a/y"), later);
    assert_eq!(queue.next_due(), Some(later));
    assert_eq!(popped(&mut queue, now), None);
    queue.push(&key("a/x"), Lane::Change);
    assert_eq!(popped(&mut queue, now), Some(key("a/x")));
    queue.done(&key("a/x"));
    assert_eq!(popped(&mut queue, later), Some(key("a/y")), "and the overtaken retry of x is gone");
    queue.done(&key("a/y"));
    assert_eq!(popped(&mut queue, later), None);
}

#[test]
fn a_forgotten_credential_does_not_come_up() {
    let mut queue = Queue::new(16);
    queue.push(&key("a/x"), Lane::Change);
    queue.push_later(&key("a/y"), Instant::now());
    queue.forget(&key("a/x"));
    queue.forget(&key("a/y"));
    assert_eq!(drain(&mut queue), Vec::<String>::new());
}

#[test]
fn a_report_waits_for_its_credential_and_for_nobody_else() {
    let mut queue = Queue::new(16);
    let now = Instant::now();
    for name in ["a/x", "a/y"] {
        queue.push(&key(name), Lane::Change);
        queue.push_report(&key(name));
    }
    queue.push_report(&key("a/y"));
    assert_eq!(popped(&mut queue, now), Some(key("a/x")));
    assert_eq!(queue.pop_report(now), Some(key("a/y")), "x is being reconciled, and asks for its report again");
    assert_eq!(queue.pop_report(now), None, "each waits only once");
    assert_eq!(queue.running(), 2);
    queue.push(&key("a/y"), Lane::Change);
    queue.done(&key("a/y"));
    assert_eq!(popped(&mut queue, now), Some(key("a/y")), "asked for while its status was written");
}

#[test]
fn the_backlog_of_a_restart_waits_while_many_reports_do_and_changes_do_not() {
    let mut queue = Queue::new(16);
    let now = Instant::now();
    for index in 0..UNREPORTED {
        queue.push_report(&key(&format!("a/{index}")));
    }
    queue.push(&key("a/slow"), Lane::Background);
    queue.push(&key("a/edit"), Lane::Change);
    assert_eq!(popped(&mut queue, now), Some(key("a/edit")));
    assert_eq!(popped(&mut queue, now), None);
    assert!(queue.pop_report(now).is_some());
    assert_eq!(popped(&mut queue, now), Some(key("a/slow")));
}

fn started(queue: &mut Queue, now: Instant) -> usize {
    std::iter::from_fn(|| queue.pop(now)).count()
}

#[test]
fn as_many_run_at_once_as_were_asked_for() {
    let mut queue = Queue::new(16);
    let now = Instant::now();
    for index in 0..100 {
        queue.push(&key(&format!("a/{index}")), Lane::Background);
        queue.push_report(&key(&format!("b/{index}")));
    }
    assert_eq!(started(&mut queue, now), 16);
    assert_eq!(std::iter::from_fn(|| queue.pop_report(now)).count(), 6);
    assert_eq!(queue.next_calm(now), None);
}

#[test]
fn what_can_wait_makes_room_while_there_are_changes() {
    let mut queue = Queue::new(16);
    let now = Instant::now();
    for index in 0..100 {
        queue.push(&key(&format!("a/{index}")), Lane::Background);
        queue.push_report(&key(&format!("b/{index}")));
    }
    queue.push(&key("c/edit"), Lane::Change);
    assert_eq!(started(&mut queue, now), 2, "the change and a little of the background");
    assert_eq!(std::iter::from_fn(|| queue.pop_report(now)).count(), 1, "never none");
    queue.done(&key("c/edit"));
    assert_eq!(started(&mut queue, now), 0, "others may follow");
    let calm = queue.next_calm(now);
    assert_eq!(calm, Some(now + BUSY));
    assert_eq!(started(&mut queue, now + BUSY), 15);
}
