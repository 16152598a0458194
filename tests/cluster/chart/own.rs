//! The operator's own account, with its real token: it writes and deletes outputs, and may do nothing else.
//!
//! The account has the chart's roles for the whole cluster. The policy is the one that the suite's operators work under, so that their
//! normal work is allowed is seen in every other test.

use futures::future::join_all;
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::{Secret, ServiceAccount};
use kube::Client;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::GroupVersionKind;
use serde_json::{Value, json};

use crate::harness::TestNamespace;
use crate::manifests::SMALL;

/// What a request was answered with, in words where it was refused.
type Answer = Result<(), String>;

fn words<T>(answer: Result<T, kube::Error>) -> Answer {
    answer.map(|_| ()).map_err(|error| match error {
        kube::Error::Api(status) if status.code == 403 => status.message,
        other => panic!("neither done nor forbidden: {other}"),
    })
}

/// Whoever has the operator's token.
struct Thief {
    client: Client,
    namespace: String,
}

impl Thief {
    fn secrets(&self, namespace: &str) -> Api<Secret> {
        Api::namespaced(self.client.clone(), namespace)
    }

    fn credentials(&self) -> Api<DynamicObject> {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("appcredential.io", "v1alpha1", "AppCredential"));
        Api::namespaced_with(self.client.clone(), &self.namespace, &resource)
    }

    async fn creates(&self, namespace: &str, secret: Value) -> Answer {
        let secret: Secret = serde_json::from_value(secret).expect("a Secret");
        words(self.secrets(namespace).create(&PostParams::default(), &secret).await)
    }

    async fn patches(&self, name: &str, patch: Value) -> Answer {
        words(self.secrets(&self.namespace).patch(name, &PatchParams::default(), &Patch::Merge(patch)).await)
    }

    async fn deletes(&self, namespace: &str, name: &str) -> Answer {
        words(self.secrets(namespace).delete(name, &DeleteParams::default()).await)
    }

    async fn edits(&self, patch: Value) -> Answer {
        words(self.credentials().patch("small", &PatchParams::default(), &Patch::Merge(patch)).await)
    }

    async fn mints(&self, namespace: &str, account: &str) -> Answer {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace);
        let request: TokenRequest = serde_json::from_value(json!({"spec": {"audiences": []}})).expect("a request");
        words(accounts.create_token_request(account, &PostParams::default(), &request).await)
    }
}

/// The metadata that an output has.
fn marks(namespace: &str, name: &str) -> Value {
    json!({
        "name": name,
        "labels": {
            "app.kubernetes.io/managed-by": "appcredential-operator",
            "appcredential.io/name": "small", "appcredential.io/namespace": namespace,
        },
        "annotations": {"appcredential.io/owner-uid": "d0f5", "appcredential.io/output": format!("{namespace}/{name}")},
    })
}

fn output(namespace: &str, name: &str, kind: &str) -> Value {
    json!({"metadata": marks(namespace, name), "type": kind, "stringData": {"key": "value"}})
}

