//! The lease in the hands of this process: how it is taken, renewed and given back.
//!
//! A renewal or a release is never dropped half way, as its answer has the version that the next one needs.

use std::time::Duration;

use tokio::sync::oneshot::Receiver;
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::claim::{Claim, Says};
use super::{Candidate, Lost};
use crate::pulse::Pulse;
use appcredential_cluster::fence::Fence;
use appcredential_cluster::lease::{Lease, Place};
use appcredential_cluster::{CallError, Cluster};

/// After how long without a change another may take the lease.
const LASTS: Duration = Duration::from_secs(15);
/// How long after the beginning of the last renewal this process may write.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// Between two renewals.
const RENEW: Duration = Duration::from_secs(2);
/// How long a renewal may take: there has to be time for others.
const ATTEMPT: Duration = Duration::from_secs(3);
/// How often one that waits looks: a released lease is taken within that.
const LOOK: Duration = Duration::from_secs(1);

/// The lease that this process holds.
pub(super) struct Term {
    cluster: Cluster,
    fence: Fence,
    candidate: Candidate,
    lease: Lease,
    renewed: Instant,
}

impl Term {
    /// Waits until the lease is this process's; nothing where it has withdrawn before.
    pub(super) async fn acquire(
        cluster: Cluster,
        fence: Fence,
        candidate: Candidate,
        withdrawn: &mut Receiver<()>,
    ) -> Option<Self> {
        let mut claim = Claim::default();
        let mut told: Option<String> = None;
        let mut failures = 0_u32;
        loop {
            let began = Instant::now();
            match take(&cluster, &candidate, &mut claim).await {
                Ok(Some(lease)) => {
                    fence.open_until(began + DEADLINE);
                    return Some(Self { cluster, fence, candidate, lease, renewed: began });
                }
                Ok(None) => {
                    failures = 0;
                    let holder = claim.holder().map(str::to_owned);
                    if told != holder {
                        let who = holder.as_deref().unwrap_or_default();
                        info!(lease = %candidate.place, holder = who, "waiting for the lease");
                        told = holder;
                    }
                }
                Err(error) => {
                    failures += 1;
                    // The first, and then one a minute or so.
                    if failures % 60 == 1 {
                        warn!(lease = %candidate.place, %error, "the lease cannot be read or taken; the operator retries");
                    }
                }
            }
            if is_withdrawn(withdrawn, Instant::now() + LOOK).await {
                return None;
            }
        }
    }

    pub(super) fn place(&self) -> &Place {
        &self.candidate.place
    }

    pub(super) fn identity(&self) -> &str {
        self.candidate.identity.name()
    }

    /// Renews the lease until this process withdraws, or until that is no longer possible: why.
    pub(super) async fn keep(&mut self, pulse: &Pulse, withdrawn: &mut Receiver<()>) -> Option<Lost> {
        let mut next = self.renewed + RENEW;
        loop {
            let deadline = self.renewed + DEADLINE;
            if is_withdrawn(withdrawn, next.min(deadline)).await {
                return None;
            }
            let began = Instant::now();
            if began >= deadline {
                return Some(Lost::Late);
            }
            // Another is of more use than one that only renews.
            if let Some(stalled) = pulse.past_help() {
                return Some(Lost::Stalled(stalled));
            }
            next = began + RENEW;
            match tokio::time::timeout_at(deadline.min(began + ATTEMPT), self.write(true)).await {
                Ok(Ok(true)) => {
                    self.renewed = began;
                    self.fence.open_until(began + DEADLINE);
                }
                Ok(Ok(false)) => return Some(Lost::Taken),
                Ok(Err(error)) => {
                    warn!(lease = %self.place(), %error, "the lease could not be renewed; the operator retries")
                }
                Err(_late) => {
                    warn!(lease = %self.place(), "the lease could not be renewed in time; the operator retries")
                }
            }
        }
    }

    /// Renews the lease, or gives it up. Returns whether it was still this process's.
    async fn write(&mut self, held: bool) -> Result<bool, CallError> {
        let Candidate { place, identity } = &self.candidate;
        // One that is given up is anybody's at once.
        let (holder, lasts) = if held { (Some(identity.name()), LASTS) } else { (None, Duration::from_secs(1)) };
        match self.cluster.write_lease(place, Some(self.lease.clone()), holder, lasts).await {
            Ok(lease) => self.lease = lease,
            // The answer to an earlier renewal was lost, somebody labelled the lease, or it is another's by now.
            Err(error) if matches!(error.code(), Some(404 | 409)) => {
                let there = self.cluster.lease(place).await?;
                if there.as_ref().is_some_and(|lease| lease.holder().as_deref() != Some(identity.name())) {
                    return Ok(false);
                }
                if there.is_none() && !held {
                    return Ok(true);
                }
                match self.cluster.write_lease(place, there, holder, lasts).await {
                    Ok(lease) => self.lease = lease,
                    Err(error) if error.code() == Some(409) => return Ok(false),
                    Err(error) => return Err(error),
                }
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Lets no write pass any more.
    pub(super) fn close(&self) {
        self.fence.close();
    }

    /// Gives the lease up, so that another need not wait for it. Nothing is written after this.
    pub(super) async fn release(&mut self) {
        self.close();
        match tokio::time::timeout(ATTEMPT, self.write(false)).await {
            Ok(Ok(_)) => debug!(lease = %self.place(), "released"),
            Ok(Err(error)) => {
                warn!(lease = %self.place(), %error, "the lease could not be released; another takes it when it has run out")
            }
            Err(_late) => {
                warn!(lease = %self.place(), "the lease could not be released in time; another takes it when it has run out")
            }
        }
    }
}

/// Waits until then. Returns whether the process has withdrawn before.
async fn is_withdrawn(withdrawn: &mut Receiver<()>, until: Instant) -> bool {
    tokio::time::timeout_at(until, withdrawn).await.is_ok()
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
