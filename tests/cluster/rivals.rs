//! What would go on for ever: another writer on an output, and credentials that read each other's outputs.

use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::harness::TestNamespace;

/// The garbage collector takes its time on a busy machine.
const COLLECTED: Duration = Duration::from_secs(90);

/// How long the other writer goes on. That time is what is tested.
const RIVALRY: Duration = Duration::from_secs(10);

/// A credential whose token comes from the key `token` of this Secret; its own Secret has the same key.
fn reads(name: &str, source: &str) -> Value {
    json!({
        "apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": name},
        "spec": {
            "application": {"type": "redis"},
            "authentication": {"type": "BearerToken", "bearerToken": {"token": from(source)}},
            "connection": {"host": "redis.internal"},
        },
    })
}

fn from(source: &str) -> Value {
    json!({"valueFrom": {"secretKeyRef": {"name": source, "key": "token"}}})
}

async fn read_from(test: &TestNamespace, name: &str, source: &str) {
    test.edit(name, json!({"authentication": {"bearerToken": {"token": from(source)}}})).await;
}

fn writes(test: &TestNamespace) -> usize {
    let requests = test.requests().into_iter().filter(|request| request.is_write() && request.code < 300);
    requests.filter(|request| request.resource != "events").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_writer_on_an_output_is_named_and_slowed_down() {
    let test = TestNamespace::start("rival").await;
    test.orders().await;
    test.at_rest().await;
    let before = writes(&test);
    let params = PatchParams { field_manager: Some("rival".to_owned()), ..PatchParams::default() };
    let secrets = test.secrets();
    let (mut sent, until) = (0_u32, Instant::now() + RIVALRY);
    while Instant::now() < until {
        let patch = json!({"stringData": {"password": format!("mine-{sent}")}});
        secrets.patch("orders", &params, &Patch::Merge(&patch)).await.expect("patched");
        sent += 1;
    }
    let contested = |credential: &crate::harness::Credential| {
        credential.condition("Synced") == ("False".to_owned(), "Contested".to_owned())
            && credential.message("Synced").contains("\"rival\"")
    };
    test.credential_when("orders", "Synced=False/Contested", contested).await;
    if test.counts_requests() {
        let writes = writes(&test) - before;
        // Five answers at once and some more with a pause, each of at most two outputs and a status.
        assert!(writes <= 30, "{writes} writes against {sent}");
    }
    let mine = |outputs: &crate::harness::Outputs| outputs.secret_text()["password"] == "hunter2";
    test.wait_for("the output is restored", async || test.outputs("orders").await.filter(mine)).await;
    // An edit does not wait for any of that.
    test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    let arrived = |outputs: &crate::harness::Outputs| outputs.settings()["host"] == "pg2.internal";
    test.wait_for("the edit arrives", async || test.outputs("orders").await.filter(arrived)).await;
}

/// Credentials in a line, each of which reads the one before; the first reads a Secret of somebody's.
async fn in_line(test: &TestNamespace, names: &[&str]) {
    test.source("seed", &[("token", b"t0ken")]).await;
    let mut source = "seed";
    for name in names {
        test.apply_one(reads(name, source)).await;
        test.ready(name).await;
        source = name;
    }
    test.at_rest().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closes_a_ring_of_credentials_is_refused_with_its_name() {
    for names in [&["a", "b"][..], &["a", "b", "c"]] {
        let test = TestNamespace::start(&format!("ring-{}", names.len())).await;
        in_line(&test, names).await;
        let (first, last) = (names[0], names[names.len() - 1]);
        let before = writes(&test);
        read_from(&test, first, last).await;
        let refused = test.not_ready(first, "ReferenceCycle").await;
        assert_eq!(refused.condition("Accepted"), ("False".to_owned(), "ReferenceCycle".to_owned()));
        let message = refused.message("Accepted");
        for name in names {
            assert!(message.contains(&format!("{}/{name}", test.namespace)), "{message}");
        }
        test.at_rest().await;
        if test.counts_requests() {
            let writes = writes(&test) - before;
            assert!(writes <= 20, "{writes}");
        }
        assert_eq!(test.outputs_now(first).await.secret_text()["token"], "t0ken", "the last good output stays");
        // An edit of another member opens the ring, and wakes the one that waits for it.
        read_from(&test, names[1], "seed").await;
        test.ready(first).await;
        test.ready(last).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_credential_never_sees_its_predecessors_end() {
    let test = TestNamespace::start("replaced").await;
    test.source("seed", &[("token", b"t0ken")]).await;
    let replace = async |index: usize| {
        let name = format!("app-{index}");
        test.apply_one(reads(&name, "seed")).await;
        test.ready(&name).await;
        // As `kubectl replace --force` does it, while the one before is being reconciled.
        for _ in 0..4 {
            test.edit(&name, json!({"connection": {"port": 6380}})).await;
            test.credentials().delete(&name, &DeleteParams::background()).await.expect("deleted");
            test.apply_one(reads(&name, "seed")).await;
        }
        test.credentials().delete(&name, &DeleteParams::background()).await.expect("deleted");
        test.apply_one(reads(&name, "missing")).await;
    };
    let all: FuturesUnordered<_> = (0..12).map(replace).collect();
    all.collect::<Vec<()>>().await;
    test.at_rest().await;
    for index in 0..12 {
        let credential = test.credential(&format!("app-{index}")).await.expect("it is there");
        assert_eq!(credential.condition("Ready"), ("False".to_owned(), "SecretNotFound".to_owned()), "{index}");
    }
    // And what became of the one before is in nobody's way.
    test.source("missing", &[("token", b"t0ken")]).await;
    for index in 0..12 {
        let name = format!("app-{index}");
        let ready = async || test.credential(&name).await.filter(|it| it.condition("Ready").0 == "True");
        test.wait_within(COLLECTED, "Kubernetes has collected the former outputs", ready).await;
    }
}
