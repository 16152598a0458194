//! The HTTP servers of the operator: probes on one port, metrics on another.
//!
//! Each runs on a thread of its own, so that a stalled operator still says that it is stalled, and so that nobody who
//! asks for metrics delays a probe. There is nothing to be sent: bodies are not read, and whoever holds a connection
//! without asking loses it.

mod access;
mod http;
mod known;
mod scrape;

use std::net::SocketAddr;
use std::sync::Arc;

use ::http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::{Bytes, Incoming};
use tokio::net::TcpListener;

use access::{Reviewer, Verdict};
use http::Peer;
use scrape::Text;

use crate::metrics::Metrics;
use crate::pulse::Pulse;
use crate::thread::{self, ThreadError};
use appcredential_cluster::Cluster;
use appcredential_cluster::client::{Access, ConnectError};

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What is served where; nothing is served without an address.
#[derive(Default)]
pub struct Serving {
    /// Where probes are answered, and from what.
    pub health: Option<(SocketAddr, Pulse)>,
    /// Where metrics are shown, and which; to those whom the API server vouches for, or without a way to it to everybody.
    pub metrics: Option<(SocketAddr, Metrics, Option<Access>)>,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is not free, or not ours.
    #[error("{address} cannot be listened on: {error}; give another with {flag}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// The flag that gives it.
        flag: &'static str,
        /// What the system says.
        error: std::io::Error,
    },
    /// There is no client for reviews.
    #[error(transparent)]
    Reviews(#[from] ConnectError),
}

type Answer = Response<Text>;

/// Starts to serve.
///
/// # Errors
/// When an address cannot be listened on, or when there is no client for reviews.
pub fn start(serving: Serving) -> Result<(), ThreadError<ListenError>> {
    if let Some((at, pulse)) = serving.health {
        let answer = move |_: Peer, request: Request<Incoming>| std::future::ready(probe(&pulse, &request));
        let make = move || listen(at, "--health-address");
        thread::start("health", make, move |listener| http::serve(listener, answer))?;
    }
    if let Some((at, metrics, reviews)) = serving.metrics {
        let make = move || Ok((listen(at, "--metrics-address")?, reviewer(reviews)?));
        let run = move |(listener, reviewer)| {
            let scraped = Arc::new(Scraped { metrics, reviewer, scrapes: scrape::Shared::default() });
            http::serve(listener, move |peer: Peer, request| Arc::clone(&scraped).answer(peer, request))
        };
        thread::start("metrics", make, run)?;
    }
    Ok(())
}

fn listen(address: SocketAddr, flag: &'static str) -> Result<TcpListener, ListenError> {
    let failed = |error| ListenError::Address { address, flag, error };
    let listener = http::listen(address).map_err(failed)?;
    // The port may have been chosen by the system.
    let address = listener.local_addr().map_err(failed)?;
    tracing::info!(%address, flag, "listening");
    Ok(listener)
}

/// Makes the one who asks the API server about tokens, with connections of its own.
fn reviewer(reviews: Option<Access>) -> Result<Option<Reviewer>, ListenError> {
    let client = reviews.map(|access| access.client()).transpose()?;
    Ok(client.map(|client| Reviewer::new(Cluster::new(client))))
}

fn answer(status: StatusCode, kind: &'static str, text: Text) -> Answer {
    let mut answer = Response::new(text);
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// An answer in words.
fn say(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    answer(status, TEXT, Text::short(text))
}

fn say_with(status: StatusCode, text: &'static str, header: HeaderName, value: &'static str) -> Answer {
    let mut answer = say(status, text);
    answer.headers_mut().insert(header, HeaderValue::from_static(value));
    answer
}

/// The refusal of a request for something else than what there is.
fn refusal<B>(request: &Request<B>, paths: &[&str]) -> Option<Answer> {
    if !paths.contains(&request.uri().path()) {
        return Some(say(StatusCode::NOT_FOUND, format!("there is only {}\n", paths.join(" and "))));
    }
    if [Method::GET, Method::HEAD].contains(request.method()) {
        return None;
    }
    Some(say_with(StatusCode::METHOD_NOT_ALLOWED, "only GET\n", ALLOW, "GET, HEAD"))
}

fn probe<B>(pulse: &Pulse, request: &Request<B>) -> Answer {
    if let Some(refused) = refusal(request, &["/livez", "/readyz"]) {
        return refused;
    }
    let (well, text) = match request.uri().path() {
        "/livez" => match pulse.alive() {
            Ok(()) => (true, "ok".to_owned()),
            Err(stalled) => (false, stalled),
        },
        _ => match pulse.ready() {
            Ok(text) => (true, text.to_owned()),
            Err(text) => (false, text.to_owned()),
        },
    };
    let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    say(status, format!("{text}\n"))
}

/// What a scrape needs.
struct Scraped {
    metrics: Metrics,
    reviewer: Option<Reviewer>,
    scrapes: scrape::Shared,
}

impl Scraped {
    async fn answer(self: Arc<Self>, peer: Peer, request: Request<Incoming>) -> Answer {
        if let Some(refused) = refusal(&request, &["/metrics"]) {
            return refused;
        }
        if let Some(reviewer) = &self.reviewer {
            let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
            if let Some(refused) = denial(reviewer.review(peer.address, header).await) {
                return refused;
            }
        }
        match scrape::answer(&self.scrapes, peer.leash, || self.metrics.text()) {
            Ok(text) => answer(StatusCode::OK, OPENMETRICS, text),
            Err(_) => say(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n"),
        }
    }
}

/// The refusal of a request with a token like that.
fn denial(verdict: Verdict) -> Option<Answer> {
    match verdict {
        Verdict::Allowed => None,
        Verdict::Unknown => Some(say_with(
            StatusCode::UNAUTHORIZED,
            "a bearer token of this cluster is needed\n",
            WWW_AUTHENTICATE,
            "Bearer",
        )),
        Verdict::Forbidden => {
            Some(say(StatusCode::FORBIDDEN, "the right to get the path /metrics is needed (nonResourceURLs)\n"))
        }
        Verdict::Busy => Some(say_with(
            StatusCode::TOO_MANY_REQUESTS,
            "too many tokens that are not known; ask again in some seconds\n",
            RETRY_AFTER,
            "2",
        )),
        Verdict::Unclear => Some(say(StatusCode::SERVICE_UNAVAILABLE, "the API server cannot be asked who this is\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::Stage;

    fn asked(pulse: &Pulse, method: Method, path: &'static str) -> u16 {
        let mut request = Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = ::http::Uri::from_static(path);
        probe(pulse, &request).status().as_u16()
    }

    #[test]
    fn a_probe_is_answered_by_what_the_pulse_says() {
        let pulse = Pulse::default();
        assert_eq!((asked(&pulse, Method::GET, "/livez"), asked(&pulse, Method::GET, "/readyz")), (200, 503));
        pulse.stage(Stage::Running);
        assert_eq!(asked(&pulse, Method::HEAD, "/readyz?verbose"), 200);
    }

    #[test]
    fn there_is_nothing_else() {
        let pulse = Pulse::default();
        assert_eq!(asked(&pulse, Method::GET, "/metrics"), 404);
        assert_eq!(asked(&pulse, Method::GET, "/livez/../readyz"), 404);
        assert_eq!(asked(&pulse, Method::POST, "/livez"), 405);
    }
}
