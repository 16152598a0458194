//! Consent: whether a credential may write into a namespace.
//!
//! Its own namespace it always may. Another one consents with an `AppCredentialGrant` that stands there. A target is
//! written whole or not at all, so it needs consent to both of its objects.

use std::sync::Arc;

use super::Sight;
use crate::api::{AppCredentialGrantSpec, Identity, Kind, Problem, Reason, labels};
use crate::resolve::Target;

/// What the namespaces that concern a credential consent to.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// The grants, each with the namespace that it stands in.
    pub grants: Vec<(String, Arc<AppCredentialGrantSpec>)>,
    /// The namespaces that the operator sees.
    pub sight: Sight,
}

impl Consent {
    /// Whether an object may be written.
    #[must_use]
    pub fn permits(&self, owner: &Identity, kind: Kind, namespace: &str, name: &str) -> bool {
        let allows = |(at, grant): &(String, Arc<AppCredentialGrantSpec>)| {
            at == namespace && grant.permits(&owner.namespace, &owner.name, kind, name)
        };
        namespace == owner.namespace || self.grants.iter().any(allows)
    }

    /// Whether a target may be written.
    ///
    /// # Errors
    /// The problem, with the manifest that the owner of the namespace would have to apply.
    pub fn target(&self, owner: &Identity, target: &Target) -> Result<(), Problem> {
        let namespace = &target.namespace;
        let problem = |reason, message| Err(Problem::new(reason, format!("namespace {namespace}"), message));
        if *namespace != owner.namespace
            && let Some(reason) = self.sight.obstacle(namespace)
        {
            let message = match reason {
                Reason::NamespaceForbidden => {
                    "is one where this operator may not list; give its service account its role there, or move the target"
                }
                _ => "is not one that this operator watches; add it to --namespace, or move the target",
            };
            return problem(reason, message.to_owned());
        }
        let refused = target.objects().into_iter().filter(|(kind, at, name)| !self.permits(owner, *kind, at, name));
        let refused: Vec<String> = refused.map(|(kind, _, name)| format!("{kind} {name}")).collect();
        if refused.is_empty() {
            return Ok(());
        }
        let [from, name, namespace] = [&owner.namespace, &owner.name, namespace].map(|name| text(name));
        let manifest = format!(
            "{{apiVersion: {}/{}, kind: AppCredentialGrant, metadata: {{name: {from}, namespace: {namespace}}}, spec: {{from: [{{namespace: {from}, name: {name}}}]}}}}",
            labels::GROUP,
            labels::VERSION
        );
        let refused = refused.join(" and ");
        problem(Reason::NotGranted, format!("does not consent to the {refused}; whoever owns it can apply: {manifest}"))
    }
}

/// A name as YAML takes it for a text: `2024` and `true` would be something else.
fn text(name: &str) -> String {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_odd = name.starts_with(|first: char| first.is_ascii_digit()) || words.contains(&name);
    if is_odd { format!("\"{name}\"") } else { name.to_owned() }
}
