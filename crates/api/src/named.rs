//! Lists of entries that have a name: merged by name, whole entry, in the order of the base.

use std::collections::BTreeMap;

use super::value::NamedValue;

/// Lays entries over others: an entry of the same name is replaced whole, others are added behind.
pub fn overlay(base: &mut Vec<NamedValue>, over: &[NamedValue]) {
    // Of entries that share a name, which only a resource of old can have, the first one is replaced.
    let mut known: BTreeMap<String, usize> =
        base.iter().enumerate().rev().map(|(index, entry)| (entry.name.clone(), index)).collect();
    for entry in over {
        match known.get(&entry.name).and_then(|index| base.get_mut(*index)) {
            Some(known) => *known = entry.clone(),
            None => {
                known.insert(entry.name.clone(), base.len());
                base.push(entry.clone());
            }
        }
    }
}
