//! One leader goes, another comes.

use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;

use super::link::Link;
use super::{AFTER_CRASH, AFTER_KILL, AFTER_STOP, Replicas};
use crate::harness::TestNamespace;

#[tokio::test(flavor = "multi_thread")]
async fn only_the_leader_writes_and_a_stop_hands_over_in_2_seconds() {
    let mut replicas = Replicas::start("replicas", 2).await;
    replicas.test.orders().await;
    replicas.nothing_written_by(1);
    let since = Instant::now();
    replicas.all[0].terminate().await;
    let took = replicas.taken_over_by(1, since).await;
    assert!(took < AFTER_STOP, "{took:?}");
    replicas.led_by(1).await;
    replicas.test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    replicas.test.at_revision("orders", 2).await;
    assert_eq!(replicas.lease().await.1, 1, "it has changed hands once");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_another_leads_in_20_seconds_and_no_edit_is_lost() {
    let mut replicas = Replicas::start("replicas-kill", 2).await;
    replicas.test.orders().await;
    let since = Instant::now();
    replicas.all[0].kill();
    replicas.test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    let took = replicas.taken_over_by(1, since).await;
    assert!(took > Duration::from_secs(10) && took < AFTER_KILL, "{took:?}");
    replicas.test.at_revision("orders", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_restarted_after_a_crash_keeps_its_lease() {
    let mut replicas = Replicas::start("replicas-crash", 2).await;
    replicas.test.orders().await;
    let (before, _) = replicas.lease().await;
    replicas.all[0].kill();
    let since = Instant::now();
    replicas.all[0].start();
    replicas.test.wait_until("the lease is renewed", async || replicas.lease().await.0 != before).await;
    let took = since.elapsed();
    let of_pod = |holder: &str| holder.rsplit_once('_').map(|(pod, _)| pod.to_owned());
    assert_eq!(of_pod(&replicas.lease().await.0), of_pod(&before), "the same pod, by name and uid, leads again");
    assert!(replicas.is_led_by(0).await);
    assert!(took < AFTER_CRASH, "{took:?}");
    replicas.test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    replicas.test.at_revision("orders", 2).await;
    replicas.nothing_written_by(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thawed_leader_writes_nothing_and_exits() {
    let mut replicas = Replicas::start("replicas-frozen", 2).await;
    replicas.test.orders().await;
    let before = replicas.writes(0).len();
    replicas.all[0].signal("STOP");
    // It has an edit to work on when it goes on.
    replicas.test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    replicas.led_by(1).await;
    let versions = replicas.test.at_revision("orders", 2).await.versions();
    replicas.all[0].signal("CONT");
    assert_eq!(replicas.all[0].ended().await, 1);
    assert!(!replicas.all[0].said_anything_like("lease").is_empty(), "it says why");
    assert_eq!(replicas.writes(0).len(), before);
    assert_eq!(replicas.test.outputs_now("orders").await.versions(), versions);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_cut_off_ends_before_its_lease_can_be_taken() {
    let test = TestNamespace::idle("replicas-cut").await;
    let link = Link::to(&test).await;
    let first = test.replica(0, Some(link.address())).await;
    let second = test.replica(1, None).await;
    let mut replicas = Replicas { test, all: vec![first, second] };
    replicas.all[0].start();
    replicas.led_by(0).await;
    replicas.all[1].start();
    replicas.test.orders().await;
    let since = Instant::now();
    link.hold();
    assert_eq!(replicas.all[0].ended().await, 1);
    let ended = since.elapsed();
    assert!(ended < Duration::from_secs(13), "{ended:?}");
    assert!(replicas.is_led_by(0).await, "nobody else has it yet");
    replicas.taken_over_by(1, since).await;
    replicas.test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    replicas.test.at_revision("orders", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_delay_of_a_third_of_a_second_keeps_the_leader() {
    let test = TestNamespace::idle("replicas-slow").await;
    let link = Link::to(&test).await;
    let first = test.replica(0, Some(link.address())).await;
    let mut replicas = Replicas { test, all: vec![first] };
    replicas.all[0].start();
    replicas.led_by(0).await;
    link.delay(Duration::from_millis(300));
    replicas.test.orders().await;
    replicas.test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    replicas.test.at_revision("orders", 2).await;
    assert!(replicas.all[0].is_running());
    assert_eq!(replicas.lease().await.1, 0);
}

/// A lease as another would have written it whose clock is far off.
fn held_by_another(renewed: &str) -> serde_json::Value {
    json!({"holderIdentity": "somebody", "leaseDurationSeconds": 4, "acquireTime": renewed, "renewTime": renewed, "leaseTransitions": 6})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_clock_of_the_other_says_changes_nothing() {
    for (name, renewed) in [("past", "2001-01-01T00:00:00.000000Z"), ("future", "2101-01-01T00:00:00.000000Z")] {
        let test = TestNamespace::idle(&format!("replicas-{name}")).await;
        let only = test.replica(0, None).await;
        let mut replicas = Replicas { test, all: vec![only] };
        let lease = json!({"metadata": {"name": replicas.test.lease_name()}, "spec": held_by_another(renewed)});
        let lease: Lease = serde_json::from_value(lease).expect("a lease");
        replicas.test.leases().create(&PostParams::default(), &lease).await.expect("created");
        replicas.all[0].start();
        replicas.test.wait_until("it waits", async || !replicas.all[0].said("waiting for the lease").is_empty()).await;
        let since = Instant::now();
        // As long as it is renewed, by whatever clock, it stays.
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let label = format!("{}", since.elapsed().as_millis());
            let patch = json!({"spec": held_by_another(renewed), "metadata": {"labels": {"renewal": label}}});
            let (leases, params) = (replicas.test.leases(), PatchParams::default());
            leases.patch(replicas.test.lease_name(), &params, &Patch::Merge(patch)).await.expect("renewed");
            assert_eq!(replicas.lease().await.0, "somebody", "{name}");
        }
        let last = Instant::now();
        replicas.led_by(0).await;
        assert!(last.elapsed() >= Duration::from_secs(3), "{name}: {:?}", last.elapsed());
    }
}
