//! A client for one watch, which asks whether the store has gone back before the watch goes on after an interruption.
//!
//! kube resumes a watch whose connection ended without a word, so only the requests tell. A watch that lasted as long as
//! it was to last was not interrupted, nor is one that follows a list: while nothing changes, nothing is asked.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use kube::client::Body;
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tower::{BoxError, Service};

use super::ask;

/// Wraps the client of a watch that is renewed after this time.
pub(in super::super) fn asking<K>(client: Client, api: Api<K>, renewed: Duration) -> Client
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    let namespace = client.default_namespace().to_owned();
    Client::new(Resumed { client, api, starts: Starts { renewed, last: None } }, namespace)
}

/// The service.
struct Resumed<K> {
    client: Client,
    api: Api<K>,
    starts: Starts,
}

/// When a watch was started last.
#[derive(Debug)]
struct Starts {
    renewed: Duration,
    last: Option<Instant>,
}

impl Starts {
    /// Takes in a request. Returns whether it is of a watch that goes on after it was interrupted.
    fn is_interrupted(&mut self, query: &str, now: Instant) -> bool {
        let has = |wanted: &str| query.split('&').any(|part| part == wanted);
        let is_watch = has("watch=true") || has("watch=1");
        let last = std::mem::replace(&mut self.last, is_watch.then_some(now));
        let is_listed = has("sendInitialEvents=true");
        // Its time is the API server's; a clock may run a little faster.
        let is_early = |last: Instant| now.duration_since(last) < self.renewed.saturating_sub(Duration::from_secs(5));
        is_watch && !is_listed && last.is_some_and(is_early)
    }
}

impl<K> Service<Request<Body>> for Resumed<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let is_interrupted = self.starts.is_interrupted(request.uri().query().unwrap_or_default(), Instant::now());
        let (client, api) = (self.client.clone(), self.api.clone());
        Box::pin(async move {
            if is_interrupted && let Err(status) = ask(&api).await {
                // The watch is refused likewise, and lists everything anew when that goes on.
                let answer = Response::builder().status(status.code);
                return Ok(answer.body(Body::from(serde_json::to_vec(&status)?))?);
            }
            client.send(request).await.map_err(|error| match error {
                kube::Error::Service(error) => error,
                error => error.into(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_watch_that_ended_early_is_in_doubt() {
        let (began, renewed) = (Instant::now(), Duration::from_secs(110));
        let mut starts = Starts { renewed, last: None };
        for (seconds, query, wanted) in [
            (0, "watch=true&sendInitialEvents=true", false),
            (110, "watch=true&resourceVersion=7", false),
            (220, "watch=true&resourceVersion=9", false),
            (250, "watch=true&resourceVersion=9", true),
            (251, "watch=true&resourceVersion=9", true),
            (252, "limit=500", false),
            (253, "limit=500&continue=x", false),
            (254, "watch=true&resourceVersion=9", false),
            (255, "watch=true&sendInitialEvents=true", false),
        ] {
            let now = began + Duration::from_secs(seconds);
            assert_eq!(starts.is_interrupted(query, now), wanted, "{query} after {seconds} s");
        }
    }
}
