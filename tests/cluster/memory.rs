//! The operator under the memory limit that the chart gives it, beside tenants who write as much as they may: it is not
//! killed, serves all of them, and serves others meanwhile.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use kube::api::PostParams;
use serde_json::{Value, json};

use crate::harness::{CHART, Cgroup, TestNamespace};

/// How long all credentials of the tenant may take on a busy machine.
const READY: Duration = Duration::from_secs(150);
/// How long an edit of somebody else may take to reach the outputs meanwhile.
const SERVED: Duration = Duration::from_secs(45);
/// A Secret holds this much.
const MIB: usize = 1024 * 1024;
/// A plain value of this size is accepted.
const VALUE: usize = 8 * 1024;

/// The limit of the chart, in bytes.
fn limit() -> u64 {
    let values = std::fs::read_to_string(format!("{CHART}/values.yaml")).expect("the values");
    let values: Value = serde_saphyr::from_str(&values).expect("YAML");
    let limit = values["resources"]["limits"]["memory"].as_str().and_then(|limit| limit.strip_suffix("Mi"));
    limit.and_then(|limit| limit.parse::<u64>().ok()).expect("a limit in Mi") * 1024 * 1024
}

/// A namespace with a healthy credential and one of a greedy tenant; the operator does not run yet.
async fn beside_a_tenant(name: &str) -> Option<TestNamespace> {
    let cgroup = Cgroup::limited_to(limit())?;
    let mut test = TestNamespace::idle_with_others(name, &["tenant"]).await;
    test.operator.within(cgroup);
    Some(test)
}

/// A credential with these parameters, and what else its spec has.
fn credential(name: &str, parameters: &[Value], rest: &Value) -> Value {
    let mut spec = json!({
        "application": {"type": "redis"}, "authentication": {"type": "None"}, "parameters": parameters,
    });
    spec.as_object_mut().unwrap().append(&mut rest.as_object().cloned().unwrap_or_default());
    json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": name}, "spec": spec})
}

/// Plain values of the size that is accepted; `what` tells one credential's from another's.
fn plain(what: &str, count: usize) -> Vec<Value> {
    let value = |index: usize| format!("{what}-{index}-").repeat(VALUE / 4).split_at(VALUE).0.to_owned();
    (0..count).map(|index| json!({"name": format!("{what}-{index}"), "value": value(index)})).collect()
}

/// Creates these in the tenant's namespace.
async fn create(test: &TestNamespace, objects: Vec<Value>) {
    let create = |object: Value| async move {
        let api = test.objects("tenant", object["kind"].as_str().expect("a kind"));
        let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
        let created = api.create(&PostParams::default(), &serde_json::from_value(object).expect("an object")).await;
        created.unwrap_or_else(|error| panic!("{name} is not accepted: {error}"));
    };
    stream::iter(objects.into_iter().map(create)).buffer_unordered(4).for_each(async |()| {}).await;
}

/// How many of the tenant's credentials are ready. It is asked for as kubectl does, in lines of a table: the credentials
/// themselves would keep the API server busy.
async fn ready(test: &TestNamespace) -> usize {
    let namespace = test.ns("tenant");
    let path = format!("/apis/appcredential.io/v1alpha1/namespaces/{namespace}/appcredentials");
    let request = http::Request::get(path).header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
    let table: Value = test.client.request(request.body(Vec::new()).expect("a request")).await.expect("a table");
    let columns = table["columnDefinitions"].as_array().expect("columns");
    let column = columns.iter().position(|column| column["name"] == "Ready").expect("a column");
    table["rows"].as_array().map_or(0, |rows| rows.iter().filter(|row| row["cells"][column] == "True").count())
}

/// Edits the healthy credential again and again until `count` credentials of the tenant are ready.
async fn served_until_ready(test: &TestNamespace, count: usize, began: Instant) {
    let (mut revision, mut first, mut slowest, mut took) = (1, Duration::ZERO, [Duration::ZERO; 2], None);
    while took.is_none() {
        revision += 1;
        let edited = Instant::now();
        test.edit("small", json!({"connection": {"host": format!("redis-{revision}.internal")}})).await;
        let accepted = edited.elapsed();
        let reached = async || {
            let outputs = test.outputs("small").await.filter(|outputs| outputs.revision() == Some(revision));
            outputs.map(drop)
        };
        test.wait_within(SERVED, "an edit of somebody else reaches its outputs", reached).await;
        match revision {
            // Its time is that of the start, mostly.
            2 => first = edited.elapsed(),
            _ => slowest = slowest.max([edited.elapsed(), accepted]),
        }
        took = (ready(test).await == count).then(|| began.elapsed());
        assert_eq!(test.operator.kills(), 0, "killed for its memory");
        assert!(took.is_some() || began.elapsed() < READY, "{} of {count} are ready", ready(test).await);
    }
    println!(
        "{count} ready in {:.1?}; {} edits of another meanwhile, the first in {first:.1?}, the slowest after it in {:.1?} ({:.1?} until it was accepted), {} ms at most from the start of a reconcile; peak {} MiB of {} MiB",
        took.unwrap_or_default(),
        revision - 1,
        slowest[0],
        slowest[1],
        slowest_write(test),
        test.operator.peak().unwrap_or_default(),
        limit() / 1024 / 1024,
    );
}

