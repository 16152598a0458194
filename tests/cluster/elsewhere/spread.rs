//! The ten fixtures with each environment in a namespace of its own: the data is that of the expectations, the names are the
//! credentials', since in another namespace neither the environment nor a source of the same name is in the way.

use std::path::Path;

use kube::core::ObjectMeta;
use serde_json::{Value, json};

use crate::fixtures::{Expected, ROOT, check_data, expected, read};
use crate::harness::{Credential, TestNamespace, documents, good_conditions};

/// Exactly our labels and annotations, no owner and no finalizer.
fn check_metadata(test: &TestNamespace, credential: &Credential, environment: &str, meta: &ObjectMeta) {
    let name = credential.0["metadata"]["name"].as_str().unwrap();
    let labels = json!({
        "app.kubernetes.io/managed-by": "appcredential-operator",
        "appcredential.io/name": name,
        "appcredential.io/namespace": test.namespace,
        "appcredential.io/environment": environment,
    });
    let annotations = json!({
        "appcredential.io/owner-uid": credential.uid(),
        "appcredential.io/output": format!("{}/{name}", test.ns(environment)),
        "appcredential.io/revision": "1",
    });
    assert_eq!(json!(meta.labels), labels, "{name}");
    assert_eq!(json!(meta.annotations), annotations, "{name}");
    assert_eq!((&meta.owner_references, &meta.finalizers), (&None, &None), "{name}");
}

fn check_status(test: &TestNamespace, credential: &Credential, environments: &[&str]) {
    let name = credential.0["metadata"]["name"].as_str().unwrap();
    let environment = |environment: &&str| {
        let target =
            json!({"namespace": test.ns(environment), "secretName": name, "configMapName": name, "revision": 1});
        json!({"name": environment, "ready": true, "targets": [target]})
    };
    let places = |it: &&str| {
        let outputs = ["ConfigMap", "Secret"].map(|kind| format!("{kind}/{}/{name}", test.ns(it)));
        json!({"environment": it, "outputs": outputs})
    };
    let mut named = environments.to_vec();
    named.sort_unstable();
    let places: Vec<Value> = named.iter().map(places).collect();
    let status = json!({
        "observedGeneration": 1, "conditions": good_conditions(1), "environmentNames": environments.join(","),
        "environments": environments.iter().map(environment).collect::<Vec<Value>>(), "detachedOutputs": places,
    });
    assert_eq!(credential.status_without_times(), status);
    assert_eq!(credential.0["metadata"]["finalizers"], json!(["appcredential.io/outputs"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_fixtures_in_two_namespaces_become_the_expected_outputs() {
    let fixtures = Path::new(ROOT).join("tests/fixtures");
    let test = TestNamespace::start_with_others("spread", &["staging", "production"]).await;
    for namespace in ["staging", "production"] {
        test.grant(namespace, "").await;
    }
    test.apply(&read(&fixtures.join("sources.yaml"))).await;
    for mut credential in documents(&read(&fixtures.join("appcredentials.yaml"))) {
        for environment in credential["spec"]["environments"].as_array_mut().expect("environments") {
            let namespace = test.ns(environment["name"].as_str().expect("a name"));
            environment["targets"] = json!([{"namespace": namespace}]);
        }
        test.apply_one(credential).await;
    }
    let expected = expected(&read(&fixtures.join("expected.yaml")));
    assert_eq!(expected.len(), 20);
    for one in &expected {
        let credential = test.ready(&one.credential).await;
        let environment = one.environment.as_deref().expect("an environment");
        let get = async |kind: &str| {
            test.get_in(environment, kind, &one.credential).await.unwrap_or_else(|| panic!("{kind} {}", one.credential))
        };
        let secret: k8s_openapi::api::core::v1::Secret = serde_json::from_value(get("Secret").await).unwrap();
        let map: k8s_openapi::api::core::v1::ConfigMap = serde_json::from_value(get("ConfigMap").await).unwrap();
        check_data(one, &secret, &map);
        for meta in [&secret.metadata, &map.metadata] {
            check_metadata(&test, &credential, environment, meta);
        }
        let of_this: Vec<&Expected> = expected.iter().filter(|other| other.credential == one.credential).collect();
        let environments: Vec<&str> = of_this.iter().filter_map(|other| other.environment.as_deref()).collect();
        check_status(&test, &credential, &environments);
    }
    test.at_rest().await;
    let elsewhere = test.versions().await.keys().filter(|place| !place.contains("/home/")).count();
    assert_eq!(elsewhere, 40, "and nothing else is there");
    assert!(test.output_names().await.is_empty(), "at home there is none");
}
