//! The pinned programs that tests run beside the control plane: helm, and what a node runs containers with.

/// A program that a module of ours pins.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: &'static str,
    /// The variable that names one of the user's own.
    pub(crate) variable: &'static str,
    /// The folder under `tests/` that pins it.
    pub(crate) folder: &'static str,
    /// The files there that it is made of.
    pub(crate) files: &'static [&'static str],
    /// The Go module that it is of, which also says its version; none for a package of the folder's own.
    pub(crate) module: Option<&'static str>,
    /// The package that is built.
    pub(crate) package: &'static str,
    /// The variable of the program that has its version: it knows none where it is not built by its own makefile.
    pub(crate) version: Option<&'static str>,
    /// What its first build costs.
    pub(crate) cost: &'static str,
    /// Go's build tags.
    pub(crate) tags: &'static str,
    /// Whether it is C too.
    pub(crate) cgo: Cgo,
}

/// Whether a program is partly C.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cgo {
    /// It makes no difference: where there is a C compiler Go uses it.
    AsGoLikes,
    /// Without, and so static: what of it runs in containers finds no library there.
    Without,
    /// It is.
    With,
}

const PINNED: &[&str] = &["go.mod", "go.sum"];

/// A static program with a version that nobody asks for.
const TOOL: Tool = Tool {
    name: "",
    variable: "",
    folder: "runtime",
    files: PINNED,
    module: Some("github.com/containerd/containerd/v2"),
    package: "",
    version: None,
    cost: "about a minute on 2 cores",
    tags: "",
    cgo: Cgo::Without,
};

/// The pinned programs.
pub(crate) const TOOLS: [Tool; 8] = [
    Tool {
        name: "helm",
        variable: "APPCREDENTIAL_TEST_HELM",
        folder: "tools",
        module: Some("helm.sh/helm/v4"),
        package: "helm.sh/helm/v4/cmd/helm",
        version: Some("helm.sh/helm/v4/internal/version.version"),
        cost: "about 3 minutes on 2 cores",
        cgo: Cgo::AsGoLikes,
        ..TOOL
    },
    Tool {
        name: "promtool",
        variable: "APPCREDENTIAL_TEST_PROMTOOL",
        folder: "tools-prometheus",
        module: Some("github.com/prometheus/prometheus"),
        package: "github.com/prometheus/prometheus/cmd/promtool",
        version: Some("github.com/prometheus/common/version.Version"),
        cost: "about 3 minutes on 2 cores",
        // Service discovery would bring the libraries of every cloud.
        tags: "remove_all_sd",
        cgo: Cgo::AsGoLikes,
        ..TOOL
    },
    // What kstatus and Argo CD's Lua make of a status, ours.
    Tool {
        name: "health",
        variable: "APPCREDENTIAL_TEST_HEALTH",
        folder: "tools",
        files: &["go.mod", "go.sum", "health/main.go", "health/argocd.go"],
        module: Some("github.com/fluxcd/cli-utils"),
        package: "appcredential.io/tools/health",
        version: Some("main.version"),
        cgo: Cgo::AsGoLikes,
        ..TOOL
    },
    Tool {
        name: "containerd",
        variable: "APPCREDENTIAL_TEST_CONTAINERD",
        package: "github.com/containerd/containerd/v2/cmd/containerd",
        ..TOOL
    },
    Tool {
        name: "containerd-shim-runc-v2",
        variable: "APPCREDENTIAL_TEST_SHIM",
        package: "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
        ..TOOL
    },
    Tool {
        name: "ctr",
        variable: "APPCREDENTIAL_TEST_CTR",
        package: "github.com/containerd/containerd/v2/cmd/ctr",
        ..TOOL
    },
    Tool {
        name: "runc",
        variable: "APPCREDENTIAL_TEST_RUNC",
        module: Some("github.com/opencontainers/runc"),
        package: "github.com/opencontainers/runc",
        // Containers of the chart run under RuntimeDefault, which is a seccomp filter.
        tags: "seccomp",
        cgo: Cgo::With,
        ..TOOL
    },
    // The application of the node's test, ours.
    Tool {
        name: "show",
        variable: "APPCREDENTIAL_TEST_SHOW",
        folder: "show",
        files: &["go.mod", "main.go"],
        module: None,
        package: "appcredential.io/show",
        cost: "seconds",
        ..TOOL
    },
];
