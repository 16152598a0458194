//! Whether the API server's store has gone back to an earlier state, as when etcd is restored from a backup.
//!
//! Versions of a store only rise. A watch that goes on from a version which the restored store has not reached yet is
//! told nothing until it has, and may wait for hours. So the highest version that any answer had is kept, and a watch
//! whose connection failed asks for the present version before it goes on: where that is lower, everything is listed
//! anew. While connections last, nothing is asked.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of the store. There is one for the process, as there is one API server.
static STORE: Mutex<Known> = Mutex::new(Known { highest: 0, restores: 0 });

#[derive(Clone, Debug)]
pub(super) struct Known {
    highest: u64,
    restores: u64,
}

/// How often the store has gone back, as a watch knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Era(u64);

fn store() -> MutexGuard<'static, Known> {
    STORE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Known {
    fn saw(&mut self, version: &str) {
        // Where versions are no numbers, nothing can be told from them.
        self.highest = self.highest.max(version.parse().unwrap_or_default());
    }

    /// Takes in a version that was asked for after this was known. What has been seen since the question does not count:
    /// it may be newer than the answer.
    fn is_now_at(&mut self, asked: &Known, version: &str) {
        let went_back = version.parse::<u64>().is_ok_and(|version| version < asked.highest);
        // Whoever else has asked may have noticed already.
        if went_back && self.restores == asked.restores {
            (self.highest, self.restores) = (version.parse().unwrap_or_default(), self.restores + 1);
        }
    }
}

/// Takes in the version of something that was read or written.
pub(super) fn saw(version: &str) {
    store().saw(version);
}

/// Returns what is known before the present version is asked for.
pub(super) fn known() -> Known {
    store().clone()
}

/// Takes in the present version of the store, which was asked for when this was known.
pub(super) fn is_now_at(asked: &Known, version: &str) {
    store().is_now_at(asked, version);
}

/// Returns the present era.
pub(super) fn era() -> Era {
    Era(store().restores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_below_the_highest_one_begins_an_era() {
        let mut known = Known { highest: 0, restores: 0 };
        for (seen, now, restores) in [("7", "7", 0), ("9", "12", 0), ("20", "13", 1), ("14", "14", 1), ("x", "y", 1)] {
            known.saw(seen);
            let asked = known.clone();
            known.is_now_at(&asked, now);
            assert_eq!(known.restores, restores, "{seen}, then {now}");
        }
    }

    #[test]
    fn what_is_seen_after_the_question_does_not_count() {
        let mut known = Known { highest: 7, restores: 0 };
        let asked = known.clone();
        known.saw("9");
        known.is_now_at(&asked, "8");
        assert_eq!((known.highest, known.restores), (9, 0));
    }

    #[test]
    fn several_that_ask_notice_a_restore_once() {
        let mut known = Known { highest: 7, restores: 0 };
        let asked = known.clone();
        for now in ["3", "4"] {
            known.is_now_at(&asked, now);
        }
        assert_eq!((known.highest, known.restores), (3, 1));
    }
}
