//! `cargo playground`: a real control plane, the operator and the examples, in one command.
//!
//! It shows what comes out of the examples and one edit arriving. Then it stays up to be played with, or ends
//! with `--once`: exit code 0 when everything came out, 1 with the reason when not.
//! The operator is this program again, in a process of its own, so that nothing else has to be built.

#![allow(missing_docs, clippy::indexing_slicing)]

mod operator;
mod scene;
mod table;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use testbed::{ControlPlane, Options};

use operator::Operator;
use scene::Scene;

/// Try the operator: boots a control plane, installs the CRDs, runs the operator, applies the examples, shows what
/// came out and one edit arriving.
#[derive(Debug, Parser)]
#[command(
    name = "cargo playground",
    bin_name = "cargo playground",
    after_help = "Examples:
  cargo playground                  stay up until ctrl-C
  cargo playground --once           end after the edit
  cargo playground --context kind   in a cluster of your own, in the namespace \"playground\""
)]
struct Arguments {
    /// End after the edit.
    #[arg(long)]
    once: bool,
    /// Use a cluster of your own: the context of its kubeconfig.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Use a cluster of your own: its kubeconfig.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
}

/// The first argument of the process that is the operator.
const OPERATOR: &str = "as-operator";

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|argument| argument == OPERATOR) {
        arguments.remove(0);
        return appcredential_operator::cli::run(arguments);
    }
    match play(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn play(arguments: &Arguments) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    step("Control plane: etcd, kube-apiserver and kube-controller-manager");
    let mut plane = plane(arguments).map_err(|error| error.to_string())?;
    let played = runtime.block_on(async {
        tokio::select! {
            played = scenes(arguments, &plane) => played,
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(|error| error.to_string()),
        }
    });
    step("Stopping");
    let stopped = plane.stop().map_err(|error| error.to_string());
    played.and(stopped)
}

fn plane(arguments: &Arguments) -> Result<ControlPlane, testbed::Error> {
    if arguments.context.is_some() || arguments.kubeconfig.is_some() {
        return ControlPlane::existing(arguments.kubeconfig.as_deref(), arguments.context.as_deref());
    }
    ControlPlane::start(&Options::default())
}

async fn scenes(arguments: &Arguments, plane: &ControlPlane) -> Result<(), String> {
    step("CRDs");
    let scene = Scene::set(plane).await?;
    step("Operator");
    let operator = Operator::start(plane, scene::NAMESPACE)?;
    step("Examples: applied with server-side apply, timed until their last output is there");
    let rows = scene.apply_examples().await.map_err(|reason| operator.explain(&reason))?;
    print!("\n{}\n", table::of(&rows));
    step("One edit: the host of orders-db");
    let edit = scene.edit().await.map_err(|reason| operator.explain(&reason))?;
    println!("  {edit}");
    if let Some(row) = rows.iter().find(|row| row.ready != "yes") {
        return Err(operator.explain(&format!("{} is not ready: {}", row.credential, row.ready)));
    }
    if arguments.once {
        return Ok(());
    }
    println!("\n{}", hints(plane));
    operator.follow().await
}

fn hints(plane: &ControlPlane) -> String {
    let kubectl = plane.kubectl().get_program().to_string_lossy().into_owned();
    format!(
        "It stays up until ctrl-C. In another terminal:

  export KUBECONFIG={}
  alias kubectl={kubectl}
  kubectl -n {namespace} get appcred
  kubectl -n {namespace} edit appcred orders-kafka
  kubectl -n {namespace} get secret,configmap -l appcredential.io/name=orders-kafka
  kubectl -n {namespace} delete secret orders-db          # it comes back
  kubectl explain appcred.spec.authentication

The operator's log:",
        plane.kubeconfig().display(),
        namespace = scene::NAMESPACE,
    )
}

fn step(what: &str) {
    println!("> {what}");
}
