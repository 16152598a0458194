//! Connection settings: where the application is and how it is reached. None of it is secret, except what
//! a property takes from a Secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use super::value::{NamedValue, Value};

/// How TLS is used, in the words that databases and brokers share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "")]
pub enum TlsMode {
    /// No TLS.
    Disable,
    /// TLS, the server's certificate unchecked.
    Require,
    /// TLS, the certificate checked against the CA.
    VerifyCA,
    /// TLS, the certificate and the server's name checked.
    VerifyFull,
    /// TLS that starts within a plain connection, as mail servers do.
    StartTLS,
}

impl TlsMode {
    /// The word that stands in the output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Disable => "Disable",
            Self::Require => "Require",
            Self::VerifyCA => "VerifyCA",
            Self::VerifyFull => "VerifyFull",
            Self::StartTLS => "StartTLS",
        }
    }
}

/// TLS settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// How TLS is used: Disable, Require, VerifyCA (the certificate is checked against the CA), VerifyFull (the server's name too) or StartTLS. Absent: no key tells the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<TlsMode>,
    /// The name that the server's certificate must have, where it differs from the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub server_name: Option<String>,
    /// The CA certificates that the server's is checked against, PEM. They are public and go to the ConfigMap, unless they are read from a Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<Value>,
}

/// Connection settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The protocol, in the application's own word, such as postgresql or SASL_SSL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub protocol: Option<String>,
    /// The host name or IP address. In an environment it drops an inherited `uri`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub host: Option<String>,
    /// The port, 1 to 65535.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// The path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    pub path: Option<String>,
    /// The whole address as a URI. In an environment it drops the inherited protocol, host, port, path and endpoints. It is not secret: a URI with a password in it belongs to authentication type ConnectionString.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub uri: Option<String>,
    /// The database, or what the application calls so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub database: Option<String>,
    /// Several addresses, such as the brokers of a cluster; comma-joined in the output. Replaced whole by an environment, where they drop an inherited `uri`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), inner(length(max = 256)))]
    pub endpoints: Option<Vec<String>>,
    /// TLS settings, merged by field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// Any other connection setting, merged by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub properties: Option<Vec<NamedValue>>,
}

fn replace<T: Clone>(base: &mut Option<T>, over: Option<&T>) {
    if let Some(over) = over {
        *base = Some(over.clone());
    }
}

impl Tls {
    fn overlay(&mut self, over: &Self) {
        replace(&mut self.mode, over.mode.as_ref());
        replace(&mut self.server_name, over.server_name.as_ref());
        replace(&mut self.ca, over.ca.as_ref());
    }
}

impl Connection {
    /// Lays an environment's connection over this one (design: merge rule 4).
    pub fn overlay(&mut self, over: &Self) {
        if over.uri.is_some() {
            self.protocol = None;
            self.host = None;
            self.port = None;
            self.path = None;
            self.endpoints = None;
        }
        if over.host.is_some() || over.endpoints.is_some() {
            self.uri = None;
        }
        replace(&mut self.protocol, over.protocol.as_ref());
        replace(&mut self.host, over.host.as_ref());
        replace(&mut self.port, over.port.as_ref());
        replace(&mut self.path, over.path.as_ref());
        replace(&mut self.uri, over.uri.as_ref());
        replace(&mut self.database, over.database.as_ref());
        replace(&mut self.endpoints, over.endpoints.as_ref());
        match (self.tls.as_mut(), &over.tls) {
            (Some(base), Some(over)) => base.overlay(over),
            (None, Some(over)) => self.tls = Some(over.clone()),
            (_, None) => {}
        }
        if let Some(over) = &over.properties {
            named::overlay(self.properties.get_or_insert_default(), over);
        }
    }
}
