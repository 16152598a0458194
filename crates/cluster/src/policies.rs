//! Reading an admission policy: of all that it has, its uid and when it was created.

use kube::core::Request;
use kube::core::params::GetParams;
use serde::Deserialize;

use super::{CallError, Cluster, records};
use appcredential_core::plan::Policy;

#[derive(Deserialize)]
struct Wire {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    uid: String,
    creation_timestamp: String,
    #[serde(default)]
    deletion_timestamp: Option<String>,
}

impl Cluster {
    /// Returns the admission policy of a name; nothing where there is none, or it is going.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn policy(&self, name: &str) -> Result<Option<Policy>, CallError> {
        let policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
        let request = Request::new(policies).get(name, &GetParams::default());
        match self.call_for_metadata::<Wire>(request).await {
            Ok(Wire { metadata }) if metadata.deletion_timestamp.is_none() => Ok(Some(Policy {
                name: name.to_owned(),
                uid: metadata.uid,
                created: records::seconds(&metadata.creation_timestamp),
            })),
            Ok(_) => Ok(None),
            Err(error) if error.code() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
