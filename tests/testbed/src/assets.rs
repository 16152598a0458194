//! Which programs are used: what the user names, else what was built before, else what is built now.

use std::path::{Path, PathBuf};

use crate::build::build;
use crate::cache::{Env, finished, places, set, writable};
use crate::error::Error;
use crate::module::{KUBERNETES, Module, NODE};
use crate::tools::TOOLS;

const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// The programs.
#[derive(Clone, Debug)]
pub(crate) struct Assets {
    pub(crate) etcd: PathBuf,
    pub(crate) apiserver: PathBuf,
    pub(crate) kubectl: PathBuf,
    /// Not part of what setup-envtest downloads.
    pub(crate) controller_manager: Option<PathBuf>,
}

/// Where they come from.
#[derive(Debug, PartialEq)]
enum Source {
    /// What the user named.
    Named(PathBuf),
    /// A finished build.
    Built(PathBuf),
    /// Nothing is there yet: build it into this cache.
    Build(PathBuf),
}

impl Assets {
    /// Finds the programs, or builds them.
    pub(crate) fn find() -> Result<Self, Error> {
        let env = |name: &str| std::env::var_os(name);
        if let Some(folder) = set(&env, ASSETS) {
            return Self::named(&folder);
        }
        let module = controlplane(&env)?;
        match choose(&env, ASSETS, &module, &target_folder()) {
            Source::Named(folder) | Source::Built(folder) => Self::named(&folder),
            Source::Build(place) => Self::named(&build(&module, &place)?),
        }
    }

    /// The programs in a folder.
    fn named(folder: &Path) -> Result<Self, Error> {
        let need = |name: &'static str| {
            let path = folder.join(name);
            if path.exists() { Ok(path) } else { Err(Error::MissingAsset { folder: folder.to_path_buf(), name }) }
        };
        Ok(Self {
            etcd: need("etcd")?,
            apiserver: need("kube-apiserver")?,
            kubectl: need("kubectl")?,
            controller_manager: need("kube-controller-manager").ok(),
        })
    }
}

/// The control plane of the Kubernetes that is asked for.
fn controlplane(env: Env<'_>) -> Result<Module, Error> {
    let version = env(KUBERNETES).unwrap_or_default();
    Module::controlplane_of(&version.to_string_lossy())
}

/// A kubectl for a cluster that is there already: nothing is built for it.
pub(crate) fn find_kubectl() -> Result<PathBuf, Error> {
    let env = |name: &str| std::env::var_os(name);
    let on_path: Vec<PathBuf> = env("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let built = || match choose(&env, ASSETS, &controlplane(&env).ok()?, &target_folder()) {
        Source::Named(folder) | Source::Built(folder) => Some(folder),
        Source::Build(_) => None,
    };
    set(&env, ASSETS)
        .into_iter()
        .chain(on_path)
        .map(|folder| folder.join("kubectl"))
        .find(|path| path.is_file())
        .or_else(|| built().map(|folder| folder.join("kubectl")))
        .ok_or(Error::MissingKubectl)
}

/// Whether the control plane that is asked for can be started without building it.
pub fn is_at_hand() -> bool {
    let env = |name: &str| std::env::var_os(name);
    let at_hand = |module: Module| !matches!(choose(&env, ASSETS, &module, &target_folder()), Source::Build(_));
    controlplane(&env).is_ok_and(at_hand)
}

/// Builds the control plane where it is not there yet, for whoever starts it where there is no network.
///
/// # Errors
/// When it cannot be had.
pub fn prepare() -> Result<(), Error> {
    Assets::find().map(|_| ())
}

/// kubelet and kube-scheduler, in the folder that is returned: what their variable names, else what was built before,
/// else what is built now.
///
/// # Errors
/// When they cannot be had.
pub fn node_programs() -> Result<PathBuf, Error> {
    let env = |name: &str| std::env::var_os(name);
    let module = Module::node()?;
    match choose(&env, NODE, &module, &target_folder()) {
        Source::Named(folder) | Source::Built(folder) => Ok(folder),
        Source::Build(place) => build(&module, &place),
    }
}

