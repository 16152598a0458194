//! What can go wrong with one call, and which calls it can go wrong with.

use http::{Response, StatusCode};
use kube::client::Body;
use serde_json::{Value, json};

/// A fault. Its number is that of the fault matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// F1: the controller ends before the call is sent.
    CrashBefore,
    /// F2: the call is done, its answer is lost, and the controller ends.
    CrashUnanswered,
    /// F3: the controller ends right after the answer.
    CrashAfter,
    /// F4: refused, since something else is there.
    Conflict,
    /// F5: refused with 429, to be tried again in an hour.
    TooMany,
    /// F5: refused with 503.
    Unavailable,
    /// F6: 500, and nothing is done.
    Failed,
    /// F7: the call is done and the answer is 504.
    DoneButTimedOut,
    /// F7: the call is done and the connection is reset.
    DoneButReset,
    /// F8: not sent and never answered.
    Hang,
    /// F9: not allowed.
    Forbidden,
    /// F9: not allowed, since the namespace is going away.
    Terminating,
    /// F10: answered with this status and body, which was true some time ago.
    Stale(u16, Vec<u8>),
}

impl Fault {
    /// The faults of the matrix for a call. Where there are two forms of one, calls take turns (by `index`).
    pub(crate) fn of(call: &str, index: usize) -> Vec<Self> {
        let odd = index % 2 == 1;
        let refused = if odd { Self::TooMany } else { Self::Unavailable };
        let lost = if odd { Self::DoneButTimedOut } else { Self::DoneButReset };
        let forbidden = if odd { Self::Forbidden } else { Self::Terminating };
        match call.split(' ').next() {
            // Nothing waits for an event, and nothing is tried again for one.
            _ if call.contains(" events ") => vec![Self::CrashBefore, Self::Failed, forbidden],
            // A read commits nothing: what is lost with its answer is what is lost before it.
            Some("GET" | "LIST") => vec![Self::CrashBefore, refused, Self::Failed, lost, forbidden],
            _ => vec![
                Self::CrashBefore,
                Self::CrashUnanswered,
                Self::CrashAfter,
                Self::Conflict,
                refused,
                Self::Failed,
                lost,
                forbidden,
            ],
        }
    }

    /// The answer of a call that is refused and not sent.
    pub(crate) fn refusal(&self, method: &str) -> Option<Response<Body>> {
        let answer = match self {
            Self::Conflict if method == "POST" => status(409, "AlreadyExists", &json!({})),
            Self::Conflict => status(409, "Conflict", &json!({})),
            Self::TooMany => status(429, "TooManyRequests", &json!({"retryAfterSeconds": 3600})),
            Self::Unavailable => status(503, "ServiceUnavailable", &json!({})),
            Self::Failed => status(500, "InternalError", &json!({})),
            Self::Forbidden => status(403, "Forbidden", &json!({})),
            Self::Terminating => {
                let cause = json!({"reason": "NamespaceTerminating", "field": "metadata.namespace"});
                status(403, "Forbidden", &json!({"causes": [cause]}))
            }
            Self::Stale(code, body) => respond(*code, body.clone()),
            _ => return None,
        };
        Some(answer)
    }
}

/// An answer with a `Status`, as the API server gives it.
pub(crate) fn status(code: u16, reason: &str, details: &Value) -> Response<Body> {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "injected", "reason": reason, "details": details, "code": code,
    });
    let mut answer = respond(code, body.to_string().into_bytes());
    if matches!(code, 429 | 503) {
        answer.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("3600"));
    }
    answer
}

/// An answer with this body.
pub(crate) fn respond(code: u16, body: Vec<u8>) -> Response<Body> {
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = StatusCode::from_u16(code).expect("a status");
    answer.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    answer
}
