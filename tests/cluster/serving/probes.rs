//! `/livez` and `/readyz`.

use super::{Served, address, get};
use crate::harness::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn readiness_begins_with_complete_lists_and_ends_with_the_stop() {
    let mut served = Served::start("probes", &[]).await;
    served.bench.operator.ready().await;
    assert_eq!(get(served.health, "/readyz", &[]).await, (200, "ok\n".to_owned()));
    assert_eq!(get(served.health, "/livez", &[]).await, (200, "ok\n".to_owned()));
    assert_eq!(get(served.health, "/metrics", &[]).await.0, 404, "metrics have a port of their own");
    assert_eq!(get(served.metrics, "/livez", &[]).await.0, 404);
    served.bench.operator.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_lists_make_the_operator_unready_but_alive() {
    let mut bench = Bench::limited("probes-refused").await;
    bench.watching(&["--health-address", "127.0.0.1:0"]);
    bench.operator.start();
    let health = address(&bench, "--health-address").await;
    bench.wait_until("it is refused", async || !bench.operator.said_anything_like("Forbidden").is_empty()).await;
    let (status, text) = get(health, "/readyz", &[]).await;
    assert_eq!((status, text.as_str()), (503, "loading what is in the cluster\n"));
    assert_eq!(get(health, "/livez", &[]).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stands_by_is_ready() {
    let bench = Bench::idle("probes-standby").await;
    let (mut first, mut second) = (bench.replica(0, None).await, bench.replica(1, None).await);
    first.start();
    bench.wait_until("it leads", async || !first.said("leading").is_empty()).await;
    second.add(&["--health-address", "127.0.0.1:0"]);
    second.start();
    let found = async || second.said("listening").first()?["address"].as_str()?.parse().ok();
    let health = bench.wait_for("it listens", found).await;
    bench.wait_until("it is ready", async || get(health, "/readyz", &[]).await.0 == 200).await;
    assert_eq!(get(health, "/readyz", &[]).await.1, "ok: another leads\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_use_is_reported_in_a_line_and_ends_the_run() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().map(|address| (address, taken)).expect("an address");
    let mut bench = Bench::idle("probes-taken").await;
    bench.watching(&["--health-address", &taken.0.to_string()]);
    bench.operator.start();
    assert_eq!(bench.operator.ended().await, 1);
    let said = bench.operator.whole_log();
    assert!(said.contains(&format!("error: {} cannot be listened on", taken.0)), "{said}");
    assert!(said.contains("--health-address"), "{said}");
}
