//! A status that cannot be read, as after an operator of another version or by somebody's hand: what it no longer names
//! stays, and so does the finalizer. The CRD is one that allows anything, on a control plane of its own.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::harness::{Bench, Plane};
use crate::poison::loose;

/// A credential `name` with a target in the namespace `staging`.
fn manifest(name: &str) -> String {
    format!(
        "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {{name: {name}}}
spec:
  application: {{type: redis}}
  authentication: {{type: BearerToken, bearerToken: {{token: {{value: t0ken}}}}}}
  targets: [{{namespace: $staging}}]
"
    )
}

/// Puts something in the place of the whole status.
async fn replace(bench: &Bench, name: &str, status: Value) {
    let patch = json!([{"op": "replace", "path": "/status", "value": status}]).to_string();
    bench.kubectl_says(&["patch", "appcred", name, "--subresource=status", "--type=json", "-p", &patch]).await;
}

/// The outputs of a credential in `staging`, as its status names them.
fn named(bench: &Bench, name: &str) -> Vec<String> {
    ["ConfigMap", "Secret"].map(|kind| format!("{kind}/{}/{name}", bench.ns("staging"))).to_vec()
}

async fn outputs(bench: &Bench, name: &str) -> usize {
    let all = bench.versions().await;
    all.keys().filter(|place| place.ends_with(&format!("/staging/{name}"))).count()
}

/// The outputs that the status names.
async fn detached(bench: &Bench, name: &str) -> Value {
    let status = bench.credential(name).await.expect("it is there").0["status"].clone();
    let groups = status["detachedOutputs"].as_array().cloned().unwrap_or_default();
    json!(groups.iter().flat_map(|group| group["outputs"].as_array().cloned().unwrap_or_default()).collect::<Vec<_>>())
}

async fn gone(bench: &Bench, name: &str) {
    bench.wait_until("the credential is gone", async || bench.credential(name).await.is_none()).await;
    assert_eq!(outputs(bench, name).await, 0, "and its outputs went before it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_status_keeps_outputs_and_finalizer() {
    let plane = Plane::of_its_own(&loose()).await;
    let mut bench = Bench::on(plane, "unreadable").await;
    let staging = bench.add_namespace("staging").await;
    bench.allowed_in(&staging).await;
    bench.operator.start();
    bench.grant("staging", "").await;
    for name in ["live", "named", "unnamed"] {
        bench.apply_in("home", &manifest(name)).await;
        bench.ready(name).await;
    }

    // One that goes on: what the spec wants is known, what else there may be is not.
    replace(&bench, "live", json!({"environments": "hunter2"})).await;
    let told = bench.not_ready("live", "StatusUnreadable").await;
    let message = told.message("Synced");
    assert!(message.starts_with("status.") && !message.contains("hunter2"), "{message}");
    let mut places = named(&bench, "live");
    places.push("unknown".to_owned());
    bench.wait_until("both and the unknown are named", async || detached(&bench, "live").await == json!(places)).await;
    bench.at_rest().await;
    assert_eq!(outputs(&bench, "live").await, 2);
    bench.not_ready("live", "StatusUnreadable").await;
    let known = named(&bench, "live");
    let patch = Patch::Merge(json!({"status": {"detachedOutputs": [{"outputs": known}]}}));
    bench.credentials().patch_status("live", &PatchParams::default(), &patch).await.expect("written");
    bench.ready("live").await;

    // Two that are deleted while nobody looks.
    bench.operator.terminate().await;
    replace(&bench, "named", json!({"conditions": 5, "detachedOutputs": [{"outputs": named(&bench, "named")}]})).await;
    replace(&bench, "unnamed", json!({"conditions": 5})).await;
    for name in ["named", "unnamed"] {
        bench.delete("AppCredential", name).await;
    }
    bench.operator.start();
    gone(&bench, "named").await;
    bench.not_ready("unnamed", "StatusUnreadable").await;
    bench.at_rest().await;
    let unnamed = bench.not_ready("unnamed", "StatusUnreadable").await;
    assert_eq!(unnamed.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));
    assert_eq!(unnamed.0["status"]["detachedOutputs"], json!([{"outputs": ["unknown"]}]));
    assert_eq!(outputs(&bench, "unnamed").await, 2, "nothing is deleted on the word of such a status");
    // Whoever knows better says so.
    let known = named(&bench, "unnamed");
    let patch = Patch::Merge(json!({"status": {"detachedOutputs": [{"outputs": known}]}}));
    bench.credentials().patch_status("unnamed", &PatchParams::default(), &patch).await.expect("written");
    gone(&bench, "unnamed").await;
}
