//! The command line from outside: what it prints and how it exits.

use std::process::Output;

use crate::harness::Operator;

fn run(args: &[&str]) -> Output {
    Operator::command().args(args).output().expect("the operator")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_crds_that_it_prints_are_those_that_are_committed() {
    let output = run(&["crd"]);
    assert_eq!(output.status.code(), Some(0));
    let committed = crate::harness::CRDS;
    assert!(text(&output.stdout) == committed, "the stream is the files of crds/");
    assert!(output.stderr.is_empty());
}

#[test]
fn help_and_version_are_no_failure() {
    for args in [&["--help"][..], &["run", "--help"], &["--version"], &["help", "run"]] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(text(&output.stdout).contains("appcredential-operator"), "{args:?}");
        assert!(output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_is_wrong() {
    let cases = [
        (&["run", "--namespaces", "a"][..], "--namespaces"),
        (&["run", "--log-level", "loud"], "loud"),
        (&["run", "--concurrency", "0"], "concurrency"),
        (&["walk"], "walk"),
        (&[], "Usage"),
    ];
    for (args, named) in cases {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(named), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn a_kubeconfig_that_cannot_be_used_is_one_line_with_what_to_do() {
    let folder = std::env::temp_dir().join(format!("appcredential-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let broken = folder.join("broken");
    std::fs::write(&broken, "clusters: [token: hunter2").expect("written");
    let empty = folder.join("empty");
    std::fs::write(&empty, "apiVersion: v1\nkind: Config\n").expect("written");
    let missing = folder.join("missing");
    for path in [&broken, &empty, &missing] {
        let path = path.to_str().expect("a path");
        let output = run(&["run", "--kubeconfig", path, "--context", "staging"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{path}: {said}");
        assert_eq!(said.lines().count(), 1, "{path}: {said}");
        assert!(said.starts_with("error: ") && said.contains(path) && said.contains("--kubeconfig"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    std::fs::remove_dir_all(folder).expect("removed");
}
