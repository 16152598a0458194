//! Hundreds of edits while the leader is killed again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{WatchEvent, WatchParams};
use serde_json::json;

use super::Replicas;

const EDITS: usize = 500;
const CREDENTIALS: usize = 20;
/// Between two kills.
const KILL: Duration = Duration::from_secs(10);

fn credential(index: usize, edit: usize) -> serde_json::Value {
    json!({
        "apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": format!("c{index}")},
        "spec": {
            "application": {"type": "redis"},
            "authentication": {"type": "BearerToken", "bearerToken": {"token": {"value": format!("edit-{edit}")}}},
            "connection": {"host": "redis.internal"},
        },
    })
}

/// Each version of each output's Secret: name, revision and resourceVersion, in the order of the events.
type Sightings = Arc<Mutex<Vec<(String, i64, String)>>>;

async fn watch(replicas: &Replicas, sightings: Sightings) {
    let api: Api<Secret> = replicas.test.secrets();
    let params = WatchParams::default().labels("app.kubernetes.io/managed-by=appcredential-operator").timeout(290);
    let mut events = api.watch(&params, "0").await.expect("a watch").boxed();
    tokio::spawn(async move {
        while let Some(Ok(event)) = events.next().await {
            if let WatchEvent::Added(secret) | WatchEvent::Modified(secret) = event {
                let meta = secret.metadata;
                let revision =
                    meta.annotations.as_ref().and_then(|it| it.get("appcredential.io/revision")?.parse().ok());
                let (name, version) = (meta.name.unwrap_or_default(), meta.resource_version.unwrap_or_default());
                sightings.lock().unwrap().push((name, revision.expect("a revision"), version));
            }
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn all_500_edits_arrive_with_the_leader_killed_every_10_seconds() {
    let mut replicas = Replicas::start("replicas-storm", 2).await;
    let sightings = Sightings::default();
    watch(&replicas, Arc::clone(&sightings)).await;
    let (began, mut killed) = (Instant::now(), Instant::now());
    let mut leader = 0;
    for edit in 0..EDITS {
        replicas.test.apply_one(credential(edit % CREDENTIALS, edit)).await;
        // The edits are spread over the time that the kills take.
        tokio::time::sleep(Duration::from_millis(80)).await;
        if killed.elapsed() > KILL {
            leader = usize::from(replicas.is_led_by(1).await);
            replicas.all[leader].kill();
            replicas.all[leader].start();
            killed = Instant::now();
        }
    }
    for index in 0..CREDENTIALS {
        let (name, last) = (format!("c{index}"), EDITS - CREDENTIALS + index);
        let wanted = format!("edit-{last}");
        replicas
            .test
            .wait_within(Duration::from_secs(60), "the last edit arrives", async || {
                let outputs = replicas.test.outputs(&name).await?;
                (outputs.secret_text().get("token") == Some(&wanted)).then_some(())
            })
            .await;
    }
    println!("{EDITS} edits in {:?}, the lease changed hands {} times", began.elapsed(), replicas.lease().await.1);
    check(&sightings.lock().unwrap());
    assert!(replicas.all[leader].is_running());
}

fn check(sightings: &[(String, i64, String)]) {
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    let mut written: BTreeMap<(&str, i64), BTreeSet<&str>> = BTreeMap::new();
    for (name, revision, version) in sightings {
        let before = last.insert(name, *revision).unwrap_or_default();
        assert!(*revision >= before, "{name} went from revision {before} to {revision}");
        written.entry((name, *revision)).or_default().insert(version);
    }
    for ((name, revision), versions) in written {
        assert_eq!(versions.len(), 1, "{name}: revision {revision} was written {} times", versions.len());
    }
    assert!(sightings.len() > CREDENTIALS);
}
