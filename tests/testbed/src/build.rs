//! Builds a module with Go, once, into the cache.
//!
//! It is built under a name of its own and renamed when it is finished, so that a folder with the
//! right name is always whole, and behind a lock, so that two runs do not build it twice.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::cache::{finished, lock, target, writable};
use crate::error::Error;
use crate::module::Module;
use crate::progress::Progress;
use crate::tools::Cgo;
use crate::wait::output;

const TAIL_LINES: usize = 20;

/// Builds the module into a cache and returns the folder with the programs.
pub(crate) fn build(module: &Module, place: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(place).map_err(Error::file("make", place))?;
    let _lock = lock(place)?;
    // Another run may have built it while this one waited for the lock.
    if let Some(folder) = finished(place, &module.key(), &module.programs()) {
        return Ok(folder);
    }
    let go = Go::find("go".as_ref(), module, place)?;
    remove_unfinished(place, &module.key());
    let unfinished = place.join(format!("{}.unfinished.{}", module.key(), std::process::id()));
    fs::create_dir_all(&unfinished).map_err(Error::file("make", &unfinished))?;
    let built = go.compile(module, place, &unfinished.join(module.program)).and_then(|()| link(module, &unfinished));
    if let Err(error) = built {
        let _ = fs::remove_dir_all(&unfinished);
        return Err(error);
    }
    let folder = place.join(module.key());
    let _ = fs::remove_dir_all(&folder);
    fs::rename(&unfinished, &folder).map_err(Error::file("make", &folder))?;
    Ok(folder)
}

/// What runs that were killed have left. This one holds the lock, so nobody is at it.
fn remove_unfinished(place: &Path, key: &str) {
    let prefix = format!("{key}.unfinished.");
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The program acts as the one whose name it is called by.
fn link(module: &Module, folder: &Path) -> Result<(), Error> {
    for name in module.links {
        let path = folder.join(name);
        symlink(module.program, &path).map_err(Error::file("link", &path))?;
    }
    Ok(())
}

/// A Go that is new enough, and the folders it may write to.
#[derive(Debug)]
struct Go {
    program: PathBuf,
    /// Where Go's own caches are, when it cannot use those it would.
    caches: Option<PathBuf>,
}

impl Go {
    fn find(program: &OsStr, module: &Module, place: &Path) -> Result<Self, Error> {
        let mut go = Self { program: program.into(), caches: None };
        // Asked outside of the module: there an old Go would first fetch a newer one.
        let mut ask = go.command(Path::new("/"));
        ask.env("GOTOOLCHAIN", "local").args(["env", "GOCACHE", "GOMODCACHE"]);
        let answer = output(&mut ask).map_err(|_| Error::MissingGo { needed: module.needs() })?;
        let folders = answer.unwrap_or_default();
        let usable = |folder: &str| Path::new(folder).is_absolute() && writable(Path::new(folder));
        if folders.lines().count() < 2 || !folders.lines().all(usable) {
            go.caches = Some(place.join("go"));
        }
        // Asked inside of the module: here Go says so itself when it is too old, or has fetched
        // a newer one where it may.
        let version = output(go.command(&module.folder).args(["env", "GOVERSION"]))?;
        let old = |found: String| Error::OldGo { needed: module.needs(), found };
        let version = version.map_err(|said| old(said.lines().last().unwrap_or_default().to_owned()))?;
        if numbers(&version) < numbers(&module.go) {
            return Err(old(version));
        }
        Ok(go)
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).env("GOWORK", "off");
        if let Some(caches) = &self.caches {
            command.env("GOPATH", caches).env("GOMODCACHE", caches.join("mod")).env("GOCACHE", caches.join("build"));
        }
        command
    }

    fn compile(&self, module: &Module, place: &Path, output: &Path) -> Result<(), Error> {
        let (os, arch) = target();
        let mut command = self.command(&module.folder);
        command.env("GOOS", os).env("GOARCH", arch);
        command.args(["build", "-v", "-trimpath", "-buildvcs=false", "-tags", module.tags]);
        match module.cgo {
            Cgo::AsGoLikes => &mut command,
            Cgo::Without => command.env("CGO_ENABLED", "0"),
            Cgo::With => command.env("CGO_ENABLED", "1"),
        };
        if self.caches.is_some() {
            // Folders that can be removed again without Go.
            command.arg("-modcacherw");
        }
        command.args(["-ldflags", &module.flags, "-o"]).arg(output).arg(module.package);
        let mut progress = Progress::start(module, &place.display().to_string());
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::program("go"))?;
        let (status, tail) = follow(child, &mut progress)?;
        if status.success() {
            progress.end("built");
            return Ok(());
        }
        progress.end("not built");
        Err(Error::Build { title: module.title.clone(), folder: module.folder.clone(), tail })
    }
}

/// Shows the progress of a build until it ends: how it ended, and the last of what it said.
fn follow(mut child: Child, progress: &mut Progress) -> Result<(ExitStatus, String), Error> {
    let (sender, lines) = mpsc::channel();
    let stderr = child.stderr.take();
    thread::spawn(move || {
        for line in stderr.into_iter().flat_map(|pipe| BufReader::new(pipe).lines()).map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut said = Vec::new();
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => {
                if progress.line(&line) {
                    said.push(line);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        progress.show();
    }
    let status = child.wait().map_err(Error::program("go"))?;
    let skip = said.len().saturating_sub(TAIL_LINES);
    Ok((status, said.into_iter().skip(skip).collect::<Vec<_>>().join("\n")))
}

/// Major and minor of `go1.26.8`, `1.26` or `go1.27rc1`.
fn numbers(version: &str) -> (u32, u32) {
    let mut parts = version.trim_start_matches("go").split(|c: char| !c.is_ascii_digit());
    let mut next = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
    (next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::Room;

    #[test]
    fn a_missing_go_is_one_line_that_names_every_way_out() -> Result<(), Error> {
        let (module, room) = (Module::controlplane()?, Room::open()?);
        let found = Go::find("/dev/null/go".as_ref(), &module, room.folder());
        let line = found.err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(line.lines().count(), 1, "{line}");
        for part in [&format!("Go {} or newer", module.go), "once", "KUBEBUILDER_ASSETS", "existing cluster"] {
            assert!(line.contains(part), "{line}");
        }
        Ok(())
    }

    #[test]
    fn a_go_that_is_too_old_is_one_line_that_says_which_it_is() -> Result<(), Error> {
        let (module, room) = (Module::controlplane()?, Room::open()?);
        // Any program that answers with one line; this one answers with its arguments.
        let found = Go::find("echo".as_ref(), &module, room.folder());
        let line = found.err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.contains("on the PATH says \"env GOVERSION\""), "{line}");
        Ok(())
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(numbers("go1.26.8"), (1, 26));
        assert_eq!(numbers("go1.27rc1"), (1, 27));
        assert!(numbers("go1.9") < numbers("1.26"));
    }
}
