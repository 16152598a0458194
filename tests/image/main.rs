//! The image that `deploy/build-image` has made (`APPCREDENTIAL_TEST_IMAGE`): what is in it, that it is small, and that the
//! binary in it is the operator, by letting it render a credential on a real API server.
//!
//! It is read as the archive that it is, with no container engine. Without the variable there is nothing to test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod archive;
mod runs;

use std::io::Write;

use archive::Image;

const MIB: u64 = 1024 * 1024;
const BINARY: &str = "appcredential-operator";

/// The image, if there is one to test.
fn image() -> Option<Image> {
    let path = std::env::var_os("APPCREDENTIAL_TEST_IMAGE").filter(|path| !path.is_empty());
    if path.is_none() {
        // Not `eprintln!`, which is kept back until a test fails.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: APPCREDENTIAL_TEST_IMAGE names no image; deploy/build-image makes one"
        );
    }
    path.map(|path| Image::unpack(path.as_ref()))
}

#[test]
fn it_holds_the_operator_and_what_that_needs_and_nothing_else() {
    let Some(image) = image() else { return };
    assert_eq!(
        image.files(),
        [
            "appcredential-operator -rwxr-xr-x 0/0",
            "etc/group -rw-r--r-- 0/0",
            "etc/passwd -rw-r--r-- 0/0",
            "etc/ssl/certs/ca-certificates.crt -rw-r--r-- 0/0",
            "licenses/LICENSE -rw-r--r-- 0/0",
        ]
    );
    let roots = image.read("etc/ssl/certs/ca-certificates.crt");
    assert!(roots.matches("BEGIN CERTIFICATE").count() > 100, "the roots of a browser are more");
    assert!(image.read("etc/passwd").starts_with("nonroot:x:65532:65532:"));
}

#[test]
fn it_is_small() {
    let Some(image) = image() else { return };
    let (binary, all) = (image.size(BINARY), image.unpacked());
    // 15.2 MiB with the patterns for plain secrets, which bring a regex engine; templates bring an engine of 0.9 MiB.
    // The goal of the benchmarks is 15 MiB.
    assert!(binary <= 18 * MIB, "the binary has {binary} bytes");
    assert!(all <= 22 * MIB, "the image has {all} bytes unpacked");
}

#[test]
fn it_runs_the_operator_as_a_user_who_is_nobody() {
    let Some(image) = image() else { return };
    assert_eq!(image.config["config"]["User"], "65532:65532");
    assert_eq!(image.config["config"]["Entrypoint"], serde_json::json!(["/appcredential-operator"]));
    assert_eq!(image.config["config"].get("Cmd"), None, "arguments are the chart's");
    assert_eq!(image.config["os"], "linux");
}

#[test]
fn it_says_what_it_is_and_which_commit_it_was_made_of() {
    let Some(image) = image() else { return };
    let label = |name: &str| image.config["config"]["Labels"][format!("org.opencontainers.image.{name}")].clone();
    assert_eq!(label("title"), "appcredential-operator");
    assert_eq!(label("version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(label("licenses"), "Apache-2.0");
    assert_eq!(label("revision").as_str().map(str::len), Some(40));
    assert_eq!(label("description"), "Renders application credentials, per environment, into Secrets and ConfigMaps");
}

#[test]
fn the_binary_needs_no_library_and_names_no_path_of_its_builder() {
    let Some(image) = image() else { return };
    let binary = image.bytes(BINARY);
    assert!(!archive::has_interpreter(&binary), "it asks for a dynamic linker");
    for path in [env!("CARGO_MANIFEST_DIR"), "/.cargo/registry", "/.rustup/"] {
        let found = binary.windows(path.len()).any(|window| window == path.as_bytes());
        assert!(!found, "{path} is in it: another machine would build another binary");
    }
}
