//! Writing our own kinds: the status of credentials and grants, and the finalizer.
//!
//! Every write has the resourceVersion that it was computed from as its precondition. On a conflict: if only
//! something changed that the write does not depend on (a label, another finalizer), it is made again on top of the
//! present object, which costs a read and a write and no reconcile. Otherwise the caller gets the present object. Two
//! incarnations never have the same resourceVersion, so the uid needs no test of its own; and as the patches apply to
//! any object, `422` is a refusal (a schema, an admission policy) and never a failed precondition.

use std::collections::BTreeSet;

use kube::core::Request;
use kube::core::params::{GetParams, Patch, PatchParams};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::records::{self, Credentials, Grants, Own, OwnKind, Record};
use super::{CallError, Cluster};
use appcredential_api::status::Place;
use appcredential_api::{AppCredentialGrantStatus, AppCredentialStatus, FieldPath, Identity, ResourceVersion, labels};

/// How often a write is made anew when the object was changed meanwhile.
const ROUNDS: usize = 4;

/// What the status of a credential was computed from. It is written only on top of this.
///
/// The generation is not among it: a status names its own, so that an edit meanwhile does not make it false, and a
/// credential that is edited faster than it is reconciled has a status all the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// The credential.
    pub identity: Identity,
    /// Its version, as it is known: the first one that the write is tried on.
    pub version: ResourceVersion,
    /// Its status.
    pub status: Option<AppCredentialStatus>,
    /// The field of its status that cannot be read.
    pub unreadable: Option<FieldPath>,
    /// Whether our finalizer holds it.
    pub held: bool,
    /// Whether it is being deleted.
    pub deleting: bool,
}

impl Basis {
    /// Returns whether a credential is what the status was computed from, in all that matters to it.
    #[must_use]
    pub fn holds(&self, there: &Record) -> bool {
        let reading = there.reading();
        there.identity().uid == self.identity.uid
            && there.is_held() == self.held
            && there.deleting == self.deleting
            && reading.status == self.status
            && reading.unreadable == self.unreadable
    }
}

/// What became of a status that was to be written.
#[derive(Debug)]
pub enum StatusWrite {
    /// It stands there; the version of the credential since.
    Written(ResourceVersion),
    /// The credential is not what it was computed from: what is there.
    Outdated(Box<Record>),
    /// The credential is gone, or another one has its name.
    Gone,
}

/// What became of a change of the finalizer.
#[derive(Debug)]
pub enum Hold {
    /// It is as it was asked for, on the credential as it is since.
    Done(Box<Record>),
    /// The credential is being deleted and was to be held, or is changed all the time.
    Changed,
    /// The credential is gone.
    Gone,
}

impl Cluster {
    /// Writes the status of a credential on top of what it was computed from.
    ///
    /// # Errors
    /// When the call failed, or the status was refused.
    pub async fn write_status(&self, basis: &Basis, status: &AppCredentialStatus) -> Result<StatusWrite, CallError> {
        let mut version = basis.version.clone();
        let mut refused = CallError::Build;
        for _ in 0..ROUNDS {
            let error = match self.put_status::<Credentials>(&basis.identity, &version, json!(status)).await {
                Ok(version) => return Ok(StatusWrite::Written(version)),
                Err(error) => error,
            };
            match error.code() {
                Some(404) => return Ok(StatusWrite::Gone),
                Some(409) => {}
                _ => return Err(error),
            }
            let Some(there) = self.current(&basis.identity).await? else { return Ok(StatusWrite::Gone) };
            let now = there.resource_version();
            // The answer to a former write may have been lost.
            if there.reading().status.as_ref() == Some(status) {
                return Ok(StatusWrite::Written(now));
            }
            if !basis.holds(&there) {
                return Ok(StatusWrite::Outdated(Box::new(there)));
            }
            // Something may answer 409 for reasons of its own, to be tried again later.
            if now == version {
                return Err(error);
            }
            (version, refused) = (now, error);
        }
        Err(refused)
    }

