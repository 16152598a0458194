//! Which Event says the same already: it is counted up instead of written again.
//!
//! Kubernetes lets nothing of an Event change but its series. So another text is another Event, and the same text of
//! the same credential is the same one for some minutes. Only names are kept, and not more than a few hundred.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use tokio::time::Instant;

use super::Note;

/// How long after the last time the same is still the same Event, as with Kubernetes' own components.
const LASTS: Duration = Duration::from_secs(360);
/// How many are remembered.
const REMEMBERED: usize = 512;

/// An Event that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Its name.
    pub(super) name: String,
    /// How often it was counted.
    pub(super) count: i32,
    last: Instant,
}

/// The Events that were written lately.
#[derive(Debug, Default)]
pub(super) struct Series {
    salt: RandomState,
    told: HashMap<u64, Told>,
}

impl Series {
    /// Returns the Event that says the same, if there is one.
    pub(super) fn of(&self, note: &Note, now: Instant) -> Option<Told> {
        let told = self.told.get(&self.salt.hash_one(note))?;
        (now < told.last + LASTS).then(|| told.clone())
    }

    /// Remembers how often the Event of this name was counted.
    pub(super) fn remember(&mut self, note: &Note, name: String, count: i32, now: Instant) {
        let key = self.salt.hash_one(note);
        if self.told.len() >= REMEMBERED && !self.told.contains_key(&key) {
            self.make_room(now);
        }
        self.told.insert(key, Told { name, count, last: now });
    }

    /// Forgets an Event that is not there any more.
    pub(super) fn forget(&mut self, note: &Note) {
        self.told.remove(&self.salt.hash_one(note));
    }

    /// Forgets what is over, or else the one that was counted longest ago.
    fn make_room(&mut self, now: Instant) {
        self.told.retain(|_, told| now < told.last + LASTS);
        if self.told.len() >= REMEMBERED {
            let oldest = self.told.iter().min_by_key(|(_, told)| told.last).map(|(key, _)| *key);
            oldest.and_then(|oldest| self.told.remove(&oldest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::note;
    use super::*;

    #[test]
    fn only_the_same_text_on_the_same_credential_is_the_same_event() {
        let (mut series, now) = (Series::default(), Instant::now());
        series.remember(&note("a", "1", "x is missing"), "1.abc".to_owned(), 1, now);
        let of = |note: &Note, later: u64| series.of(note, now + Duration::from_secs(later)).map(|told| told.name);
        assert_eq!(of(&note("a", "1", "x is missing"), 359).as_deref(), Some("1.abc"));
        assert_eq!(of(&note("a", "1", "x is missing"), 360), None, "after a while it is another");
        assert_eq!(of(&note("a", "1", "y is missing"), 0), None);
        assert_eq!(of(&note("a", "2", "x is missing"), 0), None);
        assert_eq!(of(&Note { field: Some("spec".to_owned()), ..note("a", "1", "x is missing") }, 0), None);
    }

    #[test]
    fn no_more_are_remembered_than_fit_and_the_oldest_go() {
        let (mut series, start) = (Series::default(), Instant::now());
        for index in 0..3 * REMEMBERED {
            let now = start + Duration::from_millis(u64::try_from(index).unwrap_or_default());
            series.remember(&note("a", &index.to_string(), "x"), index.to_string(), 1, now);
        }
        assert_eq!(series.told.len(), REMEMBERED);
        let last = note("a", &(3 * REMEMBERED - 1).to_string(), "x");
        assert!(series.of(&last, start).is_some());
        series.forget(&last);
        assert!(series.of(&last, start).is_none());
    }
}
