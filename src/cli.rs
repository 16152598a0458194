//! The command line: flags and environment variables become options, and errors become exit codes.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::api::crd;
use crate::cluster::client;
use crate::cluster::watch::Lists;
use crate::controller::{self, Options};
use crate::resolve::Selection;
use crate::telemetry::{self, LogFormat};

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
    Run(RunArgs),
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
    /// List page by page instead of streaming lists, for API servers that claim to stream and do not.
    #[arg(long, env = "APPCREDENTIAL_PAGED_LISTS")]
    paged_lists: bool,
    /// How logs are written.
    #[arg(long, env = "APPCREDENTIAL_LOG_FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
    /// How much is logged: off, error, warn, info, debug or trace.
    #[arg(long, env = "APPCREDENTIAL_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    log_level: LevelFilter,
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
        Command::Run(arguments) => operate(arguments),
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
        let client = client::connect(arguments.kubeconfig.as_deref(), arguments.context.as_deref())
            .await
            .map_err(|error| error.to_string())?;
        let stop = stop_signal().map_err(|error| format!("signals cannot be listened for: {error}"))?;
        let options = Options {
            namespaces: arguments.namespaces,
            selection: Selection::only(arguments.environments).allowing(arguments.metadata_prefixes),
            concurrency: usize::from(arguments.concurrency),
            lists: if arguments.paged_lists { Lists::Paged } else { Lists::Streamed },
            ..Options::default()
        };
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting");
        controller::run(client, options, stop).await;
        tracing::info!("stopped");
        Ok(())
    })
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
