//! Arbitrary specs: every field of every type of the API, valid and invalid, with names from small alphabets so that
//! they meet often. The struct literals name every field, so a new field has to be thought of here.

use std::fmt;

use appcredential_api::authentication::{
    ApiKey, ApiKeyLocation, Aws, Basic, BearerToken, ClientAuthenticationMethod, ClientCertificate, ConnectionString,
    Custom, GrantType, Jwt, KeyPair, OAuth2, Sasl, SshKey,
};
use appcredential_api::connection::{Connection, Tls, TlsMode};
use appcredential_api::credential::{
    Application, ConfigMapTarget, DeletionPolicy, Environment, Layout, SecretTarget, Target,
};
use appcredential_api::value::{KeySelector, NamedValue, Sensitive, Value, ValueSource};
use appcredential_api::{AppCredentialSpec, Authentication, AuthenticationType, SecretType};

use crate::choices::Choices;

/// A spec whose values are shown when a case fails: those of a test are not secret.
#[derive(Clone)]
pub(crate) struct Shown(pub(crate) AppCredentialSpec);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(&self.0).map_err(|_| fmt::Error)?)
    }
}

const TEXTS: [&str; 4] = ["a", "b", "two words", "ü\n\"'"];
const KEYS: [&str; 3] = ["k", "l", "tls.crt"];
const OBJECTS: [&str; 6] = ["s", "t", "u", "app-source", "app", "app-a"];
const PARAMETERS: [&str; 8] = ["p", "q", "r", "host", "password", "type", "environment", "x.authentication.y"];
const PROPERTIES: [&str; 4] = ["m", "n", "host", "p"];
const FIELDS: [&str; 4] = ["f", "g", "type", "ca.crt"];

fn text(c: &mut Choices) -> String {
    if c.wild && c.once_in(8) { String::new() } else { c.pick(&TEXTS).to_owned() }
}

/// A name of an alphabet; names that meet others and invalid ones only where it may be wild.
fn name(c: &mut Choices, alphabet: &[&str], tame: usize) -> String {
    if c.wild && c.once_in(16) {
        return c.pick(&["", "..", "UPPER", "a/b", "ü"]).to_owned();
    }
    if c.wild { c.pick(alphabet).to_owned() } else { c.pick(&alphabet[..tame]).to_owned() }
}

fn selector(c: &mut Choices) -> KeySelector {
    KeySelector { name: name(c, &OBJECTS, 4), key: name(c, &KEYS, 3), optional: c.maybe(|c| c.once_in(2)) }
}

fn source(c: &mut Choices) -> ValueSource {
    let both = if c.wild { c.below(8) } else { 0 };
    let (secret, config_map) = if both == 7 {
        (c.once_in(2), false)
    } else {
        let secret = c.once_in(2);
        (secret, !secret)
    };
    ValueSource {
        secret_key_ref: (secret || both == 6).then(|| selector(c)),
        config_map_key_ref: (config_map || both == 6).then(|| selector(c)),
    }
}

fn form(c: &mut Choices) -> (Option<Sensitive>, Option<ValueSource>) {
    match (c.wild && c.once_in(12), c.once_in(2)) {
        (false, false) => (Some(Sensitive::from(text(c))), None),
        (false, true) => (None, Some(source(c))),
        (true, false) => (None, None),
        (true, true) => (Some(Sensitive::from(text(c))), Some(source(c))),
    }
}

fn value(c: &mut Choices) -> Value {
    let (value, value_from) = form(c);
    Value { value, value_from }
}

/// Named values; of one name only one, unless it may be wild.
fn named(c: &mut Choices, alphabet: &[&str], tame: usize) -> Vec<NamedValue> {
    let mut list = c.list(4, |c| {
        let name = name(c, alphabet, tame);
        let (value, value_from) = form(c);
        NamedValue { name, value, value_from }
    });
    if !(c.wild && c.once_in(4)) {
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list.dedup_by(|a, b| a.name == b.name);
    }
    list
}

/// A field of a member: always there where the member has to be whole.
fn field<T>(c: &mut Choices, whole: bool, make: impl FnOnce(&mut Choices) -> T) -> Option<T> {
    if whole { Some(make(c)) } else { c.maybe(make) }
}

