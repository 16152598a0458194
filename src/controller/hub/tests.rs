#![expect(clippy::needless_pass_by_value, reason = "the JSON is made where it is handed in")]

use kube::Resource;
use kube::runtime::watcher::Event;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::super::Scoped;
use super::super::queue::Ticket;
use super::*;
use appcredential_api::{AppCredentialStatus, Identity};
use appcredential_cluster::Basis;
use appcredential_cluster::Record;
use appcredential_cluster::objects::{ConfigMaps, Secrets};
use appcredential_cluster::objects::{Named, OutputObject};
use appcredential_cluster::watch::Change;
use appcredential_core::plan::Observed;
use appcredential_core::resolve::SourceKey;

pub(super) fn decoded<T: DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_str(&value.to_string()).unwrap_or_else(|error| unreachable!("{error}"))
}

pub(super) fn key() -> Key {
    Key { namespace: "team".to_owned(), name: "app".to_owned() }
}

pub(super) fn credential(generation: i64, status: serde_json::Value) -> Record {
    decoded(json!({
        "metadata": {"namespace": "team", "name": "app", "uid": "u1", "resourceVersion": "1", "generation": generation},
        "spec": {
            "application": {"type": "db"},
            "authentication": {"type": "BearerToken", "bearerToken": {"token": {"valueFrom": {"secretKeyRef": {"name": "source", "key": "t"}}}}},
        },
        "status": status,
    }))
}

pub(super) fn output(version: &str, owner: &str) -> OutputObject<Secrets> {
    output_in("team", version, owner)
}

pub(super) fn output_in(namespace: &str, version: &str, owner: &str) -> OutputObject<Secrets> {
    decoded(json!({
        "metadata": {
            "namespace": namespace, "name": "app", "uid": "s1", "resourceVersion": version,
            "labels": {"appcredential.io/name": "app", "appcredential.io/namespace": "team"},
            "annotations": {"appcredential.io/owner-uid": owner},
        },
        "data": {"token": "dA=="},
    }))
}

fn name(namespace: &str, name: &str, version: &str) -> Named<Secrets> {
    decoded(json!({"metadata": {"namespace": namespace, "name": name, "uid": "x", "resourceVersion": version}}))
}

fn told(hub: &mut Hub, change: Change) {
    hub.changed(Scoped { namespace: None, change }, Instant::now());
    work(hub);
}

/// Does all chores.
pub(super) fn work(hub: &mut Hub) {
    while hub.has_chores() {
        hub.work(Instant::now());
    }
}

/// The next reconcile, and the next status, of what the hub gives out.
pub(super) trait Next {
    fn reconcile(&mut self) -> Option<(Ticket, Job)>;
    fn status(&mut self) -> Option<(Ticket, Report)>;
}

impl Next for Hub {
    fn reconcile(&mut self) -> Option<(Ticket, Job)> {
        let Errand { ticket, work } = self.next(Instant::now())?;
        match work {
            Work::Reconcile(job) => Some((ticket, *job)),
            Work::Status(_) | Work::GrantStatus(_) => unreachable!("a status comes first"),
        }
    }

    fn status(&mut self) -> Option<(Ticket, Report)> {
        let Errand { ticket, work } = self.next(Instant::now())?;
        match work {
            Work::Status(report) => Some((ticket, *report)),
            Work::Reconcile(_) | Work::GrantStatus(_) => unreachable!("something else comes first"),
        }
    }
}

/// Begins a reconcile.
fn begin(hub: &mut Hub) -> Ticket {
    let (ticket, _) = hub.reconcile().unwrap_or_else(|| unreachable!("a reconcile"));
    ticket
}

/// Begins a reconcile that somebody asks for.
fn begin_anew(hub: &mut Hub) -> Ticket {
    hub.queue.ask(&Subject::Credential(key()), Class::Change, Instant::now());
    begin(hub)
}

fn finished(hub: &mut Hub, ticket: Ticket, learned: Learned) {
    hub.done(ticket, Answer::Reconciled(Box::new(learned)), 0.0, Instant::now());
}

fn reported(hub: &mut Hub, ticket: Ticket, reported: Reported) {
    hub.done(ticket, Answer::Reported(reported), 0.0, Instant::now());
}

