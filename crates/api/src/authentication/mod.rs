//! The authentication types: their fields, the output key of each field, and what each type needs.
//!
//! This is the one place to add a type. A type is one `member!` (fields with their wire names and output
//! keys), one `Requires` (what must be there once the environments are merged) and one line in
//! `authentication_types!`. The CRD's rules, the chart's admission policies, merging, rendering and the reference in docs follow from it.
//! Keys are Service Binding's well-known names where one exists.

mod member;
mod oauth2;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{NamedValue, Value};
pub use member::{Content, FieldKey, Format, Slot};
use member::{Leaf, Requires, authentication_types, help, member, overlay, secret, typed, words};
pub use oauth2::{ClientAuthenticationMethod, GrantType, Jwt, OAuth2};

authentication_types! {
    /// A user name and a password, for type Basic.
    Basic "basic" basic: Basic,
    /// A key that is sent with each request, for type APIKey.
    APIKey "apiKey" api_key: ApiKey,
    /// A bearer token (RFC 6750), for type BearerToken.
    BearerToken "bearerToken" bearer_token: BearerToken,
    /// An OAuth 2.0 client (RFC 6749), for type OAuth2.
    OAuth2 "oauth2" oauth2: OAuth2,
    /// AWS access keys or a role, for type AWS.
    AWS "aws" aws: Aws,
    /// A TLS client certificate, for type ClientCertificate.
    ClientCertificate "clientCertificate" client_certificate: ClientCertificate,
    /// An SSH private key, for type SSHKey.
    SSHKey "sshKey" ssh_key: SshKey,
    /// A key pair that signs requests or tokens, for type KeyPair.
    KeyPair "keyPair" key_pair: KeyPair,
    /// SASL (RFC 4422), as Kafka takes it, for type SASL.
    SASL "sasl" sasl: Sasl,
    /// One connection string with everything in it, for type ConnectionString.
    ConnectionString "connectionString" connection_string: ConnectionString,
    /// Fields of your own, for type Custom.
    Custom "custom" custom: Custom,
}

/// The names of the fields that are not set.
fn unset(fields: &[(&'static str, bool)]) -> Vec<&'static str> {
    fields.iter().filter(|(_, set)| !set).map(|(name, _)| *name).collect()
}

member! {
    /// A user name and a password.
    Basic {
        /// The user name.
        "username" username: Value => public "username" "User name",
        /// The password.
        "password" password: Value => "password" "Password",
    }
}

impl Requires for Basic {
    fn missing(&self) -> Vec<&'static str> {
        unset(&[("username", self.username.is_some()), ("password", self.password.is_some())])
    }
}

words! {
    /// Where an API key is sent.
    ApiKeyLocation {
        /// In a header.
        Header "Header" => "Header",
        /// In the query string.
        Query "Query" => "Query",
        /// In a cookie.
        Cookie "Cookie" => "Cookie",
    }
}

member! {
    /// A key that is sent with each request.
    ApiKey {
        /// The key.
        "key" key: Value => "api-key" "API key",
        /// Where the key is sent: Header, Query or Cookie. Absent: no key tells the application.
        "in" location: ApiKeyLocation => "api-key-in" "Sent in",
        /// The name of the header, query parameter or cookie.
        #[schemars(length(min = 1, max = 253))]
        "name" name: String => "api-key-name" "Header or parameter",
        /// What stands before the key, such as `Bearer ` (with its space).
        #[schemars(length(min = 1, max = 64))]
        "prefix" prefix: String => "api-key-prefix" "Prefix",
    }
}

impl Requires for ApiKey {
    fn missing(&self) -> Vec<&'static str> {
        unset(&[("key", self.key.is_some())])
    }
}

member! {
    /// A bearer token.
    BearerToken {
        /// The token.
        "token" token: Value => "token" "Token",
    }
}

impl Requires for BearerToken {
    fn missing(&self) -> Vec<&'static str> {
        unset(&[("token", self.token.is_some())])
    }
}

