//! Rest: what each change costs in requests, pinned; and that nothing at all is written when nothing changes.
//!
//! The first test here waits a minute, so this module's name puts it among the first.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Tally, TestNamespace};

/// How long the idle operator is watched.
const MINUTE: Duration = Duration::from_secs(60);

fn tally(counts: &[(&str, usize)]) -> Tally {
    counts.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_operator_writes_nothing_for_a_minute() {
    let test = TestNamespace::start("idle").await;
    test.orders().await;
    test.shop().await;
    // One that cannot become ready waits for its source; it does not try again and again.
    test.apply(crate::manifests::SMALL).await;
    test.not_ready("small", "SecretNotFound").await;
    test.at_rest().await;
    if !test.counts_requests() {
        return;
    }
    let before = test.requests().len();
    let versions = test.outputs_now("orders").await.versions();
    tokio::time::sleep(MINUTE).await;
    assert_eq!(test.tally_since(before), tally(&[]), "not a single request but the watches'");
    assert_eq!(test.outputs_now("orders").await.versions(), versions);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_costs_just_the_requests_that_it_needs() {
    let test = TestNamespace::start("requests").await;
    if !test.counts_requests() {
        return;
    }
    test.at_rest().await;
    let mut asked = test.requests().len();
    let mut costs = async |what: &str, counts: &[(&str, usize)]| {
        test.at_rest().await;
        assert_eq!(test.tally_since(asked), tally(counts), "{what}");
        asked = test.requests().len();
    };
    test.small().await;
    let created =
        [("get secrets", 1), ("create secrets", 1), ("create configmaps", 1), ("patch appcredentials/status", 1)];
    costs("a creation", &created).await;

    // Both outputs are written, since they carry one revision.
    let written =
        [("get secrets", 1), ("patch secrets", 1), ("patch configmaps", 1), ("patch appcredentials/status", 1)];
    test.edit("small", json!({"connection": {"host": "redis2.internal"}})).await;
    costs("an edit", &written).await;
    test.source("small-source", &[("token", b"second")]).await;
    costs("a source's edit", &written).await;

    test.edit("small", json!({"description": "A cache"})).await;
    costs("an edit that concerns no output", &[("get secrets", 1), ("patch appcredentials/status", 1)]).await;
    test.source("small-source", &[("token", b"second"), ("unreferenced", b"x")]).await;
    costs("another key of a source", &[("get secrets", 1)]).await;
    test.source("unreferenced", &[("a", b"b")]).await;
    costs("a Secret that nobody refers to", &[]).await;

    test.patch("Secret", "small", json!({"stringData": {"token": "mine"}})).await;
    let told = ("events", 1);
    costs("drift", &[&written[..], &[told]].concat()).await;
    test.delete("Secret", "small").await;
    let again =
        [("get secrets", 1), ("create secrets", 1), ("patch configmaps", 1), ("patch appcredentials/status", 1)];
    costs("a deleted Secret", &[&again[..], &[told]].concat()).await;
    test.delete("ConfigMap", "small").await;
    let again =
        [("get secrets", 1), ("patch secrets", 1), ("create configmaps", 1), ("patch appcredentials/status", 1)];
    costs("a deleted ConfigMap", &[&again[..], &[told]].concat()).await;

    test.delete("Secret", "small-source").await;
    let missing = [("get secrets", 1), ("patch appcredentials/status", 1), told];
    costs("a source that is deleted", &missing).await;
    test.source("small-source", &[("token", b"second")]).await;
    costs("a source that is back", &missing).await;
    test.delete("AppCredential", "small").await;
    costs("a deletion", &[]).await;
}
