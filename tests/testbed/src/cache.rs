//! Where built programs are kept, and by what name.
//!
//! The name is a digest of the sources (go.mod, go.sum, main.go) and the system they were built
//! for, so that a changed source is another build and nothing is ever stale. The place is outside
//! the build folder where that is possible: `cargo clean` would cost minutes otherwise.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Where environment variables come from; tests give their own.
pub(crate) type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// This system, by Go's names.
pub(crate) fn target() -> (&'static str, &'static str) {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" => "ppc64le",
        other => other,
    };
    (os, arch)
}

/// FNV-1a over the files, each behind its length so that no text can move from one to the next.
pub(crate) fn digest(files: &[Vec<u8>]) -> u64 {
    files.iter().fold(FNV_START, |hash, file| fnv(fnv(hash, &(file.len() as u64).to_le_bytes()), file))
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A variable that is set to something.
pub(crate) fn set(env: Env<'_>, name: &str) -> Option<PathBuf> {
    env(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The folders that may hold the cache, best first. A place that the user names is the only one.
pub(crate) fn places(env: Env<'_>, last: &Path) -> Vec<PathBuf> {
    if let Some(named) = set(env, "APPCREDENTIAL_CONTROLPLANE_CACHE") {
        return vec![named];
    }
    let caches = set(env, "XDG_CACHE_HOME").or_else(|| set(env, "HOME").map(|home| home.join(".cache")));
    let mut places: Vec<PathBuf> = caches.into_iter().map(|folder| folder.join("appcredential-operator")).collect();
    places.push(last.to_path_buf());
    places
}

/// The folder of a finished build, if this cache has it whole.
pub(crate) fn finished(place: &Path, key: &str, programs: &[&str]) -> Option<PathBuf> {
    let folder = place.join(key);
    programs.iter().all(|name| folder.join(name).exists()).then_some(folder)
}

/// Whether files can be made in a folder, which is made if it is not there.
pub(crate) fn writable(folder: &Path) -> bool {
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    let written = fs::create_dir_all(folder).and_then(|()| File::create(&probe)).is_ok();
    let _ = fs::remove_file(&probe);
    written
}

/// Waits until no other run builds into this cache. The lock lasts until the file is dropped.
pub(crate) fn lock(place: &Path) -> Result<File, Error> {
    let path = place.join("lock");
    let file = File::create(&path).map_err(Error::file("write", &path))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let _ = writeln!(io::stderr(), "testbed: another run is building into this cache; waiting for it");
            file.lock().map_err(Error::file("lock", &path))?;
        }
        // Where files cannot be locked, two builds at once are slow but end well: each has a
        // folder of its own until it is finished.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_fnv_1a() {
        for (text, hash) in
            [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
        {
            assert_eq!(fnv(FNV_START, text.as_bytes()), hash, "{text}");
        }
    }

    #[test]
    fn text_that_moves_from_one_file_to_the_next_changes_the_digest() {
        let files = |a: &str, b: &str| digest(&[a.into(), b.into()]);
        assert_ne!(files("ab", "c"), files("a", "bc"));
        assert_eq!(files("ab", "c"), files("ab", "c"));
    }

    fn places_with(variables: &[(&str, &str)]) -> Vec<PathBuf> {
        let variables: Vec<(String, OsString)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        let env = move |name: &str| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        places(&env, Path::new("/target"))
    }

    #[test]
    fn the_cache_is_in_the_named_or_the_first_usable_folder() {
        let home = ("HOME", "/home");
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(places_with(&[home, ("APPCREDENTIAL_CONTROLPLANE_CACHE", "/own")]), paths(&["/own"]));
        assert_eq!(
            places_with(&[home, ("XDG_CACHE_HOME", "/xdg")]),
            paths(&["/xdg/appcredential-operator", "/target"])
        );
        assert_eq!(
            places_with(&[home, ("XDG_CACHE_HOME", "")]),
            paths(&["/home/.cache/appcredential-operator", "/target"])
        );
        assert_eq!(places_with(&[]), paths(&["/target"]));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_not_writable() {
        assert!(!writable(Path::new("/dev/null/cache")));
    }
}