member! {
    /// AWS access keys, or a role to assume.
    Aws {
        /// The access key's identifier.
        "accessKeyID" access_key_id: Value => public "access-key-id" "Access key ID",
        /// The secret access key.
        "secretAccessKey" secret_access_key: Value => "secret-access-key" "Secret access key",
        /// The session token of temporary keys.
        "sessionToken" session_token: Value => "session-token" "Session token",
        /// The ARN of the role to assume.
        #[schemars(length(min = 1, max = 2048))]
        "roleARN" role_arn: String => "role-arn" "Role ARN",
        /// The external ID that the role asks for. AWS does not treat it as a secret.
        #[schemars(length(min = 2, max = 1224))]
        "externalID" external_id: String => "external-id" "External ID",
    }
}

impl Requires for Aws {
    fn missing(&self) -> Vec<&'static str> {
        let keys =
            [("accessKeyID", self.access_key_id.is_some()), ("secretAccessKey", self.secret_access_key.is_some())];
        let only_role = self.role_arn.is_some() && keys.iter().all(|(_, set)| !set);
        if only_role { Vec::new() } else { unset(&keys) }
    }
}

member! {
    /// A TLS client certificate and its key.
    ClientCertificate {
        /// The certificate, PEM.
        "certificate" certificate: Value => public "tls.crt" "Certificate" lines,
        /// Its private key, PEM.
        "privateKey" private_key: Value => "tls.key" "Private key" lines,
    }
}

impl Requires for ClientCertificate {
    fn missing(&self) -> Vec<&'static str> {
        unset(&[("certificate", self.certificate.is_some()), ("privateKey", self.private_key.is_some())])
    }
}

member! {
    /// An SSH private key.
    SshKey {
        /// The user name.
        "username" username: Value => public "username" "User name",
        /// The private key.
        "privateKey" private_key: Value => "ssh-privatekey" "Private key" lines,
        /// The passphrase of the private key.
        "passphrase" passphrase: Value => "ssh-passphrase" "Passphrase",
    }
}

impl Requires for SshKey {
    fn missing(&self) -> Vec<&'static str> {
        unset(&[("privateKey", self.private_key.is_some())])
    }
}

member! {
    /// A key pair that signs requests or tokens.
    KeyPair {
        /// The user or account that the key belongs to.
        "username" username: Value => public "username" "User name",
        /// The identifier of the key, such as its fingerprint.
        #[schemars(length(min = 1, max = 253))]
        "keyID" key_id: String => "key-id" "Key ID",
        /// The private key that signs.
        "privateKey" private_key: Value => "signing-key" "Private key" lines,
        /// The passphrase of the private key.
        "passphrase" passphrase: Value => "signing-key-passphrase" "Passphrase",
    }
}

impl Requires for KeyPair {
    fn missing(&self) -> Vec<&'static str> {
        unset(&[("privateKey", self.private_key.is_some())])
    }
}

member! {
    /// SASL.
    Sasl {
        /// The mechanism, such as PLAIN or SCRAM-SHA-512: 1 to 20 of A-Z, 0-9, `-`, `_` (RFC 4422, section 3.1).
        #[schemars(length(max = 20))]
        "mechanism" mechanism: String => "sasl-mechanism" "Mechanism",
        /// The user name.
        "username" username: Value => public "username" "User name",
        /// The password.
        "password" password: Value => "password" "Password",
    }
}

impl Requires for Sasl {
    fn missing(&self) -> Vec<&'static str> {
        let mut fields = vec![("mechanism", self.mechanism.is_some())];
        let by_password = self.mechanism.as_deref().is_some_and(|mechanism| {
            mechanism.starts_with("SCRAM-") || ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"].contains(&mechanism)
        });
        if by_password {
            fields.extend([("username", self.username.is_some()), ("password", self.password.is_some())]);
        }
        unset(&fields)
    }
}

member! {
    /// One connection string.
    ConnectionString {
        /// The connection string, credentials included.
        "uri" uri: Value => "uri" "Connection string",
    }
}

impl Requires for ConnectionString {
    fn missing(&self) -> Vec<&'static str> {
        unset(&[("uri", self.uri.is_some())])
    }
}

member! {
    /// Fields of your own. The names are the keys in the output.
    Custom {
        /// The fields, merged by name.
        #[schemars(length(max = 64))]
        "fields" fields: Vec<NamedValue> => "" "Fields",
    }
}

impl Requires for Custom {
    fn missing(&self) -> Vec<&'static str> {
        unset(&[("fields", self.fields.as_ref().is_some_and(|fields| !fields.is_empty()))])
    }
}
