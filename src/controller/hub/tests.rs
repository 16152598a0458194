#![expect(clippy::needless_pass_by_value, reason = "the JSON is made where it is handed in")]

use kube::runtime::watcher::Event;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::super::Scoped;
use super::*;
use crate::api::Identity;
use crate::cluster::Record;
use crate::cluster::objects::{ConfigMaps, Secrets};
use crate::cluster::objects::{Named, OutputObject};
use crate::cluster::watch::Change;
use crate::plan::Observed;
use crate::resolve::SourceKey;

fn decoded<T: DeserializeOwned>(value: serde_json::Value) -> T {
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
    hub.changed(Scoped { namespace: None, change });
}

/// A hub with one credential that has been reconciled once.
fn settled() -> Hub {
    let mut hub = Hub::new(Selection::default(), &[], "".into(), 16, Metrics::default());
    told(&mut hub, Change::Credential(Event::Init));
    told(&mut hub, Change::Credential(Event::InitApply(credential(1, json!(null)))));
    told(&mut hub, Change::Credential(Event::InitDone));
    assert!(hub.next(Instant::now()).is_some());
    let written: Observed = output("10", "u1").observed;
    let sources = [(SourceKey { kind: Kind::Secret, name: "source".to_owned() }, "5".to_owned())].into();
    let status = Some(AppCredentialStatus { observed_generation: Some(1), ..AppCredentialStatus::default() });
    let learned =
        Learned { disposition: Some(Disposition::Done), written: vec![written], sources, status, ..Learned::default() };
    hub.finished(&key(), learned, 0.0);
    hub
}

fn wakes(hub: &mut Hub) -> bool {
    let woken = hub.next(Instant::now());
    if let Some((key, _)) = &woken {
        hub.finished(key, Learned { disposition: Some(Disposition::Done), ..Learned::default() }, 0.0);
    }
    woken.is_some()
}

#[test]
fn the_echoes_of_its_own_writes_wake_nobody() {
    let mut hub = settled();
    told(&mut hub, Change::OutputSecret(Event::Apply(output("10", "u1"))));
    told(&mut hub, Change::OutputSecret(Event::Apply(output("9", "u1"))));
    told(&mut hub, Change::Credential(Event::Apply(credential(1, json!({"observedGeneration": 1})))));
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "5"))));
    assert!(!wakes(&mut hub));
}

#[test]
fn an_edit_a_source_an_output_and_a_status_that_others_change_each_wake_the_credential() {
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
    assert_eq!(hub.interests.existing(Kind::Secret, None).len(), 1);
}

#[test]
fn what_others_change_during_a_reconcile_runs_again_and_our_own_writes_do_not() {
    let mut hub = settled();
    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    told(&mut hub, Change::OutputSecret(Event::Apply(output("20", "u1"))));
    let own = Learned { written: vec![output("20", "u1").observed], ..Learned::default() };
    hub.finished(&key(), own, 0.0);
    assert!(!wakes(&mut hub), "our own");

    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    told(&mut hub, Change::OutputSecret(Event::Apply(output("30", "u1"))));
    told(&mut hub, Change::OutputSecret(Event::Apply(output("31", "u1"))));
    let own = Learned { written: vec![output("30", "u1").observed], ..Learned::default() };
    hub.finished(&key(), own, 0.0);
    let job = hub.next(Instant::now()).map(|(_, job)| job);
    assert_eq!(job.map(|job| job.touched.len()), Some(1), "somebody else's");
}

#[test]
fn an_output_that_is_deleted_before_the_answer_to_its_write_is_taken_over_is_missed() {
    let mut hub = settled();
    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    told(&mut hub, Change::OutputSecret(Event::Delete(output("31", "u1"))));
    let own = Learned { written: vec![output("30", "u1").observed], ..Learned::default() };
    hub.finished(&key(), own, 0.0);
    let job = hub.next(Instant::now()).map(|(_, job)| job);
    let secrets = job.map(|job| job.observed.into_iter().filter(|there| there.kind == Kind::Secret).count());
    assert_eq!(secrets, Some(0), "it is not there any more");
}

#[test]
fn an_edit_during_a_reconcile_does_not_make_it_forget_what_happened_to_an_output() {
    let mut hub = settled();
    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    told(&mut hub, Change::OutputSecret(Event::Delete(output("31", "u1"))));
    told(&mut hub, Change::Credential(Event::Apply(credential(3, json!(null)))));
    let own = Learned { written: vec![output("30", "u1").observed], ..Learned::default() };
    hub.finished(&key(), own, 0.0);
    let job = hub.next(Instant::now()).map(|(_, job)| job);
    let secrets = job.map(|job| job.observed.into_iter().filter(|there| there.kind == Kind::Secret).count());
    assert_eq!(secrets, Some(0), "it is not there any more");
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
}

