//! Labels and annotations that a target adds: what would be an order to another controller is refused, what the operator
//! does not know has to be allowed, and what is no longer wanted is taken off again.

use serde_json::{Value, json};

use super::app;
use crate::harness::TestNamespace;

/// Keys that order something, or that are ours.
const ORDERS: [&str; 26] = [
    "appcredential.io/name",
    "appcredential.io/owner-uid",
    "appcredential.io/retained-from",
    "x.appcredential.io/y",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/created-by",
    "kubernetes.io/service-account.name",
    "kubernetes.io/enforce-mountable-secrets",
    "kubectl.kubernetes.io/last-applied-configuration",
    "pod-security.kubernetes.io/enforce",
    "node.k8s.io/x",
    "autoscaling.x-k8s.io.k8s.io/x",
    "argocd.argoproj.io/sync-options",
    "argocd.argoproj.io/secret-type",
    "reflector.v1.k8s.emberstack.com/reflection-allowed",
    "replicator.v1.mittwald.de/replicate-to",
    "reloader.stakater.com/match",
    "kustomize.toolkit.fluxcd.io/prune",
    "meta.helm.sh/release-name",
    "helm.sh/resource-policy",
    "cert-manager.io/inject-ca-from",
    "sealedsecrets.bitnami.com/managed",
    "istio.io/rev",
    "service.beta.openshift.io/serving-cert-secret-name",
    "owner",
    "grafana_dashboard",
];

const REFUSED: &str = "has a key of Kubernetes or another controller, or a plain one that is not allowed";

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_order_something_are_refused_wherever_they_stand() {
    let test = TestNamespace::start_with_others("orders", &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    let before = test.ready("app").await;
    test.at_rest().await;
    let versions = test.versions().await;
    for (index, key) in ORDERS.into_iter().enumerate() {
        let field = if index.is_multiple_of(2) { "labels" } else { "annotations" };
        let target = json!({"namespace": test.ns("staging"), field: {key: "x"}});
        let specs = [
            json!({"targets": [target]}),
            json!({"targets": null, "environments": [{"name": "qa", "targets": [target]}]}),
        ];
        for spec in specs {
            let patch = kube::api::Patch::Merge(json!({"spec": spec}));
            let answer = test.credentials().patch("app", &Default::default(), &patch).await;
            let said = answer.expect_err(key).to_string();
            assert!(said.contains(REFUSED) && said.contains(field), "{key}: {said}");
        }
    }
    test.at_rest().await;
    assert_eq!(test.versions().await, versions);
    assert_eq!(test.credential("app").await.unwrap().0["metadata"]["generation"], before.0["metadata"]["generation"]);
}

/// Labels and annotations of an output that are neither ours nor Kubernetes'.
async fn added(test: &TestNamespace, kind: &str) -> [Value; 2] {
    let object = test.get_in("staging", kind, "app").await.expect("it is there");
    ["labels", "annotations"].map(|field| {
        let mut map = object["metadata"][field].as_object().cloned().unwrap_or_default();
        map.retain(|key, _| !key.starts_with("appcredential.io/") && key != "app.kubernetes.io/managed-by");
        Value::Object(map)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn prefixed_keys_need_permission_and_go_with_the_target() {
    let mut test = TestNamespace::start_with_others("prefix", &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging, labels: {team: shop, example.com/team: shop}, annotations: {a.example.com/why: 'to see, whether: it works'}}]")).await;
    let message = test.not_ready("app", "InvalidSpec").await.message("Accepted");
    let unknown = "has a prefix that this operator does not allow; ask for it in --allow-metadata-prefix";
    let wanted = format!(
        "spec.targets[0].labels[example.com/team]: {unknown}; spec.targets[0].annotations[a.example.com/why]: {unknown}"
    );
    assert_eq!(message, wanted);
    assert!(test.versions().await.is_empty());

    test.operator.terminate().await;
    test.watching(&["--allow-metadata-prefix", "example.com"]);
    test.operator.start();
    test.ready("app").await;
    let labels = json!({"team": "shop", "example.com/team": "shop"});
    let annotations = json!({"a.example.com/why": "to see, whether: it works"});
    for kind in ["Secret", "ConfigMap"] {
        assert_eq!(added(&test, kind).await, [labels.clone(), annotations.clone()], "{kind}");
    }
    // What others put beside them stays; what they change of ours is put right.
    test.patch_in(
        "staging",
        "Secret",
        "app",
        json!({"metadata": {"labels": {"theirs": "x", "team": "mine"}, "annotations": {"theirs": "y"}}}),
    )
    .await;
    let right =
        async || added(&test, "Secret").await[0] == json!({"team": "shop", "example.com/team": "shop", "theirs": "x"});
    test.wait_until("reverted", right).await;

    let target = json!({"namespace": test.ns("staging"), "labels": {"example.com/team": "books"}});
    test.edit("app", json!({"targets": [target]})).await;
    test.ready("app").await;
    assert_eq!(
        added(&test, "Secret").await,
        [json!({"example.com/team": "books", "theirs": "x"}), json!({"theirs": "y"})]
    );
    assert_eq!(added(&test, "ConfigMap").await, [json!({"example.com/team": "books"}), json!({})]);
    test.edit("app", json!({"targets": [{"namespace": test.ns("staging")}]})).await;
    test.ready("app").await;
    assert_eq!(added(&test, "Secret").await, [json!({"theirs": "x"}), json!({"theirs": "y"})]);
    assert_eq!(added(&test, "ConfigMap").await, [json!({}), json!({})]);
    let revision =
        test.get_in("staging", "Secret", "app").await.unwrap()["metadata"]["annotations"]["appcredential.io/revision"]
            .clone();
    test.at_rest().await;
    let still =
        test.get_in("staging", "Secret", "app").await.unwrap()["metadata"]["annotations"]["appcredential.io/revision"]
            .clone();
    assert_eq!(still, revision, "and it comes to rest");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_no_longer_allowed_keeps_the_last_good_outputs() {
    let mut test = TestNamespace::idle_with_others("disallowed", &["staging"]).await;
    test.watching(&["--allow-metadata-prefix", "example.com"]);
    test.operator.start();
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging, labels: {example.com/team: shop}}]")).await;
    test.ready("app").await;
    test.at_rest().await;
    let before = test.versions().await;
    test.operator.terminate().await;
    test.watching(&[]);
    test.operator.start();
    test.not_ready("app", "InvalidSpec").await;
    test.at_rest().await;
    assert_eq!(test.versions().await, before);
    test.delete("AppCredential", "app").await;
    test.wait_until("all is gone", async || test.versions().await.is_empty()).await;
}
