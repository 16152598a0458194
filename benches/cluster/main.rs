//! The benchmarks against a real API server: `cargo bench --bench cluster -- --help`.
//!
//! ```text
//! options ─> for each scale: stage (plane, operator, view, writers) ─> cases ─> results ─> report, plot, JSON
//! ```
//!
//! Cases: raw.rs, kind.rs, cold.rs (and storm), memory.rs (and foreign), idle.rs (rest, restart), latency.rs (edit, source,
//! behind), tenants.rs, hostile.rs. What they measure is plain numbers by the time it reaches results.rs: what is computed
//! of them is pure and has tests (benches/tests). Nothing is compared with a time by luck: every case first
//! waits until the operator is at rest, and takes its own raw measure beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

// How the audit log is read is the tests' business too.
#[path = "../../tests/cluster/harness/audit.rs"]
#[allow(dead_code, reason = "the tests use what the benchmarks do not")]
mod audit;
mod checks;
mod cold;
mod coming;
mod goals;
mod hostile;
mod idle;
mod kind;
mod latency;
mod memory;
mod objects;
mod operator;
mod options;
mod plane;
mod plot;
mod raw;
mod report;
mod results;
mod stage;
mod statistics;
mod tenants;
mod usage;
mod view;
mod writers;

use std::process::ExitCode;

use latency::Edited;
use options::{CaseName, Options};
use results::{About, Case, Results, Run, Scale, Unit};
use stage::{Stage, tell};

fn main() -> ExitCode {
    let options = match Options::read(std::env::args()) {
        Ok(options) => options,
        Err((told, 0)) => {
            print!("{told}");
            return ExitCode::SUCCESS;
        }
        Err((told, code)) => {
            eprintln!("{told}");
            return ExitCode::from(code);
        }
    };
    match perform(&options) {
        Ok(broken) if broken.is_empty() => ExitCode::SUCCESS,
        Ok(broken) => {
            broken.iter().for_each(|line| eprintln!("error: {line}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, or reads what was measured, and shows it. What is broken, in lines.
fn perform(options: &Options) -> Result<Vec<String>, String> {
    let in_file = |path: &std::path::Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let results = match &options.from {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| in_file(path, &error))?;
            serde_json::from_str(&text).map_err(|error| in_file(path, &error))?
        }
        None => measure(options),
    };
    // First the file: nothing that follows can lose what took long to measure.
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&results).map_err(|error| error.to_string())?;
        std::fs::write(path, text + "\n").map_err(|error| in_file(path, &error))?;
    }
    print!("{}", if options.markdown { report::markdown(&results) } else { report::text(&results) });
    if let Some(path) = &options.plot {
        let svg = plot::svg(&results).map_err(|error| error.to_string())?;
        std::fs::write(path, svg).map_err(|error| in_file(path, &error))?;
    }
    Ok(results.runs.iter().flat_map(checks::broken).collect())
}

fn measure(options: &Options) -> Results {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut runs = Vec::new();
        let mut kubernetes = String::new();
        for &targets in &options.targets {
            for &credentials in &options.n {
                let scale = Scale { credentials, targets };
                tell(&format!("a new control plane: {credentials} credentials, targets of each: {targets}"));
                let mut stage = Stage::open(scale, options.writers, options.quick).await;
                stage.profile.clone_from(&options.profile);
                kubernetes = stage.plane.version().await;
                runs.push(scaled(options, &mut stage).await);
                stage.operator.stop().await;
            }
        }
        let overall = overall(&runs);
        Results { about: about(options, kubernetes), runs, overall }
    })
}

/// The cases of a scale.
async fn scaled(options: &Options, stage: &mut Stage) -> Run {
    // While no operator runs yet; `raw` comes first by itself.
    if !options.wants(CaseName::Raw) && (options.wants(CaseName::Cold) || options.wants(CaseName::Storm)) {
        raw::write(stage).await;
    }
    let mut cases = Vec::new();
    for case in &options.cases {
        let mut case = match case {
            CaseName::Raw => raw::run(stage).await,
            CaseName::Kind => kind::run(stage).await,
            CaseName::Cold => cold::run(stage).await,
            CaseName::Memory => memory::run(stage).await,
            CaseName::Rest => idle::rest(stage).await,
            CaseName::Restart => idle::restart(stage).await,
            CaseName::Edit => latency::run(stage, "edit", Edited::Spec).await,
            CaseName::Source => latency::run(stage, "source", Edited::Source).await,
            CaseName::Storm => cold::storm(stage).await,
            CaseName::Behind => latency::behind(stage).await,
            CaseName::Foreign => memory::foreign(stage).await,
            CaseName::Tenants => tenants::run(stage).await,
            CaseName::Hostile => hostile::run(stage).await,
        };
        case.judge(stage.scale);
        cases.push(case);
    }
    Run { scale: stage.scale, cases }
}

/// What is about the binary, and about all scales together.
fn overall(runs: &[Run]) -> Vec<Case> {
    let mut binary = Case::new("binary");
    let bytes = std::fs::metadata(operator::BINARY).expect("the binary").len();
    binary.add("size", statistics::mebibytes(bytes), Unit::Mebibytes);
    let mut cases: Vec<Case> = [Some(binary), checks::growth(runs)].into_iter().flatten().collect();
    let scale = Scale { credentials: 0, targets: 1 };
    cases.iter_mut().for_each(|case| case.judge(scale));
    cases
}

fn about(options: &Options, kubernetes: String) -> About {
    About {
        date: k8s_openapi::jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        operator: env!("CARGO_PKG_VERSION").to_owned(),
        kubernetes,
        machine: usage::machine(),
        writers: options.writers,
        quick: options.quick,
    }
}
