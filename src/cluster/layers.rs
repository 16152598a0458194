//! What stands between the client and the connection: a deadline for every answer to begin, a floor between the
//! starts of one watch, and the freshness of streamed lists.
//!
//! A server that accepts and never answers would hang a watch for ever; a watch that is closed as soon as it
//! is opened would be opened again thousands of times a second, since kube reports no error for it. And kube asks
//! for a streamed list of any age (`resourceVersion=0`): an API server that lags behind would show a credential or a
//! grant as it was, and outputs would be taken back for it. Without a version it answers with what is true now.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Uri};
use tokio::time::Instant;
use tower::{BoxError, Layer, Service};

/// How long an answer may take to begin.
const ANSWER: Duration = Duration::from_secs(15);
/// The least time between two starts of one watch.
const WATCH_FLOOR: Duration = Duration::from_secs(1);

/// The layer.
#[derive(Clone, Default)]
pub(super) struct Guard {
    starts: Arc<Mutex<HashMap<String, Instant>>>,
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded { inner, guard: self.clone() }
    }
}

impl Guard {
    /// When a request may start; a watch of a path at most once in [`WATCH_FLOOR`].
    fn start<B>(&self, request: &Request<B>) -> Instant {
        let now = Instant::now();
        if !is_watch(request) {
            return now;
        }
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        // The selector tells watches of one path apart; the resourceVersion differs each time.
        let query = request.uri().query().unwrap_or_default();
        let selector = query.split('&').find(|part| part.starts_with("labelSelector=")).unwrap_or_default();
        let metadata =
            request.headers().get(http::header::ACCEPT).is_some_and(|accept| accept.as_bytes().ends_with(b"v=v1"));
        let last = starts.entry(format!("{}?{selector}&{metadata}", request.uri().path())).or_insert(now - WATCH_FLOOR);
        let start = now.max(*last + WATCH_FLOOR);
        *last = start;
        start
    }
}

fn is_watch<B>(request: &Request<B>) -> bool {
    request.uri().query().is_some_and(|query| query.split('&').any(|part| part == "watch=true"))
}

/// The address of a streamed list of what is there now, instead of one of any age; none for any other request.
fn fresh(uri: &Uri) -> Option<Uri> {
    let (path, query) = uri.path_and_query()?.as_str().split_once('?')?;
    let parts: Vec<&str> = query.split('&').collect();
    if !parts.contains(&"sendInitialEvents=true") || !parts.contains(&"resourceVersion=0") {
        return None;
    }
    let parts: Vec<&str> = parts.into_iter().filter(|part| *part != "resourceVersion=0").collect();
    let mut fresh = uri.clone().into_parts();
    fresh.path_and_query = Some(format!("{path}?{}", parts.join("&")).parse().ok()?);
    Uri::from_parts(fresh).ok()
}

/// The service under the layer.
#[derive(Clone)]
pub(super) struct Guarded<S> {
    inner: S,
    guard: Guard,
}

impl<S, B> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if let Some(fresh) = fresh(request.uri()) {
            *request.uri_mut() = fresh;
        }
        // The service that was polled ready is the one to call; its clone takes its place.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let start = self.guard.start(&request);
        Box::pin(async move {
            tokio::time::sleep_until(start).await;
            match tokio::time::timeout(ANSWER, inner.call(request)).await {
                Ok(answer) => answer.map_err(Into::into),
                Err(late) => Err(late.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str) -> Request<()> {
        let mut request = Request::new(());
        if let Ok(uri) = uri.parse() {
            *request.uri_mut() = uri;
        }
        request
    }

    #[tokio::test(start_paused = true)]
    async fn a_watch_starts_at_most_once_a_second_and_other_requests_at_once() {
        let guard = Guard::default();
        let now = Instant::now();
        let secrets = "/api/v1/secrets?&watch=true&labelSelector=a";
        assert_eq!(guard.start(&request(secrets)), now);
        assert_eq!(
            guard.start(&request("/api/v1/secrets?&watch=true&labelSelector=a&resourceVersion=7")),
            now + WATCH_FLOOR
        );
        assert_eq!(guard.start(&request("/api/v1/secrets?&watch=true&labelSelector=b")), now);
        assert_eq!(guard.start(&request("/api/v1/secrets?limit=5")), now);
        assert_eq!(guard.start(&request("/api/v1/secrets?limit=5")), now);
    }

    #[test]
    fn a_streamed_list_is_asked_for_as_it_is_now_and_everything_else_is_left_as_it_is() {
        let streamed =
            "https://h:1/api/v1/secrets?&watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
        let of_any_age = format!("{streamed}&resourceVersion=0");
        assert_eq!(fresh(request(&of_any_age).uri()).map(|uri| uri.to_string()).as_deref(), Some(streamed));
        for other in
            ["/api/v1/secrets?&watch=true&resourceVersion=0", "/api/v1/secrets?limit=5", "/api/v1/secrets", streamed]
        {
            assert_eq!(fresh(request(other).uri()), None, "{other}");
        }
    }
}
