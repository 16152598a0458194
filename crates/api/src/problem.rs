//! The problems of a credential: each once, no more than people read, and the number of the others.
//!
//! What a tenant writes multiplies: a mistake in the base is one in each of sixteen environments, for each of hundreds
//! of fields. So nothing behind this file holds, joins or writes more than [`Problems::MOST`] of them.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;

use super::path::{About, FieldPath};
use super::reason::Reason;

/// An address with a password, which would go to a ConfigMap. This text and those below are the policy's and the condition's.
pub const HOLDS_PASSWORD: &str =
    "holds a password, and it goes to a ConfigMap; use authentication type ConnectionString instead";
/// A URI without a scheme.
pub const RELATIVE_URI: &str = "must be an absolute URI, such as https://api.example.com";
/// An environment, or a credential without environments, that has no type of authentication.
pub const NO_TYPE: &str = "is missing; set the type, which is None where the application asks for no authentication";
/// Targets of the base where environments are declared.
pub const TARGETS_OF_BASE: &str = "does not go together with environments; give each environment its own targets";

/// A problem: where it is and what to do. Never a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The word for it.
    pub reason: Reason,
    /// The field or object.
    pub about: About,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    /// Returns a problem of a field.
    pub fn at(reason: Reason, field: FieldPath, message: impl Into<String>) -> Self {
        Self { reason, about: About::Field(field), message: message.into() }
    }

    /// Returns a problem of something else than a field: an object, a namespace.
    pub fn about(reason: Reason, object: impl fmt::Display, message: impl Into<String>) -> Self {
        Self { reason, about: About::Object(object.to_string()), message: message.into() }
    }

    /// Returns what it is about, for people.
    #[must_use]
    pub fn path(&self) -> &str {
        self.about.as_str()
    }

    /// Returns the field; nothing where it is about something else.
    #[must_use]
    pub fn field(&self) -> Option<&FieldPath> {
        match &self.about {
            About::Field(path) => Some(path),
            About::Object(_) => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path(), self.message)
    }
}

/// The first problems that were found, and the number of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    first: Vec<Problem>,
    more: usize,
}

impl Problems {
    /// How many problems of one credential are listed.
    pub const MOST: usize = 64;

    /// Returns how many problems there are besides those that are listed.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }
}

impl Deref for Problems {
    type Target = [Problem];

    fn deref(&self) -> &[Problem] {
        &self.first
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        let mut finder = Finder::default();
        problems.into_iter().for_each(|problem| finder.insert(problem));
        finder.found
    }
}

/// Collects problems in the order in which they are found, each once.
#[derive(Debug, Default)]
pub struct Finder {
    found: Problems,
    known: BTreeSet<Problem>,
}

impl Finder {
    /// Adds a problem, unless it is known already.
    pub fn insert(&mut self, problem: Problem) {
        if self.known.contains(&problem) {
            return;
        }
        if self.found.first.len() < Problems::MOST {
            self.found.first.push(problem.clone());
        } else {
            self.found.more += 1;
        }
        self.known.insert(problem);
    }

    /// Returns what was found; nothing where all is well.
    ///
    /// # Errors
    /// The problems, where there are any.
    pub fn finish(self) -> Result<(), Problems> {
        if self.found.first.is_empty() { Ok(()) } else { Err(self.found) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: impl IntoIterator<Item = String>) -> Problems {
        let mut finder = Finder::default();
        for path in paths {
            finder.insert(Problem::about(Reason::InvalidSpec, path, "is missing"));
        }
        finder.finish().err().unwrap_or_default()
    }

    #[test]
    fn a_problem_found_again_is_reported_once() {
        let problems = found(["a", "b", "a", "b", "a"].map(str::to_owned));
        assert_eq!(problems.iter().map(|problem| problem.path()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(problems.more(), 0);
    }

    #[test]
    fn the_first_problems_are_listed_and_the_others_counted_once() {
        let paths = (0..200).chain(0..200).map(|number| number.to_string());
        let problems = found(paths);
        assert_eq!((problems.len(), problems.more()), (Problems::MOST, 200 - Problems::MOST));
        assert_eq!(problems.last().map(Problem::path), Some("63"));
    }
}
