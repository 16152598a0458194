//! The fuzz targets: what each makes of the fuzzer's bytes, and what must hold of it.
//!
//! Every input is JSON, so that a person can read it and the mutator can change it by structure. An input that means
//! nothing to a target is passed over. `cargo test` runs the committed corpora through the same functions.

mod address;
mod consent;
mod labels;
mod merge;
mod names;
mod output;
mod ownership;
mod record;
mod revisions;
mod spec;
mod status;
mod support;
mod template;

/// A fuzz target.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// Its name.
    pub(crate) name: &'static str,
    /// The folder of its corpus: targets that take the same input share one.
    pub(crate) corpus: &'static str,
    /// Runs it on one input; panics where an oracle does not hold.
    pub(crate) run: fn(&[u8]),
}

/// Every target.
pub(crate) const ALL: &[Target] = &[
    Target { name: "record", corpus: "specs", run: record::run },
    Target { name: "output", corpus: "objects", run: output::run },
    Target { name: "spec", corpus: "specs", run: spec::run },
    Target { name: "merge", corpus: "specs", run: merge::run },
    Target { name: "names", corpus: "names", run: names::run },
    Target { name: "address", corpus: "address", run: address::run },
    Target { name: "labels", corpus: "labels", run: labels::run },
    Target { name: "revisions", corpus: "revisions", run: revisions::run },
    Target { name: "status", corpus: "status", run: status::run },
    Target { name: "consent", corpus: "consent", run: consent::run },
    Target { name: "ownership", corpus: "ownership", run: ownership::run },
    Target { name: "template", corpus: "templates", run: template::run },
];

/// The target of a name.
#[must_use]
pub(crate) fn named(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}
