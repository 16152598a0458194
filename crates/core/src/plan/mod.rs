//! Plans: desired outputs compared with observed ones.
//!
//! Pure. A target's Secret and ConfigMap share one revision and are planned together: whenever the content of one
//! changes, both are written with the next revision, Secret first (`target`). An output that is no longer wanted is
//! pruned (`prune`). An object that is not ours (`observed`) is never changed: it blocks the target. Grants decide
//! whether a credential may write into another namespace (`consent`), the admission policy decides whether a spec may
//! be rendered (`review`).

mod changes;
mod consent;
mod fingerprint;
mod observed;
mod pins;
mod prune;
mod review;
mod settled;
mod sight;

use std::collections::BTreeSet;

use crate::render::{Object, Output};
use appcredential_api::{Kind, Problem, Reason, SecretType, labels};
pub use changes::changed_keys;
pub use consent::Consent;
pub use fingerprint::{Content, Fingerprint, Fingerprinter};
use observed::Standing;
pub use observed::{Observed, Removable};
pub use pins::{Pins, Seen, recorded};
pub use prune::{Looked, Scope, Wanted, keeps, prune};
pub use review::{IN_FORCE_AFTER, Policy, Stored, Verdict, review, unreviewed};
pub use settled::{Situation, is_settled};
pub use sight::Sight;

/// The bytes that Kubernetes allows in the data of a Secret or ConfigMap.
pub const MAX_DATA: usize = 1024 * 1024;

/// What has to be done with one object. A step carries what it was planned on: it is executed on that, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is not there: create it.
    Create,
    /// It differs: write it, if it still is this one.
    Update(Box<Observed>),
    /// It differs in what Kubernetes does not let change: delete it, if it still is this one, and create it.
    Replace(Box<Observed>),
    /// It is as it should be.
    Unchanged,
    /// It cannot be written.
    Blocked(Problem),
}

/// What has to be done with a target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetPlan<'o> {
    /// The outputs.
    pub output: &'o Output,
    /// The revision that both will carry.
    pub revision: i64,
    /// For the Secret.
    pub secret: Step,
    /// For the ConfigMap.
    pub config_map: Step,
}

/// How an object stands to the desired one.
enum State<'a> {
    Missing,
    Same(&'a Observed),
    Differs(&'a Observed),
    Immovable(&'a Observed),
    Blocked(Problem),
    Held,
}

impl State<'_> {
    fn revision(&self) -> Option<i64> {
        match self {
            Self::Same(observed) | Self::Differs(observed) | Self::Immovable(observed) => observed.revision,
            Self::Missing | Self::Blocked(_) | Self::Held => None,
        }
    }

    fn is_same(&self) -> bool {
        matches!(self, Self::Same(_))
    }

    fn step(self, revision: i64) -> Step {
        match self {
            Self::Missing => Step::Create,
            Self::Held => Step::Unchanged,
            Self::Blocked(problem) => Step::Blocked(problem),
            Self::Same(observed) if observed.revision == Some(revision) => Step::Unchanged,
            Self::Same(observed) | Self::Differs(observed) => Step::Update(Box::new(observed.clone())),
            Self::Immovable(observed) => Step::Replace(Box::new(observed.clone())),
        }
    }
}

fn state<'a>(
    desired: &Object,
    observed: Option<&'a Observed>,
    recorded: Option<&str>,
    fingerprinter: &Fingerprinter,
) -> State<'a> {
    let place = desired.object_ref().to_string();
    let size: usize = desired.data.values().map(appcredential_api::SensitiveBytes::len).sum();
    if size > MAX_DATA {
        let message = format!("would hold {size} bytes of data, and Kubernetes allows {MAX_DATA}; remove something");
        return State::Blocked(Problem::about(Reason::TooLarge, place, message));
    }
    let unfit = desired.secret_type.as_deref().and_then(|word| SecretType::problem(word, &desired.data));
    if let Some(message) = unfit {
        return State::Blocked(Problem::about(Reason::ValueInvalid, place, message));
    }
    let Some(observed) = observed else { return State::Missing };
    match observed.standing(desired, recorded == Some(observed.uid.as_str())) {
        Standing::Ours => {}
        standing => return State::Blocked(not_owned(place, observed, desired, standing)),
    }
    if observed.deleting {
        let message = "is being deleted; the operator creates it again once it is gone";
        return State::Blocked(Problem::about(Reason::NotOwned, place, message));
    }
    if observed.fingerprint == fingerprinter.of_object(desired) && !observed.immutable {
        return State::Same(observed);
    }
    let other_type = desired.kind == Kind::Secret && observed.secret_type != desired.secret_type;
    if other_type || observed.immutable { State::Immovable(observed) } else { State::Differs(observed) }
}