/// A pinned program, such as helm: the one that its variable names, else the pinned one, which the
/// first time on a machine means building it (minutes, and it is said so on stderr).
///
/// # Errors
/// When there is no such tool, or it cannot be had.
pub fn tool(name: &str) -> Result<PathBuf, Error> {
    let env = |name: &str| std::env::var_os(name);
    let tool = TOOLS.iter().find(|tool| tool.name == name).ok_or_else(|| Error::UnknownTool(name.to_owned()))?;
    let module = Module::tool(tool)?;
    match choose(&env, tool.variable, &module, &target_folder()) {
        Source::Named(path) if path.is_file() => Ok(path),
        Source::Named(path) => Err(Error::MissingTool { variable: tool.variable, path }),
        Source::Built(folder) => Ok(folder.join(name)),
        Source::Build(place) => Ok(build(&module, &place)?.join(name)),
    }
}

/// The first source that there is. A finished build is used wherever it is; a new one goes to the
/// first place that can be written to.
fn choose(env: Env<'_>, variable: &str, module: &Module, last: &Path) -> Source {
    if let Some(named) = set(env, variable) {
        return Source::Named(named);
    }
    let places = places(env, last);
    if let Some(folder) = places.iter().find_map(|place| finished(place, &module.key(), &module.programs())) {
        return Source::Built(folder);
    }
    let place = places.iter().find(|place| writable(place)).or(places.first());
    Source::Build(place.cloned().unwrap_or_else(|| last.to_path_buf()))
}

fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/controlplane")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;

    use super::*;
    use crate::module::NAMES;
    use crate::room::Room;

    fn fill(folder: &Path, names: &[&str]) -> Result<(), Error> {
        fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
        for name in names {
            let path = folder.join(name);
            fs::write(&path, "").map_err(Error::file("write", &path))?;
        }
        Ok(())
    }

    fn chosen(variables: &[(&str, &Path)], module: &Module, last: &Path) -> Source {
        let env = |name: &str| -> Option<OsString> {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_os_str().to_owned())
        };
        choose(&env, ASSETS, module, last)
    }

    #[test]
    fn a_named_folder_precedes_an_existing_build_and_a_new_one() -> Result<(), Error> {
        let room = Room::open()?;
        let (named, cache, last) = (room.folder().join("named"), room.folder().join("cache"), room.folder().join("t"));
        let named_first = [("KUBEBUILDER_ASSETS", named.as_path()), ("APPCREDENTIAL_CONTROLPLANE_CACHE", &cache)];
        let [_, cache_only] = named_first;
        let module = Module::controlplane()?;
        let built = cache.join(module.key());
        assert_eq!(chosen(&[cache_only], &module, &last), Source::Build(cache.clone()));
        fill(&built, &NAMES)?;
        assert_eq!(chosen(&[cache_only], &module, &last), Source::Built(built));
        assert_eq!(chosen(&named_first, &module, &last), Source::Named(named));
        Ok(())
    }

    #[test]
    fn an_unwritable_home_leaves_the_target_folder_as_cache() -> Result<(), Error> {
        let room = Room::open()?;
        let last = room.folder().join("target");
        let home = [("HOME", Path::new("/dev/null"))];
        let module = Module::controlplane()?;
        assert_eq!(chosen(&home, &module, &last), Source::Build(last.clone()));
        fill(&last.join(module.key()), &NAMES)?;
        assert_eq!(chosen(&home, &module, &last), Source::Built(last.join(module.key())));
        Ok(())
    }

    #[test]
    fn a_named_folder_may_lack_only_the_controller_manager() -> Result<(), Error> {
        let room = Room::open()?;
        let folder = room.folder().join("assets");
        fill(&folder, &["etcd", "kubectl"])?;
        let error = Assets::named(&folder).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("there is no kube-apiserver in KUBEBUILDER_ASSETS="), "{error}");
        assert_eq!(error.lines().count(), 1);
        fill(&folder, &["kube-apiserver"])?;
        assert!(Assets::named(&folder)?.controller_manager.is_none());
        Ok(())
    }

    #[test]
    fn each_tool_has_its_own_build_and_an_unknown_one_is_reported() -> Result<(), Error> {
        let room = Room::open()?;
        let home = [("HOME", Path::new("/dev/null"))];
        let last = room.folder().join("target");
        let (plane, helm) = (Module::controlplane()?, Module::tool(&TOOLS[0])?);
        fill(&last.join(plane.key()), &NAMES)?;
        assert_eq!(chosen(&home, &helm, &last), Source::Build(last.clone()));
        fill(&last.join(helm.key()), &["helm"])?;
        assert_eq!(chosen(&home, &helm, &last), Source::Built(last.join(helm.key())));
        let unknown = tool("screwdriver").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(unknown.contains("screwdriver") && unknown.contains("tests/tools"), "{unknown}");
        Ok(())
    }
}
