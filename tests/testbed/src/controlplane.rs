//! What tests and the playground hold: a control plane that serves, and ends with the value.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::assets::{Assets, find_kubectl};
use crate::boot::{STORE, Setup, boot, kubectl};
use crate::error::Error;
use crate::files;
use crate::options::{ADMIN, Options};
use crate::room::Room;
use crate::wait::{output, until};

/// How often a start is tried when a component ends at once: its port may have been taken by
/// another program after it was found free.
const ATTEMPTS: usize = 3;

/// A control plane. Dropping it stops it and removes its folder.
pub struct ControlPlane {
    room: Room,
    /// None for an existing cluster.
    setup: Option<Setup>,
    kubectl: PathBuf,
    kubeconfig: PathBuf,
    users: Vec<(String, PathBuf)>,
    audit_log: Option<PathBuf>,
    controller_manager: bool,
}

impl ControlPlane {
    /// Finds the programs (the first time on a machine that means building them, which takes
    /// minutes and says so on stderr), starts them, and returns when the API server is ready.
    ///
    /// # Errors
    /// When the programs cannot be had, end by themselves, or are not ready in two minutes.
    pub fn start(options: &Options) -> Result<Self, Error> {
        Self::start_with(Assets::find()?, options)
    }

    fn start_with(assets: Assets, options: &Options) -> Result<Self, Error> {
        let mut attempt = 1;
        let booted = loop {
            match boot(&assets, options) {
                Err(Error::Died { .. }) if attempt < ATTEMPTS => attempt += 1,
                result => break result?,
            }
        };
        let of_admin = |(user, _): &&(String, PathBuf)| user == ADMIN;
        let kubeconfig = booted.kubeconfigs.iter().find(of_admin).map(|(_, path)| path.clone()).unwrap_or_default();
        Ok(Self {
            room: booted.room,
            setup: Some(booted.setup),
            kubectl: assets.kubectl,
            kubeconfig,
            users: booted.kubeconfigs,
            audit_log: booted.audit_log,
            controller_manager: assets.controller_manager.is_some(),
        })
    }

    /// A cluster that is there already: nothing of it is started or stopped. Without a kubeconfig
    /// kubectl's own rules say which one (`KUBECONFIG`, else `~/.kube/config`); without a context
    /// it is the current one.
    ///
    /// What `kubeconfig()` then names is a copy with that one context, which goes away with this
    /// value, so that nothing can reach another cluster by accident.
    ///
    /// # Errors
    /// When there is no kubectl, no such context, or no answer from the cluster.
    pub fn existing(kubeconfig: Option<&Path>, context: Option<&str>) -> Result<Self, Error> {
        let program = find_kubectl()?;
        let room = Room::open()?;
        let mut view = Command::new(&program);
        view.args(["config", "view", "--minify", "--flatten", "--raw"]).env("KUBERC", "off");
        view.args(context.map(|name| format!("--context={name}")));
        if let Some(path) = kubeconfig {
            view.env("KUBECONFIG", path);
        }
        let copy = room.folder().join("kubeconfig");
        let content = output(&mut view)?.map_err(|said| Error::Unreachable { said })?;
        files::write(&copy, &content)?;
        let mut version = kubectl(&program, &copy, room.folder());
        version.args(["get", "--request-timeout=15s", "--raw", "/version"]);
        output(&mut version)?.map_err(|said| Error::Unreachable { said })?;
        Ok(Self {
            room,
            setup: None,
            kubectl: program,
            kubeconfig: copy,
            users: Vec::new(),
            audit_log: None,
            controller_manager: true,
        })
    }

    /// The admin's kubeconfig.
    #[must_use]
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The kubeconfig of a user that `Options::users` named.
    ///
    /// # Errors
    /// When it named no such user.
    pub fn kubeconfig_for(&self, user: &str) -> Result<&Path, Error> {
        let found = self.users.iter().find(|(name, _)| name == user);
        found.map(|(_, path)| path.as_path()).ok_or_else(|| Error::UnknownUser(user.to_owned()))
    }

    /// A kubectl that acts as the admin.
    #[must_use]
    pub fn kubectl(&self) -> Command {
        kubectl(&self.kubectl, &self.kubeconfig, self.room.folder())
    }

    /// A kubectl that acts as a user that `Options::users` named.
    ///
    /// # Errors
    /// When it named no such user.
    pub fn kubectl_as(&self, user: &str) -> Result<Command, Error> {
        Ok(kubectl(&self.kubectl, self.kubeconfig_for(user)?, self.room.folder()))
    }

