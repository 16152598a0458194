//! A batch of the keys of a map: whatever goes over many objects goes over this many at once.

use std::ops::Bound;

/// How many objects are looked at in one go.
pub(super) const BATCH: usize = 128;

/// Returns the next keys of a map after one, from `first` on and as long as they are `within`: a batch of them.
pub(super) fn batch<'a, K: Ord + Clone + 'a>(
    keys: impl Fn((Bound<K>, Bound<K>)) -> Box<dyn Iterator<Item = &'a K> + 'a>,
    first: K,
    after: Option<K>,
    within: impl Fn(&K) -> bool,
) -> Vec<K> {
    let from = after.map_or(Bound::Included(first), Bound::Excluded);
    keys((from, Bound::Unbounded)).take(BATCH).take_while(|key| within(key)).cloned().collect()
}
