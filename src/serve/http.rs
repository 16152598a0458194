//! HTTP/1.1 for a handful of readers, whoever else connects.
//!
//! A connection has to ask within seconds and may last a minute. When there are many, the oldest goes: whoever asks
//! at once, as a probe does, is answered even while others open connections by the thousand.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tracing::warn;

/// How long a request's head may take, from the connection or the answer before it.
const HEAD: Duration = Duration::from_secs(5);
/// How large it may be.
const HEAD_BYTES: usize = 16 * 1024;
/// How long a connection may last.
const CONNECTION: Duration = Duration::from_secs(60);
/// How many there may be.
const CONNECTIONS: usize = 128;

/// Serves for ever.
pub(super) async fn serve<H, F>(listener: std::net::TcpListener, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            warn!(%error, "a port cannot be served");
            return;
        }
    };
    let mut connections = JoinSet::new();
    let mut ages: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    while ages.front().is_some_and(AbortHandle::is_finished) {
                        ages.pop_front();
                    }
                    if connections.len() >= CONNECTIONS && let Some(oldest) = ages.pop_front() {
                        oldest.abort();
                    }
                    ages.push_back(connections.spawn(connection(stream, handler.clone())));
                }
                // No file descriptors, for one: soon there are some.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<H, F>(stream: TcpStream, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync,
    F: Future<Output = Response<Full<Bytes>>> + Send,
{
    let service = service_fn(|request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    // However it ends, the one at the other end knows.
    let _ = tokio::time::timeout(CONNECTION, http.serve_connection(TokioIo::new(stream), service)).await;
}
