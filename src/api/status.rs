//! The status of an `AppCredential`: what people and tools are told. It never holds a value.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;

/// What became of the credential.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppCredentialStatus {
    /// The generation of the spec that this status speaks of; -1 before there is any status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Accepted, ResolvedRefs, Synced and Ready; and Stalled where only an edit helps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub conditions: Vec<Condition>,
    /// The names of the environments that are handled here, comma-joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub environment_names: Option<String>,
    /// Each environment; a credential without environments has one entry named `default`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub environments: Vec<EnvironmentStatus>,
    /// The Secret that a workload binds to (Service Binding: Provisioned Service): that of the first target in the own namespace with the layout ServiceBinding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// Outputs that Kubernetes does not collect by itself, as Kind/namespace/name: those in other namespaces and those to be retained, until they are gone. Only what stands here is ever deleted there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1024), inner(length(max = 400)))]
    pub detached_outputs: Vec<String>,
    /// The version of the operator that wrote this, and what it handles: what it finds unchanged after a restart it need not render again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub rendered_by: Option<String>,
}

/// What the CRDs say of an object that no operator has looked at: without it, tools that wait would take the absence of a
/// status for success (kstatus does).
pub const UNOBSERVED: i64 = -1;

impl AppCredentialStatus {
    /// A status as it is in the cluster; that of an object that nobody has looked at is none, and neither is one that cannot be
    /// read: it is written anew.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let mut status: Self = serde_json::from_str(json).ok()?;
        status.observed_generation = status.observed_generation.filter(|generation| *generation != UNOBSERVED);
        (status != Self::default()).then_some(status)
    }
}

/// A Provisioned Service's Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// The name of the Secret, in the namespace of the credential.
    #[schemars(length(max = 253))]
    pub name: String,
}

/// What became of an environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentStatus {
    /// The name of the environment.
    #[schemars(length(max = 63))]
    pub name: String,
    /// Whether its outputs are what the credential says.
    #[serde(default)]
    pub ready: bool,
    /// Why not, in a CamelCase word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub reason: Option<String>,
    /// Why not, in a sentence: objects and fields, never values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32768))]
    pub message: Option<String>,
    /// Each target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub targets: Vec<TargetStatus>,
    /// The sources that its outputs were made of, as they were when something was written last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1024))]
    pub sources: Vec<SourceVersion>,
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
    /// Its resourceVersion; absent where it did not exist, and need not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub resource_version: Option<String>,
}

/// What became of a target.
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
    /// The revision that both carry: it rises when the content of either changes. Absent until the first write.
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
    /// What is in the way, if anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub message: Option<String>,
}

/// Which version of which incarnation of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectVersion {
    /// Its uid.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub uid: String,
    /// Its resourceVersion.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub resource_version: String,
}
