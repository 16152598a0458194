//! How a credential was seen: by what, and what of it besides its spec.

use super::super::queue::Class;
use appcredential_api::{AppCredentialStatus, FieldPath, ResourceVersion};
use appcredential_cluster::Record;
use appcredential_core::resolve::Selection;

/// How something came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Origin {
    /// By the first list after a start.
    FirstList,
    /// By a later list, or a read: what it says is true, whatever version it has. A store that was restored goes back in versions.
    List,
    /// By a watch event.
    Event,
}

impl Origin {
    /// Returns how urgent what it tells is.
    pub(in super::super) fn class(self) -> Class {
        match self {
            Self::FirstList => Class::Background,
            Self::List | Self::Event => Class::Change,
        }
    }
}

/// What a watch saw of a credential besides its spec.
pub(super) struct Sighting {
    pub(super) version: ResourceVersion,
    pub(super) status: Option<AppCredentialStatus>,
    /// The field of it that cannot be read.
    pub(super) unreadable: Option<FieldPath>,
    pub(super) held: bool,
    pub(super) listed: bool,
    /// What is handled here: of the rest of a status others tell.
    pub(super) selection: Selection,
}

impl Sighting {
    pub(super) fn of(
        record: &Record,
        status: Option<AppCredentialStatus>,
        selection: &Selection,
        origin: Origin,
    ) -> Self {
        let (listed, selection) = (origin != Origin::Event, selection.clone());
        let (version, unreadable) = (record.resource_version(), record.unreadable.clone());
        Self { version, status, unreadable, held: record.is_held(), listed, selection }
    }
}
