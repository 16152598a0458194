//! A page of a list that is too large to be held ends with an error, for which the list is asked for in smaller pages
//! (`watch`). kube decodes a page as a whole, and has no limit of its own (docs/upstream.md).

use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response, Uri};
use http_body_util::Limited;
use tower::{Layer, Service};

use crate::asked::asked;

/// The most bytes of a page of a list that has more than one object. It is in memory three times while it is decoded.
const PAGE_BYTES: usize = 6 * 1024 * 1024;

/// Limits the bytes of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages;

/// The service under [`Pages`].
#[derive(Clone, Debug)]
pub(crate) struct LimitPages<S>(S);

impl<S> Layer<S> for Pages {
    type Service = LimitPages<S>;

    fn layer(&self, inner: S) -> LimitPages<S> {
        LimitPages(inner)
    }
}

impl<S, B, A> Service<Request<B>> for LimitPages<S>
where
    S: Service<Request<B>, Response = Response<A>>,
    S::Future: Send + 'static,
{
    type Response = Response<Limited<A>>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let most = limit(request.uri(), asked(request.method(), request.uri()).0);
        let answer = self.0.call(request);
        async move { Ok(answer.await?.map(|body| Limited::new(body, most))) }.boxed()
    }
}

/// How much of an answer may come. A page of one object has to be taken as it is.
fn limit(uri: &Uri, verb: &str) -> usize {
    let single = || uri.query().unwrap_or_default().split('&').any(|part| part == "limit=1");
    if verb == "list" && !single() { PAGE_BYTES } else { usize::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_lists_are_bounded_unless_they_have_one_object() {
        for (uri, bounded) in [
            ("/api/v1/secrets?&limit=500", true),
            ("/api/v1/secrets?&limit=1", false),
            ("/api/v1/secrets?&limit=1&continue=x", false),
            ("/api/v1/secrets?&watch=true&sendInitialEvents=true", false),
            ("/api/v1/namespaces/a/secrets/b", false),
        ] {
            let address: Uri = uri.parse().unwrap_or_default();
            let verb = asked(&http::Method::GET, &address).0;
            assert_eq!(limit(&address, verb) == PAGE_BYTES, bounded, "{uri}");
        }
    }
}
