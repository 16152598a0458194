//! What the operator answers over HTTP: probes on one port, metrics on another.
//!
//! Both run on a thread of their own, so that a stalled operator still says that it is stalled. There is nothing to be
//! sent: bodies are not read, and whoever holds a connection without asking loses it.

mod access;
mod http;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use ::http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use ::http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};

pub use access::Reviewer;
use access::Verdict;

use crate::metrics::Metrics;
use crate::pulse::Pulse;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// What is served where; nothing is served without an address.
#[derive(Default)]
pub struct Serving {
    /// Where probes are answered, and from what.
    pub health: Option<(SocketAddr, Pulse)>,
    /// Where metrics are shown, which, and to whom; without a reviewer to everybody.
    pub metrics: Option<(SocketAddr, Metrics, Option<Reviewer>)>,
}

type Answer = Response<Full<Bytes>>;

/// Starts to serve.
///
/// # Errors
/// When an address cannot be listened on.
pub fn start(serving: Serving) -> Result<(), String> {
    let health =
        serving.health.map(|(at, pulse)| Ok::<_, String>((listen(at, "--health-address")?, pulse))).transpose()?;
    let metrics = serving
        .metrics
        .map(|(at, metrics, reviewer)| Ok::<_, String>((listen(at, "--metrics-address")?, metrics, reviewer)));
    let metrics = metrics.transpose()?;
    if health.is_none() && metrics.is_none() {
        return Ok(());
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let serve = async move {
        let probes = async {
            if let Some((listener, pulse)) = health {
                http::serve(listener, move |request| std::future::ready(probe(&pulse, &request))).await;
            }
        };
        let scrapes = async {
            if let Some((listener, metrics, reviewer)) = metrics {
                let reviewer = reviewer.map(Arc::new);
                http::serve(listener, move |request| scrape(metrics.clone(), reviewer.clone(), request)).await;
            }
        };
        tokio::join!(probes, scrapes);
    };
    let thread = std::thread::Builder::new().name("http".to_owned());
    thread.spawn(move || runtime.block_on(serve)).map_err(|error| error.to_string())?;
    Ok(())
}

fn listen(at: SocketAddr, flag: &str) -> Result<TcpListener, String> {
    let failed = |error: std::io::Error| format!("{at} cannot be listened on: {error}; give another with {flag}");
    let listener = TcpListener::bind(at).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    // The port may have been chosen by the system.
    let address = listener.local_addr().map_err(failed)?;
    tracing::info!(%address, flag, "listening");
    Ok(listener)
}

fn answer(status: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(text.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, ::http::HeaderValue::from_static(kind));
    answer.headers_mut().insert(CACHE_CONTROL, ::http::HeaderValue::from_static("no-store"));
    answer
}

/// The refusal of a request for something else than what there is.
fn refusal<B>(request: &Request<B>, paths: &[&str]) -> Option<Answer> {
    if !paths.contains(&request.uri().path()) {
        return Some(answer(StatusCode::NOT_FOUND, TEXT, format!("there is only {}\n", paths.join(" and "))));
    }
    if [Method::GET, Method::HEAD].contains(request.method()) {
        return None;
    }
    let mut refused = answer(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET\n");
    refused.headers_mut().insert(ALLOW, ::http::HeaderValue::from_static("GET, HEAD"));
    Some(refused)
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
    answer(status, TEXT, format!("{text}\n"))
}

async fn scrape(metrics: Metrics, reviewer: Option<Arc<Reviewer>>, request: Request<Incoming>) -> Answer {
    if let Some(refused) = refusal(&request, &["/metrics"]) {
        return refused;
    }
    if let Some(reviewer) = reviewer {
        let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
        match reviewer.review(header).await {
            Verdict::Allowed => {}
            Verdict::Unknown => {
                let mut asked = answer(StatusCode::UNAUTHORIZED, TEXT, "a bearer token of this cluster is needed\n");
                asked.headers_mut().insert(WWW_AUTHENTICATE, ::http::HeaderValue::from_static("Bearer"));
                return asked;
            }
            Verdict::Forbidden => {
                return answer(
                    StatusCode::FORBIDDEN,
                    TEXT,
                    "the right to get the path /metrics is needed (nonResourceURLs)\n",
                );
            }
            Verdict::Unclear => {
                return answer(StatusCode::SERVICE_UNAVAILABLE, TEXT, "the API server cannot be asked who this is\n");
            }
        }
    }
    match metrics.text() {
        Ok(text) => answer(StatusCode::OK, OPENMETRICS, text),
        Err(_) => answer(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "the metrics cannot be written\n"),
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
