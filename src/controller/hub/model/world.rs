//! A small API server: what stands in it, and what its watches have yet to tell.
//!
//! Two credentials of the namespace `team`, each with one Secret as its source and one as its output, which have names
//! of their own. A credential may have a target elsewhere: then our finalizer has to hold it.

use std::collections::{BTreeMap, VecDeque};

use kube::runtime::watcher::Event;
use serde_json::{Value, json};

use super::super::tests::decoded;
use appcredential_api::AppCredentialStatus;
use appcredential_cluster::Record;
use appcredential_cluster::objects::{Named, OutputObject, Secrets};
use appcredential_cluster::watch::Change;

/// A credential as it stands in the API server.
#[derive(Clone, Debug)]
pub(super) struct Credential {
    pub(super) uid: String,
    pub(super) version: u64,
    pub(super) generation: i64,
    /// What the spec says: 0 to 3. An odd one has a target elsewhere.
    pub(super) variant: u8,
    pub(super) status: Option<AppCredentialStatus>,
    pub(super) held: bool,
    pub(super) deleting: bool,
}

impl Credential {
    pub(super) fn wants_holding(&self) -> bool {
        self.variant % 2 == 1
    }
}

/// An output as it stands in the API server.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Output {
    pub(super) uid: String,
    pub(super) version: u64,
    pub(super) owner: String,
    /// What it holds.
    pub(super) content: i64,
}

/// What stands in the API server.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) version: u64,
    pub(super) credentials: BTreeMap<u8, Credential>,
    pub(super) outputs: BTreeMap<u8, Output>,
    pub(super) sources: BTreeMap<u8, u64>,
}

/// The watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stream {
    Credentials,
    Outputs,
    Sources,
}

pub(super) const STREAMS: [Stream; 3] = [Stream::Credentials, Stream::Outputs, Stream::Sources];

/// The API server.
#[derive(Default)]
pub(super) struct World {
    pub(super) store: Store,
    uids: u64,
    /// What each watch has yet to tell.
    pub(super) streams: BTreeMap<Stream, VecDeque<Change>>,
}

pub(super) fn name(index: u8) -> String {
    format!("app-{index}")
}

pub(super) fn source_name(index: u8) -> String {
    format!("source-{index}")
}

/// Returns what an output should hold.
pub(super) fn wanted(variant: u8, source: u64) -> i64 {
    i64::try_from(source).unwrap_or_default() * 16 + i64::from(variant) + 1
}

pub(super) fn record(index: u8, credential: &Credential) -> Record {
    let Credential { uid, version, generation, variant, status, held, deleting } = credential;
    let finalizers = if *held { json!([appcredential_api::labels::FINALIZER]) } else { json!([]) };
    let deleted = deleting.then_some("2026-01-01T00:00:00Z");
    let targets = if *variant % 2 == 1 { json!([{}, {"namespace": "other"}]) } else { Value::Null };
    let source = json!({"secretKeyRef": {"name": source_name(index), "key": "token"}});
    decoded(json!({
        "metadata": {
            "namespace": "team", "name": name(index), "uid": uid, "resourceVersion": version.to_string(),
            "generation": generation, "finalizers": finalizers, "deletionTimestamp": deleted,
        },
        "spec": {
            "description": format!("variant {variant}"), "application": {"type": "db"}, "targets": targets,
            "authentication": {"type": "BearerToken", "bearerToken": {"token": {"valueFrom": source}}},
        },
        "status": status,
    }))
}

pub(super) fn output(index: u8, output: &Output) -> OutputObject<Secrets> {
    let Output { uid, version, owner, content } = output;
    decoded(json!({
        "metadata": {
            "namespace": "team", "name": name(index), "uid": uid, "resourceVersion": version.to_string(),
            "labels": {"appcredential.io/name": name(index), "appcredential.io/namespace": "team"},
            "annotations": {"appcredential.io/owner-uid": owner, "appcredential.io/revision": content.to_string()},
            "ownerReferences": [{"uid": owner, "controller": true}],
        },
        "data": {"token": "dA=="},
    }))
}

