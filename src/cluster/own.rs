//! Writing our own kinds: the status of credentials and grants, and the finalizer.

use kube::core::Request;
use kube::core::params::{GetParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::records::{self, Credentials, Grants, Own, OwnKind, Record};
use super::{CallError, Cluster};
use crate::api::{AppCredentialGrantStatus, AppCredentialStatus, Identity, labels};

/// How often a finalizer is written anew when the credential was changed meanwhile.
const ROUNDS: usize = 4;

impl Cluster {
    /// Writes the status of a credential, if it still is this incarnation: the version that it has then, or nothing
    /// where it is gone.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn write_status(
        &self,
        owner: &Identity,
        status: &AppCredentialStatus,
    ) -> Result<Option<String>, CallError> {
        self.put_status::<Credentials>(owner, json!(status)).await
    }

    /// Writes the status of a grant, if it still is this incarnation: the version that it has then, or nothing where it
    /// is gone.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn write_grant_status(
        &self,
        grant: &Identity,
        status: &AppCredentialGrantStatus,
    ) -> Result<Option<String>, CallError> {
        self.put_status::<Grants>(grant, json!(status)).await
    }

    async fn put_status<K: OwnKind>(&self, of: &Identity, status: Value) -> Result<Option<String>, CallError> {
        let patch = json!([
            {"op": "test", "path": "/metadata/uid", "value": of.uid},
            {"op": "add", "path": "/status", "value": status},
        ]);
        let Ok(patch) = serde_json::from_value(patch) else { return Err(CallError::Build) };
        let params = PatchParams { field_manager: Self::manager(), ..PatchParams::default() };
        let request = Request::new(records::collection::<K>(&of.namespace));
        let request = request.patch_subresource::<()>("status", &of.name, &params, &Patch::Json(patch));
        match self.call::<Own<K>>(request).await {
            Ok(there) => Ok(Some(there.resource_version().to_owned())),
            // 422 is the failed test: the name belongs to another object by now.
            Err(error) if matches!(error.code(), Some(404 | 422)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets our finalizer hold a credential or lets go of it. Whether that is so now; not where the credential is gone,
    /// or is being deleted and should be held.
    ///
    /// # Errors
    /// When a call failed.
    pub async fn hold(&self, record: &Record, held: bool) -> Result<bool, CallError> {
        let owner = record.identity();
        let path = || Request::new(records::collection::<Credentials>(&owner.namespace));
        let mut now = record.clone();
        for _ in 0..ROUNDS {
            if now.identity().uid != owner.uid || (now.deleting && held) {
                return Ok(false);
            }
            if now.is_held() == held {
                return Ok(true);
            }
            let Ok(patch) = serde_json::from_value(finalizers(&now, held)) else { return Err(CallError::Build) };
            let params = PatchParams { field_manager: Self::manager(), ..PatchParams::default() };
            match self.call::<Record>(path().patch::<()>(&owner.name, &params, &Patch::Json(patch))).await {
                Ok(_) => return Ok(true),
                Err(error) if error.code() == Some(404) => return Ok(!held),
                Err(error) if matches!(error.code(), Some(409 | 422)) => {}
                Err(error) => return Err(error),
            }
            match self.call::<Record>(path().get(&owner.name, &GetParams::default())).await {
                Ok(there) => now = there,
                Err(error) if error.code() == Some(404) => return Ok(!held),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
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
