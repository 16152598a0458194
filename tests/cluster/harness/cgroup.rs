//! A cgroup with a memory limit, as a kubelet makes one for the container: root on Linux, version 1 or 2.
//!
//! Where none can be made that is said, and the test is skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::namespace::unique;

/// Where cgroups are mounted; those of version 1 have a hierarchy for each resource.
const MOUNT: &str = "/sys/fs/cgroup";
/// How long the kernel may take until no process counts any more.
const EMPTY: Duration = Duration::from_secs(5);

/// A cgroup, which goes with this value.
pub(crate) struct Cgroup {
    path: PathBuf,
    unified: bool,
}

impl Cgroup {
    /// Makes one with this limit in bytes; none where that is not possible, which it says.
    pub(crate) fn limited_to(bytes: u64) -> Option<Self> {
        Self::new(bytes).map_err(|error| eprintln!("skipped: no cgroup with a memory limit here: {error}")).ok()
    }

    fn new(bytes: u64) -> std::io::Result<Self> {
        let unified = Path::new(MOUNT).join("cgroup.controllers").exists();
        let parent = if unified { MOUNT.into() } else { Path::new(MOUNT).join("memory") };
        if unified {
            fs::write(parent.join("cgroup.subtree_control"), "+memory")?;
        }
        let path = parent.join(unique("appcredential-test"));
        fs::create_dir(&path)?;
        let cgroup = Self { path, unified };
        fs::write(cgroup.file("memory.limit_in_bytes", "memory.max"), bytes.to_string())?;
        // A node has no swap. A kernel that counts none has no such file.
        let _ = fs::write(cgroup.file("memory.memsw.limit_in_bytes", "memory.swap.max"), "0");
        Ok(cgroup)
    }

    fn file(&self, first: &str, second: &str) -> PathBuf {
        self.path.join(if self.unified { second } else { first })
    }

    /// Where a process enters it.
    pub(super) fn entrance(&self) -> PathBuf {
        self.path.join("cgroup.procs")
    }

    /// How many processes the kernel has killed in it for their memory.
    pub(crate) fn kills(&self) -> u64 {
        let events = fs::read_to_string(self.file("memory.oom_control", "memory.events")).expect("its events");
        let kills = events.lines().find_map(|line| line.strip_prefix("oom_kill "));
        kills.and_then(|kills| kills.trim().parse().ok()).expect("a count")
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let deadline = Instant::now() + EMPTY;
        while fs::remove_dir(&self.path).is_err() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
