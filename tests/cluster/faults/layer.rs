//! The layer between the controller and the API server: it names and records every call, and lets one of them go
//! wrong.
//!
//! A call is named by what it is and not by when it comes: `PATCH secrets orders #1`. So a fault meets the same
//! call in every run, whatever else is under way. Watches have names of their own and go by `watches`.
//!
//! A crash is the end of a life: the supervisor drops the controller and starts a new one, and whatever the
//! former one still tries is not sent. What was on the wire is carried out all the same, as in real life.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::request::Parts;
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use tokio::sync::Notify;
use tower::BoxError;

use super::fault::Fault;
use super::watches::WatchFault;

/// The reason of a condition after a panic or a reconcile that took too long.
const INTERNAL_ERROR: &str = r#""reason":"InternalError""#;

/// A call that was recorded.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What it is, such as `PATCH secrets orders #1`.
    pub(crate) name: String,
    /// What the API server answered; none where it was not asked or did not answer yet.
    pub(crate) code: Option<u16>,
}

/// What was recorded, and what shall go wrong.
#[derive(Default)]
struct State {
    calls: Vec<Call>,
    counts: BTreeMap<String, usize>,
    faults: Vec<(String, Fault)>,
    running: usize,
    watches: BTreeMap<String, usize>,
    /// Whether some status spoke of an internal error.
    internal_error: bool,
}

/// The layer.
pub(crate) struct Layer {
    state: Mutex<State>,
    /// When a call began or ended last.
    last: Mutex<Instant>,
    life: AtomicU64,
    pub(super) crashed: Notify,
    pub(super) watch_fault: Option<WatchFault>,
}

