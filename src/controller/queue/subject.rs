//! What errands are for, and what the queue hands out.

use std::time::Duration;

use super::{Class, Key};

/// What an errand is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A credential.
    Credential(Key),
    /// A grant.
    Grant(Key),
}

impl Subject {
    pub(super) fn key(&self) -> &Key {
        match self {
            Self::Credential(key) | Self::Grant(key) => key,
        }
    }

    /// Returns whose turn it is when a key comes up in the line of a class.
    pub(super) fn of(class: Class, key: Key) -> Self {
        match class {
            Class::GrantStatus => Self::Grant(key),
            Class::Change | Class::Large | Class::Background | Class::Status => Self::Credential(key),
        }
    }
}

/// One run of an errand. No two are alike, so an answer that comes twice, or late, is known as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub(super) u64);

/// An errand whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which run it is.
    pub ticket: Ticket,
    /// What it is for.
    pub subject: Subject,
    /// Its class.
    pub class: Class,
    /// How long it waited.
    pub waited: Duration,
}
