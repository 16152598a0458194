//! What can go wrong with a watch: it closes at once, its version has expired, or its events come twice, late or
//! not at all.
//!
//! A rewritten watch is answered with its first event and then closed; the controller asks for the next from
//! there. So each event can be looked at before it is passed on.

use std::sync::Arc;
use std::time::Duration;

use futures::AsyncBufReadExt;
use http::request::Parts;
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tower::BoxError;

use super::fault::{respond, status};
use super::layer::Layer;

/// How late a late event is: later than the controller needs for what it does about it by itself.
const LATE: Duration = Duration::from_millis(1500);

/// A fault of every watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchFault {
    /// F11: this many starts of each watch are answered and closed at once.
    ClosedAtOnce(usize),
    /// F11: the stream of this many starts of each says that the version has expired.
    GoneInStream(usize),
    /// F11: each start is answered 410 until there was a new list.
    GoneAtStart,
    /// F12: every event comes twice.
    Twice,
    /// F12: every event comes late.
    Late,
    /// F12: events of a credential whose spec says so do not come; the next one tells of it.
    Withheld,
}

/// A credential with this description is not told of (`Withheld`).
pub(crate) const WITHHELD: &str = "not told of";

impl Layer {
    /// Answers the start of a watch.
    pub(super) async fn watch(
        self: &Arc<Self>,
        real: &Client,
        parts: Parts,
        name: &str,
    ) -> Result<Response<Body>, BoxError> {
        let start = self.watches().get(name).copied().unwrap_or_default();
        let faulty = |count: usize| start <= count;
        match self.watch_fault {
            // It is asked for all the same: the floor between two starts is below this layer.
            Some(WatchFault::ClosedAtOnce(count)) if faulty(count) => {
                self.pass(real, parts).await?;
                Ok(respond(200, Vec::new()))
            }
            Some(WatchFault::GoneInStream(count)) if faulty(count) => {
                self.pass(real, parts).await?;
                let gone = json!({"type": "ERROR", "object": {
                    "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                    "message": "too old resource version", "reason": "Expired", "code": 410,
                }});
                Ok(respond(200, format!("{gone}\n").into_bytes()))
            }
            Some(WatchFault::GoneAtStart) if self.lists(name) < 2 => {
                self.pass(real, parts).await?;
                Ok(status(410, "Expired", &json!({})))
            }
            Some(fault @ (WatchFault::Twice | WatchFault::Late | WatchFault::Withheld)) => {
                rewritten(fault, real, parts).await
            }
            _ => self.pass(real, parts).await,
        }
    }

    async fn pass(&self, real: &Client, parts: Parts) -> Result<Response<Body>, BoxError> {
        Ok(real.send(Request::from_parts(parts, Body::empty())).await?)
    }
}

/// The first event, rewritten.
async fn rewritten(fault: WatchFault, real: &Client, parts: Parts) -> Result<Response<Body>, BoxError> {
    let mut stream = real.request_stream(Request::from_parts(parts, Vec::new())).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let body = match fault {
        WatchFault::Twice => format!("{line}{line}"),
        WatchFault::Late => {
            tokio::time::sleep(LATE).await;
            line
        }
        _ => withheld(line),
    };
    Ok(respond(200, body.into_bytes()))
}

/// A bookmark in place of an event that is not told.
fn withheld(line: String) -> String {
    let event: Value = serde_json::from_str(&line).unwrap_or_default();
    let object = &event["object"];
    if object["spec"]["description"] != WITHHELD {
        return line;
    }
    let meta = json!({"resourceVersion": object["metadata"]["resourceVersion"]});
    let bookmark = json!({"apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": meta});
    format!("{}\n", json!({"type": "BOOKMARK", "object": bookmark}))
}
