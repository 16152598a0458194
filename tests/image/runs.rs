//! The binary of the image against a real API server: one credential rendered, and an orderly end.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::{ControlPlane, Options};

const CREDENTIAL: &str = include_str!("../../examples/01-postgresql.yaml");
const DEADLINE: Duration = Duration::from_secs(60);

/// The operator. It is killed when the test fails.
struct Operator(Child);

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_binary_in_the_image_renders_a_credential_and_stops() {
    let Some(image) = super::image() else { return };
    let binary = image.path(super::BINARY);
    let Some(program) = program(&binary) else { return };
    let crds = program().arg("crd").output().expect("the operator");
    let crds = String::from_utf8(crds.stdout).expect("YAML");
    let plane = ControlPlane::start(&Options::default()).unwrap_or_else(|error| panic!("{error}"));
    plane.install_crds(&crds).unwrap_or_else(|error| panic!("{error}"));
    let manifest = plane.folder().join("credential.yaml");
    std::fs::write(&manifest, CREDENTIAL).expect("written");
    let applied = plane.kubectl().args(["apply", "-f"]).arg(&manifest).output().expect("kubectl");
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));

    let mut command = program();
    command.args(["run", "--kubeconfig"]).arg(plane.kubeconfig()).env_clear();
    let mut operator = Operator(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the operator"));
    // The guard of the control plane ends it too, should this process be killed.
    std::fs::write(plane.folder().join("image.pid"), operator.0.id().to_string()).expect("written");
    let secret = wait("the Secret is rendered", || {
        let got = plane.kubectl().args(["get", "secret", "orders-db", "-o=json"]).output().expect("kubectl");
        serde_json::from_slice::<Value>(&got.stdout).ok()
    });
    assert_eq!(secret["data"]["password"], "Y2hhbmdlLW1l", "the value of the example's source");

    let stopped = Command::new("kill").arg(operator.0.id().to_string()).status().expect("kill");
    assert!(stopped.success());
    let ended = wait("it ends", || operator.0.try_wait().expect("a status"));
    assert!(ended.success(), "{ended}");
    let _ = std::fs::remove_file(plane.folder().join("image.pid"));
}

/// What starts the binary: itself or, where it is for another architecture, QEMU; none where that is not there.
fn program(binary: &Path) -> Option<impl Fn() -> Command> {
    let starts = |program: &str| Command::new(program).arg(binary).arg("--version").output();
    let emulator = match Command::new(binary).arg("--version").output() {
        Ok(_) => None,
        // The error of exec for a format that it does not know.
        Err(error) if error.raw_os_error() == Some(8) => {
            let known = ["qemu-aarch64", "qemu-x86_64"];
            let found = known.into_iter().find(|name| starts(name).is_ok_and(|output| output.status.success()));
            if found.is_none() {
                eprintln!(
                    "skipped: the image is for another architecture, and QEMU (qemu-user) is not there to run it"
                );
                return None;
            }
            found
        }
        Err(error) => panic!("{error}"),
    };
    let binary = binary.to_owned();
    Some(move || match emulator {
        None => Command::new(&binary),
        Some(emulator) => {
            let mut command = Command::new(emulator);
            command.arg(&binary);
            command
        }
    })
}

fn wait<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {} s for this in vain: {what}", DEADLINE.as_secs());
        std::thread::sleep(Duration::from_millis(50));
    }
}
