//! Whether the API server's store has gone back to an earlier state, as when etcd is restored from a backup.
//!
//! Versions of a store only rise. A watch that goes on from a version which the restored store has not reached yet is
//! told nothing until it has, and may wait for hours. So the highest version that any answer had is kept, and a watch
//! whose connection failed asks for the present version before it goes on: where that is lower, everything is listed
//! anew. While connections last, nothing is asked.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of the store. There is one for the process, as there is one API server.
static STORE: Mutex<Known> = Mutex::new(Known { highest: 0, restores: 0 });

#[derive(Debug)]
struct Known {
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

    fn is_now_at(&mut self, version: &str) {
        if let Ok(version) = version.parse::<u64>()
            && version < self.highest
        {
            (self.highest, self.restores) = (version, self.restores + 1);
        }
    }
}

/// Takes in the version of something that was read or written.
pub(super) fn saw(version: &str) {
    store().saw(version);
}

/// Takes in the present version of the store.
pub(super) fn is_now_at(version: &str) {
    store().is_now_at(version);
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
            known.is_now_at(now);
            assert_eq!(known.restores, restores, "{seen}, then {now}");
        }
    }
}
