//! What has to be done: desired outputs compared with what is there.
//!
//! Pure. A target's Secret and ConfigMap share one revision and are planned together: whenever the content of
//! one changes, both are written with the next revision, Secret first (`target`). What is there and no
//! longer wanted is pruned (`prune`). An object that is not ours is never touched: it blocks.

mod fingerprint;

use std::collections::BTreeSet;

use crate::api::{Identity, Kind, Problem, Reason, labels};
use crate::render::{Object, Output};
use crate::resolve::Selection;
pub use fingerprint::{CONTENT_LABELS, Content, Fingerprint, Fingerprinter};

/// The bytes that Kubernetes allows in the data of a Secret or ConfigMap.
pub const MAX_DATA: usize = 1024 * 1024;

/// An object: kind, namespace, name.
pub type ObjectKey = (Kind, String, String);

/// What is known of an object in the cluster: no value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
    /// Its resourceVersion.
    pub resource_version: String,
    /// Namespace and name of the credential that its labels name.
    pub credential: Option<(String, String)>,
    /// The environment that its label names.
    pub environment: Option<String>,
    /// The uid in its annotation.
    pub owner_uid: Option<String>,
    /// The uid of its controller owner reference.
    pub controller_uid: Option<String>,
    /// The revision in its annotation.
    pub revision: Option<i64>,
    /// The type of a Secret.
    pub secret_type: Option<String>,
    /// Whether its data can be changed at all (`immutable`).
    pub immutable: bool,
    /// Whether it has labels at all, ours or others'.
    pub has_labels: bool,
    /// Whether it has annotations at all, ours or others'.
    pub has_annotations: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// What it holds.
    pub fingerprint: Fingerprint,
}

impl Observed {
    /// Whose object it is: ours when one of our two marks is there and no other controller's.
    fn is_ours(&self, owner: &Identity) -> bool {
        let annotated = self.owner_uid.as_deref() == Some(owner.uid.as_str());
        match self.controller_uid.as_deref() {
            Some(controller) => controller == owner.uid,
            None => annotated,
        }
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> ObjectKey {
        (self.kind, self.namespace.clone(), self.name.clone())
    }
}

/// What has to be done with one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is not there: create it.
    Create,
    /// It differs: write it, if it still is this one.
    Update {
        /// Its uid.
        uid: String,
        /// Its resourceVersion.
        resource_version: String,
    },
    /// It differs in what Kubernetes does not let change: delete it, if it still is this one, and create it.
    Replace {
        /// Its uid.
        uid: String,
        /// Its resourceVersion.
        resource_version: String,
    },
    /// It is as it should be.
    Unchanged,
    /// It cannot be written.
    Blocked(Problem),
}

/// What has to be done with a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetPlan {
    /// The outputs.
    pub output: Output,
    /// The revision that both will carry.
    pub revision: i64,
    /// For the Secret.
    pub secret: Step,
    /// For the ConfigMap.
    pub config_map: Step,
}

/// An object that is no longer wanted: delete it, if it still is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prune {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
    /// Its resourceVersion.
    pub resource_version: String,
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
        let precondition = |observed: &Observed| (observed.uid.clone(), observed.resource_version.clone());
        match self {
            Self::Missing => Step::Create,
            Self::Held => Step::Unchanged,
            Self::Blocked(problem) => Step::Blocked(problem),
            Self::Same(observed) if observed.revision == Some(revision) => Step::Unchanged,
            Self::Same(observed) | Self::Differs(observed) => {
                let (uid, resource_version) = precondition(observed);
                Step::Update { uid, resource_version }
            }
            Self::Immovable(observed) => {
                let (uid, resource_version) = precondition(observed);
                Step::Replace { uid, resource_version }
            }
        }
    }
}

fn state<'a>(desired: &Object, observed: Option<&'a Observed>, fingerprinter: &Fingerprinter) -> State<'a> {
    let place = format!("{} {}/{}", desired.kind, desired.namespace, desired.name);
    let size: usize = desired.data.values().map(crate::api::SensitiveBytes::len).sum();
    if size > MAX_DATA {
        let message = format!("would hold {size} bytes of data, and Kubernetes allows {MAX_DATA}; take something out");
        return State::Blocked(Problem::new(Reason::TooLarge, place, message));
    }
    let Some(observed) = observed else { return State::Missing };
    if !observed.is_ours(&desired.owner) {
        return State::Blocked(not_owned(place, observed, &desired.owner));
    }
    if observed.deleting {
        let message = "is being deleted; it is created again once it is gone";
        return State::Blocked(Problem::new(Reason::NotOwned, place, message));
    }
    if observed.fingerprint == fingerprinter.of_object(desired) && !observed.immutable {
        return State::Same(observed);
    }
    let other_type = desired.kind == Kind::Secret && observed.secret_type != desired.secret_type;
    if other_type || observed.immutable { State::Immovable(observed) } else { State::Differs(observed) }
}

/// The problem of an object that is there and not ours.
fn not_owned(place: String, observed: &Observed, owner: &Identity) -> Problem {
    let former = observed
        .credential
        .as_ref()
        .is_some_and(|(namespace, name)| *namespace == owner.namespace && *name == owner.name);
    let message = if former {
        "belongs to a former credential of this name; it is written once Kubernetes has collected that one's outputs"
    } else {
        "exists and is not ours; delete or rename it, or give the target another name"
    };
    Problem::new(Reason::NotOwned, place, message)
}

/// What has to be done with a target. `synced` is the revision that the status last said was complete.
pub fn target<'a>(
    output: Output,
    observe: impl Fn(&Object) -> Option<&'a Observed>,
    synced: Option<i64>,
    fingerprinter: &Fingerprinter,
) -> TargetPlan {
    let secret = state(&output.secret, observe(&output.secret), fingerprinter);
    let config_map = state(&output.config_map, observe(&output.config_map), fingerprinter);
    let (secret, config_map) = together(secret, config_map);
    let revision = revision(&secret, &config_map, synced);
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

/// What is no longer wanted of a credential's outputs.
///
/// `wanted` are the objects of all its targets, also of those whose values are missing at the moment. Only
/// what carries both our marks is pruned: the owner's uid in the annotation and as controller.
#[must_use]
pub fn prune<'a>(
    observed: impl IntoIterator<Item = &'a Observed>,
    wanted: &BTreeSet<ObjectKey>,
    owner: &Identity,
    selection: &Selection,
) -> Vec<Prune> {
    let stale = observed.into_iter().filter(|observed| {
        let ours = [&observed.owner_uid, &observed.controller_uid]
            .iter()
            .all(|uid| uid.as_deref() == Some(owner.uid.as_str()));
        ours && !observed.deleting
            && selection.handles(observed.environment.as_deref())
            && !wanted.contains(&observed.key())
    });
    let prune = |observed: &Observed| Prune {
        kind: observed.kind,
        namespace: observed.namespace.clone(),
        name: observed.name.clone(),
        uid: observed.uid.clone(),
        resource_version: observed.resource_version.clone(),
    };
    stale.map(prune).collect()
}

/// Reads a revision. One that we cannot have written, such as somebody's huge number, counts as none, so that
/// the counter always has room to rise.
#[must_use]
pub fn parse_revision(text: &str) -> Option<i64> {
    text.parse().ok().filter(|revision| (1..=i64::from(i32::MAX)).contains(revision))
}

/// The annotations that are ours.
#[must_use]
pub fn annotations(object: &Object, revision: i64) -> [(&'static str, String); 2] {
    [(labels::OWNER_UID, object.owner.uid.clone()), (labels::REVISION, revision.to_string())]
}
