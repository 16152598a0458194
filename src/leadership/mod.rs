//! Leader election: replicas that share a Lease elect one leader.
//!
//! ```text
//! acquire ──> keep, every 2 s ──> release      a clean stop: the next one takes it within a second
//!               │
//!               └─ 10 s without a renewal ──> lost: nothing more is written, the process ends
//!                  15 s without a renewal ──> another may take it
//! ```
//!
//! Where its process has crashed and the kubelet starts the container again, that one need not wait: see `claim`.
//!
//! All of it runs on a thread of its own with connections of its own (`Election`), so that nothing that the work does
//! can delay a renewal. The reverse danger is a process that renews for ever and does nothing else: work that is past
//! help (`pulse`) costs the lease, and a process that does not hear that it has lost is ended from here.
//!
//! Between a leader and the API server stands a fence (`cluster::fence`): after 10 s since the last renewal *began* no
//! write leaves this process, whatever it is doing; a process that was frozen finds it closed when it goes on. What
//! was on its way before that meets preconditions: another leader's writes have changed the versions.

mod claim;
mod term;

use std::time::Duration;

use kube::Client;
use tokio::sync::oneshot;
use tracing::{info, warn};

use crate::pulse::Pulse;
use crate::thread::{self, ThreadError};
use appcredential_cluster::Cluster;
use appcredential_cluster::fence::Fence;
use appcredential_cluster::lease::Place;
pub use claim::Identity;
use term::{DEADLINE, Term};

/// How long the process has to end by itself after its lease was lost.
const HEARS: Duration = Duration::from_secs(5);
/// How long a release is waited for.
const RELEASE: Duration = Duration::from_secs(5);

/// Who stands for election, and where.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The Lease.
    pub place: Place,
    /// What this process is called in it.
    pub identity: Identity,
}

/// Why a leader no longer is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Renewals did not get through.
    #[error("the lease could not be renewed within {} s", DEADLINE.as_secs())]
    Late,
    /// Another holds the lease.
    #[error("the lease was taken by another")]
    Taken,
    /// The process does not do its work any more.
    #[error("the lease is given up, since the work is stalled ({0})")]
    Stalled(String),
    /// The thread has ended.
    #[error("the thread that renews the lease has failed")]
    Failed,
}

/// What an election needs.
pub struct Stand<C> {
    /// Makes the client of the thread; it is called there, within its runtime.
    pub connect: C,
    /// What keeps the writes of a process back that does not lead.
    pub fence: Fence,
    /// Who stands for election.
    pub candidate: Candidate,
    /// Whether the work goes on.
    pub pulse: Pulse,
    /// Ends the process where it has not done so itself some seconds after its lease was lost.
    pub end: fn(&Lost),
}

/// An election that this process stands for, on a thread of its own.
#[derive(Debug)]
pub struct Election {
    won: oneshot::Receiver<()>,
    lost: oneshot::Receiver<Lost>,
    withdraw: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

impl Election {
    /// Stands for election.
    ///
    /// # Errors
    /// When the thread cannot be started or has no client.
    pub fn start<C, E>(stand: Stand<C>) -> Result<Self, ThreadError<E>>
    where
        C: FnOnce() -> Result<Client, E> + Send + 'static,
        E: Send + 'static,
    {
        let Stand { connect, fence, candidate, pulse, end } = stand;
        let (say_won, won) = oneshot::channel();
        let (say_lost, lost) = oneshot::channel();
        let (withdraw, withdrawn) = oneshot::channel();
        let (say_ended, ended) = oneshot::channel();
        let run = async move |cluster| {
            if let Some(why) = stand_for(cluster, fence, candidate, pulse, say_won, withdrawn).await {
                // Whoever hears it ends the process. One whose threads are blocked does not.
                let _ = say_lost.send(why.clone());
                tokio::time::sleep(HEARS).await;
                end(&why);
            }
            let _ = say_ended.send(());
        };
        thread::start("lease", || connect().map(Cluster::new), run)?;
        Ok(Self { won, lost, withdraw, ended })
    }

    /// Waits until this process leads.
    ///
    /// # Errors
    /// When the thread has failed.
    pub async fn won(&mut self) -> Result<(), Lost> {
        (&mut self.won).await.map_err(|_gone| Lost::Failed)
    }

    /// Waits until the lease is lost, and says why.
    pub async fn lost(&mut self) -> Lost {
        // The sender goes with the thread.
        (&mut self.lost).await.unwrap_or(Lost::Failed)
    }

    /// Gives the lease up if this process holds it, so that another need not wait for it. Nothing is written after this.
    pub async fn release(self) {
        if self.withdraw.send(()).is_ok() && tokio::time::timeout(RELEASE, self.ended).await.is_err() {
            warn!("the lease could not be released in time; another takes it when it has run out");
        }
    }
}

/// Stands for the lease and keeps it until it is withdrawn, or until it is lost: why.
async fn stand_for(
    cluster: Cluster,
    fence: Fence,
    candidate: Candidate,
    pulse: Pulse,
    won: oneshot::Sender<()>,
    mut withdrawn: oneshot::Receiver<()>,
) -> Option<Lost> {
    let mut term = Term::acquire(cluster, fence, candidate, &mut withdrawn).await?;
    info!(lease = %term.place(), identity = term.identity(), "leading");
    let _ = won.send(());
    let lost = term.keep(&pulse, &mut withdrawn).await;
    match lost {
        None => term.release().await,
        // No write may leave from now on, whoever is still at it.
        Some(_) => term.close(),
    }
    lost
}
