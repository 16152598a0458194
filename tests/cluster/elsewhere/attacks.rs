//! What somebody tries who may write credentials, or objects in a target namespace, and not more: nothing is gained.

use futures::future::join;
use serde_json::json;

use super::{app, named};
use crate::harness::Bench;

/// How often two things are made to happen at the same moment.
const ROUNDS: usize = 15;

const THEIRS: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: theirs}\nstringData: {token: theirs}";

#[tokio::test(flavor = "multi_thread")]
async fn a_source_in_another_namespace_cannot_even_be_said() {
    let bench = Bench::start_with_others("reach", &["staging"]).await;
    bench.apply_in("staging", THEIRS).await;
    let reference = format!("{{secretKeyRef: {{name: theirs, key: token, namespace: {}}}}}", bench.ns("staging"));
    let manifest = app("targets: [{}]").replace("{value: t0ken}", &format!("{{valueFrom: {reference}}}"));
    let strict = bench.kubectl(&["create", "--validate=strict", "-f", "-"], &manifest).await;
    let said = String::from_utf8_lossy(&strict.stderr).into_owned();
    assert!(
        said.contains("unknown field \"spec.authentication.bearerToken.token.valueFrom.secretKeyRef.namespace\""),
        "{said}"
    );
    // Whoever says it all the same has said nothing: the field is dropped, and the own namespace is meant.
    let ignored = bench.kubectl(&["create", "--validate=ignore", "-f", "-"], &manifest).await;
    assert!(ignored.status.success(), "{}", String::from_utf8_lossy(&ignored.stderr));
    bench.not_ready("app", "SecretNotFound").await;
    // Nor can a name lead there.
    for name in ["../staging/theirs", "staging/theirs", "theirs?namespace=staging"] {
        let manifest = named("path", "targets: [{}]")
            .replace("{value: t0ken}", &format!("{{valueFrom: {{secretKeyRef: {{name: '{name}', key: token}}}}}}"));
        let refused = bench.kubectl(&["create", "-f", "-"], &manifest).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("refers to a name that no object has"), "{name}: {said}");
    }
    assert!(requests_to(&bench, "staging").is_empty());
}

