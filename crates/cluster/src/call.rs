//! One call: sent, its answer collected once and decoded where it lies, within a deadline and the budget.
//!
//! kube's client would copy an answer twice before it decodes it, and log the whole of one that it cannot decode.

use http::header::{ACCEPT, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use kube::client::Body;
use serde::de::DeserializeOwned;
use tokio::sync::MutexGuard;
use tokio::time::{Instant, timeout_at};

use super::{CALL_TIMEOUT, CallError, Cluster};

/// What of an answer is free: more takes a share of the budget.
const FREE: usize = 64 * 1024;
/// The largest answer. 1 MiB of data, which is all that Kubernetes stores in an object, may be six times that in JSON.
const LARGEST: usize = 8 * 1024 * 1024;
/// Asks for the metadata of an object alone.
const METADATA: HeaderValue = HeaderValue::from_static("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");

/// A request, if it could be made.
pub(super) type Made = Result<Request<Vec<u8>>, kube::core::request::Error>;

impl Cluster {
    /// Makes a call and decodes its answer.
    pub(super) async fn call<T: DeserializeOwned>(&self, request: Made) -> Result<T, CallError> {
        self.call_for(request, |json| serde_json::from_slice(json)).await
    }

    /// Makes a call of whose answer only the metadata is wanted.
    pub(super) async fn call_for_metadata<T: DeserializeOwned>(&self, mut request: Made) -> Result<T, CallError> {
        if let Ok(request) = &mut request {
            request.headers_mut().insert(ACCEPT, METADATA);
        }
        self.call(request).await
    }

    /// Makes a call and lets `decode` take what it wants of the answer.
    pub(super) async fn call_for<T>(
        &self,
        request: Made,
        decode: impl FnOnce(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T, CallError> {
        let request = request.map_err(|_| CallError::Build)?.map(Body::from);
        let is_write = request.method() != Method::GET;
        let deadline = Instant::now() + CALL_TIMEOUT;
        let sent = timeout_at(deadline, self.client.send(request)).await;
        let answer = sent.map_err(|_| CallError::TimedOut)?.map_err(|error| CallError::from(&error))?;
        let status = answer.status();
        // Until it is decoded, no other large answer is read for the same reconcile.
        let (body, _turn) = self.collect(answer, is_write, deadline).await?;
        if status.is_client_error() || status.is_server_error() {
            return Err(refusal(status, &body));
        }
        decode(&body).map_err(|_| CallError::Decode)
    }

    async fn collect(
        &self,
        answer: Response<Body>,
        is_write: bool,
        mut deadline: Instant,
    ) -> Result<(Vec<u8>, Option<MutexGuard<'_, ()>>), CallError> {
        let mut body = answer.into_body();
        let (mut bytes, mut turn) = (Vec::new(), None);
        while let Some(frame) = timeout_at(deadline, body.frame()).await.map_err(|_| CallError::TimedOut)? {
            let Ok(data) = frame.map_err(|error| CallError::from(&error))?.into_data() else { continue };
            let length = bytes.len() + data.len();
            if length > LARGEST {
                return Err(CallError::TooLarge);
            }
            if length > FREE
                && turn.is_none()
                && let Some(meter) = &self.meter
            {
                turn = Some(meter.enter(is_write).await);
                // Waiting for memory is not the API server's time.
                deadline = Instant::now() + CALL_TIMEOUT;
            }
            bytes.extend_from_slice(&data);
        }
        Ok((bytes, turn))
    }
}

/// Reads the API server's refusal. What stands between it and here may answer in its own words, which are not passed on.
fn refusal(status: StatusCode, body: &[u8]) -> CallError {
    match serde_json::from_slice::<kube::core::Status>(body) {
        Ok(told) => CallError::from(&kube::Error::Api(Box::new(told))),
        Err(_) => CallError::Answer {
            code: status.as_u16(),
            reason: status.canonical_reason().unwrap_or_default().to_owned(),
            causes: Vec::new(),
        },
    }
}
