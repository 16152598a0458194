//! The picture of the crates in CONTRIBUTING.md, held against their `Cargo.toml`, which Cargo keeps.

use std::collections::BTreeSet;

use crate::support::read;

/// The crates of the picture: its word, the manifest, and its name.
const CRATES: &[(&str, &str, &str)] = &[
    ("operator", "Cargo.toml", "appcredential-operator"),
    ("cluster", "crates/cluster/Cargo.toml", "appcredential-cluster"),
    ("core", "crates/core/Cargo.toml", "appcredential-core"),
    ("api", "crates/api/Cargo.toml", "appcredential-api"),
];

/// The names under `[dependencies]`.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let text = read(manifest);
    let section = text.split("\n[dependencies]\n").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap();
    let name = |line: &str| line.split(['.', ' ', '=']).next().unwrap().to_owned();
    section.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(name).collect()
}

#[test]
fn the_picture_has_the_arrows_of_the_manifests() {
    let page = read("CONTRIBUTING.md");
    let picture = page.split("```mermaid").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let drawn: BTreeSet<(&str, &str)> = picture.lines().filter_map(|line| line.trim().split_once(" --> ")).collect();
    let mut kept = BTreeSet::new();
    for (from, manifest, _) in CRATES {
        let used = dependencies(manifest);
        kept.extend(CRATES.iter().filter(|(_, _, name)| used.contains(*name)).map(|(to, ..)| (*from, *to)));
    }
    assert_eq!(drawn, kept);
}

#[test]
fn core_uses_nothing_that_a_pure_function_would_not_need() {
    let expected = ["appcredential-api", "k8s-openapi", "minijinja", "serde"];
    assert_eq!(dependencies("crates/core/Cargo.toml"), expected.map(str::to_owned).into());
}

#[test]
fn every_path_that_contributing_names_exists() {
    let page = read("CONTRIBUTING.md");
    let quoted = page.split('`').skip(1).step_by(2);
    let is_path =
        |text: &&str| ["src/", "crates/", "tests/", "docs/", "charts/"].iter().any(|root| text.starts_with(root));
    let missing: Vec<&str> = quoted
        .filter(is_path)
        .filter(|path| !path.contains('<') && !crate::support::root().join(path).exists())
        .collect();
    assert_eq!(missing, [""; 0]);
}
