//! `kubectl delete --cascade=orphan`: every output stays, also beside a garbage collector that takes the owner references
//! off while the operator looks at what changed.

use std::time::Duration;

use futures::future::join_all;
use kube::api::DeleteParams;
use serde_json::{Value, json};

use crate::harness::TestNamespace;
use crate::manifests::SMALL;

/// How often many credentials are deleted at the same moment.
const ROUNDS: usize = 6;
/// How many.
const CREDENTIALS: usize = 12;
/// The garbage collector takes its time on a busy machine.
const COLLECTED: Duration = Duration::from_secs(60);

fn credential(name: &str, targets: &str) -> String {
    let spec = format!("\n  targets: {targets}\n");
    SMALL.trim_end().replace("name: small}\n", &format!("name: {name}}}\n")) + &spec
}

async fn orphan(test: &TestNamespace, name: &str) {
    let params = DeleteParams { propagation_policy: Some(kube::api::PropagationPolicy::Orphan), ..Default::default() };
    test.credentials().delete(name, &params).await.expect("deleted");
}

async fn gone(test: &TestNamespace, names: &[String]) {
    let gone = async || {
        for name in names {
            test.credential(name).await.is_none().then_some(())?;
        }
        Some(())
    };
    test.wait_within(COLLECTED, "the credentials are gone", gone).await;
}

/// An output without an owner reference: nobody collects it.
async fn assert_stays(test: &TestNamespace, namespace: &str, name: &str) -> Vec<Value> {
    let mut out = Vec::new();
    for kind in ["Secret", "ConfigMap"] {
        let object = test.get_in(namespace, kind, name).await.unwrap_or_else(|| panic!("{kind} {name} is lost"));
        assert_eq!(object["metadata"]["ownerReferences"], Value::Null, "{kind} {name}");
        assert_eq!(object["metadata"]["deletionTimestamp"], Value::Null, "{kind} {name}");
        out.push(object);
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphaned_credential_keeps_its_secret_and_config_map() {
    let test = TestNamespace::start("orphaned").await;
    if !test.plane.collects_garbage() {
        eprintln!("skipped: there is no garbage collector");
        return;
    }
    test.source("small-source", &[("token", b"t0ken")]).await;
    for round in 0..ROUNDS {
        let names: Vec<String> = (0..CREDENTIALS).map(|index| format!("app-{round}-{index}")).collect();
        join_all(names.iter().map(async |name| test.apply(&credential(name, "[{}]")).await)).await;
        for name in &names {
            test.ready(name).await;
        }
        join_all(names.iter().map(|name| orphan(&test, name))).await;
        gone(&test, &names).await;
        test.at_rest().await;
        for name in &names {
            assert_stays(&test, "home", name).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphaned_credential_leaves_outputs_in_other_namespaces() {
    let test = TestNamespace::start_with_others("orphaned-elsewhere", &["staging"]).await;
    if !test.plane.collects_garbage() {
        eprintln!("skipped: there is no garbage collector");
        return;
    }
    test.source("small-source", &[("token", b"t0ken")]).await;
    test.grant("staging", "").await;
    let names: Vec<String> = (0..CREDENTIALS).map(|index| format!("app-{index}")).collect();
    let apply = async |name: &String| test.apply_in("home", &credential(name, "[{}, {namespace: $staging}]")).await;
    join_all(names.iter().map(apply)).await;
    for name in &names {
        test.ready(name).await;
    }
    join_all(names.iter().map(|name| orphan(&test, name))).await;
    gone(&test, &names).await;
    test.at_rest().await;
    for name in &names {
        assert_stays(&test, "home", name).await;
        for object in assert_stays(&test, "staging", name).await {
            let metadata = &object["metadata"];
            assert!(metadata["annotations"]["appcredential.io/retained-from"].is_string(), "{metadata}");
            assert_eq!(metadata["labels"]["app.kubernetes.io/managed-by"], Value::Null);
            assert_eq!(metadata["labels"]["appcredential.io/name"], json!(name));
        }
    }
}
