//! The kind `AppCredentialGrant`: a namespace consents to credentials of other namespaces writing into it.
//!
//! It stands in the *target* namespace, so that whoever owns that namespace decides, like Gateway API's
//! `ReferenceGrant`. It grants writing, so it is a kind of its own. Several grants of a namespace add up, object by
//! object.

#![expect(clippy::duplicated_attributes, reason = "the lint takes the columns of kube's derive for one")]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::status::{Reading, UNOBSERVED};

/// How many credentials the status of a grant lists; all of them are counted.
pub const LISTED: usize = 100;

/// What an `AppCredentialGrant` says.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "appcredential.io",
    version = "v1alpha1",
    kind = "AppCredentialGrant",
    plural = "appcredentialgrants",
    shortname = "acgrant",
    category = "credentials",
    namespaced,
    status = "AppCredentialGrantStatus",
    derive = "PartialEq",
    doc = "The consent of a namespace: AppCredentials of the namespaces that it names may write their outputs here. Without one nothing is written here; removing it takes the outputs away."
)]
#[kube(printcolumn(name = "From", type_ = "string", json_path = ".spec.from[*].namespace"))]
#[kube(printcolumn(name = "Kinds", type_ = "string", json_path = ".spec.to[*].kind"))]
#[kube(printcolumn(name = "In Use", type_ = "integer", json_path = ".status.inUse"))]
#[kube(printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"))]
pub struct AppCredentialGrantSpec {
    /// Whose credentials may write here.
    #[schemars(length(min = 1, max = 64))]
    pub from: Vec<GrantFrom>,
    /// What they may write. Absent: Secrets and ConfigMaps of any name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub to: Option<Vec<GrantTo>>,
}

/// Credentials that may write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GrantFrom {
    /// The namespace of the credentials.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// The uid of that namespace. The grant then excludes a namespace that was deleted and created again under its name. The operator checks the uid only with --namespace-pins.
    #[serde(default, rename = "namespaceUID", skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub namespace_uid: Option<String>,
    /// The name of one credential. Absent: all of that namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63))]
    pub name: Option<String>,
}

/// Objects that may be written. A target has a Secret and a ConfigMap, and needs consent to both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GrantTo {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// The name of one object. Absent: any name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub name: Option<String>,
}

/// Who uses a grant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppCredentialGrantStatus {
    /// The generation of the spec that this status is about; -1 until an operator has seen the grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub conditions: Vec<Condition>,
    /// How many credentials have a target here that this grant allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_use: Option<i64>,
    /// These credentials, by namespace and name; of many, the first hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub credentials: Vec<GrantUser>,
}

impl AppCredentialGrantStatus {
    /// A status as it is in the cluster. Nothing depends on one that cannot be read: it is written anew.
    #[must_use]
    pub fn read(json: &str) -> Reading<Self> {
        let mut reading = Reading::<Self>::of(json);
        if let Some(status) = &mut reading.status {
            status.observed_generation = status.observed_generation.filter(|generation| *generation != UNOBSERVED);
        }
        reading.status = reading.status.filter(|status| *status != Self::default());
        reading
    }
}

/// A credential that uses a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct GrantUser {
    /// Its namespace.
    #[schemars(length(max = 63))]
    pub namespace: String,
    /// Its name.
    #[schemars(length(max = 253))]
    pub name: String,
}

impl AppCredentialGrantSpec {
    /// Returns whether a credential of this namespace and name may write an object of this kind and name, whatever namespace
    /// has that name now.
    #[must_use]
    pub fn permits(&self, namespace: &str, credential: &str, kind: Kind, object: &str) -> bool {
        self.permits_where(namespace, credential, kind, object, |_| true)
    }

    /// Returns the same, where a pinned uid has to fit as well.
    #[must_use]
    pub fn permits_where(
        &self,
        namespace: &str,
        credential: &str,
        kind: Kind,
        object: &str,
        fits: impl Fn(&str) -> bool,
    ) -> bool {
        let same = |wanted: &Option<String>, name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
        let fits = |from: &GrantFrom| from.namespace_uid.as_deref().is_none_or(&fits);
        let meant = |from: &GrantFrom| from.namespace == namespace && same(&from.name, credential) && fits(from);
        let from = self.from.iter().any(meant);
        let to = self.to.as_ref().is_none_or(|to| to.iter().any(|to| to.kind == kind && same(&to.name, object)));
        from && to
    }
}
