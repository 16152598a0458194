//! The outcome of a reconcile: the input of the status, the Events and the decision when to retry.

use std::collections::BTreeSet;

use appcredential_api::status::{ObjectVersion, SourceVersion};
use appcredential_api::{Disposition, FieldPath, Problem, Problems, Reason};

/// What became of a reconcile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The spec is not accepted: every problem. Nothing was written.
    Rejected(Problems),
    /// The credential is suspended. Nothing was written.
    Suspended,
    /// The reconcile itself failed: a panic or a time-out.
    Failed(Problem),
    /// The credential is being deleted, and these problems keep its outputs from going.
    Terminating(Vec<Problem>),
    /// Each environment was walked on its own; the problems are those of pruning.
    Walked(Vec<EnvironmentOutcome>, Vec<Problem>),
}

/// What became of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentOutcome {
    /// Its name in the status.
    pub name: String,
    /// Whether the credential declares it; a credential without environments has one that is not.
    pub declared: bool,
    /// The values that are missing. If there are any, its targets were not written.
    pub unresolved: Problems,
    /// Its targets.
    pub targets: Vec<TargetOutcome>,
    /// The sources that were read.
    pub sources: Vec<SourceVersion>,
}

/// What became of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetOutcome {
    /// The namespace of both outputs.
    pub namespace: String,
    /// The name of the Secret.
    pub secret_name: String,
    /// The name of the ConfigMap.
    pub config_map_name: String,
    /// Whether workloads can bind to the Secret: the layout is ServiceBinding, in the credential's own namespace.
    pub binds: bool,
    /// The revision that both carry now; none where the target is not complete.
    pub revision: Option<i64>,
    /// Whether something of it was written just now.
    pub wrote: bool,
    /// The Secret as it is now, where it is known.
    pub secret: Option<ObjectVersion>,
    /// The ConfigMap as it is now, where it is known.
    pub config_map: Option<ObjectVersion>,
    /// The outputs of former targets that stay until this one is written.
    pub keeps: BTreeSet<String>,
    /// What is in the way.
    pub problem: Option<Problem>,
}

impl Outcome {
    /// Returns every problem of the outcome.
    pub fn problems(&self) -> Box<dyn Iterator<Item = &Problem> + '_> {
        match self {
            Self::Rejected(problems) => Box::new(problems.iter()),
            Self::Terminating(problems) => Box::new(problems.iter()),
            Self::Suspended => Box::new(std::iter::empty()),
            Self::Failed(problem) => Box::new(std::iter::once(problem)),
            Self::Walked(environments, leftover) => {
                let unresolved = environments.iter().flat_map(|environment| environment.unresolved.iter());
                let unsynced = environments
                    .iter()
                    .flat_map(|environment| &environment.targets)
                    .filter_map(|target| target.problem.as_ref());
                Box::new(unresolved.chain(unsynced).chain(leftover))
            }
        }
    }

    /// Returns how many problems there are besides those of [`Self::problems`].
    #[must_use]
    pub fn more(&self) -> usize {
        match self {
            Self::Rejected(problems) => problems.more(),
            Self::Walked(environments, _) => environments.iter().map(|environment| environment.unresolved.more()).sum(),
            Self::Suspended | Self::Failed(_) | Self::Terminating(_) => 0,
        }
    }

    /// Returns its reason: that of the first problem.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Suspended => Reason::Suspended,
            Self::Walked(environments, _) if environments.is_empty() => Reason::NotSelected,
            _ => self.problems().next().map_or(Reason::Ready, |problem| problem.reason),
        }
    }

    /// Returns the field that the reason is about, where it is about a field.
    #[must_use]
    pub fn field(&self) -> Option<&FieldPath> {
        self.problems().next().and_then(Problem::field)
    }

    /// Returns what the controller does next: the most urgent of what the problems ask for.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Suspended => Disposition::Stalled,
            _ => self.problems().map(|problem| problem.reason.disposition()).max().unwrap_or(Disposition::Done),
        }
    }
}
