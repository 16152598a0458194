//! The files that are generated for the chart and about it: each is compared with what is committed, or written.
//!
//! Those that helm reads are written before anything is rendered (`written`), so that one run brings all of them up to date,
//! `deploy/install.yaml` included.

mod install;
mod plain;
mod policies;
mod rights;
mod schema;
mod sources;
mod values;

use std::sync::Once;

use appcredential_api::crd;

use crate::helm::root;

pub(crate) use rights::rules;

/// What stands at the head of a generated file, in the comments of its language.
const HEAD: &str =
    "Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two.";

const CHART: &str = "charts/appcredential-operator";

/// A file that is generated: its path and its content.
type Generated = (String, String);

/// Everything that is generated without helm.
fn files() -> Vec<Generated> {
    let mut files = Vec::new();
    for (name, definition) in crd::all().unwrap() {
        files.push((format!("{CHART}/files/crds/{name}"), crd::file(&definition).unwrap()));
    }
    files.extend(rights::files());
    files.extend(policies::files());
    files.push((format!("{CHART}/README.md"), values::reference()));
    files
}

fn update() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

fn write(path: &str, content: &str) {
    let path = root().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// Writes what helm reads, where that is asked for.
pub(crate) fn written() {
    static WRITTEN: Once = Once::new();
    WRITTEN.call_once(|| {
        if update() {
            files().iter().for_each(|(path, content)| write(path, content));
        }
    });
}

fn compare(path: &str, expected: &str) {
    let there = std::fs::read_to_string(root().join(path)).unwrap_or_default();
    assert!(
        there == expected,
        "{path} is not what the code says: run `UPDATE_DOCS=1 cargo test --test chart generated` and look at the difference"
    );
}

#[test]
fn each_generated_file_is_what_the_code_says() {
    written();
    let files = files();
    assert!(files.len() >= 7, "{}", files.len());
    for (path, content) in files {
        compare(&path, &content);
    }
}

#[test]
fn the_manifest_for_kubectl_has_policies_before_kinds_and_pods() {
    let manifest = install::manifest();
    let last = manifest.rfind("kind: ValidatingAdmissionPolicyBinding\n").expect("a policy");
    for kind in ["CustomResourceDefinition", "ClusterRole", "Deployment"] {
        assert!(last < manifest.find(&format!("kind: {kind}\n")).expect("one of it"), "{kind}");
    }
}

#[test]
fn the_command_in_the_manifest_replaces_every_placeholder() {
    let manifest = install::manifest();
    let (head, objects) = manifest.split_once("\n---\n").expect("a head");
    assert!(head.contains("sed 's#registry.example.com/appcredential-operator#REGISTRY/NAME#'"), "{head}");
    let images: Vec<&str> = objects.lines().filter(|line| line.contains("registry.example.com")).collect();
    let image = format!("image: \"registry.example.com/appcredential-operator:{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(images.iter().map(|line| line.trim()).collect::<Vec<_>>(), [image]);
}

#[test]
fn the_manifest_for_kubectl_is_what_the_chart_gives() {
    let manifest = install::manifest();
    if update() {
        write(install::PATH, &manifest);
    }
    compare(install::PATH, &manifest);
}
