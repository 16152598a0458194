//! Plain secrets: plain values that are named like a secret or hold one.
//!
//! A pattern is a constant that CEL (the schema's rules, the chart's policy) and the operator both match, in the syntax
//! that RE2 and `regex` share. What each of them takes for a secret and what not is one table, `tests/plain/cases.rs`,
//! which is held against both. A pattern names no value: whoever matches tells the field alone.
//!
//! What counts in a name are its last words: `db_password` and `accessToken` are secrets; `token_url`, `secretName` and
//! `max_tokens` are not. A reference that something else fills in later (`${PASSWORD}`, `{{ .password }}`) is no
//! secret.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::authentication::{Authentication, AuthenticationType, Content};
use super::credential::Environment;
use super::value::{NamedValue, Sensitive};
use super::{AppCredentialSpec, Connection};

/// What separates the words of a name; in a URI it may be percent-encoded.
macro_rules! separator {
    () => {
        "(?:[-_.]|%5f|%2d|%2e)"
    };
}

/// Words that tell a secret wherever a name ends with them: `dbpassword`, `accessToken`, `AWS_SECRET_ACCESS_KEY`.
macro_rules! long_words {
    () => {
        concat!(
            "(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api",
            separator!(),
            "?key|(?:account|auth|encryption|master|private|secret|shared|signing)",
            separator!(),
            "?(?:access",
            separator!(),
            "?)?key)"
        )
    };
}

/// How a password begins that is none which something else fills in: `${PASSWORD}`, `$(PASSWORD)`, `%(password)s`, `<password>`.
macro_rules! beginning {
    ($but:literal) => {
        concat!("(?:[^", $but, r"\s$%{<]|[$%][^", $but, r"\s({])")
    };
}

/// A name and the sign between it and its value, as far as the first character of that.
macro_rules! assignment {
    () => {
        concat!(
            r"(?:^|[?&;,#\s\x22\x27(])(?:[a-z0-9_.%-]*",
            long_words!(),
            "|(?:[a-z0-9_.%-]*",
            separator!(),
            r")?(?:pass|pwd|pw|sig|signature))\s*=\s*[\x22\x27]?",
            beginning!(r"&;\x22\x27")
        )
    };
}

/// A user and a password before a host: of a URI (`amqp://u:p@h`; by the letter, and with a `/`, `?` or `#` in the
/// password, unless what stands there is a port), of Go's MySQL driver (`u:p@tcp(h)/db`).
macro_rules! address {
    () => {
        concat!(
            r"//[^/?#:]*?(?::|%3a)(?:[^/?#$%{<][^/?#]*|[$%](?:[^/?#({][^/?#]*)?)@",
            r"|//[^/@:\s?#\[\]]*(?::|%3a)[0-9]*",
            beginning!("0-9/?#@,"),
            r"[^@\s]*@|^[^:/@\s]*:(?:[0-9]*",
            beginning!("0-9/?#@,"),
            r"\S*|[0-9]+)@(?:[a-z0-9]*[(]|/(?:[^/]|$))"
        )
    };
}

/// A user and a password as Oracle's drivers take them: `u/p@h`.
macro_rules! oracle {
    () => {
        concat!(
            r"^jdbc:oracle:[a-z0-9]+:[^/@\s]+/",
            beginning!("@"),
            r"[^@\s]*@|^[^:/@\s]+/",
            beginning!("@"),
            r"[^@\s]*@//"
        )
    };
}

/// The name of a secret. Short words count only where they are words of their own.
pub const NAME: &str = concat!(
    "(?i:",
    long_words!(),
    "|(?:^|",
    separator!(),
    ")(?:pass|pwd|pw))(?:[-_.]?[0-9]+)?$|[a-z0-9](?:Pass|Pwd)[0-9]*$"
);
/// What may stand readable under the name of a secret: a setting, or what something else fills in.
pub const HARMLESS: &str =
    r"^(?i:true|false|yes|no|none|required|optional|enabled|disabled)?$|^[$][{(]|^[{][{]|^%[(]|^<";
/// An address with a password before its host.
pub const ADDRESS: &str = concat!("(?i:", address!(), ")");
/// A URI with a password in it, before its host or among its parameters.
pub const URI: &str = concat!("(?i:", address!(), "|", oracle!(), "|", assignment!(), ")");
/// Any text with a secret in it: a URI, a connection string, JSON, a private key.
pub const TEXT: &str = concat!(
    "(?i:",
    address!(),
    "|",
    oracle!(),
    "|",
    assignment!(),
    r"|\x22[a-z0-9_.-]*",
    long_words!(),
    r"\x22\s*:\s*\x22",
    beginning!(r"\x22"),
    "|-----BEGIN [A-Z ]*PRIVATE KEY-----)"
);
/// What stands in any text with a secret in it: the policy matches this first, which costs little.
pub const SIGN: &str = r"[@=\x22]|---";

