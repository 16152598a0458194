//! The chart, and helm to install it or to see what it would install.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// The chart.
pub(crate) const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/appcredential-operator");

/// The image of the tests. It need not exist, since there is no node that would pull it.
const IMAGE: &str = "--set=image.repository=registry.example.com/appcredential-operator";

/// The verbs of helm that render the chart, which takes an image.
const RENDERS: [&str; 3] = ["install", "template", "upgrade"];

/// Runs helm against a cluster, with an image for the chart and with nothing of the machine's settings.
pub(crate) fn helm(kubeconfig: &Path, folder: &Path, args: &[&str]) -> Output {
    let program = testbed::tool("helm").unwrap_or_else(|error| panic!("{error}"));
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HELM_")) {
        command.env_remove(name);
    }
    for (name, place) in [("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")] {
        command.env(name, folder.join("helm").join(place));
    }
    let image = args.first().filter(|verb| RENDERS.contains(verb)).map(|_| IMAGE);
    command.env("KUBECONFIG", kubeconfig).args(args).args(image).output().expect("helm")
}

/// What the chart renders with these values, of one template. No cluster is asked; the folder is for helm's own files.
pub(crate) fn template(folder: &Path, name: &str, namespace: &str, values: &Value, template: &str) -> String {
    let file = folder.join(format!("{namespace}.{:?}.values.json", std::thread::current().id()));
    std::fs::write(&file, values.to_string()).expect("written");
    let (values, show) = (file.to_str().expect("a path"), format!("templates/{template}.yaml"));
    let args = ["template", name, CHART, "--namespace", namespace, "--values", values, "--show-only", &show];
    succeeded(&helm(&folder.join("none"), folder, &args))
}

/// What helm or kubectl said, which must have succeeded.
pub(crate) fn succeeded(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
