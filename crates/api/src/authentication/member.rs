//! The machinery of authentication types: what a field is, how it is laid over another, and the macros
//! that declare a type once for the schema, merging, rendering and the reference.

use std::borrow::Cow;

use crate::named;
use crate::value::{NamedValue, Value};

/// What one field of an authentication puts into the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot<'a> {
    /// The field, below `authentication`, such as `basic.password`.
    pub path: String,
    /// The key in the output.
    pub key: Cow<'a, str>,
    /// What fills it.
    pub content: Content<'a>,
}

/// What fills a [`Slot`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A value that may be secret.
    Value(&'a Value),
    /// A named value of [`Custom`].
    Named(&'a NamedValue),
    /// Text of the spec, such as a token URL.
    Text(Cow<'a, str>),
}

/// A row of the generated reference: field, output key, and whether plain text there is worth a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldKey {
    /// The field, below `authentication`.
    pub path: String,
    /// The key in the output.
    pub key: String,
    /// Whether it is secret by its nature: a password, and not the user name beside it. It changes nothing of where the
    /// field goes; the admission policy on plain secrets is made of it.
    pub secret: bool,
    /// What people call it, for forms and prompts.
    pub label: &'static str,
    /// What it is, in the words of the schema.
    pub help: &'static str,
    /// What is typed.
    pub format: Format,
}

impl FieldKey {
    /// Returns a member as a whole, under which its fields are.
    pub(super) fn of_member(path: &str) -> Self {
        Self { path: path.to_owned(), key: String::new(), secret: false, label: "", help: "", format: Format::Entries }
    }
}

/// What is typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line of text.
    Line,
    /// Several lines, such as a key in PEM.
    Lines,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Entries, each with a name and a value.
    Entries,
}

/// A thing that an environment can lay over the base: by field, each leaf being one slot.
pub(crate) trait Leaf: Clone {
    fn overlay(&mut self, over: &Self) {
        *self = over.clone();
    }
    fn slots<'a>(&'a self, path: String, key: &'static str, out: &mut Vec<Slot<'a>>);
    /// Whether a field of this kind is secret unless it is declared `public`: what can be read from a Secret is.
    const SECRET: bool = false;
    /// What is typed into a field of this kind unless it is declared otherwise.
    const FORMAT: Format = Format::Line;
    fn keys(field: FieldKey, out: &mut Vec<FieldKey>) {
        out.push(field);
    }
}

impl Leaf for Value {
    const SECRET: bool = true;
    fn slots<'a>(&'a self, path: String, key: &'static str, out: &mut Vec<Slot<'a>>) {
        out.push(Slot { path, key: Cow::Borrowed(key), content: Content::Value(self) });
    }
}

impl Leaf for String {
    fn slots<'a>(&'a self, path: String, key: &'static str, out: &mut Vec<Slot<'a>>) {
        out.push(Slot { path, key: Cow::Borrowed(key), content: Content::Text(Cow::Borrowed(self)) });
    }
}

impl Leaf for Vec<NamedValue> {
    const FORMAT: Format = Format::Entries;
    fn overlay(&mut self, over: &Self) {
        named::overlay(self, over);
    }
    fn slots<'a>(&'a self, path: String, _: &'static str, out: &mut Vec<Slot<'a>>) {
        for field in self {
            let path = format!("{path}[{}]", field.name);
            out.push(Slot { path, key: Cow::Borrowed(&field.name), content: Content::Named(field) });
        }
    }
}

/// What a member needs once its environment is merged: the fields that are missing, below the member.
pub(crate) trait Requires {
    fn missing(&self) -> Vec<&'static str>;
}

/// Declares a member: its struct, how it is merged, and the output key of each field.
///
/// A `Value` is taken for secret: `=> public "username"` says of one that it may stand readable in the manifest. So a
/// field whose author gives no thought to it is warned of once too often, and not once too rarely.
macro_rules! member {
    ($(#[$doc:meta])* $name:ident { $(
        $(#[$($attribute:tt)*])*
        $wire:literal $field:ident: $kind:ty => $($public:ident)? $key:literal $label:literal $($format:ident)?,
    )+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct $name {
            $($(#[$($attribute)*])*
            #[serde(rename = $wire, default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<$kind>,)+
        }

        impl Leaf for $name {
            fn overlay(&mut self, over: &Self) {
                $(overlay(&mut self.$field, over.$field.as_ref());)+
            }
            fn slots<'a>(&'a self, path: String, _: &'static str, out: &mut Vec<Slot<'a>>) {
                $(if let Some(field) = &self.$field {
                    field.slots(format!("{path}.{}", $wire), $key, out);
                })+
            }
            fn keys(field: FieldKey, out: &mut Vec<FieldKey>) {
                $(<$kind>::keys(FieldKey {
                    path: format!("{}.{}", field.path, $wire),
                    key: $key.to_owned(),
                    secret: <$kind as Leaf>::SECRET $(&& secret!($public))?,
                    label: $label,
                    help: help!($([$($attribute)*])*),
                    format: typed!(<$kind as Leaf>::FORMAT $(, $format)?),
                }, out);)+
            }
        }
    };
}

/// The one word that a field can be marked by; any other does not compile.
macro_rules! secret {
    (public) => {
        false
    };
}

/// The words of a field's documentation, without its other attributes.
macro_rules! help {
    () => { "" };
    ([doc = $text:literal] $($rest:tt)*) => { $text };
    ([$($other:tt)*] $($rest:tt)*) => { help!($($rest)*) };
}

/// What is typed into a field: `lines` where that does not follow from its kind.
macro_rules! typed {
    ($kind:expr) => {
        $kind
    };
    ($kind:expr, lines) => {
        Format::Lines
    };
}

/// Declares an enumeration of text that is written to the output as the given word.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $wire:literal => $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[schemars(description = "")]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $wire)] $variant,)+
        }

        impl $name {
            /// The word that stands in the output.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl Leaf for $name {
            const FORMAT: Format = Format::Choice(&[$($wire,)+]);
            fn slots<'a>(&'a self, path: String, key: &'static str, out: &mut Vec<Slot<'a>>) {
                out.push(Slot { path, key: Cow::Borrowed(key), content: Content::Text(Cow::Borrowed(self.word())) });
            }
        }
    };
}

