//! The image of the application: one static program, which is the pause container too, packed as an archive.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::config::SHOW;

/// Packs the program, in the layout of `docker save`.
pub(crate) fn pack(program: &Path, folder: &Path) -> PathBuf {
    let place = folder.join("show-image");
    std::fs::create_dir(&place).expect("a folder");
    std::fs::copy(program, place.join("show")).expect("copied");
    tar(&place, "layer.tar", &["show"]);
    let layer = said(Command::new("sha256sum").arg(place.join("layer.tar")));
    let layer = layer.split_whitespace().next().expect("a digest");
    let config = json!({
        "architecture": match std::env::consts::ARCH { "aarch64" => "arm64", "x86_64" => "amd64", other => other },
        "os": "linux",
        "config": {"Entrypoint": ["/show"]},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{layer}")]},
    });
    let manifest = json!([{"Config": "config.json", "RepoTags": [SHOW], "Layers": ["layer.tar"]}]);
    std::fs::write(place.join("config.json"), config.to_string()).expect("written");
    std::fs::write(place.join("manifest.json"), manifest.to_string()).expect("written");
    tar(&place, "image.tar", &["manifest.json", "config.json", "layer.tar"]);
    place.join("image.tar")
}

fn tar(folder: &Path, archive: &str, files: &[&str]) {
    said(
        Command::new("tar")
            .arg("-C")
            .arg(folder)
            .args(["--owner=0", "--group=0", "-cf"])
            .arg(folder.join(archive))
            .args(files),
    );
}

/// What a program says, which must succeed.
pub(crate) fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
