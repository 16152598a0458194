//! The command line: flags and environment variables become options, and errors become exit codes.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage.

mod flags;
mod operate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::leadership::Lost;
use crate::serve::ListenError;
use crate::thread::ThreadError;
use appcredential_api::crd;
use appcredential_cluster::client::ConnectError;
use flags::RunArgs;
use operate::operate;

/// Keeps a Secret and a ConfigMap for each environment of an AppCredential.
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

/// Why the program fails.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// There is no way to the API server.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A server for probes or metrics cannot be started.
    #[error(transparent)]
    Serve(#[from] ThreadError<ListenError>),
    /// The thread that renews the lease cannot be started.
    #[error(transparent)]
    Election(#[from] ThreadError<ConnectError>),
    /// The lease is lost.
    #[error("{0}; nothing more is written, and whoever started this has to start it again")]
    Lost(#[from] Lost),
    /// The runtime cannot be started.
    #[error("the operator cannot start: {0}")]
    Runtime(std::io::Error),
    /// Signals cannot be listened for.
    #[error("signals cannot be listened for: {0}")]
    Signals(std::io::Error),
    /// Standard output cannot be written.
    #[error("standard output cannot be written: {0}")]
    Output(std::io::Error),
    /// The CRDs cannot be made, which is a bug.
    #[error("the CRDs cannot be made: {0}")]
    Crds(Box<dyn std::error::Error + Send + Sync>),
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
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn print_crds() -> Result<(), Failure> {
    use std::io::Write;
    let yaml = crd::yaml().map_err(Failure::Crds)?;
    match std::io::stdout().write_all(yaml.as_bytes()) {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}
