//! Everything that can keep a control plane from starting, each as a line that says what to do.
//!
//! `Debug` prints the same text as `Display`, because that is what a test that returns
//! `Result<(), testbed::Error>` shows when it fails.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::module::{KUBERNETES, NEWEST, OLDEST};

/// Why there is no control plane.
pub enum Error {
    /// `KUBEBUILDER_ASSETS` names a folder that lacks a program.
    MissingAsset {
        /// The folder that `KUBEBUILDER_ASSETS` names.
        folder: PathBuf,
        /// The program that is not in it.
        name: &'static str,
    },
    /// Go is not installed and nothing is in the cache.
    MissingGo {
        /// What it is needed for.
        needed: Needs,
    },
    /// Go is installed, but older than the sources need.
    OldGo {
        /// What it is needed for.
        needed: Needs,
        /// What the installed one says.
        found: String,
    },
    /// A program that no module pins.
    UnknownTool(String),
    /// A version of Kubernetes that there is no control plane of.
    UnknownKubernetes(String),
    /// A variable names a program that is not there.
    MissingTool {
        /// The variable.
        variable: &'static str,
        /// What it names.
        path: PathBuf,
    },
    /// Go could not build a module.
    Build {
        /// What was built.
        title: String,
        /// Its sources.
        folder: PathBuf,
        /// The last lines of what Go said.
        tail: String,
    },
    /// A component ended while the control plane was starting.
    Died {
        /// Which one.
        component: &'static str,
        /// How it ended.
        status: String,
        /// The last lines of its log.
        log: String,
    },
    /// A component runs but does not serve.
    NotReady {
        /// What was waited for.
        waited_for: &'static str,
        /// For how long.
        seconds: u64,
        /// The last lines of the log of the component, or of what kubectl said.
        log: String,
    },
    /// No kubectl for a cluster that was not started here.
    MissingKubectl,
    /// The existing cluster does not answer.
    Unreachable {
        /// What kubectl said.
        said: String,
    },
    /// The CRDs are not served.
    Crds {
        /// What kubectl said.
        said: String,
    },
    /// An existing cluster is neither stopped nor started.
    NotStartedHere,
    /// A user that the options did not name.
    UnknownUser(String),
    /// A user whose name, token or groups cannot be written down.
    BadUser(String),
    /// Some process or the folder was still there after stopping.
    Remains(PathBuf),
    /// A file could not be read or written.
    File {
        /// What was tried, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program could not be started.
    Program {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// The random source or the key generator of the crypto library failed.
    Random,
    /// No three free ports were found.
    NoPorts,
}

/// What Go is needed for, and what else would do.
pub struct Needs {
    /// The oldest version that does.
    pub(crate) go: String,
    /// What is built with it.
    pub(crate) title: String,
    /// What can be done without it.
    pub(crate) instead: String,
}

impl Error {
    /// The error of a file operation, for `map_err`.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_path_buf();
        move |source| Error::File { doing, path, source }
    }

    /// The error of a program that does not start, for `map_err`.
    pub(crate) fn program(program: &str) -> impl FnOnce(io::Error) -> Error {
        let program = program.to_owned();
        move |source| Error::Program { program, source }
    }
}

impl Needs {
    /// What is missing, why, and every way out.
    fn tell(&self, f: &mut fmt::Formatter<'_>, but: &str) -> fmt::Result {
        let Self { go, title, instead } = self;
        write!(f, "Go {go} or newer is needed to build {title} once, and {but}: install Go {go} or newer, or {instead}")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::MissingAsset { folder, name } => write!(
                f,
                "there is no {name} in KUBEBUILDER_ASSETS={}: put it there, or unset the variable to build the control plane",
                folder.display()
            ),
            Error::MissingGo { needed } => needed.tell(f, "there is no go on the PATH"),
            Error::OldGo { needed, found } => needed.tell(f, &format!("the go on the PATH says \"{found}\"")),
            Error::UnknownTool(name) => {
                write!(f, "there is no tool {name:?}: add it to TOOLS and to a module such as tests/tools")
            }
            Error::UnknownKubernetes(version) => write!(
                f,
                "there is no Kubernetes {version:?} in tests/: set {KUBERNETES} to {OLDEST} or {NEWEST}, or unset it"
            ),
            Error::MissingTool { variable, path } => {
                write!(f, "there is no program {}: correct {variable}, or unset it to build one", path.display())
            }
            Error::Build { title, folder, tail } => write!(
                f,
                "Go could not build {title} ({}); mend what it says and start again:\n{tail}",
                folder.display()
            ),
            Error::Died { component, status, log } => {
                write!(f, "{component} ended at start ({status}); the last lines of its log say why:\n{log}")
            }
            Error::NotReady { waited_for, seconds, log } => write!(
                f,
                "{waited_for} was not there after {seconds} s; try again with less load on the machine, or see the last lines of the log:\n{log}"
            ),
            Error::MissingKubectl => f.write_str(
                "there is no kubectl on the PATH: install it, or set KUBEBUILDER_ASSETS to a folder that has it",
            ),
            Error::Unreachable { said } => {
                write!(f, "the cluster does not answer; check the kubeconfig and its context: {said}")
            }
            Error::Crds { said } => write!(f, "the CRDs are not served: {said}"),
            Error::NotStartedHere => f.write_str("an existing cluster is neither stopped nor restored: start one"),
            Error::UnknownUser(name) => {
                write!(f, "there is no user {name:?}: name it in Options::users (an existing cluster has none)")
            }
            Error::BadUser(name) => write!(
                f,
                "the user {name:?} cannot be written to a token file: leave out quotes, commas, backslashes and control characters, name it once, and give it a token"
            ),
            Error::Remains(folder) => {
                write!(f, "not everything of the control plane could be stopped: remove {} by hand", folder.display())
            }
            Error::File { doing, path, source } => {
                write!(f, "cannot {doing} {}: {source}", path.display())
            }
            Error::Program { program, source } => {
                write!(f, "cannot start {program}: {source}: check that it is there and may be executed")
            }
            Error::Random => f.write_str("the system gave no random numbers to make keys from: try again"),
            Error::NoPorts => {
                f.write_str("found no free ports on 127.0.0.1 from 20000 to 30000: end programs that listen there")
            }
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::File { source, .. } | Error::Program { source, .. } => Some(source),
            _ => None,
        }
    }
}
