//! The flags of `run`; each has an environment variable, by which the chart sets it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use tracing::level_filters::LevelFilter;

use crate::telemetry::LogFormat;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  appcredential-operator run                                          all namespaces, all environments
  appcredential-operator run --context staging -n orders -n payments  two namespaces of a context
  appcredential-operator run --environments production --log-format json")]
pub(super) struct RunArgs {
    /// The kubeconfig file. Default: in a pod its service account, elsewhere $KUBECONFIG or ~/.kube/config.
    #[arg(long, env = "APPCREDENTIAL_KUBECONFIG", value_name = "FILE")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig.
    #[arg(long, env = "APPCREDENTIAL_CONTEXT", value_name = "NAME")]
    pub(super) context: Option<String>,
    /// Watch only this namespace; repeatable. Default: all namespaces.
    #[arg(
        long = "namespace",
        short = 'n',
        env = "APPCREDENTIAL_NAMESPACES",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub(super) namespaces: Vec<String>,
    /// Handle only these environments, comma-separated. Default: all.
    #[arg(long, env = "APPCREDENTIAL_ENVIRONMENTS", value_name = "NAMES", value_delimiter = ',')]
    pub(super) environments: Vec<String>,
    /// Let targets add labels and annotations under this prefix, such as example.com; repeatable.
    #[arg(
        long = "allow-metadata-prefix",
        env = "APPCREDENTIAL_ALLOW_METADATA_PREFIXES",
        value_name = "PREFIX",
        value_delimiter = ','
    )]
    pub(super) metadata_prefixes: Vec<String>,
    /// Reconcile at most so many credentials at once.
    #[arg(long, env = "APPCREDENTIAL_CONCURRENCY", value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) concurrency: u16,
    /// Check the uids of namespaces that targets and grants pin (namespaceUID). This takes the right to get namespaces.
    #[arg(long, env = "APPCREDENTIAL_NAMESPACE_PINS")]
    pub(super) namespace_pins: bool,
    /// Render only specs that the ValidatingAdmissionPolicy of this name has checked, if it exists, such as sources.appcredential.io. This takes the right to get that policy.
    #[arg(long, env = "APPCREDENTIAL_REVIEW_POLICY", value_name = "NAME")]
    pub(super) review_policy: Option<String>,
    /// List page by page instead of streaming lists, for API servers that claim to stream lists and do not.
    #[arg(long, env = "APPCREDENTIAL_PAGED_LISTS")]
    pub(super) paged_lists: bool,
    /// Run only while this process holds a Lease, so that several replicas never write at once.
    #[arg(long, env = "APPCREDENTIAL_LEADER_ELECTION", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    pub(super) leader_election: bool,
    /// The name of the Lease. Operators that share work by --environments or --namespace need one each.
    #[arg(long, env = "APPCREDENTIAL_LEASE_NAME", value_name = "NAME", default_value = "appcredential-operator")]
    pub(super) lease_name: String,
    /// The namespace of the Lease. Default: in a pod its namespace, elsewhere that of the kubeconfig's context.
    #[arg(long, env = "POD_NAMESPACE", value_name = "NAME")]
    pub(super) lease_namespace: Option<String>,
    /// Serve /livez and /readyz at this address, such as 0.0.0.0:8081.
    #[arg(long, env = "APPCREDENTIAL_HEALTH_ADDRESS", value_name = "ADDRESS")]
    pub(super) health_address: Option<SocketAddr>,
    /// Serve /metrics at this address, such as 0.0.0.0:8080.
    #[arg(long, env = "APPCREDENTIAL_METRICS_ADDRESS", value_name = "ADDRESS")]
    pub(super) metrics_address: Option<SocketAddr>,
    /// Who may read metrics.
    #[arg(long, env = "APPCREDENTIAL_METRICS_ACCESS", value_enum, default_value_t)]
    pub(super) metrics_access: MetricsAccess,
    /// Label metrics with the namespace of a credential.
    #[arg(long, env = "APPCREDENTIAL_METRICS_NAMESPACE_LABEL", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    pub(super) metrics_namespace_label: bool,
    /// The format of the log.
    #[arg(long, env = "APPCREDENTIAL_LOG_FORMAT", value_enum, default_value_t)]
    pub(super) log_format: LogFormat,
    /// The level of the log: off, error, warn, info, debug or trace.
    #[arg(long, env = "APPCREDENTIAL_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    pub(super) log_level: LevelFilter,
}

/// Who may read metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum MetricsAccess {
    /// Everybody who can connect.
    #[default]
    Open,
    /// Everybody with a token of the cluster that may get the path /metrics.
    Token,
}
