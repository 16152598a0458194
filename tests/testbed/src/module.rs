//! What is built with Go: the control plane, and the programs that tests run beside it.
//!
//! `tests/controlplane` and `tests/kubelet` are one program each that is linked by several names; `tests/tools`,
//! `tests/tools-prometheus` and `tests/runtime` pin programs of others, each built alone, since a run needs one of them and not
//! all. They are Go modules of their own, so that whoever runs the ordinary tests builds no kubelet and no containerd. An older
//! Kubernetes has a module beside the newest one's, of the same program.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cache::{digest, target};
use crate::error::{Error, Needs};
use crate::tools::{Cgo, Tool};

/// The variable that names a folder with the programs of a node.
pub(crate) const NODE: &str = "APPCREDENTIAL_TEST_KUBELET";

/// The names that the control plane's one program is linked by.
pub(crate) const NAMES: [&str; 4] = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"];

/// Says which Kubernetes is meant, where it is not the newest.
pub(crate) const KUBERNETES: &str = "APPCREDENTIAL_TEST_KUBERNETES";
/// The Kubernetes that all tests run against.
pub(crate) const NEWEST: &str = "1.37";
/// The oldest that is supported.
pub(crate) const OLDEST: &str = "1.33";

/// The names that the node's one program is linked by.
const NODE_NAMES: [&str; 2] = ["kubelet", "kube-scheduler"];

/// Something that is built from a Go module.
pub(crate) struct Module {
    pub(crate) folder: PathBuf,
    /// The version of Go it needs, such as 1.26.
    pub(crate) go: String,
    /// What it is called in messages.
    pub(crate) title: String,
    /// What its first build costs, for whoever waits.
    pub(crate) cost: &'static str,
    /// About how many modules and packages it has.
    pub(crate) most: (usize, usize),
    /// What can be done without Go.
    pub(crate) instead: String,
    /// The package that is built.
    pub(crate) package: &'static str,
    /// The same package by its whole path, which Go names last.
    pub(crate) last: &'static str,
    /// The name of the program that is built.
    pub(crate) program: &'static str,
    /// The names that it is linked by besides.
    pub(crate) links: &'static [&'static str],
    /// What the linker is told.
    pub(crate) flags: String,
    /// Go's build tags.
    pub(crate) tags: &'static str,
    /// Whether it is partly C.
    pub(crate) cgo: Cgo,
    digest: u64,
}

impl Module {
    /// The control plane of the newest Kubernetes.
    #[cfg(test)]
    pub(crate) fn controlplane() -> Result<Self, Error> {
        Self::controlplane_of("")
    }

    /// The control plane of an older Kubernetes such as `1.33`, which has a folder of its own; of the newest where none is named.
    pub(crate) fn controlplane_of(kubernetes: &str) -> Result<Self, Error> {
        let folder = match kubernetes {
            "" | NEWEST => "controlplane",
            OLDEST => "controlplane-1.33",
            other => return Err(Error::UnknownKubernetes(other.to_owned())),
        };
        let sources = Sources::read(folder, &["go.mod", "go.sum", "main.go"])?;
        let version = sources.after("k8s.io/kubernetes");
        Ok(Self {
            go: sources.go(),
            title: format!("the Kubernetes {version} control plane"),
            cost: "7 to 15 minutes on 2 cores and 1 GB of downloads",
            instead:
                "set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl, or use an existing cluster"
                    .to_owned(),
            most: (250, 2700),
            package: ".",
            last: "appcredential.io/controlplane",
            program: "controlplane",
            links: &NAMES,
            flags: kubernetes_flags(&version),
            tags: "",
            cgo: Cgo::AsGoLikes,
            digest: sources.digest,
            folder: sources.folder,
        })
    }

    /// What a node runs of Kubernetes.
    pub(crate) fn node() -> Result<Self, Error> {
        let sources = Sources::read("kubelet", &["go.mod", "go.sum", "main.go"])?;
        let version = sources.after("k8s.io/kubernetes");
        Ok(Self {
            title: format!("the Kubernetes {version} kubelet and scheduler"),
            cost: "about 2 minutes on 2 cores, once the control plane is built",
            instead: format!("set {NODE} to a folder with kubelet and kube-scheduler"),
            last: "appcredential.io/kubelet",
            program: "node",
            links: &NODE_NAMES,
            digest: sources.digest,
            folder: sources.folder,
            ..Self::controlplane_of("")?
        })
    }

    /// A pinned program.
    pub(crate) fn tool(tool: &Tool) -> Result<Self, Error> {
        let sources = Sources::read(tool.folder, tool.files)?;
        let version = tool.module.map(|module| sources.after(module));
        let title = version.iter().fold(tool.name.to_owned(), |name, version| format!("{name} {version}"));
        let known = tool.version.zip(version).map(|(variable, version)| format!(" -X {variable}={version}"));
        Ok(Self {
            go: sources.go(),
            cost: tool.cost,
            instead: format!("set {} to a {title} of your own", tool.variable),
            title,
            most: (180, 1300),
            package: tool.package,
            last: tool.package,
            program: tool.name,
            links: &[],
            flags: format!("-s -w{}", known.unwrap_or_default()),
            tags: tool.tags,
            cgo: tool.cgo,
            digest: sources.digest,
            folder: sources.folder,
        })
    }

