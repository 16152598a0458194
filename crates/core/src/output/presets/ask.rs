//! What a preset asks of a credential.

use appcredential_api::{Kind, Layout};

use super::super::escape;
use super::super::shape::Shape;
use super::super::text::Text;
use super::super::values::Values;
use super::super::wrong::Wrong;
use crate::resolve::{self, Class};

/// Keys and their text.
pub(super) type Keys = Vec<(String, Text)>;

/// What a preset makes: keys, or what is wrong.
pub(super) type Made = Result<Keys, Wrong>;

/// Something that a preset needs: one of these keys.
pub(super) struct Need {
    pub(super) keys: &'static [&'static str],
    /// The field, for people.
    pub(super) field: &'static str,
}

/// How TLS is used, of what a preset has to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Nothing is said.
    Unsaid,
    Disable,
    Require,
    VerifyCA,
    VerifyFull,
    StartTLS,
}

/// What a preset may ask.
pub struct Ask<'a> {
    pub(in super::super) values: &'a Values<'a, 'a>,
    pub(in super::super) shape: &'a Shape,
    pub(in super::super) application: &'a str,
    pub(in super::super) layout: Layout,
    pub(in super::super) key: Option<&'a str>,
}

impl Ask<'_> {
    /// Returns the value of a key; nothing where there is none.
    pub(super) fn get(&self, key: &str) -> Result<Option<Text>, Wrong> {
        let Some(text) = self.values.text(key)? else { return Ok(None) };
        // Neither an environment variable nor any of the files can hold it.
        if text.expose().contains('\0') {
            return Err(Wrong::value(key, "has a NUL"));
        }
        Ok(Some(text))
    }

    /// Returns the first of these keys that is there.
    pub(super) fn first(&self, keys: &[&str]) -> Result<Option<Text>, Wrong> {
        keys.iter().find(|key| self.values.has(key)).map_or(Ok(None), |key| self.get(key))
    }

    /// Returns the value of a key that the row says to be needed.
    pub(super) fn need(&self, key: &str) -> Result<Text, Wrong> {
        self.get(key)?.ok_or_else(|| Wrong::Spec(format!("needs {key}, which is not there")))
    }

    /// Returns one key with a text: that of `presets[].key`, or the row's.
    pub(super) fn single(&self, default: &str, text: Text) -> Keys {
        vec![(self.key.unwrap_or(default).to_owned(), text)]
    }

    /// Returns how TLS is used.
    pub(super) fn tls(&self) -> Result<Tls, Wrong> {
        let Some(mode) = self.get("tls-mode")? else { return Ok(Tls::Unsaid) };
        Ok(match mode.expose() {
            "Disable" => Tls::Disable,
            "Require" => Tls::Require,
            "VerifyCA" => Tls::VerifyCA,
            "VerifyFull" => Tls::VerifyFull,
            "StartTLS" => Tls::StartTLS,
            _ => {
                return Err(Wrong::Spec(
                    "reads connection.tls.mode, and a parameter has taken its key; rename it".to_owned(),
                ));
            }
        })
    }

    /// Returns the path at which the application finds a key as a file; nothing where there is no such key.
    pub(super) fn file(&self, key: &str) -> Result<Option<Text>, Wrong> {
        let Some(part) = self.values.part(key)? else { return Ok(None) };
        let Some(folder) = self.shape.mount_path.it.as_deref() else {
            return Err(Wrong::Spec(format!(
                "names the file of {key}, so it needs output.mountPath; set it to where the application mounts the outputs"
            )));
        };
        let kind = if part.class == Class::Secret { Kind::Secret } else { Kind::ConfigMap };
        let kind = if self.layout == Layout::ServiceBinding { Kind::Secret } else { kind };
        let named = resolve::key(part.class, key, kind, self.layout).and_then(|named| self.shape.name(key, named));
        let Some(name) = named else {
            return Err(Wrong::Spec(format!(
                "names the file of {key}, which output.keys leaves out; rename it to itself, or do not drop it"
            )));
        };
        Ok(Some(Text::literal(&format!("{}/{name}", folder.trim_end_matches('/')))))
    }

    /// Returns `host:port`, or the host; addresses of IPv6 in brackets. Odd characters, which a source may have, are encoded.
    pub(super) fn authority(&self) -> Result<Text, Wrong> {
        let host = self.need("host")?.map(bracketed);
        Ok(match self.get("port")? {
            Some(port) => host.then(":").with(&port.map(escape::uri)),
            None => host,
        })
    }

    /// Returns `user:password@`, `user@`, `:password@` or nothing.
    pub(super) fn userinfo(&self) -> Result<Text, Wrong> {
        let encoded = |text: Option<Text>| text.map(|text| text.map(escape::uri));
        Ok(match (encoded(self.get("username")?), encoded(self.get("password")?)) {
            (Some(user), Some(password)) => user.then(":").with(&password).then("@"),
            (Some(user), None) => user.then("@"),
            (None, Some(password)) => Text::literal(":").with(&password).then("@"),
            (None, None) => Text::default(),
        })
    }

    /// Returns where the application is reached over HTTP: its URI, or one of its parts.
    pub(super) fn http(&self) -> Result<Option<Text>, Wrong> {
        if let Some(uri) = self.get("uri")? {
            return Ok(Some(uri));
        }
        if !self.values.has("host") {
            return Ok(None);
        }
        let scheme = self.get("protocol")?.filter(|word| word.expose() == "http").map_or("https://", |_| "http://");
        let address = Text::literal(scheme).with(&self.authority()?);
        Ok(Some(match self.get("path")? {
            Some(path) => address.then("/").with(&path.map(|path| escape::uri_path(path.trim_start_matches('/')))),
            None => address,
        }))
    }

    /// Returns the addresses, comma-joined.
    pub(super) fn addresses(&self) -> Result<Text, Wrong> {
        match self.get("endpoints")? {
            Some(endpoints) => Ok(endpoints),
            None => self.authority(),
        }
    }
}

/// Returns a host as it stands in a URL.
fn bracketed(host: &str) -> String {
    if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { escape::uri(host) }
}

/// Returns a query of these fields: `?a=b&c=d`, or nothing.
pub(super) fn query(fields: &[(&str, Option<Text>)]) -> Text {
    let mut out = Text::default();
    for (name, value) in fields {
        if let Some(value) = value {
            let sign = if out.is_empty() { "?" } else { "&" };
            out = out.then(sign).then(name).then("=").with(&value.map(escape::uri_path));
        }
    }
    out
}

/// Returns the keys that are there.
pub(super) fn those(keys: Vec<(&str, Option<Text>)>) -> Keys {
    keys.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?))).collect()
}

/// Returns a text where it is one that this client knows.
pub(super) fn word(text: &str) -> Option<Text> {
    Some(Text::literal(text))
}

/// Returns that a client knows no such use of TLS.
pub(super) fn unknown_tls<T>(mode: &str, remedy: &str) -> Result<T, Wrong> {
    Err(Wrong::Spec(format!("knows no connection.tls.mode {mode}; {remedy}")))
}
