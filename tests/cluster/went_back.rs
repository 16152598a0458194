//! An API server whose etcd is restored from a backup while the operator runs: what it remembers is of a time that never was.
//!
//! The backup is taken when not everything is as it should be, so that the restored store has something to be done that the
//! operator remembers as done. What it made of the backup at first is what it has to make of it each time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use kube::Api;
use kube::api::{DynamicObject, ListParams};
use serde_json::{Value, json};

use crate::harness::{CRDS, Credential, Plane, TestNamespace};

/// How long it may take until everything is as the restored store says.
const RIGHT_AGAIN: Duration = Duration::from_secs(60);

/// The target of a credential whose outputs are in another namespace: a finalizer holds it.
const AWAY: &str = "targets: [{namespace: $away}]";

/// A credential with its source, which has the same name.
async fn credential(test: &TestNamespace, name: &str, rest: &str) {
    test.source(&format!("{name}-source"), &[("token", b"first")]).await;
    let manifest = format!(
        "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {{name: {name}}}
spec:
  application: {{type: redis}}
  authentication: {{type: BearerToken, bearerToken: {{token: {{valueFrom: {{secretKeyRef: {{name: {name}-source, key: token}}}}}}}}}}
  connection: {{host: first.internal}}
  {rest}
"
    );
    test.apply_in("home", &manifest).await;
}

async fn edit(test: &TestNamespace, name: &str, host: &str) {
    test.edit(name, json!({"connection": {"host": format!("{host}.internal")}})).await;
}

async fn delete(test: &TestNamespace, name: &str) {
    test.delete("AppCredential", name).await;
}

/// Every credential with its uid and status, and every output with its owner and what it holds: all but times, versions,
/// revisions and the uids of outputs.
async fn picture(test: &TestNamespace) -> BTreeMap<String, Value> {
    let mut picture = BTreeMap::new();
    for found in test.credentials().list(&ListParams::default()).await.expect("a list") {
        let credential = Credential(json!(found));
        let mut status = credential.status_without_times();
        for target in status["environments"].as_array_mut().into_iter().flatten().map(|it| &mut it["targets"]) {
            target.as_array_mut().into_iter().flatten().for_each(|target| target["revision"] = Value::Null);
        }
        let seen = json!([credential.uid(), credential.is_observed(), status]);
        picture.insert(format!("AppCredential/{}", found.metadata.name.unwrap_or_default()), seen);
    }
    let ours = ListParams::default().labels("app.kubernetes.io/managed-by=appcredential-operator");
    for (namespace, kind) in [("home", "Secret"), ("home", "ConfigMap"), ("away", "Secret"), ("away", "ConfigMap")] {
        let outputs: Api<DynamicObject> = test.objects(namespace, kind);
        for output in outputs.list(&ours).await.expect("a list") {
            let name = output.metadata.name.unwrap_or_default();
            let owner = output.metadata.annotations.unwrap_or_default().remove("appcredential.io/owner-uid");
            picture.insert(format!("{kind}/{namespace}/{name}"), json!([owner, output.data["data"]]));
        }
    }
    picture
}

/// A namespace of a control plane of its own, with everything in sync.
async fn started() -> TestNamespace {
    let mut test = TestNamespace::on(Plane::of_its_own(CRDS).await, "went-back").await.denied_at_times();
    let away = test.add_namespace("away").await;
    test.allowed_in(&away).await;
    test.grant("away", "").await;
    test.operator.start();
    for name in ["kept", "edited", "rotated", "lost", "deleted", "replaced", "renamed"] {
        credential(&test, name, "").await;
    }
    for name in ["going", "withdrawn"] {
        credential(&test, name, AWAY).await;
    }
    for name in ["kept", "edited", "rotated", "lost", "deleted", "replaced", "renamed", "going", "withdrawn"] {
        test.ready(name).await;
    }
    test
}

/// Changes that the operator has not seen when the backup is taken.
async fn change_before(test: &TestNamespace) {
    edit(test, "edited", "second").await;
    test.source("rotated-source", &[("token", b"second")]).await;
    test.delete("Secret", "lost").await;
    credential(test, "fresh", "").await;
    delete(test, "going").await;
}

