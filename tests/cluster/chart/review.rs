//! What was stored while there was no policy on sources is not rendered until somebody touches it who may.

use std::time::Duration;

use serde_json::{Value, json};

use super::release::{Person, Release, WRITES_CREDENTIALS, one};
use crate::harness::{Outputs, TestNamespace, succeeded};
use crate::manifests::SMALL;

/// How long it takes at most until a policy is noticed that came while the operator runs.
const NOTICED: Duration = Duration::from_secs(60);

/// The policy on sources of a test.
fn policy(test: &TestNamespace) -> String {
    format!("sources.{}", test.namespace)
}

/// Lets the operator get that policy, as the chart's role does.
async fn allow(test: &TestNamespace) {
    let (name, policy, user) = (format!("{}-review", test.namespace), policy(test), &test.user);
    let role = format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: {name}}}\n\
         rules: [{{apiGroups: [admissionregistration.k8s.io], resources: [validatingadmissionpolicies], resourceNames: ['{policy}'], verbs: [get]}}]\n\
         ---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {{name: {name}}}\n\
         roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {name}}}\n\
         subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: '{user}'}}]\n"
    );
    succeeded(&test.kubectl(&["apply", "-f", "-"], &role).await);
}

/// Installs the chart's policies, and waits until they are in force.
async fn install<'a>(test: &'a TestNamespace, jo: &Person<'a>) -> Release {
    let release = Release::install(test, &[], json!({})).await;
    let mut other = one(SMALL);
    other["metadata"]["name"] = json!("other");
    jo.is_refused(&other).await;
    release
}

/// A test whose operator asks for the policy, and Jo, who may write credentials and may not read Secrets.
async fn asking(name: &str) -> TestNamespace {
    let mut test = TestNamespace::idle(name).await;
    test.operator.add(&["--review-policy", &policy(&test)]);
    test.source("small-source", &[("token", b"t0ken")]).await;
    test
}

/// Stores a credential as somebody who may not read its source, while no policy is there.
async fn stored_by<'a>(test: &'a TestNamespace, name: &str) -> Person<'a> {
    let jo = Person::with(test, name, WRITES_CREDENTIALS).await;
    jo.is_accepted(&one(SMALL)).await;
    jo.applies(&one(SMALL)).await.expect("no policy is there");
    jo
}

/// Starts the operator anew, and waits until it has looked at everything.
async fn restart(test: &mut TestNamespace) {
    test.operator.terminate().await;
    test.operator.start();
    test.operator.ready().await;
    test.at_rest().await;
}

async fn uid(test: &TestNamespace) -> String {
    test.kubectl_says(&["get", "validatingadmissionpolicy", &policy(test), "-o=jsonpath={.metadata.uid}"]).await
}

fn reviewed(uid: &str) -> Value {
    json!({"metadata": {"annotations": {"appcredential.io/reviewed": uid}}})
}

