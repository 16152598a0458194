//! The kinds, as people write them, and the rules that admission applies to them.
//!
//! Everything here is data: this crate uses no client, no clock and no other crate of the operator.

pub mod admission;
pub mod authentication;
pub mod bytes;
pub mod connection;
pub mod crd;
pub mod credential;
pub mod dns;
pub mod extra;
pub mod grant;
pub mod kind;
pub mod labels;
pub mod named;
pub mod object;
pub mod output;
pub mod path;
pub mod plain;
pub mod problem;
mod reading;
pub mod reason;
pub mod reserved;
pub mod rules;
pub mod secret_type;
pub mod status;
pub mod value;
pub mod version;

pub use authentication::{Authentication, AuthenticationType};
pub use bytes::SensitiveBytes;
pub use connection::Connection;
pub use credential::{AppCredential, AppCredentialSpec, Environment, Layout, Target};
pub use grant::{AppCredentialGrant, AppCredentialGrantSpec, AppCredentialGrantStatus};
pub use kind::{Identity, Kind};
pub use object::{NamespacedName, ObjectRef};
pub use output::OutputSpec;
pub use path::FieldPath;
pub use problem::{Problem, Problems};
pub use reason::{Disposition, Reason};
pub use secret_type::SecretType;
pub use status::AppCredentialStatus;
pub use value::{NamedValue, Sensitive, Value};
pub use version::{ResourceVersion, Uid};
