//! Logs: for people as lines, for machines as JSON; and nothing in them that could hold a value.
//!
//! kube logs bodies that it cannot decode, and HTTP libraries log what passes through them. So libraries are
//! let through by a short list and at WARN at most, whatever level is asked for; only this crate's own lines
//! follow the flag. A panic's text is not printed, only its place.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// An object for machines.
    Json,
}

/// Sets up logs on standard error. `level` is that of our own crates' lines.
pub fn init(format: LogFormat, level: LevelFilter) {
    let own = ["appcredential_operator", "appcredential_cluster"].map(|name| (name, level));
    let targets =
        Targets::new().with_targets(own).with_target("rustls", LevelFilter::ERROR).with_default(LevelFilter::OFF);
    let layer = match format {
        LogFormat::Text => tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    };
    // A second call, as tests make it, keeps the first.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|location| format!("{}:{}", location.file(), location.line()));
        tracing::error!(place, "a bug in the operator; please report it with the lines before");
    }));
}
