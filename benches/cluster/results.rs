//! What a run found, as it stands in the JSON: read by the table, the Markdown, the plot and the next release.
//!
//! Everything is a named number with a unit and, where there is one, a goal; so a new measure needs no new code
//! in any of the readers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::goals::{self, Goal};

/// Requests by what they are, such as `get secrets` or `patch appcredentials/status`.
pub(crate) type Tally = BTreeMap<String, u64>;

/// A run of the benchmarks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Results {
    pub(crate) about: About,
    /// One for each number of credentials and targets.
    pub(crate) runs: Vec<Run>,
    /// What is not about one number of credentials.
    pub(crate) overall: Vec<Case>,
}

/// When and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct About {
    pub(crate) date: String,
    pub(crate) operator: String,
    pub(crate) kubernetes: String,
    pub(crate) machine: String,
    pub(crate) writers: usize,
    /// Whether the run was short: its times say little.
    pub(crate) quick: bool,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scale {
    pub(crate) credentials: usize,
    pub(crate) targets: usize,
}

/// The cases at one scale.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    #[serde(flatten)]
    pub(crate) scale: Scale,
    pub(crate) cases: Vec<Case>,
}

/// What a case found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Case {
    pub(crate) name: String,
    /// How long it took, with all that is around what it measures.
    pub(crate) seconds: f64,
    pub(crate) operator_cpu_seconds: Option<f64>,
    pub(crate) api_server_cpu_seconds: Option<f64>,
    /// What the operator asked of the API server meanwhile.
    pub(crate) requests: Tally,
    pub(crate) measures: Vec<Measure>,
}

/// A number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) goal: Option<Goal>,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    #[serde(rename = "")]
    Count,
    #[serde(rename = "x")]
    Times,
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "/s")]
    PerSecond,
    #[serde(rename = "MiB")]
    Mebibytes,
    #[serde(rename = "%")]
    Percent,
}

impl Unit {
    /// A number with its unit, in few letters.
    pub(crate) fn text(self, value: f64) -> String {
        let digits = match value.abs() {
            size if (size - size.round()).abs() < 1e-9 && self == Self::Count => 0,
            size if size >= 100.0 => 0,
            size if size >= 10.0 => 1,
            size if size >= 0.1 || size == 0.0 => 2,
            _ => 4,
        };
        let unit = match self {
            Self::Count => "",
            Self::Times => "x",
            Self::Milliseconds => " ms",
            Self::Seconds => " s",
            Self::PerSecond => "/s",
            Self::Mebibytes => " MiB",
            Self::Percent => " %",
        };
        format!("{value:.digits$}{unit}")
    }
}

impl Case {
    /// A case without any number yet.
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Adds a number. What could not be measured (a rate over no time) is left out: JSON has no word for it.
    pub(crate) fn add(&mut self, name: &str, value: f64, unit: Unit) {
        if value.is_finite() {
            self.measures.push(Measure { name: name.to_owned(), value, unit, goal: None });
        }
    }

    /// A number of this name.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        self.measures.iter().find(|measure| measure.name == name).map(|measure| measure.value)
    }

    /// The requests whose verb is one of these.
    pub(crate) fn requests_that(&self, verbs: &[&str]) -> u64 {
        let wanted = |what: &str| verbs.contains(&what.split(' ').next().unwrap_or_default());
        self.requests.iter().filter(|(what, _)| wanted(what)).map(|(_, count)| count).sum()
    }

    /// Says which goals there are for its numbers, and whether they are met.
    pub(crate) fn judge(&mut self, scale: Scale) {
        for measure in &mut self.measures {
            measure.goal = goals::of(&self.name, &measure.name, scale).map(|goal| goal.judge(measure.value));
        }
    }
}

impl Run {
    /// A case of this name.
    pub(crate) fn case(&self, name: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.name == name)
    }
}
