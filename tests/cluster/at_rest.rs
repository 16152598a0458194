//! Rest: what each change costs in requests, pinned; and that nothing at all is written when nothing changes.
//!
//! The first test here waits a minute, so this module's name puts it among the first.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Bench, Tally};

/// How long the idle operator is watched.
const MINUTE: Duration = Duration::from_secs(60);

fn tally(counts: &[(&str, usize)]) -> Tally {
    counts.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_operator_writes_nothing_for_a_minute() {
    let bench = Bench::start("idle").await;
    bench.orders().await;
    bench.shop().await;
    // One that cannot become ready waits for its source; it does not try again and again.
    bench.apply(crate::manifests::SMALL).await;
    bench.not_ready("small", "SecretNotFound").await;
    bench.at_rest().await;
    if !bench.counts_requests() {
        return;
    }
    let before = bench.requests().len();
    let versions = bench.outputs_now("orders").await.versions();
    tokio::time::sleep(MINUTE).await;
    assert_eq!(bench.tally_since(before), tally(&[]), "not a single request but the watches'");
    assert_eq!(bench.outputs_now("orders").await.versions(), versions);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_costs_just_the_requests_that_it_needs() {
    let bench = Bench::start("requests").await;
    if !bench.counts_requests() {
        return;
    }
    bench.at_rest().await;
    let mut asked = bench.requests().len();
    let mut costs = async |what: &str, counts: &[(&str, usize)]| {
        bench.at_rest().await;
        assert_eq!(bench.tally_since(asked), tally(counts), "{what}");
        asked = bench.requests().len();
    };
    bench.small().await;
    let created =
        [("get secrets", 1), ("create secrets", 1), ("create configmaps", 1), ("patch appcredentials/status", 1)];
    costs("a creation", &created).await;

    // Both outputs are written, since they carry one revision.
    let written =
        [("get secrets", 1), ("patch secrets", 1), ("patch configmaps", 1), ("patch appcredentials/status", 1)];
    bench.edit("small", json!({"connection": {"host": "redis2.internal"}})).await;
    costs("an edit", &written).await;
    bench.source("small-source", &[("token", b"second")]).await;
    costs("a source's edit", &written).await;

    bench.edit("small", json!({"description": "A cache"})).await;
    costs("an edit that concerns no output", &[("get secrets", 1), ("patch appcredentials/status", 1)]).await;
    bench.source("small-source", &[("token", b"second"), ("unreferenced", b"x")]).await;
    costs("another key of a source", &[("get secrets", 1)]).await;
    bench.source("unreferenced", &[("a", b"b")]).await;
    costs("a Secret that nobody refers to", &[]).await;

    bench.patch("Secret", "small", json!({"stringData": {"token": "mine"}})).await;
    let told = ("events", 1);
    costs("drift", &[&written[..], &[told]].concat()).await;
    bench.delete("Secret", "small").await;
    let again =
        [("get secrets", 1), ("create secrets", 1), ("patch configmaps", 1), ("patch appcredentials/status", 1)];
    costs("a deleted Secret", &[&again[..], &[told]].concat()).await;
    bench.delete("ConfigMap", "small").await;
    let again =
        [("get secrets", 1), ("patch secrets", 1), ("create configmaps", 1), ("patch appcredentials/status", 1)];
    costs("a deleted ConfigMap", &[&again[..], &[told]].concat()).await;

    bench.delete("Secret", "small-source").await;
    let missing = [("get secrets", 1), ("patch appcredentials/status", 1), told];
    costs("a source that is deleted", &missing).await;
    bench.source("small-source", &[("token", b"second")]).await;
    costs("a source that is back", &missing).await;
    bench.delete("AppCredential", "small").await;
    costs("a deletion", &[]).await;
}
