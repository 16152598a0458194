//! A watch starts at most once a second.
//!
//! A watch that the server closes as soon as it is opened would be opened again thousands of times a second, since kube
//! takes a closed watch for its usual end and reports no error (docs/upstream.md).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::Request;
use tokio::time::Instant;
use tower::BoxError;
use tower::filter::AsyncPredicate;

use crate::asked::{asked, watch_of};

/// The least time between two starts of one watch.
const WATCH_FLOOR: Duration = Duration::from_secs(1);

/// Lets a request wait until it may start. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floor {
    starts: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Floor {
    /// When a request may start; none for at once.
    fn start<B>(&self, request: &Request<B>) -> Option<Instant> {
        if asked(request.method(), request.uri()).0 != "watch" {
            return None;
        }
        let now = Instant::now();
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        let last = starts.entry(watch_of(request.uri())).or_insert(now - WATCH_FLOOR);
        *last = now.max(*last + WATCH_FLOOR);
        Some(*last)
    }
}

impl<B: Send + 'static> AsyncPredicate<Request<B>> for Floor {
    type Future = BoxFuture<'static, Result<Request<B>, BoxError>>;
    type Request = Request<B>;

    fn check(&mut self, request: Request<B>) -> Self::Future {
        let start = self.start(&request);
        async move {
            if let Some(start) = start {
                tokio::time::sleep_until(start).await;
            }
            Ok(request)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_watch_starts_at_most_once_a_second_others_at_once() {
        let floor = Floor::default();
        let now = Instant::now();
        let started = |uri: &'static str| {
            let mut request = Request::new(());
            *request.uri_mut() = http::Uri::from_static(uri);
            floor.start(&request)
        };
        assert_eq!(started("/api/v1/secrets?&watch=true&labelSelector=a"), Some(now));
        assert_eq!(started("/api/v1/secrets?&watch=true&labelSelector=a&resourceVersion=7"), Some(now + WATCH_FLOOR));
        assert_eq!(started("/api/v1/secrets?&watch=true&labelSelector=b"), Some(now));
        assert_eq!(started("/api/v1/secrets?limit=5"), None);
        assert_eq!(started("/api/v1/secrets?limit=5"), None);
    }
}
