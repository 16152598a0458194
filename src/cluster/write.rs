//! Writing: outputs, deletions and status, each with a precondition.
//!
//! A new output is created, which fails if anything is there. A known one is patched, on condition of its
//! resourceVersion: its data and what is ours of its metadata are replaced, labels and annotations of
//! others stay. A refusal brings what is there now, so that `plan` can decide anew; nothing is overwritten blindly.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use kube::core::Request;
use kube::core::params::{DeleteParams, GetParams, Patch, PatchParams, PostParams, Preconditions};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::objects::{self, ConfigMaps, OutputObject, Secrets};
use super::{CallError, Cluster};
use crate::api::{AppCredentialStatus, Identity, Kind, labels};
use crate::plan::{self, Observed};
use crate::render::Object;

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
        let body = serde_json::to_vec(&manifest(object, revision)).map_err(|_| CallError::Build)?;
        let params = PostParams { dry_run: false, field_manager: Self::manager() };
        let request = Request::new(objects::collection(object.kind, &object.namespace)).create(&params, body);
        match self.call_observed(object.kind, request).await {
            Err(error) if error.code() == Some(409) => self.outdated(object).await,
            answer => Ok(answer?),
        }
    }

    /// Writes an output, if it still is the one that was planned on.
    ///
    /// # Errors
    /// `Outdated` when it is not.
    pub async fn update(&self, object: &Object, revision: i64, observed: &Observed) -> Result<Observed, Refusal> {
        let patch = serde_json::from_value(patch(object, revision, observed)).map_err(|_| CallError::Build)?;
        let params = PatchParams { field_manager: Self::manager(), ..PatchParams::default() };
        let request = Request::new(objects::collection(object.kind, &object.namespace));
        let request = request.patch::<()>(&object.name, &params, &Patch::Json(patch));
        match self.call_observed(object.kind, request).await {
            Err(error) if matches!(error.code(), Some(404 | 409)) => self.outdated(object).await,
            // The patch is applied before the versions are compared: on an object that lost its labels meanwhile it
            // does not apply. On the object that was planned on, 422 is a refusal.
            Err(error) if error.code() == Some(422) => match self.outdated(object).await {
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
    pub async fn delete(
        &self,
        kind: Kind,
        namespace: &str,
        name: &str,
        uid: &str,
        resource_version: &str,
    ) -> Result<(), Refusal> {
        let preconditions =
            Preconditions { uid: Some(uid.to_owned()), resource_version: Some(resource_version.to_owned()) };
        let params = DeleteParams::background().preconditions(preconditions);
        let request = Request::new(objects::collection(kind, namespace)).delete(name, &params);
        match self.call::<serde::de::IgnoredAny>(request).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(404) => Ok(()),
            Err(error) if error.code() == Some(409) => {
                Err(Refusal::Outdated(self.observe(kind, namespace, name).await?.map(Box::new)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What an object holds now, whosever it is.
    async fn observe(&self, kind: Kind, namespace: &str, name: &str) -> Result<Option<Observed>, CallError> {
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

    /// Writes a status, if the credential still is this incarnation. Whether it was written.
    ///
    /// # Errors
    /// When the call failed. That the credential is gone is no error.
    pub async fn write_status(&self, owner: &Identity, status: &AppCredentialStatus) -> Result<bool, CallError> {
        #[derive(Deserialize)]
        struct Ignored {}
        let patch = json!([
            {"op": "test", "path": "/metadata/uid", "value": owner.uid},
            {"op": "add", "path": "/status", "value": status},
        ]);
        let Ok(patch) = serde_json::from_value(patch) else { return Err(CallError::Build) };
        let path = format!("/apis/{}/{}/namespaces/{}/appcredentials", labels::GROUP, labels::VERSION, owner.namespace);
        let params = PatchParams { field_manager: Self::manager(), ..PatchParams::default() };
        let request = Request::new(path).patch_subresource::<()>("status", &owner.name, &params, &Patch::Json(patch));
        match self.call::<Ignored>(request).await {
            Ok(Ignored {}) => Ok(true),
            // 422 is the failed test: the name belongs to another credential by now.
            Err(error) if matches!(error.code(), Some(404 | 422)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn owner_reference(owner: &Identity) -> Value {
    json!({
        "apiVersion": format!("{}/{}", labels::GROUP, labels::VERSION),
        "kind": "AppCredential",
        "name": owner.name,
        "uid": owner.uid,
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// `data`, and for a ConfigMap `binaryData` for what is not text.
fn data(object: &Object) -> (Map<String, Value>, Map<String, Value>) {
    let mut text = Map::new();
    let mut binary = Map::new();
    for (key, value) in &object.data {
        let base64 = || json!(ByteString(value.expose().to_vec()));
        match (object.kind, std::str::from_utf8(value.expose())) {
            (Kind::Secret, _) => text.insert(key.clone(), base64()),
            (Kind::ConfigMap, Ok(value)) => text.insert(key.clone(), json!(value)),
            (Kind::ConfigMap, Err(_)) => binary.insert(key.clone(), base64()),
        };
    }
    (text, binary)
}

fn manifest(object: &Object, revision: i64) -> Value {
    let (text, binary) = data(object);
    let mut body = json!({
        "apiVersion": "v1",
        "kind": object.kind.to_string(),
        "metadata": {
            "name": object.name,
            "namespace": object.namespace,
            "labels": object.labels,
            "annotations": BTreeMap::from(plan::annotations(object, revision)),
            "ownerReferences": [owner_reference(&object.owner)],
        },
        "data": text,
    });
    if let Some(body) = body.as_object_mut() {
        if let Some(secret_type) = &object.secret_type {
            body.insert("type".to_owned(), json!(secret_type));
        }
        if !binary.is_empty() {
            body.insert("binaryData".to_owned(), Value::Object(binary));
        }
    }
    body
}

/// A JSON patch: data and owner references are replaced whole, of the labels and annotations only ours. `add` also
/// replaces what is there, and works where nothing is (a strategic merge's `$patch: replace` loses the data then).
/// A resourceVersion that differs by now is answered with a conflict; an object that was created anew has another.
fn patch(object: &Object, revision: i64, observed: &Observed) -> Value {
    let (text, binary) = data(object);
    let mut operations = vec![
        json!({"op": "replace", "path": "/metadata/resourceVersion", "value": observed.resource_version}),
        json!({"op": "add", "path": "/metadata/ownerReferences", "value": [owner_reference(&object.owner)]}),
        json!({"op": "add", "path": "/data", "value": text}),
    ];
    if object.kind == Kind::ConfigMap {
        operations.push(json!({"op": "add", "path": "/binaryData", "value": binary}));
    }
    let mut set = |field: &str, there: bool, entries: &[(&str, &str)]| {
        if !there {
            operations.push(json!({"op": "add", "path": format!("/metadata/{field}"), "value": {}}));
        }
        for (name, value) in entries {
            // `/` is written as `~1` in the path of a JSON patch (RFC 6901).
            let path = format!("/metadata/{field}/{}", name.replace('/', "~1"));
            operations.push(json!({"op": "add", "path": path, "value": value}));
        }
    };
    let own: Vec<(&str, &str)> = object.labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
    set("labels", observed.has_labels, &own);
    let own = plan::annotations(object, revision);
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    set("annotations", observed.has_annotations, &own);
    if observed.environment.is_some() && !object.labels.contains_key(labels::ENVIRONMENT) {
        let path = format!("/metadata/labels/{}", labels::ENVIRONMENT.replace('/', "~1"));
        operations.push(json!({"op": "remove", "path": path}));
    }
    Value::Array(operations)
}
