//! What the numbers should be. The one place that knows: the table, the Markdown and the JSON take it from here.
//!
//! Goals are ratios to what the API server itself can do in the same run wherever that is possible: absolute
//! times are the machine's, a ratio is the operator's.

use serde::{Deserialize, Serialize};

use super::results::Scale;

/// A goal for a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Goal {
    pub(crate) bound: Bound,
    pub(crate) limit: f64,
    pub(crate) met: bool,
}

/// On which side of the limit the number should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Bound {
    AtMost,
    AtLeast,
}

impl Goal {
    /// The goal, with the answer whether this number meets it.
    pub(crate) fn judge(self, value: f64) -> Self {
        let met = match self.bound {
            Bound::AtMost => value <= self.limit,
            Bound::AtLeast => value >= self.limit,
        };
        Self { met, ..self }
    }
}

const fn most(limit: f64) -> Option<Goal> {
    Some(Goal { bound: Bound::AtMost, limit, met: false })
}

const fn least(limit: f64) -> Option<Goal> {
    Some(Goal { bound: Bound::AtLeast, limit, met: false })
}

/// The goal for a number of a case, if there is one.
pub(crate) fn of(case: &str, measure: &str, scale: Scale) -> Option<Goal> {
    let Scale { credentials, targets } = scale;
    match (case, measure) {
        ("kind", measure) if measure.ends_with("to open schema") => most(match measure.split(',').next() {
            Some("status patch") => 1.8,
            _ => 2.2,
        }),
        ("cold", "outputs/s to raw") if targets == 1 => least(0.90),
        ("cold", "writes/s to raw") if targets == 1 => least(0.85),
        ("cold", "writes per credential") if targets == 1 => most(3.0),
        ("cold", "reads per credential") => most(1.0),
        ("edit", "p50 to raw") => most(2.5),
        ("source", "p50 to raw") => most(3.0),
        ("edit" | "source" | "behind", "p99 to raw") => most(5.0),
        ("storm", "time to raw") => most(1.3),
        ("storm", "edits answered to raw") => most(1.5),
        ("tenants", "p99 beside failing ones to alone") => most(2.0),
        ("hostile", measure) if measure.starts_with("p99 beside") => most(2.0),
        ("hostile", "changes of the lease's holder") => most(0.0),
        ("rest", "requests") => most(0.0),
        ("rest", "CPU of a core") => most(0.1),
        ("restart", "writes") => most(0.0),
        ("restart", "requests") => most(25.0),
        ("restart", "ready after") => by_size(credentials, 1.0, 5.0),
        ("memory", "RSS in sync" | "RSS after restart") => by_size(credentials, 40.0, 60.0),
        ("memory", "peak to RSS in sync" | "peak to RSS after restart") => most(1.5),
        ("foreign", "growth while watching" | "growth of a restart" | "growth of its peak") => most(1.0),
        ("growth", "CPU per credential" | "bytes per credential") => most(1.2),
        ("binary", "size") => most(15.0),
        _ => None,
    }
}

/// The goal at 1,000 credentials also holds below, that at 10,000 also between the two; above there is none.
fn by_size(credentials: usize, at_1_000: f64, at_10_000: f64) -> Option<Goal> {
    match credentials {
        0..=1_000 => most(at_1_000),
        1_001..=10_000 => most(at_10_000),
        _ => None,
    }
}
