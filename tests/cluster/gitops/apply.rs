//! Applying manifests again and again, as a tool does that keeps a cluster as a repository says.

use std::path::Path;

use serde_json::Value;

use crate::harness::TestNamespace;

/// The examples, whose sources are in the same files.
fn examples() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").display().to_string()
}

/// The resourceVersions of everything that was applied.
async fn versions(test: &TestNamespace) -> Vec<String> {
    let list = test.kubectl_says(&["get", &format!("--filename={}", examples()), "--output=json"]).await;
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let of = |object: &Value| {
        let word = |field: &str| object["metadata"][field].as_str().expect("a word").to_owned();
        format!("{} {} {}", object["kind"], word("name"), word("resourceVersion"))
    };
    list["items"].as_array().expect("a list").iter().map(of).collect()
}

/// Waits until every credential is ready or waits for an author, so that the operator has no more to say.
async fn settled(test: &TestNamespace) -> usize {
    let all = "--for=condition=Ready";
    test.kubectl_says(&["wait", all, "appcredentials", "--all", "--timeout=60s"]).await;
    test.at_rest().await;
    test.kubectl_says(&["get", "appcredentials", "--output=name"]).await.lines().count()
}

async fn applied_twice(name: &str, flags: &[&str]) {
    let test = TestNamespace::start(name).await;
    let file = format!("--filename={}", examples());
    let args = |verb: &'static str| [&[verb, file.as_str()], flags].concat();
    test.kubectl_says(&args("apply")).await;
    assert!(settled(&test).await >= 9, "every example is ready");
    let before = versions(&test).await;

    let diff = test.kubectl(&args("diff"), "").await;
    // The API server warns of the example's certificate, which is none; that is no difference.
    let said = String::from_utf8_lossy(&diff.stdout).into_owned();
    assert_eq!((diff.status.code(), said.as_str()), (Some(0), ""), "nothing differs from the repository");

    test.kubectl_says(&args("apply")).await;
    test.at_rest().await;
    assert_eq!(versions(&test).await, before, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn applying_again_client_side_shows_no_diff_and_writes_nothing() {
    applied_twice("apply-client", &["--server-side=false"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn applying_again_server_side_shows_no_diff_and_writes_nothing() {
    applied_twice("apply-server", &["--server-side=true"]).await;
}
