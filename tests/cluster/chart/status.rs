//! The status is the operator's: nobody else writes it. And whoever is an operator is known to the policies of another release.

use serde_json::{Value, json};

use super::process::Process;
use super::release::{Person, Release};
use crate::harness::TestNamespace;
use crate::manifests::SMALL;

const WRITES_ALL: &str = "[{apiGroups: [appcredential.io], resources: ['*'], verbs: ['*']}]";

#[tokio::test(flavor = "multi_thread")]
async fn a_status_is_written_by_the_operator_only() {
    let mut test = TestNamespace::idle_with_others("chart-status", &["staging"]).await;
    let _release = Release::install(&test, &["staging"], json!({})).await;
    test.operator.start();
    test.grant("staging", "").await;
    test.small().await;
    let jo = Person::with(&test, "jo", WRITES_ALL).await;
    let forged =
        json!({"status": {"observedGeneration": 1, "detachedOutputs": [{"outputs": ["Secret/kube-system/x"]}]}});
    let forge = async |person: &Person<'_>| person.edits_status("small", forged.clone()).await.err();
    let said = test.wait_for("it is refused", async || forge(&jo).await).await;
    let wanted = "status: is written by the operator, and jo is not one; leave it out. For a tool that restores a status, ask \
                  whoever runs the operator for policies.exempt.status";
    assert!(said.contains(wanted), "{said}");
    let admin = test
        .kubectl(&["patch", "appcred", "small", "--subresource=status", "--type=merge", "-p", "{\"status\":{}}"], "");
    let said = String::from_utf8_lossy(&admin.await.stderr).into_owned();
    assert!(
        said.contains("status: is written by the operator"),
        "an administrator has all rights and is no operator: {said}"
    );
    jo.edits("AppCredential", "small", json!({"metadata": {"labels": {"team": "jo"}}}))
        .await
        .expect("the rest is free");
    test.edit("small", json!({"connection": {"host": "new.internal"}})).await;
    test.at_revision("small", 2).await;
    test.ready("small").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_exempt_restores_a_status() {
    let test = TestNamespace::idle("chart-restored").await;
    let exempt = json!({"status": {"serviceAccounts": [{"namespace": "velero", "name": "velero"}]}});
    let _release = Release::install(&test, &[], json!({"policies": {"exempt": exempt}})).await;
    test.apply(SMALL).await;
    let velero = Person::with(&test, "system:serviceaccount:velero:velero", WRITES_ALL).await;
    let other = Person::with(&test, "system:serviceaccount:velero:other", WRITES_ALL).await;
    let status = json!({"status": {"observedGeneration": 1}});
    test.wait_until("it is refused", async || other.edits_status("small", status.clone()).await.is_err()).await;
    velero.edits_status("small", status).await.expect("restored");
}

const BOTH: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: shared}
spec:
  application: {type: redis}
  authentication: {type: None}
  connection: {host: redis.internal}
  environments: [{name: staging}, {name: production}]
";

#[tokio::test(flavor = "multi_thread")]
async fn two_releases_with_an_environment_each_accept_each_other() {
    let test = TestNamespace::idle("chart-two").await;
    if !test.counts_requests() {
        return;
    }
    let values = |environment: &str| json!({"environments": [environment], "replicas": 1});
    let first = Release::install(&test, &[], values("staging")).await;
    let second = Release::beside(&test, values("production")).await;
    let jo = Person::with(&test, "jo", WRITES_ALL).await;
    let marked = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "labels": {"appcredential.io/name": "x"}}});
    jo.is_refused(&marked).await;
    let _processes = [Process::start(&test, &first).await, Process::start(&test, &second).await];
    test.apply(BOTH).await;
    for environment in ["staging", "production"] {
        let there = async || test.config_maps().get_opt(&format!("shared-{environment}")).await.expect("an answer");
        test.wait_for(&format!("the output for {environment}"), there).await;
    }
    let statuses = |release: &Release| {
        let requests = test.requests_of(&release.operator()).into_iter();
        requests
            .filter(|request| request.resource == "appcredentials/status")
            .map(|request| request.code)
            .collect::<Vec<_>>()
    };
    test.wait_until("both have written a status", async || ![&first, &second].iter().any(|it| statuses(it).is_empty()))
        .await;
    for release in [&first, &second] {
        let refused = test.requests_of(&release.operator()).into_iter().filter(|request| request.code == 403);
        let refused: Vec<Value> = refused.map(|request| json!(format!("{request:?}"))).collect();
        assert!(refused.is_empty(), "{refused:#?}");
    }
}
