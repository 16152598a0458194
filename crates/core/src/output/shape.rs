//! The shape of a target's outputs: that of the base, the environment's over it, the target's over both.
//!
//! Each field replaces whole and remembers where it was written, so that a problem names the field that somebody has to edit.

use std::borrow::Cow;
use std::sync::Arc;

use appcredential_api::output::{KeyStyle, OutputKeys, PresetSpec, Rename, TemplateSpec};
use appcredential_api::{FieldPath, OutputSpec};

/// A field and where it was written. Scopes that inherit it share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The path of the field.
    pub at: FieldPath,
    /// What it says.
    pub it: Arc<T>,
}

/// The shape of outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The style of keys.
    pub style: Placed<KeyStyle>,
    /// What stands before each key.
    pub prefix: Placed<String>,
    /// Keys with an exact name.
    pub rename: Placed<Vec<Rename>>,
    /// Keys that are left out.
    pub drop: Placed<Vec<String>>,
    /// The presets.
    pub presets: Placed<Vec<PresetSpec>>,
    /// The templates.
    pub templates: Placed<Vec<TemplateSpec>>,
    /// Where the outputs will be mounted.
    pub mount_path: Placed<Option<String>>,
}

impl Default for Shape {
    fn default() -> Self {
        fn nothing<T: Default>(field: &str) -> Placed<T> {
            Placed { at: FieldPath::spec().field("output").field(field), it: Arc::default() }
        }
        Self {
            style: nothing("keys.style"),
            prefix: nothing("keys.prefix"),
            rename: nothing("keys.rename"),
            drop: nothing("keys.drop"),
            presets: nothing("presets"),
            templates: nothing("templates"),
            mount_path: nothing("mountPath"),
        }
    }
}

/// Replaces a field where something is laid over it.
fn replace<T: Clone>(field: &mut Placed<T>, over: Option<&T>, at: &FieldPath, name: &str) {
    if let Some(over) = over {
        *field = Placed { at: at.field(name), it: Arc::new(over.clone()) };
    }
}

impl Shape {
    /// Returns this shape with another one over it, which was written at `at`.
    #[must_use]
    pub fn over(&self, over: Option<&OutputSpec>, at: &FieldPath) -> Self {
        let mut out = self.clone();
        let Some(over) = over else { return out };
        if let Some(OutputKeys { style, prefix, rename, drop }) = &over.keys {
            replace(&mut out.style, style.as_ref(), at, "keys.style");
            replace(&mut out.prefix, prefix.as_ref(), at, "keys.prefix");
            replace(&mut out.rename, rename.as_ref(), at, "keys.rename");
            replace(&mut out.drop, drop.as_ref(), at, "keys.drop");
        }
        replace(&mut out.presets, over.presets.as_ref(), at, "presets");
        replace(&mut out.templates, over.templates.as_ref(), at, "templates");
        if over.mount_path.is_some() {
            replace(&mut out.mount_path, Some(&over.mount_path), at, "mountPath");
        }
        out
    }

    /// Returns the field by which keys have other names than the reference's; nothing where they have those.
    #[must_use]
    pub fn renames(&self) -> Option<&FieldPath> {
        let fields = [
            (*self.style.it != KeyStyle::Kebab, &self.style.at),
            (!self.prefix.it.is_empty(), &self.prefix.at),
            (!self.rename.it.is_empty(), &self.rename.at),
            (!self.drop.it.is_empty(), &self.drop.at),
        ];
        fields.into_iter().find_map(|(set, at)| set.then_some(at))
    }

    /// Returns the name that a key has in the output; nothing where it is left out. `named` is its name without a shape.
    #[must_use]
    pub fn name<'a>(&self, key: &str, named: &'a str) -> Option<Cow<'a, str>> {
        if let Some(rename) = self.rename.it.iter().find(|rename| rename.key == key) {
            return Some(Cow::Owned(rename.to.clone()));
        }
        if self.drop.it.iter().any(|dropped| dropped == key) {
            return None;
        }
        let styled = match *self.style.it {
            KeyStyle::Kebab => Cow::Borrowed(named),
            KeyStyle::EnvironmentVariable => Cow::Owned(variable(named)),
            KeyStyle::None => return None,
        };
        Some(if self.prefix.it.is_empty() { styled } else { Cow::Owned(format!("{}{styled}", self.prefix.it)) })
    }
}

/// Returns a key as an environment variable: `api-key` is `API_KEY`, and a digit does not come first.
#[must_use]
pub fn variable(key: &str) -> String {
    identifier(key).to_ascii_uppercase()
}

/// Returns a key as a variable of a template: `ca.crt` is `ca_crt`.
#[must_use]
pub fn identifier(key: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() { char } else { '_' };
    let name: String = key.chars().map(plain).collect();
    if name.starts_with(|char: char| char.is_ascii_digit()) { format!("_{name}") } else { name }
}
