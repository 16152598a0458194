//! The operator's process as the Deployment would start it: its arguments, its environment, and the token of its service
//! account, under the chart's own roles and policies.
//!
//! There is no kubelet, so the test is it: it reads the Deployment back from the API server. Of the arguments it leaves out those
//! that the binary does not know yet (`tests/chart/promises.rs` keeps the list of them short).

use std::fs::File;
use std::process::Child;

use serde_json::{Value, json};

use super::release::Release;
use crate::harness::{Bench, Operator};

/// The process, its pid where the testbed's guard finds it.
struct Process {
    child: Child,
    log: std::path::PathBuf,
    pid_file: std::path::PathBuf,
}

impl Process {
    async fn start(bench: &Bench, release: &Release) -> Self {
        let deployment = bench.kubectl_says(&["get", "deployment", &release.name, "-o=json"]).await;
        let deployment: Value = serde_json::from_str(&deployment).expect("JSON");
        let pod = &deployment["spec"]["template"]["spec"];
        let account = pod["serviceAccountName"].as_str().expect("a service account");
        let token = bench.kubectl_says(&["create", "token", account]).await;
        let kubeconfig = bench.plane.kubeconfig_with(account, token.trim());
        let help = Operator::command().args(["run", "--help"]).output().expect("the operator").stdout;
        let help = String::from_utf8_lossy(&help).into_owned();
        let known = |arg: &&str| !arg.starts_with("--") || help.contains(arg.split('=').next().unwrap_or_default());
        let args = pod["containers"][0]["args"].as_array().expect("arguments");
        let args = args.iter().map(|arg| arg.as_str().expect("text")).filter(known);
        let folder = bench.plane.folder();
        let (log, pid_file) =
            (folder.join(format!("{account}.chart.log")), folder.join(format!("{account}.chart.pid")));
        let mut command = Operator::command();
        command.args(args).env("APPCREDENTIAL_KUBECONFIG", kubeconfig);
        for variable in pod["containers"][0]["env"].as_array().expect("variables") {
            let value = match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
                Some("metadata.name") => "the-pod",
                Some("metadata.namespace") => &release.name,
                other => panic!("a kubelet would know {other:?}"),
            };
            command.env(variable["name"].as_str().expect("a name"), value);
        }
        let file = File::create(&log).expect("a log");
        command.stdout(file.try_clone().expect("a log")).stderr(file);
        let child = command.spawn().expect("the operator");
        std::fs::write(&pid_file, child.id().to_string()).expect("a pid file");
        Self { child, log, pid_file }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.pid_file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_works_with_what_the_chart_gives_it_and_needs_no_more() {
    let bench = Bench::idle("chart-process").await;
    if !bench.plane.collects_garbage() {
        return;
    }
    let release = Release::install(&bench, &[], json!({"replicas": 1})).await;
    let process = Process::start(&bench, &release).await;
    bench.orders().await;
    bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    bench.at_revision("orders", 2).await;
    bench.patch("Secret", "orders", json!({"stringData": {"password": "by hand"}})).await;
    bench.at_revision("orders", 3).await;
    bench.event("orders", "OutputRestored").await;
    bench.edit("orders", json!({"targets": [{"secret": {"name": "renamed"}, "configMap": {"name": "renamed"}}]})).await;
    bench.wait_until("the old outputs are pruned", async || bench.outputs("orders").await.is_none()).await;
    bench.ready("orders").await;
    let log = process.log();
    let denied = log.lines().filter(|line| line.to_lowercase().contains("forbidden")).count();
    assert_eq!(denied, 0, "{log}");
}
