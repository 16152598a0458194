//! `Value`: one leaf of a credential, as plain text or as a reference to its source.
//!
//! The words are those of `env` in a Pod (`value`, `valueFrom`, `secretKeyRef`, `configMapKeyRef`). A
//! reference never names a namespace: sources stand beside the credential, so that nobody can read
//! another team's Secret through the operator.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// How many characters of plain text a value may have. Certificates and keys are longer; they come from a Secret or ConfigMap.
pub const PLAIN_MAX: usize = 8192;

/// What is wrong with the form of a value, and what to do, for the policy and for conditions.
pub const NO_FORM: &str = "is empty: set value or valueFrom";
/// See [`NO_FORM`].
pub const TWO_FORMS: &str = "has two forms: keep one of value and valueFrom";
/// See [`NO_FORM`].
pub const NO_SOURCE: &str = "names no source: set valueFrom.secretKeyRef or valueFrom.configMapKeyRef";
/// See [`NO_FORM`].
pub const TWO_SOURCES: &str = "has two sources: keep one of valueFrom.secretKeyRef and valueFrom.configMapKeyRef";
/// See [`NO_FORM`].
pub const BAD_NAME: &str = "refers to a name that no object has: use lower-case letters, digits, - and ., with a letter or digit first and last";
/// See [`NO_FORM`].
pub const BAD_KEY: &str =
    "refers to a key that no object has: use letters, digits, -, _ and ., not . alone and not .. first";

/// Text that may be secret: its `Debug` shows nothing of it. Clones share it, and its memory is wiped when the last one is
/// dropped.
#[derive(Clone, Default, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub struct Sensitive(#[schemars(with = "String", length(max = 8192))] Arc<Zeroizing<String>>);

impl Sensitive {
    /// The text itself. Only `render` and comparisons in tests have a reason to ask for it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Sensitive {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.expose().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// A leaf that may hold something secret: exactly one of `value` and `valueFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Value {
    /// The value as plain text, at most 8,192 characters. It stands readable in this resource: prefer `valueFrom` for anything secret, and for certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Sensitive>,
    /// Where the value is read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<ValueSource>,
}

/// A named value, as in the `env` of a Pod: exactly one of `value` and `valueFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedValue {
    /// The name, which is the key in the output: letters, digits, `-`, `_` and `.`.
    #[schemars(length(max = 253))]
    pub name: String,
    /// The value as plain text, at most 8,192 characters. It stands readable in this resource: prefer `valueFrom` for anything secret, and for certificates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Sensitive>,
    /// Where the value is read from. What comes from a Secret goes to the Secret of the output only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_from: Option<ValueSource>,
}

/// Where a value is read from: exactly one of the two, in the namespace of the credential.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValueSource {
    /// A key of a Secret in the namespace of the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeySelector>,
    /// A key of a ConfigMap in the namespace of the credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeySelector>,
}

/// A key of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeySelector {
    /// The name of the object.
    #[schemars(length(max = 253))]
    pub name: String,
    /// The key in its data.
    #[schemars(length(max = 253))]
    pub key: String,
    /// Whether the object or the key may be missing. A missing optional value leaves its key out of the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<bool>,
}

/// What a leaf says of its value, once the form is known to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form<'a> {
    /// Plain text.
    Plain(&'a Sensitive),
    /// A key of a Secret.
    Secret(&'a KeySelector),
    /// A key of a ConfigMap.
    ConfigMap(&'a KeySelector),
}

/// Reads the one form that is set, or says what is wrong. Admission refuses the wrong ones; what was stored
/// before the schema was tightened is reported here.
fn form<'a>(value: Option<&'a Sensitive>, from: Option<&'a ValueSource>) -> Result<Form<'a>, &'static str> {
    match (value, from) {
        (Some(text), None) => Ok(Form::Plain(text)),
        (None, Some(from)) => match (&from.secret_key_ref, &from.config_map_key_ref) {
            (Some(secret), None) => Ok(Form::Secret(secret)),
            (None, Some(config_map)) => Ok(Form::ConfigMap(config_map)),
            (None, None) => Err(NO_SOURCE),
            (Some(_), Some(_)) => Err(TWO_SOURCES),
        },
        (None, None) => Err(NO_FORM),
        (Some(_), Some(_)) => Err(TWO_FORMS),
    }
}

impl Value {
    /// The one form that is set.
    ///
    /// # Errors
    /// What is wrong and what to do, without any value.
    pub fn form(&self) -> Result<Form<'_>, &'static str> {
        form(self.value.as_ref(), self.value_from.as_ref())
    }
}

impl NamedValue {
    /// The one form that is set.
    ///
    /// # Errors
    /// What is wrong and what to do, without any value.
    pub fn form(&self) -> Result<Form<'_>, &'static str> {
        form(self.value.as_ref(), self.value_from.as_ref())
    }
}
