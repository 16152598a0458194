//! A release from its installation to its end, cluster-wide and with its CRDs: on an API server of its own, which has none of it.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::{ControlPlane, Options};

use crate::harness::{CHART, documents, helm, succeeded};

const NAME: &str = "appcredential-operator";
const SYSTEM: &str = "appcredential-system";
const DEADLINE: Duration = Duration::from_secs(60);

const CREDENTIAL: &str = "
apiVersion: v1
kind: Secret
metadata: {name: source}
stringData: {password: hunter2}
---
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: kept}
spec:
  application: {type: mysql}
  authentication:
    {type: Basic, basic: {username: {value: app}, password: {valueFrom: {secretKeyRef: {name: source, key: password}}}}}
";

/// An API server without anything of ours.
pub(super) struct Empty(ControlPlane);

impl Empty {
    pub(super) fn boot() -> Self {
        Self(ControlPlane::start(&Options::default()).unwrap_or_else(|error| panic!("{error}")))
    }

    /// A folder that goes away with it.
    pub(super) fn folder(&self) -> &Path {
        self.0.folder()
    }

    /// The admin's kubeconfig.
    pub(super) fn kubeconfig(&self) -> &Path {
        self.0.kubeconfig()
    }

    /// Where kubectl is.
    pub(super) fn kubectl_program(&self) -> PathBuf {
        PathBuf::from(self.0.kubectl().get_program())
    }

    fn helm(&self, args: &[&str]) -> Output {
        helm(self.0.kubeconfig(), self.0.folder(), &[args, &["--namespace", SYSTEM]].concat())
    }

    fn install(&self, verb: &str, chart: &str, args: &[&str]) -> Output {
        self.helm(&[&[verb, NAME, chart], args].concat())
    }

    pub(super) fn kubectl(&self, args: &[&str]) -> Output {
        self.0.kubectl().args(args).output().expect("kubectl")
    }

    fn says(&self, args: &[&str]) -> String {
        succeeded(&self.kubectl(args)).trim().to_owned()
    }

    /// Whether a ConfigMap in the namespace `default` may not carry a mark of an output.
    fn refuses_marks(&self) -> bool {
        let metadata = serde_json::json!({"name": "forged", "labels": {"appcredential.io/name": "x"}});
        let forged = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata});
        let file = self.file("forged.json", &forged.to_string());
        let output = self.kubectl(&["create", "--dry-run=server", "-f", file.to_str().expect("a path")]);
        String::from_utf8_lossy(&output.stderr).contains("'marks.appcredential.io'")
    }

    /// A manifest in a file.
    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.folder().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    pub(super) fn wait_until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds() {
            assert!(Instant::now() < deadline, "not in {DEADLINE:?}: {what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Everything of the release that is there, by kind and name.
    fn objects(&self) -> Vec<String> {
        let kinds = "deployments,services,serviceaccounts,poddisruptionbudgets,roles,rolebindings,clusterroles,clusterrolebindings,\
                     validatingadmissionpolicies,validatingadmissionpolicybindings,customresourcedefinitions";
        let selector = format!("--selector=app.kubernetes.io/instance={NAME}");
        let said = self.says(&["get", kinds, "--all-namespaces", &selector, "-o=name"]);
        said.lines().map(str::to_owned).collect()
    }
}

/// The chart as a release before this one may have been: another version, another value, a CRD that lacks something.
fn earlier(folder: &Path) -> PathBuf {
    let chart = folder.join("earlier").join(NAME);
    copy(Path::new(CHART), &chart);
    let change = |file: &str, from: &str, to: &str| {
        let path = chart.join(file);
        let text = std::fs::read_to_string(&path).expect("a file of the chart");
        assert!(text.contains(from), "{file} has no {from:?}");
        std::fs::write(path, text.replace(from, to)).expect("written");
    };
    change("Chart.yaml", concat!("version: ", env!("CARGO_PKG_VERSION")), "version: 0.0.9");
    change("values.yaml", "replicas: 2", "replicas: 1");
    change("files/crds/appcredentials.yaml", "- appcred\n", "- earlier\n");
    chart
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let to = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &to);
        } else {
            std::fs::copy(&entry, to).expect("a copy");
        }
    }
}