    /// The name of its build's folder in a cache.
    pub(crate) fn key(&self) -> String {
        let (os, arch) = target();
        format!("{}-{:016x}-{os}-{arch}", self.program, self.digest)
    }

    /// Which Go it needs, for an error.
    pub(crate) fn needs(&self) -> Needs {
        Needs { go: self.go.clone(), title: self.title.clone(), instead: self.instead.clone() }
    }

    /// The programs of a finished build.
    pub(crate) fn programs(&self) -> Vec<&'static str> {
        if self.links.is_empty() { vec![self.program] } else { self.links.to_vec() }
    }
}

/// The files of a Go module.
struct Sources {
    folder: PathBuf,
    definition: String,
    digest: u64,
}

impl Sources {
    fn read(name: &str, files: &[&str]) -> Result<Self, Error> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        let read = |name: &&str| {
            let path = folder.join(name);
            fs::read(&path).map_err(Error::file("read", &path))
        };
        let files = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let definition = files.first().map(|file| String::from_utf8_lossy(file).into_owned()).unwrap_or_default();
        Ok(Self { definition, digest: digest(&files), folder })
    }

    /// The word after this one, such as the version of a module that is required.
    fn after(&self, word: &str) -> String {
        let lines = self.definition.lines().map(|line| line.trim().trim_start_matches("require "));
        let mut found = lines.filter_map(|line| line.strip_prefix(word)).filter_map(|rest| rest.strip_prefix(' '));
        found.next().and_then(|rest| rest.split_whitespace().next()).unwrap_or_default().to_owned()
    }

    /// Major and minor of the Go that is needed.
    fn go(&self) -> String {
        self.after("go").split('.').take(2).collect::<Vec<_>>().join(".")
    }
}

/// Without a version of its own kubectl and others refuse to talk to the API server.
fn kubernetes_flags(kubernetes: &str) -> String {
    let mut parts = kubernetes.trim_start_matches('v').split('.');
    let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let package = "k8s.io/component-base/version";
    format!(
        "-s -w -X {package}.gitVersion={kubernetes} -X {package}.gitMajor={major} -X {package}.gitMinor={minor} \
         -X {package}.gitTreeState=clean"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::TOOLS;

    #[test]
    fn a_module_says_which_version_and_which_go_it_needs() -> Result<(), Error> {
        for (module, title) in [(Module::controlplane()?, "the Kubernetes v1."), (Module::tool(&TOOLS[0])?, "helm v4.")]
        {
            assert!(module.title.starts_with(title), "{}", module.title);
            assert!(module.go.starts_with("1.") && module.go.matches('.').count() == 1, "{}", module.go);
        }
        Ok(())
    }

    #[test]
    fn only_the_newest_and_the_oldest_kubernetes_are_pinned() -> Result<(), Error> {
        for version in [NEWEST, OLDEST] {
            let title = Module::controlplane_of(version)?.title;
            assert!(title.starts_with(&format!("the Kubernetes v{version}.")), "{title}");
        }
        let unknown = Module::controlplane_of("1.12").err().map(|error| error.to_string()).unwrap_or_default();
        assert!(unknown.contains("1.12") && unknown.contains(OLDEST) && unknown.contains(KUBERNETES), "{unknown}");
        Ok(())
    }

    #[test]
    fn every_pinned_program_has_a_version_and_node_matches_plane() -> Result<(), Error> {
        for tool in TOOLS.iter().filter(|tool| tool.module.is_some()) {
            let title = Module::tool(tool)?.title;
            assert!(title.starts_with(&format!("{} v", tool.name)), "{title}");
        }
        let (plane, node) = (Module::controlplane()?, Module::node()?);
        assert_eq!(
            plane.flags, node.flags,
            "tests/kubelet/go.mod requires another Kubernetes than tests/controlplane/go.mod"
        );
        Ok(())
    }

    #[test]
    fn the_version_is_passed_to_the_linker() -> Result<(), Error> {
        let flags = kubernetes_flags("v1.37.2");
        for part in ["gitVersion=v1.37.2 ", "gitMajor=1 ", "gitMinor=37 "] {
            assert!(flags.contains(part), "{flags}");
        }
        let helm = Module::tool(&TOOLS[0])?;
        let version = helm.title.trim_start_matches("helm ");
        assert!(helm.flags.ends_with(&format!("version.version={version}")), "{}", helm.flags);
        Ok(())
    }

    #[test]
    fn each_build_has_a_folder_of_its_own() -> Result<(), Error> {
        let (plane, helm) = (Module::controlplane()?, Module::tool(&TOOLS[0])?);
        assert!(plane.key().starts_with("controlplane-") && helm.key().starts_with("helm-"));
        assert_eq!((plane.programs().len(), helm.programs()), (4, vec!["helm"]));
        Ok(())
    }
}
