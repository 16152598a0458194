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
    /// The answer is larger than any object can be.
    #[error("the API server's answer is too large")]
    TooLarge,
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
    /// Returns the HTTP status, if there was an answer.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Answer { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Returns whether the answer names this field or cause.
    #[must_use]
    pub fn names(&self, cause: &str) -> bool {
        matches!(self, Self::Answer { causes, .. } if causes.iter().any(|known| known == cause))
    }

    /// Returns whether the same call may succeed in a moment.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Answer { code, .. } => matches!(code, 429 | 500 | 502 | 503 | 504),
            Self::TimedOut | Self::Unreachable => true,
            Self::Decode | Self::TooLarge | Self::Build => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: serde_json::Value) -> String {
        match serde_json::from_value(status) {
            Ok(status) => CallError::from(&kube::Error::Api(Box::new(status))).to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_refusal_names_the_fields_and_quotes_nothing_that_was_sent() {
        let text = told(serde_json::json!({
            "status": "Failure", "code": 422, "reason": "Invalid",
            "message": "Secret \"x\" is invalid: data[a]: Invalid value: \"hunter2\": too odd",
            "details": {"causes": [{"reason": "FieldValueInvalid", "field": "data[a]", "message": "Invalid value: \"hunter2\""}]},
        }));
        assert_eq!(text, "the API server answered 422 Invalid (data[a])");
    }

    #[test]
    fn a_full_quota_and_a_namespace_that_ends_are_named() {
        let quota = told(serde_json::json!({
            "status": "Failure", "code": 403, "reason": "Forbidden",
            "message": "secrets \"x\" is forbidden: exceeded quota: few, requested: count/secrets=1, used: 5, limited: 5",
        }));
        assert_eq!(quota, "the API server answered 403 Forbidden (exceeded quota: few)");
        let ending = told(serde_json::json!({
            "status": "Failure", "code": 403, "reason": "Forbidden", "message": "forbidden",
            "details": {"causes": [{"reason": "NamespaceTerminating", "message": "x", "field": ""}]},
        }));
        assert_eq!(ending, "the API server answered 403 Forbidden (NamespaceTerminating)");
    }

    #[test]
    fn an_undecodable_answer_is_reported_without_its_text() {
        let error = serde_json::from_str::<u8>("\"hunter2\"").err().map(kube::Error::SerdeError);
        let text = error.as_ref().map(|error| CallError::from(error).to_string());
        assert_eq!(text.as_deref(), Some("the API server's answer could not be understood"));
    }
}
