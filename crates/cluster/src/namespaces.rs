//! Reading a namespace: of all that it has, its uid.

use kube::core::Request;
use kube::core::params::GetParams;
use serde::Deserialize;

use super::{CallError, Cluster};

#[derive(Deserialize)]
struct Wire {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    uid: String,
}

impl Cluster {
    /// Returns the uid of a namespace; nothing where there is none of that name.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn namespace_uid(&self, name: &str) -> Result<Option<String>, CallError> {
        let request = Request::new("/api/v1/namespaces").get_metadata(name, &GetParams::default());
        match self.call::<Wire>(request).await {
            Ok(namespace) => Ok(Some(namespace.metadata.uid)),
            Err(error) if error.code() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
