//! Where each effective field of an environment comes from: set by it, inherited, overriding the base, or excluded.
//!
//! Merging (`merge`) decides what is effective; here the base, the environment and what came of them are compared field
//! by field, so that whoever edits sees what an edit in the one or the other would do.

use std::collections::BTreeMap;

use super::leaves::Leaves;
use super::merge::{Merged, merge, of_base, of_environment};
use super::{Leaf, Origin};
use appcredential_api::AppCredentialSpec;

/// Where a field comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// It stands in the environment, or in a base without environments, and nowhere under it.
    Own,
    /// It stands in the base, and the environment leaves it as it is.
    Inherited,
    /// It stands in the environment over that of the base, which a reset would bring back.
    Override {
        /// What the base has.
        base: Origin,
    },
    /// It stands in the base, and the environment takes it out: by `excludedParameters`, another type of
    /// authentication, a `uri` instead of a `host`.
    Excluded,
}

/// A field with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The field below the environment or the spec, such as `connection.host` or `parameters[pool-size]`.
    pub field: String,
    /// The leaf: the effective one, or for an excluded field that of the base.
    pub leaf: Leaf,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// Traces the fields of each environment, in the order of the spec; a spec without environments has one.
///
/// It needs no valid spec: whoever edits one wants to see what there is.
#[must_use]
pub fn trace(spec: &AppCredentialSpec) -> Vec<(Merged, Vec<Traced>)> {
    let declared = spec.environments.as_deref().unwrap_or_default();
    let base = fields(spec, &of_base(spec));
    let own = declared.iter().map(|environment| fields(spec, &of_environment(environment)));
    let mut own: Vec<BTreeMap<String, Leaf>> = own.collect();
    own.resize_with(own.len().max(1), BTreeMap::new);
    let one = |(merged, own): (Merged, BTreeMap<String, Leaf>)| {
        let traced = trace_one(spec, &merged, &base, &own);
        (merged, traced)
    };
    merge(spec).into_iter().zip(own).map(one).collect()
}

fn trace_one(
    spec: &AppCredentialSpec,
    merged: &Merged,
    base: &BTreeMap<String, Leaf>,
    own: &BTreeMap<String, Leaf>,
) -> Vec<Traced> {
    let effective = fields(spec, merged);
    let of = |field: &String| match (base.get(field), own.get(field)) {
        _ if merged.name.is_none() => Provenance::Own,
        (Some(base), Some(_)) => Provenance::Override { base: base.origin.clone() },
        (Some(_), None) => Provenance::Inherited,
        (None, _) => Provenance::Own,
    };
    let excluded = base.iter().filter(|(field, _)| !effective.contains_key(*field));
    let excluded = excluded
        .map(|(field, leaf)| Traced { field: field.clone(), leaf: leaf.clone(), provenance: Provenance::Excluded })
        .collect::<Vec<_>>();
    let there = effective.into_iter().map(|(field, leaf)| Traced { provenance: of(&field), field, leaf });
    there.chain(excluded).collect()
}

/// Returns the leaves by their field below the environment or the spec. What no environment changes is left out.
fn fields(spec: &AppCredentialSpec, merged: &Merged) -> BTreeMap<String, Leaf> {
    let leaves = Leaves::of(spec, merged).leaves.into_iter();
    let below = |leaf: Leaf| {
        let field = leaf.path.as_str().strip_prefix(merged.path.as_str())?.strip_prefix('.')?.to_owned();
        (!field.starts_with("application.")).then_some((field, leaf))
    };
    leaves.filter_map(below).collect()
}
