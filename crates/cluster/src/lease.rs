//! The Lease of a leader: read, and written on condition of its version.

use std::fmt;
use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease as Object, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::core::Request;
use kube::core::params::{GetParams, PostParams};

use super::{CallError, Cluster, history};

/// Which Lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl Place {
    fn request(&self) -> Request {
        Request::new(format!("/apis/coordination.k8s.io/v1/namespaces/{}/leases", self.namespace))
    }
}

/// A Lease as it is in the cluster.
#[derive(Clone, Debug)]
pub struct Lease(Object);

impl Lease {
    fn spec(&self) -> Option<&LeaseSpec> {
        self.0.spec.as_ref()
    }

    /// Returns who holds the lease.
    #[must_use]
    pub fn holder(&self) -> Option<String> {
        self.spec()?.holder_identity.clone().filter(|holder| !holder.is_empty())
    }

    /// Returns how long the lease lasts after a renewal.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        let seconds = self.spec().and_then(|spec| spec.lease_duration_seconds).unwrap_or_default();
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    /// Returns its resourceVersion.
    #[must_use]
    pub fn version(&self) -> String {
        self.0.metadata.resource_version.clone().unwrap_or_default()
    }

    /// It with another holder, or renewed. Labels and whatever else others put on it stay.
    fn held_by(mut self, holder: Option<&str>, lasts: Duration) -> Self {
        let now = MicroTime(Timestamp::now());
        let mut spec = self.0.spec.take().unwrap_or_default();
        if spec.holder_identity.as_deref().unwrap_or_default() != holder.unwrap_or_default() {
            let counted = holder.is_some() && spec.acquire_time.is_some();
            spec.lease_transitions = Some(spec.lease_transitions.unwrap_or_default() + i32::from(counted));
            spec.acquire_time = Some(now.clone());
        }
        spec.holder_identity = holder.map(str::to_owned);
        spec.lease_duration_seconds = Some(i32::try_from(lasts.as_secs()).unwrap_or(i32::MAX));
        spec.renew_time = Some(now);
        self.0.spec = Some(spec);
        self
    }
}

impl Cluster {
    /// Reads the lease, if it exists.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn lease(&self, place: &Place) -> Result<Option<Lease>, CallError> {
        match self.call::<Object>(place.request().get(&place.name, &GetParams::default())).await {
            Ok(object) => Ok(Some(Lease(object))),
            Err(error) if error.code() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes who holds it: on condition that it still is what it was, or is not there.
    ///
    /// # Errors
    /// 409 when it has changed, or when the call failed.
    pub async fn write_lease(
        &self,
        place: &Place,
        was: Option<Lease>,
        holder: Option<&str>,
        lasts: Duration,
    ) -> Result<Lease, CallError> {
        let params = PostParams { field_manager: Self::manager(), ..PostParams::default() };
        let exists = was.is_some();
        let lease = was.unwrap_or_else(|| {
            let metadata = ObjectMeta { name: Some(place.name.clone()), ..ObjectMeta::default() };
            Lease(Object { metadata, spec: None })
        });
        let body = serde_json::to_vec(&lease.held_by(holder, lasts).0).map_err(|_| CallError::Build)?;
        let request = if exists {
            place.request().replace(&place.name, &params, body)
        } else {
            place.request().create(&params, body)
        };
        let lease = self.call::<Object>(request).await.map(Lease)?;
        // The most recent version that there is, mostly: it is renewed every other second.
        history::saw(&lease.version());
        Ok(lease)
    }
}
