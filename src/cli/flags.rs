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
    /// The kubeconfig file. Default: the pod's service account, else $KUBECONFIG or ~/.kube/config.
    #[arg(long, env = "APPCREDENTIAL_KUBECONFIG", value_name = "FILE")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig.
    #[arg(long, env = "APPCREDENTIAL_CONTEXT", value_name = "NAME")]
    pub(super) context: Option<String>,
    /// Watch this namespace only; may be given several times. Default: all namespaces.
    #[arg(
        long = "namespace",
        short = 'n',
        env = "APPCREDENTIAL_NAMESPACES",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub(super) namespaces: Vec<String>,
    /// Handle these environments only, comma-separated. Default: all.
    #[arg(long, env = "APPCREDENTIAL_ENVIRONMENTS", value_name = "NAMES", value_delimiter = ',')]
    pub(super) environments: Vec<String>,
    /// Let targets add labels and annotations under this prefix, such as example.com; may be given several times.
    #[arg(
        long = "allow-metadata-prefix",
        env = "APPCREDENTIAL_ALLOW_METADATA_PREFIXES",
        value_name = "PREFIX",
        value_delimiter = ','
    )]
    pub(super) metadata_prefixes: Vec<String>,
    /// How many credentials are reconciled at once.
    #[arg(long, env = "APPCREDENTIAL_CONCURRENCY", value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) concurrency: u16,
    /// Look at the uids of namespaces that targets and grants pin (namespaceUID). It takes the right to get namespaces.
    #[arg(long, env = "APPCREDENTIAL_NAMESPACE_PINS")]
    pub(super) namespace_pins: bool,
    /// Render only what the ValidatingAdmissionPolicy of this name has seen, where it is there, such as sources.appcredential.io. It takes the right to get that policy.
    #[arg(long, env = "APPCREDENTIAL_REVIEW_POLICY", value_name = "NAME")]
    pub(super) review_policy: Option<String>,
    /// List page by page instead of streaming lists, for API servers that claim to stream and do not.
    #[arg(long, env = "APPCREDENTIAL_PAGED_LISTS")]
    pub(super) paged_lists: bool,
    /// Run only while this process holds a Lease, so that several replicas never write at once.
    #[arg(long, env = "APPCREDENTIAL_LEADER_ELECTION", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    pub(super) leader_election: bool,
    /// The name of the Lease. Operators that share work by --environments or --namespace need one each.
    #[arg(long, env = "APPCREDENTIAL_LEASE_NAME", value_name = "NAME", default_value = "appcredential-operator")]
    pub(super) lease_name: String,
    /// The namespace of the Lease. Default: the pod's, else that of the kubeconfig's context.
    #[arg(long, env = "POD_NAMESPACE", value_name = "NAME")]
    pub(super) lease_namespace: Option<String>,
    /// Answer /livez and /readyz here, such as 0.0.0.0:8081.
    #[arg(long, env = "APPCREDENTIAL_HEALTH_ADDRESS", value_name = "ADDRESS")]
    pub(super) health_address: Option<SocketAddr>,
    /// Show /metrics here, such as 0.0.0.0:8080.
    #[arg(long, env = "APPCREDENTIAL_METRICS_ADDRESS", value_name = "ADDRESS")]
    pub(super) metrics_address: Option<SocketAddr>,
    /// Who may see metrics.
    #[arg(long, env = "APPCREDENTIAL_METRICS_ACCESS", value_enum, default_value_t)]
    pub(super) metrics_access: MetricsAccess,
    /// Tell credentials apart by their namespace in metrics.
    #[arg(long, env = "APPCREDENTIAL_METRICS_NAMESPACE_LABEL", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    pub(super) metrics_namespace_label: bool,
    /// How logs are written.
    #[arg(long, env = "APPCREDENTIAL_LOG_FORMAT", value_enum, default_value_t)]
    pub(super) log_format: LogFormat,
    /// How much is logged: off, error, warn, info, debug or trace.
    #[arg(long, env = "APPCREDENTIAL_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    pub(super) log_level: LevelFilter,
}

/// Who may see metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum MetricsAccess {
    /// Whoever can connect.
    #[default]
    Open,
    /// Whose token the cluster knows, and who may get the path /metrics there.
    Token,
}
