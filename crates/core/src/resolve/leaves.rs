//! From a merged environment to its leaves: which key each field gives, and which outputs it goes to.
//!
//! Sensitivity follows from the field and the source of a value, never from a flag: what is under
//! `authentication` or comes from a Secret is `Class::Secret`, and no code behind this file can change that.

use std::borrow::Cow;

use super::merge::Merged;
use super::{Class, Leaf, Origin, SourceKey};
use appcredential_api::authentication::Content;
use appcredential_api::value::{Form, PLAIN_MAX};
use appcredential_api::{AppCredentialSpec, FieldPath, Kind, NamedValue, Sensitive};

const TOO_LONG: &str = "is longer than the 8,192 characters that plain text may have; put it into a Secret or ConfigMap and refer to that with valueFrom";

/// The leaves of one environment, and the values that have no form: field and what is wrong.
#[derive(Default)]
pub(super) struct Leaves {
    pub(super) leaves: Vec<Leaf>,
    pub(super) wrong: Vec<(FieldPath, &'static str)>,
}

impl Leaves {
    /// Collects everything that the environment puts into outputs.
    pub(super) fn of(spec: &AppCredentialSpec, merged: &Merged) -> Self {
        let mut leaves = Self::default();
        leaves.add_all(spec, merged);
        leaves
    }

    /// Returns the objects that the leaves refer to.
    pub(super) fn sources(&self) -> impl Iterator<Item = &SourceKey> {
        self.leaves.iter().filter_map(Leaf::source)
    }

    fn add_text(&mut self, path: FieldPath, key: &str, class: Class, text: &str) {
        self.leaves.push(Leaf { path, key: key.to_owned(), class, origin: Origin::Plain(Sensitive::from(text)) });
    }

    fn add_value(&mut self, path: FieldPath, key: &str, class: Class, form: Result<Form<'_>, &'static str>) {
        match form {
            Err(wrong) => self.wrong.push((path, wrong)),
            Ok(Form::Plain(text)) if text.expose().chars().nth(PLAIN_MAX).is_some() => {
                self.wrong.push((path, TOO_LONG))
            }
            Ok(form) => {
                let (class, origin) = match form {
                    Form::Plain(text) => (class, Origin::Plain(text.clone())),
                    Form::Secret(selector) => (Class::Secret, source(Kind::Secret, selector)),
                    Form::ConfigMap(selector) => (class, source(Kind::ConfigMap, selector)),
                };
                self.leaves.push(Leaf { path, key: key.to_owned(), class, origin });
            }
        }
    }

    fn add_named(&mut self, path: &FieldPath, entries: &[NamedValue], class: Class) {
        for entry in entries {
            self.add_value(path.entry(&entry.name), &entry.name, class, entry.form());
        }
    }

    fn add_all(&mut self, spec: &AppCredentialSpec, merged: &Merged) {
        self.add_text(FieldPath::spec().field("application.type"), "type", Class::Application, &spec.application.kind);
        if let Some(provider) = &spec.application.provider {
            self.add_text(FieldPath::spec().field("application.provider"), "provider", Class::Application, provider);
        }
        if let Some(name) = &merged.name {
            self.add_text(merged.path.clone(), "environment", Class::Setting, name);
        }
        self.add_authentication(merged);
        self.add_connection(merged);
        if !merged.scopes.is_empty() {
            self.add_text(merged.path.field("scopes"), "scopes", Class::Setting, &merged.scopes.join(" "));
        }
        self.add_named(&merged.path.field("parameters"), &merged.parameters, Class::Setting);
    }

    fn add_authentication(&mut self, merged: &Merged) {
        if let Some(kind) = merged.authentication.kind {
            self.add_text(merged.path.field("authentication.type"), "auth-type", Class::AuthType, kind.word());
        }
        let authentication = merged.path.field("authentication");
        for slot in merged.authentication.slots() {
            let path = authentication.field(&slot.path);
            match slot.content {
                Content::Value(value) => self.add_value(path, &slot.key, Class::Secret, value.form()),
                Content::Named(value) => self.add_value(path, &slot.key, Class::Secret, value.form()),
                Content::Text(text) => self.add_text(path, &slot.key, Class::Secret, &text),
            }
        }
    }

    fn add_connection(&mut self, merged: &Merged) {
        let connection = &merged.connection;
        let at = merged.path.field("connection");
        let path = |field: &str| at.field(field);
        let port = connection.port.map(|port| port.to_string());
        let endpoints = connection.endpoints.as_ref().filter(|list| !list.is_empty()).map(|list| list.join(","));
        let tls = connection.tls.as_ref();
        let fields: [(&str, &str, Option<Cow<'_, str>>); 9] = [
            ("protocol", "protocol", connection.protocol.as_deref().map(Cow::Borrowed)),
            ("host", "host", connection.host.as_deref().map(Cow::Borrowed)),
            ("port", "port", port.map(Cow::Owned)),
            ("path", "path", connection.path.as_deref().map(Cow::Borrowed)),
            ("uri", "uri", connection.uri.as_deref().map(Cow::Borrowed)),
            ("database", "database", connection.database.as_deref().map(Cow::Borrowed)),
            ("endpoints", "endpoints", endpoints.map(Cow::Owned)),
            ("tls.mode", "tls-mode", tls.and_then(|tls| tls.mode).map(|mode| Cow::Borrowed(mode.word()))),
            ("tls.serverName", "tls-server-name", tls.and_then(|tls| tls.server_name.as_deref()).map(Cow::Borrowed)),
        ];
        for (field, key, text) in fields {
            if let Some(text) = text {
                self.add_text(path(field), key, Class::Setting, &text);
            }
        }
        if let Some(ca) = tls.and_then(|tls| tls.ca.as_ref()) {
            self.add_value(path("tls.ca"), "ca.crt", Class::Setting, ca.form());
        }
        if let Some(properties) = &connection.properties {
            self.add_named(&path("properties"), properties, Class::Setting);
        }
    }
}

fn source(kind: Kind, selector: &appcredential_api::value::KeySelector) -> Origin {
    Origin::Source {
        source: SourceKey { kind, name: selector.name.clone() },
        key: selector.key.clone(),
        optional: selector.optional.unwrap_or(false),
    }
}
