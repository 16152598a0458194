//! An answer begins in time, and a leader writes only while it leads.
//!
//! A server that accepts a connection and never answers would block a watch for ever: kube has no time limit for the
//! start of an answer besides that of each read (docs/upstream.md).

use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use tower::{BoxError, Layer, Service};

use crate::fence::Fence;

/// How long an answer may take to begin.
const ANSWER: Duration = Duration::from_secs(15);

/// Limits the time of an answer, and that of a write by this fence.
#[derive(Clone, Debug)]
pub(crate) struct Deadline(pub(crate) Fence);

/// The service under [`Deadline`].
#[derive(Clone, Debug)]
pub(crate) struct InTime<S> {
    inner: S,
    fence: Fence,
}

impl<S> Layer<S> for Deadline {
    type Service = InTime<S>;

    fn layer(&self, inner: S) -> InTime<S> {
        InTime { inner, fence: self.0.clone() }
    }
}

impl<S, B, A> Service<Request<B>> for InTime<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxError>,
    A: Send + 'static,
{
    type Response = Response<A>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<A>, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let most = match self.fence.lets_pass(&request, ANSWER) {
            Ok(most) => most,
            Err(closed) => return futures::future::ready(Err(closed.into())).boxed(),
        };
        let answer = self.inner.call(request);
        async move { tokio::time::timeout(most, answer).await?.map_err(Into::into) }.boxed()
    }
}
