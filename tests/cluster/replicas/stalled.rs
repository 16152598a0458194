//! A leader whose threads are all blocked, by what renders: the lease is renewed by another thread, and not for ever.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use appcredential_cluster::client::{Access, Gear};
use appcredential_cluster::fence::Fence;
use appcredential_cluster::lease::Place;
use appcredential_cluster::observer::SharedObserver;
use appcredential_core::render;
use appcredential_core::resolve;
use appcredential_operator::controller::job::Render;
use appcredential_operator::controller::{self, Options};
use appcredential_operator::leadership::{Candidate, Election, Identity, Lost, Stand};
use appcredential_operator::metrics::Metrics;
use appcredential_operator::observer::ClientObserver;
use appcredential_operator::pulse::{Limits, Pulse};

use super::Replicas;
use crate::harness::SYSTEM;
use crate::harness::TestNamespace;

/// How long a lease lasts.
const LASTS: Duration = Duration::from_secs(15);
/// Whatever else happens, a renewal is due by then.
const RENEWED: Duration = Duration::from_secs(6);

/// An operator in this process, whose work has a single thread.
struct Leader {
    kubeconfig: PathBuf,
    namespace: String,
    candidate: Candidate,
    pulse: Pulse,
    render: Render,
    end: fn(&Lost),
}

impl Leader {
    async fn of(test: &TestNamespace, patience: Duration, render: Render, end: fn(&Lost)) -> Self {
        let place = Place { namespace: SYSTEM.to_owned(), name: test.lease_name().to_owned() };
        let identity = Identity::on_host(&test.replica_name(0), 1);
        let limits = Limits { beat: Duration::from_secs(7), patience, ..Limits::default() };
        Self {
            kubeconfig: test.replica(0, None).await.kubeconfig().to_owned(),
            namespace: test.namespace.clone(),
            candidate: Candidate { place, identity },
            pulse: Pulse::with(limits),
            render,
            end,
        }
    }

    /// Leads until the lease is lost.
    fn run(self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (fence, pulse) = (Fence::closed(), self.pulse);
            let gear = Gear {
                fence: fence.clone(),
                observer: SharedObserver::new(ClientObserver { metrics: Metrics::default(), pulse: pulse.clone() }),
            };
            let access = Access::find(Some(&self.kubeconfig), None, gear).await.expect("a kubeconfig");
            let client = access.client().expect("a client");
            let (connect, candidate) = (move || access.client(), self.candidate);
            let stand = Stand { connect, fence, candidate, pulse: pulse.clone(), end: self.end };
            let mut election = Election::start(stand).expect("an election");
            election.won().await.expect("it leads");
            let options =
                Options { namespaces: vec![self.namespace], render: self.render, pulse, ..Options::default() };
            tokio::select! {
                () = controller::run(client, options, std::future::pending()) => {}
                _ = election.lost() => {}
            }
        });
    }
}

fn wait_while(blocked: &AtomicBool) {
    while blocked.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

async fn version_of_lease(test: &TestNamespace) -> Option<String> {
    let lease = test.leases().get_opt(test.lease_name()).await.expect("an answer");
    lease.and_then(|lease| lease.metadata.resource_version)
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_work_does_not_delay_a_renewal_and_fails_liveness() {
    static BLOCKED: AtomicBool = AtomicBool::new(true);
    fn blocks(identity: &appcredential_api::Identity, filled: &resolve::Filled) -> render::Rendered {
        wait_while(&BLOCKED);
        render::outputs(identity, filled)
    }
    let test = TestNamespace::idle("lease-blocked").await;
    let leader = Leader::of(&test, Duration::from_secs(600), blocks, |lost| panic!("{lost}")).await;
    let pulse = leader.pulse.clone();
    std::thread::spawn(move || leader.run());
    let replicas = Replicas { test, all: Vec::new() };
    replicas.test.wait_until("it leads", async || replicas.is_led_by(0).await).await;
    replicas.test.wait_until("it is ready", async || pulse.ready().is_ok()).await;
    replicas.test.source("small-source", &[("token", b"t0ken")]).await;
    replicas.test.apply(crate::manifests::SMALL).await;
    replicas.test.wait_until("its work is blocked", async || pulse.alive().is_err()).await;
    // Longer than the lease lasts: every renewal is seen.
    let (began, mut last, mut renewed) = (Instant::now(), version_of_lease(&replicas.test).await, Instant::now());
    while began.elapsed() < LASTS + RENEWED {
        replicas
            .test
            .wait_within(RENEWED, "the lease is renewed", async || {
                let now = version_of_lease(&replicas.test).await;
                (now != last).then(|| last = now)
            })
            .await;
        assert!(pulse.alive().is_err(), "the work is blocked all the time");
        assert!(renewed.elapsed() < RENEWED, "{:?}", renewed.elapsed());
        renewed = Instant::now();
    }
    assert!(replicas.is_led_by(0).await);
    assert_eq!(replicas.lease().await.1, 0);
    BLOCKED.store(false, Ordering::Relaxed);
    replicas.test.ready("small").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_stays_blocked_costs_the_lease_and_ends_the_process() {
    static BLOCKED: AtomicBool = AtomicBool::new(true);
    static ENDED: AtomicBool = AtomicBool::new(false);
    fn blocks(identity: &appcredential_api::Identity, filled: &resolve::Filled) -> render::Rendered {
        wait_while(&BLOCKED);
        render::outputs(identity, filled)
    }
    let test = TestNamespace::idle("lease-given-up").await;
    let leader = Leader::of(&test, Duration::from_secs(1), blocks, |lost| {
        assert!(matches!(lost, Lost::Stalled(_)), "{lost}");
        ENDED.store(true, Ordering::Relaxed);
    });
    let leader = leader.await;
    let pulse = leader.pulse.clone();
    let work = std::thread::spawn(move || leader.run());
    let second = test.replica(1, None).await;
    let mut replicas = Replicas { test, all: vec![second] };
    replicas.test.wait_until("it leads", async || replicas.is_led_by(0).await).await;
    replicas.test.wait_until("it is ready", async || pulse.ready().is_ok()).await;
    replicas.test.source("small-source", &[("token", b"t0ken")]).await;
    replicas.test.apply(crate::manifests::SMALL).await;
    replicas.test.wait_until("its work is blocked", async || pulse.alive().is_err()).await;
    replicas.all[0].start();
    replicas.test.wait_until("the process is ended", async || ENDED.load(Ordering::Relaxed)).await;
    replicas.test.wait_until("another leads", async || replicas.is_led_by(1).await).await;
    replicas.test.ready("small").await;
    let versions = replicas.test.outputs_now("small").await.versions();
    BLOCKED.store(false, Ordering::Relaxed);
    work.join().expect("the work hears that the lease is lost");
    replicas.nothing_written_by(0);
    assert_eq!(replicas.test.outputs_now("small").await.versions(), versions);
}
