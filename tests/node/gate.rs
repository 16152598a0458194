//! Whether the test runs: only when it is asked for, and then it fails where the machine cannot, since whoever asks for a
//! test wants to know that it did not run.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The variable that asks for the test.
const ASKED: &str = "APPCREDENTIAL_TEST_NODE";
/// The variable that names the image, as an archive in the OCI layout.
const IMAGE: &str = "APPCREDENTIAL_TEST_IMAGE";
/// Where Debian and others put CNI plugins.
const CNI: [&str; 3] = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
/// The plugins that the node's network is made of.
const PLUGINS: [&str; 3] = ["ptp", "host-local", "loopback"];

/// What came of looking.
pub(crate) enum Verdict {
    /// It runs, with these.
    Run(Wanted),
    /// It does not, and why.
    Skip(String),
}

/// What the machine has to give.
pub(crate) struct Wanted {
    /// The operator's image.
    pub(crate) image: PathBuf,
    /// The folder of the CNI plugins.
    pub(crate) cni: PathBuf,
}

/// Looks at the machine.
pub(crate) fn check() -> Verdict {
    if std::env::var_os(ASKED).is_none_or(|value| value.is_empty()) {
        let how = "it takes root on Linux and some minutes; CONTRIBUTING.md says what else";
        return Verdict::Skip(format!("{ASKED}=1 asks for it; {how}"));
    }
    Verdict::Run(wanted().unwrap_or_else(|missing| panic!("{ASKED} is set, but {missing}")))
}

fn wanted() -> Result<Wanted, String> {
    if !cfg!(target_os = "linux") {
        return Err("this is no Linux, and a node is one".to_owned());
    }
    let owner = std::fs::metadata("/proc/self").map(|process| process.uid());
    if owner.ok() != Some(0) {
        return Err("this is not root, and a node is".to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    for program in ["unshare", "ip", "mount", "tar", "sha256sum"] {
        if !std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
            return Err(format!("there is no {program}: install util-linux, iproute2, mount, tar and coreutils"));
        }
    }
    let has_all = |folder: &&Path| PLUGINS.iter().all(|plugin| folder.join(plugin).is_file());
    let cni = CNI.iter().map(Path::new).find(has_all).ok_or_else(|| {
        format!(
            "none of {} has the plugins {}: install containernetworking-plugins",
            CNI.join(", "),
            PLUGINS.join(", ")
        )
    })?;
    let image = std::env::var_os(IMAGE).map(PathBuf::from).filter(|image| !image.as_os_str().is_empty());
    let image = image.ok_or_else(|| format!("{IMAGE} names no image: deploy/build-image makes one"))?;
    let image = std::path::absolute(&image).ok().filter(|image| image.is_file());
    let image = image.ok_or_else(|| format!("there is no file {IMAGE} names: deploy/build-image makes one"))?;
    Ok(Wanted { image, cni: cni.to_owned() })
}