fn due(hub: &Hub) -> Option<Instant> {
    hub.queue.due(&Subject::Credential(key()))
}

/// A hub with one credential that has been reconciled once.
fn settled() -> Hub {
    let mut hub = Hub::new(Selection::default(), &[], "".into(), 16, Metrics::default());
    told(&mut hub, Change::Credential(Event::Init));
    told(&mut hub, Change::Credential(Event::InitApply(credential(1, json!(null)))));
    told(&mut hub, Change::Credential(Event::InitDone));
    let ticket = begin(&mut hub);
    let written: Observed = output("10", "u1").observed;
    let sources = [(SourceKey { kind: Kind::Secret, name: "source".to_owned() }, "5".into())].into();
    let status = Some(AppCredentialStatus { observed_generation: Some(1), ..AppCredentialStatus::default() });
    let learned =
        Learned { disposition: Some(Disposition::Done), written: vec![written], sources, status, ..Learned::default() };
    finished(&mut hub, ticket, learned);
    hub
}

fn well() -> Learned {
    Learned { disposition: Some(Disposition::Done), ..Learned::default() }
}

fn wakes(hub: &mut Hub) -> bool {
    let woken = hub.reconcile();
    if let Some((ticket, _)) = woken {
        finished(hub, ticket, well());
        return true;
    }
    false
}

#[test]
fn the_echoes_of_its_own_writes_wake_nobody() {
    let mut hub = settled();
    told(&mut hub, Change::OutputSecret(Event::Apply(output("10", "u1"))));
    told(&mut hub, Change::OutputSecret(Event::Apply(output("9", "u1"))));
    told(&mut hub, Change::Credential(Event::Apply(credential(1, json!({"observedGeneration": 1})))));
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "5"))));
    assert!(!wakes(&mut hub));
    assert!(hub.queue.is_at_rest());
}

#[test]
fn each_change_by_others_wakes_the_credential_once() {
    let mut hub = settled();
    for (what, change) in [
        ("the spec", Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 1}))))),
        ("a source", Change::Secret(Event::Apply(name("team", "source", "6")))),
        ("a source is gone", Change::Secret(Event::Delete(name("team", "source", "7")))),
        ("an output", Change::OutputSecret(Event::Apply(output("11", "somebody")))),
        ("an output is gone", Change::OutputSecret(Event::Delete(output("12", "u1")))),
        ("the status", Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 7}))))),
    ] {
        told(&mut hub, change);
        assert!(wakes(&mut hub), "{what}");
        assert!(!wakes(&mut hub), "{what}: once");
    }
}

#[test]
fn secrets_that_nobody_refers_to_are_not_kept() {
    let mut hub = settled();
    for index in 0..1000 {
        told(&mut hub, Change::Secret(Event::Apply(name("elsewhere", &format!("s{index}"), "1"))));
        told(&mut hub, Change::Secret(Event::Apply(name("elsewhere", "source", &format!("{index}")))));
    }
    assert!(!wakes(&mut hub));
    let everything = (std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
    assert_eq!(hub.interests.keys(everything).count(), 1);
}

#[test]
fn what_others_change_during_a_reconcile_runs_again() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    told(&mut hub, Change::OutputSecret(Event::Apply(output("20", "u1"))));
    finished(&mut hub, ticket, Learned { written: vec![output("20", "u1").observed], ..Learned::default() });
    assert!(!wakes(&mut hub), "our own");

    let ticket = begin_anew(&mut hub);
    told(&mut hub, Change::OutputSecret(Event::Apply(output("30", "u1"))));
    told(&mut hub, Change::OutputSecret(Event::Apply(output("31", "u1"))));
    finished(&mut hub, ticket, Learned { written: vec![output("30", "u1").observed], ..Learned::default() });
    assert_eq!(hub.reconcile().map(|(_, job)| job.touched.len()), Some(1), "somebody else's");
}

/// How many Secrets the next reconcile takes for its outputs.
fn secrets(hub: &mut Hub) -> Option<usize> {
    let job = hub.reconcile().map(|(_, job)| job);
    job.map(|job| job.observed.into_iter().filter(|there| there.kind == Kind::Secret).count())
}

