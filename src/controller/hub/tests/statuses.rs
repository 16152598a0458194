//! Statuses: when they are written, and on top of what.

use kube::Resource;

use super::*;

#[test]
fn an_edit_goes_on_from_a_status_that_is_not_written_yet() {
    let mut hub = settled();
    told(&mut hub, Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 1})))));
    let ticket = begin(&mut hub);
    finished(&mut hub, ticket, to_say(2));
    told(&mut hub, Change::Credential(Event::Apply(credential(3, json!({"observedGeneration": 1})))));
    let (ticket, job) = hub.reconcile().unwrap_or_else(|| unreachable!("a reconcile"));
    assert_eq!(job.status, Some(says(2)));
    assert!(hub.status().is_none(), "not beside a reconcile");
    finished(&mut hub, ticket, to_say(3));
    let (ticket, report) = hub.status().unwrap_or_else(|| unreachable!("a report"));
    assert_eq!(generations(&report), [Some(1), Some(3)], "both are told in one");
    reported(&mut hub, ticket, Reported::Written("20".into()));
    assert!(hub.queue.is_at_rest());
}

#[test]
fn a_reconcile_with_nothing_to_say_leaves_what_was_to_be_said() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, Learned { report: Some(report(2)), ..Learned::default() });
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, Learned::default());
    assert_eq!(hub.status().map(|(_, report)| report.status), Some(says(2)));
}

#[test]
fn a_failing_status_write_is_retried_ever_more_slowly() {
    let mut hub = settled();
    let mut pauses = Vec::new();
    for _ in 0..3 {
        let ticket = begin_anew(&mut hub);
        finished(&mut hub, ticket, to_say(2));
        let (ticket, _) = hub.status().unwrap_or_else(|| unreachable!("a status"));
        reported(&mut hub, ticket, Reported::Failed);
        pauses.extend(due(&hub).map(|due| due - Instant::now()));
    }
    assert!(pauses.is_sorted_by(|one, next| one < next) && pauses.len() == 3, "{pauses:?}");
}

#[test]
fn a_report_is_not_that_of_the_next_credential_of_its_name() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, to_say(2));
    let (ticket, _) = hub.status().unwrap_or_else(|| unreachable!("a status"));
    let next: Record = decoded(json!({"metadata": {"namespace": "team", "name": "app", "uid": "u2", "generation": 1}}));
    told(&mut hub, Change::Credential(Event::Apply(next)));
    reported(&mut hub, ticket, Reported::Written("20".into()));
    assert_eq!(hub.reconcile().map(|(_, job)| job.status), Some(None));
}

/// Under whose report something happens.
fn reporting() -> (Hub, Ticket) {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, to_say(2));
    let (ticket, _) = hub.status().unwrap_or_else(|| unreachable!("a status"));
    (hub, ticket)
}

#[test]
fn a_status_that_others_changed_is_computed_anew() {
    let (mut hub, ticket) = reporting();
    let there: Record = decoded(json!({
        "metadata": {"namespace": "team", "name": "app", "uid": "u1", "resourceVersion": "15", "generation": 1},
        "status": {"observedGeneration": 7},
    }));
    reported(&mut hub, ticket, Reported::Outdated(Box::new(there)));
    let (_, job) = hub.reconcile().unwrap_or_else(|| unreachable!("from what is there"));
    assert_eq!(job.status, Some(says(7)));
    assert_eq!((job.basis.version, job.basis.status), ("15".into(), Some(says(7))));
}

#[test]
fn the_next_status_is_written_on_top_of_the_last_one() {
    let (mut hub, ticket) = reporting();
    reported(&mut hub, ticket, Reported::Written("20".into()));
    hub.queue.ask(&Subject::Credential(key()), Class::Change, Instant::now());
    let basis = hub.reconcile().map(|(_, job)| job.basis);
    assert_eq!(basis.map(|basis| (basis.version, basis.status)), Some(("20".into(), Some(says(2)))));
}

#[test]
fn drift_while_a_status_is_written_is_reverted() {
    let (mut hub, ticket) = reporting();
    told(&mut hub, Change::OutputSecret(Event::Apply(output("11", "u1"))));
    reported(&mut hub, ticket, Reported::Written("20".into()));
    assert_eq!(hub.reconcile().map(|(_, job)| job.touched.len()), Some(1));
}

#[test]
fn only_a_status_that_others_write_is_news() {
    for (status, version, is_news) in [(2, "20", false), (1, "19", false), (7, "21", true)] {
        let (mut hub, ticket) = reporting();
        let mut record = credential(1, json!({"observedGeneration": status}));
        record.meta_mut().resource_version = Some(version.to_owned());
        told(&mut hub, Change::Credential(Event::Apply(record)));
        reported(&mut hub, ticket, Reported::Written("20".into()));
        assert_eq!(hub.reconcile().is_some(), is_news, "{status}");
    }
}

#[test]
fn a_write_whose_answer_was_lost_is_known_by_its_echo() {
    let (mut hub, ticket) = reporting();
    reported(&mut hub, ticket, Reported::Failed);
    told(&mut hub, Change::Credential(Event::Apply(credential(1, json!({"observedGeneration": 2})))));
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, well());
    assert!(hub.queue.is_at_rest(), "nothing is left to be written");
}
