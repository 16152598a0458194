//! The operator as a process: started, watched, and ended with the playground.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use testbed::ControlPlane;

pub(crate) struct Operator {
    child: Child,
    log: PathBuf,
}

impl Operator {
    pub(crate) fn start(plane: &ControlPlane, namespace: &str) -> Result<Self, String> {
        let log = plane.folder().join("operator.log");
        let written = |error: std::io::Error| format!("the operator cannot be started: {error}");
        let output = File::create(&log).map_err(written)?;
        let child = Command::new(std::env::current_exe().map_err(written)?)
            .args([super::OPERATOR, "run", "--namespace", namespace, "--leader-election=false", "--kubeconfig"])
            .arg(plane.kubeconfig())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .map_err(written)?;
        // What stands in a pid file of the control plane's folder ends with the control plane, however that ends.
        let pid = plane.folder().join("operator.pid");
        File::create(pid).and_then(|mut file| writeln!(file, "{}", child.id())).map_err(written)?;
        Ok(Self { child, log })
    }

    /// A reason with the operator's last lines behind it.
    pub(crate) fn explain(&self, reason: &str) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.get(lines.len().saturating_sub(5)..).unwrap_or_default();
        format!("{reason}\nThe operator's last lines:\n{}", last.join("\n"))
    }

    /// Prints the log as it grows, for ever.
    pub(crate) async fn follow(&self) -> Result<(), String> {
        let mut file = File::open(&self.log).map_err(|error| error.to_string())?;
        let mut position = 0;
        loop {
            let mut text = Vec::new();
            file.seek(SeekFrom::Start(position)).map_err(|error| error.to_string())?;
            file.read_to_end(&mut text).map_err(|error| error.to_string())?;
            position += text.len() as u64;
            std::io::stdout().write_all(&text).map_err(|error| error.to_string())?;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
