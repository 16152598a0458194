//! The command line of the benchmarks.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Parser, ValueEnum};

/// Credentials in a short run: enough that a request too many per credential is not noise.
const QUICK: usize = 100;
/// Credentials otherwise.
const USUAL: usize = 1_000;

/// Measures the operator against a real API server that the run starts itself.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "cargo bench --bench cluster --",
    disable_version_flag = true,
    after_help = "Examples:
  cargo bench --bench cluster                                 all cases, 1,000 credentials
  cargo bench --bench cluster -- cold edit --n 1000 --targets 1
  cargo bench --bench cluster -- --n 1000,5000,10000 --json results.json --plot ratios.svg
  cargo bench --bench cluster -- --from results.json --markdown    the table of docs/benchmarks.md
  cargo bench --bench cluster -- --quick                      for CI: every case, and the request counts"
)]
pub(crate) struct Options {
    /// The cases; none is all. They always run in this order.
    #[arg(value_enum, value_name = "CASE")]
    pub(crate) cases: Vec<CaseName>,
    /// How many credentials there are; each number is a run on a control plane of its own. [default: 1000, with --quick 100]
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = number(1..=100_000))]
    pub(crate) n: Vec<usize>,
    /// How many targets (a Secret and a ConfigMap each) a credential has; each number is a run.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [1], value_parser = number(1..=8))]
    pub(crate) targets: Vec<usize>,
    /// How many raw writes are under way at once.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = number(1..=256))]
    pub(crate) writers: usize,
    /// A short run: fails when a case does not run or the operator asks for more or less than it should.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Write all results to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Draw the ratios to raw into this file.
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot: Option<PathBuf>,
    /// Write the API server's own CPU profile of status patches to this file, after the case `kind`; see `go tool pprof`.
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<PathBuf>,
    /// Print the table of docs/benchmarks.md instead of all that was measured.
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Measure nothing: show, draw or print the results of this JSON file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cases", "n", "quick", "json"])]
    pub(crate) from: Option<PathBuf>,
    /// What cargo adds.
    #[arg(long, hide = true)]
    bench: bool,
}

fn number(range: std::ops::RangeInclusive<u64>) -> impl clap::builder::TypedValueParser<Value = usize> {
    use clap::builder::TypedValueParser;
    clap::value_parser!(u64).range(range).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

/// A case, in the order in which they run: each leaves what the next one needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum CaseName {
    /// What the API server itself can do: writes, and an edit until its watch event.
    Raw,
    /// What a write of a credential costs the API server, beside an open schema and a Secret.
    Kind,
    /// The operator starts when everything is there: until all is ready.
    Cold,
    /// RSS in sync and after a restart.
    Memory,
    /// An idle minute: requests and CPU.
    Rest,
    /// A restart with everything in sync: requests, and until it is ready.
    Restart,
    /// Edits of specs, one at a time.
    Edit,
    /// Edits of source Secrets, one at a time.
    Source,
    /// All edited at once.
    Storm,
    /// Edits right after a restart.
    Behind,
    /// Large Secrets that are nobody's business.
    Foreign,
    /// A healthy tenant beside one whose credentials fail and are edited all the time.
    Tenants,
    /// A healthy tenant beside six that write what costs most to work through.
    Hostile,
}

impl Options {
    /// Reads a command line, the first word being the program; else what to say and the exit code.
    pub(crate) fn read(words: impl IntoIterator<Item = String>) -> Result<Self, (String, u8)> {
        let mut options = Self::try_parse_from(words).map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp => (error.to_string(), 0),
            _ => (plain(&error.to_string()), 2),
        })?;
        if options.n.is_empty() {
            options.n = vec![if options.quick { QUICK } else { USUAL }];
        }
        if options.cases.is_empty() {
            options.cases = CaseName::value_variants().to_vec();
        }
        options.cases.sort_unstable();
        options.cases.dedup();
        Ok(options)
    }

    /// Whether a case is asked for.
    pub(crate) fn wants(&self, case: CaseName) -> bool {
        self.cases.contains(&case)
    }
}

/// clap's words in one line.
fn plain(text: &str) -> String {
    let told =
        text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let told: Vec<&str> = told.filter(|line| !line.is_empty()).collect();
    format!("{} (see --help)", told.join(" "))
}
