//! The map of CONTRIBUTING.md, held against the code: which room may know which, and what pure means.

use std::path::{Path, PathBuf};

use crate::support::root;

/// A room and those that it may know besides itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("api", &[]),
    ("resolve", &["api"]),
    ("render", &["api", "resolve"]),
    ("plan", &["api", "resolve", "render"]),
    ("status", &["api", "resolve"]),
    ("backoff", &[]),
    ("telemetry", &[]),
    ("rights", &[]),
    ("metrics", &[]),
    ("pulse", &[]),
    ("cluster", &["api", "resolve", "render", "plan", "metrics", "pulse"]),
    ("thread", &[]),
    ("leadership", &["cluster", "pulse", "thread"]),
    ("serve", &["cluster", "metrics", "pulse", "thread"]),
    ("controller", &["api", "resolve", "render", "plan", "status", "backoff", "cluster", "metrics", "pulse"]),
];

/// What a pure room has no use for.
const IMPURE: &[&str] = &[
    "kube::Client",
    "kube::Api",
    "kube::api::",
    "tokio::",
    "::now()",
    "std::env",
    "std::fs",
    "std::time::Instant",
    "rand::",
];
const PURE: &[&str] = &["api", "resolve", "render", "plan", "status", "rights"];

/// The files of a room.
fn files(room: &str) -> Vec<PathBuf> {
    let folder = root().join("src").join(room);
    if !folder.is_dir() {
        return vec![folder.with_extension("rs")];
    }
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_room_knows_only_those_that_the_map_allows() {
    for (room, allowed) in ROOMS {
        for file in files(room) {
            for rest in code(&file).split("crate::").skip(1) {
                let known: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let fine = known == *room || allowed.contains(&known.as_str());
                assert!(fine, "{} must not know crate::{known}", file.display());
            }
        }
    }
}

#[test]
fn pure_rooms_know_no_client_no_clock_and_no_machine() {
    for file in PURE.iter().flat_map(|room| files(room)) {
        let code = code(&file);
        for word in IMPURE {
            assert!(!code.contains(word), "{} is in a pure room and has {word}", file.display());
        }
    }
}
