//! What somebody tries who may write credentials, or objects in a target namespace, and not more: nothing is gained.

use futures::future::join;
use serde_json::json;

use super::{app, named};
use crate::harness::TestNamespace;

/// How often two things are made to happen at the same moment.
const ROUNDS: usize = 15;

const THEIRS: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: theirs}\nstringData: {token: theirs}";

#[tokio::test(flavor = "multi_thread")]
async fn a_source_in_another_namespace_cannot_even_be_said() {
    let test = TestNamespace::start_with_others("reach", &["staging"]).await;
    test.apply_in("staging", THEIRS).await;
    let reference = format!("{{secretKeyRef: {{name: theirs, key: token, namespace: {}}}}}", test.ns("staging"));
    let manifest = app("targets: [{}]").replace("{value: t0ken}", &format!("{{valueFrom: {reference}}}"));
    let strict = test.kubectl(&["create", "--validate=strict", "-f", "-"], &manifest).await;
    let said = String::from_utf8_lossy(&strict.stderr).into_owned();
    assert!(
        said.contains("unknown field \"spec.authentication.bearerToken.token.valueFrom.secretKeyRef.namespace\""),
        "{said}"
    );
    // Whoever says it all the same has said nothing: the field is dropped, and the own namespace is meant.
    let ignored = test.kubectl(&["create", "--validate=ignore", "-f", "-"], &manifest).await;
    assert!(ignored.status.success(), "{}", String::from_utf8_lossy(&ignored.stderr));
    test.not_ready("app", "SecretNotFound").await;
    // Nor can a name lead there.
    for name in ["../staging/theirs", "staging/theirs", "theirs?namespace=staging"] {
        let manifest = named("path", "targets: [{}]")
            .replace("{value: t0ken}", &format!("{{valueFrom: {{secretKeyRef: {{name: '{name}', key: token}}}}}}"));
        let refused = test.kubectl(&["create", "-f", "-"], &manifest).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("refers to a name that no object has"), "{name}: {said}");
    }
    assert!(requests_to(&test, "staging").is_empty());
}

