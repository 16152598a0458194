//! Merging: the base with each environment by itself, so the order of environments does not matter.
//!
//! The rules are those of the concept page "merging"; each type merges itself
//! (`Authentication::overlay`, `Connection::overlay`, `named::overlay`), and this module combines them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::output::Shape;
use appcredential_api::credential::{Environment, Target};
use appcredential_api::{AppCredentialSpec, Authentication, Connection, FieldPath, NamedValue, named};

/// An environment with the base under it, not yet validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The name; none for the implicit environment of a credential that declares none.
    pub name: Option<String>,
    /// The path of its fields: `spec`, or `spec.environments[<name>]`.
    pub path: FieldPath,
    /// Authentication, base and environment.
    pub authentication: Authentication,
    /// Connection, base and environment.
    pub connection: Connection,
    /// Scopes, of the environment or else of the base.
    pub scopes: Vec<String>,
    /// Parameters, by name, without those that are excluded.
    pub parameters: Vec<NamedValue>,
    /// The shape of outputs, base and environment.
    pub shape: Arc<Shape>,
    /// Targets of the environment: never inherited.
    pub targets: Vec<Target>,
    /// Names that are set and excluded at once.
    pub contradictions: Vec<String>,
}

/// Merges every environment of a spec; a spec without environments has one, without a name.
#[must_use]
pub fn merge(spec: &AppCredentialSpec) -> Vec<Merged> {
    let environments = spec.environments.as_deref().unwrap_or_default();
    if environments.is_empty() {
        let mut merged = of_base(spec);
        merged.targets = spec.targets.clone().unwrap_or_default();
        return vec![merged];
    }
    // Templates are long: every environment shares those of the base.
    let base = of_base(spec);
    environments.iter().map(|environment| over(base.clone(), environment)).collect()
}

/// Returns what every environment begins with.
pub(super) fn of_base(spec: &AppCredentialSpec) -> Merged {
    Merged {
        authentication: spec.authentication.clone().unwrap_or_default(),
        connection: spec.connection.clone().unwrap_or_default(),
        scopes: spec.scopes.clone().unwrap_or_default(),
        parameters: spec.parameters.clone().unwrap_or_default(),
        shape: Arc::new(Shape::default().over(spec.output.as_ref(), &FieldPath::spec().field("output"))),
        ..empty()
    }
}

fn empty() -> Merged {
    Merged {
        name: None,
        path: FieldPath::spec(),
        authentication: Authentication::default(),
        connection: Connection::default(),
        scopes: Vec::new(),
        parameters: Vec::new(),
        shape: Arc::default(),
        targets: Vec::new(),
        contradictions: Vec::new(),
    }
}

/// Returns an environment alone, with nothing under it.
pub(super) fn of_environment(environment: &Environment) -> Merged {
    over(empty(), environment)
}

/// Lays an environment over what it begins with.
fn over(mut merged: Merged, environment: &Environment) -> Merged {
    if let Some(authentication) = &environment.authentication {
        merged.authentication.overlay(authentication);
    }
    if let Some(connection) = &environment.connection {
        merged.connection.overlay(connection);
    }
    if let Some(scopes) = &environment.scopes {
        merged.scopes.clone_from(scopes);
    }
    let excluded: BTreeSet<&String> = environment.excluded_parameters.iter().flatten().collect();
    merged.parameters.retain(|parameter| !excluded.contains(&parameter.name));
    if let Some(parameters) = &environment.parameters {
        merged.contradictions =
            parameters.iter().map(|p| p.name.clone()).filter(|name| excluded.contains(name)).collect();
        named::overlay(&mut merged.parameters, parameters);
    }
    merged.targets = environment.targets.clone().unwrap_or_default();
    merged.path = FieldPath::spec().field("environments").entry(&environment.name);
    if environment.output.is_some() {
        merged.shape = Arc::new(merged.shape.over(environment.output.as_ref(), &merged.path.field("output")));
    }
    merged.name = Some(environment.name.clone());
    merged
}