/// What the API server found odd in the expressions of a policy, once it has looked.
fn oddities(plane: &Empty) -> Vec<String> {
    let policies: Value =
        serde_json::from_str(&plane.says(&["get", "validatingadmissionpolicies", "-o=json"])).expect("JSON");
    let policies = policies["items"].as_array().expect("items").clone();
    assert_eq!(policies.len(), 8);
    let looked = |policy: &Value| policy["status"]["observedGeneration"] == policy["metadata"]["generation"];
    if !policies.iter().all(looked) {
        return vec!["not looked at yet".to_owned()];
    }
    let warnings = policies.iter().filter(|policy| !policy["status"]["typeChecking"]["expressionWarnings"].is_null());
    warnings.map(|policy| policy["status"]["typeChecking"].to_string()).collect()
}

#[test]
fn credentials_survive_upgrade_rollback_and_uninstall() {
    let plane = Empty::boot();
    let earlier = earlier(plane.0.folder());
    let earlier = earlier.to_str().expect("a path");
    succeeded(&plane.install("install", earlier, &["--create-namespace"]));
    let installed = plane.objects();
    assert!(installed.contains(&format!("deployment.apps/{NAME}")), "{installed:#?}");
    plane.wait_until("the CRD is served", || plane.kubectl(&["get", "earlier"]).status.success());
    if plane.0.has_controller_manager() {
        let mut odd = Vec::new();
        plane.wait_until("the policies are looked at", || {
            odd = oddities(&plane);
            odd != ["not looked at yet"]
        });
        assert!(odd.is_empty(), "{odd:#?}");
    }
    let file = plane.file("credential.yaml", CREDENTIAL);
    plane.says(&["apply", "--server-side", "-f", file.to_str().expect("a path")]);
    let uid = || plane.says(&["get", "appcredential", "kept", "-o=jsonpath={.metadata.uid}"]);
    let first = uid();
    let replicas = || plane.says(&["get", "deployment", NAME, "--namespace", SYSTEM, "-o=jsonpath={.spec.replicas}"]);
    assert_eq!(replicas(), "1");

    succeeded(&plane.install("upgrade", CHART, &["--set=concurrency=4"]));
    plane.wait_until("the CRD is upgraded with the chart", || plane.kubectl(&["get", "appcred"]).status.success());
    let args = plane.says(&[
        "get",
        "deployment",
        NAME,
        "--namespace",
        SYSTEM,
        "-o=jsonpath={.spec.template.spec.containers[0].args}",
    ]);
    assert!(args.contains("--concurrency=4"), "{args}");
    assert_eq!((replicas().as_str(), uid()), ("2", first.clone()));
    assert!(plane.objects().contains(&format!("poddisruptionbudget.policy/{NAME}")));

    succeeded(&plane.helm(&["rollback", NAME, "1"]));
    plane.wait_until("the CRD is as it was", || plane.kubectl(&["get", "earlier"]).status.success());
    assert_eq!((replicas().as_str(), uid()), ("1", first.clone()));
    assert!(!plane.objects().contains(&format!("poddisruptionbudget.policy/{NAME}")));

    succeeded(&plane.helm(&["uninstall", NAME]));
    let kept = ["customresourcedefinition.", "validatingadmissionpolicy", "validatingadmissionpolicybinding"];
    let stays = |name: &String| kept.iter().any(|kind| name.starts_with(kind)) && name.ends_with(".appcredential.io");
    plane.wait_until("everything but the CRDs and policies is gone", || plane.objects().iter().all(stays));
    assert_eq!((plane.objects().len(), uid()), (2 + 2 * 7, first.clone()), "each policy has a binding");
    assert!(plane.refuses_marks(), "what is stored until there is an operator again has been looked at");

    succeeded(&plane.install("install", CHART, &[]));
    assert_eq!(uid(), first, "a new installation takes what is there");
    plane.wait_until("the CRD is that of the chart", || plane.kubectl(&["get", "appcred"]).status.success());
    let counted = |objects: &[String]| objects.len();
    assert_eq!(counted(&plane.objects()), counted(&installed) + 1, "the budget is new");
}

