use std::time::Duration;

use super::*;

fn key(text: &str) -> Key {
    let (namespace, name) = text.split_once('/').unwrap_or(("", text));
    Key { namespace: namespace.to_owned(), name: name.to_owned() }
}

fn drain(queue: &mut Queue) -> Vec<String> {
    let now = Instant::now();
    let mut out = Vec::new();
    while let Some(key) = queue.pop(now) {
        out.push(format!("{}/{}", key.namespace, key.name));
        queue.done(&key);
    }
    out
}

#[test]
fn a_credential_waits_only_once() {
    let mut queue = Queue::default();
    for _ in 0..3 {
        queue.push(&key("a/x"), Lane::Change);
    }
    assert_eq!(drain(&mut queue), ["a/x"]);
}

#[test]
fn changes_go_before_the_backlog_of_a_restart() {
    let mut queue = Queue::default();
    for name in ["a/1", "a/2", "a/3"] {
        queue.push(&key(name), Lane::Background);
    }
    queue.push(&key("a/3"), Lane::Change);
    queue.push(&key("b/9"), Lane::Change);
    assert_eq!(drain(&mut queue), ["a/3", "b/9", "a/1", "a/2"]);
}

#[test]
fn namespaces_take_turns() {
    let mut queue = Queue::default();
    for name in ["big/1", "big/2", "big/3", "small/1", "tiny/1"] {
        queue.push(&key(name), Lane::Background);
    }
    assert_eq!(drain(&mut queue), ["big/1", "small/1", "tiny/1", "big/2", "big/3"]);
}

#[test]
fn what_comes_in_during_a_reconcile_runs_after_it_and_not_beside_it() {
    let mut queue = Queue::default();
    let now = Instant::now();
    queue.push(&key("a/x"), Lane::Change);
    assert_eq!(queue.pop(now), Some(key("a/x")));
    queue.push(&key("a/x"), Lane::Change);
    assert_eq!(queue.pop(now), None, "never twice at the same time");
    queue.done(&key("a/x"));
    assert_eq!(queue.pop(now), Some(key("a/x")));
    queue.done(&key("a/x"));
    assert_eq!(queue.pop(now), None);
}

#[test]
fn a_retry_waits_for_its_time_and_a_change_overtakes_it() {
    let mut queue = Queue::default();
    let now = Instant::now();
    let later = now + Duration::from_secs(5);
    queue.push_later(&key("a/x"), later);
    queue.push_later(&key("a/y"), later);
    assert_eq!(queue.next_due(), Some(later));
    assert_eq!(queue.pop(now), None);
    queue.push(&key("a/x"), Lane::Change);
    assert_eq!(queue.pop(now), Some(key("a/x")));
    queue.done(&key("a/x"));
    assert_eq!(queue.pop(later), Some(key("a/y")), "and the overtaken retry of x is gone");
    queue.done(&key("a/y"));
    assert_eq!(queue.pop(later), None);
}

#[test]
fn a_forgotten_credential_does_not_come_up() {
    let mut queue = Queue::default();
    queue.push(&key("a/x"), Lane::Change);
    queue.push_later(&key("a/y"), Instant::now());
    queue.forget(&key("a/x"));
    queue.forget(&key("a/y"));
    assert_eq!(drain(&mut queue), Vec::<String>::new());
}
