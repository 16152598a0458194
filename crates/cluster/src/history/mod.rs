//! Whether the API server's store has gone back to an earlier state, as when etcd is restored from a backup.
//!
//! Versions of a store only rise. A watch that goes on from a version which the restored store has not reached yet is
//! told nothing until it has, and may wait for hours; if the store has passed it by then, the watch is told what came after
//! and never what was before. So two things are kept: the highest version that any answer had, and of the objects that watches
//! told of the one with the latest version, as a witness. A watch that was interrupted asks before it goes on (`resumed`, `ask`): where
//! the present version is lower, or the store has never had the witness in that version, everything is listed anew, by all
//! watches. While connections last, nothing is asked.

mod ask;
mod resumed;

use std::sync::{Arc, LazyLock};

use kube::Resource;
use tokio::sync::watch;

use ask::ask;
pub(super) use resumed::asking;

/// What is known of the store. There is one for the process, as there is one API server.
static STORE: LazyLock<watch::Sender<Known>> = LazyLock::new(watch::Sender::default);

#[derive(Clone, Debug, Default)]
struct Known {
    highest: u64,
    witness: Option<Arc<Witness>>,
    restores: u64,
}

/// An object in a version that the store has had.
#[derive(Debug, PartialEq, Eq)]
struct Witness {
    /// The path of what it is listed by.
    collection: String,
    name: String,
    version: u64,
}

/// How often the store has gone back, as a watch knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Era(u64);

/// Tells a watch that the store has gone back.
pub(super) struct Eras(watch::Receiver<Known>);

impl Known {
    fn saw(&mut self, version: &str) {
        // Where versions are no numbers, nothing follows from them.
        self.highest = self.highest.max(version.parse().unwrap_or_default());
    }

    fn saw_object(&mut self, version: &str, witness: impl FnOnce(u64) -> Witness) {
        self.saw(version);
        if let Ok(version) = version.parse()
            && self.witness.as_ref().is_none_or(|known| known.version < version)
        {
            self.witness = Some(Arc::new(witness(version)));
        }
    }

    /// Returns whether a version is one that a store would have to go back to.
    fn is_ahead_of(&self, version: &str) -> bool {
        version.parse::<u64>().is_ok_and(|version| version < self.highest)
    }

    /// Takes in that the store has gone back to a version, by what was known when that was asked for. Returns whether that is
    /// news: whoever else has asked may have noticed already.
    fn went_back(&mut self, asked: &Known, version: &str) -> bool {
        if self.restores != asked.restores {
            return false;
        }
        let highest = version.parse().unwrap_or_default();
        *self = Self { highest, witness: None, restores: self.restores + 1 };
        true
    }
}

impl Eras {
    /// Subscribes to what is known of the store.
    pub(super) fn new() -> Self {
        Self(STORE.subscribe())
    }

    /// Waits until this era is over.
    pub(super) async fn end_of(&mut self, era: Era) {
        // The sender is a static: it is never gone.
        let _ = self.0.wait_for(|known| known.restores != era.0).await;
    }
}

/// Takes in the version of something that was written, or is gone.
pub(super) fn saw(version: &str) {
    STORE.send_if_modified(|known| {
        known.saw(version);
        false
    });
}

/// Takes in an object of a watch event.
pub(super) fn saw_object<K: Resource<DynamicType = ()>>(object: &K) {
    let meta = object.meta();
    let witness = |version| Witness {
        collection: K::url_path(&(), meta.namespace.as_deref()),
        name: meta.name.clone().unwrap_or_default(),
        version,
    };
    STORE.send_if_modified(|known| {
        known.saw_object(meta.resource_version.as_deref().unwrap_or_default(), witness);
        false
    });
}

/// Returns the present era.
pub(super) fn era() -> Era {
    Era(STORE.borrow().restores)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is known after this, and whether it is news that the store has gone back.
    fn after(mut known: Known, asked: &Known, now: &str) -> (Known, bool) {
        let is_news = asked.is_ahead_of(now) && known.went_back(asked, now);
        (known, is_news)
    }

    fn seen(mut known: Known, version: &str) -> Known {
        let witness = |version| Witness { collection: "/c".to_owned(), name: "n".to_owned(), version };
        known.saw_object(version, witness);
        known
    }

    #[test]
    fn a_version_below_the_highest_one_begins_an_era() {
        let mut known = Known::default();
        for (saw, now, restores) in [("7", "7", 0), ("9", "12", 0), ("20", "13", 1), ("14", "14", 1), ("x", "y", 1)] {
            let asked = seen(known, saw);
            known = after(asked.clone(), &asked, now).0;
            assert_eq!(known.restores, restores, "{saw}, then {now}");
        }
    }

    #[test]
    fn what_is_seen_after_the_question_does_not_count() {
        let asked = seen(Known::default(), "7");
        let (known, is_news) = after(seen(asked.clone(), "9"), &asked, "8");
        assert_eq!((known.highest, is_news), (9, false));
    }

    #[test]
    fn several_that_ask_notice_a_restore_once() {
        let asked = seen(Known::default(), "7");
        let (known, first) = after(asked.clone(), &asked, "3");
        let (known, second) = after(known, &asked, "4");
        assert_eq!((known.highest, known.restores, first, second), (3, 1, true, false));
    }

    #[test]
    fn the_witness_is_the_latest_object_of_the_present_era() {
        let versions = |known: &Known| known.witness.as_ref().map(|witness| witness.version);
        let asked = seen(seen(Known::default(), "9"), "7");
        assert_eq!(versions(&asked), Some(9));
        let (known, _) = after(asked.clone(), &asked, "3");
        assert_eq!(versions(&known), None, "it is of a time that never was");
        assert_eq!(versions(&seen(known, "4")), Some(4));
    }
}
