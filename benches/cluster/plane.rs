//! A control plane of the benchmark's own, with the CRDs, and clients for it.
//!
//! Each scale has a new one: what an earlier one left in etcd and in the API server's caches would be measured too.

use std::io::Write;
use std::path::{Path, PathBuf};

use k8s_openapi::jiff::Timestamp;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use testbed::{ControlPlane, Options};

use super::audit::AuditLog;
use super::results::Tally;

/// The CRDs and what comes with them, as they are committed.
const CRDS: &str = concat!(
    include_str!("../../crds/appcredentials.yaml"),
    "---\n",
    include_str!("../../crds/appcredentialgrants.yaml"),
    "---\n",
    include_str!("../../crds/policy.yaml"),
    "---\n",
    include_str!("../../crds/policybinding.yaml")
);

/// A control plane with the CRDs.
pub(crate) struct Plane {
    control: ControlPlane,
    /// The admin's kubeconfig, with everything in it.
    kubeconfig: Value,
    audit: AuditLog,
    /// May do everything.
    pub(crate) client: Client,
}

impl Plane {
    /// Starts one.
    pub(crate) async fn boot() -> Self {
        let started = || {
            let control = ControlPlane::start(&Options { audit: true, ..Options::default() })?;
            control.install_crds(CRDS).map(|()| control)
        };
        let control = tokio::task::spawn_blocking(started).await.expect("the start of the control plane");
        let control = control.unwrap_or_else(|error| panic!("{error}"));
        let view = control.kubectl().args(["config", "view", "--raw", "--flatten", "--minify", "-o=json"]).output();
        let kubeconfig = serde_json::from_slice(&view.expect("kubectl").stdout).expect("a kubeconfig");
        let audit = AuditLog::new(control.audit_log().expect("an audit log"));
        let admin = client(control.kubeconfig()).await;
        let mut plane = Self { control, kubeconfig, audit, client: admin };
        // The operator is impersonated, which costs the API server a look-up each time: so is the load that it is held against.
        plane.client = client(&plane.kubeconfig_of("load")).await;
        plane
    }

    /// A folder that goes away with the control plane. What has its pid in a `*.pid` file there goes as well.
    pub(crate) fn folder(&self) -> &Path {
        self.control.folder()
    }

    /// The API server's process.
    pub(crate) fn api_server(&self) -> Option<u32> {
        self.control.pid("kube-apiserver")
    }

    /// A kubeconfig for a user of this name who may do everything: the audit log tells users apart.
    pub(crate) fn kubeconfig_of(&self, user: &str) -> PathBuf {
        use std::os::unix::fs::OpenOptionsExt;
        let mut kubeconfig = self.kubeconfig.clone();
        kubeconfig["users"][0]["user"]["as"] = json!(user);
        kubeconfig["users"][0]["user"]["as-groups"] = json!(["system:masters"]);
        let path = self.folder().join(format!("{user}.kubeconfig"));
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&path).expect("a file");
        file.write_all(kubeconfig.to_string().as_bytes()).expect("written");
        path
    }

    /// What these users asked of the API server up to now. A watch is told when it ends. The lease of a leader, which is
    /// renewed every other second whatever happens, is left out.
    pub(crate) fn tally(&mut self, users: &[String]) -> Tally {
        let mut tally = Tally::new();
        for user in users {
            for request in self.audit.of(user).iter().filter(|request| request.resource != "leases") {
                *tally.entry(format!("{} {}", request.verb, request.resource)).or_default() += 1;
            }
        }
        tally
    }

    /// When the last of so many outputs that a user creates was there, by the API server's own clock.
    pub(crate) fn outputs_there(&mut self, user: &str, count: usize) -> Timestamp {
        let creates = self.audit.of(user).iter().filter(|request| {
            let is_output = matches!(request.resource.as_str(), "secrets" | "configmaps");
            is_output && request.verb == "create" && request.code == 201
        });
        let times: Vec<Timestamp> = creates.map(|request| request.at.0).collect();
        assert_eq!(times.len(), count, "outputs that {user} has created");
        times.into_iter().max().expect("an output")
    }

    /// The version of the API server.
    pub(crate) async fn version(&self) -> String {
        self.client.apiserver_version().await.expect("a version").git_version
    }
}

async fn client(kubeconfig: &Path) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("a kubeconfig");
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.expect("a config");
    // A request that is sent twice would be measured as one slow one.
    config.default_retry = false;
    Client::try_from(config).expect("a client")
}
