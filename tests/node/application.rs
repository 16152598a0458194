//! The application: a pod that mounts the Secret and the ConfigMap of a credential, and prints their files whenever they
//! change. What it printed is read where the kubelet keeps it, so that waiting for a line costs no request.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;

use crate::cluster::Cluster;
use crate::config::SHOW;
use crate::wait::until;

const NAME: &str = "shop";

/// The application's pod.
pub(crate) struct Application {
    /// Its uid and how often its container was started again.
    first: (String, u64),
}

impl Application {
    /// Applies the pod and returns once its container has printed this. It mounts what is named `orders-db`.
    pub(crate) fn start(cluster: &Cluster, printed: &str) -> Self {
        cluster.apply(&format!(
            "apiVersion: v1
kind: Pod
metadata: {{name: {NAME}}}
spec:
  automountServiceAccountToken: false
  securityContext: {{runAsNonRoot: true, runAsUser: 65532, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
  - name: show
    image: {SHOW}
    imagePullPolicy: Never
    args: [/credentials/secret, /credentials/settings]
    securityContext: {{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {{drop: [ALL]}}}}
    volumeMounts:
    - {{name: secret, mountPath: /credentials/secret, readOnly: true}}
    - {{name: settings, mountPath: /credentials/settings, readOnly: true}}
  volumes:
  - {{name: secret, secret: {{secretName: orders-db}}}}
  - {{name: settings, configMap: {{name: orders-db}}}}
"
        ));
        wait_printed(printed);
        Self { first: state(cluster) }
    }

    /// When its container had printed this.
    pub(crate) fn printed(line: &str) -> Instant {
        wait_printed(line)
    }

    /// That the same container still runs.
    pub(crate) fn is_undisturbed(&self, cluster: &Cluster) {
        assert_eq!(state(cluster), self.first, "the application's pod was disturbed");
    }

    /// That the pod is the same one and its container was started again.
    pub(crate) fn was_restarted(&self, cluster: &Cluster) -> bool {
        let (uid, restarts) = state(cluster);
        assert_eq!(uid, self.first.0, "the application's pod is another one");
        restarts > self.first.1
    }
}

fn state(cluster: &Cluster) -> (String, u64) {
    let pod: Value = cluster.get(&["pod", NAME]);
    let uid = pod["metadata"]["uid"].as_str().expect("a uid").to_owned();
    (uid, pod["status"]["containerStatuses"][0]["restartCount"].as_u64().unwrap_or_default())
}

fn wait_printed(line: &str) -> Instant {
    until(&format!("the application has printed {line}"), || {
        let text = logs().iter().filter_map(|log| std::fs::read_to_string(log).ok()).collect::<String>();
        text.lines().any(|printed| printed.ends_with(line)).then(Instant::now)
    })
}

/// The files that the kubelet keeps what it printed in: one for each start of its container.
fn logs() -> Vec<PathBuf> {
    let pods = std::fs::read_dir("/var/log/pods").into_iter().flatten().flatten().map(|entry| entry.path());
    let of_pod = pods.filter(|path| path.to_string_lossy().contains(&format!("default_{NAME}_")));
    let files = of_pod.flat_map(|pod| std::fs::read_dir(pod.join("show")).into_iter().flatten().flatten());
    files.map(|file| file.path()).collect()
}