fn source(index: u8, version: u64) -> Named<Secrets> {
    let version = version.to_string();
    decoded(
        json!({"metadata": {"namespace": "team", "name": source_name(index), "uid": "s", "resourceVersion": version}}),
    )
}

impl World {
    /// Returns the next version of whatever is written.
    pub(super) fn next_version(&mut self) -> u64 {
        self.store.version += 1;
        self.store.version
    }

    pub(super) fn next_uid(&mut self) -> String {
        self.uids += 1;
        format!("u{}", self.uids)
    }

    fn told(&mut self, stream: Stream, change: Change) {
        self.streams.entry(stream).or_default().push_back(change);
    }

    /// Writes a credential, and lets the watch tell of it.
    pub(super) fn put_credential(&mut self, index: u8, mut credential: Credential) -> u64 {
        credential.version = self.next_version();
        let version = credential.version;
        if credential.deleting && !credential.held {
            self.store.credentials.remove(&index);
            self.told(Stream::Credentials, Change::Credential(Event::Delete(record(index, &credential))));
        } else {
            self.told(Stream::Credentials, Change::Credential(Event::Apply(record(index, &credential))));
            self.store.credentials.insert(index, credential);
        }
        version
    }

    pub(super) fn put_output(&mut self, index: u8, mut written: Output) -> Output {
        written.version = self.next_version();
        self.told(Stream::Outputs, Change::OutputSecret(Event::Apply(output(index, &written))));
        self.store.outputs.insert(index, written.clone());
        written
    }

    pub(super) fn remove_output(&mut self, index: u8) {
        if let Some(mut gone) = self.store.outputs.remove(&index) {
            gone.version = self.next_version();
            self.told(Stream::Outputs, Change::OutputSecret(Event::Delete(output(index, &gone))));
        }
    }

    pub(super) fn put_source(&mut self, index: u8) {
        let version = self.next_version();
        self.store.sources.insert(index, version);
        self.told(Stream::Sources, Change::Secret(Event::Apply(source(index, version))));
    }

    pub(super) fn remove_source(&mut self, index: u8) {
        if self.store.sources.remove(&index).is_some() {
            let version = self.next_version();
            self.told(Stream::Sources, Change::Secret(Event::Delete(source(index, version))));
        }
    }

    /// Collects the outputs whose credential is gone.
    pub(super) fn collect_garbage(&mut self) {
        let lives = |owner: &str| self.store.credentials.values().any(|credential| credential.uid == *owner);
        let dead: Vec<u8> =
            self.store.outputs.iter().filter(|(_, output)| !lives(&output.owner)).map(|(index, _)| *index).collect();
        dead.into_iter().for_each(|index| self.remove_output(index));
    }

    /// Lists everything that a watch is of, as it is now. What the watch had yet to tell is part of it.
    pub(super) fn relist(&mut self, stream: Stream) {
        self.streams.remove(&stream);
        let Store { credentials, outputs, sources, .. } = self.store.clone();
        let changes: Vec<Change> = match stream {
            Stream::Credentials => listed(credentials.iter().map(|(index, it)| record(*index, it)), Change::Credential),
            Stream::Outputs => listed(outputs.iter().map(|(index, it)| output(*index, it)), Change::OutputSecret),
            Stream::Sources => listed(sources.iter().map(|(index, it)| source(*index, *it)), Change::Secret),
        };
        self.streams.insert(stream, changes.into());
    }

    /// Puts an earlier state in the place of this one, as a restored backup does. Versions go back with it.
    pub(super) fn restore(&mut self, earlier: Store) {
        self.store = earlier;
        STREAMS.into_iter().for_each(|stream| self.relist(stream));
    }
}

fn listed<K>(objects: impl Iterator<Item = K>, change: fn(Event<K>) -> Change) -> Vec<Change> {
    let all = objects.map(Event::InitApply);
    std::iter::once(Event::Init).chain(all).chain([Event::InitDone]).map(change).collect()
}