impl Layer {
    pub(crate) fn new(watch_fault: Option<WatchFault>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            last: Mutex::new(Instant::now()),
            life: AtomicU64::new(0),
            crashed: Notify::new(),
            watch_fault,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was recorded, and sets what shall go wrong from now on.
    pub(crate) fn arm(&self, faults: Vec<(String, Fault)>) {
        let mut state = self.state();
        (state.calls, state.counts, state.faults) = (Vec::new(), BTreeMap::new(), faults);
    }

    /// Whether everything that shall go wrong did.
    pub(crate) fn fired(&self) -> bool {
        self.state().faults.is_empty()
    }

    /// The calls since [`Layer::arm`].
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// How often each watch was started.
    pub(crate) fn watches(&self) -> BTreeMap<String, usize> {
        self.state().watches.clone()
    }

    /// How often there was a list for this watch since [`Layer::arm`].
    pub(super) fn lists(&self, watch: &str) -> usize {
        self.state().counts.get(&watch.replacen("WATCH", "LIST", 1)).copied().unwrap_or_default()
    }

    /// How many calls there were since [`Layer::arm`], if none is under way and none was for this long.
    pub(crate) fn quiet_for(&self, long: Duration) -> Option<usize> {
        let state = self.state();
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        (state.running == 0 && last.elapsed() >= long).then_some(state.calls.len())
    }

    /// The writes of outputs that were carried out since [`Layer::arm`], and how often each.
    pub(crate) fn committed(&self) -> BTreeMap<String, usize> {
        let mut tally = BTreeMap::new();
        for call in self.state().calls.iter().filter(|call| call.code.is_some_and(|code| code < 300)) {
            let what = call.name.split(" #").next().unwrap_or_default();
            let written = ["POST", "PATCH", "DELETE"].iter().any(|method| what.starts_with(method));
            if written && [" secrets ", " configmaps "].iter().any(|resource| what.contains(resource)) {
                *tally.entry(what.to_owned()).or_default() += 1;
            }
        }
        tally
    }

    /// Whether some status spoke of an internal error.
    pub(crate) fn internal_error(&self) -> bool {
        self.state().internal_error
    }

    /// A client for a new life of the controller.
    pub(super) fn client(self: &Arc<Self>, real: Client) -> Client {
        let life = self.life.fetch_add(1, Ordering::SeqCst) + 1;
        let layer = Arc::clone(self);
        let service = tower::service_fn(move |request| Arc::clone(&layer).answer(life, real.clone(), request));
        Client::new(service, "default")
    }

    /// Ends the present life.
    fn crash(&self) {
        self.life.fetch_add(1, Ordering::SeqCst);
        self.crashed.notify_one();
    }

    async fn answer(
        self: Arc<Self>,
        life: u64,
        real: Client,
        request: Request<Body>,
    ) -> Result<Response<Body>, BoxError> {
        if self.life.load(Ordering::SeqCst) != life {
            return Err("this controller has ended".into());
        }
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?.to_vec();
        let name = name(&parts, &body);
        // As an API server that does not stream lists; so every scenario also proves that they are paged then.
        if parts.uri.query().is_some_and(|query| query.contains("sendInitialEvents=true")) {
            return Ok(super::fault::status(422, "Invalid", &serde_json::json!({})));
        }
        if name.starts_with("WATCH") {
            *self.state().watches.entry(name.clone()).or_default() += 1;
            return self.watch(&real, parts, &name).await;
        }
        let (index, fault) = self.begin(&name, &body);
        let method = parts.method.to_string();
        let Some(fault) = fault else { return self.send(index, real, parts, body).await };
        if let Some(answer) = fault.refusal(&method) {
            self.end(index, None);
            return Ok(answer);
        }
        match fault {
            Fault::CrashUnanswered | Fault::CrashAfter | Fault::DoneButTimedOut | Fault::DoneButReset => {
                let answer = self.send(index, real, parts, body).await;
                match fault {
                    Fault::DoneButTimedOut => Ok(super::fault::status(504, "Timeout", &serde_json::json!({}))),
                    Fault::DoneButReset => Err("connection reset by peer".into()),
                    Fault::CrashAfter => {
                        self.crash();
                        answer
                    }
                    _ => {
                        self.crash();
                        std::future::pending().await
                    }
                }
            }
            Fault::CrashBefore => {
                self.end(index, None);
                self.crash();
                std::future::pending().await
            }
            _ => {
                self.end(index, None);
                std::future::pending().await
            }
        }
    }

    /// Sends a call in a task of its own: what is on the wire is carried out, whoever is gone meanwhile.
    async fn send(
        self: &Arc<Self>,
        index: usize,
        real: Client,
        parts: Parts,
        body: Vec<u8>,
    ) -> Result<Response<Body>, BoxError> {
        let layer = Arc::clone(self);
        let sent = tokio::spawn(async move {
            let sent = real.send(Request::from_parts(parts, Body::from(body))).await;
            let code = sent.as_ref().ok().map(|answer| answer.status().as_u16());
            let answer = match sent {
                Ok(answer) => {
                    let (parts, body) = answer.into_parts();
                    body.collect_bytes().await.map(|body| Response::from_parts(parts, Body::from(body.to_vec())))
                }
                Err(error) => Err(error),
            };
            layer.end(index, code);
            answer
        });
        Ok(sent.await??)
    }

    /// Records a call. What shall go wrong with it is taken off the list.
    fn begin(&self, what: &str, body: &[u8]) -> (usize, Option<Fault>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let mut state = self.state();
        state.running += 1;
        state.internal_error |= what.contains("/status") && String::from_utf8_lossy(body).contains(INTERNAL_ERROR);
        let count = state.counts.entry(what.to_owned()).or_default();
        *count += 1;
        let name = format!("{what} #{count}");
        let index = state.calls.len();
        let fault = state.faults.iter().position(|(call, _)| *call == name).map(|at| state.faults.remove(at).1);
        state.calls.push(Call { name, code: None });
        (index, fault)
    }

    fn end(&self, index: usize, code: Option<u16>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let mut state = self.state();
        state.running -= 1;
        // The recording is cleared when all is quiet, so the index still fits.
        if let Some(call) = state.calls.get_mut(index) {
            call.code = code;
        }
    }
}

/// What a call is: method, resource with subresource, object.
fn name(parts: &Parts, body: &[u8]) -> String {
    let path: Vec<&str> = parts.uri.path().split('/').skip_while(|part| *part != "namespaces").skip(2).collect();
    let query = parts.uri.query().unwrap_or_default();
    let resource = match path.get(2) {
        Some(subresource) => format!("{}/{subresource}", path[0]),
        None => path.first().copied().unwrap_or_default().to_owned(),
    };
    let method = parts.method.as_str();
    match (method, path.get(1)) {
        ("GET", None) => {
            let verb = if query.contains("watch=true") { "WATCH" } else { "LIST" };
            let accept = parts.headers.get(http::header::ACCEPT).map(|accept| accept.as_bytes().to_vec());
            let metadata = String::from_utf8_lossy(&accept.unwrap_or_default()).contains("PartialObjectMetadata");
            let which = if metadata { "names" } else { "objects" };
            format!("{verb} {resource} {which}")
        }
        // Its name is made by the client; it is a further event of the same kind.
        (method, Some(_)) if resource == "events" => format!("{method} events again"),
        (method, Some(name)) => format!("{method} {resource} {name}"),
        // A question: nothing is written.
        (method, None) if query.contains("dryRun") => format!("{method} dry-run-{resource}"),
        (method, None) => {
            let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            let name = if resource == "events" { &body["reason"] } else { &body["metadata"]["name"] };
            format!("{method} {resource} {}", name.as_str().unwrap_or_default())
        }
    }
}
