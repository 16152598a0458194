//! The control plane of the test process: booted by whichever test comes first, shared by all.
//!
//! Statics are never dropped, so nothing here stops it: the testbed's guard notices the end of this process.
//! With `APPCREDENTIAL_TEST_CONTEXT` a cluster that is there already is used, in a context of one's kubeconfig.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use testbed::{ControlPlane, Options};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::audit::AuditLog;

/// Names the context of an existing cluster.
const CONTEXT: &str = "APPCREDENTIAL_TEST_CONTEXT";
/// Namespaces in use at once, however many tests the machine runs in parallel: each is a process and a set of watches.
const AT_ONCE: usize = 12;
/// Control planes at once that single tests have for themselves, besides the one that all share: each has several hundred MiB.
static OF_THEIR_OWN: Semaphore = Semaphore::const_new(2);

/// The CRDs and what comes with them, as they are committed.
pub(crate) const CRDS: &str = concat!(
    include_str!("../../../crds/appcredentials.yaml"),
    "---\n",
    include_str!("../../../crds/appcredentialgrants.yaml"),
    "---\n",
    include_str!("../../../crds/policy.yaml"),
    "---\n",
    include_str!("../../../crds/policybinding.yaml")
);

/// The CRDs alone, for a cluster that has them without the policy.
pub(crate) fn definitions() -> impl Iterator<Item = Value> {
    super::documents(CRDS).into_iter().filter(|object| object["kind"] == "CustomResourceDefinition")
}

/// What only the policy refuses that comes with the CRDs.
const WITHOUT_TYPE: &str = "{apiVersion: appcredential.io/v1alpha1, kind: AppCredential, metadata: {name: x, namespace: default}, spec: {application: {type: redis}, authentication: {}}}";

/// A control plane with the CRDs.
pub(crate) struct Plane {
    control: ControlPlane,
    /// Whether it was there before and will be there afterwards.
    pub(crate) existing: bool,
    /// The admin's kubeconfig, with everything in it.
    kubeconfig: Value,
    pub(super) audit: Option<Mutex<AuditLog>>,
    pub(super) permits: Arc<Semaphore>,
    _permit: Option<SemaphorePermit<'static>>,
}

/// The control plane of this process.
pub(crate) async fn plane() -> Arc<Plane> {
    static PLANE: OnceLock<Result<Arc<Plane>, String>> = OnceLock::new();
    let started = || PLANE.get_or_init(|| Plane::shared().map(Arc::new)).clone();
    match tokio::task::spawn_blocking(started).await.expect("the start of the control plane") {
        Ok(plane) => plane,
        Err(error) => panic!("{error}"),
    }
}

impl Plane {
    fn shared() -> Result<Self, String> {
        match std::env::var(CONTEXT).ok().filter(|name| !name.is_empty()) {
            Some(context) => {
                let control = ControlPlane::existing(None, Some(&context)).map_err(|error| error.to_string())?;
                Self::with_crds(control, CRDS, true)
            }
            None => Self::boot(CRDS),
        }
    }

    /// A new control plane with these CRDs, for one test.
    pub(crate) async fn of_its_own(crds: &str) -> Arc<Self> {
        let permit = OF_THEIR_OWN.acquire().await.expect("a permit");
        let crds = crds.to_owned();
        let booted = tokio::task::spawn_blocking(move || Self::boot(&crds)).await.expect("a start");
        let plane = booted.unwrap_or_else(|error| panic!("{error}"));
        Arc::new(Self { _permit: Some(permit), ..plane })
    }

    /// Takes a backup of the store. The API server is away meanwhile.
    pub(crate) fn back_up(&self) {
        self.control.back_up().expect("a backup");
    }

    /// Puts the store back to the backup. The API server is away meanwhile.
    pub(crate) fn restore(&self) {
        self.control.restore().expect("a restored store");
    }

    fn boot(crds: &str) -> Result<Self, String> {
        let options = Options { audit: true, ..Options::default() };
        let control = ControlPlane::start(&options).map_err(|error| error.to_string())?;
        Self::with_crds(control, crds, false)
    }