#[test]
fn policies_hold_everywhere_and_the_next_release_adopts_them() {
    let plane = Empty::boot();
    plane.says(&["create", "namespace", "orders"]);
    succeeded(&plane.install("install", CHART, &["--create-namespace", "--set=namespaces={orders}"]));
    plane.wait_until("they hold where no operator is", || plane.refuses_marks());
    let token = plane.says(&["create", "token", NAME, "--namespace", SYSTEM]);
    // kubectl is the administrator by a token of its own: this one takes its place.
    let stolen = |args: &[&str]| {
        let output = plane.kubectl(&[&["--token", &token], args].concat());
        assert!(!output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let secret = ["create", "secret", "generic", "stolen", "--namespace=orders"];
    plane.wait_until("the operator's own holds", || stolen(&secret).contains(&format!("'{NAME}-operator'")));
    let said = stolen(&["create", "token", "default", "--namespace=orders"]);
    assert!(said.contains("cannot create resource \"serviceaccounts/token\""), "{said}");

    succeeded(&plane.helm(&["uninstall", NAME]));
    assert!(plane.refuses_marks());
    let refused = plane.helm(&["install", "other", CHART]);
    assert!(!refused.status.success(), "like the CRDs they are another release's");
    succeeded(&plane.helm(&["install", "other", CHART, "--take-ownership", "--force-conflicts"]));
    let marks = plane.says(&["get", "validatingadmissionpolicy", "marks.appcredential.io", "-o=json"]);
    let user = format!("system:serviceaccount:{SYSTEM}:other-{NAME}");
    assert!(marks.contains(&user) && !marks.contains(&format!("{SYSTEM}:{NAME}")), "{marks}");
    assert!(plane.refuses_marks());
    succeeded(&plane.helm(&["upgrade", "other", CHART, "--set=policies.marks=Allow"]));
    plane.wait_until("a policy that is kept is still lifted by its value", || !plane.refuses_marks());
}

#[test]
fn the_manifest_for_kubectl_is_accepted_and_is_the_chart() {
    let plane = Empty::boot();
    let manifest = Path::new(CHART).join("../../deploy/install.yaml");
    let manifest = manifest.to_str().expect("a path");
    let said = plane.says(&["apply", "--server-side", "-f", manifest]);
    let text = std::fs::read_to_string(manifest).expect("the manifest");
    assert_eq!(said.lines().count(), documents(&text).len(), "{said}");
    plane.wait_until("the kinds are served", || plane.kubectl(&["get", "appcred"]).status.success());
    // A pod as the Deployment makes it passes the standard that the namespace enforces.
    let enforced = plane.says(&["get", "namespace", SYSTEM, "-o=jsonpath={.metadata.labels}"]);
    assert!(enforced.contains("pod-security.kubernetes.io/enforce\":\"restricted"), "{enforced}");
    let deployment = plane.says(&["get", "deployment", NAME, "--namespace", SYSTEM, "-o=json"]);
    let template = serde_json::from_str::<Value>(&deployment).expect("JSON")["spec"]["template"].clone();
    let pod = |spec: &Value| serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": spec});
    let tried = |name: &str, spec: &Value| {
        let file = plane.file(name, &pod(spec).to_string());
        plane.kubectl(&["create", "--dry-run=server", "--namespace", SYSTEM, "-f", file.to_str().expect("a path")])
    };
    if plane.0.has_controller_manager() {
        let mut lax = template["spec"].clone();
        lax["securityContext"]["runAsNonRoot"] = Value::Bool(false);
        assert!(!tried("lax.json", &lax).status.success(), "the standard is enforced");
        succeeded(&tried("pod.json", &template["spec"]));
    }
    // The CRDs that kubectl installed can be taken over by a release.
    let refused = plane.install("install", CHART, &[]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("ownership"), "{said}");
    succeeded(&plane.install("install", CHART, &["--take-ownership", "--force-conflicts"]));
}