    /// Installs CRDs, one or a stream of them, and returns when the API server serves them.
    ///
    /// # Errors
    /// When they are refused, or not served in half a minute.
    pub fn install_crds(&self, yaml: &str) -> Result<(), Error> {
        let file = self.folder().join("crds.yaml");
        std::fs::write(&file, yaml).map_err(Error::file("write", &file))?;
        let kubectl = |arguments: &[&str]| output(self.kubectl().args(arguments).arg("-f").arg(&file));
        kubectl(&["apply", "--server-side", "--force-conflicts"])?.map_err(|said| Error::Crds { said })?;
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut said = String::new();
        // A CRD has no conditions at first, and kubectl takes that for an error instead of waiting.
        let served = until(deadline, Duration::from_millis(100), || {
            let waited =
                output(self.kubectl().args(["wait", "crd", "--all", "--for=condition=Established", "--timeout=10s"]))?;
            Ok(waited.map_err(|error| said = error).is_ok())
        })?;
        if served { Ok(()) } else { Err(Error::Crds { said }) }
    }

    /// Waits until the API server refuses a manifest: a policy is in force a moment after it is there.
    ///
    /// # Errors
    /// When it is not refused in half a minute.
    pub fn until_refused(&self, manifest: &str) -> Result<(), Error> {
        let file = self.folder().join("refused.yaml");
        std::fs::write(&file, manifest).map_err(Error::file("write", &file))?;
        let refused = until(Instant::now() + Duration::from_secs(30), Duration::from_millis(100), || {
            let create = ["create", "--dry-run=server", "--filename"];
            Ok(output(self.kubectl().args(create).arg(&file))?.is_err())
        })?;
        if refused { Ok(()) } else { Err(Error::Crds { said: "no policy refuses what it should".to_owned() }) }
    }

    /// The audit log, one JSON object a line, when `Options::audit` asked for it.
    #[must_use]
    pub fn audit_log(&self) -> Option<&Path> {
        self.audit_log.as_deref()
    }

    /// Whether something collects garbage, makes service accounts and ends namespaces.
    #[must_use]
    pub fn has_controller_manager(&self) -> bool {
        self.controller_manager
    }

    /// A folder that goes away with the control plane, for files of the caller's.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.room.folder()
    }

    /// The process ids of the components; none for an existing cluster.
    #[must_use]
    pub fn pids(&self) -> Vec<u32> {
        self.room.pids()
    }

    /// The process id of a component, such as `kube-apiserver`; none for an existing cluster.
    #[must_use]
    pub fn pid(&self, component: &str) -> Option<u32> {
        self.room.pid(component)
    }

    /// Stops the components, keeps a copy of all that etcd holds, and starts them again. An earlier copy goes.
    ///
    /// # Errors
    /// When this is an existing cluster, the copy fails, or the components do not serve again.
    pub fn back_up(&self) -> Result<(), Error> {
        self.between_runs(files::copy_folder)
    }

    /// Stops the components, puts the copy in the place of all that etcd holds, and starts them again, at the same
    /// address. As Kubernetes asks of whoever restores etcd, nothing of the control plane runs meanwhile.
    ///
    /// # Errors
    /// When this is an existing cluster, there is no copy, or the components do not serve again.
    pub fn restore(&self) -> Result<(), Error> {
        self.between_runs(|store, backup| files::copy_folder(backup, store))
    }

    fn between_runs(&self, change: impl FnOnce(&Path, &Path) -> Result<(), Error>) -> Result<(), Error> {
        let setup = self.setup.as_ref().ok_or(Error::NotStartedHere)?;
        self.room.halt();
        change(&self.folder().join(STORE), &self.folder().join("etcd-backup"))?;
        setup.start(&self.room).map(drop)
    }

    /// Stops everything that was started and removes the folder; dropping does the same, but
    /// cannot say when it fails.
    ///
    /// # Errors
    /// When something is still there after ten seconds.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.room.close()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Programs that end as a component does whose port is taken. A shell writes the script: a
    /// file that this process had open for writing could not be executed by one it forks.
    fn dying(folder: &Path) -> Result<Assets, Error> {
        let write = r#"cat >"$0/etcd" <<END
#!/bin/sh
echo once >>$0/starts
echo bind: address already in use
exit 1
END
chmod 700 "$0/etcd""#;
        let written = output(Command::new("sh").args(["-c", write]).arg(folder))?;
        assert_eq!(written, Ok(String::new()));
        let missing = folder.join("missing");
        Ok(Assets { etcd: folder.join("etcd"), apiserver: missing.clone(), kubectl: missing, controller_manager: None })
    }

    #[test]
    fn a_component_that_ends_at_start_gets_three_tries_and_its_log() -> Result<(), Error> {
        let room = Room::open()?;
        let error = ControlPlane::start_with(dying(room.folder())?, &Options::default()).err();
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(text.starts_with("etcd ended at start (exit status: 1)"), "{text}");
        assert!(text.ends_with("bind: address already in use"), "{text}");
        let starts = room.folder().join("starts");
        assert_eq!(fs::read_to_string(&starts).map_err(Error::file("read", &starts))?, "once\nonce\nonce\n");
        Ok(())
    }
}