    fn with_crds(control: ControlPlane, crds: &str, existing: bool) -> Result<Self, String> {
        let view = control.kubectl().args(["config", "view", "--raw", "--flatten", "--minify", "-o=json"]).output();
        let view = view.map_err(|error| error.to_string())?;
        let kubeconfig = serde_json::from_slice(&view.stdout).map_err(|error| error.to_string())?;
        let audit = control.audit_log().map(|path| Mutex::new(AuditLog::new(path)));
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        control.install_crds(crds).map_err(|error| error.to_string())?;
        if crds.contains("ValidatingAdmissionPolicy") {
            control.until_refused(WITHOUT_TYPE).map_err(|error| error.to_string())?;
        }
        Ok(Self { control, existing, kubeconfig, audit, permits, _permit: None })
    }

    /// Runs kubectl as the admin.
    pub(crate) fn kubectl(&self, args: &[&str], input: &str) -> Output {
        let mut command: Command = self.control.kubectl();
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl");
        // A kubectl that reads nothing closes the pipe: no matter.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        child.wait_with_output().expect("kubectl ends")
    }

    /// A folder that goes away with the control plane. What has its pid in a `*.pid` file there goes as well.
    pub(crate) fn folder(&self) -> &Path {
        self.control.folder()
    }

    /// The admin's kubeconfig.
    pub(crate) fn kubeconfig(&self) -> &Path {
        self.control.kubeconfig()
    }

    /// A client that acts as a user of this name, who may do only what the user is bound to.
    pub(crate) async fn client_of(&self, user: &str) -> Client {
        client(&self.kubeconfig_of(user)).await
    }

    /// Whether there is a garbage collector; says that a test skips a part where there is none.
    pub(crate) fn collects_garbage(&self) -> bool {
        let there = self.control.has_controller_manager();
        if !there {
            eprintln!("skipped: this control plane has no controller manager, so nothing collects garbage");
        }
        there
    }

    /// A kubeconfig for a user of this name, by impersonation.
    fn kubeconfig_of(&self, user: &str) -> PathBuf {
        let mut kubeconfig = self.kubeconfig.clone();
        kubeconfig["users"][0]["user"]["as"] = json!(user);
        kubeconfig["users"][0]["user"]["as-groups"] = json!(["system:authenticated"]);
        let path = self.folder().join(format!("{user}.kubeconfig"));
        write_private(&path, &kubeconfig.to_string());
        path
    }

    /// Host and port of the API server.
    pub(crate) fn address(&self) -> String {
        let server = self.kubeconfig["clusters"][0]["cluster"]["server"].as_str().expect("a server");
        server.trim_start_matches("https://").trim_end_matches('/').to_owned()
    }

    /// A kubeconfig with a token, such as that of a service account.
    pub(crate) fn kubeconfig_with(&self, name: &str, token: &str) -> PathBuf {
        self.kubeconfig_by(name, token, None)
    }

    /// The same, with another way to the API server.
    pub(super) fn kubeconfig_by(&self, name: &str, token: &str, by: Option<std::net::SocketAddr>) -> PathBuf {
        let mut kubeconfig = self.kubeconfig.clone();
        if let Some(by) = by {
            kubeconfig["clusters"][0]["cluster"]["server"] = json!(format!("https://{by}"));
        }
        kubeconfig["users"][0]["user"] = json!({"token": token});
        let path = self.folder().join(format!("{name}.token.kubeconfig"));
        write_private(&path, &kubeconfig.to_string());
        path
    }

    /// A client that belongs to the runtime of the test that asks.
    pub(crate) async fn client(&self) -> Client {
        client(self.control.kubeconfig()).await
    }
}

pub(crate) async fn client(kubeconfig: &Path) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("a kubeconfig");
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.expect("a config");
    Client::try_from(config).expect("a client")
}

fn write_private(path: &Path, content: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path).expect("a file");
    file.write_all(content.as_bytes()).expect("written");
}
