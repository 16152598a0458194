//! What was stored while there was no policy on sources is not rendered until somebody touches it who may.

use std::time::Duration;

use serde_json::{Value, json};

use super::release::{Person, Release, WRITES_CREDENTIALS, one};
use crate::harness::{Bench, Outputs, succeeded};
use crate::manifests::SMALL;

/// How long it takes at most until a policy is noticed that came while the operator runs.
const NOTICED: Duration = Duration::from_secs(60);

/// The policy on sources of a test.
fn policy(bench: &Bench) -> String {
    format!("sources.{}", bench.namespace)
}

/// Lets the operator get that policy, as the chart's role does.
async fn allow(bench: &Bench) {
    let (name, policy, user) = (format!("{}-review", bench.namespace), policy(bench), &bench.user);
    let role = format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: {name}}}\n\
         rules: [{{apiGroups: [admissionregistration.k8s.io], resources: [validatingadmissionpolicies], resourceNames: ['{policy}'], verbs: [get]}}]\n\
         ---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: {name}}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {name}}}\n\
         subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: '{user}'}}]\n"
    );
    succeeded(&bench.kubectl(&["apply", "-f", "-"], &role).await);
}

/// Installs the chart's policies, and waits until they are in force.
async fn install<'a>(bench: &'a Bench, jo: &Person<'a>) -> Release {
    let release = Release::install(bench, &[], json!({})).await;
    let mut other = one(SMALL);
    other["metadata"]["name"] = json!("other");
    jo.is_refused(&other).await;
    release
}

/// A bench whose operator asks for the policy, and Jo, who may write credentials and may not read Secrets.
async fn asking(name: &str) -> Bench {
    let mut bench = Bench::idle(name).await;
    bench.operator.add(&["--review-policy", &policy(&bench)]);
    bench.source("small-source", &[("token", b"t0ken")]).await;
    bench
}

/// Stores a credential as somebody who may not read its source, while no policy is there.
async fn stored_by<'a>(bench: &'a Bench, name: &str) -> Person<'a> {
    let jo = Person::with(bench, name, WRITES_CREDENTIALS).await;
    jo.is_accepted(&one(SMALL)).await;
    jo.applies(&one(SMALL)).await.expect("no policy is there");
    jo
}

/// Starts the operator anew, and waits until it has looked at everything.
async fn restart(bench: &mut Bench) {
    bench.operator.terminate().await;
    bench.operator.start();
    bench.operator.ready().await;
    bench.at_rest().await;
}

async fn uid(bench: &Bench) -> String {
    bench.kubectl_says(&["get", "validatingadmissionpolicy", &policy(bench), "-o=jsonpath={.metadata.uid}"]).await
}

fn reviewed(uid: &str) -> Value {
    json!({"metadata": {"annotations": {"appcredential.io/reviewed": uid}}})
}