fn oauth2(c: &mut Choices, whole: bool) -> OAuth2 {
    use ClientAuthenticationMethod as Method;
    use GrantType as Grant;
    let grants =
        [Grant::AuthorizationCode, Grant::ClientCredentials, Grant::RefreshToken, Grant::JwtBearer, Grant::DeviceCode];
    let methods = [Method::None, Method::ClientSecretPost, Method::PrivateKeyJwt, Method::TlsClientAuth];
    OAuth2 {
        grant_type: c.maybe(|c| c.pick(&grants)),
        client_id: field(c, whole, value),
        client_secret: field(c, whole, value),
        token_url: c.maybe(text),
        authorization_url: c.maybe(text),
        redirect_url: c.maybe(text),
        refresh_token: field(c, whole, value),
        audience: c.maybe(text),
        client_authentication_method: c.maybe(|c| c.pick(&methods)),
        jwt: field(c, whole, |c| Jwt {
            issuer: c.maybe(text),
            subject: c.maybe(text),
            audience: c.maybe(text),
            algorithm: c.maybe(text),
            key_id: c.maybe(text),
            private_key: field(c, whole, value),
        }),
    }
}

/// Sets the member of a type, with all that the type needs or with whatever comes.
fn member(c: &mut Choices, out: &mut Authentication, kind: AuthenticationType, whole: bool) {
    use AuthenticationType as Type;
    match kind {
        Type::None => {}
        Type::Basic => out.basic = Some(Basic { username: field(c, whole, value), password: field(c, whole, value) }),
        Type::APIKey => {
            out.api_key = Some(ApiKey {
                key: field(c, whole, value),
                location: c.maybe(|c| c.pick(&[ApiKeyLocation::Header, ApiKeyLocation::Query, ApiKeyLocation::Cookie])),
                name: c.maybe(text),
                prefix: c.maybe(text),
            });
        }
        Type::BearerToken => out.bearer_token = Some(BearerToken { token: field(c, whole, value) }),
        Type::OAuth2 => out.oauth2 = Some(oauth2(c, whole)),
        Type::AWS => {
            out.aws = Some(Aws {
                access_key_id: field(c, whole, value),
                secret_access_key: field(c, whole, value),
                session_token: c.maybe(value),
                role_arn: c.maybe(text),
                external_id: c.maybe(text),
            });
        }
        Type::ClientCertificate => {
            let (certificate, private_key) = (field(c, whole, value), field(c, whole, value));
            out.client_certificate = Some(ClientCertificate { certificate, private_key });
        }
        Type::SSHKey => {
            let (username, private_key, passphrase) = (c.maybe(value), field(c, whole, value), c.maybe(value));
            out.ssh_key = Some(SshKey { username, private_key, passphrase });
        }
        Type::KeyPair => {
            out.key_pair = Some(KeyPair {
                username: c.maybe(value),
                key_id: c.maybe(text),
                private_key: field(c, whole, value),
                passphrase: c.maybe(value),
            });
        }
        Type::SASL => {
            out.sasl = Some(Sasl {
                mechanism: field(c, whole, |c| c.pick(&["PLAIN", "GSSAPI", "SCRAM-SHA-512"]).to_owned()),
                username: field(c, whole, value),
                password: field(c, whole, value),
            });
        }
        Type::ConnectionString => out.connection_string = Some(ConnectionString { uri: field(c, whole, value) }),
        Type::Custom => {
            let mut fields = named(c, &FIELDS, 2);
            if whole && fields.is_empty() {
                fields.push(NamedValue { name: "f".to_owned(), value: Some(Sensitive::from("a")), value_from: None });
            }
            out.custom = Some(Custom { fields: Some(fields) });
        }
    }
}

/// Authentication of a type, whole unless it may be wild.
pub(crate) fn authentication(c: &mut Choices, kind: Option<AuthenticationType>) -> Authentication {
    let mut out = Authentication { kind, ..Authentication::default() };
    let whole = !(c.wild && c.once_in(3));
    if let Some(kind) = kind {
        member(c, &mut out, kind, whole);
    }
    if c.wild && c.once_in(4) {
        let other = c.pick(AuthenticationType::ALL);
        member(c, &mut out, other, false);
    }
    out
}

