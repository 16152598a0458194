//! One of several replicas leads: the one that holds a Lease.
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
//! Between the two, at the client, stands a fence (`cluster::fence`): after 10 s since the last renewal *began* no
//! write leaves this process, whatever it is doing; a process that was frozen finds it closed when it goes on. What
//! was on its way before that meets preconditions: another leader's writes have changed the versions.

mod claim;

use std::time::Duration;

use tokio::time::Instant;
use tracing::{debug, info, warn};

use crate::cluster::fence::Fence;
use crate::cluster::lease::{Lease, Place};
use crate::cluster::{CallError, Cluster};
pub use claim::Identity;
use claim::{Claim, Says};

/// After how long without a change another may take the lease.
const LASTS: Duration = Duration::from_secs(15);
/// How long after the beginning of the last renewal this process may write.
const DEADLINE: Duration = Duration::from_secs(10);
/// Between two renewals.
const RENEW: Duration = Duration::from_secs(2);
/// How long a renewal may take: there has to be time for others.
const ATTEMPT: Duration = Duration::from_secs(3);
/// How often one that waits looks: a released lease is taken within that.
const LOOK: Duration = Duration::from_secs(1);

/// Who stands for election, and where.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The Lease.
    pub place: Place,
    /// What this process is called in it.
    pub identity: Identity,
}

/// Why a leader no longer is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Renewals did not get through.
    #[error("the lease could not be renewed within {} s", DEADLINE.as_secs())]
    Late,
    /// Another holds the lease.
    #[error("the lease was taken by another")]
    Taken,
}

/// The lease that this process holds.
pub struct Leadership {
    cluster: Cluster,
    fence: Fence,
    candidate: Candidate,
    lease: Lease,
    renewed: Instant,
}

/// Waits until this process leads.
pub async fn acquire(cluster: Cluster, fence: Fence, candidate: Candidate) -> Leadership {
    let mut claim = Claim::default();
    let mut told: Option<String> = None;
    let mut failures = 0_u32;
    loop {
        let began = Instant::now();
        match take(&cluster, &candidate, &mut claim).await {
            Ok(Some(lease)) => {
                fence.open_until(began + DEADLINE);
                info!(lease = %candidate.place, identity = candidate.identity.name(), "leading");
                return Leadership { cluster, fence, candidate, lease, renewed: began };
            }
            Ok(None) => {
                failures = 0;
                let holder = claim.holder().map(str::to_owned);
                if told != holder {
                    info!(lease = %candidate.place, holder = holder.as_deref().unwrap_or_default(), "waiting for the lease");
                    told = holder;
                }
            }
            Err(error) => {
                failures += 1;
                // The first, and then one a minute or so.
                if failures % 60 == 1 {
                    warn!(lease = %candidate.place, %error, "the lease cannot be read or taken; it is tried again");
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Takes the lease if it may be taken.
async fn take(cluster: &Cluster, candidate: &Candidate, claim: &mut Claim) -> Result<Option<Lease>, CallError> {
    let there = cluster.lease(&candidate.place).await?;
    if let Some(lease) = &there {
        let says = Says { holder: lease.holder(), lasts: lease.lasts(), version: lease.version() };
        if !claim.may_take(&candidate.identity, says, Instant::now()) {
            return Ok(None);
        }
    }
    match cluster.write_lease(&candidate.place, there, Some(candidate.identity.name()), LASTS).await {
        Ok(lease) => Ok(Some(lease)),
        // Another was faster.
        Err(error) if error.code() == Some(409) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Leadership {
    /// Renews the lease, until that is no longer possible: why.
    pub async fn keep(&mut self) -> Lost {
        let mut next = self.renewed + RENEW;
        loop {
            let deadline = self.renewed + DEADLINE;
            tokio::time::sleep_until(next.min(deadline)).await;
            let began = Instant::now();
            if began >= deadline {
                return Lost::Late;
            }
            next = began + RENEW;
            match tokio::time::timeout_at(deadline.min(began + ATTEMPT), self.renew()).await {
                Ok(Ok(true)) => {
                    self.renewed = began;
                    self.fence.open_until(began + DEADLINE);
                }
                Ok(Ok(false)) => return Lost::Taken,
                Ok(Err(error)) => {
                    warn!(lease = %self.candidate.place, %error, "the lease could not be renewed; it is tried again")
                }
                Err(_late) => {
                    warn!(lease = %self.candidate.place, "the lease could not be renewed in time; it is tried again")
                }
            }
        }
    }

    /// One renewal; not where another holds the lease.
    async fn renew(&mut self) -> Result<bool, CallError> {
        let Candidate { place, identity } = &self.candidate;
        match self.cluster.write_lease(place, Some(self.lease.clone()), Some(identity.name()), LASTS).await {
            Ok(lease) => self.lease = lease,
            // The answer to an earlier renewal was lost, somebody labelled the lease, or it is another's by now.
            Err(error) if matches!(error.code(), Some(404 | 409)) => {
                let there = self.cluster.lease(place).await?;
                if there.as_ref().is_some_and(|lease| lease.holder().as_deref() != Some(identity.name())) {
                    return Ok(false);
                }
                match self.cluster.write_lease(place, there, Some(identity.name()), LASTS).await {
                    Ok(lease) => self.lease = lease,
                    Err(error) if error.code() == Some(409) => return Ok(false),
                    Err(error) => return Err(error),
                }
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Gives the lease up, so that another need not wait for it. Nothing is written after this.
    pub async fn release(self) {
        self.fence.close();
        let Candidate { place, .. } = &self.candidate;
        match self.cluster.write_lease(place, Some(self.lease), None, Duration::from_secs(1)).await {
            Ok(_) => debug!(lease = %place, "released"),
            Err(error) => {
                warn!(lease = %place, %error, "the lease could not be released; another takes it when it has run out")
            }
        }
    }
}
