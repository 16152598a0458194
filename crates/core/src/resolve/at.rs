//! A cursor over a spec: it knows its path, and records what is wrong there.

use std::cell::RefCell;

use appcredential_api::problem::Finder;
use appcredential_api::{FieldPath, Problem, Reason};

/// A place in a spec that is being validated.
#[derive(Clone, Debug)]
pub(super) struct At<'f> {
    path: FieldPath,
    found: &'f RefCell<Finder>,
}

impl<'f> At<'f> {
    /// Starts at a path.
    pub(super) fn new(path: FieldPath, found: &'f RefCell<Finder>) -> Self {
        Self { path, found }
    }

    /// Steps to a field, or to one further down: `tls.ca`.
    pub(super) fn field(&self, name: &str) -> Self {
        Self { path: self.path.field(name), found: self.found }
    }

    /// Steps to the entry of this name.
    pub(super) fn entry(&self, name: &str) -> Self {
        Self { path: self.path.entry(name), found: self.found }
    }

    /// Steps to the entry of this number.
    pub(super) fn index(&self, number: usize) -> Self {
        Self { path: self.path.index(number), found: self.found }
    }

    /// Jumps to a path of the same spec.
    pub(super) fn jump(&self, path: &FieldPath) -> Self {
        Self { path: path.clone(), found: self.found }
    }

    /// Returns its path.
    pub(super) fn path(&self) -> &FieldPath {
        &self.path
    }

    /// Records that the spec is invalid here.
    pub(super) fn invalid(&self, message: impl Into<String>) {
        self.wrong(Reason::InvalidSpec, message);
    }

    /// Records what is wrong here.
    pub(super) fn wrong(&self, reason: Reason, message: impl Into<String>) {
        self.found.borrow_mut().insert(Problem::at(reason, self.path.clone(), message));
    }
}
