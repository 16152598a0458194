//! Memory for what is large: a number of bytes that all reconciles share.
//!
//! What is usual takes nothing of it and never waits. A reconcile that meets more takes a share before it goes on, whole
//! and once, so that no two wait for each other. Shares are given in the order in which they are asked for: nobody is
//! starved by those who want less, and those who want none are not held up.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, OnceCell, OwnedSemaphorePermit, Semaphore};

/// What all reconciles may hold together, in bytes. The chart's limit is four times that; the rest is for the program,
/// its connections and watches, and what is known of all credentials.
const BUDGET: usize = 32 * 1024 * 1024;
/// A share: the largest object while it is read, the values of an environment, and an output that is made of them while
/// it is written.
const SHARE: usize = 8 * 1024 * 1024;
/// What is counted: a semaphore's numbers are too small for bytes.
const UNIT: usize = 1024;

/// The budget.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    free: Arc<Semaphore>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(BUDGET / UNIT)) }
    }
}

/// What one reconcile has of the budget, until it is dropped.
#[derive(Debug)]
pub(super) struct Meter {
    budget: Budget,
    share: OnceCell<Option<OwnedSemaphorePermit>>,
    turn: Mutex<()>,
}

impl Meter {
    /// Starts with nothing.
    pub(super) fn new(budget: &Budget) -> Self {
        Self { budget: budget.clone(), share: OnceCell::new(), turn: Mutex::new(()) }
    }

    /// Waits for a share with so many bytes besides, if the reconcile has none yet.
    pub(super) async fn take(&self, besides: usize) {
        let units = (SHARE.saturating_add(besides).min(BUDGET) / UNIT).try_into().unwrap_or(u32::MAX);
        // The semaphore is never closed, so there is always a permit in the end.
        let share = || async { Arc::clone(&self.budget.free).acquire_many_owned(units).await.ok() };
        self.share.get_or_init(share).await;
    }

    /// Waits until no other large answer of this reconcile is in memory, and for its share.
    pub(super) async fn enter(&self) -> MutexGuard<'_, ()> {
        let turn = self.turn.lock().await;
        self.take(0).await;
        turn
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_share_that_was_asked_for_first_is_given_first() {
        let budget = Budget::default();
        let [first, whole, after] = [(); 3].map(|()| Meter::new(&budget));
        assert!(first.take(0).now_or_never().is_some(), "there is room for it");
        let mut waiting = [Box::pin(whole.take(BUDGET)), Box::pin(after.take(0))];
        for share in &mut waiting {
            assert!(futures::poll!(share).is_pending(), "a small one does not overtake the one that wants everything");
        }
        drop(first);
        let [one, other] = &mut waiting;
        assert!(futures::poll!(one).is_ready());
        assert!(futures::poll!(other).is_pending());
    }

    #[tokio::test]
    async fn a_share_is_taken_once_and_comes_back_when_its_reconcile_ends() {
        let budget = Budget::default();
        let meter = Meter::new(&budget);
        meter.take(0).await;
        meter.take(BUDGET).await;
        drop(meter.enter().await);
        assert_eq!(budget.free.available_permits() * UNIT, BUDGET - SHARE);
        drop(meter);
        assert_eq!(budget.free.available_permits() * UNIT, BUDGET);
    }
}
