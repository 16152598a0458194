//! The operator as a process: started as users start it, its log read line by line as it comes.
//!
//! Each process acts as a user of its own, so that the audit log tells what one start asked for. Its pid stands
//! in a `*.pid` file of the control plane's folder, so that the testbed's guard ends it if this process is killed.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::plane::Plane;
use super::usage::{self, Memory};

/// The binary that is measured.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_appcredential-operator");
/// How long it may take until it is ready, and to end.
const DEADLINE: Duration = Duration::from_secs(120);
/// Lines of the log that are kept for a failure.
const LINES: usize = 40;

/// All processes that there have been, and the present one.
pub(crate) struct Operator {
    /// The users, in the order of the starts.
    pub(crate) users: Vec<String>,
    process: Option<Process>,
    /// CPU seconds of those that have ended.
    ended: f64,
}

struct Process {
    child: Child,
    started: Instant,
    log: Arc<Mutex<Log>>,
    pid_file: PathBuf,
}

#[derive(Default)]
struct Log {
    ready: Option<Instant>,
    last: VecDeque<String>,
}

impl Operator {
    /// None runs yet.
    pub(crate) fn new() -> Self {
        Self { users: Vec::new(), process: None, ended: 0.0 }
    }

    /// Starts a process with default settings, but for the kubeconfig and a log for machines.
    pub(crate) fn start(&mut self, plane: &Plane) {
        assert!(self.process.is_none(), "it runs already");
        let user = format!("operator-{}", self.users.len());
        let mut command = Command::new(BINARY);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("APPCREDENTIAL_")) {
            command.env_remove(name);
        }
        command.arg("run").arg("--kubeconfig").arg(plane.kubeconfig_of(&user)).args(["--log-format", "json"]);
        let pid_file = plane.folder().join(format!("{user}.pid"));
        let started = Instant::now();
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect(BINARY);
        fs::write(&pid_file, child.id().to_string()).expect("a pid file");
        let log = Arc::new(Mutex::new(Log::default()));
        let (stderr, written) = (child.stderr.take().expect("a pipe"), Arc::clone(&log));
        std::thread::spawn(move || read(stderr, &written));
        self.users.push(user);
        self.process = Some(Process { child, started, log, pid_file });
    }

    /// Whether one runs.
    pub(crate) fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Waits until the log says `ready`: how long that took since the start.
    pub(crate) async fn ready(&mut self) -> Duration {
        let process = self.process.as_mut().expect("it runs");
        loop {
            if let Some(ready) = process.log.lock().expect("the log").ready {
                return ready - process.started;
            }
            let ended = process.child.try_wait().expect("a child");
            let late = process.started.elapsed() > DEADLINE;
            assert!(ended.is_none() && !late, "the operator is not ready\n{}", process.last_lines());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// When the present process was started.
    pub(crate) fn started(&self) -> Instant {
        self.process.as_ref().expect("it runs").started
    }

    /// The end of the log, for a failure.
    pub(crate) fn last_lines(&self) -> String {
        self.process.as_ref().map(Process::last_lines).unwrap_or_default()
    }

    /// Ends the process as a deployment does, and waits for it.
    pub(crate) async fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        self.ended += usage::cpu(process.child.id()).unwrap_or_default();
        let sent = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &process.child.id().to_string()]).status();
        assert!(sent.expect("sh").success());
        let deadline = Instant::now() + DEADLINE;
        while process.child.try_wait().expect("a child").is_none() {
            assert!(Instant::now() < deadline, "the operator does not end\n{}", process.last_lines());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// CPU seconds of all processes up to now.
    pub(crate) fn cpu(&self) -> Option<f64> {
        match &self.process {
            Some(process) => usage::cpu(process.child.id()).map(|seconds| self.ended + seconds),
            None => Some(self.ended),
        }
    }

    /// Memory of the present process.
    pub(crate) fn memory(&self) -> Option<Memory> {
        usage::memory(self.process.as_ref()?.child.id())
    }
}

impl Process {
    fn last_lines(&self) -> String {
        self.log.lock().expect("the log").last.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Where a benchmark failed it still runs; where it has ended, both say so and nothing is lost.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.pid_file);
    }
}

/// Reads until the process ends: a full pipe would stop it.
fn read(stderr: ChildStderr, log: &Mutex<Log>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let now = Instant::now();
        let mut log = log.lock().expect("the log");
        if log.ready.is_none() && line.contains("\"ready\"") {
            let parsed: Value = serde_json::from_str(&line).unwrap_or_default();
            log.ready = (parsed["message"] == "ready").then_some(now);
        }
        log.last.push_back(line);
        if log.last.len() > LINES {
            log.last.pop_front();
        }
    }
}
