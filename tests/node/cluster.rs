//! The cluster that the node is of: kubectl and helm as a person runs them, and values that are watched, so that when one
//! changed is known to the millisecond and not to the next look.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Instant;

use serde_json::Value;
use testbed::{ControlPlane, Options, User};

use crate::config::{IMAGE, NODE};
use crate::wait::DEADLINE;

/// The chart.
const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/appcredential-operator");
const SCHEDULER: &str = "system:kube-scheduler";

/// The cluster.
pub(crate) struct Cluster {
    plane: ControlPlane,
}

impl Cluster {
    /// Starts a control plane that serves pods, and knows the node and the scheduler.
    pub(crate) fn start() -> Self {
        let kubelet = User::new(format!("system:node:{NODE}"), "the-kubelet").in_group("system:nodes");
        let users = vec![kubelet, User::new(SCHEDULER, "the-scheduler")];
        let plane = ControlPlane::start(&Options { users, pods: true, ..Options::default() });
        Self { plane: plane.unwrap_or_else(|error| panic!("{error}")) }
    }

    /// The kubeconfigs of the kubelet and of the scheduler.
    pub(crate) fn kubeconfigs(&self) -> (PathBuf, PathBuf) {
        let of = |user: &str| self.plane.kubeconfig_for(user).unwrap_or_else(|error| panic!("{error}")).to_owned();
        (of(&format!("system:node:{NODE}")), of(SCHEDULER))
    }

    /// Runs kubectl, which must succeed, and returns what it said.
    pub(crate) fn kubectl(&self, args: &[&str]) -> String {
        self.try_kubectl(args).unwrap_or_else(|said| panic!("kubectl {args:?}: {said}"))
    }

    /// Runs kubectl.
    pub(crate) fn try_kubectl(&self, args: &[&str]) -> Result<String, String> {
        result(&self.plane.kubectl().args(args).output().expect("kubectl"))
    }

    /// Applies a manifest.
    pub(crate) fn apply(&self, yaml: &str) {
        let mut command = self.plane.kubectl();
        command.args(["apply", "-f", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl");
        child.stdin.take().expect("stdin").write_all(yaml.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("kubectl");
        result(&output).unwrap_or_else(|said| panic!("kubectl apply: {said}"));
    }

    /// An object.
    pub(crate) fn get(&self, args: &[&str]) -> Value {
        let said = self.kubectl(&[&["get", "--output=json"], args].concat());
        serde_json::from_str(&said).expect("JSON")
    }

    /// Installs or upgrades the release `operator` in the namespace `operator-system`, and waits for its pods.
    pub(crate) fn helm(&self, verb: &str, settings: &[&str]) {
        let mut command = Command::new(testbed::tool("helm").unwrap_or_else(|error| panic!("{error}")));
        for (name, place) in [("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")]
        {
            command.env(name, self.plane.folder().join("helm").join(place));
        }
        command.env("KUBECONFIG", self.plane.kubeconfig());
        command.args([verb, "appcredential-operator", CHART, "--namespace=operator-system", "--create-namespace"]);
        command.arg(format!("--set-string=image.repository={IMAGE}"));
        command.args(["--wait", &format!("--timeout={}s", DEADLINE.as_secs())]);
        command.args(settings.iter().map(|setting| format!("--set-string={setting}")));
        result(&command.output().expect("helm")).unwrap_or_else(|said| panic!("helm {verb}: {said}"));
    }

    /// Watches a value of an object, by a Go template. The object need not be there yet.
    pub(crate) fn watch(&self, kind: &str, name: &str, value: &str) -> Watch {
        let mut command = self.plane.kubectl();
        let (selector, output) = (
            format!("--field-selector=metadata.name={name}"),
            format!("--output=go-template={{{{{value}}}}}{{{{\"\\n\"}}}}"),
        );
        command.args(["get", kind, &selector, "--watch", &output]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::inherit()).spawn().expect("kubectl");
        let lines = BufReader::new(child.stdout.take().expect("stdout"));
        let (sender, values) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                if sender.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        Watch { child, values }
    }

    /// A folder that goes away with the cluster.
    pub(crate) fn folder(&self) -> &Path {
        self.plane.folder()
    }
}

fn result(output: &Output) -> Result<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// A value that is watched.
pub(crate) struct Watch {
    child: Child,
    values: Receiver<(Instant, String)>,
}

impl Watch {
    /// Waits for the first value.
    pub(crate) fn any(&self) {
        self.values.recv_timeout(DEADLINE).expect("there is no value");
    }

    /// When it became this. What it was before is passed over.
    pub(crate) fn becomes(&self, wanted: &str) -> Instant {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (when, value) = self.values.recv_timeout(left).unwrap_or_else(|_| panic!("it never became {wanted:?}"));
            if value == wanted {
                return when;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
