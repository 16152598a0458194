//! The controller: watches in, reconciles out.
//!
//! One task owns the state (`hub`) and does nothing but take over news and hand out errands; each errand is a task of
//! its own (`errand`), so that a slow or panicking one stops nobody. kube's `Controller` is not
//! used, because its queue knows neither urgency nor fairness between namespaces (`queue`), and because its
//! store would keep whole objects.

pub mod decode;
mod errand;
mod hub;
mod interest;
pub mod job;
mod life;
mod options;
mod outputs;
pub mod queue;
mod reconcile;
mod report;
mod review;
mod status_writes;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::SelectAll;
use kube::Client;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tracing::{error, info, warn};

use crate::metrics::Metrics;
use crate::pulse::{BEAT, Pulse, Stage};
use appcredential_cluster::Cluster;
use appcredential_cluster::events::{self, EventSender};
use appcredential_cluster::watch::{self, Change, Changes, Lists};
use appcredential_core::plan::Policy;
use errand::Answer;
use hub::Hub;
use job::Context;
pub use options::Options;
use queue::Ticket;
use review::Review;

/// How long a stop waits for reconciles that are under way.
const DRAIN: Duration = Duration::from_secs(25);

/// A namespace that is watched; none is all of them.
type Namespace = Option<Arc<str>>;

/// An event of a namespace's watch.
struct Scoped {
    namespace: Namespace,
    change: Change,
}

/// Runs until `stop` is done; then lets what is under way end, and returns.
pub async fn run(client: Client, options: Options, stop: impl Future<Output = ()>) {
    let (sender, writer) = events::start(Cluster::new(client.clone()), options.observer());
    let review = Review::new(Cluster::new(client.clone()), options.review_policy.clone(), options.pulse.clone());
    let mut stop = std::pin::pin!(stop);
    options.pulse.stage(Stage::Loading);
    loop {
        let policy = tokio::select! {
            policy = review.read() => policy,
            () = &mut stop => break,
        };
        let mut driver = Driver::new(client.clone(), &options, policy.clone(), sender.clone());
        let is_stopped = tokio::select! {
            () = driver.drive(stop.as_mut()) => true,
            () = review.changed(policy.as_deref()) => false,
        };
        driver.drain().await;
        driver.hub.retire();
        if is_stopped {
            break;
        }
    }
    drop(sender);
    // The events of the last reconciles.
    let _ = tokio::time::timeout(Duration::from_secs(2), writer).await;
}

fn namespaces(names: &[String]) -> Vec<Namespace> {
    if names.is_empty() { vec![None] } else { names.iter().map(|name| Some(Arc::from(name.as_str()))).collect() }
}

/// The start goes in steps: the names of sources are of no use before it is known which are referred to, and no
/// credential is reconciled before its outputs are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Credentials are being listed.
    Credentials,
    /// Outputs and names are being listed.
    Rest,
    /// Everything is known.
    Running,
}

struct Driver {
    client: Client,
    namespaces: Vec<Namespace>,
    lists: Lists,
    hub: Hub,
    metrics: Metrics,
    pulse: Pulse,
    context: Arc<Context>,
    changes: SelectAll<futures::stream::BoxStream<'static, Scoped>>,
    tasks: JoinSet<(Ticket, Answer)>,
    phase: Phase,
    jitter: RandomState,
}

impl Driver {
    fn new(client: Client, options: &Options, policy: Option<Arc<Policy>>, sender: EventSender) -> Self {
        let rendered_by = format!("{}{}", env!("CARGO_PKG_VERSION"), options.selection.words());
        // What was settled without looking at pins is looked at once they are.
        let rendered_by: Arc<str> = match options.namespace_pins {
            true => format!("{rendered_by} namespace-pins").into(),
            false => rendered_by.into(),
        };
        let (selection, metrics) = (options.selection.clone(), options.metrics.clone());
        let names = &options.namespaces;
        let hub = Hub::new(selection, names, Arc::clone(&rendered_by), options.concurrency, metrics);
        let context = Context {
            rendered_by,
            cluster: Cluster::new(client.clone()),
            events: sender,
            selection: options.selection.clone(),
            namespace_pins: options.namespace_pins,
            policy: policy.clone(),
            render: options.render,
            metrics: options.metrics.clone(),
        };
        Self {
            client,
            namespaces: namespaces(names),
            hub: hub.reviewed_by(policy),
            metrics: options.metrics.clone(),
            pulse: options.pulse.clone(),
            lists: options.lists,
            context: Arc::new(context),
            changes: SelectAll::new(),
            tasks: JoinSet::new(),
            phase: Phase::Credentials,
            jitter: RandomState::new(),
        }
    }

