//! The node: containerd and kubelet, and the scheduler that gives it its pods.
//!
//! Stopping the two daemons leaves pods running, as an upgrade of a node's packages does; cutting the power ends
//! everything that is not on disk.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::config::{self, ADDRESS, NODE, SOCKET};
use crate::image::said;
use crate::namespace::Folder;
use crate::wait::{say, until};

/// A node.
pub(crate) struct Node {
    folder: PathBuf,
    cgroup: String,
    kubeconfig: PathBuf,
    containerd: Option<Daemon>,
    kubelet: Option<Daemon>,
    _scheduler: Daemon,
}

/// A program that runs until it is told to stop, and writes a log.
struct Daemon {
    child: Child,
}

impl Daemon {
    fn start(name: &str, folder: &Path, command: &mut Command) -> Self {
        let log = File::options().create(true).append(true).open(folder.join(format!("{name}.log"))).expect("a log");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        Self { child: command.spawn().unwrap_or_else(|error| panic!("{name}: {error}")) }
    }

    fn stop(&mut self, signal: &str) {
        kill(signal, self.child.id());
        self.child.wait().expect("it ends");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal. That there is nobody to take it any more is as good.
fn kill(signal: &str, pid: u32) {
    let _ = Command::new("kill").args([signal, &pid.to_string()]).stderr(Stdio::null()).status();
}

fn tool(name: &str) -> PathBuf {
    testbed::tool(name).unwrap_or_else(|error| panic!("{error}"))
}

impl Node {
    /// Starts it. The two files are those of the users that the kubelet and the scheduler are.
    pub(crate) fn start(folder: &Folder, kubelet: &Path, scheduler: &Path) -> Self {
        config::write(folder, &tool("runc"));
        let program = testbed::node_programs().unwrap_or_else(|error| panic!("{error}")).join("kube-scheduler");
        let mut command = Command::new(program);
        command.arg(format!("--kubeconfig={}", scheduler.display())).args(["--leader-elect=false", "--secure-port=0"]);
        command.arg(format!("--authentication-kubeconfig={}", scheduler.display()));
        command.arg(format!("--authorization-kubeconfig={}", scheduler.display()));
        let mut node = Self {
            folder: folder.path.clone(),
            cgroup: folder.cgroup.clone(),
            kubeconfig: kubelet.to_owned(),
            containerd: None,
            kubelet: None,
            _scheduler: Daemon::start("kube-scheduler", &folder.path, &mut command),
        };
        node.start_daemons();
        node
    }

    /// Starts containerd, and the kubelet once that answers.
    pub(crate) fn start_daemons(&mut self) {
        let folders = ["containerd-shim-runc-v2", "runc"].map(|name| tool(name).parent().expect("a folder").to_owned());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path: OsString =
            std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&path))).expect("a PATH");
        let mut command = Command::new(tool("containerd"));
        command.arg("--config").arg(self.folder.join("containerd.toml")).env("PATH", path);
        self.containerd = Some(Daemon::start("containerd", &self.folder, &mut command));
        until("containerd answers", || {
            let version = Command::new(tool("ctr")).args(["--address", SOCKET, "version"]).output().expect("ctr");
            version.status.success().then_some(())
        });
        let program = testbed::node_programs().unwrap_or_else(|error| panic!("{error}")).join("kubelet");
        let mut command = Command::new(program);
        let at = |name: &str| self.folder.join(name).display().to_string();
        command.arg(format!("--config={}", at("kubelet.yaml")));
        command.arg(format!("--kubeconfig={}", self.kubeconfig.display()));
        command.arg(format!("--root-dir={}", at("kubelet")));
        command.arg(format!("--cert-dir={}", at("kubelet/pki")));
        command.args([format!("--hostname-override={NODE}"), format!("--node-ip={ADDRESS}")]);
        self.kubelet = Some(Daemon::start("kubelet", &self.folder, &mut command));
    }

    /// Stops the kubelet and containerd, and nothing else.
    pub(crate) fn stop_daemons(&mut self) {
        for daemon in [self.kubelet.take(), self.containerd.take()].iter_mut().flatten() {
            daemon.stop("-TERM");
        }
    }

    /// Ends everything on the node at once, and what is not on disk goes with it.
    pub(crate) fn cut_the_power(&mut self) {
        for daemon in [self.kubelet.take(), self.containerd.take()].iter_mut().flatten() {
            daemon.stop("-KILL");
        }
        // The shims first: they would tell how their containers ended, and nobody tells that after a power cut.
        let shims = || processes(|command| command.contains("containerd-shim-runc-v2"));
        shims().into_iter().for_each(|pid| kill("-KILL", pid));
        until("every process of the pods is gone", || {
            let pods = self.in_pods();
            pods.iter().for_each(|pid| kill("-KILL", *pid));
            pods.is_empty().then_some(())
        });
        // What is mounted for containers and pods, deepest first, and the folders that are in memory on a machine.
        let mounts = std::fs::read_to_string("/proc/self/mounts").expect("mounts");
        let of_pods = format!("{}/kubelet/", self.folder.display());
        let of_node =
            |place: &&str| place.starts_with(&of_pods) || place.starts_with("/run/") && !place.ends_with(".sock");
        for place in mounts.lines().rev().filter_map(|line| line.split(' ').nth(1)).filter(of_node) {
            said(Command::new("umount").args(["--lazy", place]));
        }
        for place in ["/run/containerd", "/run/netns"] {
            let _ = std::fs::remove_dir_all(place);
        }
    }

    /// Kills the processes of a program in the pods that have a variable, as the kernel does where memory is short.
    pub(crate) fn kill_in_pods(&self, program: &str, variable: &str) -> usize {
        let of_program = processes(|command| command.split('\0').next() == Some(program));
        let pods = self.in_pods();
        let has_it = |pid: &u32| {
            let variables = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            String::from_utf8_lossy(&variables).split('\0').any(|set| set == variable)
        };
        let killed = of_program.into_iter().filter(|pid| pods.contains(pid) && has_it(pid));
        killed.map(|pid| kill("-KILL", pid)).count()
    }

    /// The processes in the pods' cgroup.
    fn in_pods(&self) -> BTreeSet<u32> {
        let mut pids = BTreeSet::new();
        for hierarchy in ["/sys/fs/cgroup", "/sys/fs/cgroup/memory"] {
            collect(&Path::new(hierarchy).join(&self.cgroup), &mut pids);
        }
        pids
    }

    /// Imports an image into containerd, where the kubelet finds it.
    pub(crate) fn import(&self, archive: &Path, base: &str) {
        let mut command = Command::new(tool("ctr"));
        command.args(["--address", SOCKET, "--namespace", "k8s.io", "images", "import", "--local"]);
        said(command.args(["--snapshotter", "native", "--base-name", base]).arg(archive));
    }

    /// Says the last lines of the logs, for whoever has to find out why a leg failed.
    pub(crate) fn tell(&self) {
        for name in ["containerd", "kubelet", "kube-scheduler"] {
            let log = std::fs::read_to_string(self.folder.join(format!("{name}.log"))).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = lines[lines.len().saturating_sub(25)..].join("\n");
            say(&format!("--- the last of {name}.log\n{last}"));
        }
    }
}

/// Processes of this namespace, by their command line.
fn processes(is: impl Fn(&str) -> bool) -> BTreeSet<u32> {
    let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        is(&String::from_utf8_lossy(&command))
    })
    .collect()
}

/// All processes of a cgroup and those in it.
fn collect(cgroup: &Path, pids: &mut BTreeSet<u32>) {
    let procs = std::fs::read_to_string(cgroup.join("cgroup.procs")).unwrap_or_default();
    pids.extend(procs.lines().filter_map(|line| line.parse::<u32>().ok()).filter(|pid| *pid != 0));
    for entry in std::fs::read_dir(cgroup).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), pids);
        }
    }
}
