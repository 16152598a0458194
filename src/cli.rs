//! The command line: flags and environment variables become options, and errors become exit codes.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use futures::FutureExt;
use tracing::level_filters::LevelFilter;

use crate::controller::{self, Options};
use crate::leadership::{Candidate, Election, Identity, Lost, Stand};
use crate::metrics::Metrics;
use crate::observer::ClientObserver;
use crate::pulse::{Pulse, Stage};
use crate::serve::{self, Serving};
use crate::telemetry::{self, LogFormat};
use appcredential_api::crd;
use appcredential_cluster::client::{Access, Gear};
use appcredential_cluster::fence::Fence;
use appcredential_cluster::lease::Place;
use appcredential_cluster::observer::SharedObserver;
use appcredential_cluster::watch::Lists;
use appcredential_core::resolve::Selection;

/// Keeps application credentials true: per environment a Secret and a ConfigMap, rendered from an AppCredential.
#[derive(Debug, Parser)]
#[command(
    name = "appcredential-operator",
    version,
    after_help = "Examples:
  appcredential-operator crd | kubectl apply --server-side -f -
  appcredential-operator run
  appcredential-operator run --context staging --namespace orders --environments staging"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the operator until SIGTERM or ctrl-C.
    Run(Box<RunArgs>),
    /// Print the CRDs as YAML.
    Crd,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  appcredential-operator run                                          all namespaces, all environments
  appcredential-operator run --context staging -n orders -n payments  two namespaces of a context
  appcredential-operator run --environments production --log-format json")]
struct RunArgs {
    /// The kubeconfig file. Default: the pod's service account, else $KUBECONFIG or ~/.kube/config.
    #[arg(long, env = "APPCREDENTIAL_KUBECONFIG", value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig.
    #[arg(long, env = "APPCREDENTIAL_CONTEXT", value_name = "NAME")]
    context: Option<String>,
    /// Watch this namespace only; may be given several times. Default: all namespaces.
    #[arg(
        long = "namespace",
        short = 'n',
        env = "APPCREDENTIAL_NAMESPACES",
        value_name = "NAME",
        value_delimiter = ','
    )]
    namespaces: Vec<String>,
    /// Handle these environments only, comma-separated. Default: all.
    #[arg(long, env = "APPCREDENTIAL_ENVIRONMENTS", value_name = "NAMES", value_delimiter = ',')]
    environments: Vec<String>,
    /// Let targets add labels and annotations under this prefix, such as example.com; may be given several times.
    #[arg(
        long = "allow-metadata-prefix",
        env = "APPCREDENTIAL_ALLOW_METADATA_PREFIXES",
        value_name = "PREFIX",
        value_delimiter = ','
    )]
    metadata_prefixes: Vec<String>,
    /// How many credentials are reconciled at once.
    #[arg(long, env = "APPCREDENTIAL_CONCURRENCY", value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// Look at the uids of namespaces that targets and grants pin (namespaceUID). It takes the right to get namespaces.
    #[arg(long, env = "APPCREDENTIAL_NAMESPACE_PINS")]
    namespace_pins: bool,
    /// Render only what the ValidatingAdmissionPolicy of this name has seen, where it is there, such as sources.appcredential.io. It takes the right to get that policy.
    #[arg(long, env = "APPCREDENTIAL_REVIEW_POLICY", value_name = "NAME")]
    review_policy: Option<String>,
    /// List page by page instead of streaming lists, for API servers that claim to stream and do not.
    #[arg(long, env = "APPCREDENTIAL_PAGED_LISTS")]
    paged_lists: bool,
    /// Run only while this process holds a Lease, so that several replicas never write at once.
    #[arg(long, env = "APPCREDENTIAL_LEADER_ELECTION", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    leader_election: bool,
    /// The name of the Lease. Operators that share work by --environments or --namespace need one each.
    #[arg(long, env = "APPCREDENTIAL_LEASE_NAME", value_name = "NAME", default_value = "appcredential-operator")]
    lease_name: String,
    /// The namespace of the Lease. Default: the pod's, else that of the kubeconfig's context.
    #[arg(long, env = "POD_NAMESPACE", value_name = "NAME")]
    lease_namespace: Option<String>,
    /// Answer /livez and /readyz here, such as 0.0.0.0:8081.
    #[arg(long, env = "APPCREDENTIAL_HEALTH_ADDRESS", value_name = "ADDRESS")]
    health_address: Option<SocketAddr>,
    /// Show /metrics here, such as 0.0.0.0:8080.
    #[arg(long, env = "APPCREDENTIAL_METRICS_ADDRESS", value_name = "ADDRESS")]
    metrics_address: Option<SocketAddr>,
    /// Who may see metrics.
    #[arg(long, env = "APPCREDENTIAL_METRICS_ACCESS", value_enum, default_value_t)]
    metrics_access: MetricsAccess,
    /// Tell credentials apart by their namespace in metrics.
    #[arg(long, env = "APPCREDENTIAL_METRICS_NAMESPACE_LABEL", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true")]
    metrics_namespace_label: bool,
    /// How logs are written.
    #[arg(long, env = "APPCREDENTIAL_LOG_FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    /// How much is logged: off, error, warn, info, debug or trace.
    #[arg(long, env = "APPCREDENTIAL_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    log_level: LevelFilter,
}

