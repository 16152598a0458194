//! What tools see that apply manifests from a repository and wait for them: kubectl, kstatus (Flux, Helm), Argo CD.

mod apply;
mod argocd;
mod kstatus;

use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;

use crate::harness::TestNamespace;

/// What a tool says of an object.
#[derive(Debug, Deserialize, PartialEq)]
struct Health {
    name: String,
    status: String,
    message: String,
}

/// Asks `tests/tools/health` about an object.
async fn health(args: &[&str], object: &Value) -> Health {
    use std::process::Stdio;
    use tokio::io::AsyncWriteExt;
    let found = tokio::task::spawn_blocking(|| testbed::tool("health")).await.expect("a tool");
    let program = found.unwrap_or_else(|error| panic!("{error}"));
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("health");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(object.to_string().as_bytes()).await.expect("written");
    drop(input);
    let output = child.wait_with_output().await.expect("health ends");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a line of JSON")
}

/// A credential as kubectl gets it.
async fn as_it_is(test: &TestNamespace, name: &str) -> Value {
    test.credential(name).await.expect("it is there").0
}

/// What only the merged environment shows: two fields give one key.
const REFUSED: &str = r#"{"parameters": [{"name": "host", "value": "twice"}]}"#;

fn refused() -> Value {
    serde_json::from_str(REFUSED).expect("JSON")
}
