//! Whether the outputs of an environment can be made: names of keys, presets, templates, and what the Secret's type demands.
//!
//! They are made here as they are later rendered, with a stand-in for each value that a source gives. So what is accepted gives
//! the same keys later, and what a source's value alone can spoil is that environment's problem then.

use std::collections::BTreeSet;

use super::at::At;
use super::leaves::Leaves;
use super::{Layout, Origin, Target, targets};
use crate::output::{self, Composed, Part, Recipe, Shape, Stage, Wrong};
use appcredential_api::{Kind, Reason, SensitiveBytes};

/// What holds the place of a value that a source gives: a text, a host, a port.
const STAND_IN: &str = "1";

/// What outputs are made of.
pub(super) struct Given<'a> {
    pub(super) application: &'a str,
    pub(super) leaves: &'a Leaves,
    /// The keys of all environments.
    pub(super) known: &'a BTreeSet<&'a str>,
}

/// Outputs that were looked at, and the keys of their Secret.
struct Looked<'a> {
    layout: Layout,
    shape: &'a Shape,
    keys: BTreeSet<String>,
}

/// Validates the outputs of an environment's targets, at the environment.
pub(super) fn validate(given: &Given<'_>, targets: &[Target], at: &At<'_>) {
    let parts: Vec<Part<'_>> = given.leaves.leaves.iter().map(part).collect();
    // Targets of one layout and shape have the same keys: however many there are, the keys are looked at once.
    let mut looked: Vec<Looked<'_>> = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let is_known = |it: &&Looked<'_>| it.layout == target.layout && *it.shape == *target.shape;
        if looked.iter().find(is_known).is_none() {
            looked.push(look(given, &parts, target, at));
        }
        let Some(it) = looked.iter().find(is_known) else { continue };
        targets::validate_keys(&it.keys, target, &at.field("targets").index(index));
    }
}

/// Makes the outputs of a target once and says what is wrong with them.
fn look<'a>(given: &Given<'_>, parts: &[Part<'_>], target: &'a Target, at: &At<'_>) -> Looked<'a> {
    let recipe = Recipe { layout: target.layout, shape: &target.shape, application: given.application };
    let misshapen = output::misshapen(recipe, given.known);
    let Composed { entries, wrong } = output::compose(recipe, parts, Stage::Validate);
    for (path, wrong) in misshapen.into_iter().chain(wrong) {
        // Of what stands in the spec: nothing but an edit helps.
        let reason = if matches!(wrong, Wrong::Value { .. }) { Reason::InvalidSpec } else { wrong.reason() };
        at.jump(&path).wrong(reason, wrong.to_string());
    }
    let keys = entries.into_iter().filter(|entry| entry.kind == Kind::Secret).map(|entry| entry.key).collect();
    Looked { layout: target.layout, shape: &target.shape, keys }
}

fn part(leaf: &super::Leaf) -> Part<'_> {
    let value = match &leaf.origin {
        Origin::Plain(text) => SensitiveBytes::from(text.expose()),
        Origin::Source { .. } => SensitiveBytes::from(STAND_IN),
    };
    Part { path: Some(&leaf.path), key: &leaf.key, class: leaf.class, value: Some(value) }
}
