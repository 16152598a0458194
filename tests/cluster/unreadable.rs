//! A status that cannot be read, as after an operator of another version or by somebody's hand: what it no longer names
//! stays, and so does the finalizer. The CRD is one that allows anything, on a control plane of its own.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use crate::harness::{Plane, TestNamespace};
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
async fn replace(test: &TestNamespace, name: &str, status: Value) {
    let patch = json!([{"op": "replace", "path": "/status", "value": status}]).to_string();
    test.kubectl_says(&["patch", "appcred", name, "--subresource=status", "--type=json", "-p", &patch]).await;
}

/// The outputs of a credential in `staging`, as its status names them.
fn named(test: &TestNamespace, name: &str) -> Vec<String> {
    ["ConfigMap", "Secret"].map(|kind| format!("{kind}/{}/{name}", test.ns("staging"))).to_vec()
}

async fn outputs(test: &TestNamespace, name: &str) -> usize {
    let all = test.versions().await;
    all.keys().filter(|place| place.ends_with(&format!("/staging/{name}"))).count()
}

/// The outputs that the status names.
async fn detached(test: &TestNamespace, name: &str) -> Value {
    let status = test.credential(name).await.expect("it is there").0["status"].clone();
    let groups = status["detachedOutputs"].as_array().cloned().unwrap_or_default();
    json!(groups.iter().flat_map(|group| group["outputs"].as_array().cloned().unwrap_or_default()).collect::<Vec<_>>())
}

async fn gone(test: &TestNamespace, name: &str) {
    test.wait_until("the credential is gone", async || test.credential(name).await.is_none()).await;
    assert_eq!(outputs(test, name).await, 0, "and its outputs went before it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_status_keeps_outputs_and_finalizer() {
    let plane = Plane::of_its_own(&loose()).await;
    let mut test = TestNamespace::on(plane, "unreadable").await;
    let staging = test.add_namespace("staging").await;
    test.allowed_in(&staging).await;
    test.operator.start();
    test.grant("staging", "").await;
    for name in ["live", "named", "unnamed"] {
        test.apply_in("home", &manifest(name)).await;
        test.ready(name).await;
    }

    // One that goes on: what the spec wants is known, what else there may be is not.
    replace(&test, "live", json!({"environments": "hunter2"})).await;
    let told = test.not_ready("live", "StatusUnreadable").await;
    let message = told.message("Synced");
    assert!(message.starts_with("status.") && !message.contains("hunter2"), "{message}");
    let mut places = named(&test, "live");
    places.push("unknown".to_owned());
    test.wait_until("both and the unknown are named", async || detached(&test, "live").await == json!(places)).await;
    test.at_rest().await;
    assert_eq!(outputs(&test, "live").await, 2);
    test.not_ready("live", "StatusUnreadable").await;
    let known = named(&test, "live");
    let patch = Patch::Merge(json!({"status": {"detachedOutputs": [{"outputs": known}]}}));
    test.credentials().patch_status("live", &PatchParams::default(), &patch).await.expect("written");
    test.ready("live").await;

    // Two that are deleted while nobody looks.
    test.operator.terminate().await;
    replace(&test, "named", json!({"conditions": 5, "detachedOutputs": [{"outputs": named(&test, "named")}]})).await;
    replace(&test, "unnamed", json!({"conditions": 5})).await;
    for name in ["named", "unnamed"] {
        test.delete("AppCredential", name).await;
    }
    test.operator.start();
    gone(&test, "named").await;
    test.not_ready("unnamed", "StatusUnreadable").await;
    test.at_rest().await;
    let unnamed = test.not_ready("unnamed", "StatusUnreadable").await;
    assert_eq!(unnamed.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));
    assert_eq!(unnamed.0["status"]["detachedOutputs"], json!([{"outputs": ["unknown"]}]));
    assert_eq!(outputs(&test, "unnamed").await, 2, "nothing is deleted on the word of such a status");
    // Whoever knows better says so.
    let known = named(&test, "unnamed");
    let patch = Patch::Merge(json!({"status": {"detachedOutputs": [{"outputs": known}]}}));
    test.credentials().patch_status("unnamed", &PatchParams::default(), &patch).await.expect("written");
    gone(&test, "unnamed").await;
}
