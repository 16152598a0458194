//! What the API server said, in words that hold no value.
//!
//! The API server's own messages quote what was sent ("Invalid value: ..."), and decoding errors quote what
//! came back. So only the code, the reason and the names of fields are taken over.

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

/// The fields that an answer names, and the quota that was exceeded: nothing that was sent.
fn causes(status: &kube::core::Status) -> Vec<String> {
    let details = status.details.as_ref().map(|details| details.causes.as_slice()).unwrap_or_default();
    let named = details.iter().map(|cause| if cause.field.is_empty() { &cause.reason } else { &cause.field });
    let quota = status.message.split_once("exceeded quota: ").and_then(|(_, rest)| rest.split(',').next());
    let quota = quota.map(|name| format!("exceeded quota: {name}"));
    named.filter(|text| !text.is_empty()).cloned().chain(quota).collect()
}

impl From<&kube::Error> for CallError {
    fn from(error: &kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => {
                Self::Answer { code: status.code, reason: status.reason.clone(), causes: causes(status) }
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
