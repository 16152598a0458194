//! helm as the tests call it: the pinned one, on the chart of this repository, with nothing of the machine's settings.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

use crate::generated;

const CHART: &str = "charts/appcredential-operator";

/// The values that name an image, without which the chart does not render.
pub(crate) const IMAGE: &str = "--values=tests/chart/image.yaml";

/// The root of the package.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Reads a file of the package.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs helm. Whatever it renders are the files of now: those that are generated are written first, where that is asked for.
pub(crate) fn helm(args: &[&str]) -> Output {
    static HELM: OnceLock<PathBuf> = OnceLock::new();
    generated::written();
    let program = HELM.get_or_init(|| testbed::tool("helm").unwrap_or_else(|error| panic!("{error}")));
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HELM_")) {
        command.env_remove(name);
    }
    command.env("KUBECONFIG", "/dev/null").current_dir(root()).args(args);
    command.output().expect("helm")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// Renders the chart by `helm template` with an image and these arguments.
pub(crate) fn template(args: &[&str]) -> Result<String, String> {
    rendered(&[&[IMAGE], args].concat())
}

/// Renders the chart by `helm template` with these arguments alone.
fn rendered(args: &[&str]) -> Result<String, String> {
    let first = ["template", "appcredential-operator", CHART, "--namespace=appcredential-system"];
    let output = helm(&[&first, args].concat());
    let (stdout, stderr) = said(&output);
    if output.status.success() { Ok(stdout) } else { Err(stderr) }
}

/// The objects that the chart becomes with a file of values.
pub(crate) fn objects(args: &[&str]) -> Vec<Value> {
    let text = template(args).unwrap_or_else(|error| panic!("{args:?}: {error}"));
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{args:?}: {error}"));
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

/// The one object of a kind and a name.
pub(crate) fn object<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let mut found = objects.iter().filter(|object| object["kind"] == kind && object["metadata"]["name"] == name);
    let object = found.next().unwrap_or_else(|| panic!("no {kind} {name}"));
    assert!(found.next().is_none(), "two {kind} {name}");
    object
}

/// The files of values, by name.
pub(crate) fn values() -> Vec<PathBuf> {
    let folder = root().join("tests/chart/values");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 12, "the files of values are found");
    files
}

/// The name of a file of values.
pub(crate) fn stem(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}

#[test]
fn helm_finds_nothing_wrong_with_the_chart_whatever_the_values() {
    for file in values() {
        let output = helm(&["lint", "--strict", "--quiet", CHART, IMAGE, "--values", file.to_str().unwrap()]);
        let (stdout, stderr) = said(&output);
        assert!(output.status.success(), "{}:\n{stdout}{stderr}", stem(&file));
    }
}

#[test]
fn helm_is_the_pinned_one_and_the_chart_is_of_this_version() {
    let definition = read("tests/tools/go.mod");
    let (_, pinned) = definition.split_once("helm.sh/helm/v4 v").expect("helm in tests/tools/go.mod");
    let pinned = pinned.split_whitespace().next().unwrap();
    if std::env::var_os("APPCREDENTIAL_TEST_HELM").is_none() {
        assert_eq!(said(&helm(&["version", "--template={{.Version}}"])).0, format!("v{pinned}"));
    }
    let chart: Value = serde_saphyr::from_str(&read("charts/appcredential-operator/Chart.yaml")).unwrap();
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
    assert_eq!(chart["version"], env!("CARGO_PKG_VERSION"), "chart and operator are released together");
}

#[test]
fn without_an_image_the_chart_fails_and_says_how_to_name_one() {
    let message = rendered(&[]).expect_err("no image is named");
    for part in ["image.repository: missing", "deploy/build-image", "docs/image.md", "--set image.repository="] {
        assert!(message.contains(part), "{part}:\n{message}");
    }
    let digest = format!("--set=image.digest=sha256:{}", "0".repeat(64));
    let message = rendered(&[&digest]).expect_err("a digest is not the name of an image");
    assert!(message.contains("image.repository: missing"), "{message}");
    for file in ["README.md", "docs/install.md", "docs/image.md", "charts/appcredential-operator/README.md"] {
        assert!(read(file).contains("image.repository="), "{file} says how to name an image");
    }
    let chart = rendered(&["--set=image.repository=registry.example.com/appcredential-operator"]);
    assert!(chart.expect("an image is named").contains(concat!("appcredential-operator:", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn the_chart_is_packed_with_everything_that_it_needs() {
    let folder = std::env::temp_dir().join(format!("appcredential-chart-{}", std::process::id()));
    let output = helm(&["package", CHART, "--destination", folder.to_str().unwrap()]);
    assert!(output.status.success(), "{}", said(&output).1);
    let package = folder.join(format!("appcredential-operator-{}.tgz", env!("CARGO_PKG_VERSION")));
    let package = package.to_str().unwrap();
    let output = helm(&["template", "appcredential-operator", package, "--namespace=appcredential-system", IMAGE]);
    assert!(said(&output).0 == template(&[]).unwrap(), "the package is the folder: {}", said(&output).1);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_notes_say_what_to_do_next_and_what_was_left_out() {
    let notes = |args: &[&str]| {
        let first = ["install", "the-release", CHART, "--namespace=system", "--dry-run=client", IMAGE];
        let (text, error) = said(&helm(&[&first, args].concat()));
        let (_, notes) = text.split_once("NOTES:").unwrap_or_else(|| panic!("{args:?}: {error}"));
        notes.to_owned()
    };
    let plain = notes(&[]);
    for part in ["all namespaces", "rollout status deployment/the-release-appcredential-operator", "--namespace system"]
    {
        assert!(plain.contains(part), "{part}:\n{plain}");
    }
    for (args, part) in [
        (&["--set=namespaces={orders}"][..], "the namespaces orders"),
        (&["--set=crds.install=false"], "crds.install is false"),
        (&["--set=rbac.create=false"], "No roles were created"),
        (&["--set=policies.enabled=false"], "The admission policies are off"),
        (&["--set=policies.install=false"], "policies.install is false"),
        (&["--set=metrics.access=token"], "clusterrole=the-release-appcredential-operator-metrics-reader"),
    ] {
        assert!(!plain.contains(part), "{part}:\n{plain}");
        assert!(notes(args).contains(part), "{part}");
    }
}
