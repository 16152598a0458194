//! A namespace with two hundred credentials is deleted in one go: all their outputs elsewhere go with it, within a minute,
//! and the namespace does not hang; also where nobody looks while it is deleted.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};

use super::named;
use crate::harness::TestNamespace;

/// How many.
const MANY: usize = 200;
/// How long all of them may take to be written.
const WRITTEN: Duration = Duration::from_secs(120);
/// How long all of them may take to go.
const GONE: Duration = Duration::from_secs(60);
/// How long their namespace may take: Kubernetes asks for so much on its way that many of them wait for each other.
const ENDED: Duration = Duration::from_secs(240);

const BYSTANDERS: &str = "
apiVersion: v1
kind: Secret
metadata: {name: theirs}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: theirs, labels: {app.kubernetes.io/managed-by: appcredential-operator, appcredential.io/name: c-7, appcredential.io/namespace: $home}}
";

/// An operator that keeps its rights when a namespace goes: a role in it would end before its credentials do.
async fn started(name: &str) -> TestNamespace {
    let test = TestNamespace::start_with_others(name, &["staging"]).await;
    test.allowed_everywhere().await;
    test.grant("staging", "").await;
    test
}

async fn crowd(name: &str, down: bool) {
    let mut test = started(name).await;
    test.apply_in("staging", BYSTANDERS).await;
    let before = test.versions().await;
    let shared = &test;
    let create = |index: usize| async move {
        // Some of them write at home as well, and some leave nothing elsewhere.
        let line = if index.is_multiple_of(4) {
            "targets: [{}, {namespace: $staging}]"
        } else {
            "targets: [{namespace: $staging}]"
        };
        shared.apply_in("home", &named(&format!("c-{index}"), line)).await;
    };
    stream::iter((0..MANY).map(create)).buffer_unordered(16).for_each(async |()| {}).await;
    let written = async || {
        let all = test.versions().await;
        (all.keys().filter(|place| place.contains("/staging/c-")).count() == 2 * MANY).then_some(())
    };
    test.wait_within(WRITTEN, "all are written", written).await;
    if down {
        test.operator.terminate().await;
    }
    test.delete_namespace("home").await;
    // Kubernetes takes its time until it comes to them; what counts here is what is ours to do then.
    let going = async || {
        let all = test.credentials().list(&Default::default()).await.expect("an answer");
        all.items.iter().all(|it| it.metadata.deletion_timestamp.is_some()).then_some(())
    };
    if test.plane.collects_garbage() {
        test.wait_within(ENDED, "all are being deleted", going).await;
    } else {
        test.credentials().delete_collection(&Default::default(), &Default::default()).await.expect("deleted");
    }
    if down {
        test.operator.start();
    }
    let began = Instant::now();
    let gone = async || {
        let there = test.versions().await;
        let ours = there.keys().any(|place| place.contains("/staging/c-"));
        let credentials = test.credentials().list(&Default::default()).await.expect("an answer").items.len();
        (!ours && credentials == 0).then_some(())
    };
    test.wait_within(GONE, "everything of ours is gone", gone).await;
    let took = began.elapsed();
    if test.plane.collects_garbage() {
        let ended = async || (!test.has_namespace("home").await).then_some(());
        test.wait_within(ENDED, "the namespace is gone", ended).await;
    }
    println!("{MANY} credentials with outputs elsewhere were gone {took:.1?} after they were deleted");
    let after = test.versions().await;
    let theirs = |all: &std::collections::BTreeMap<String, String>| {
        all.iter()
            .filter(|(place, _)| place.contains("/staging/"))
            .map(|(place, it)| (place.clone(), it.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(theirs(&after), theirs(&before), "nothing of others was touched");
    assert!(test.operator.is_running());
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_namespace_removes_the_outputs_of_200_credentials() {
    crowd("crowd", false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_with_200_credentials_goes_once_an_operator_runs() {
    crowd("crowd-down", true).await;
}
