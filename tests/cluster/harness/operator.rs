//! The operator as a process: the binary under test, its log in a file of the control plane's folder.
//!
//! Its pid stands in a `*.pid` file there, so that the testbed's guard ends it too if this process is killed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::cgroup::Cgroup;
use super::namespace::{DEADLINE, POLL};

/// How long a process may take to end when it is asked to.
const STOP: Duration = Duration::from_secs(10);

/// An operator, running or not.
pub(crate) struct Operator {
    kubeconfig: PathBuf,
    args: Vec<String>,
    log: PathBuf,
    pid_file: PathBuf,
    child: Option<Child>,
    /// Its environment besides what every one has.
    pub(super) env: Vec<(String, String)>,
    /// Where its memory is limited.
    cgroup: Option<Cgroup>,
    /// Where the log of the present process begins.
    began: usize,
}

impl Operator {
    /// An operator that does not run yet; `args` come after `run`.
    pub(super) fn new(folder: &Path, kubeconfig: PathBuf, name: &str, args: Vec<String>) -> Self {
        Self {
            kubeconfig,
            args,
            log: folder.join(format!("{name}.log")),
            pid_file: folder.join(format!("{name}.pid")),
            child: None,
            env: Vec::new(),
            cgroup: None,
            began: 0,
        }
    }

    /// The binary under test, with nothing of this process's settings.
    pub(crate) fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_appcredential-operator"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("APPCREDENTIAL_")) {
            command.env_remove(name);
        }
        command.env_remove("KUBECONFIG").stdin(Stdio::null());
        command
    }

    /// Starts it. It logs all that it ever logs, and is asked for more by `RUST_LOG`, which it must not heed.
    pub(crate) fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        self.began = self.whole_log().len();
        let log = File::options().create(true).append(true).open(&self.log).expect("a log");
        let child = self
            .program()
            .arg("run")
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(["--log-level", "trace", "--log-format", "json"])
            .args(&self.args)
            .env("RUST_LOG", "trace")
            // Most tests have one operator in a namespace: the tests of replicas ask for an election by flag.
            .env("APPCREDENTIAL_LEADER_ELECTION", "false")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("the operator");
        fs::write(&self.pid_file, child.id().to_string()).expect("a pid file");
        self.child = Some(child);
    }

    /// The binary, in its cgroup where it has one.
    fn program(&self) -> Command {
        let command = Self::command();
        let Some(cgroup) = &self.cgroup else { return command };
        // The shell becomes the operator, so its pid is the one that is known here.
        let mut within = Command::new("sh");
        within.args(["-c", "echo $$ >\"$0\" && exec \"$@\""]).arg(cgroup.entrance()).arg(command.get_program());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => within.env(name, value),
                None => within.env_remove(name),
            };
        }
        within.stdin(Stdio::null());
        within
    }

    /// It runs in a cgroup from its next start on.
    pub(crate) fn within(&mut self, cgroup: Cgroup) {
        self.cgroup = Some(cgroup);
    }

    /// How many of its processes the kernel has killed for their memory.
    pub(crate) fn kills(&self) -> u64 {
        self.cgroup.as_ref().map_or(0, Cgroup::kills)
    }

    /// The most memory that the present process ever had, in MiB; none where there is no /proc.
    pub(crate) fn peak(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.as_ref()?.id())).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        peak.split_whitespace().next()?.parse::<u64>().ok().map(|kibibytes| kibibytes / 1024)
    }

    /// As whom it gets at the API server.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// What it is started with from now on, besides what it always is.
    pub(super) fn give(&mut self, args: Vec<String>) {
        self.args = args;
    }

    /// It is started with these arguments too from now on.
    pub(crate) fn add(&mut self, args: &[&str]) {
        self.args.extend(args.iter().map(|arg| (*arg).to_owned()));
    }

    /// Starts it with other arguments.
    pub(crate) fn start_with(&mut self, args: &[&str]) {
        self.args = args.iter().map(|arg| (*arg).to_owned()).collect();
        self.start();
    }

    /// Sends it a signal, such as STOP.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -\"$0\" \"$1\"", signal, &pid]).status();
        assert!(sent.expect("sh").success());
    }

    /// Waits until it ends by itself: its exit code.
    pub(crate) async fn ended(&mut self) -> i32 {
        let deadline = Instant::now() + DEADLINE;
        while self.is_running() {
            assert!(Instant::now() < deadline, "still there\n{}", self.last_lines(30));
            tokio::time::sleep(POLL).await;
        }
        let _ = fs::remove_file(&self.pid_file);
        self.child.take().expect("it ran").wait().expect("a child").code().unwrap_or(-1)
    }

    /// SIGKILL: nothing is finished.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("SIGKILL");
            child.wait().expect("a dead child");
            let _ = fs::remove_file(&self.pid_file);
        }
    }

    /// SIGTERM: it ends by itself, with exit code 0.
    pub(crate) async fn terminate(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let sent = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &child.id().to_string()]).status();
        assert!(sent.expect("sh").success());
        let deadline = Instant::now() + STOP;
        let status: ExitStatus = loop {
            if let Some(status) = child.try_wait().expect("a child") {
                break status;
            }
            assert!(Instant::now() < deadline, "still there {STOP:?} after SIGTERM\n{}", self.last_lines(30));
            tokio::time::sleep(POLL).await;
        };
        let _ = fs::remove_file(&self.pid_file);
        assert_eq!(status.code(), Some(0), "{}", self.last_lines(30));
    }

    /// Whether it runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Everything that it ever wrote, over all starts.
    pub(crate) fn whole_log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// The lines of the present process whose message this is.
    pub(crate) fn said(&self, message: &str) -> Vec<Value> {
        let log = self.whole_log();
        let lines = log.get(self.began..).unwrap_or_default().lines();
        let lines = lines.filter(|line| line.contains(message)).filter_map(|line| serde_json::from_str(line).ok());
        lines.filter(|line: &Value| line["message"] == message).collect()
    }

    /// The lines of the present process that have this text in them.
    pub(crate) fn said_anything_like(&self, text: &str) -> Vec<String> {
        let log = self.whole_log();
        let lines = log.get(self.began..).unwrap_or_default().lines();
        lines.filter(|line| line.contains(text)).map(str::to_owned).collect()
    }

    /// The end of the log, for a failed test.
    pub(crate) fn last_lines(&self, count: usize) -> String {
        let log = self.whole_log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }

    /// Waits until the present process knows everything that is there.
    pub(crate) async fn ready(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        while self.said("ready").is_empty() {
            assert!(self.is_running(), "the operator has ended\n{}", self.last_lines(30));
            assert!(Instant::now() < deadline, "not ready in {DEADLINE:?}\n{}", self.last_lines(30));
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.kill();
    }
}
