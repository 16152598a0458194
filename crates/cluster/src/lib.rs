//! The only crate that talks to the API server.
//!
//! Everything that comes in is reduced while it is decoded (`objects`): outputs to what `plan` compares,
//! sources to a name and a version, credentials to their raw spec. Everything that goes out carries a
//! precondition (`write`). Errors hold no values (`error`), no call can hang (`call`), and large
//! answers wait for memory (`budget`).

mod asked;
mod budget;
mod call;
pub mod client;
pub mod error;
pub mod events;
pub mod fence;
mod history;
mod last_applied;
mod layers;
pub mod lease;
mod manifest;
mod namespaces;
pub mod objects;
mod observe;
pub mod observer;
mod own;
mod policies;
pub mod records;
mod reviews;
mod sources;
pub mod watch;
mod write;

use std::sync::Arc;
use std::time::Duration;

use kube::Client;

pub use budget::Patience;
pub use error::CallError;
pub use objects::{Named, OutputObject};
pub use own::{Basis, Hold, StatusWrite};
pub use records::{GrantRecord, Record};
pub use sources::{Data, Versions};
pub use write::Refusal;

use appcredential_api::labels;
use budget::{Budget, Meter};

/// How long a call may take, its answer included.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A handle on the API server.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    budget: Budget,
    meter: Option<Arc<Meter>>,
}

impl Cluster {
    /// Makes a handle that uses this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client, budget: Budget::default(), meter: None }
    }

    /// Returns the client, for watches.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Returns the same handle for one reconcile: its large answers take a share of what all reconciles may hold.
    #[must_use]
    pub fn metered(&self, patience: Patience) -> Self {
        Self { meter: Some(Arc::new(Meter::new(&self.budget, patience))), ..self.clone() }
    }

    /// Waits until the reconcile of this metered handle is refused its share.
    pub async fn refused(&self) {
        match &self.meter {
            Some(meter) => meter.refused().await,
            None => std::future::pending().await,
        }
    }

    /// Returns whether the reconcile of this metered handle took a share.
    #[must_use]
    pub fn has_share(&self) -> bool {
        self.meter.as_ref().is_some_and(|meter| meter.has_share())
    }

    /// Waits for a share of the memory that all reconciles have for what is large, with so many bytes besides. It lasts
    /// as long as the metered handle.
    pub async fn reserve(&self, besides: usize) {
        if let Some(meter) = &self.meter {
            meter.take(besides).await;
        }
    }

    fn manager() -> Option<String> {
        Some(labels::MANAGER.to_owned())
    }
}
