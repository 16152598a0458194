//! The folder and the processes of one control plane, and how they come to an end.
//!
//! ```text
//! this process ──pipe── guard (sh)       EOF: KILL every <folder>/*.pid, then rm -rf <folder>
//!   ├─ sh: write etcd.pid, exec etcd
//!   └─ sh: write kube-apiserver.pid, exec kube-apiserver
//! ```
//!
//! Stopping is closing the pipe. The system closes it too when this process dies, so a panic,
//! ctrl-C and SIGKILL take the same way as an orderly stop. Every process is in a process group of
//! its own, so that a terminal's ctrl-C reaches none of them. Nothing but this process holds the
//! writing end of the pipe: the standard library marks it close-on-exec.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::files;
use crate::wait::{tail, until};

const GUARD: &str = include_str!("guard.sh");
const COMPONENT: &str = include_str!("component.sh");
const STOP_DEADLINE: Duration = Duration::from_secs(10);
const LOG_LINES: usize = 15;

/// A temporary folder and what runs in it.
pub(crate) struct Room {
    folder: PathBuf,
    guard: Option<Child>,
    /// In the order in which they were started.
    components: Mutex<Vec<Component>>,
}

struct Component {
    name: &'static str,
    child: Child,
}

impl Room {
    /// A new folder that only this user may enter, with its guard.
    pub(crate) fn open() -> Result<Self, Error> {
        let folder = std::env::temp_dir().join(format!("testbed-{}", files::token()?));
        // The guard and the components have working folders of their own.
        let folder = std::path::absolute(&folder).map_err(Error::file("find", &folder))?;
        DirBuilder::new().mode(0o700).create(&folder).map_err(Error::file("make", &folder))?;
        let mut room = Self { folder, guard: None, components: Mutex::default() };
        let guard = Command::new("sh")
            .args(["-c", GUARD, "testbed-guard"])
            .arg(&room.folder)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Error::program("sh"))?;
        room.guard = Some(guard);
        Ok(room)
    }

    /// The folder, for files that go away with the control plane.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a component; what it says goes to `<name>.log`.
    pub(crate) fn start(&self, name: &'static str, program: &Path, flags: &[String]) -> Result<(), Error> {
        let path = self.log(name);
        let log = File::create(&path).map_err(Error::file("write", &path))?;
        let both = log.try_clone().map_err(Error::file("write", &path))?;
        let child = Command::new("sh")
            .args(["-c", COMPONENT, "testbed-component"])
            .arg(&self.folder)
            .arg(name)
            .arg(program)
            .args(flags)
            .current_dir(&self.folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(both)
            .spawn()
            .map_err(Error::program("sh"))?;
        self.components().push(Component { name, child });
        Ok(())
    }

    /// Fails when a component has ended by itself.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for component in self.components().iter_mut() {
            if let Ok(Some(status)) = component.child.try_wait() {
                let name = component.name;
                self.forget_pid(name);
                return Err(Error::Died { component: name, status: status.to_string(), log: self.log_tail(name) });
            }
        }
        Ok(())
    }

    /// The last lines that a component wrote.
    pub(crate) fn log_tail(&self, name: &str) -> String {
        let log = fs::read(self.log(name)).unwrap_or_default();
        tail(String::from_utf8_lossy(&log).trim_end(), LOG_LINES)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// The components' process ids.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.components().iter().map(|component| component.child.id()).collect()
    }

    /// A component's process id.
    pub(crate) fn pid(&self, name: &str) -> Option<u32> {
        self.components().iter().find(|component| component.name == name).map(|component| component.child.id())
    }

    /// Ends the components, the last that was started first. The folder and its guard stay.
    pub(crate) fn halt(&self) {
        let mut components = self.components();
        while let Some(mut component) = components.pop() {
            // KILL loses nothing: what etcd has acknowledged is in its log, and the system has that.
            let _ = component.child.kill();
            let _ = component.child.wait();
            self.forget_pid(component.name);
        }
    }

    /// A number that may soon be another process's is not to be killed.
    fn forget_pid(&self, name: &str) {
        let _ = fs::remove_file(self.folder.join(format!("{name}.pid")));
    }

    fn components(&self) -> MutexGuard<'_, Vec<Component>> {
        self.components.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends everything and removes the folder. A second call finds nothing to do.
    pub(crate) fn close(&mut self) -> Result<(), Error> {
        if let Some(guard) = &mut self.guard {
            drop(guard.stdin.take());
        }
        // A process that was killed is there until it is waited for, and the guard waits for that.
        let deadline = Instant::now() + STOP_DEADLINE;
        let ended = until(deadline, Duration::from_millis(10), || {
            let components = self.components.get_mut().unwrap_or_else(PoisonError::into_inner);
            components.retain_mut(|component| matches!(component.child.try_wait(), Ok(None)));
            let guarded = self.guard.as_mut().is_some_and(|guard| matches!(guard.try_wait(), Ok(None)));
            Ok(!guarded)
        })?;
        if ended {
            self.guard = None;
        }
        self.close_without_guard();
        if self.folder.exists() || self.guard.is_some() {
            return Err(Error::Remains(self.folder.clone()));
        }
        Ok(())
    }

    /// What the guard would have done, in case someone killed it.
    fn close_without_guard(&mut self) {
        self.halt();
        if self.folder.exists() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = self.close();
    }
}
