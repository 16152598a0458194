//! Which incarnation of an object, and which version of it: texts of the API server that mean nothing but that.

use std::fmt;
use std::ops::Deref;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! opaque {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(transparent)]
        pub struct $name(String);

        impl $name {
            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
    };
}

opaque! {
    /// The uid of an object: one that is deleted and created again under the same name has another.
    Uid
}

opaque! {
    /// The resourceVersion of an object.
    ResourceVersion
}

impl ResourceVersion {
    /// Returns whether it is newer than another version of the same object.
    ///
    /// Since Kubernetes 1.35 versions may be compared as numbers. Where they are none, this one counts as newer.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        match (self.0.parse::<u64>(), other.0.parse::<u64>()) {
            (Ok(this), Ok(other)) => this > other,
            _ => self != other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers_where_they_are_numbers() {
        for (this, other, newer) in
            [("10", "9", true), ("9", "10", false), ("9", "9", false), ("a", "b", true), ("a", "a", false)]
        {
            assert_eq!(ResourceVersion::from(this).is_newer_than(&other.into()), newer, "{this} {other}");
        }
    }
}
