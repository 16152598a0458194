//! A restart looks at each credential without reading a source, and still finds whatever changed in the meantime.
//!
//! Two credentials are in sync; one thing of the first is changed while no operator runs. The second must not cost a request.

use serde_json::json;

use crate::harness::{Bench, Tally};

/// The credential beside the one that is changed.
const BESIDE: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: beside}
spec:
  application: {type: redis}
  authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: small-source, key: other}}}}}
  connection: {host: redis.internal}
";

async fn stopped(name: &str) -> (Bench, usize) {
    let mut bench = Bench::start(name).await;
    bench.source("small-source", &[("token", b"t0ken"), ("other", b"0ther")]).await;
    bench.apply(crate::manifests::SMALL).await;
    bench.source("beside-source", &[("other", b"0ther")]).await;
    bench.apply(&BESIDE.replace("small-source", "beside-source")).await;
    bench.ready("small").await;
    bench.ready("beside").await;
    bench.at_rest().await;
    bench.operator.terminate().await;
    let asked = bench.requests().len();
    (bench, asked)
}

/// Starts it again, and says what it asked for.
async fn restarted(bench: &mut Bench, asked: usize) -> Tally {
    bench.operator.start();
    bench.operator.ready().await;
    bench.at_rest().await;
    let of_beside = bench.requests().into_iter().skip(asked).filter(|request| request.name.starts_with("beside"));
    assert_eq!(of_beside.collect::<Vec<_>>(), [], "what did not change costs nothing");
    bench.tally_since(asked)
}

fn reads(tally: &Tally) -> usize {
    tally.get("get secrets").copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changed_and_nothing_is_read() {
    let (mut bench, asked) = stopped("restart").await;
    let tally = restarted(&mut bench, asked).await;
    assert!(tally.is_empty(), "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_credential_while_no_operator_runs_is_found() {
    let (mut bench, asked) = stopped("restart-edit").await;
    bench.edit("small", json!({"connection": {"host": "redis2.internal"}})).await;
    let tally = restarted(&mut bench, asked).await;
    assert_eq!(bench.at_revision("small", 2).await.settings()["host"], "redis2.internal");
    assert!(!bench.counts_requests() || reads(&tally) == 1, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_source_while_no_operator_runs_is_found() {
    let (mut bench, asked) = stopped("restart-source").await;
    bench.source("small-source", &[("token", b"second"), ("other", b"0ther")]).await;
    restarted(&mut bench, asked).await;
    assert_eq!(bench.at_revision("small", 2).await.secret_text()["token"], "second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_lost_while_down_is_reported_and_its_output_stays() {
    let (mut bench, asked) = stopped("restart-missing").await;
    bench.delete("Secret", "small-source").await;
    restarted(&mut bench, asked).await;
    bench.not_ready("small", "SecretNotFound").await;
    assert_eq!(bench.outputs_now("small").await.secret_text()["token"], "t0ken");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_edited_or_deleted_while_down_is_reverted() {
    for kind in ["Secret", "ConfigMap"] {
        let (mut bench, asked) = stopped("restart-drift").await;
        bench.patch(kind, "small", json!({"data": {"extra": "eA=="}})).await;
        restarted(&mut bench, asked).await;
        let outputs = bench.at_revision("small", 2).await;
        assert!(!outputs.secret_text().contains_key("extra") && !outputs.settings().contains_key("extra"), "{kind}");

        bench.operator.terminate().await;
        let asked = bench.requests().len();
        bench.delete(kind, "small").await;
        restarted(&mut bench, asked).await;
        assert_eq!(bench.at_revision("small", 3).await.secret_text()["token"], "t0ken", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_lost_while_no_operator_ran_is_written_again() {
    let (mut bench, asked) = stopped("restart-status").await;
    let patch = r#"[{"op": "remove", "path": "/status"}]"#;
    bench.kubectl_says(&["patch", "appcred", "small", "--subresource=status", "--type=json", "-p", patch]).await;
    let versions = bench.outputs_now("small").await.versions();
    restarted(&mut bench, asked).await;
    bench.ready("small").await;
    assert_eq!(bench.outputs_now("small").await.versions(), versions, "the outputs are as they were");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_with_other_flags_looks_at_everything_once() {
    let (mut bench, asked) = stopped("restart-flags").await;
    let namespace = bench.namespace.clone();
    bench.operator.start_with(&["--namespace", &namespace, "--allow-metadata-prefix", "example.com"]);
    bench.operator.ready().await;
    bench.at_rest().await;
    if bench.counts_requests() {
        assert_eq!(reads(&bench.tally_since(asked)), 2, "each reads its source");
    }
    bench.operator.terminate().await;
    let asked = bench.requests().len();
    bench.operator.start();
    bench.operator.ready().await;
    bench.at_rest().await;
    assert!(bench.tally_since(asked).is_empty(), "{:?}", bench.tally_since(asked));
}
