//! Consent: whether a credential may write into a namespace.
//!
//! A credential may always write into its own namespace. Another namespace consents by an `AppCredentialGrant` in it. A
//! target is written whole or not at all, so it needs consent to both of its objects.

use std::sync::Arc;

use super::{Pins, Sight};
use crate::resolve::Target;
use appcredential_api::{AppCredentialGrantSpec, Identity, ObjectRef, Problem, Reason, labels};

/// What the namespaces that concern a credential consent to.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// The grants, each with the namespace that it stands in.
    pub grants: Vec<(String, Arc<AppCredentialGrantSpec>)>,
    /// The namespaces that the operator sees.
    pub sight: Sight,
    /// What is known of the namespaces that a target or a grant pins.
    pub pins: Pins,
}

impl Consent {
    /// Returns whether an object may be written.
    #[must_use]
    pub fn permits(&self, owner: &Identity, object: &ObjectRef) -> bool {
        self.grants_it(owner, object, |uid| self.pins.misfit(&owner.namespace, uid).is_none())
    }

    /// Returns whether consent is known to be missing. A pin that cannot be looked at takes nothing back.
    #[must_use]
    pub fn is_revoked(&self, owner: &Identity, object: &ObjectRef) -> bool {
        !self.grants_it(owner, object, |uid| !self.pins.is_another(&owner.namespace, uid))
    }

    /// Whether the namespace consents, with the pins of the credential's namespace that fit.
    fn grants_it(&self, owner: &Identity, object: &ObjectRef, fits: impl Fn(&str) -> bool) -> bool {
        let ObjectRef { kind, namespace, name } = object;
        let allows = |(at, grant): &(String, Arc<AppCredentialGrantSpec>)| {
            at == namespace && grant.permits_where(&owner.namespace, &owner.name, *kind, name, &fits)
        };
        *namespace == owner.namespace || self.grants.iter().any(allows)
    }

    /// Returns why the pins of grants do not fit, where some grant would consent but for its pin.
    fn pinned_out(&self, owner: &Identity, target: &Target) -> Option<Problem> {
        let but_for_pins = |object| self.grants_it(owner, object, |_| true);
        if !target.objects().iter().all(but_for_pins) {
            return None;
        }
        let here = self.grants.iter().filter(|(at, _)| *at == target.namespace);
        let from = here.flat_map(|(_, grant)| &grant.from).filter(|from| from.namespace == owner.namespace);
        let mut uids = from.filter_map(|from| from.namespace_uid.as_deref());
        let (reason, message) = uids.find_map(|uid| self.pins.misfit(&owner.namespace, uid))?;
        let about = format!("namespace {}", owner.namespace);
        Some(Problem::about(reason, about, format!("as a grant in {} names it, {message}", target.namespace)))
    }

    /// Decides whether a target may be written.
    ///
    /// # Errors
    /// The problem, with the manifest that the owner of the namespace would have to apply.
    pub fn target(&self, owner: &Identity, target: &Target) -> Result<(), Problem> {
        let namespace = &target.namespace;
        let problem = |reason, message| Err(Problem::about(reason, format!("namespace {namespace}"), message));
        if *namespace != owner.namespace
            && let Some(reason) = self.sight.obstacle(namespace)
        {
            let message = match reason {
                Reason::NamespaceForbidden => {
                    "cannot be listed by this operator; give the operator's service account its role there, or move the target"
                }
                _ => "is not watched by this operator; add it to --namespace, or move the target",
            };
            return problem(reason, message.to_owned());
        }
        let pinned = target.namespace_uid.as_deref().and_then(|uid| self.pins.misfit(namespace, uid));
        if let Some((reason, message)) = pinned {
            return problem(reason, message);
        }
        let refused = target.objects().into_iter().filter(|object| !self.permits(owner, object));
        let refused: Vec<String> = refused.map(|ObjectRef { kind, name, .. }| format!("{kind} {name}")).collect();
        if refused.is_empty() {
            return Ok(());
        }
        if let Some(pinned) = self.pinned_out(owner, target) {
            return Err(pinned);
        }
        let [from, name, namespace] = [&owner.namespace, &owner.name, namespace].map(|name| text(name));
        let manifest = format!(
            "{{apiVersion: {}/{}, kind: AppCredentialGrant, metadata: {{name: {from}, namespace: {namespace}}}, spec: {{from: [{{namespace: {from}, name: {name}}}]}}}}",
            labels::GROUP,
            labels::VERSION
        );
        let refused = refused.join(" and ");
        problem(Reason::NotGranted, format!("does not consent to the {refused}; ask its owner to apply: {manifest}"))
    }
}

/// A name as YAML takes it for a text: `2024` and `true` would be something else.
fn text(name: &str) -> String {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_odd = name.starts_with(|first: char| first.is_ascii_digit()) || words.contains(&name);
    if is_odd { format!("\"{name}\"") } else { name.to_owned() }
}
