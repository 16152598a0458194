//! A restart looks at each credential without reading a source, and still finds whatever changed in the meantime.
//!
//! Two credentials are in sync; one thing of the first is changed while no operator runs. The second must not cost a request.

use serde_json::json;

use crate::harness::{Tally, TestNamespace};

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

async fn stopped(name: &str) -> (TestNamespace, usize) {
    let mut test = TestNamespace::start(name).await;
    test.source("small-source", &[("token", b"t0ken"), ("other", b"0ther")]).await;
    test.apply(crate::manifests::SMALL).await;
    test.source("beside-source", &[("other", b"0ther")]).await;
    test.apply(&BESIDE.replace("small-source", "beside-source")).await;
    test.ready("small").await;
    test.ready("beside").await;
    test.at_rest().await;
    test.operator.terminate().await;
    let asked = test.requests().len();
    (test, asked)
}

/// Starts it again, and says what it asked for.
async fn restarted(test: &mut TestNamespace, asked: usize) -> Tally {
    test.operator.start();
    test.operator.ready().await;
    test.at_rest().await;
    let of_beside = test.requests().into_iter().skip(asked).filter(|request| request.name.starts_with("beside"));
    assert_eq!(of_beside.collect::<Vec<_>>(), [], "what did not change costs nothing");
    test.tally_since(asked)
}

fn reads(tally: &Tally) -> usize {
    tally.get("get secrets").copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changed_and_nothing_is_read() {
    let (mut test, asked) = stopped("restart").await;
    let tally = restarted(&mut test, asked).await;
    assert!(tally.is_empty(), "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_credential_while_no_operator_runs_is_found() {
    let (mut test, asked) = stopped("restart-edit").await;
    test.edit("small", json!({"connection": {"host": "redis2.internal"}})).await;
    let tally = restarted(&mut test, asked).await;
    assert_eq!(test.at_revision("small", 2).await.settings()["host"], "redis2.internal");
    assert!(!test.counts_requests() || reads(&tally) == 1, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_source_while_no_operator_runs_is_found() {
    let (mut test, asked) = stopped("restart-source").await;
    test.source("small-source", &[("token", b"second"), ("other", b"0ther")]).await;
    restarted(&mut test, asked).await;
    assert_eq!(test.at_revision("small", 2).await.secret_text()["token"], "second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_lost_while_down_is_reported_and_its_output_stays() {
    let (mut test, asked) = stopped("restart-missing").await;
    test.delete("Secret", "small-source").await;
    restarted(&mut test, asked).await;
    test.not_ready("small", "SecretNotFound").await;
    assert_eq!(test.outputs_now("small").await.secret_text()["token"], "t0ken");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_edited_or_deleted_while_down_is_reverted() {
    for kind in ["Secret", "ConfigMap"] {
        let (mut test, asked) = stopped("restart-drift").await;
        test.patch(kind, "small", json!({"data": {"extra": "eA=="}})).await;
        restarted(&mut test, asked).await;
        let outputs = test.at_revision("small", 2).await;
        assert!(!outputs.secret_text().contains_key("extra") && !outputs.settings().contains_key("extra"), "{kind}");

        test.operator.terminate().await;
        let asked = test.requests().len();
        test.delete(kind, "small").await;
        restarted(&mut test, asked).await;
        assert_eq!(test.at_revision("small", 3).await.secret_text()["token"], "t0ken", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_lost_while_no_operator_ran_is_written_again() {
    let (mut test, asked) = stopped("restart-status").await;
    let patch = r#"[{"op": "remove", "path": "/status"}]"#;
    test.kubectl_says(&["patch", "appcred", "small", "--subresource=status", "--type=json", "-p", patch]).await;
    let versions = test.outputs_now("small").await.versions();
    restarted(&mut test, asked).await;
    test.ready("small").await;
    assert_eq!(test.outputs_now("small").await.versions(), versions, "the outputs are as they were");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_with_other_flags_looks_at_everything_once() {
    let (mut test, asked) = stopped("restart-flags").await;
    let namespace = test.namespace.clone();
    test.operator.start_with(&["--namespace", &namespace, "--allow-metadata-prefix", "example.com"]);
    test.operator.ready().await;
    test.at_rest().await;
    if test.counts_requests() {
        assert_eq!(reads(&test.tally_since(asked)), 2, "each reads its source");
    }
    test.operator.terminate().await;
    let asked = test.requests().len();
    test.operator.start();
    test.operator.ready().await;
    test.at_rest().await;
    assert!(test.tally_since(asked).is_empty(), "{:?}", test.tally_since(asked));
}