/// What the operator asked for in a namespace, but for lists, watches and the statuses of grants.
fn requests_to(bench: &Bench, namespace: &str) -> Vec<String> {
    let namespace = bench.ns(namespace);
    let requests = bench.requests().into_iter();
    let there = requests.filter(|it| it.namespace == namespace && !matches!(it.verb.as_str(), "list" | "watch"));
    there
        .filter(|it| it.resource != "appcredentialgrants/status")
        .map(|it| format!("{} {} {}", it.verb, it.resource, it.name))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_does_not_consent_is_asked_for_nothing() {
    let bench = Bench::start_with_others("uninvited", &["staging"]).await;
    bench.apply_in("staging", THEIRS).await;
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
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    for (index, grant) in grants.iter().enumerate() {
        if !grant.is_empty() {
            bench.grant("staging", grant).await;
        }
        bench.edit("app", json!({"connection": {"port": 1 + index}})).await;
        bench.not_ready("app", "NotGranted").await;
        bench.at_rest().await;
        assert_eq!(requests_to(&bench, "staging"), [""; 0], "{grant}");
    }
    assert_eq!(bench.versions().await.keys().collect::<Vec<_>>(), ["Secret/staging/theirs"]);
    let credential = bench.credential("app").await.unwrap();
    assert!(credential.0["metadata"]["finalizers"].is_null() && credential.0["status"]["detachedOutputs"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_that_the_message_shows_is_all_that_is_missing() {
    let bench = Bench::start_with_others("pasted", &["staging"]).await;
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    let message = bench.not_ready("app", "NotGranted").await.message("Synced");
    let (_, manifest) = message.split_once("can apply: ").expect("a manifest");
    let applied = bench.kubectl(&["apply", "--namespace", &bench.ns("staging"), "-f", "-"], manifest).await;
    assert!(applied.status.success(), "{manifest}: {}", String::from_utf8_lossy(&applied.stderr));
    bench.ready("app").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_deleted_before_the_write_leaves_no_output_behind() {
    let bench = Bench::start_with_others("between", &["staging"]).await;
    bench.grant("staging", "").await;
    bench.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    for round in 0..ROUNDS {
        bench.ready("app").await;
        let name = format!("app-{round}");
        let target = json!({"namespace": bench.ns("staging"), "secret": {"name": name}, "configMap": {"name": name}});
        // Half of the time the target is renamed, half of the time its values change.
        let spec = if round.is_multiple_of(2) {
            json!({"targets": [target]})
        } else {
            json!({"connection": {"port": 1 + round}})
        };
        join(bench.revoke("staging"), bench.edit("app", spec)).await;
        let nothing = async || bench.versions().await.is_empty();
        bench.wait_until(&format!("nothing is there after round {round}"), nothing).await;
        bench.not_ready("app", "NotGranted").await;
        bench.grant("staging", "").await;
    }
    bench.ready("app").await;
    bench.revoke("staging").await;
    bench.not_ready("app", "NotGranted").await;
    bench.at_rest().await;
    assert!(bench.versions().await.is_empty());
    let credential = bench.credential("app").await.unwrap();
    assert!(credential.0["metadata"]["finalizers"].is_null(), "{}", credential.0);
    assert!(credential.0["status"]["detachedOutputs"].is_null(), "{}", credential.0["status"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_others_are_not_overwritten_whatever_they_are() {
    let bench = Bench::start_with_others("valuable", &["staging"]).await;
    bench.grant("staging", "").await;
    let release = "apiVersion: v1\nkind: Secret\nmetadata: {name: sh.helm.release.v1.shop.v1, labels: {owner: helm, status: deployed}}\ntype: helm.sh/release.v1\nstringData: {release: x}";
    for namespace in ["home", "staging"] {
        bench.apply_in(namespace, THEIRS).await;
        bench.apply_in(namespace, release).await;
        bench.apply_in(namespace, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}").await;
        if !bench.plane.collects_garbage() {
            bench
                .apply_in(
                    namespace,
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-root-ca.crt}\ndata: {ca.crt: x}",
                )
                .await;
        }
        let there = async || bench.get_in(namespace, "ConfigMap", "kube-root-ca.crt").await.is_some();
        bench.wait_until("Kubernetes' own ConfigMap is there", there).await;
    }
    let root = async |namespace: &str| {
        bench
            .get_in(namespace, "ConfigMap", "kube-root-ca.crt")
            .await
            .map(|it| it["metadata"]["resourceVersion"].clone())
    };
    let before = (bench.versions().await, root("home").await, root("staging").await);
    let places =
        [("Secret", "secret: {name: theirs}", "theirs"), ("ConfigMap", "configMap: {name: settings}", "settings")];
    // Names that others write or trust are refused before anything is looked at.
    for field in ["secret: {name: sh.helm.release.v1.shop.v1}", "configMap: {name: kube-root-ca.crt}"] {
        let manifest = bench.fill(&named("reserved", &format!("targets: [{{namespace: $staging, {field}}}]")));
        let applied = bench.kubectl(&["apply", "--filename=-"], &manifest).await;
        let said = String::from_utf8_lossy(&applied.stderr).into_owned();
        assert!(!applied.status.success() && said.contains("choose another one"), "{said}");
    }
    for (index, (kind, field, name)) in places.into_iter().enumerate() {
        for namespace in ["home", "staging"] {
            for policy in ["Delete", "Retain"] {
                let credential = format!("c{index}-{namespace}-{}", policy.to_lowercase());
                let line = format!("targets: [{{namespace: ${namespace}, deletionPolicy: {policy}, {field}}}]");
                bench.apply_in("home", &named(&credential, &line)).await;
                let told = bench.not_ready(&credential, "NotOwned").await.message("Synced");
                let wanted = format!(
                    "{kind} {}/{name}: exists and is not ours; delete or rename it, or give the target another name",
                    bench.ns(namespace)
                );
                assert_eq!(told, wanted);
                bench.delete("AppCredential", &credential).await;
                bench.wait_until("it is gone", async || bench.credential(&credential).await.is_none()).await;
            }
        }
    }
    bench.at_rest().await;
    let mut after = bench.versions().await;
    // What stands beside a ConfigMap that is taken was written before that was known: elsewhere it goes with its credential
    // or is left behind, at home Kubernetes collects it.
    after.retain(|place, _| !place.contains("/c1-"));
    assert_eq!((after, root("home").await, root("staging").await), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_too_long_for_a_label_is_refused() {
    let bench = Bench::start_with_others("long", &["staging"]).await;
    bench.grant("staging", "").await;
    for length in [64, 253] {
        let manifest = bench.fill(&named(&"n".repeat(length), "targets: [{namespace: $staging}]"));
        let refused = bench.kubectl(&["create", "-f", "-"], &manifest).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("metadata.name: is longer than 63 characters"), "{length}: {said}");
    }
    let name = "n".repeat(63);
    bench.apply_in("home", &named(&name, "targets: [{namespace: $staging}]")).await;
    bench.ready(&name).await;
    assert!(bench.get_in("staging", "Secret", &name).await.is_some());
    let long = "s".repeat(253);
    let target = json!({"namespace": bench.ns("staging"), "secret": {"name": long}, "configMap": {"name": long}});
    bench.edit(&name, json!({"targets": [target]})).await;
    let credential = bench.ready(&name).await;
    assert!(credential.0["status"]["detachedOutputs"].to_string().contains(&long));
    assert!(bench.get_in("staging", "Secret", &long).await.is_some());
    assert!(bench.get_in("staging", "Secret", &name).await.is_none());
}

/// Who of the two has the target: the namespaces of the winner and the loser.
async fn winner(bench: &Bench) -> (&'static str, &'static str) {
    let owner = async || {
        bench
            .get_in("production", "ConfigMap", "shared")
            .await
            .map(|it| it["metadata"]["labels"]["appcredential.io/namespace"].clone())
    };
    let owner = bench.wait_for("one of them has it", owner).await;
    if owner == bench.ns("home") { ("home", "staging") } else { ("staging", "home") }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_racing_for_a_target_leave_it_to_one() {
    let bench = Bench::start_with_others("race", &["staging", "production"]).await;
    bench.grant("production", "{from: [{namespace: $home}, {namespace: $staging}]}").await;
    let manifest = app("targets: [{namespace: $production, secret: {name: shared}, configMap: {name: shared}}]");
    for round in 0..3 {
        join(bench.apply_in("home", &manifest), bench.apply_in("staging", &manifest)).await;
        let (first, second) = winner(&bench).await;
        let told = async || {
            let loser = bench.get_in(second, "AppCredential", "app").await?;
            let ready = loser["status"]["conditions"][3].clone();
            (ready["reason"] == "NotOwned").then(|| ready["message"].as_str().unwrap_or_default().to_owned())
        };
        let message = bench.wait_for("the other is told who has it", told).await;
        let wanted = format!(
            "Secret {}/shared: is an output of AppCredential {}/app; give one of the two targets another name",
            bench.ns("production"),
            bench.ns(first)
        );
        assert_eq!(message, wanted, "round {round}");
        bench.delete_in(first, "AppCredential", "app").await;
        let taken = async || {
            let map = bench.get_in("production", "ConfigMap", "shared").await.unwrap_or_default();
            let secret = bench.get_in("production", "Secret", "shared").await.unwrap_or_default();
            [map, secret]
                .iter()
                .all(|it| it["metadata"]["labels"]["appcredential.io/namespace"] == bench.ns(second).as_str())
        };
        bench.wait_until("the other has it now", taken).await;
        bench.delete_in(second, "AppCredential", "app").await;
        let nothing =
            async || bench.versions().await.is_empty() && bench.get_in(second, "AppCredential", "app").await.is_none();
        bench.wait_until("nothing is left", nothing).await;
    }
}