/// Changes that are lost with what followed the backup, all of which have reached the outputs.
async fn change_after(test: &TestNamespace, before: &BTreeMap<String, Value>) {
    edit(test, "edited", "third").await;
    edit(test, "kept", "third").await;
    test.source("rotated-source", &[("token", b"third")]).await;
    test.edit("renamed", json!({"targets": [{"secret": {"name": "another"}}]})).await;
    for name in ["deleted", "fresh", "withdrawn", "replaced"] {
        delete(test, name).await;
    }
    let gone = async || test.credential("replaced").await.is_none();
    test.wait_until("replaced is gone", gone).await;
    for name in ["replaced", "later", "latest"] {
        credential(test, name, "").await;
    }
    for name in ["edited", "kept", "renamed", "replaced", "later", "latest"] {
        test.ready(name).await;
    }
    let rotated = async || test.outputs_now("rotated").await.secret_text()["token"] == "third";
    test.wait_until("the third token is there", rotated).await;
    test.wait_until("withdrawn is gone", async || test.credential("withdrawn").await.is_none()).await;
    assert_ne!(picture(test).await, *before);
}

/// Runs something with the control plane that takes a while, and gets at it anew.
async fn with_plane(test: &mut TestNamespace, run: fn(&Plane)) {
    let plane = Arc::clone(&test.plane);
    tokio::task::spawn_blocking(move || run(&plane)).await.expect("it serves again");
    test.client = test.plane.client().await;
}

/// Waits until everything is as it was.
async fn is_right_again(test: &TestNamespace, right: &BTreeMap<String, Value>, how: &str) {
    let began = Instant::now();
    let mut now = BTreeMap::new();
    while now != *right {
        if began.elapsed() > RIGHT_AGAIN {
            let differs = |name: &&String| now.get(*name) != right.get(*name);
            let all: Vec<&String> = now.keys().chain(right.keys()).filter(differs).collect();
            let both: Vec<_> = all.iter().map(|name| (name, now.get(*name), right.get(*name))).collect();
            panic!("{how}: not in {RIGHT_AGAIN:?}: {both:#?}\n{}", test.operator.last_lines(30));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        now = picture(test).await;
    }
    println!("{how}: right again after {:.1?}", began.elapsed());
}

/// Waits until an edit, a rotation and new credentials, one of them with the name of one that never was and one with its
/// output's, have arrived.
async fn goes_on(test: &TestNamespace) {
    edit(test, "edited", "fourth").await;
    // Whose Secret goes with each restore: an edit says that nobody is to blame.
    edit(test, "lost", "fourth").await;
    test.source("rotated-source", &[("token", b"fourth")]).await;
    credential(test, "later", "").await;
    credential(test, "heir", "targets: [{secret: {name: latest}, configMap: {name: latest}}]").await;
    for name in ["edited", "lost", "later", "heir"] {
        test.ready(name).await;
    }
    let host = async || test.outputs_now("edited").await.settings()["host"] == "fourth.internal";
    test.wait_until("the edit is there", host).await;
    let token = async || test.outputs_now("rotated").await.secret_text()["token"] == "fourth";
    test.wait_until("the token is there", token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_is_right_in_a_minute_without_a_restart() {
    let mut test = started().await;
    test.operator.signal("STOP");
    change_before(&test).await;
    with_plane(&mut test, Plane::back_up).await;
    test.operator.signal("CONT");
    test.wait_until("going is gone", async || test.credential("going").await.is_none()).await;
    test.wait_until("lost is there again", async || test.outputs("lost").await.is_some()).await;
    let rotated = async || test.outputs_now("rotated").await.secret_text()["token"] == "second";
    test.wait_until("the second token is there", rotated).await;
    for name in ["edited", "fresh", "lost", "rotated"] {
        test.ready(name).await;
    }
    test.at_rest().await;
    let right = picture(&test).await;
    change_after(&test, &right).await;

    with_plane(&mut test, Plane::restore).await;
    is_right_again(&test, &right, "while the operator looks on").await;
    goes_on(&test).await;

    // Where others write so much at once that the versions have passed those which the operator has seen.
    test.operator.signal("STOP");
    with_plane(&mut test, Plane::restore).await;
    join_all((0..300).map(async |index| test.settings(&format!("filler-{index}"), &[]).await)).await;
    test.operator.signal("CONT");
    is_right_again(&test, &right, "once the versions have passed").await;
    goes_on(&test).await;
    test.at_rest().await;
    assert!(test.operator.is_running(), "it is the same process");
    assert_eq!(test.operator.said("ready").len(), 1);
}
