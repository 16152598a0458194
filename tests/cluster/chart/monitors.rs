//! What the chart makes for the Prometheus operator, against the CRDs of the Prometheus operator.
//!
//! They come out of its Go module, as the programs of the tests do; nothing of it runs here.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{TestNamespace, succeeded, template};

const MODULE: &str = "github.com/prometheus-operator/prometheus-operator@v0.94.1";

/// The folder with the CRDs; none where Go cannot be asked for them.
fn crds() -> Option<PathBuf> {
    // Outside of any module, so that none is changed.
    let download = Command::new("go").args(["mod", "download", "-json", MODULE]).current_dir("/").output();
    let said = download.ok().filter(|output| output.status.success())?;
    let said: Value = serde_json::from_slice(&said.stdout).expect("JSON");
    Some(PathBuf::from(said["Dir"].as_str()?).join("example/prometheus-operator-crd"))
}

async fn install(test: &TestNamespace, folder: &std::path::Path) {
    for kind in ["servicemonitors", "podmonitors", "prometheusrules"] {
        let file = folder.join(format!("monitoring.coreos.com_{kind}.yaml"));
        let file = file.to_str().expect("a path");
        // Client-side, it would not fit into an annotation.
        test.kubectl_says(&["apply", "--server-side", "-f", file]).await;
        let name = format!("crd/{kind}.monitoring.coreos.com");
        test.kubectl_says(&["wait", "--for=condition=Established", &name, "--timeout=30s"]).await;
    }
}

/// What the chart renders with these values, of one template.
async fn rendered(test: &TestNamespace, name: &'static str, values: Value) -> String {
    let (folder, namespace) = (test.plane.folder().to_owned(), test.namespace.clone());
    let render = move || template(&folder, "monitored", &namespace, &values, name);
    tokio::task::spawn_blocking(render).await.expect("what the chart renders")
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_crds_accept_every_field_of_monitors_and_rule() {
    let Some(folder) = crds() else {
        eprintln!("skipped: Go cannot fetch the CRDs of the Prometheus operator here");
        return;
    };
    let test = TestNamespace::idle("chart-monitors").await;
    install(&test, &folder).await;
    let labels = json!({"release": "prometheus"});
    let bearer = json!({"type": "Bearer", "credentials": {"name": "token", "key": "token"}});
    let monitor = json!({"enabled": true, "interval": "30s", "labels": labels});
    let with_token = json!({"enabled": true, "labels": labels, "authorization": bearer});
    for (template, values) in [
        ("monitors", json!({"metrics": {"serviceMonitor": monitor}})),
        ("monitors", json!({"metrics": {"podMonitor": monitor}})),
        ("monitors", json!({"metrics": {"access": "token", "serviceMonitor": {"enabled": true}}})),
        ("monitors", json!({"metrics": {"access": "token", "serviceMonitor": with_token}})),
        ("monitors", json!({"metrics": {"access": "token", "podMonitor": with_token}})),
        ("prometheusrule", json!({"prometheusRule": {"enabled": true, "labels": labels}})),
    ] {
        let manifest = rendered(&test, template, values.clone()).await;
        let applied = test.kubectl(&["apply", "--validate=strict", "-f", "-"], &manifest).await;
        succeeded(&applied);
    }
    let there = test.kubectl_says(&["get", "servicemonitors,podmonitors,prometheusrules", "-o=name"]).await;
    assert_eq!(there.lines().count(), 3, "{there}");
    let odd = rendered(&test, "monitors", json!({"metrics": {"podMonitor": monitor}})).await;
    let odd = odd.replace("interval:", "intervall:");
    assert!(!test.kubectl(&["apply", "--validate=strict", "-f", "-"], &odd).await.status.success(), "it is strict");
}
