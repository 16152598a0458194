//! The keys of an environment before any shape: what presets and templates are made of.

use std::collections::BTreeMap;

use super::Wrong;
use super::text::Text;
use crate::resolve::Class;
use appcredential_api::{FieldPath, SensitiveBytes};

/// One key of an environment. Before the sources are read, a stand-in holds the place of its value.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The field that gives it, where it is known.
    pub path: Option<&'a FieldPath>,
    /// The key, as the reference has it.
    pub key: &'a str,
    /// Which outputs it goes to.
    pub class: Class,
    /// The value; none where it is optional and not there.
    pub value: Option<SensitiveBytes>,
}

/// The keys of an environment by their names. A name may be there twice: once in the Secret, once in the ConfigMap.
pub(super) struct Values<'p, 'a> {
    by_key: BTreeMap<&'a str, Vec<&'p Part<'a>>>,
    /// Optional ones that are not there, and whether they are secret.
    pub(super) absent: BTreeMap<&'a str, bool>,
}

impl<'p, 'a> Values<'p, 'a> {
    pub(super) fn new(parts: &'p [Part<'a>]) -> Self {
        let mut by_key: BTreeMap<&str, Vec<&Part<'_>>> = BTreeMap::new();
        let (there, absent): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.value.is_some());
        for part in there {
            by_key.entry(part.key).or_default().push(part);
        }
        let absent = absent.into_iter().map(|part| (part.key, part.class == Class::Secret)).collect();
        Self { by_key, absent }
    }

    /// Returns whether there is a value of this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.by_key.contains_key(key)
    }

    /// Returns all keys, each once.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.by_key.keys().copied()
    }

    /// Returns the part of a key; nothing where there is none.
    ///
    /// # Errors
    /// That two fields give it.
    pub(super) fn part(&self, key: &str) -> Result<Option<&'p Part<'a>>, Wrong> {
        match self.by_key.get(key).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([one]) => Ok(Some(*one)),
            Some([first, second, ..]) => {
                let path = |part: &Part<'_>| part.path.map_or("one of them", FieldPath::as_str).to_owned();
                Err(Wrong::Ambiguous { key: key.to_owned(), first: path(first), second: path(second) })
            }
        }
    }

    /// Returns the value of a key as text; nothing where there is none.
    ///
    /// # Errors
    /// That two fields give it, or that it is no text.
    pub(super) fn text(&self, key: &str) -> Result<Option<Text>, Wrong> {
        let Some(part) = self.part(key)? else { return Ok(None) };
        let secret = part.class == Class::Secret;
        let Some(value) = &part.value else { return Ok(None) };
        let Ok(text) = std::str::from_utf8(value.expose()) else {
            return Err(Wrong::value(key, "is not text in UTF-8, which it has to be here"));
        };
        Ok(Some(Text::of_leaf(text, secret)))
    }
}