#[test]
fn an_output_deleted_before_the_answer_to_its_write_is_missed() {
    for known in [true, false] {
        let mut hub = settled();
        let ticket = begin_anew(&mut hub);
        if !known {
            told(&mut hub, Change::OutputSecret(Event::Delete(output("29", "u1"))));
        }
        told(&mut hub, Change::OutputSecret(Event::Delete(output("31", "u1"))));
        finished(&mut hub, ticket, Learned { written: vec![output("30", "u1").observed], ..Learned::default() });
        assert_eq!(secrets(&mut hub), Some(0), "it is not there any more");
    }
}

#[test]
fn an_edit_during_a_reconcile_keeps_news_of_outputs() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    told(&mut hub, Change::OutputSecret(Event::Delete(output("31", "u1"))));
    told(&mut hub, Change::Credential(Event::Apply(credential(3, json!(null)))));
    finished(&mut hub, ticket, Learned { written: vec![output("30", "u1").observed], ..Learned::default() });
    assert_eq!(secrets(&mut hub), Some(0), "it is not there any more");
}

#[test]
fn a_list_during_a_reconcile_is_truer_than_its_answers() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    told(&mut hub, Change::OutputSecret(Event::Init));
    told(&mut hub, Change::OutputSecret(Event::InitDone));
    finished(&mut hub, ticket, Learned { written: vec![output("30", "u1").observed], ..Learned::default() });
    assert_eq!(secrets(&mut hub), Some(0), "written before the list, and gone again");
}

#[test]
fn what_a_new_list_does_not_name_is_gone() {
    let mut hub = settled();
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "5"))));
    told(&mut hub, Change::Secret(Event::Init));
    told(&mut hub, Change::Secret(Event::InitDone));
    assert!(wakes(&mut hub), "the source was deleted while the watch was down");
    told(&mut hub, Change::OutputSecret(Event::Init));
    told(&mut hub, Change::OutputSecret(Event::InitDone));
    assert!(wakes(&mut hub), "the output was deleted while the watch was down");
    told(&mut hub, Change::OutputConfigMap(Event::<OutputObject<ConfigMaps>>::Init));
    told(&mut hub, Change::OutputConfigMap(Event::InitDone));
    assert!(!wakes(&mut hub), "another kind's list says nothing of Secrets");
    told(&mut hub, Change::Credential(Event::Init));
    told(&mut hub, Change::Credential(Event::InitDone));
    assert_eq!(hub.credentials(), 0);
    assert!(hub.queue.is_at_rest());
}

#[test]
fn what_comes_after_a_list_is_not_swept_away_with_it() {
    let mut hub = settled();
    let scoped = |change| Scoped { namespace: None, change };
    hub.changed(scoped(Change::OutputSecret(Event::Init)), Instant::now());
    hub.changed(scoped(Change::OutputSecret(Event::InitDone)), Instant::now());
    hub.changed(scoped(Change::OutputSecret(Event::Apply(output("11", "u1")))), Instant::now());
    work(&mut hub);
    assert_eq!(secrets(&mut hub), Some(1));
}

#[test]
fn a_list_is_true_whatever_its_version() {
    let mut hub = settled();
    told(&mut hub, Change::OutputSecret(Event::Init));
    told(&mut hub, Change::OutputSecret(Event::InitApply(output("3", "former"))));
    told(&mut hub, Change::OutputSecret(Event::InitDone));
    let versions = |job: Job| job.observed.into_iter().map(|it| it.resource_version).collect::<Vec<_>>();
    let (ticket, job) = hub.reconcile().unwrap_or_else(|| unreachable!("the output went back"));
    assert_eq!(versions(job), ["3"]);
    finished(&mut hub, ticket, to_say(1));
    let (ticket, _) = hub.status().unwrap_or_else(|| unreachable!("a status"));
    reported(&mut hub, ticket, Reported::Written("20".into()));
    told(&mut hub, Change::Credential(Event::Init));
    told(&mut hub, Change::Credential(Event::InitApply(credential(1, json!(null)))));
    told(&mut hub, Change::Credential(Event::InitDone));
    assert!(wakes(&mut hub), "the status is gone");
}

