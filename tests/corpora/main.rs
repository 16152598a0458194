//! The fuzzer's corpora, replayed without it: what once failed stays mended. How to fuzz: `fuzz/README.md`.
//!
//! `UPDATE_DOCS=1 cargo test --test corpora` makes seeds of the fixtures and examples.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "../../fuzz/src/targets/mod.rs"]
mod fuzz_targets;
#[path = "../pure/simulated.rs"]
#[expect(dead_code, reason = "the pure tests use more of it")]
mod simulated;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The corpora are for a start, not an archive.
const FILES: usize = 400;
const BYTES: u64 = 16 * 1024;

fn corpus(name: &str) -> PathBuf {
    root().join("fuzz/corpus").join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    read.map(|entry| entry.unwrap().path()).collect()
}

/// The specs of the fixtures and examples, each with a name.
fn seeds() -> Vec<(String, Value)> {
    let mut out = Vec::new();
    let mut examples: Vec<PathBuf> =
        files(&root().join("examples")).into_iter().filter(|path| path.is_file()).collect();
    examples.sort();
    let examples = examples.iter().map(|path| format!("examples/{}", path.file_name().unwrap().to_string_lossy()));
    for path in ["tests/fixtures/appcredentials.yaml".to_owned()].into_iter().chain(examples) {
        for document in serde_saphyr::from_multiple::<Value>(&read(&path)).unwrap() {
            if document["kind"] == "AppCredential" {
                let name = document["metadata"]["name"].as_str().unwrap().to_owned();
                let source = if path.starts_with("tests") { "fixture" } else { "example" };
                out.push((format!("{source}-{name}.json"), document["spec"].clone()));
            }
        }
    }
    for entry in serde_saphyr::from_str::<Vec<Value>>(&read("tests/fixtures/accepted.yaml")).unwrap() {
        let words = entry["name"].as_str().unwrap().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let spec = entry.pointer("/manifest/spec").filter(|spec| spec.get("application").is_some());
        out.extend(spec.map(|spec| (format!("accepted-{words}.json"), spec.clone())));
    }
    out
}

#[test]
fn the_seeds_are_those_of_the_fixtures() {
    let folder = corpus("specs");
    let seeds = seeds();
    let is_seed = |name: &str| ["fixture-", "example-", "accepted-"].iter().any(|prefix| name.starts_with(prefix));
    let there = || files(&folder).into_iter().filter(|path| is_seed(&path.file_name().unwrap().to_string_lossy()));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let is_left = |path: &PathBuf| !seeds.iter().any(|(name, _)| path.ends_with(name));
        there().filter(is_left).for_each(|path| std::fs::remove_file(path).unwrap());
        for (name, spec) in &seeds {
            std::fs::write(folder.join(name), format!("{spec}\n")).unwrap();
        }
    }
    for (name, spec) in &seeds {
        let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert_eq!(text, format!("{spec}\n"), "{name}: run `UPDATE_DOCS=1 cargo test --test corpora`");
    }
    assert_eq!(there().count(), seeds.len(), "a seed whose fixture is gone");
}

#[test]
fn every_input_of_the_corpora_holds() {
    let mut all = 0;
    for target in fuzz_targets::ALL {
        let inputs = files(&corpus(target.corpus));
        assert!(!inputs.is_empty(), "{} has no corpus", target.name);
        for path in &inputs {
            let input = std::fs::read(path).unwrap();
            let held = std::panic::catch_unwind(|| (target.run)(&input));
            assert!(held.is_ok(), "{} does not hold for {}", target.name, path.display());
        }
    }
    for path in files(&root().join("fuzz/corpus")).iter().flat_map(|folder| files(folder)) {
        all += 1;
        assert!(path.metadata().unwrap().len() <= BYTES, "{} is too large for a corpus", path.display());
    }
    assert!(all <= FILES, "{all} files in the corpora: keep those that cover something new");
}

#[test]
fn each_target_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = fuzz_targets::ALL.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), fuzz_targets::ALL.len());
    assert!(names.iter().all(|name| fuzz_targets::named(name).is_some()), "each is found by its name");
}
