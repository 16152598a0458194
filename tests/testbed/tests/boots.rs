//! Boots a real control plane and checks that nothing of it is left, however its owner ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use testbed::{ControlPlane, Error, Options, User};

/// Set for the process that `a_control_plane_ends_with_a_killed_owner` kills: where it writes what
/// it has started.
const HELD: &str = "TESTBED_TEST_HELD";

#[test]
fn a_control_plane_collects_garbage_audits_and_cleans_up() -> Result<(), Error> {
    let users = vec![User::new("reader", "reader-token").in_group("readers")];
    let options = Options { audit: true, users, ..Options::default() };
    let mut plane = ControlPlane::start(&options)?;
    let (pids, folder) = (plane.pids(), plane.folder().to_path_buf());
    assert!(pids.iter().all(|pid| alive(*pid)), "all components run");
    assert!(plane.pid("kube-apiserver").is_some_and(|pid| pids.contains(&pid)) && plane.pid("kubelet").is_none());
    let mode = fs::metadata(plane.kubeconfig()).expect("a kubeconfig").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    run(plane.kubectl().args(["create", "configmap", "owner", "--from-literal=a=b"]));
    let answer = run(plane.kubectl_as("reader")?.args(["auth", "whoami", "-o=jsonpath={.status.userInfo.groups}"]));
    assert!(answer.contains("readers"), "{answer}");
    if plane.has_controller_manager() {
        let owner = run(plane.kubectl().args(["get", "configmap", "owner", "-o=jsonpath={.metadata.uid}"]));
        create(&plane, &owned_by("owner", &owner));
        run(plane.kubectl().args(["delete", "configmap", "owner"]));
        within(Duration::from_secs(60), "the owned ConfigMap is collected", || {
            run(plane.kubectl().args(["get", "configmap", "owned", "--ignore-not-found", "-o=name"])).is_empty()
        });
    }
    let log = fs::read_to_string(plane.audit_log().expect("an audit log")).expect("a readable audit log");
    let created = |line: &str| {
        line.contains("\"verb\":\"create\"") && line.contains("\"name\":\"owner\"") && line.contains("ResponseComplete")
    };
    assert_eq!(log.lines().filter(|line| created(line)).count(), 1, "one line for one write");

    let started = Instant::now();
    plane.stop()?;
    assert!(started.elapsed() < Duration::from_secs(5), "stopping took {:?}", started.elapsed());
    assert!(!pids.iter().any(|pid| alive(*pid)), "nothing runs");
    assert!(!folder.exists(), "nothing is left");
    plane.stop()
}

#[test]
fn a_control_plane_ends_with_a_killed_owner() {
    let held = std::env::temp_dir().join(format!("testbed-held-{}", std::process::id()));
    let mut owner = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "a_process_that_is_to_be_killed"])
        .env(HELD, &held)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("this test again");
    // The first control plane on a machine may have to be built.
    within(Duration::from_secs(1800), "the other process has a control plane", || {
        assert!(owner.try_wait().expect("a child").is_none(), "the other process gave up");
        held.exists()
    });
    let (folder, pids) = read_held(&held);
    assert!(folder.exists());
    assert!(pids.len() >= 2 && pids.iter().all(|pid| alive(*pid)));

    owner.kill().expect("SIGKILL");
    owner.wait().expect("a dead child");
    within(Duration::from_secs(15), "its processes are gone", || !pids.iter().any(|pid| alive(*pid)));
    within(Duration::from_secs(15), "its folder is gone", || !folder.exists());
    fs::remove_file(held).expect("the file is there");
}

#[test]
fn an_existing_cluster_is_used_and_left_alone() -> Result<(), Error> {
    let plane = ControlPlane::start(&Options::default())?;
    let used = ControlPlane::existing(Some(plane.kubeconfig()), Some("testbed"))?;
    assert!(used.pids().is_empty());
    assert!(run(used.kubectl().args(["get", "namespace", "-o=name"])).contains("namespace/default"));
    assert!(used.kubeconfig_for("reader").is_err(), "nobody was asked for");
    let copy = used.kubeconfig().to_path_buf();
    drop(used);
    assert!(!copy.exists());
    run(plane.kubectl().args(["get", "--raw", "/readyz"]));

    let unknown = ControlPlane::existing(Some(plane.kubeconfig()), Some("elsewhere"));
    let line = unknown.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(line.contains("elsewhere"), "{line}");
    Ok(())
}

#[test]
fn a_restored_control_plane_holds_what_was_backed_up() -> Result<(), Error> {
    let plane = ControlPlane::start(&Options::default())?;
    let names = || run(plane.kubectl().args(["get", "configmaps", "--selector=mine", "-o=name"]));
    let put = |name: &str| {
        create(
            &plane,
            &format!(
                r#"{{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "{name}", "labels": {{"mine": ""}}}}}}"#
            ),
        );
    };
    put("before");
    plane.back_up()?;
    put("after");
    run(plane.kubectl().args(["delete", "configmap", "before"]));
    assert_eq!(names().trim(), "configmap/after", "a backup changes nothing");
    plane.restore()?;
    assert_eq!(names().trim(), "configmap/before");
    assert_eq!(plane.pids().len(), if plane.has_controller_manager() { 3 } else { 2 });
    assert!(ControlPlane::existing(Some(plane.kubeconfig()), None)?.back_up().is_err(), "it is left alone");
    Ok(())
}

/// Not a test of its own: does nothing unless the test above runs it in a process of its own.
#[test]
fn a_process_that_is_to_be_killed() -> Result<(), Error> {
    let Some(held) = std::env::var_os(HELD).map(PathBuf::from) else {
        return Ok(());
    };
    let plane = ControlPlane::start(&Options::default())?;
    let pids: Vec<String> = plane.pids().iter().map(u32::to_string).collect();
    let unfinished = held.with_extension("unfinished");
    fs::write(&unfinished, format!("{}\n{}\n", plane.folder().display(), pids.join(" "))).expect("written");
    fs::rename(&unfinished, &held).expect("renamed");
    loop {
        thread::park();
    }
}

fn read_held(path: &Path) -> (PathBuf, Vec<u32>) {
    let text = fs::read_to_string(path).expect("what the other process holds");
    let (folder, pids) = text.split_once('\n').expect("two lines");
    (folder.into(), pids.split_whitespace().map(|pid| pid.parse().expect("a pid")).collect())
}

fn owned_by(owner: &str, uid: &str) -> String {
    format!(
        r#"{{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {{"name": "owned", "ownerReferences":
           [{{"apiVersion": "v1", "kind": "ConfigMap", "name": "{owner}", "uid": "{uid}"}}]}}}}"#
    )
}

fn create(plane: &ControlPlane, object: &str) {
    let mut kubectl = plane
        .kubectl()
        .args(["create", "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("kubectl");
    kubectl.stdin.take().expect("a pipe").write_all(object.as_bytes()).expect("written");
    assert!(kubectl.wait().expect("kubectl ends").success());
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("kubectl");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn within(limit: Duration, what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !done() {
        assert!(Instant::now() < deadline, "not in {limit:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Whether a process runs. One that has ended and that nobody waited for (where no init does) has
/// no command line any more.
fn alive(pid: u32) -> bool {
    let ended = fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.is_empty());
    let answers = Command::new("sh").args(["-c", "kill -0 \"$0\" 2>/dev/null", &pid.to_string()]).status();
    !ended && answers.expect("sh").success()
}
