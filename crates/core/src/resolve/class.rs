//! The sensitivity table: which leaf goes to which object, and under which key.
//!
//! A leaf's class follows from its field and the source of its value (`leaves`), never from a flag.
//! The table is used twice: to render, and to find keys that would collide.

use appcredential_api::Kind;
use appcredential_api::credential::Layout;

/// Which outputs a leaf goes to: the rows of the sensitivity table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Authentication, and whatever comes from a Secret: to Secrets only.
    Secret,
    /// Connection, scopes, plain parameters, `environment`: to the ConfigMap, and to a ServiceBinding Secret.
    Setting,
    /// The application's type and provider: to a ServiceBinding Secret.
    Application,
    /// `auth-type`: to the ConfigMap.
    AuthType,
}

/// Returns the key that a leaf has in an object, if it goes there at all: the sensitivity table.
#[must_use]
pub fn key(class: Class, key: &str, kind: Kind, layout: Layout) -> Option<&str> {
    let binding = kind == Kind::Secret && layout == Layout::ServiceBinding;
    // Service Binding's well-known name for CA certificates.
    let key = if binding && key == "ca.crt" { "certificates" } else { key };
    goes(class, kind, layout).then_some(key)
}

/// Returns whether a leaf of this class goes to an object.
#[must_use]
pub fn goes(class: Class, kind: Kind, layout: Layout) -> bool {
    matches!(
        (kind, layout, class),
        (Kind::ConfigMap, _, Class::Setting | Class::AuthType)
            | (Kind::Secret, _, Class::Secret)
            | (Kind::Secret, Layout::ServiceBinding, Class::Setting | Class::Application)
    )
}
