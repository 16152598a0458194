//! Events (events.k8s.io) for what a person would want to see: written apart from reconciles, so that they can
//! neither slow them down nor fail them.
//!
//! kube's `Recorder` is not used: it counts up the first Event of a reason whatever the text has become since,
//! remembers without a limit, and fails for minutes once somebody has deleted the Event. Who is next is decided in
//! `waiting`, what is the same in `series`; both are bounded whatever a tenant writes.

mod series;
mod waiting;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::core::Request;
use kube::core::params::{Patch, PatchParams, PostParams};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{debug, warn};

use super::{CallError, Cluster};
use crate::observer::SharedObserver;
use appcredential_api::{Identity, ObjectRef, labels};
use series::Series;
use waiting::Waiting;

/// The longest text: the API server refuses more than 1 KiB.
const TEXT_BYTES: usize = 1024;
/// How often the log says that events are dropped; the metric counts each.
const SAY_DROPPED: Duration = Duration::from_secs(60);

/// An event about a credential.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    /// The credential.
    pub about: Identity,
    /// The field that it is about.
    pub field: Option<String>,
    /// The output that it is about.
    pub related: Option<ObjectRef>,
    /// Whether it is a failure.
    pub warning: bool,
    /// The reason, a CamelCase word.
    pub reason: &'static str,
    /// What was done or tried, a CamelCase word.
    pub action: &'static str,
    /// The sentence for a person: objects and fields, never values.
    pub note: String,
}

impl Note {
    /// Whether the two differ in nothing but what they say of it.
    fn is_about_the_same_as(&self, other: &Self) -> bool {
        let words = |note: &Self| (note.reason, note.action, note.warning);
        words(self) == words(other) && self.about == other.about && self.related == other.related
    }
}

/// What waits to be written. The lock is held for moments only, never over a call.
#[derive(Debug, Default)]
struct Shared {
    waiting: Waiting,
    dropped: u64,
    said: Option<Instant>,
}

/// Where reconciles hand in events.
#[derive(Clone, Debug)]
pub struct EventSender {
    shared: Arc<Mutex<Shared>>,
    /// Wakes the writer, and tells it when the last sender is gone.
    bell: mpsc::Sender<()>,
    observer: SharedObserver,
}

impl EventSender {
    /// Hands in an event. It never waits.
    pub fn send(&self, mut note: Note) {
        // What waits is bounded in bytes too.
        cut(&mut note.note);
        let dropped = {
            let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.waiting.push(note).map(|dropped| (dropped, shared.count_dropped(Instant::now())))
        };
        if let Some((dropped, say)) = dropped {
            self.observer.event_dropped();
            if let Some(count) = say {
                let namespace = dropped.about.namespace;
                warn!(namespace, count, "events were dropped: too many of this namespace are waiting to be written");
            }
        }
        // Full: it has been rung already.
        let _ = self.bell.try_send(());
    }
}

impl Shared {
    /// Counts a dropped event. Returns how many there were, where it is time to say so.
    fn count_dropped(&mut self, now: Instant) -> Option<u64> {
        self.dropped += 1;
        if self.said.is_some_and(|said| now < said + SAY_DROPPED) {
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.dropped))
    }
}

/// Starts the writer. It ends when every sender is gone and all is written.
#[must_use]
pub fn start(cluster: Cluster, observer: SharedObserver) -> (EventSender, tokio::task::JoinHandle<()>) {
    let shared = Arc::<Mutex<Shared>>::default();
    let (bell, rings) = mpsc::channel(1);
    let writer = Writer { cluster, shared: Arc::clone(&shared), rings, series: Series::default() };
    (EventSender { shared, bell, observer }, tokio::spawn(writer.run()))
}

struct Writer {
    cluster: Cluster,
    shared: Arc<Mutex<Shared>>,
    rings: mpsc::Receiver<()>,
    series: Series,
}

impl Writer {
    async fn run(mut self) {
        loop {
            let rung = self.rings.recv().await;
            while let Some(note) = self.next() {
                if let Err(error) = self.write(&note).await {
                    let Identity { namespace, name, .. } = &note.about;
                    debug!(namespace, name, reason = note.reason, %error, "an event could not be written");
                }
            }
            if rung.is_none() {
                return;
            }
        }
    }

