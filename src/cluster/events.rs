//! Events (events.k8s.io) for what a person would want to see: written apart from reconciles, so that they can
//! neither slow them down nor fail them. When there are too many at once, some are dropped, and that is logged.

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use crate::api::{Identity, labels};
use crate::plan::ObjectKey;

/// Events that may wait to be written.
const WAITING: usize = 1024;

/// An event about a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The credential.
    pub about: Identity,
    /// The field that it is about, so that failures of other fields are events of their own.
    pub field: Option<String>,
    /// The output that it is about, for the same reason.
    pub related: Option<ObjectKey>,
    /// Whether it is a failure.
    pub warning: bool,
    /// The reason, a CamelCase word.
    pub reason: &'static str,
    /// What was done or tried, a CamelCase word.
    pub action: &'static str,
    /// The sentence for a person: objects and fields, never values.
    pub note: String,
}

/// Where reconciles hand in events.
#[derive(Clone, Debug)]
pub struct EventSender(mpsc::Sender<Note>);

impl EventSender {
    /// Hands in an event. It never waits.
    pub fn send(&self, note: Note) {
        if self.0.try_send(note).is_err() {
            warn!("an event was dropped: too many are waiting to be written");
        }
    }
}

/// Starts the writer. It ends when every sender is gone and all is written.
#[must_use]
pub fn start(client: Client) -> (EventSender, tokio::task::JoinHandle<()>) {
    let (sender, mut receiver) = mpsc::channel::<Note>(WAITING);
    let reporter = Reporter { controller: labels::MANAGER.to_owned(), instance: std::env::var("POD_NAME").ok() };
    let recorder = Recorder::new(client, reporter);
    let writer = tokio::spawn(async move {
        while let Some(note) = receiver.recv().await {
            let published =
                tokio::time::timeout(super::CALL_TIMEOUT, recorder.publish(&event(&note), &reference(&note))).await;
            if !matches!(published, Ok(Ok(()))) {
                debug!(
                    namespace = note.about.namespace,
                    name = note.about.name,
                    reason = note.reason,
                    "an event could not be written"
                );
            }
        }
    });
    (EventSender(sender), writer)
}

fn event(note: &Note) -> Event {
    // The API server refuses notes over 1 kB.
    let text: String = note.note.chars().take(250).collect();
    Event {
        type_: if note.warning { EventType::Warning } else { EventType::Normal },
        reason: note.reason.to_owned(),
        note: Some(text),
        action: note.action.to_owned(),
        secondary: note.related.as_ref().map(output),
    }
}

fn output((kind, namespace, name): &ObjectKey) -> ObjectReference {
    ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some(kind.to_string()),
        namespace: Some(namespace.clone()),
        name: Some(name.clone()),
        ..ObjectReference::default()
    }
}

fn reference(note: &Note) -> ObjectReference {
    ObjectReference {
        api_version: Some(format!("{}/{}", labels::GROUP, labels::VERSION)),
        kind: Some("AppCredential".to_owned()),
        name: Some(note.about.name.clone()),
        namespace: Some(note.about.namespace.clone()),
        uid: Some(note.about.uid.clone()),
        field_path: note.field.clone(),
        ..ObjectReference::default()
    }
}
