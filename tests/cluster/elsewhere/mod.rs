//! Outputs in other namespaces, and what is kept or taken away when a target, a grant or a credential goes.
//!
//! ```text
//! stories    what is where in the end, and what is told of it      stories.rs, table.rs
//! attacks    what somebody tries who may not                        attacks.rs, marks.rs, metadata.rs, types.rs
//! deletion   credentials, grants, namespaces that go                deletion.rs, waiting.rs, retain.rs, crowd.rs
//! forbidden  namespaces that may not be listed                      forbidden.rs
//! pins       namespaces that are pinned by their uid               pins.rs
//! binding    Service Binding and the types of Secrets               binding.rs, replaced.rs
//! spread     the fixtures, each environment in its own namespace    spread.rs
//! at rest    nothing is written, and who uses a grant is told       rest.rs
//! ```

mod attacks;
mod binding;
mod crowd;
mod deletion;
mod forbidden;
mod marks;
mod metadata;
mod pins;
mod replaced;
mod rest;
mod retain;
mod spread;
mod stories;
mod table;
mod types;
mod waiting;

/// A credential that needs no source; what follows are its targets or environments.
const APP: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: app}
spec:
  application: {type: redis}
  authentication: {type: BearerToken, bearerToken: {token: {value: t0ken}}}
  connection: {host: redis.internal}
";

/// [`APP`] with this line of its spec.
fn app(line: &str) -> String {
    format!("{APP}  {line}\n")
}

/// A credential like [`APP`] of another name.
fn named(name: &str, line: &str) -> String {
    app(line).replace("metadata: {name: app}", &format!("metadata: {{name: {name}}}"))
}