/// What the operator asked for in a namespace, but for lists, watches and the statuses of grants.
fn requests_to(test: &TestNamespace, namespace: &str) -> Vec<String> {
    let namespace = test.ns(namespace);
    let requests = test.requests().into_iter();
    let there = requests.filter(|it| it.namespace == namespace && !matches!(it.verb.as_str(), "list" | "watch"));
    there
        .filter(|it| it.resource != "appcredentialgrants/status")
        .map(|it| format!("{} {} {}", it.verb, it.resource, it.name))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_does_not_consent_is_asked_for_nothing() {
    let test = TestNamespace::start_with_others("uninvited", &["staging"]).await;
    test.apply_in("staging", THEIRS).await;
    let grants = [
        "",
        "{from: [{namespace: $home, name: other}]}",
        "{from: [{namespace: $staging}]}",
        "{from: [{namespace: kube-system}, {namespace: $home, name: app-2}]}",
        "{from: [{namespace: $home}], to: [{kind: Secret}]}",
        "{from: [{namespace: $home}], to: [{kind: ConfigMap}]}",
        "{from: [{namespace: $home}], to: [{kind: Secret, name: app}, {kind: ConfigMap, name: other}]}",
        "{from: [{namespace: $home}], to: [{kind: Secret, name: ap}, {kind: ConfigMap, name: app2}]}",
    ];
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    for (index, grant) in grants.iter().enumerate() {
        if !grant.is_empty() {
            test.grant("staging", grant).await;
        }
        test.edit("app", json!({"connection": {"port": 1 + index}})).await;
        test.not_ready("app", "NotGranted").await;
        test.at_rest().await;
        assert_eq!(requests_to(&test, "staging"), [""; 0], "{grant}");
    }
    assert_eq!(test.versions().await.keys().collect::<Vec<_>>(), ["Secret/staging/theirs"]);
    let credential = test.credential("app").await.unwrap();
    assert!(credential.0["metadata"]["finalizers"].is_null() && credential.0["status"]["detachedOutputs"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_that_the_message_shows_is_all_that_is_missing() {
    let test = TestNamespace::start_with_others("pasted", &["staging"]).await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    let message = test.not_ready("app", "NotGranted").await.message("Synced");
    let (_, manifest) = message.split_once("ask its owner to apply: ").expect("a manifest");
    let applied = test.kubectl(&["apply", "--namespace", &test.ns("staging"), "-f", "-"], manifest).await;
    assert!(applied.status.success(), "{manifest}: {}", String::from_utf8_lossy(&applied.stderr));
    test.ready("app").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_deleted_before_the_write_leaves_no_output_behind() {
    let test = TestNamespace::start_with_others("between", &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    for round in 0..ROUNDS {
        test.ready("app").await;
        let name = format!("app-{round}");
        let target = json!({"namespace": test.ns("staging"), "secret": {"name": name}, "configMap": {"name": name}});
        // Half of the time the target is renamed, half of the time its values change.
        let spec = if round.is_multiple_of(2) {
            json!({"targets": [target]})
        } else {
            json!({"connection": {"port": 1 + round}})
        };
        join(test.revoke("staging"), test.edit("app", spec)).await;
        let nothing = async || test.versions().await.is_empty();
        test.wait_until(&format!("nothing is there after round {round}"), nothing).await;
        test.not_ready("app", "NotGranted").await;
        test.grant("staging", "").await;
    }
    test.ready("app").await;
    test.revoke("staging").await;
    test.not_ready("app", "NotGranted").await;
    test.at_rest().await;
    assert!(test.versions().await.is_empty());
    let credential = test.credential("app").await.unwrap();
    assert!(credential.0["metadata"]["finalizers"].is_null(), "{}", credential.0);
    assert!(credential.0["status"]["detachedOutputs"].is_null(), "{}", credential.0["status"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_others_are_not_overwritten_whatever_they_are() {
    let test = TestNamespace::start_with_others("valuable", &["staging"]).await;
    test.grant("staging", "").await;
    let release = "apiVersion: v1\nkind: Secret\nmetadata: {name: sh.helm.release.v1.shop.v1, labels: {owner: helm, status: deployed}}\ntype: helm.sh/release.v1\nstringData: {release: x}";
    for namespace in ["home", "staging"] {
        test.apply_in(namespace, THEIRS).await;
        test.apply_in(namespace, release).await;
        test.apply_in(namespace, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}").await;
        if !test.plane.collects_garbage() {
            test.apply_in(
                namespace,
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-root-ca.crt}\ndata: {ca.crt: x}",
            )
            .await;
        }
        let there = async || test.get_in(namespace, "ConfigMap", "kube-root-ca.crt").await.is_some();
        test.wait_until("Kubernetes' own ConfigMap is there", there).await;
    }
    let root = async |namespace: &str| {
        test.get_in(namespace, "ConfigMap", "kube-root-ca.crt")
            .await
            .map(|it| it["metadata"]["resourceVersion"].clone())
    };
    let before = (test.versions().await, root("home").await, root("staging").await);
    let places =
        [("Secret", "secret: {name: theirs}", "theirs"), ("ConfigMap", "configMap: {name: settings}", "settings")];
    // Names that others write or trust are refused before anything is looked at.
    for field in ["secret: {name: sh.helm.release.v1.shop.v1}", "configMap: {name: kube-root-ca.crt}"] {
        let manifest = test.fill(&named("reserved", &format!("targets: [{{namespace: $staging, {field}}}]")));
        let applied = test.kubectl(&["apply", "--filename=-"], &manifest).await;
        let said = String::from_utf8_lossy(&applied.stderr).into_owned();
        assert!(!applied.status.success() && said.contains("choose another one"), "{said}");
    }
    for (index, (kind, field, name)) in places.into_iter().enumerate() {
        for namespace in ["home", "staging"] {
            for policy in ["Delete", "Retain"] {
                let credential = format!("c{index}-{namespace}-{}", policy.to_lowercase());
                let line = format!("targets: [{{namespace: ${namespace}, deletionPolicy: {policy}, {field}}}]");
                test.apply_in("home", &named(&credential, &line)).await;
                let told = test.not_ready(&credential, "NotOwned").await.message("Synced");
                let wanted = format!(
                    "{kind} {}/{name}: exists and is not an output of this credential; delete or rename it, or give the target another name",
                    test.ns(namespace)
                );
                assert_eq!(told, wanted);
                test.delete("AppCredential", &credential).await;
                test.wait_until("it is gone", async || test.credential(&credential).await.is_none()).await;
            }
        }
    }
    test.at_rest().await;
    let mut after = test.versions().await;
    // What stands beside a ConfigMap that is taken was written before that was known: elsewhere it goes with its credential
    // or is left behind, at home Kubernetes collects it.
    after.retain(|place, _| !place.contains("/c1-"));
    assert_eq!((after, root("home").await, root("staging").await), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_too_long_for_a_label_is_refused() {
    let test = TestNamespace::start_with_others("long", &["staging"]).await;
    test.grant("staging", "").await;
    for length in [64, 253] {
        let manifest = test.fill(&named(&"n".repeat(length), "targets: [{namespace: $staging}]"));
        let refused = test.kubectl(&["create", "-f", "-"], &manifest).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("metadata.name: is longer than 63 characters"), "{length}: {said}");
    }
    let name = "n".repeat(63);
    test.apply_in("home", &named(&name, "targets: [{namespace: $staging}]")).await;
    test.ready(&name).await;
    assert!(test.get_in("staging", "Secret", &name).await.is_some());
    let long = "s".repeat(253);
    let target = json!({"namespace": test.ns("staging"), "secret": {"name": long}, "configMap": {"name": long}});
    test.edit(&name, json!({"targets": [target]})).await;
    let credential = test.ready(&name).await;
    assert!(credential.0["status"]["detachedOutputs"].to_string().contains(&long));
    assert!(test.get_in("staging", "Secret", &long).await.is_some());
    assert!(test.get_in("staging", "Secret", &name).await.is_none());
}

/// Who of the two has the target: the namespaces of the winner and the loser.
async fn winner(test: &TestNamespace) -> (&'static str, &'static str) {
    let owner = async || {
        test.get_in("production", "ConfigMap", "shared")
            .await
            .map(|it| it["metadata"]["labels"]["appcredential.io/namespace"].clone())
    };
    let owner = test.wait_for("one of them has it", owner).await;
    if owner == test.ns("home") { ("home", "staging") } else { ("staging", "home") }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_racing_for_a_target_leave_it_to_one() {
    let test = TestNamespace::start_with_others("race", &["staging", "production"]).await;
    test.grant("production", "{from: [{namespace: $home}, {namespace: $staging}]}").await;
    let manifest = app("targets: [{namespace: $production, secret: {name: shared}, configMap: {name: shared}}]");
    for round in 0..3 {
        join(test.apply_in("home", &manifest), test.apply_in("staging", &manifest)).await;
        let (first, second) = winner(&test).await;
        let told = async || {
            let loser = test.get_in(second, "AppCredential", "app").await?;
            let ready = loser["status"]["conditions"][3].clone();
            (ready["reason"] == "NotOwned").then(|| ready["message"].as_str().unwrap_or_default().to_owned())
        };
        let message = test.wait_for("the other is told who has it", told).await;
        let wanted = format!(
            "Secret {}/shared: is an output of AppCredential {}/app; give one of the two targets another name",
            test.ns("production"),
            test.ns(first)
        );
        assert_eq!(message, wanted, "round {round}");
        test.delete_in(first, "AppCredential", "app").await;
        let taken = async || {
            let map = test.get_in("production", "ConfigMap", "shared").await.unwrap_or_default();
            let secret = test.get_in("production", "Secret", "shared").await.unwrap_or_default();
            [map, secret]
                .iter()
                .all(|it| it["metadata"]["labels"]["appcredential.io/namespace"] == test.ns(second).as_str())
        };
        test.wait_until("the other has it now", taken).await;
        test.delete_in(second, "AppCredential", "app").await;
        let nothing =
            async || test.versions().await.is_empty() && test.get_in(second, "AppCredential", "app").await.is_none();
        test.wait_until("nothing is left", nothing).await;
    }
}