    fn next(&self) -> Option<Note> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).waiting.pop()
    }

    /// Writes an event: counts up the one that says the same, or makes a new one.
    async fn write(&mut self, note: &Note) -> Result<(), CallError> {
        if let Some(told) = self.series.of(note, Instant::now()) {
            let count = told.count.saturating_add(1);
            match self.cluster.count_event(&note.about.namespace, &told.name, count).await {
                Ok(()) => {
                    self.series.remember(note, told.name, count, Instant::now());
                    return Ok(());
                }
                // It has expired or somebody has deleted it: write it again.
                Err(error) if error.code() == Some(404) => self.series.forget(note),
                Err(error) => return Err(error),
            }
        }
        let name = self.cluster.create_event(note).await?;
        self.series.remember(note, name, 1, Instant::now());
        Ok(())
    }
}

impl Cluster {
    /// Creates an Event. Returns its name.
    async fn create_event(&self, note: &Note) -> Result<String, CallError> {
        let event = event(note, Timestamp::now());
        let name = event.metadata.name.clone().unwrap_or_default();
        let body = serde_json::to_vec(&event).map_err(|_| CallError::Build)?;
        self.call::<Event>(events(&note.about.namespace).create(&PostParams::default(), body)).await?;
        Ok(name)
    }

    /// Counts an Event once more.
    async fn count_event(&self, namespace: &str, name: &str, count: i32) -> Result<(), CallError> {
        let series = json!({"series": {"count": count, "lastObservedTime": MicroTime(Timestamp::now())}});
        let request = events(namespace).patch(name, &PatchParams::default(), &Patch::Merge(series));
        self.call::<Event>(request).await.map(|_| ())
    }
}

fn events(namespace: &str) -> Request {
    Request::new(format!("/apis/events.k8s.io/v1/namespaces/{namespace}/events"))
}

fn event(note: &Note, now: Timestamp) -> Event {
    let pod = std::env::var("POD_NAME").ok().filter(|name| !name.is_empty());
    Event {
        metadata: ObjectMeta {
            namespace: Some(note.about.namespace.clone()),
            // The name that Kubernetes' own components would give it.
            name: Some(format!("{}.{:x}", note.about.name, now.as_nanosecond())),
            ..ObjectMeta::default()
        },
        type_: Some(if note.warning { "Warning" } else { "Normal" }.to_owned()),
        reason: Some(note.reason.to_owned()),
        note: Some(note.note.clone()),
        action: Some(note.action.to_owned()),
        regarding: Some(reference(note)),
        related: note.related.as_ref().map(output),
        event_time: Some(MicroTime(now)),
        reporting_controller: Some(labels::MANAGER.to_owned()),
        reporting_instance: Some(pod.unwrap_or_else(|| labels::MANAGER.to_owned())),
        ..Event::default()
    }
}

/// Cuts a text to what an Event can hold, and says so.
fn cut(text: &mut String) {
    const MORE: &str = " ...";
    if text.len() > TEXT_BYTES {
        let end = text.floor_char_boundary(TEXT_BYTES - MORE.len());
        text.truncate(end);
        text.push_str(MORE);
    }
}

fn output(ObjectRef { kind, namespace, name }: &ObjectRef) -> ObjectReference {
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
        uid: Some(note.about.uid.to_string()),
        field_path: note.field.clone(),
        ..ObjectReference::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes an Event about a failure of a credential.
    pub(super) fn note(namespace: &str, name: &str, text: &str) -> Note {
        let about =
            Identity { namespace: namespace.to_owned(), name: name.to_owned(), uid: format!("uid-{name}").into() };
        let (field, related, note) = (None, None, text.to_owned());
        Note { about, field, related, warning: true, reason: "SecretNotFound", action: "Sync", note }
    }

    #[test]
    fn a_text_is_cut_to_what_an_event_can_hold() {
        for (text, bytes) in
            [("ä".repeat(512), 1024), (format!("x{}", "ä".repeat(512)), 1023), ("x".repeat(9000), 1024)]
        {
            let mut short = text.clone();
            cut(&mut short);
            assert_eq!(short.len(), bytes);
            assert_eq!(short == text, text.len() <= TEXT_BYTES, "nothing else is cut");
        }
    }

    #[test]
    fn an_event_has_the_field_as_data_and_the_sentence_as_it_is() {
        let field = Some("spec.authentication.basic.password".to_owned());
        let note = Note { field: field.clone(), ..note("a", "db", "Secret a/b: does not exist") };
        let event = event(&note, Timestamp::UNIX_EPOCH);
        assert_eq!(event.regarding.and_then(|it| it.field_path), field);
        assert_eq!(event.note.as_deref(), Some("Secret a/b: does not exist"));
        assert_eq!(event.type_.as_deref(), Some("Warning"));
    }
}
