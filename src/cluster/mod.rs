//! The only room that talks to the API server.
//!
//! Everything that comes in is reduced while it is decoded (`objects`): outputs to what `plan` compares,
//! sources to a name and a version, credentials to their raw spec. Everything that goes out carries a
//! precondition (`write`). Errors are turned into words without values (`error`), and no call can hang.

mod asked;
pub mod client;
pub mod error;
pub mod events;
pub mod fence;
mod layers;
pub mod lease;
mod manifest;
mod namespaces;
pub mod objects;
mod own;
pub mod records;
mod reviews;
mod sources;
pub mod watch;
mod write;

use std::time::Duration;

use kube::Client;
use serde::de::DeserializeOwned;

pub use error::CallError;
pub use objects::{Named, OutputObject};
pub use own::{Basis, Hold, StatusWrite};
pub use records::{GrantRecord, Record};
pub use sources::Versions;
pub use write::Refusal;

use crate::api::labels;

/// How long a call may take, its answer included.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A handle on the API server.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
}

impl Cluster {
    /// A handle that uses this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The client, for watches.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// One call, with a deadline.
    async fn call<T: DeserializeOwned>(
        &self,
        request: Result<http::Request<Vec<u8>>, kube::core::request::Error>,
    ) -> Result<T, CallError> {
        let request = request.map_err(|_| CallError::Build)?;
        match tokio::time::timeout(CALL_TIMEOUT, self.client.request::<T>(request)).await {
            Ok(answer) => answer.map_err(|error| CallError::from(&error)),
            Err(_) => Err(CallError::TimedOut),
        }
    }

    fn manager() -> Option<String> {
        Some(labels::MANAGER.to_owned())
    }
}
