//! A namespace that is restored from a backup: everything comes back from YAML under new uids, outputs among it, whose marks
//! name credentials that no longer exist.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{TestNamespace, text};

/// The garbage collector takes its time on a busy machine.
const COLLECTED: Duration = Duration::from_secs(60);

/// The label that all outputs have: a backup leaves them out by it.
const OUTPUTS: &str = "app.kubernetes.io/managed-by=appcredential-operator";

/// A credential like `orders` whose outputs are to be retained.
const KEPT: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: kept}
spec:
  application: {type: redis}
  authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: small-source, key: token}}}}}
  connection: {host: redis.internal}
  targets: [{deletionPolicy: Retain}]
";

/// What a backup tool keeps of an object: no uid, no version, no status; owner references where it is told to.
fn saved(object: &Value, owners: bool) -> Value {
    let mut object = object.clone();
    let fields = object.as_object_mut().expect("an object");
    fields.remove("status");
    let metadata = fields["metadata"].as_object_mut().expect("metadata");
    let kept = ["name", "labels", "annotations"];
    metadata.retain(|field, _| kept.contains(&field.as_str()) || owners && field == "ownerReferences");
    object
}

/// The objects of these kinds, as they are saved.
async fn backup(test: &TestNamespace, kinds: &str, selector: &str, owners: bool) -> Vec<Value> {
    let list = test.kubectl_says(&["get", kinds, "--selector", selector, "--output=json"]).await;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let items = list["items"].as_array().expect("a list").iter();
    // Kubernetes makes this one itself.
    let items = items.filter(|object| object["metadata"]["name"] != "kube-root-ca.crt");
    items.map(|object| saved(object, owners)).collect()
}

async fn restore(test: &TestNamespace, objects: &[Value]) {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string();
    let output = test.kubectl(&["create", "--filename=-"], &list).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Everything goes: credentials first, while the operator runs, then what is left.
async fn disaster(test: &TestNamespace) {
    test.kubectl_says(&["delete", "appcredentials", "--all", "--timeout=30s"]).await;
    test.kubectl_says(&["delete", "secrets", "--all"]).await;
    test.kubectl_says(&["delete", "configmaps", "--all"]).await;
}

/// `orders` and `kept`, ready.
async fn started(name: &str) -> TestNamespace {
    let test = TestNamespace::start(name).await;
    test.orders().await;
    test.source("small-source", &[("token", b"t0ken")]).await;
    test.apply(KEPT).await;
    test.ready("kept").await;
    test
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_outputs_is_restored_whole_and_in_any_order() {
    let test = started("restored").await;
    let not_outputs = OUTPUTS.replace('=', "!=");
    let sources = backup(&test, "secrets,configmaps", &not_outputs, false).await;
    assert_eq!(sources.len(), 3, "the sources, and no output");
    let credentials = backup(&test, "appcredentials", "", false).await;
    disaster(&test).await;

    restore(&test, &credentials).await;
    test.not_ready("orders", "SecretNotFound").await;
    restore(&test, &sources).await;
    test.ready("orders").await;
    test.ready("kept").await;
    let outputs = test.at_revision("orders", 1).await;
    assert_eq!(
        outputs.secret_text(),
        text(&[("password", "hunter2"), ("replica-password", "replica2"), ("username", "orders_app")])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_outputs_stay_foreign_until_they_are_deleted() {
    let test = started("restored-outputs").await;
    let objects = backup(&test, "secrets,configmaps", "", false).await;
    let credentials = backup(&test, "appcredentials", "", false).await;
    disaster(&test).await;

    // As backup tools do it: Secrets and ConfigMaps first.
    restore(&test, &objects).await;
    restore(&test, &credentials).await;
    let kept = test.ready("kept").await;
    let taken_over = test.outputs_now("kept").await;
    let annotations = taken_over.secret.metadata.annotations.clone().unwrap_or_default();
    assert_eq!(annotations["appcredential.io/owner-uid"], kept.uid(), "what is to be retained is taken over");

    let told = test.not_ready("orders", "NotOwned").await;
    assert!(
        told.message("Ready").contains("was left by a former credential of this name"),
        "{}",
        told.message("Ready")
    );
    assert_eq!(test.outputs_now("orders").await.secret_text()["password"], "hunter2", "applications go on with it");

    let marked = format!("--selector={OUTPUTS}");
    test.kubectl_says(&["delete", "secrets,configmaps", &marked]).await;
    let orders = test.ready("orders").await;
    let annotations = test.outputs_now("orders").await.secret.metadata.annotations.unwrap_or_default();
    assert_eq!(annotations["appcredential.io/owner-uid"], orders.uid());
    test.ready("kept").await;
    test.at_rest().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_restored_with_owners_are_collected_and_rewritten() {
    let test = started("restored-owners").await;
    if !test.plane.collects_garbage() {
        return;
    }
    let objects = backup(&test, "secrets,configmaps", "", true).await;
    let credentials = backup(&test, "appcredentials", "", true).await;
    disaster(&test).await;

    restore(&test, &objects).await;
    restore(&test, &credentials).await;
    let ready = async || {
        let credential = test.credential("orders").await?;
        (credential.condition("Ready").0 == "True").then_some(credential)
    };
    let orders = test.wait_within(COLLECTED, "Kubernetes has collected them, and they are written", ready).await;
    let outputs = test.outputs_now("orders").await;
    let owners = outputs.secret.metadata.owner_references.unwrap_or_default();
    assert_eq!(owners[0].uid, orders.uid());
}
