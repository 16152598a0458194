//! Arbitrary things out of a list of numbers, and how many cases a property is tried with.
//!
//! A thing is made by asking for one choice after the other; 0 always means the simplest, and so does a list that has come
//! to its end. So a case shrinks by shortening the list and by making its numbers smaller, and making one costs
//! microseconds, which nested strategies do not.

use proptest::prelude::*;
use proptest::test_runner::Config;

/// Choices, one after the other.
pub(crate) struct Choices {
    bytes: std::vec::IntoIter<u8>,
    /// Whether what is made may be invalid and collide in every way, or should rather be accepted.
    pub(crate) wild: bool,
}

impl Choices {
    fn new(numbers: &[u64]) -> Self {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let mut choices = Self { bytes: bytes.into_iter(), wild: false };
        choices.wild = choices.below(3) == 2;
        choices
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.bytes.next().unwrap_or(0)) % end
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    /// One of a list; the first is the simplest.
    pub(crate) fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    /// Something, half of the times.
    pub(crate) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.once_in(2).then(|| make(self))
    }

    /// A list of at most so many.
    pub(crate) fn list<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = self.below(most + 1);
        (0..length).map(|_| make(self)).collect()
    }
}

/// Things that are made by choices.
pub(crate) fn chosen<T: std::fmt::Debug>(make: impl Fn(&mut Choices) -> T) -> impl Strategy<Value = T> {
    proptest::collection::vec(any::<u64>(), 0..48).prop_map(move |numbers| make(&mut Choices::new(&numbers)))
}

/// So many cases, unless `PROPTEST_CASES` says otherwise. Nothing is written beside the sources: a case that fails is
/// printed in full, and belongs into a table.
pub(crate) fn cases(cases: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if !asked() {
        config.cases = cases;
    }
    config
}

/// Whether somebody has said how many cases there shall be.
fn asked() -> bool {
    std::env::var_os("PROPTEST_CASES").is_some()
}

/// A property says something only where its cases get to what it is about: at least some hundreds did.
pub(crate) fn reached(what: &str, count: usize) {
    assert!(count >= 300 || asked(), "only {count} {what}: the specs that are made have become too wild");
}
