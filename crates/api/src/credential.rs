//! The kind `AppCredential`: its spec, environments and targets.
//!
//! The types are lenient on purpose: what a rule can refuse, a rule refuses (`rules`, at admission) or
//! `resolve` tells in a condition. Decoding itself only fails on a wrong JSON type, so that a resource
//! which was stored before the schema was tightened still gets an answer in its status.

#![expect(clippy::duplicated_attributes, reason = "the lint takes the columns of kube's derive for one")]

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::authentication::Authentication;
use super::connection::Connection;
use super::output::OutputSpec;
use super::secret_type::SecretType;
use super::status::AppCredentialStatus;
use super::value::NamedValue;

/// What an `AppCredential` says.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "appcredential.io",
    version = "v1alpha1",
    kind = "AppCredential",
    plural = "appcredentials",
    shortname = "appcred",
    category = "credentials",
    namespaced,
    status = "AppCredentialStatus",
    derive = "PartialEq",
    doc = "The credential of an application that a team integrates with. The operator renders it, for each environment, into a Secret (authentication) and a ConfigMap (connection, scopes, parameters).",
    selectable = ".spec.application.type",
    selectable = ".spec.application.provider"
)]
#[kube(printcolumn(name = "Application", type_ = "string", json_path = ".spec.application.type"))]
#[kube(printcolumn(name = "Provider", type_ = "string", json_path = ".spec.application.provider"))]
#[kube(printcolumn(name = "Environments", type_ = "string", json_path = ".status.environmentNames"))]
#[kube(printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"))]
#[kube(printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
#[serde(rename_all = "camelCase")]
pub struct AppCredentialSpec {
    /// What the credential is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// The application that the credential belongs to.
    pub application: Application,
    /// If true, the operator writes nothing and the outputs stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
    /// How clients authenticate to the application, for all environments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// How clients connect to the application, for all environments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// Scopes or permissions; space-joined in the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), inner(length(max = 256)))]
    pub scopes: Option<Vec<String>>,
    /// Additional parameters. Each is a key in the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub parameters: Option<Vec<NamedValue>>,
    /// The shape of the outputs, as all environments share it: names of keys, presets, templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputSpec>,
    /// The environments. Each is the base with its own overrides. With environments, the operator writes no outputs for the base alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub environments: Option<Vec<Environment>>,
    /// Where the outputs go if there are no environments. Default: the namespace of the credential, under its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    pub targets: Option<Vec<Target>>,
}

/// The application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Application {
    /// The kind of application, such as postgresql, kafka or stripe. It cannot be changed later.
    #[serde(rename = "type")]
    #[schemars(length(max = 63))]
    pub kind: String,
    /// Who provides it, such as aws-rds or confluent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub provider: Option<String>,
}

/// An environment: what differs from the base.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// The name, such as staging or production.
    #[schemars(length(max = 63))]
    pub name: String,
    /// Merged with the base by field; another type replaces the authentication of the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// Merged with the base by field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// Replaces all scopes of the base; `[]` means no scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), inner(length(max = 256)))]
    pub scopes: Option<Vec<String>>,
    /// Merged with the base by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub parameters: Option<Vec<NamedValue>>,
    /// Names of parameters of the base that this environment does not have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 253)))]
    pub excluded_parameters: Option<Vec<String>>,
    /// The shape of the outputs of this environment. Each field replaces that of the base whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputSpec>,
    /// Where the outputs of this environment go. Not inherited from the base. Default: the namespace of the credential, under `<credential>-<environment>`. In other namespaces the default name is that of the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 8))]
    pub targets: Option<Vec<Target>>,
}

/// Where one Secret and one ConfigMap go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The namespace. Default: that of the credential. Another namespace must consent by an AppCredentialGrant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub namespace: Option<String>,
    /// The uid of that namespace. The operator writes nothing to a namespace that was deleted and created again under its name. It checks the uid only with --namespace-pins.
    #[serde(default, rename = "namespaceUID", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub namespace_uid: Option<String>,
    /// The Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretTarget>,
    /// The ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ConfigMapTarget>,
    /// The shape of the outputs of this target. Each field replaces that of the environment whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputSpec>,
    /// What happens to the outputs when the credential, the target or the consent of its namespace is removed. Default: Delete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
    /// Labels to add to both outputs: recommended labels (app.kubernetes.io/name, ...), a few plain keys such as team, and keys under prefixes that the operator allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// Annotations to add to both outputs, by the same rule as labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
}

/// The Secret of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretTarget {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub name: Option<String>,
    /// Split (default) puts only secret values into the Secret. ServiceBinding puts everything into it, in the keys of the Service Binding specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<Layout>,
    /// Its type, with the layout Split. Default: Opaque. The Secret must have the keys that Kubernetes demands of the type. A change of type deletes the Secret and creates it again.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub secret_type: Option<SecretType>,
}

/// The ConfigMap of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapTarget {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub name: Option<String>,
}

/// How the keys of the Secret are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "")]
pub enum Layout {
    /// Only what is secret.
    #[default]
    Split,
    /// Everything, as in the Service Binding specification for Kubernetes 1.1.
    ServiceBinding,
}

/// What happens to outputs that are no longer wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "")]
pub enum DeletionPolicy {
    /// The operator deletes them.
    #[default]
    Delete,
    /// They stay. The operator no longer writes them and removes its ownership labels.
    Retain,
}