/// Whether it is an output of an environment of the same credential that another operator handles. To write it would
/// begin a fight: to either one the other's content is drift.
fn is_of_others(observed: &Observed, desired: &Object, others: Option<&BTreeSet<String>>) -> bool {
    let owned = observed.owner_uid.as_deref() == Some(desired.owner.uid.as_str());
    owned && observed.environment.as_ref().zip(others).is_some_and(|(environment, others)| others.contains(environment))
}

fn of_others(observed: &Observed) -> Problem {
    let environment = observed.environment.as_deref().unwrap_or_default();
    let message = format!(
        "is an output of the environment {environment} of this credential, which another operator handles; give one of the two targets another name"
    );
    Problem::about(Reason::NotOwned, observed.object_ref().to_string(), message)
}

/// The problem of an object that is there and not ours.
fn not_owned(place: String, observed: &Observed, desired: &Object, standing: Standing) -> Problem {
    let owner = &desired.owner;
    let other = observed.credential.as_ref().filter(|_| observed.owner_uid.is_some());
    let other = other.filter(|other| !owner.is_named(other));
    let message = match (standing, other) {
        (Standing::Former, _) if observed.controller_uid.is_some() => {
            "belongs to a former credential of this name; delete it, or wait until Kubernetes collects it".to_owned()
        }
        (Standing::Former, _) => {
            "was left by a former credential of this name; delete it, or adopt it with deletionPolicy: Retain"
                .to_owned()
        }
        (Standing::Stripped, _) => {
            let manager = labels::MANAGER.to_owned();
            let marks =
                [(labels::NAMESPACE, &owner.namespace), (labels::NAME, &owner.name), (labels::MANAGED_BY, &manager)];
            let [namespace, name, manager] = marks.map(|(label, value)| format!("{label}={value}"));
            format!(
                "was written by this credential and no longer has its ownership labels; delete it, or give it the labels {namespace}, {name} and {manager} to have it written again"
            )
        }
        (_, Some(other)) => format!("is an output of AppCredential {other}; give one of the two targets another name"),
        _ => "exists and is not an output of this credential; delete or rename it, or give the target another name"
            .to_owned(),
    };
    Problem::about(Reason::NotOwned, place, message)
}

/// What the status knows of a target.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// The revision under which it was last complete.
    pub revision: Option<i64>,
    /// The uid of the Secret that was written.
    pub secret_uid: Option<&'a str>,
    /// The uid of the ConfigMap that was written.
    pub config_map_uid: Option<&'a str>,
    /// The environments of the credential that other operators handle.
    pub others: Option<&'a BTreeSet<String>>,
}

/// Decides what has to be done with a target.
pub fn target<'o, 'a>(
    output: &'o Output,
    observe: impl Fn(&Object) -> Option<&'a Observed>,
    known: Known<'_>,
    fingerprinter: &Fingerprinter,
) -> TargetPlan<'o> {
    let state = |object: &'o Object, recorded| match observe(object) {
        Some(observed) if is_of_others(observed, object, known.others) => State::Blocked(of_others(observed)),
        observed => state(object, observed, recorded, fingerprinter),
    };
    let secret = state(&output.secret, known.secret_uid);
    let config_map = state(&output.config_map, known.config_map_uid);
    let (secret, config_map) = together(secret, config_map);
    let revision = revision(&secret, &config_map, known.revision);
    TargetPlan { revision, secret: secret.step(revision), config_map: config_map.step(revision), output }
}

/// A target is written whole or not at all: where one object is known to be blocked, the other waits with it.
fn together<'a>(secret: State<'a>, config_map: State<'a>) -> (State<'a>, State<'a>) {
    match (secret, config_map) {
        (State::Blocked(problem), _) => (State::Blocked(problem), State::Held),
        (_, State::Blocked(problem)) => (State::Held, State::Blocked(problem)),
        free => free,
    }
}

/// The revision that both objects will carry.
///
/// Where one object already has the desired content under a revision that the status has not seen complete,
/// a former round was interrupted between its two writes: the other object joins that revision. Any other
/// change of content is a new one.
fn revision(secret: &State<'_>, config_map: &State<'_>, synced: Option<i64>) -> i64 {
    let known = synced.unwrap_or(0);
    let top = secret.revision().max(config_map.revision()).unwrap_or(0);
    let pair = [(secret, config_map), (config_map, secret)];
    let begun = pair.iter().any(|(written, other)| {
        written.is_same() && written.revision() == Some(top) && top > known && other.revision().unwrap_or(0) < top
    });
    let unchanged = secret.is_same() && config_map.is_same();
    if (unchanged || begun) && top > 0 { top.max(known) } else { top.max(known).saturating_add(1) }
}

/// Reads a revision. One that we cannot have written, such as somebody's huge number, counts as none, so that
/// the counter can always rise.
#[must_use]
pub fn parse_revision(text: &str) -> Option<i64> {
    text.parse().ok().filter(|revision| (1..=i64::from(i32::MAX)).contains(revision))
}