    /// Writes the status of a grant on top of the version that it was computed from: the version that the grant has
    /// then, or nothing where it was changed or is gone, of which its watch tells.
    ///
    /// # Errors
    /// When the call failed, or the status was refused.
    pub async fn write_grant_status(
        &self,
        grant: &Identity,
        version: &ResourceVersion,
        status: &AppCredentialGrantStatus,
    ) -> Result<Option<ResourceVersion>, CallError> {
        match self.put_status::<Grants>(grant, version, json!(status)).await {
            Ok(version) => Ok(Some(version)),
            Err(error) if matches!(error.code(), Some(404 | 409)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_status<K: OwnKind>(
        &self,
        of: &Identity,
        version: &ResourceVersion,
        status: Value,
    ) -> Result<ResourceVersion, CallError> {
        let patch = json!([
            {"op": "replace", "path": "/metadata/resourceVersion", "value": version},
            {"op": "add", "path": "/status", "value": status},
        ]);
        let Ok(patch) = serde_json::from_value(patch) else { return Err(CallError::Build) };
        let params = PatchParams { field_manager: Self::manager(), ..PatchParams::default() };
        let request = Request::new(records::collection::<K>(&of.namespace));
        let request = request.patch_subresource::<()>("status", &of.name, &params, &Patch::Json(patch));
        Ok(self.call_for_metadata::<Own<K>>(request).await?.resource_version())
    }

    /// Reads a credential as it is now; nothing where it is gone or another one has its name.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn current(&self, of: &Identity) -> Result<Option<Record>, CallError> {
        let request = Request::new(records::collection::<Credentials>(&of.namespace));
        match self.call::<Record>(request.get(&of.name, &GetParams::default())).await {
            Ok(there) => Ok(Some(there).filter(|there| there.identity().uid == of.uid)),
            Err(error) if error.code() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets our finalizer hold a credential or lets go of it: not where another operator has announced outputs besides
    /// those that were `told`.
    ///
    /// # Errors
    /// When a call failed, or the change was refused.
    pub async fn hold(&self, record: &Record, held: bool, told: &BTreeSet<Place>) -> Result<Hold, CallError> {
        let owner = record.identity();
        let mut now = record.clone();
        for _ in 0..ROUNDS {
            if now.deleting && held {
                return Ok(Hold::Changed);
            }
            if now.is_held() == held {
                return Ok(Hold::Done(Box::new(now)));
            }
            let Ok(patch) = serde_json::from_value(finalizers(&now, held)) else { return Err(CallError::Build) };
            let params = PatchParams { field_manager: Self::manager(), ..PatchParams::default() };
            let request = Request::new(records::collection::<Credentials>(&owner.namespace));
            match self.call::<Record>(request.patch::<()>(&owner.name, &params, &Patch::Json(patch))).await {
                Ok(there) => return Ok(Hold::Done(Box::new(there))),
                Err(error) if error.code() == Some(404) => return Ok(Hold::Gone),
                Err(error) if error.code() == Some(409) => {}
                Err(error) => return Err(error),
            }
            let Some(there) = self.current(&owner).await? else { return Ok(Hold::Gone) };
            now = there;
            if !held && !places(&now).is_subset(told) {
                return Ok(Hold::Changed);
            }
        }
        Ok(Hold::Changed)
    }
}

/// The places that the status of a credential names.
fn places(record: &Record) -> BTreeSet<Place> {
    let reading = record.status.as_ref().map(|raw| AppCredentialStatus::read(raw.get())).unwrap_or_default();
    reading.status.as_ref().map(AppCredentialStatus::places).unwrap_or_default()
}

/// A JSON patch with the finalizers, on condition of the version that they were taken from.
fn finalizers(record: &Record, held: bool) -> Value {
    let mut finalizers = record.finalizers.clone();
    finalizers.retain(|finalizer| finalizer != labels::FINALIZER);
    if held {
        finalizers.push(labels::FINALIZER.to_owned());
    }
    json!([
        {"op": "replace", "path": "/metadata/resourceVersion", "value": record.resource_version()},
        {"op": "add", "path": "/metadata/finalizers", "value": finalizers},
    ])
}
