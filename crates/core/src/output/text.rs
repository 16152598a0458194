//! Text that remembers whether anything secret went into it.
//!
//! Whether a preset's key goes to the Secret or the ConfigMap follows from its text, and the text is made here alone: literals are
//! public, what comes from a leaf is as secret as the leaf, and whatever is put together of two texts is as secret as either.
//! So no preset can forget to say it.

use std::fmt;

use appcredential_api::{Sensitive, SensitiveBytes};

/// A piece of text: what it says, and whether anything secret is in it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text {
    text: Sensitive,
    secret: bool,
}

impl Text {
    /// Returns the text of a leaf.
    pub(super) fn of_leaf(text: &str, secret: bool) -> Self {
        Self { text: Sensitive::from(text), secret }
    }

    /// Returns a text that stands in a preset.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self { text: Sensitive::from(text), secret: false }
    }

    /// Returns whether anything secret went into it.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Returns the text itself: for what decides by it, and for writing it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Returns whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }

    /// Returns the text with a literal behind it.
    #[must_use]
    pub fn then(self, literal: &str) -> Self {
        if literal.is_empty() {
            return self;
        }
        Self { text: Sensitive::from(format!("{}{literal}", self.expose())), secret: self.secret }
    }

    /// Returns the text with another one behind it.
    #[must_use]
    pub fn with(self, other: &Self) -> Self {
        let text = Sensitive::from(format!("{}{}", self.expose(), other.expose()));
        Self { text, secret: self.secret || other.secret }
    }

    /// Returns what a function makes of it, which is as secret as it is.
    #[must_use]
    pub fn map(&self, escape: impl Fn(&str) -> String) -> Self {
        Self { text: Sensitive::from(escape(self.expose())), secret: self.secret }
    }

    /// Returns what a function makes of it where it can.
    ///
    /// # Errors
    /// What the function says.
    pub fn try_map<E>(&self, escape: impl Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        Ok(Self { text: Sensitive::from(escape(self.expose())?), secret: self.secret })
    }

    /// Returns the bytes.
    #[must_use]
    pub fn bytes(&self) -> SensitiveBytes {
        SensitiveBytes::from(self.expose())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_secret_as_soon_as_a_part_of_it_is() {
        let secret = Text::of_leaf("s3cret", true);
        let public = Text::literal("a").with(&Text::of_leaf("b", false)).then("c");
        assert!(!public.is_secret() && !public.map(str::to_uppercase).is_secret());
        let all = public.with(&secret).then("d");
        assert!(all.is_secret() && all.map(|_| String::new()).is_secret());
        assert_eq!(all.expose(), "abcs3cretd");
        assert!(!format!("{all:?}").contains("s3cret"));
    }
}