#[test]
fn an_object_in_the_way_is_listened_for_and_looked_at_again() {
    let mut hub = settled();
    let mut ticket = begin_anew(&mut hub);
    let place = ObjectRef::new(Kind::ConfigMap, "team", "app");
    let blocked =
        || Learned { blocked: [place.clone()].into(), disposition: Some(Disposition::Waiting), ..Learned::default() };
    finished(&mut hub, ticket, blocked());
    ticket = begin(&mut hub);
    finished(&mut hub, ticket, blocked());
    assert!(hub.reconcile().is_none(), "it may have gone before anybody listened, but only once");
    let gone: Named<ConfigMaps> =
        decoded(json!({"metadata": {"namespace": "team", "name": "app", "uid": "x", "resourceVersion": "9"}}));
    told(&mut hub, Change::ConfigMap(Event::Delete(gone)));
    assert!(hub.reconcile().is_some());
}

#[test]
fn an_edit_does_not_wait_for_the_retry_of_a_failure() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, Learned { disposition: Some(Disposition::Retry), ..Learned::default() });
    assert!(hub.reconcile().is_none());
    assert!(due(&hub).is_some());
    told(&mut hub, Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 1})))));
    let ticket = begin(&mut hub);
    assert!(due(&hub).is_none());
    finished(&mut hub, ticket, well());
    assert!(hub.queue.is_at_rest());
}

#[test]
fn a_credential_that_does_not_decode_is_a_job_like_any_other() {
    let mut hub = Hub::new(Selection::default(), &[], "".into(), 16, Metrics::default());
    let poison: Record =
        decoded(json!({"metadata": {"namespace": "team", "name": "bad", "uid": "u"}, "spec": "nonsense"}));
    told(&mut hub, Change::Credential(Event::Apply(poison)));
    told(&mut hub, Change::Credential(Event::Apply(credential(1, json!("nonsense")))));
    assert!(wakes(&mut hub) && wakes(&mut hub));
}

#[test]
fn a_source_that_was_read_out_of_date_is_read_again() {
    let mut hub = settled();
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "6"))));
    let read = |version: &str| Learned {
        sources: [(SourceKey { kind: Kind::Secret, name: "source".to_owned() }, version.into())].into(),
        ..well()
    };
    let ticket = begin(&mut hub);
    finished(&mut hub, ticket, read("5"));
    assert!(due(&hub).is_some(), "5 is older than 6");
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, read("6"));
    assert!(due(&hub).is_none());
}

#[test]
fn a_missed_source_is_read_again_where_it_comes_back_as_it_was() {
    let mut hub = settled();
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "6"))));
    let source = SourceKey { kind: Kind::Secret, name: "source".to_owned() };
    let missed =
        || Learned { missing: [source.clone()].into(), disposition: Some(Disposition::Waiting), ..Learned::default() };
    let list = |hub: &mut Hub| {
        for event in [Event::Init, Event::InitApply(name("team", "source", "6")), Event::InitDone] {
            told(hub, Change::Secret(event));
        }
    };
    let ticket = begin(&mut hub);
    finished(&mut hub, ticket, missed());
    list(&mut hub);
    let ticket = begin(&mut hub);
    list(&mut hub);
    finished(&mut hub, ticket, missed());
    assert!(due(&hub).is_some(), "the list was the last news of it");
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, missed());
    assert!(due(&hub).is_none(), "it is gone");
}

fn says(generation: i64) -> AppCredentialStatus {
    AppCredentialStatus { observed_generation: Some(generation), ..AppCredentialStatus::default() }
}

/// A report that was computed from the first status.
fn report(generation: i64) -> Report {
    let identity = Identity { namespace: "team".to_owned(), name: "app".to_owned(), uid: "u1".into() };
    let basis =
        Basis { identity, version: "1".into(), status: Some(says(1)), unreadable: None, held: false, deleting: false };
    Report { basis, status: says(generation), field: None }
}

/// Learned by a reconcile that has this to say.
fn to_say(generation: i64) -> Learned {
    Learned { report: Some(report(generation)), ..well() }
}

fn generations(report: &Report) -> [Option<i64>; 2] {
    [report.basis.status.as_ref().and_then(|status| status.observed_generation), report.status.observed_generation]
}

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