#[test]
fn an_object_in_the_way_is_listened_for_and_looked_at_once_more() {
    let mut hub = settled();
    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    let place = (Kind::ConfigMap, "team".to_owned(), "app".to_owned());
    let blocked =
        || Learned { blocked: [place.clone()].into(), disposition: Some(Disposition::Waiting), ..Learned::default() };
    hub.finished(&key(), blocked(), 0.0);
    assert!(hub.next(Instant::now()).is_some(), "it may have gone before anybody listened");
    hub.finished(&key(), blocked(), 0.0);
    assert!(hub.next(Instant::now()).is_none(), "but only once");
    let gone: Named<ConfigMaps> =
        decoded(json!({"metadata": {"namespace": "team", "name": "app", "uid": "x", "resourceVersion": "9"}}));
    told(&mut hub, Change::ConfigMap(Event::Delete(gone)));
    assert!(hub.next(Instant::now()).is_some());
}

#[test]
fn a_failure_is_tried_again_later_and_an_edit_does_not_wait_for_that() {
    let mut hub = settled();
    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    hub.finished(&key(), Learned { disposition: Some(Disposition::Retry), ..Learned::default() }, 0.0);
    assert!(hub.next(Instant::now()).is_none());
    assert!(hub.queue.next_due().is_some());
    told(&mut hub, Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 1})))));
    assert!(hub.next(Instant::now()).is_some());
    assert!(hub.queue.next_due().is_none());
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
fn a_source_that_was_read_older_than_the_watch_knows_it_is_read_again() {
    let mut hub = settled();
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "6"))));
    assert!(hub.next(Instant::now()).is_some());
    let read = |version: &str| Learned {
        sources: [(SourceKey { kind: Kind::Secret, name: "source".to_owned() }, version.to_owned())].into(),
        disposition: Some(Disposition::Done),
        ..Learned::default()
    };
    hub.finished(&key(), read("5"), 0.0);
    assert!(hub.queue.next_due().is_some(), "5 is older than 6");
    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    hub.finished(&key(), read("6"), 0.0);
    assert!(hub.queue.next_due().is_none());
}

fn says(generation: i64) -> AppCredentialStatus {
    AppCredentialStatus { observed_generation: Some(generation), ..AppCredentialStatus::default() }
}

/// A report that was computed from the first status.
fn report(generation: i64) -> Report {
    let identity = Identity { namespace: "team".to_owned(), name: "app".to_owned(), uid: "u1".to_owned() };
    let basis = Basis { identity, version: "1".to_owned(), status: Some(says(1)), held: false, deleting: false };
    Report { basis, status: says(generation) }
}

/// Learned by a reconcile that has this to say.
fn to_say(generation: i64) -> Learned {
    Learned { disposition: Some(Disposition::Done), report: Some(report(generation)), ..Learned::default() }
}

fn generations(report: &Report) -> [Option<i64>; 2] {
    [report.basis.status.as_ref().and_then(|status| status.observed_generation), report.status.observed_generation]
}

#[test]
fn an_edit_before_the_status_is_written_goes_on_from_what_was_to_be_said() {
    let mut hub = settled();
    told(&mut hub, Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 1})))));
    assert!(hub.next(Instant::now()).is_some());
    hub.finished(&key(), to_say(2), 0.0);
    told(&mut hub, Change::Credential(Event::Apply(credential(3, json!({"observedGeneration": 1})))));
    let job = hub.next(Instant::now()).map(|(_, job)| job);
    assert_eq!(job.and_then(|job| job.status), Some(says(2)));
    assert!(hub.next_report(Instant::now()).is_none(), "not beside a reconcile");
    hub.finished(&key(), to_say(3), 0.0);
    let (_, report) = hub.next_report(Instant::now()).unwrap_or_else(|| unreachable!("a report"));
    assert_eq!(generations(&report), [Some(1), Some(3)], "both are told in one");
    hub.reported(&key(), "u1", Reported::Written("20".to_owned()), 0.0);
    assert!(hub.next_report(Instant::now()).is_none());
}

