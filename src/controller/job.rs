//! Input and output of a reconcile: a snapshot in, what it learned out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::life::Contested;
use super::queue::Key;
use crate::metrics::Metrics;
use appcredential_api::{
    AppCredentialGrantStatus, AppCredentialStatus, Disposition, Identity, ObjectRef, ResourceVersion, Uid,
};
use appcredential_cluster::events::EventSender;
use appcredential_cluster::{Basis, Cluster, Patience, Record, Versions};
use appcredential_core::plan::{Consent, Observed, Policy};
use appcredential_core::render::Rendered;
use appcredential_core::resolve::{Filled, Selection, SourceKey};
use appcredential_core::status::Users;

/// What turns a filled environment into outputs. A parameter, so that a test can make it fail.
pub type Render = fn(&Identity, &Filled) -> Rendered;

/// What every reconcile uses.
pub struct Context {
    /// The API server.
    pub cluster: Cluster,
    /// Where events go.
    pub events: EventSender,
    /// The environments that are handled here.
    pub selection: Selection,
    /// Whether namespaces are looked at that are pinned.
    pub namespace_pins: bool,
    /// Which operator this is, for the status.
    pub rendered_by: Arc<str>,
    /// The admission policy that specs have to have been seen by; none where there is none, or nothing asks for it.
    pub policy: Option<Arc<Policy>>,
    /// What renders.
    pub render: Render,
    /// Where it is counted what becomes of credentials.
    pub metrics: Metrics,
}

/// What a reconcile starts from.
pub struct Job {
    /// The credential.
    pub record: Record,
    /// Its status as the last reconcile left it, written or not.
    pub status: Option<AppCredentialStatus>,
    /// What is known to stand in the cluster, which a status is written on top of.
    pub basis: Basis,
    /// Its outputs, as the watches know them.
    pub observed: Vec<Observed>,
    /// Those that somebody else changed or deleted since the last reconcile.
    pub touched: BTreeSet<ObjectRef>,
    /// Places that are looked at first: what is known of them may be out of date.
    pub uncertain: BTreeSet<ObjectRef>,
    /// Those that somebody else changes again and again.
    pub(super) contested: Contested,
    /// The credentials that read each other's outputs in a ring which this one closes, itself first.
    pub ring: Vec<Key>,
    /// Its sources in the versions that the watches know.
    pub sources: Versions,
    /// What the namespaces that concern it consent to.
    pub consent: Consent,
    /// Whether it waits for a share of the memory for what is large.
    pub patience: Patience,
}

/// What a reconcile found out.
#[derive(Debug, Default)]
pub struct Learned {
    /// What is to be done next.
    pub disposition: Option<Disposition>,
    /// Outputs as they were written.
    pub written: Vec<Observed>,
    /// The uncertain places that could not be looked at.
    pub unseen: Vec<ObjectRef>,
    /// What was found at the others.
    pub verified: Vec<(ObjectRef, Option<Observed>)>,
    /// Outputs that were deleted: key and uid.
    pub deleted: Vec<(ObjectRef, Uid)>,
    /// Outputs that somebody else had changed and that were restored, each with the field manager that changed it,
    /// where that is known.
    pub restored: BTreeMap<ObjectRef, Option<String>>,
    /// Objects of others that are in the way.
    pub blocked: BTreeSet<ObjectRef>,
    /// The versions of the sources that were read.
    pub sources: Versions,
    /// The sources that were not there.
    pub missing: BTreeSet<SourceKey>,
    /// The status that was written meanwhile.
    pub status: Option<AppCredentialStatus>,
    /// The status that is to be written.
    pub report: Option<Report>,
    /// The version of the credential after our last write of it, unless somebody else wrote in between.
    pub version: Option<ResourceVersion>,
    /// Whether our finalizer holds the credential now, where that was changed.
    pub held: Option<bool>,
    /// Whether it took a share of the memory for what is large, or was refused one.
    pub large: bool,
    /// Whether it was refused one: what it has not done is to be done with those that are known to be large.
    pub put_off: bool,
    /// The outputs that somebody else changed, of a reconcile that was put off.
    pub touched: BTreeSet<ObjectRef>,
}

impl Learned {
    /// Gives back the uncertain places that were not looked at.
    pub(super) fn give_back(&mut self, uncertain: BTreeSet<ObjectRef>) {
        let seen = |place: &ObjectRef| self.verified.iter().any(|(object, _)| object == place);
        let unseen: Vec<_> = uncertain.into_iter().filter(|place| !seen(place)).collect();
        self.unseen.extend(unseen);
    }
}

/// A status that is to be written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// What it was computed from.
    pub basis: Basis,
    /// What is to stand there.
    pub status: AppCredentialStatus,
    /// The field that it complains of first: an event names it.
    pub field: Option<String>,
}

/// What became of a report.
#[derive(Debug)]
pub enum Reported {
    /// It was written; the version of the credential since.
    Written(ResourceVersion),
    /// The credential is not what it was computed from: what is there, from which it is to be computed anew.
    Outdated(Box<Record>),
    /// Nobody is left to be informed.
    Gone,
    /// The call failed, or the status was refused: it is tried again.
    Failed,
}

/// What the status of a grant is made of.
pub(super) struct GrantReport {
    /// The grant.
    pub(super) identity: Identity,
    /// Its version.
    pub(super) version: ResourceVersion,
    /// The generation of its spec.
    pub(super) generation: i64,
    /// Its status as it was seen or written last.
    pub(super) before: Option<AppCredentialGrantStatus>,
    /// Who uses it; none where it cannot be understood.
    pub(super) users: Option<Users>,
}

/// What became of the status of a grant.
#[derive(Debug)]
pub(super) struct GrantReported {
    /// The grant.
    pub(super) identity: Identity,
    /// Its version and its status, as they are now; none where the status could not be written.
    pub(super) told: Option<(ResourceVersion, AppCredentialGrantStatus)>,
}
