//! Several replicas, of which one leads: who writes, and how the work changes hands.
//!
//! The replicas are processes, each with a user of its own in the audit log. A leader is killed, stopped, frozen and cut
//! off from the API server by what stands between (`link`).

mod handover;
mod link;
mod stalled;
mod storm;

use std::time::{Duration, Instant};

use crate::harness::{Operator, TestNamespace};

/// How long after the leader was killed another leads: what a lease lasts, and a look a second.
const AFTER_KILL: Duration = Duration::from_secs(20);
/// How long after it has crashed its next process leads: far from what a lease lasts.
const AFTER_CRASH: Duration = Duration::from_secs(8);
/// How long after it was asked to stop.
const AFTER_STOP: Duration = Duration::from_secs(2);

/// Replicas of one operator, and its namespace.
struct Replicas {
    test: TestNamespace,
    all: Vec<Operator>,
}

impl Replicas {
    /// Running ones; the first of them leads.
    async fn start(name: &str, count: usize) -> Self {
        let test = TestNamespace::idle(name).await;
        let mut replicas = Self { test, all: Vec::new() };
        for index in 0..count {
            let replica = replicas.test.replica(index, None).await;
            replicas.all.push(replica);
        }
        for index in 0..count {
            replicas.all[index].start();
            if index == 0 {
                replicas.led_by(0).await;
            }
        }
        replicas
    }

    /// Who holds the lease, and how often it has changed hands.
    async fn lease(&self) -> (String, i32) {
        let lease = self.test.leases().get_opt(self.test.lease_name()).await.expect("the lease");
        let spec = lease.and_then(|lease| lease.spec).unwrap_or_default();
        (spec.holder_identity.unwrap_or_default(), spec.lease_transitions.unwrap_or_default())
    }

    /// Whether the lease is a replica's.
    async fn is_led_by(&self, index: usize) -> bool {
        self.lease().await.0.starts_with(&format!("{}_", self.test.replica_name(index)))
    }

    /// Waits until a replica leads and knows everything.
    async fn led_by(&self, index: usize) {
        self.test.wait_until("it leads", async || self.is_led_by(index).await).await;
        self.test.wait_until("it is ready", async || !self.all[index].said("ready").is_empty()).await;
    }

    /// How long until a replica leads.
    async fn taken_over_by(&self, index: usize, since: Instant) -> Duration {
        self.test.wait_until("another leads", async || self.is_led_by(index).await).await;
        since.elapsed()
    }

    /// How many writes a replica has asked for, those of the lease aside, and how they were answered.
    fn writes(&self, index: usize) -> Vec<u16> {
        let requests = self.test.requests_of(&self.test.replica_user(index));
        let ours = requests.into_iter().filter(|request| request.is_write() && request.resource != "leases");
        ours.map(|request| request.code).collect()
    }

    /// What is written by now by everybody but this one.
    fn nothing_written_by(&self, index: usize) {
        if self.test.counts_requests() {
            assert_eq!(self.writes(index), Vec::<u16>::new(), "replica {index}");
        }
    }
}
