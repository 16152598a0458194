//! Lists of entries that have a name: merged by name, whole entry, in the order of the base.

use super::value::NamedValue;

/// Lays entries over others: an entry of the same name is replaced whole, others are added behind.
pub fn overlay(base: &mut Vec<NamedValue>, over: &[NamedValue]) {
    for entry in over {
        match base.iter_mut().find(|known| known.name == entry.name) {
            Some(known) => *known = entry.clone(),
            None => base.push(entry.clone()),
        }
    }
}
