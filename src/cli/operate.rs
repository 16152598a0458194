//! `run`: from flags to a running operator, and what ends it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use futures::FutureExt;

use super::Failure;
use super::flags::{MetricsAccess, RunArgs};
use crate::controller::{self, Options};
use crate::leadership::{Candidate, Election, Identity, Lost, Stand};
use crate::metrics::Metrics;
use crate::observer::ClientObserver;
use crate::pulse::{Pulse, Stage};
use crate::serve::{self, ListenError, Serving};
use crate::telemetry;
use crate::thread::ThreadError;
use appcredential_cluster::client::{Access, ConnectError, Gear};
use appcredential_cluster::fence::Fence;
use appcredential_cluster::lease::Place;
use appcredential_cluster::observer::SharedObserver;
use appcredential_cluster::watch::Lists;
use appcredential_core::resolve::Selection;

/// Operates until it is asked to stop, or until it must not any more.
pub(super) fn operate(arguments: RunArgs) -> Result<(), Failure> {
    telemetry::init(arguments.log_format, arguments.log_level);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(async {
        let fence = if arguments.leader_election { Fence::closed() } else { Fence::always_open() };
        let metrics = Metrics::new(arguments.metrics_namespace_label);
        let observer = ClientObserver { metrics, pulse: Pulse::default() };
        let gear = Gear { fence: fence.clone(), observer: SharedObserver::new(observer.clone()) };
        let access = Access::find(arguments.kubeconfig.as_deref(), arguments.context.as_deref(), gear).await?;
        let stop = stop_signal().map_err(Failure::Signals)?;
        serve(&arguments, &access, &observer)?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting");
        let ended = lead(arguments, access, fence, observer, stop.shared()).await;
        tracing::info!("stopped");
        ended
    })
}

/// Serves probes and metrics, where there are addresses for them.
fn serve(arguments: &RunArgs, access: &Access, observer: &ClientObserver) -> Result<(), ThreadError<ListenError>> {
    let reviews = (arguments.metrics_access == MetricsAccess::Token).then(|| access.clone());
    serve::start(Serving {
        health: arguments.health_address.map(|address| (address, observer.pulse.clone())),
        metrics: arguments.metrics_address.map(|address| (address, observer.metrics.clone(), reviews)),
    })
}

/// Runs the operator, where there is an election only while it leads.
async fn lead(
    arguments: RunArgs,
    access: Access,
    fence: Fence,
    observer: ClientObserver,
    stop: impl Future<Output = ()> + Clone,
) -> Result<(), Failure> {
    let client = access.client()?;
    let election = arguments.leader_election.then(|| stand(&arguments, access, fence, &observer.pulse)).transpose()?;
    let options = Options {
        namespaces: arguments.namespaces,
        selection: Selection::only(arguments.environments).allowing(arguments.metadata_prefixes),
        concurrency: usize::from(arguments.concurrency),
        namespace_pins: arguments.namespace_pins,
        review_policy: arguments.review_policy.filter(|name| !name.is_empty()),
        lists: if arguments.paged_lists { Lists::Paged } else { Lists::Streamed },
        metrics: observer.metrics.clone(),
        pulse: observer.pulse.clone(),
        ..Options::default()
    };
    let Some(mut election) = election else {
        observer.metrics.leading(true);
        controller::run(client, options, stop).await;
        return Ok(());
    };
    observer.pulse.stage(Stage::Standby);
    let won = tokio::select! {
        won = election.won() => Some(won),
        () = stop.clone() => None,
    };
    let Some(won) = won else {
        election.release().await;
        return Ok(());
    };
    won?;
    observer.metrics.leading(true);
    // Where it is lost, whatever is under way is dropped at once.
    let lost = tokio::select! {
        () = controller::run(client, options, stop) => None,
        lost = election.lost() => Some(lost),
    };
    observer.metrics.leading(false);
    match lost {
        // Only now that nothing is under way may another begin.
        None => election.release().await,
        Some(lost) => return Err(lost.into()),
    }
    Ok(())
}

/// Stands for election on a thread of its own.
fn stand(
    arguments: &RunArgs,
    access: Access,
    fence: Fence,
    pulse: &Pulse,
) -> Result<Election, ThreadError<ConnectError>> {
    let candidate = candidate(arguments, &access);
    let pulse = pulse.clone();
    let end = |lost: &Lost| {
        eprintln!("error: {}", Failure::Lost(lost.clone()));
        std::process::exit(1);
    };
    Election::start(Stand { connect: move || access.client(), fence, candidate, pulse, end })
}

/// Who this process is in the election, and where that is held.
fn candidate(arguments: &RunArgs, access: &Access) -> Candidate {
    let namespace = arguments.lease_namespace.clone().unwrap_or_else(|| access.default_namespace().to_owned());
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let host = set("POD_NAME").or_else(|| set("HOSTNAME")).unwrap_or_else(|| env!("CARGO_PKG_NAME").to_owned());
    let unique = RandomState::new().hash_one(std::process::id());
    let identity = match set("POD_UID") {
        Some(uid) => Identity::in_pod(&host, &uid, unique),
        None => Identity::on_host(&host, unique),
    };
    Candidate { place: Place { namespace, name: arguments.lease_name.clone() }, identity }
}

/// Done when the process is asked to stop.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