/// What an environment lays over a type: some fields of its member, or another type.
fn over(c: &mut Choices, base: Option<AuthenticationType>) -> Authentication {
    if c.once_in(3) || base.is_none() {
        let kind = c.pick(AuthenticationType::ALL);
        return authentication(c, Some(kind));
    }
    let mut out = Authentication { kind: c.maybe(|_| base).flatten(), ..Authentication::default() };
    if let Some(base) = base {
        member(c, &mut out, base, false);
    }
    out
}

pub(crate) fn connection(c: &mut Choices) -> Connection {
    Connection {
        protocol: c.maybe(text),
        host: c.maybe(text),
        port: c.maybe(|c| if c.wild { c.pick(&[0, -1, i32::MAX]) } else { c.pick(&[1, 65535]) }),
        path: c.maybe(text),
        uri: c.maybe(text),
        database: c.maybe(text),
        endpoints: c.maybe(|c| c.list(3, text)),
        tls: c.maybe(|c| Tls {
            mode: c.maybe(|c| c.pick(&[TlsMode::Disable, TlsMode::VerifyFull])),
            server_name: c.maybe(text),
            ca: c.maybe(value),
        }),
        properties: c.maybe(|c| named(c, &PROPERTIES, 2)),
    }
}

fn target(c: &mut Choices) -> Target {
    let own = |c: &mut Choices| if c.wild { name(c, &OBJECTS, 2) } else { c.pick(&["x", "y", "z"]).to_owned() };
    Target {
        namespace: c
            .maybe(|c| c.pick(if c.wild { &["team", "other", ""] } else { &["team", "other", "third"] }).to_owned()),
        namespace_uid: (c.wild && c.once_in(8)).then(|| "uid-of-a-namespace".to_owned()),
        secret: c.maybe(|c| SecretTarget {
            name: c.maybe(own),
            layout: c.maybe(|c| c.pick(&[Layout::Split, Layout::ServiceBinding])),
            secret_type: (c.wild && c.once_in(8)).then(|| c.pick(&[SecretType::Opaque, SecretType::BasicAuth])),
        }),
        config_map: c.maybe(|c| ConfigMapTarget { name: c.maybe(own) }),
        deletion_policy: c.once_in(8).then_some(DeletionPolicy::Retain),
        labels: c.once_in(8).then(|| [("team".to_owned(), "shop".to_owned())].into()),
        output: None,
        annotations: c.once_in(8).then(|| [("contact".to_owned(), "the shop".to_owned())].into()),
    }
}

fn environment(c: &mut Choices, name: &str, base: Option<AuthenticationType>) -> Environment {
    Environment {
        name: name.to_owned(),
        authentication: c.maybe(|c| over(c, base)),
        connection: c.maybe(connection),
        scopes: c.maybe(|c| c.list(2, text)),
        parameters: c.maybe(|c| named(c, &PARAMETERS, 3)),
        output: None,
        excluded_parameters: c.wild.then(|| c.list(3, name_of_parameter)),
        targets: c.maybe(|c| if c.wild { c.list(3, target) } else { c.maybe(target).into_iter().collect() }),
    }
}

fn name_of_parameter(c: &mut Choices) -> String {
    name(c, &PARAMETERS, 3)
}

/// Any spec.
pub(crate) fn spec(c: &mut Choices) -> AppCredentialSpec {
    let kind = if c.wild && c.once_in(6) { None } else { Some(c.pick(AuthenticationType::ALL)) };
    let names: &[&str] = if c.wild { &["a", "b", "a-b", "default", "Upper"] } else { &["a", "b", "c"] };
    let count = c.below(names.len() + 1);
    let environments: Vec<Environment> = names[..count].iter().map(|name| environment(c, name, kind)).collect();
    let targets = if count == 0 || (c.wild && c.once_in(4)) { c.maybe(|c| c.list(2, target)) } else { None };
    AppCredentialSpec {
        description: c.maybe(text),
        application: Application { kind: "db".to_owned(), provider: c.maybe(text) },
        suspend: None,
        authentication: (kind.is_some() || c.once_in(2)).then(|| authentication(c, kind)),
        connection: c.maybe(connection),
        scopes: c.maybe(|c| c.list(3, text)),
        parameters: c.maybe(|c| named(c, &PARAMETERS, 3)),
        output: None,
        environments: (count > 0 || c.once_in(2)).then_some(environments),
        targets,
    }
}
