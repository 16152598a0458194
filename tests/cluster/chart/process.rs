//! The operator's process as the Deployment would start it: its arguments, its environment, and the token of its service
//! account, under the chart's own roles and policies.
//!
//! There is no kubelet, so the test is it: it reads the Deployment back from the API server. A pod has all ports to itself and a
//! test has not: the system chooses others.

use std::fs::File;
use std::process::Child;

use serde_json::Value;

use super::release::Release;
use crate::harness::{Operator, TestNamespace};

/// The process, its pid where the testbed's guard finds it.
pub(crate) struct Process {
    child: Child,
    log: std::path::PathBuf,
    pid_file: std::path::PathBuf,
}

impl Process {
    /// Starts what the Deployment of a release says.
    pub(crate) async fn start(test: &TestNamespace, release: &Release) -> Self {
        let deployment = test.kubectl_says(&["get", "deployment", &release.name, "-o=json"]).await;
        let deployment: Value = serde_json::from_str(&deployment).expect("JSON");
        let pod = &deployment["spec"]["template"]["spec"];
        let account = pod["serviceAccountName"].as_str().expect("a service account");
        let token = test.kubectl_says(&["create", "token", account]).await;
        let kubeconfig = test.plane.kubeconfig_with(account, token.trim());
        let args = pod["containers"][0]["args"].as_array().expect("arguments");
        let port = |arg: &str| arg.replace(":8080", ":0").replace(":8081", ":0");
        let args: Vec<String> = args.iter().map(|arg| port(arg.as_str().expect("text"))).collect();
        let folder = test.plane.folder();
        let (log, pid_file) =
            (folder.join(format!("{account}.chart.log")), folder.join(format!("{account}.chart.pid")));
        let mut command = Operator::command();
        command.args(args).env("APPCREDENTIAL_KUBECONFIG", kubeconfig);
        for variable in pod["containers"][0]["env"].as_array().expect("variables") {
            let value = match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
                Some("metadata.name") => "the-pod",
                Some("metadata.uid") => "0b54e7a4-2d3b-4d5c-9d3e-5f0a6c1e7d21",
                Some("metadata.namespace") => &release.namespace,
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

    /// Where it listens for a flag.
    pub(crate) fn address(&self, flag: &str) -> std::net::SocketAddr {
        let log = self.log();
        let line = log.lines().find(|line| line.contains("listening") && line.contains(flag)).expect("it listens");
        let line: Value = serde_json::from_str(line).expect("JSON");
        line["address"].as_str().and_then(|address| address.parse().ok()).expect("an address")
    }

    /// Ends it as a kubelet does.
    pub(crate) fn stop(&mut self) {
        let sent =
            std::process::Command::new("sh").args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()]).status();
        assert!(sent.expect("sh").success());
        assert!(self.child.wait().expect("a child").success(), "{}", self.log());
    }

    /// Everything that it wrote.
    pub(crate) fn log(&self) -> String {
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