/// How long the slowest write of the healthy credential's outputs came after its reconcile had begun, in milliseconds.
fn slowest_write(test: &TestNamespace) -> f64 {
    let written = test.operator.said("written").into_iter().filter(|line| line["span"]["credential"] == "small");
    let took = written.filter_map(|line| line["milliseconds"].as_str()?.parse::<f64>().ok());
    took.fold(0.0, f64::max)
}

#[tokio::test(flavor = "multi_thread")]
async fn large_secrets_read_by_many_fit_into_the_charts_memory() {
    const SECRETS: usize = 8;
    const CREDENTIALS: usize = 20;
    let Some(mut test) = beside_a_tenant("memory-secrets").await else { return };
    let secret = |index: usize| {
        let large = "x".repeat(MIB - 1024).into_bytes();
        let data = json!({"small": k8s_openapi::ByteString(b"a value of 20 bytes.".into()), "large": k8s_openapi::ByteString(large)});
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": format!("source-{index}")}, "data": data})
    };
    create(&test, (0..SECRETS).map(secret).collect()).await;
    let reference = |name: String, secret: usize, key: &str| json!({"name": name, "valueFrom": {"secretKeyRef": {"name": format!("source-{secret}"), "key": key}}});
    let credential = |index: usize| {
        let parameters = (0..SECRETS).map(|secret| {
            let key = if secret == index % SECRETS && index >= CREDENTIALS / 2 { "large" } else { "small" };
            reference(format!("p{secret}"), secret, key)
        });
        credential(&format!("greedy-{index}"), &parameters.collect::<Vec<_>>(), &json!({}))
    };
    test.operator.start();
    test.operator.ready().await;
    test.small().await;
    let began = Instant::now();
    create(&test, (0..CREDENTIALS).map(credential).collect()).await;
    served_until_ready(&test, CREDENTIALS, began).await;
    // And all of them at once.
    test.operator.kill();
    test.operator.start();
    test.operator.ready().await;
    for index in 0..SECRETS {
        let label =
            json!({"metadata": {"labels": {"rotated": "once"}}, "stringData": {"small": "another 20 bytes ..."}});
        test.patch_in("tenant", "Secret", &format!("source-{index}"), label).await;
    }
    test.at_rest().await;
    assert_eq!((ready(&test).await, test.operator.kills()), (CREDENTIALS, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_plain_values_fit_into_the_charts_memory() {
    // A sample, unless all the time that it takes is given.
    let credentials = if std::env::var_os("APPCREDENTIAL_TEST_FULL").is_some() { 120 } else { 40 };
    let Some(mut test) = beside_a_tenant("memory-values").await else { return };
    let environment = |name: &str| json!({"name": name, "parameters": plain(name, 60)});
    let credential = |index: usize| {
        let environments = json!({"environments": [environment("staging"), environment("production")]});
        credential(&format!("greedy-{index}"), &plain("base", 40), &environments)
    };
    test.operator.start();
    test.operator.ready().await;
    test.small().await;
    test.operator.kill();
    create(&test, (0..credentials).map(credential).collect()).await;
    let began = Instant::now();
    test.operator.start();
    served_until_ready(&test, credentials, began).await;
    // A start finds all of them at once; where the API server does not stream lists, page by page.
    for args in [&[][..], &["--paged-lists"]] {
        test.operator.kill();
        test.operator.add(args);
        test.operator.start();
        test.operator.ready().await;
        test.wait_until("all are in sync", async || test.operator.said("in sync").len() > credentials).await;
        println!("after a restart with {args:?}: peak {} MiB", test.operator.peak().unwrap_or_default());
    }
    assert_eq!((ready(&test).await, test.operator.kills()), (credentials, 0));
}