/// Who may see metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum MetricsAccess {
    /// Whoever can connect.
    #[default]
    Open,
    /// Whose token the cluster knows, and who may get the path /metrics there.
    Token,
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    run(std::env::args_os())
}

/// Runs the program with these arguments, the first being its name.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let done = match cli.command {
        Command::Crd => print_crds(),
        Command::Run(arguments) => operate(*arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn print_crds() -> Result<(), String> {
    use std::io::Write;
    let yaml = crd::yaml().map_err(|error| error.to_string())?;
    match std::io::stdout().write_all(yaml.as_bytes()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

fn operate(arguments: RunArgs) -> Result<(), String> {
    telemetry::init(arguments.log_format, arguments.log_level);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let fence = if arguments.leader_election { Fence::closed() } else { Fence::always_open() };
        let metrics = Metrics::new(arguments.metrics_namespace_label);
        let observer = ClientObserver { metrics, pulse: Pulse::default() };
        let gear = Gear { fence: fence.clone(), observer: SharedObserver::new(observer.clone()) };
        let access = Access::find(arguments.kubeconfig.as_deref(), arguments.context.as_deref(), gear)
            .await
            .map_err(|error| error.to_string())?;
        let stop = stop_signal().map_err(|error| format!("signals cannot be listened for: {error}"))?;
        serve(&arguments, &access, &observer)?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting");
        let ended = lead(arguments, access, fence, observer, stop.shared()).await;
        tracing::info!("stopped");
        ended
    })
}

fn serve(arguments: &RunArgs, access: &Access, observer: &ClientObserver) -> Result<(), String> {
    let reviews = (arguments.metrics_access == MetricsAccess::Token).then(|| access.clone());
    serve::start(Serving {
        health: arguments.health_address.map(|address| (address, observer.pulse.clone())),
        metrics: arguments.metrics_address.map(|address| (address, observer.metrics.clone(), reviews)),
    })
}

/// Runs the operator, where there is an election only while it leads.
async fn lead(
    arguments: RunArgs,
    access: Access,
    fence: Fence,
    observer: ClientObserver,
    stop: impl Future<Output = ()> + Clone,
) -> Result<(), String> {
    let client = access.client().map_err(|error| error.to_string())?;
    let election = arguments.leader_election.then(|| stand(&arguments, access, fence, &observer.pulse)).transpose()?;
    let options = Options {
        namespaces: arguments.namespaces,
        selection: Selection::only(arguments.environments).allowing(arguments.metadata_prefixes),
        concurrency: usize::from(arguments.concurrency),
        namespace_pins: arguments.namespace_pins,
        review_policy: arguments.review_policy.filter(|name| !name.is_empty()),
        lists: if arguments.paged_lists { Lists::Paged } else { Lists::Streamed },
        metrics: observer.metrics.clone(),
        pulse: observer.pulse.clone(),
        ..Options::default()
    };
    let Some(mut election) = election else {
        observer.metrics.leading(true);
        controller::run(client, options, stop).await;
        return Ok(());
    };
    observer.pulse.stage(Stage::Standby);
    let won = tokio::select! {
        won = election.won() => Some(won),
        () = stop.clone() => None,
    };
    let Some(won) = won else {
        election.release().await;
        return Ok(());
    };
    won.map_err(|lost| farewell(&lost))?;
    observer.metrics.leading(true);
    // Where it is lost, whatever is under way is dropped at once.
    let lost = tokio::select! {
        () = controller::run(client, options, stop) => None,
        lost = election.lost() => Some(lost),
    };
    observer.metrics.leading(false);
    match lost {
        // Only now that nothing is under way may another begin.
        None => election.release().await,
        Some(lost) => return Err(farewell(&lost)),
    }
    Ok(())
}

/// Stands for election on a thread of its own.
fn stand(arguments: &RunArgs, access: Access, fence: Fence, pulse: &Pulse) -> Result<Election, String> {
    let candidate = candidate(arguments, &access);
    let pulse = pulse.clone();
    let end = |lost: &Lost| {
        eprintln!("error: {}", farewell(lost));
        std::process::exit(1);
    };
    Election::start(Stand { connect: move || access.client(), fence, candidate, pulse, end })
}

/// What a process says that ends since it does not lead any more.
fn farewell(lost: &Lost) -> String {
    format!("{lost}; nothing more is written, and whoever started this has to start it again")
}

/// Who this process is in the election, and where that is held.
fn candidate(arguments: &RunArgs, access: &Access) -> Candidate {
    let namespace = arguments.lease_namespace.clone().unwrap_or_else(|| access.default_namespace().to_owned());
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let host = set("POD_NAME").or_else(|| set("HOSTNAME")).unwrap_or_else(|| env!("CARGO_PKG_NAME").to_owned());
    let unique = RandomState::new().hash_one(std::process::id());
    let identity = match set("POD_UID") {
        Some(uid) => Identity::in_pod(&host, &uid, unique),
        None => Identity::on_host(&host, unique),
    };
    Candidate { place: Place { namespace, name: arguments.lease_name.clone() }, identity }
}

/// Done when the process is asked to stop.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
