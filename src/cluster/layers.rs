//! What stands between the client and the connection: a deadline for every answer to begin, a floor between the
//! starts of one watch, the freshness of streamed lists, the fence of a leader; and what is counted of all that.
//!
//! A server that accepts and never answers would hang a watch for ever; a watch that is closed as soon as it
//! is opened would be opened again thousands of times a second, since kube reports no error for it. And kube asks
//! for a streamed list of any age (`resourceVersion=0`): an API server that lags behind would show a credential or a
//! grant as it was, and outputs would be taken back for it. Without a version it answers with what is true now. A page of
//! a list that is too large to be held ends with an error, for which the list is asked for in smaller pages (`watch`).

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Uri};
use http_body_util::Limited;
use tokio::time::Instant;
use tower::{BoxError, Layer, Service};

use super::asked::asked;
use super::fence::{Closed, Fence};
use crate::metrics::Metrics;
use crate::pulse::Pulse;

/// How long an answer may take to begin.
const ANSWER: Duration = Duration::from_secs(15);
/// The least time between two starts of one watch.
const WATCH_FLOOR: Duration = Duration::from_secs(1);
/// The most bytes of a page of a list that has more than one object. It is in memory three times while it is decoded.
const PAGE_BYTES: usize = 6 * 1024 * 1024;

/// What a client is equipped with.
#[derive(Clone, Default)]
pub struct Gear {
    /// Until when it may write.
    pub fence: Fence,
    /// Where requests are counted.
    pub metrics: Metrics,
    /// Where it is noted that watches go on.
    pub pulse: Pulse,
}

/// The layer.
#[derive(Clone, Default)]
pub(super) struct Guard {
    pub(super) gear: Gear,
    starts: Arc<Mutex<HashMap<String, Instant>>>,
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded { inner, guard: self.clone() }
    }
}

impl Guard {
    /// A guard with this gear.
    pub(super) fn with(gear: Gear) -> Self {
        Self { gear, ..Self::default() }
    }

    /// When a request may start; a watch of a path at most once in [`WATCH_FLOOR`].
    fn start<B>(&self, request: &Request<B>, verb: &str) -> Instant {
        let now = Instant::now();
        if !matches!(verb, "watch" | "list") {
            return now;
        }
        let watch = watch_of(request);
        self.gear.pulse.watching(&watch);
        if verb == "list" {
            return now;
        }
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        let last = starts.entry(watch).or_insert(now - WATCH_FLOOR);
        let start = now.max(*last + WATCH_FLOOR);
        *last = start;
        start
    }

    /// Counts an answer, or that there was none.
    fn count<B>(
        &self,
        verb: &'static str,
        resource: &'static str,
        answer: &Result<http::Response<B>, BoxError>,
        took: Duration,
    ) {
        let code = match answer {
            Ok(answer) => answer.status().as_str().to_owned(),
            Err(error) if error.is::<Closed>() => "fenced".to_owned(),
            Err(error) if error.is::<tokio::time::error::Elapsed>() => "timeout".to_owned(),
            Err(_) => "unreachable".to_owned(),
        };
        self.gear.metrics.requested(verb, resource, code, took);
        if verb == "watch" {
            self.gear.metrics.watch_started(resource);
        }
    }
}

/// Which watch, or the list before it. The selector tells those of one path apart; the resourceVersion differs each time.
fn watch_of<B>(request: &Request<B>) -> String {
    let query = request.uri().query().unwrap_or_default();
    let selector = query.split('&').find_map(|part| part.strip_prefix("labelSelector=")).unwrap_or_default();
    let path = request.uri().path();
    if selector.is_empty() { path.to_owned() } else { format!("{path}?labelSelector={selector}") }
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

/// How much of an answer may come. A page of one object has to be taken as it is.
fn limit(uri: &Uri, verb: &str) -> usize {
    let single = || uri.query().unwrap_or_default().split('&').any(|part| part == "limit=1");
    if verb == "list" && !single() { PAGE_BYTES } else { usize::MAX }
}

/// The service under the layer.
#[derive(Clone)]
pub(super) struct Guarded<S> {
    inner: S,
    guard: Guard,
}

impl<S, B, A> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = http::Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Send + 'static,
{
    type Response = http::Response<Limited<A>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

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
        let (verb, resource) = asked(request.method(), request.uri());
        let (start, guard) = (self.guard.start(&request, verb), self.guard.clone());
        let most = limit(request.uri(), verb);
        Box::pin(async move {
            tokio::time::sleep_until(start).await;
            let began = Instant::now();
            let answer = match guard.gear.fence.lets_pass(&request, ANSWER) {
                Ok(limit) => match tokio::time::timeout(limit, inner.call(request)).await {
                    Ok(answer) => answer.map_err(Into::into),
                    Err(late) => Err(late.into()),
                },
                Err(closed) => Err(closed.into()),
            };
            guard.count(verb, resource, &answer, began.elapsed());
            answer.map(|answer| answer.map(|body| Limited::new(body, most)))
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
        let started = |uri: &str| {
            let request = request(uri);
            guard.start(&request, asked(request.method(), request.uri()).0)
        };
        assert_eq!(started("/api/v1/secrets?&watch=true&labelSelector=a"), now);
        assert_eq!(started("/api/v1/secrets?&watch=true&labelSelector=a&resourceVersion=7"), now + WATCH_FLOOR);
        assert_eq!(started("/api/v1/secrets?&watch=true&labelSelector=b"), now);
        assert_eq!(started("/api/v1/secrets?limit=5"), now);
        assert_eq!(started("/api/v1/secrets?limit=5"), now);
    }

    #[test]
    fn pages_of_lists_are_bounded_unless_they_have_one_object() {
        for (uri, bounded) in [
            ("/api/v1/secrets?&limit=500", true),
            ("/api/v1/secrets?&limit=1", false),
            ("/api/v1/secrets?&limit=1&continue=x", false),
            ("/api/v1/secrets?&watch=true&sendInitialEvents=true", false),
            ("/api/v1/namespaces/a/secrets/b", false),
        ] {
            let request = request(uri);
            let verb = asked(request.method(), request.uri()).0;
            assert_eq!(limit(request.uri(), verb) == PAGE_BYTES, bounded, "{uri}");
        }
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