/// A namespace with a credential, a Secret of somebody's, and the operator's token in the wrong hands.
async fn stolen(name: &str) -> (TestNamespace, Thief) {
    let test = TestNamespace::idle(name).await.denied_at_times();
    test.allowed_everywhere().await;
    test.source("foreign", &[("password", b"hunter2")]).await;
    test.apply(SMALL).await;
    let thief = Thief { client: test.operator_client().await, namespace: test.namespace.clone() };
    // The policy is made with the first operator of the run, and holds some moments later.
    let refused = async || {
        let answer = thief.creates(&test.namespace, json!({"metadata": {"generateName": "early-"}})).await;
        answer.is_err_and(|said| said.contains("appcredential-test-operator")).then_some(())
    };
    test.wait_for("the policy holds", refused).await;
    (test, thief)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_writes_and_deletes_no_foreign_secret() {
    let (test, thief) = stolen("own-foreign").await;
    let ns = test.namespace.as_str();
    let mut elsewhere = output(ns, "a", "Opaque");
    elsewhere["metadata"]["annotations"]["appcredential.io/output"] = json!(format!("{ns}/b"));
    let mut left = output(ns, "a", "Opaque");
    left["metadata"]["labels"]["app.kubernetes.io/managed-by"] = json!("somebody");
    let mut unowned = output(ns, "a", "Opaque");
    unowned["metadata"]["annotations"].as_object_mut().expect("annotations").remove("appcredential.io/owner-uid");
    let unmarked = "would not carry the ownership labels and annotations of an output";
    let minted = |kind| {
        let mut secret = output(ns, "a", kind);
        secret["metadata"]["annotations"]["kubernetes.io/service-account.name"] = json!("default");
        secret
    };
    for (secret, why) in [
        (json!({"metadata": {"name": "a"}}), unmarked),
        (elsewhere, unmarked),
        (left, unmarked),
        (unowned, unmarked),
        (minted("kubernetes.io/service-account-token"), "is of a type that no output has"),
        (minted("bootstrap.kubernetes.io/token"), "is of a type that no output has"),
        (minted("helm.sh/release.v1"), "is of a type that no output has"),
    ] {
        let said = thief.creates(ns, secret.clone()).await.expect_err("refused");
        assert!(said.ends_with(&format!("Secret {ns}/a: {why}")), "{secret}: {said}");
    }
    let foreign = format!("Secret {ns}/foreign: is not an output of the operator");
    for answer in [
        thief.patches("foreign", json!({"stringData": {"password": "mine"}})).await,
        thief.patches("foreign", json!({"metadata": marks(ns, "foreign")})).await,
        thief
            .patches("foreign", json!({"metadata": {"annotations": {"appcredential.io/retained-from": "d0f5"}}}))
            .await,
        thief.deletes(ns, "foreign").await,
    ] {
        let said = answer.expect_err("refused");
        assert!(said.contains(&foreign), "{said}");
    }
    assert_eq!(test.secrets().get("foreign").await.expect("it is there").data.expect("data").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_cannot_touch_system_namespaces_or_mint_tokens() {
    let (test, thief) = stolen("own-system").await;
    let away = "is in a namespace that the operator does not write to; list it in policies.systemNamespaces to let it";
    for namespace in ["kube-system", "kube-public", "appcredential-test"] {
        let said = thief.creates(namespace, output(namespace, "stolen", "Opaque")).await.expect_err("refused");
        assert!(said.ends_with(&format!("Secret {namespace}/stolen: {away}")), "{said}");
        let said = thief.mints(namespace, "default").await.expect_err("refused");
        assert!(said.contains("cannot create resource \"serviceaccounts/token\""), "{said}");
    }
    let bootstrap: Api<Secret> = Api::namespaced(test.client.clone(), "kube-system");
    let token = json!({"metadata": {"name": test.namespace}, "stringData": {"key": "value"}});
    let token: Secret = serde_json::from_value(token).expect("a Secret");
    bootstrap.create(&PostParams::default(), &token).await.expect("made");
    let said = thief.deletes("kube-system", &test.namespace).await.expect_err("refused");
    assert!(said.contains(away) && said.contains(" | "), "all problems at once: {said}");
    bootstrap.delete(&test.namespace, &DeleteParams::default()).await.expect("deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_changes_only_the_finalizer_of_a_credential() {
    let (test, thief) = stolen("own-spec").await;
    let refused =
        format!("AppCredential {}/small: the operator changes only its finalizer and the status", test.namespace);
    for patch in [
        json!({"spec": {"connection": {"host": "evil.internal"}}}),
        json!({"spec": {"targets": [{"namespace": "kube-system"}]}}),
        json!({"metadata": {"labels": {"team": "thieves"}}}),
        json!({"metadata": {"annotations": {"note": "x"}}}),
        json!({"metadata": {"finalizers": ["example.com/stuck"]}}),
    ] {
        let said = thief.edits(patch.clone()).await.expect_err("refused");
        assert!(said.ends_with(&refused), "{patch}: {said}");
    }
    thief.edits(json!({"metadata": {"finalizers": ["appcredential.io/outputs"]}})).await.expect("its own");
    thief.edits(json!({"metadata": {"finalizers": null}})).await.expect("its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_is_written_left_behind_taken_over_and_deleted() {
    let (test, operator) = stolen("own-work").await;
    let ns = test.namespace.as_str();
    let types = ["Opaque", "kubernetes.io/basic-auth", "servicebinding.io/redis"];
    let created = types.iter().enumerate().map(async |(i, kind)| {
        let mut secret = output(ns, &format!("a{i}"), kind);
        secret["stringData"] = json!({"username": "app", "password": "hunter2"});
        operator.creates(ns, secret).await
    });
    assert_eq!(join_all(created).await, vec![Ok(()); 3]);
    operator.patches("a0", json!({"stringData": {"key": "new"}})).await.expect("an output is edited");
    let left = json!({"metadata": {
        "labels": {"app.kubernetes.io/managed-by": null},
        "annotations": {"appcredential.io/owner-uid": null, "appcredential.io/retained-from": "d0f5"},
    }});
    operator.patches("a0", left).await.expect("it is left behind");
    let taken = json!({"metadata": {
        "labels": {"app.kubernetes.io/managed-by": "appcredential-operator"},
        "annotations": {"appcredential.io/owner-uid": "d0f6", "appcredential.io/retained-from": null},
    }});
    operator.patches("a0", taken).await.expect("it is taken over");
    let stripped = json!({"metadata": {"labels": null, "annotations": null}});
    operator.patches("a0", stripped).await.expect_err("it is not made to look like somebody else's");
    for name in ["a0", "a1", "a2"] {
        operator.deletes(ns, name).await.expect("an output is deleted");
    }
}
