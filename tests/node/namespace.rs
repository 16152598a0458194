//! A machine of the test's own: the test runs its own program again as process 1 of new namespaces.
//!
//! That is what cleans up. A node leaves shims, mounts, interfaces and addresses behind when it is stopped in the middle,
//! and a test that fails is always in the middle; here the kernel takes them all at once (outside.sh). It also keeps the
//! node's addresses, 10.0.0.1:443 among them, apart from the machine's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::gate::Wanted;

const OUTSIDE: &str = include_str!("outside.sh");
const INSIDE: &str = include_str!("inside.sh");
/// The variable that tells the program that it is inside, and in which folder.
const FOLDER: &str = "APPCREDENTIAL_TEST_NODE_FOLDER";
/// What the inside is told besides.
const IMAGE: &str = "APPCREDENTIAL_TEST_NODE_IMAGE";
const CNI: &str = "APPCREDENTIAL_TEST_NODE_CNI";
const CGROUP: &str = "APPCREDENTIAL_TEST_NODE_CGROUP";

/// What the inside knows of the outside.
pub(crate) struct Folder {
    /// A folder that goes away with the test.
    pub(crate) path: PathBuf,
    /// The operator's image.
    pub(crate) image: PathBuf,
    /// The folder of the CNI plugins.
    pub(crate) cni: PathBuf,
    /// The cgroup that all pods are in.
    pub(crate) cgroup: String,
}

/// What there is inside; nothing outside.
pub(crate) fn inside() -> Option<Folder> {
    let path = PathBuf::from(std::env::var_os(FOLDER)?);
    let of = |name: &str| std::env::var(name).expect("outside has set it");
    Some(Folder { path, image: of(IMAGE).into(), cni: of(CNI).into(), cgroup: of(CGROUP) })
}

/// Builds what is not built yet, for which there is no network inside, and runs this test there.
pub(crate) fn enter(wanted: &Wanted) {
    testbed::prepare().unwrap_or_else(|error| panic!("{error}"));
    testbed::node_programs().unwrap_or_else(|error| panic!("{error}"));
    for tool in ["helm", "containerd", "containerd-shim-runc-v2", "ctr", "runc", "show"] {
        testbed::tool(tool).unwrap_or_else(|error| panic!("{error}"));
    }
    let name = format!("appcredential-node-{}", std::process::id());
    let folder = std::env::temp_dir().join(&name);
    std::fs::create_dir(&folder).expect("a folder");
    let test = std::thread::current().name().expect("a test has a name").to_owned();
    let mut outside = Command::new("sh")
        .args(["-c", OUTSIDE, "node-outside"])
        .args([folder.as_path(), Path::new(&name), Path::new(INSIDE)])
        .arg(std::env::current_exe().expect("a program"))
        .args([&test, "--exact", "--nocapture"])
        // Everything that anything inside writes is in the folder.
        .env("TMPDIR", &folder)
        .env(FOLDER, &folder)
        .env(IMAGE, &wanted.image)
        .env(CNI, &wanted.cni)
        .env(CGROUP, &name)
        // What it tells is on stderr; the lines of its harness would be counted twice.
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("sh");
    // Not `wait` with the pipe closed before: its end is what stops the inside.
    let pipe = outside.stdin.take();
    let status = outside.wait().expect("it ends");
    drop(pipe);
    assert!(status.success(), "the test failed inside of its namespaces ({status}); what it said is above");
}