#[test]
fn a_reconcile_with_nothing_new_to_say_leaves_what_was_to_be_said() {
    let mut hub = settled();
    for report in [Some(report(2)), None] {
        hub.queue.push(&key(), Lane::Change);
        assert!(hub.next(Instant::now()).is_some());
        hub.finished(&key(), Learned { report, ..Learned::default() }, 0.0);
    }
    assert_eq!(hub.next_report(Instant::now()).map(|(_, report)| report.status), Some(says(2)));
}

#[test]
fn a_status_that_cannot_be_written_is_tried_again_more_and_more_slowly() {
    let mut hub = settled();
    hub.queue.push(&key(), Lane::Change);
    let mut pauses = Vec::new();
    for _ in 0..3 {
        assert!(hub.next(Instant::now() + std::time::Duration::from_secs(600)).is_some());
        hub.finished(&key(), to_say(2), 0.0);
        assert!(hub.next_report(Instant::now()).is_some());
        hub.reported(&key(), "u1", Reported::Failed, 0.0);
        pauses.extend(hub.queue.next_due().map(|due| due - Instant::now()));
    }
    assert!(pauses.is_sorted_by(|one, next| one < next) && pauses.len() == 3, "{pauses:?}");
}

#[test]
fn the_report_of_one_that_is_gone_is_not_that_of_the_next_of_its_name() {
    let mut hub = settled();
    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    hub.finished(&key(), to_say(2), 0.0);
    assert!(hub.next_report(Instant::now()).is_some());
    let next: Record = decoded(json!({"metadata": {"namespace": "team", "name": "app", "uid": "u2", "generation": 1}}));
    told(&mut hub, Change::Credential(Event::Apply(next)));
    hub.reported(&key(), "u1", Reported::Written("20".to_owned()), 0.0);
    let job = hub.next(Instant::now()).map(|(_, job)| job);
    assert_eq!(job.and_then(|job| job.status), None);
}

#[test]
fn a_status_that_others_changed_is_computed_anew_from_what_is_there() {
    let mut hub = reporting();
    let there: Record = decoded(json!({
        "metadata": {"namespace": "team", "name": "app", "uid": "u1", "resourceVersion": "15", "generation": 1},
        "status": {"observedGeneration": 7},
    }));
    hub.reported(&key(), "u1", Reported::Outdated(Box::new(there)), 0.0);
    assert!(hub.next_report(Instant::now()).is_none(), "what was computed from another status is dropped");
    let job = hub.next(Instant::now()).map(|(_, job)| job);
    let (status, basis) = job.map(|job| (job.status, job.basis)).unzip();
    assert_eq!(status.flatten(), Some(says(7)));
    assert_eq!(basis.map(|basis| (basis.version, basis.status)), Some(("15".to_owned(), Some(says(7)))));
}

#[test]
fn the_next_status_is_written_on_top_of_the_last_one() {
    let mut hub = reporting();
    hub.reported(&key(), "u1", Reported::Written("20".to_owned()), 0.0);
    hub.queue.push(&key(), Lane::Change);
    let basis = hub.next(Instant::now()).map(|(_, job)| job.basis);
    assert_eq!(basis.map(|basis| (basis.version, basis.status)), Some(("20".to_owned(), Some(says(2)))));
}

/// Under whose report something happens.
fn reporting() -> Hub {
    let mut hub = settled();
    hub.queue.push(&key(), Lane::Change);
    assert!(hub.next(Instant::now()).is_some());
    hub.finished(&key(), to_say(2), 0.0);
    assert!(hub.next_report(Instant::now()).is_some());
    hub
}

#[test]
fn drift_while_a_status_is_written_is_put_right() {
    let mut hub = reporting();
    told(&mut hub, Change::OutputSecret(Event::Apply(output("11", "u1"))));
    hub.reported(&key(), "u1", Reported::Written("20".to_owned()), 0.0);
    let job = hub.next(Instant::now()).map(|(_, job)| job);
    assert_eq!(job.map(|job| job.touched.len()), Some(1));
}

#[test]
fn the_echo_of_a_status_may_come_before_its_answer_and_what_others_write_is_news() {
    for (status, is_news) in [(2, false), (1, false), (7, true)] {
        let mut hub = reporting();
        told(&mut hub, Change::Credential(Event::Apply(credential(1, json!({"observedGeneration": status})))));
        hub.reported(&key(), "u1", Reported::Written("20".to_owned()), 0.0);
        assert_eq!(hub.next(Instant::now()).is_some(), is_news, "{status}");
    }
}
