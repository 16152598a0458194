//! docs/install.md: every command of the page, in its order, against an API server that has nothing of ours.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::lifecycle::Empty;
use crate::fixtures::{ROOT, read};
use crate::harness::succeeded;

/// What needs a node: there is none, so pods stay Pending.
const NEEDS_PODS: &str = "rollout status";

/// What stands for a credential on the page, and for its namespace.
const PLACEHOLDERS: [&str; 2] = [" NAME ", " NAMESPACE "];

/// Returns the commands of a page: each is a line, or several that end with a backslash.
fn commands(page: &str) -> Vec<String> {
    let text = read(&Path::new(ROOT).join(page)).replace(" \\\n", "");
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("\n```"));
    blocks.flat_map(|(block, _)| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn is_pattern(command: &str) -> bool {
    PLACEHOLDERS.iter().any(|word| command.contains(word))
}

#[test]
fn each_command_of_the_page_on_installation_does_what_it_says() {
    let plane = Empty::boot();
    let programs = plane.folder().join("programs");
    std::fs::create_dir_all(&programs).expect("a folder");
    let helm = testbed::tool("helm").unwrap_or_else(|error| panic!("{error}"));
    symlink(helm, programs.join("helm")).expect("a link");
    symlink(plane.kubectl_program(), programs.join("kubectl")).expect("a link");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let commands = commands("docs/install.md");
    assert!(commands.len() >= 10, "{commands:#?}");
    for command in commands.iter().filter(|command| !command.contains(NEEDS_PODS) && !is_pattern(command)) {
        let mut shell = Command::new("sh");
        shell.args(["-ec", command]).current_dir(ROOT).env("PATH", &path).env("KUBECONFIG", plane.kubeconfig());
        for (name, place) in [("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")]
        {
            shell.env(name, plane.folder().join("helm").join(place));
        }
        let output = shell.env("KUBECACHEDIR", plane.folder().join("kubectl-cache")).output().expect("sh");
        eprintln!("$ {command}");
        succeeded(&output);
    }
    plane.wait_until("the kinds are served in the end", || plane.kubectl(&["get", "appcred"]).status.success());
}