/// Waits until the credential is unreviewed, and nothing was written for it.
async fn is_unreviewed(test: &TestNamespace) {
    let told = test.not_ready("small", "Unreviewed").await;
    assert_eq!(told.condition("Accepted"), ("False".to_owned(), "Unreviewed".to_owned()));
    test.at_rest().await;
    assert!(test.outputs("small").await.is_none(), "nothing is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_older_than_the_policy_is_rendered_once_reviewed() {
    let mut test = asking("review-annotated").await;
    let jo = stored_by(&test, "jo-annotated").await;
    let _release = install(&test, &jo).await;
    allow(&test).await;
    // Before the operator ever looks: a label, and another time in managedFields, which the API server takes from anybody.
    let mut fields = test.credential("small").await.expect("it is there").0["metadata"]["managedFields"].clone();
    fields[0]["time"] = json!("2099-01-01T00:00:00Z");
    let touched = json!({"metadata": {"labels": {"team": "jo"}, "managedFields": fields}});
    jo.edits("AppCredential", "small", touched).await.expect("no policy is asked");
    let fields = test.credential("small").await.expect("it is there").0["metadata"]["managedFields"].to_string();
    assert!(fields.contains("2099"), "{fields}");
    test.operator.start();
    is_unreviewed(&test).await;
    let (jo, uid) = (Person::named(&test, "jo-annotated").await, uid(&test).await);
    let told = test.credential("small").await.expect("it is there").message("Accepted");
    assert!(told.contains(&format!("{} was in force", policy(&test))), "{told}");
    assert!(told.ends_with(&format!("--overwrite appcredential.io/reviewed={uid}")), "{told}");

    jo.edits("AppCredential", "small", json!({"metadata": {"labels": {"team": "jo2"}}})).await.expect("a label");
    is_unreviewed(&test).await;
    let said = jo.edits("AppCredential", "small", reviewed(&uid)).await.expect_err("Jo may not read the source");
    assert!(said.contains("Secret small-source, which jo-annotated may not get"), "{said}");
    test.patch("AppCredential", "small", reviewed("00000000-0000-0000-0000-000000000000")).await;
    is_unreviewed(&test).await;

    test.patch("AppCredential", "small", reviewed(&uid)).await;
    test.ready("small").await;
    assert!(test.outputs("small").await.is_some());
    let said = jo.edits("AppCredential", "small", reviewed("")).await.expect_err("nor may Jo take it back");
    assert!(said.contains("Secret small-source"), "{said}");
    // It was seen, and stays so.
    test.patch("AppCredential", "small", json!({"metadata": {"annotations": {"appcredential.io/reviewed": null}}}))
        .await;
    test.at_rest().await;
    test.ready("small").await;
    restart(&mut test).await;
    test.ready("small").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_under_the_policy_reviews_an_older_credential() {
    let mut test = asking("review-edited").await;
    let jo = stored_by(&test, "jo-edited").await;
    let _release = install(&test, &jo).await;
    allow(&test).await;
    test.operator.start();
    is_unreviewed(&test).await;
    let jo = Person::named(&test, "jo-edited").await;
    let host = |host: &str| json!({"spec": {"connection": {"host": host}}});
    jo.edits("AppCredential", "small", host("jo.internal")).await.expect_err("Jo may not read the source");
    test.operator.terminate().await;
    test.patch("AppCredential", "small", host("other.internal")).await;
    test.operator.start();
    test.ready("small").await;
    assert!(test.outputs("small").await.is_some());
    restart(&mut test).await;
    test.ready("small").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_comes_later_changes_and_deletes_no_output() {
    let mut test = asking("review-upgrade").await;
    allow(&test).await;
    stored_by(&test, "jo-upgrade").await;
    test.operator.start();
    test.ready("small").await;
    let jo = Person::named(&test, "jo-upgrade").await;
    let before = test.outputs_now("small").await.json();
    let _release = install(&test, &jo).await;
    let unreviewed = async || test.credential("small").await.filter(|it| it.condition("Ready").1 == "Unreviewed");
    test.wait_within(NOTICED, "the policy is noticed", unreviewed).await;
    test.source("small-source", &[("token", b"an0ther")]).await;
    test.at_rest().await;
    let stands = |outputs: Outputs| outputs.json();
    assert_eq!(stands(test.outputs_now("small").await), before, "not a byte, nor a version");
    // What came under the policy is served meanwhile.
    let created = async || {
        let args = ["create", "configmap", "now", "--dry-run=server", "-o=jsonpath={.metadata.creationTimestamp}"];
        let now = test.kubectl_says(&args).await;
        let args = ["get", "validatingadmissionpolicy", &policy(&test), "-o=jsonpath={.metadata.creationTimestamp}"];
        seconds(&now) > seconds(&test.kubectl_says(&args).await) + 2
    };
    test.wait_until("the policy is in force", created).await;
    let mut younger = one(SMALL);
    younger["metadata"]["name"] = json!("younger");
    test.apply_one(younger).await;
    assert!(test.ready("younger").await.0["status"]["review"].is_null(), "nothing has to be remembered");
    restart(&mut test).await;
    assert_eq!(stands(test.outputs_now("small").await), before);
    test.patch("AppCredential", "small", reviewed(&uid(&test).await)).await;
    test.at_revision("small", 2).await;
}

fn seconds(time: &str) -> i64 {
    time.parse::<k8s_openapi::jiff::Timestamp>().expect("a time").as_second()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_does_not_ask_never_reads_the_policy() {
    let mut test = TestNamespace::idle("review-off").await;
    test.source("small-source", &[("token", b"t0ken")]).await;
    let jo = stored_by(&test, "jo-off").await;
    let _release = install(&test, &jo).await;
    test.operator.start();
    test.ready("small").await;
    test.at_rest().await;
    let asked = test.requests().into_iter().filter(|request| request.group == "admissionregistration.k8s.io");
    assert_eq!(asked.collect::<Vec<_>>(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_policy_counts_neither_as_present_nor_missing() {
    let mut test = asking("review-unknown").await.denied_at_times();
    test.apply(SMALL).await;
    test.operator.start();
    let warned = async || !test.operator.said_anything_like("the admission policy could not be read").is_empty();
    test.wait_until("it says so", warned).await;
    assert!(!test.credential("small").await.expect("it is there").is_observed());
    assert!(test.outputs("small").await.is_none(), "nothing is written");
    allow(&test).await;
    test.ready("small").await;
    assert!(!test.operator.said_anything_like("the admission policy does not exist").is_empty());
}
