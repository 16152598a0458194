//! What is wrong with an output, in words. Never a value.

use std::fmt;

use appcredential_api::output::Preset;
use appcredential_api::{Kind, Reason};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A preset needs something that is not there.
    Missing {
        /// The preset.
        preset: Preset,
        /// What it needs.
        field: &'static str,
    },
    /// A preset that gives several keys is asked for one of this name.
    KeyOfMany {
        /// The preset.
        preset: Preset,
    },
    /// Something in the spec, in words.
    Spec(String),
    /// Two fields give what a preset or template uses.
    Ambiguous {
        /// The key.
        key: String,
        /// The first field.
        first: String,
        /// The second field.
        second: String,
    },
    /// A key is there twice.
    Conflict {
        /// The object.
        kind: Kind,
        /// The key.
        key: String,
        /// What gives it already.
        first: String,
    },
    /// A value that the format of a preset cannot hold.
    Value {
        /// The key of the value.
        key: String,
        /// Why.
        message: &'static str,
    },
    /// A template that cannot be understood, or uses what is not there.
    Template {
        /// The line.
        line: Option<usize>,
        /// What is wrong and what to do.
        message: String,
    },
    /// A template that cannot be rendered with these values.
    Rendering {
        /// The line.
        line: Option<usize>,
        /// What is wrong and what to do.
        message: String,
    },
}

impl Wrong {
    /// Returns that a value does not fit.
    pub(super) fn value(key: &str, message: &'static str) -> Self {
        Self::Value { key: key.to_owned(), message }
    }

    /// Returns the same with the preset that says it.
    pub(super) fn of_preset(self, preset: Preset) -> Self {
        match self {
            Self::Spec(message) => Self::Spec(format!("{}: {message}", preset.word())),
            other => other,
        }
    }

    /// Returns the word for it where the spec was accepted: then it is about the values, which a source may change.
    #[must_use]
    pub fn reason_of_values(&self) -> Reason {
        match self.reason() {
            Reason::InvalidSpec => Reason::ValueInvalid,
            Reason::TemplateInvalid => Reason::TemplateFailed,
            other => other,
        }
    }

    /// Returns the word for it.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Missing { .. } | Self::KeyOfMany { .. } | Self::Spec(_) => Reason::InvalidSpec,
            Self::Ambiguous { .. } | Self::Conflict { .. } => Reason::KeyConflict,
            Self::Value { .. } => Reason::ValueInvalid,
            Self::Template { .. } => Reason::TemplateInvalid,
            Self::Rendering { .. } => Reason::TemplateFailed,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |line: &Option<usize>| line.map(|line| format!("line {line} ")).unwrap_or_default();
        match self {
            Self::Missing { preset, field } => {
                write!(f, "{} needs {field}; set it, or remove the preset", preset.word())
            }
            Self::KeyOfMany { preset } => {
                write!(f, "{} gives several keys, so it takes no key; remove key", preset.word())
            }
            Self::Spec(message) => f.write_str(message),
            Self::Ambiguous { key, first, second } => {
                write!(f, "uses {key}, which {first} and {second} give; rename one of them")
            }
            Self::Conflict { kind, key, first } => {
                write!(f, "gives the key {key} in the {kind}, which {first} gives already; rename one of them")
            }
            Self::Value { key, message } => write!(f, "{key} {message}; choose another value, or another preset"),
            Self::Template { line: at, message } | Self::Rendering { line: at, message } => {
                write!(f, "{}{message}", line(at))
            }
        }
    }
}