/// Waits until the credential is unreviewed, and nothing was written for it.
async fn is_unreviewed(bench: &Bench) {
    let told = bench.not_ready("small", "Unreviewed").await;
    assert_eq!(told.condition("Accepted"), ("False".to_owned(), "Unreviewed".to_owned()));
    bench.at_rest().await;
    assert!(bench.outputs("small").await.is_none(), "nothing is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_older_than_the_policy_is_rendered_once_reviewed() {
    let mut bench = asking("review-annotated").await;
    let jo = stored_by(&bench, "jo-annotated").await;
    let _release = install(&bench, &jo).await;
    allow(&bench).await;
    // Before the operator ever looks: a label, and another time in managedFields, which the API server takes from anybody.
    let mut fields = bench.credential("small").await.expect("it is there").0["metadata"]["managedFields"].clone();
    fields[0]["time"] = json!("2099-01-01T00:00:00Z");
    let touched = json!({"metadata": {"labels": {"team": "jo"}, "managedFields": fields}});
    jo.edits("AppCredential", "small", touched).await.expect("no policy is asked");
    let fields = bench.credential("small").await.expect("it is there").0["metadata"]["managedFields"].to_string();
    assert!(fields.contains("2099"), "{fields}");
    bench.operator.start();
    is_unreviewed(&bench).await;
    let (jo, uid) = (Person::named(&bench, "jo-annotated").await, uid(&bench).await);
    let told = bench.credential("small").await.expect("it is there").message("Accepted");
    assert!(told.contains(&format!("{} was in force", policy(&bench))), "{told}");
    assert!(told.ends_with(&format!("--overwrite appcredential.io/reviewed={uid}")), "{told}");

    jo.edits("AppCredential", "small", json!({"metadata": {"labels": {"team": "jo2"}}})).await.expect("a label");
    is_unreviewed(&bench).await;
    let said = jo.edits("AppCredential", "small", reviewed(&uid)).await.expect_err("Jo may not read the source");
    assert!(said.contains("Secret small-source, which jo-annotated may not get"), "{said}");
    bench.patch("AppCredential", "small", reviewed("00000000-0000-0000-0000-000000000000")).await;
    is_unreviewed(&bench).await;

    bench.patch("AppCredential", "small", reviewed(&uid)).await;
    bench.ready("small").await;
    assert!(bench.outputs("small").await.is_some());
    let said = jo.edits("AppCredential", "small", reviewed("")).await.expect_err("nor may Jo take it back");
    assert!(said.contains("Secret small-source"), "{said}");
    // It was seen, and stays so.
    bench
        .patch("AppCredential", "small", json!({"metadata": {"annotations": {"appcredential.io/reviewed": null}}}))
        .await;
    bench.at_rest().await;
    bench.ready("small").await;
    restart(&mut bench).await;
    bench.ready("small").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_under_the_policy_reviews_an_older_credential() {
    let mut bench = asking("review-edited").await;
    let jo = stored_by(&bench, "jo-edited").await;
    let _release = install(&bench, &jo).await;
    allow(&bench).await;
    bench.operator.start();
    is_unreviewed(&bench).await;
    let jo = Person::named(&bench, "jo-edited").await;
    let host = |host: &str| json!({"spec": {"connection": {"host": host}}});
    jo.edits("AppCredential", "small", host("jo.internal")).await.expect_err("Jo may not read the source");
    bench.operator.terminate().await;
    bench.patch("AppCredential", "small", host("other.internal")).await;
    bench.operator.start();
    bench.ready("small").await;
    assert!(bench.outputs("small").await.is_some());
    restart(&mut bench).await;
    bench.ready("small").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_comes_later_changes_and_deletes_no_output() {
    let mut bench = asking("review-upgrade").await;
    allow(&bench).await;
    stored_by(&bench, "jo-upgrade").await;
    bench.operator.start();
    bench.ready("small").await;
    let jo = Person::named(&bench, "jo-upgrade").await;
    let before = bench.outputs_now("small").await.json();
    let _release = install(&bench, &jo).await;
    let unreviewed = async || bench.credential("small").await.filter(|it| it.condition("Ready").1 == "Unreviewed");
    bench.wait_within(NOTICED, "the policy is noticed", unreviewed).await;
    bench.source("small-source", &[("token", b"an0ther")]).await;
    bench.at_rest().await;
    let stands = |outputs: Outputs| outputs.json();
    assert_eq!(stands(bench.outputs_now("small").await), before, "not a byte, nor a version");
    // What came under the policy is served meanwhile.
    let created = async || {
        let args = ["create", "configmap", "now", "--dry-run=server", "-o=jsonpath={.metadata.creationTimestamp}"];
        let now = bench.kubectl_says(&args).await;
        let args = ["get", "validatingadmissionpolicy", &policy(&bench), "-o=jsonpath={.metadata.creationTimestamp}"];
        seconds(&now) > seconds(&bench.kubectl_says(&args).await) + 2
    };
    bench.wait_until("the policy is in force", created).await;
    let mut younger = one(SMALL);
    younger["metadata"]["name"] = json!("younger");
    bench.apply_one(younger).await;
    assert!(bench.ready("younger").await.0["status"]["review"].is_null(), "nothing has to be remembered");
    restart(&mut bench).await;
    assert_eq!(stands(bench.outputs_now("small").await), before);
    bench.patch("AppCredential", "small", reviewed(&uid(&bench).await)).await;
    bench.at_revision("small", 2).await;
}

fn seconds(time: &str) -> i64 {
    time.parse::<k8s_openapi::jiff::Timestamp>().expect("a time").as_second()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_does_not_ask_never_reads_the_policy() {
    let mut bench = Bench::idle("review-off").await;
    bench.source("small-source", &[("token", b"t0ken")]).await;
    let jo = stored_by(&bench, "jo-off").await;
    let _release = install(&bench, &jo).await;
    bench.operator.start();
    bench.ready("small").await;
    bench.at_rest().await;
    let asked = bench.requests().into_iter().filter(|request| request.group == "admissionregistration.k8s.io");
    assert_eq!(asked.collect::<Vec<_>>(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_policy_counts_neither_as_present_nor_missing() {
    let mut bench = asking("review-unknown").await.denied_at_times();
    bench.apply(SMALL).await;
    bench.operator.start();
    let warned = async || !bench.operator.said_anything_like("the admission policy could not be read").is_empty();
    bench.wait_until("it says so", warned).await;
    assert!(!bench.credential("small").await.expect("it is there").is_observed());
    assert!(bench.outputs("small").await.is_none(), "nothing is written");
    allow(&bench).await;
    bench.ready("small").await;
    assert!(!bench.operator.said_anything_like("there is no such admission policy").is_empty());
}
