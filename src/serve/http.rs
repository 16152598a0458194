//! HTTP/1.1 for a handful of readers, whoever else connects.
//!
//! A connection has to ask within seconds and may last a minute. When there are many, the oldest goes: whoever asks
//! at once, as a probe does, is answered even while others open connections by the thousand. What is answered may have
//! a deadline of its own (`Leash`), since a slow reader of a large answer holds it in memory.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

/// How long a request's head may take, from the connection or the answer before it.
const HEAD: Duration = Duration::from_secs(5);
/// How large it may be, and how much of an answer may be in hyper's hands.
const BUFFER_BYTES: usize = 16 * 1024;
/// How much of an answer may wait in the system for a reader.
const SEND_BYTES: u32 = 64 * 1024;
/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;
/// How long a connection may last.
const CONNECTION: Duration = Duration::from_secs(60);
/// How many there may be.
const CONNECTIONS: usize = 128;

/// By when a connection ends, whatever it is at. Clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Leash(watch::Sender<Option<Instant>>);

impl Leash {
    /// One without an end.
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// The connection ends then, or not before its own time.
    pub(super) fn set(&self, end: Option<Instant>) {
        self.0.send_replace(end);
    }

    /// Waits until the end.
    pub(super) async fn ends(&self) {
        let mut end = self.0.subscribe();
        loop {
            let now = *end.borrow_and_update();
            tokio::select! {
                // It cannot be closed: this one sends too.
                _ = end.changed() => {}
                () = sleep_until(now) => return,
            }
        }
    }
}

async fn sleep_until(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// The address at the other end.
    pub(super) address: IpAddr,
    /// What the connection is held by.
    pub(super) leash: Leash,
}

/// Listens on an address, within a runtime.
pub(super) fn listen(at: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A port of a process that has just ended can be had at once.
    socket.set_reuseaddr(true)?;
    // Each connection gets what this one has. What waits there is memory of the pod, and would be megabytes otherwise.
    socket.set_send_buffer_size(SEND_BYTES)?;
    socket.bind(at)?;
    socket.listen(BACKLOG)
}

/// Serves for ever.
pub(super) async fn serve<H, F, B>(listener: TcpListener, handler: H)
where
    H: Fn(Peer, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let mut connections = JoinSet::new();
    let mut ages: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    while ages.front().is_some_and(AbortHandle::is_finished) {
                        ages.pop_front();
                    }
                    if connections.len() >= CONNECTIONS && let Some(oldest) = ages.pop_front() {
                        oldest.abort();
                    }
                    let peer = Peer { address: from.ip(), leash: Leash::new() };
                    ages.push_back(connections.spawn(connection(stream, peer, handler.clone())));
                }
                // No file descriptors, for one: soon there are some.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<H, F, B>(stream: TcpStream, peer: Peer, handler: H)
where
    H: Fn(Peer, Request<Incoming>) -> F + Send + Sync,
    F: Future<Output = Response<B>> + Send,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let leash = peer.leash.clone();
    let service = service_fn(|request| {
        let answer = handler(peer.clone(), request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(BUFFER_BYTES);
    // However it ends, the one at the other end knows.
    tokio::select! {
        _ = http.serve_connection(TokioIo::new(stream), service) => {}
        () = tokio::time::sleep(CONNECTION) => {}
        () = leash.ends() => {}
    }
}