/// Lays one optional field over another: absent inherits.
pub(crate) fn overlay<T: Leaf>(base: &mut Option<T>, over: Option<&T>) {
    match (base.as_mut(), over) {
        (_, None) => {}
        (Some(base), Some(over)) => base.overlay(over),
        (None, Some(over)) => *base = Some(over.clone()),
    }
}

/// Declares the types and with them [`Authentication`] and [`AuthenticationType`].
macro_rules! authentication_types {
    ($($(#[$doc:meta])* $variant:ident $wire:literal $field:ident: $member:ident,)+) => {
        /// How the application authenticates. `type` selects which one of the members applies.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct Authentication {
            /// The type of authentication; None where the application asks for none. In an environment: absent inherits that of the base; another type replaces the authentication of the base whole.
            #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
            pub kind: Option<AuthenticationType>,
            $($(#[$doc])*
            #[serde(rename = $wire, default, skip_serializing_if = "Option::is_none")]
            pub $field: Option<$member>,)+
        }

        /// The types of authentication.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[schemars(description = "")]
        pub enum AuthenticationType {
            /// No authentication.
            None,
            $($(#[$doc])* $variant,)+
        }

        impl AuthenticationType {
            /// Every type, in the order of the documentation.
            pub const ALL: &'static [Self] = &[Self::None, $(Self::$variant,)+];

            /// The word in the manifest, which is the output's `auth-type` as well.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { Self::None => "None", $(Self::$variant => stringify!($variant),)+ }
            }

            /// The field of [`Authentication`] that belongs to this type; `None` has none.
            #[must_use]
            pub fn member(self) -> Option<&'static str> {
                match self { Self::None => None, $(Self::$variant => Some($wire),)+ }
            }

            /// The fields of the member and the output key of each.
            #[must_use]
            pub fn fields(self) -> Vec<FieldKey> {
                let mut out = Vec::new();
                match self {
                    Self::None => {}
                    $(Self::$variant => $member::keys(
                        FieldKey::of_member($wire),
                        &mut out,
                    ),)+
                }
                out
            }
        }

        impl Authentication {
            /// The members that are set.
            #[must_use]
            pub fn members(&self) -> Vec<AuthenticationType> {
                let mut out = Vec::new();
                $(if self.$field.is_some() { out.push(AuthenticationType::$variant); })+
                out
            }

            /// Lays an environment's authentication over this one: by field where the type is the same or absent, whole otherwise.
            pub fn overlay(&mut self, over: &Self) {
                if over.kind.is_some() && over.kind != self.kind {
                    *self = over.clone();
                    return;
                }
                $(overlay(&mut self.$field, over.$field.as_ref());)+
            }

            /// What the member of the type puts into the output; members of other types give nothing.
            #[must_use]
            pub fn slots(&self) -> Vec<Slot<'_>> {
                let mut out = Vec::new();
                match self.kind {
                    $(Some(AuthenticationType::$variant) => if let Some(member) = &self.$field {
                        member.slots($wire.to_owned(), "", &mut out);
                    },)+
                    Some(AuthenticationType::None) | None => {}
                }
                out
            }

            /// The fields that the type needs and that are not set, below `authentication`.
            #[must_use]
            pub fn missing(&self) -> Vec<String> {
                match self.kind {
                    $(Some(AuthenticationType::$variant) => {
                        let missing = match &self.$field {
                            Some(member) => member.missing(),
                            None => $member::default().missing(),
                        };
                        missing.into_iter().map(|field| format!("{}.{field}", $wire)).collect()
                    },)+
                    Some(AuthenticationType::None) | None => Vec::new(),
                }
            }
        }
    };
}

pub(crate) use {authentication_types, help, member, secret, typed, words};
