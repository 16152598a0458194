//! Informs the observer of each request: when a watch begins, and how each request ends.

use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use tokio::time::Instant;
use tower::{BoxError, Layer, Service};

use crate::asked::{asked, watch_of};
use crate::fence::Closed;
use crate::observer::{Answered, SharedObserver};

/// Tells this observer.
#[derive(Clone, Debug)]
pub(crate) struct Count(pub(crate) SharedObserver);

/// The service under [`Count`].
#[derive(Clone, Debug)]
pub(crate) struct Counted<S> {
    inner: S,
    observer: SharedObserver,
}

impl<S> Layer<S> for Count {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Counted<S> {
        Counted { inner, observer: self.0.clone() }
    }
}

impl<S, B, A> Service<Request<B>> for Counted<S>
where
    S: Service<Request<B>, Response = Response<A>, Error = BoxError>,
    S::Future: Send + 'static,
    A: Send + 'static,
{
    type Response = Response<A>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<A>, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (verb, resource) = asked(request.method(), request.uri());
        if matches!(verb, "watch" | "list") {
            self.observer.watching(&watch_of(request.uri()));
        }
        let (observer, began) = (self.observer.clone(), Instant::now());
        let answer = self.inner.call(request);
        async move {
            let answer = answer.await;
            let code = match &answer {
                Ok(answer) => answer.status().as_str().to_owned(),
                Err(error) => without_answer(error).to_owned(),
            };
            observer.answered(Answered { verb, resource, code: &code, took: began.elapsed() });
            answer
        }
        .boxed()
    }
}

/// The word for a request that got no answer.
fn without_answer(error: &BoxError) -> &'static str {
    if error.is::<Closed>() {
        "fenced"
    } else if error.is::<tokio::time::error::Elapsed>() {
        "timeout"
    } else {
        "unreachable"
    }
}
