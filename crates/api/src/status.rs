//! The status of an `AppCredential`, for people and tools. It never holds a value.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::reading::{Place, Reading};
use super::{Kind, ObjectRef, ResourceVersion, Uid};

/// The state of the credential.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppCredentialStatus {
    /// The generation of the spec that this status is about; -1 until an operator has seen the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Accepted, ResolvedRefs, Synced and Ready; also Stalled, if only an edit helps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub conditions: Vec<Condition>,
    /// The names of the environments that operators of this cluster handle, comma-joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub environment_names: Option<String>,
    /// Each environment; a credential without environments has one entry named `default`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub environments: Vec<EnvironmentStatus>,
    /// The Secret that a workload binds to (Service Binding: Provisioned Service): that of the first target with the layout ServiceBinding in the credential's own namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// Outputs that Kubernetes does not collect by itself, by environment: those in other namespaces and those with the policy Retain, until they are gone. In other namespaces the operator deletes only outputs in this list. `unknown` takes the place of those of a status that could not be read: list them in its place, or take it out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub detached_outputs: Vec<DetachedOutputs>,
    /// The version of the operator that wrote this status, and what it handles. After a restart, the same operator renders only what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub rendered_by: Option<String>,
    /// Whether the admission policy on sources has checked the spec, if the operator asks (`--review-policy`). Absent if the credential was created under that policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// What is known of a credential that is older than the admission policy on sources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The uid of the policy.
    #[serde(rename = "policyUID")]
    #[schemars(length(max = 64))]
    pub policy_uid: String,
    /// The generation of the spec that was stored before the policy. The policy has admitted any later one. Absent if the policy has checked the spec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreviewed_generation: Option<i64>,
}

/// What the CRDs say of an object that no operator has looked at: without it, tools that wait would take the absence of a
/// status for success (kstatus does).
pub const UNOBSERVED: i64 = -1;

/// What stands in [`AppCredentialStatus::detached_outputs`] for outputs of which it is no longer known where they are.
pub const UNKNOWN_PLACE: &str = "unknown";

/// The name of the only entry of a credential that declares no environments.
pub const UNDECLARED: &str = "default";

/// The outputs of an environment that Kubernetes does not collect by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DetachedOutputs {
    /// The name of the environment. Absent if the credential declared none when they were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub environment: Option<String>,
    /// Each output as Kind/namespace/name.
    #[serde(default)]
    #[schemars(length(max = 1024), inner(length(max = 400)))]
    pub outputs: Vec<String>,
}

/// A Provisioned Service's Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// The name of the Secret, in the namespace of the credential.
    #[schemars(length(max = 253))]
    pub name: String,
}

/// The state of an environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentStatus {
    /// The name of the environment.
    #[schemars(length(max = 63))]
    pub name: String,
    /// Whether its outputs are what the credential says.
    #[serde(default)]
    pub ready: bool,
    /// Why the environment is not ready, in a CamelCase word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub reason: Option<String>,
    /// Why the environment is not ready, in a sentence with objects and fields, never values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32768))]
    pub message: Option<String>,
    /// Each target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub targets: Vec<TargetStatus>,
    /// The sources of its outputs, in the versions of the last write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1024))]
    pub sources: Vec<SourceVersion>,
    /// Who wrote this entry, if the operator handles only some environments. Other operators may have written the other entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handled_by: Option<HandledBy>,
}

/// What the operator of an environment has looked at, and what of it concerns the whole credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HandledBy {
    /// The version of the operator, and what it handles.
    #[serde(default)]
    #[schemars(length(max = 4096))]
    pub operator: String,
    /// The generation of the spec that the entry is about.
    #[serde(default)]
    pub observed_generation: i64,
    /// The first condition of the credential that is not True because of this environment: Accepted, ResolvedRefs or Synced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub unmet: Option<String>,
    /// The Secret of the environment that a workload can bind to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
}

/// The version of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceVersion {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// Its name.
    #[schemars(length(max = 253))]
    pub name: String,
    /// Its resourceVersion. Absent if the source is optional and did not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub resource_version: Option<ResourceVersion>,
}

/// The state of a target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetStatus {
    /// The namespace of the outputs.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// The name of the Secret.
    #[schemars(length(max = 253))]
    pub secret_name: String,
    /// The name of the ConfigMap.
    #[schemars(length(max = 253))]
    pub config_map_name: String,
    /// The revision of both outputs, which rises when the content of either changes. Absent until the first write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// When the content last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync_time: Option<Time>,
    /// The Secret as it was written last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<ObjectVersion>,
    /// The ConfigMap as it was written last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ObjectVersion>,
    /// Outputs of former targets that stay until this one is written, as Kind/namespace/name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(max = 400)))]
    pub keeps: Vec<String>,
    /// Why the target is not written, if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub message: Option<String>,
}

impl TargetStatus {
    /// Returns its outputs.
    #[must_use]
    pub fn objects(&self) -> [ObjectRef; 2] {
        ObjectRef::of_target(&self.namespace, &self.secret_name, &self.config_map_name)
    }
}

/// Which version of which incarnation of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectVersion {
    /// Its uid.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub uid: Uid,
    /// Its resourceVersion.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub resource_version: ResourceVersion,
}