    /// Works until `stop` is done.
    async fn drive(&mut self, mut stop: Pin<&mut impl Future<Output = ()>>) {
        self.pulse.stage(Stage::Loading);
        self.watch(|client, namespace, lists| vec![watch::credentials(client, namespace, lists)]);
        loop {
            self.start_errands();
            let next = self.hub.queue.next_look(Instant::now()).filter(|_| self.phase == Phase::Running);
            self.pulse.beat();
            tokio::select! {
                () = tokio::time::sleep(BEAT) => {}
                () = &mut stop => break,
                Some(ended) = self.tasks.join_next() => self.finish(ended),
                Some(change) = self.changes.next() => {
                    if let Some(watch) = change.change.watch() {
                        self.metrics.watch_told(watch);
                    }
                    self.hub.changed(change, Instant::now());
                    self.advance();
                }
                // A batch, and then whatever else has come up meanwhile.
                () = std::future::ready(()), if self.hub.has_chores() => {
                    self.hub.work(Instant::now());
                    self.advance();
                }
                () = sleep_until(next) => {}
            }
        }
    }

    /// Adds a watch for each namespace.
    fn watch(&mut self, watches: impl Fn(Client, Option<&str>, Lists) -> Vec<Changes>) {
        for namespace in self.namespaces.clone() {
            for changes in watches(self.client.clone(), namespace.as_deref(), self.lists) {
                let namespace = namespace.clone();
                self.changes.push(changes.map(move |change| Scoped { namespace: namespace.clone(), change }).boxed());
            }
        }
    }

    fn advance(&mut self) {
        if self.phase == Phase::Credentials && self.hub.knows_credentials(&self.namespaces) {
            self.phase = Phase::Rest;
            self.watch(|client, namespace, lists| {
                let grants = [watch::grants(client.clone(), namespace, lists)];
                let outputs = watch::outputs(client.clone(), namespace, lists);
                grants.into_iter().chain(outputs).chain(watch::names(client, namespace, lists)).collect()
            });
        }
        if self.phase == Phase::Rest && self.hub.knows_all(&self.namespaces) {
            self.phase = Phase::Running;
            self.pulse.stage(Stage::Running);
            info!(credentials = self.hub.credentials(), "ready");
        }
    }

    fn start_errands(&mut self) {
        if self.phase != Phase::Running {
            return;
        }
        while let Some(errand) = self.hub.next(Instant::now()) {
            self.tasks.spawn(errand::run(Arc::clone(&self.context), errand));
        }
    }

    fn finish(&mut self, ended: Result<(Ticket, Answer), JoinError>) {
        match ended {
            Ok((ticket, answer)) => {
                let random = self.jitter.hash_one(ticket);
                #[expect(clippy::cast_precision_loss, reason = "a jitter needs no precision")]
                let jitter = random as f64 / u64::MAX as f64;
                self.hub.done(ticket, answer, jitter, Instant::now());
            }
            // An errand catches its panics, and nobody aborts one.
            Err(failed) => error!(%failed, "an errand was lost"),
        }
    }

    /// Lets what is under way end.
    async fn drain(&mut self) {
        self.pulse.stage(Stage::Stopping);
        info!(running = self.hub.queue.running(), "stopping");
        let rest = async {
            // What was written is still reported.
            self.hub.queue.drain();
            self.start_errands();
            while let Some(ended) = self.tasks.join_next().await {
                self.finish(ended);
                self.start_errands();
            }
        };
        if tokio::time::timeout(DRAIN, rest).await.is_err() {
            warn!("some reconciles did not end in time; the next start repairs what they left");
        }
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
