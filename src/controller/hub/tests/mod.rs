//! The hub by example: news in, jobs out. What holds in any order, the model shows.

#![expect(clippy::needless_pass_by_value, reason = "the JSON is made where it is handed in")]

mod outputs;
mod statuses;

use kube::runtime::watcher::Event;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::super::Scoped;
use super::super::errand::Answer;
use super::super::job::{Learned, Reported};
use super::super::queue::Ticket;
use super::*;
use appcredential_api::{AppCredentialStatus, Disposition, Identity};
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
