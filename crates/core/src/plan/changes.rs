//! The keys of an output that a write changes, for the log. Never a value.

use std::collections::BTreeMap;

use super::{Fingerprinter, Observed};
use crate::render::Object;

/// How many keys are named.
const NAMED: usize = 20;

/// Returns the keys that differ between the observed and the desired: `+added ~changed -removed`, by name. Without
/// anything there, all are added.
#[must_use]
pub fn changed_keys(there: Option<&Observed>, desired: &Object, fingerprinter: &Fingerprinter) -> String {
    let there: BTreeMap<&str, u32> =
        there.map(|it| it.keys.iter().map(|(key, hash)| (key.as_str(), *hash)).collect()).unwrap_or_default();
    let mut marks: BTreeMap<&str, char> = BTreeMap::new();
    for (key, value) in &desired.data {
        match there.get(key.as_str()) {
            None => marks.insert(key, '+'),
            Some(known) if *known != fingerprinter.of_value(value.expose()) => marks.insert(key, '~'),
            Some(_) => None,
        };
    }
    marks.extend(there.keys().filter(|key| !desired.data.contains_key(**key)).map(|key| (*key, '-')));
    let more = marks.len().saturating_sub(NAMED);
    let mut words: Vec<String> = marks.into_iter().take(NAMED).map(|(key, mark)| format!("{mark}{key}")).collect();
    if more > 0 {
        words.push(format!("and {more} more"));
    }
    words.join(" ")
}
