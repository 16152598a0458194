//! The admission policy that must have checked a spec (`--review-policy`). The operator reads it before any list, and
//! twice a minute after that.
//!
//! What is known of it does not change while the controller runs. If the policy was created again, all conclusions are
//! void: the controller starts again, as after a restart. A policy that could not be read counts neither as present nor
//! as missing.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use tracing::{info, warn};

use crate::pulse::{BEAT, Pulse};
use appcredential_cluster::Cluster;
use appcredential_core::plan::{IN_FORCE_AFTER, Policy};

/// How long it takes until the policy is read again.
const AGAIN: Duration = Duration::from_secs(30);

/// The policy that is asked for: its name, and who reads it.
pub(super) struct Review {
    cluster: Cluster,
    name: Option<String>,
    pulse: Pulse,
}

impl Review {
    /// Returns what reads the policy of this name; without a name nothing is ever read.
    pub(super) fn new(cluster: Cluster, name: Option<String>, pulse: Pulse) -> Self {
        Self { cluster, name, pulse }
    }

    /// Reads the policy until it is certain whether it is there, and waits until it is in force.
    pub(super) async fn read(&self) -> Option<Arc<Policy>> {
        let name = self.name.as_deref()?;
        let mut is_missing = false;
        loop {
            match self.cluster.policy(name).await {
                Ok(Some(policy)) => {
                    info!(policy = name, uid = policy.uid, "specs must have been checked by this admission policy");
                    in_force(&policy).await;
                    return Some(Arc::new(policy));
                }
                // Helm makes policies last: it may be about to come.
                Ok(None) if !is_missing => is_missing = true,
                Ok(None) => {
                    warn!(
                        policy = name,
                        "the admission policy does not exist: the operator renders specs that nobody checked"
                    );
                    return None;
                }
                Err(error) => {
                    warn!(%error, policy = name, "the admission policy could not be read, so nothing is rendered until it can be; \
                        let the operator's service account get it, or start the operator without --review-policy");
                }
            }
            self.pulse.beat();
            tokio::time::sleep(BEAT).await;
        }
    }

    /// Ends when the policy is another one than is known.
    pub(super) async fn changed(&self, known: Option<&Policy>) {
        let Some(name) = self.name.as_deref() else { return std::future::pending().await };
        loop {
            tokio::time::sleep(AGAIN).await;
            match self.cluster.policy(name).await {
                Ok(policy) if policy.as_ref() == known => {}
                Ok(_) => {
                    info!(policy = name, "the admission policy was created again; all credentials are checked again");
                    return;
                }
                Err(error) => {
                    warn!(%error, policy = name, "the admission policy could not be read; its last known state holds")
                }
            }
        }
    }
}

/// Waits until a policy that was made just now is in force on every API server: what is listed from then on and stored
/// later has been seen by it.
async fn in_force(policy: &Policy) {
    // The last second is for its time, which is cut to seconds.
    let since = policy.created.saturating_add(IN_FORCE_AFTER).saturating_add(1);
    // By a clock that is wrong it is waited no longer than that takes.
    let left = since.saturating_sub(Timestamp::now().as_second()).clamp(0, IN_FORCE_AFTER + 1);
    tokio::time::sleep(Duration::from_secs(left.unsigned_abs())).await;
}
