//! Until when this process may write.
//!
//! It stands at the client, in front of every request that changes something, whoever makes it. What keeps it open is
//! the matter of `leadership`; without an election it is always open.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Method, Request};
use tokio::time::Instant;

/// What no lease has to permit: the lease itself, and questions that are asked by a POST.
const ALWAYS: [&str; 3] = ["/apis/coordination.k8s.io/", "/apis/authentication.k8s.io/", "/apis/authorization.k8s.io/"];

/// The fence. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Fence(Option<Arc<Mutex<Option<Instant>>>>);

/// The answer to a write behind a closed fence.
#[derive(Debug, thiserror::Error)]
#[error("this process does not lead any more and must not write")]
pub struct Closed;

impl Fence {
    /// Makes a fence that never closes.
    #[must_use]
    pub fn always_open() -> Self {
        Self(None)
    }

    /// Makes a fence that is closed until it is opened.
    #[must_use]
    pub fn closed() -> Self {
        Self(Some(Arc::default()))
    }

    /// Writes may be sent and answered until then.
    pub fn open_until(&self, until: Instant) {
        self.set(Some(until));
    }

    /// Stops all further writes.
    pub fn close(&self) {
        self.set(None);
    }

    fn set(&self, until: Option<Instant>) {
        if let Some(fence) = &self.0 {
            *fence.lock().unwrap_or_else(PoisonError::into_inner) = until;
        }
    }

    /// Returns how long this request may take.
    ///
    /// # Errors
    /// When it must not be sent.
    pub(super) fn lets_pass<B>(&self, request: &Request<B>, most: Duration) -> Result<Duration, Closed> {
        let Some(fence) = self.0.as_ref().filter(|_| is_write(request)) else { return Ok(most) };
        let until = *fence.lock().unwrap_or_else(PoisonError::into_inner);
        let left = until.and_then(|until| until.checked_duration_since(Instant::now()));
        left.filter(|left| !left.is_zero()).map(|left| left.min(most)).ok_or(Closed)
    }
}

fn is_write<B>(request: &Request<B>) -> bool {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    !reads && !ALWAYS.iter().any(|path| request.uri().path().starts_with(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Duration = Duration::from_secs(15);

    fn request(method: Method, path: &'static str) -> Request<()> {
        let mut request = Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = http::Uri::from_static(path);
        request
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_passes_as_long_as_the_fence_is_open_and_no_longer() {
        let (fence, write) = (Fence::closed(), request(Method::PATCH, "/api/v1/namespaces/a/secrets/b"));
        assert!(fence.lets_pass(&write, MOST).is_err(), "nothing before there is a leader");
        fence.open_until(Instant::now() + Duration::from_secs(10));
        assert_eq!(fence.lets_pass(&write, MOST).ok(), Some(Duration::from_secs(10)), "its answer must not come later");
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(fence.lets_pass(&write, MOST).is_err());
        fence.open_until(Instant::now() + MOST * 2);
        assert_eq!(fence.lets_pass(&write, MOST).ok(), Some(MOST));
        fence.clone().close();
        assert!(fence.lets_pass(&write, MOST).is_err(), "clones are one");
    }

    #[test]
    fn reads_the_lease_and_reviews_pass_a_closed_fence() {
        for (method, path) in [
            (Method::GET, "/api/v1/secrets"),
            (Method::PUT, "/apis/coordination.k8s.io/v1/namespaces/a/leases/b"),
            (Method::POST, "/apis/authentication.k8s.io/v1/tokenreviews"),
            (Method::POST, "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
        ] {
            assert_eq!(Fence::closed().lets_pass(&request(method, path), MOST).ok(), Some(MOST), "{path}");
        }
    }

    #[test]
    fn without_an_election_everything_passes() {
        let fence = Fence::always_open();
        fence.close();
        assert!(fence.lets_pass(&request(Method::DELETE, "/api/v1/namespaces/a/secrets/b"), MOST).is_ok());
    }
}
