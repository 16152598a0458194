//! What the API server said, in words that hold no value.
//!
//! The API server's own messages quote what was sent ("Invalid value: ..."), and decoding errors quote what
//! came back. So only the code, the reason and the names of fields are taken over.

use std::time::Duration;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The API server answered with an error.
    #[error("the API server answered {code} {reason}{}", fields(.causes))]
    Answer {
        /// The HTTP status.
        code: u16,
        /// The reason, such as `Forbidden`.
        reason: String,
        /// Fields or causes that the answer names, without their values.
        causes: Vec<String>,
        /// How long the API server asks to wait.
        retry_after: Option<Duration>,
    },
    /// No answer in time.
    #[error("the API server did not answer within {} s", super::CALL_TIMEOUT.as_secs())]
    TimedOut,
    /// No connection.
    #[error("the API server could not be reached")]
    Unreachable,
    /// The answer could not be understood.
    #[error("the API server's answer could not be understood")]
    Decode,
    /// The request could not be made.
    #[error("the request could not be made: a name in it is not valid")]
    Build,
}

fn fields(causes: &[String]) -> String {
    if causes.is_empty() { String::new() } else { format!(" ({})", causes.join(", ")) }
}

impl From<&kube::Error> for CallError {
    fn from(error: &kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => {
                let details = status.details.as_ref();
                let causes = details.map(|details| {
                    details
                        .causes
                        .iter()
                        .map(|cause| if cause.field.is_empty() { cause.reason.clone() } else { cause.field.clone() })
                        .collect()
                });
                let seconds = details.map(|details| details.retry_after_seconds).filter(|seconds| *seconds > 0);
                Self::Answer {
                    code: status.code,
                    reason: status.reason.clone(),
                    causes: causes.unwrap_or_default(),
                    retry_after: seconds.map(|seconds| Duration::from_secs(u64::from(seconds))),
                }
            }
            kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => Self::Decode,
            kube::Error::BuildRequest(_) => Self::Build,
            _ => Self::Unreachable,
        }
    }
}

impl CallError {
    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Answer { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether the same call may succeed in a moment.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Answer { code, .. } => matches!(code, 429 | 500 | 502 | 503 | 504),
            Self::TimedOut | Self::Unreachable => true,
            Self::Decode | Self::Build => false,
        }
    }
}
