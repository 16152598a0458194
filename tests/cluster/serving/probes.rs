//! `/livez` and `/readyz`.

use super::{Served, address, get};
use crate::harness::TestNamespace;

#[tokio::test(flavor = "multi_thread")]
async fn readiness_begins_with_complete_lists_and_ends_with_the_stop() {
    let mut served = Served::start("probes", &[]).await;
    served.test.operator.ready().await;
    assert_eq!(get(served.health, "/readyz", &[]).await, (200, "ok\n".to_owned()));
    assert_eq!(get(served.health, "/livez", &[]).await, (200, "ok\n".to_owned()));
    assert_eq!(get(served.health, "/metrics", &[]).await.0, 404, "metrics have a port of their own");
    assert_eq!(get(served.metrics, "/livez", &[]).await.0, 404);
    served.test.operator.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_lists_make_the_operator_unready_but_alive() {
    let mut test = TestNamespace::limited("probes-refused").await;
    test.watching(&["--health-address", "127.0.0.1:0"]);
    test.operator.start();
    let health = address(&test, "--health-address").await;
    test.wait_until("it is refused", async || !test.operator.said_anything_like("Forbidden").is_empty()).await;
    let (status, text) = get(health, "/readyz", &[]).await;
    assert_eq!((status, text.as_str()), (503, "loading what is in the cluster\n"));
    assert_eq!(get(health, "/livez", &[]).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stands_by_is_ready() {
    let test = TestNamespace::idle("probes-standby").await;
    let (mut first, mut second) = (test.replica(0, None).await, test.replica(1, None).await);
    first.start();
    test.wait_until("it leads", async || !first.said("leading").is_empty()).await;
    second.add(&["--health-address", "127.0.0.1:0"]);
    second.start();
    let found = async || second.said("listening").first()?["address"].as_str()?.parse().ok();
    let health = test.wait_for("it listens", found).await;
    test.wait_until("it is ready", async || get(health, "/readyz", &[]).await.0 == 200).await;
    assert_eq!(get(health, "/readyz", &[]).await.1, "ok: another leads\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_use_is_reported_in_a_line_and_ends_the_run() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().map(|address| (address, taken)).expect("an address");
    let mut test = TestNamespace::idle("probes-taken").await;
    test.watching(&["--health-address", &taken.0.to_string()]);
    test.operator.start();
    assert_eq!(test.operator.ended().await, 1);
    let said = test.operator.whole_log();
    assert!(said.contains(&format!("error: {} cannot be listened on", taken.0)), "{said}");
    assert!(said.contains("--health-address"), "{said}");
}
