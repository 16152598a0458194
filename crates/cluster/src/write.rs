//! Writing outputs, each time with a precondition.
//!
//! A new output is created, which fails if anything is there. A known one is patched, on condition of its
//! resourceVersion: its data and our part of its metadata are replaced, labels and annotations of
//! others stay. A refusal returns the present object, so that `plan` can decide again; nothing is overwritten blindly.

use kube::core::Request;
use kube::core::params::{DeleteParams, GetParams, Patch, PatchParams, PostParams, Preconditions};
use serde_json::Value;

use super::objects::{self, ConfigMaps, OutputObject, Secrets};
use super::{CallError, Cluster, manifest};
use appcredential_api::Kind;
use appcredential_core::plan::Observed;
use appcredential_core::render::Object;

/// Why a write was not done.
#[derive(Debug)]
pub enum Refusal {
    /// The cluster differs from what was planned on: what is there now, or nothing.
    Outdated(Option<Box<Observed>>),
    /// The call failed.
    Failed(CallError),
}

impl From<CallError> for Refusal {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

impl Cluster {
    /// Creates an output.
    ///
    /// # Errors
    /// `Outdated` when an object of that name is there.
    pub async fn create(&self, object: &Object, revision: i64) -> Result<Observed, Refusal> {
        match self.post(object, &manifest::whole(object, revision), false).await {
            Err(error) if error.code() == Some(409) => self.outdated(object).await,
            answer => Ok(answer?),
        }
    }

    /// Asks whether an output could be created if its name were free. Nothing is written.
    ///
    /// That the name is taken is found out last, after validation, admission and quotas: it is the answer that is hoped for.
    ///
    /// # Errors
    /// Why it could not.
    pub async fn try_create(&self, object: &Object, revision: i64) -> Result<(), Refusal> {
        match self.post(object, &manifest::whole(object, revision), true).await {
            Err(CallError::Answer { reason, .. }) if reason == "AlreadyExists" => Ok(()),
            answer => Ok(answer.map(|_| ())?),
        }
    }

    async fn post(&self, object: &Object, body: &Value, dry_run: bool) -> Result<Observed, CallError> {
        let body = serde_json::to_vec(body).map_err(|_| CallError::Build)?;
        let params = PostParams { dry_run, field_manager: Self::manager() };
        let request = Request::new(objects::collection(object.kind, &object.namespace)).create(&params, body);
        self.call_observed(object.kind, request).await
    }

    /// Writes an output, if it still is the one that was planned on.
    ///
    /// # Errors
    /// `Outdated` when it is not.
    pub async fn update(&self, object: &Object, revision: i64, observed: &Observed) -> Result<Observed, Refusal> {
        self.patch(observed, manifest::update(object, revision, observed)).await
    }

    /// Leaves an output behind: it stays as it is and is no longer marked as ours.
    ///
    /// # Errors
    /// `Outdated` when it is not the one that was planned on.
    pub async fn release(&self, observed: &Observed) -> Result<(), Refusal> {
        self.patch(observed, manifest::release(observed)).await.map(|_| ())
    }

    async fn patch(&self, observed: &Observed, patch: Value) -> Result<Observed, Refusal> {
        let patch = serde_json::from_value(patch).map_err(|_| CallError::Build)?;
        let params = PatchParams { field_manager: Self::manager(), ..PatchParams::default() };
        let Observed { kind, namespace, name, .. } = observed;
        let request = Request::new(objects::collection(*kind, namespace));
        let request = request.patch::<()>(name, &params, &Patch::Json(patch));
        let outdated = async || match self.observe(*kind, namespace, name).await {
            Ok(now) => Err(Refusal::Outdated(now.map(Box::new))),
            Err(error) => Err(error.into()),
        };
        match self.call_observed(*kind, request).await {
            Err(error) if matches!(error.code(), Some(404 | 409)) => outdated().await,
            // The patch is applied before the versions are compared: on an object that lost its labels meanwhile it
            // does not apply. On the object that was planned on, 422 is a refusal.
            Err(error) if error.code() == Some(422) => match outdated().await {
                Err(Refusal::Outdated(Some(now))) if now.resource_version == observed.resource_version => {
                    Err(error.into())
                }
                outdated => outdated,
            },
            answer => Ok(answer?),
        }
    }

    /// Deletes an output, if it still is the one that was planned on.
    ///
    /// # Errors
    /// `Outdated` when another one is there; that it is gone already is no error.
    pub async fn delete(&self, observed: &Observed) -> Result<(), Refusal> {
        let Observed { kind, namespace, name, uid, resource_version, .. } = observed;
        let preconditions =
            Preconditions { uid: Some(uid.to_string()), resource_version: Some(resource_version.to_string()) };
        let params = DeleteParams::background().preconditions(preconditions);
        let request = Request::new(objects::collection(*kind, namespace)).delete(name, &params);
        match self.call::<serde::de::IgnoredAny>(request).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(404) => Ok(()),
            Err(error) if error.code() == Some(409) => {
                Err(Refusal::Outdated(self.observe(*kind, namespace, name).await?.map(Box::new)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns what an object holds now, whosever it is.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn observe(&self, kind: Kind, namespace: &str, name: &str) -> Result<Option<Observed>, CallError> {
        let request = Request::new(objects::collection(kind, namespace)).get(name, &GetParams::default());
        match self.call_observed(kind, request).await {
            Ok(observed) => Ok(Some(observed)),
            Err(error) if error.code() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn outdated(&self, object: &Object) -> Result<Observed, Refusal> {
        let now = self.observe(object.kind, &object.namespace, &object.name).await?;
        Err(Refusal::Outdated(now.map(Box::new)))
    }

    async fn call_observed(
        &self,
        kind: Kind,
        request: Result<http::Request<Vec<u8>>, kube::core::request::Error>,
    ) -> Result<Observed, CallError> {
        match kind {
            Kind::Secret => self.call::<OutputObject<Secrets>>(request).await.map(|object| object.observed),
            Kind::ConfigMap => self.call::<OutputObject<ConfigMaps>>(request).await.map(|object| object.observed),
        }
    }
}