/// A pattern as the operator matches it: compiled when it is first asked for, with little memory for its states.
struct Pattern(LazyLock<Option<Regex>>);

impl Pattern {
    fn is_match(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|pattern| pattern.is_match(text.as_bytes()))
    }
}

/// Compiles a pattern of this file, which a test does too: there is always one.
fn compiled(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).dfa_size_limit(64 * 1024).build().ok()
}

static NAME_PATTERN: Pattern = Pattern(LazyLock::new(|| compiled(NAME)));
static HARMLESS_PATTERN: Pattern = Pattern(LazyLock::new(|| compiled(HARMLESS)));
static ADDRESS_PATTERN: Pattern = Pattern(LazyLock::new(|| compiled(ADDRESS)));
static URI_PATTERN: Pattern = Pattern(LazyLock::new(|| compiled(URI)));
static TEXT_PATTERN: Pattern = Pattern(LazyLock::new(|| compiled(TEXT)));

/// Returns whether an address of a list, such as a broker's, has a password before its host.
#[must_use]
pub fn is_in_address(address: &str) -> bool {
    ADDRESS_PATTERN.is_match(address)
}

/// Returns whether a URI has a password in it.
#[must_use]
pub fn is_in_uri(uri: &str) -> bool {
    URI_PATTERN.is_match(uri)
}

/// Returns whether a plain value of this name is a secret, by its name or by what it holds.
#[must_use]
pub fn is_secret(name: &str, text: &str) -> bool {
    NAME_PATTERN.is_match(name) && !HARMLESS_PATTERN.is_match(text) || TEXT_PATTERN.is_match(text)
}

/// Returns the fields of a spec that hold a secret as plain text.
#[must_use]
pub fn fields(spec: &AppCredentialSpec) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    if let Some(authentication) = &spec.authentication {
        in_authentication("spec", authentication, &mut fields);
    }
    if let Some(connection) = &spec.connection {
        in_connection("spec", connection, &mut fields);
    }
    named("spec.parameters", spec.parameters.iter().flatten(), &mut fields);
    for environment in spec.environments.iter().flatten() {
        in_environment(environment, &mut fields);
    }
    fields
}

fn in_environment(environment: &Environment, fields: &mut BTreeSet<String>) {
    let path = format!("spec.environments[{}]", environment.name);
    if let Some(authentication) = &environment.authentication {
        in_authentication(&path, authentication, fields);
    }
    if let Some(connection) = &environment.connection {
        in_connection(&path, connection, fields);
    }
    named(&format!("{path}.parameters"), environment.parameters.iter().flatten(), fields);
}

fn in_authentication(path: &str, authentication: &Authentication, fields: &mut BTreeSet<String>) {
    for kind in authentication.members() {
        let secrets: BTreeSet<String> =
            kind.fields().into_iter().filter(|field| field.secret).map(|field| field.path).collect();
        // The members of all types count: an environment names no type where it inherits it.
        let alone = Authentication { kind: Some(kind), ..authentication.clone() };
        for slot in alone.slots() {
            let found = match &slot.content {
                Content::Value(value) => value.value.is_some() && secrets.contains(&slot.path),
                Content::Named(value) => value.value.as_ref().is_some_and(|text| is_secret(&value.name, text.expose())),
                Content::Text(text) => is_in_uri(text),
            };
            if found {
                fields.insert(format!("{path}.authentication.{}", slot.path));
            }
        }
    }
}

fn in_connection(path: &str, connection: &Connection, fields: &mut BTreeSet<String>) {
    if connection.uri.as_deref().is_some_and(is_in_uri) {
        fields.insert(format!("{path}.connection.uri"));
    }
    if connection.endpoints.iter().flatten().any(|endpoint| is_in_address(endpoint)) {
        fields.insert(format!("{path}.connection.endpoints"));
    }
    named(&format!("{path}.connection.properties"), connection.properties.iter().flatten(), fields);
}

fn named<'a>(path: &str, entries: impl Iterator<Item = &'a NamedValue>, fields: &mut BTreeSet<String>) {
    let holds = |entry: &&NamedValue| {
        entry.value.as_ref().is_some_and(|text: &Sensitive| is_secret(&entry.name, text.expose()))
    };
    fields.extend(entries.filter(holds).map(|entry| format!("{path}[{}]", entry.name)));
}

/// Returns the fields of authentication that are secret by their nature, below `authentication`.
#[must_use]
pub fn secret_fields() -> Vec<String> {
    let fields = AuthenticationType::ALL.iter().flat_map(|kind| kind.fields());
    fields.filter(|field| field.secret).map(|field| field.path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_fits_into_a_literal_of_cel() {
        for pattern in [NAME, HARMLESS, ADDRESS, URI, TEXT, SIGN] {
            assert!(compiled(pattern).is_some(), "{pattern}");
            assert!(!pattern.contains('\''), "it is quoted by ': {pattern}");
            assert!(!pattern.contains("{{"), "Helm would take it for a template: {pattern}");
        }
    }
}
