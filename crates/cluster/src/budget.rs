//! Memory for what is large: a number of bytes that all reconciles share.
//!
//! What is usual takes nothing of it and never waits. A reconcile that meets more takes a share before it goes on, whole
//! and once, so that no two wait for each other. Shares are given in the order in which they are asked for: nobody is
//! starved by those who want less, and those who want none are not held up. A reconcile that is not known to be large
//! does not wait: where there is no share for it, it is refused, and comes again with those that are known to be large
//! (`Class::Large`), so that it keeps nobody else from running meanwhile.

use std::sync::Arc;

use tokio::sync::{Mutex, MutexGuard, Notify, OnceCell, OwnedSemaphorePermit, Semaphore};

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
    patience: Patience,
    share: OnceCell<Option<OwnedSemaphorePermit>>,
    turn: Mutex<()>,
    refused: Notify,
}

/// What happens where there is no share left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// The reconcile waits for one.
    Waits,
    /// The reconcile is refused, but for what it has written already, whose answer it waits for.
    IsRefused,
}

impl Meter {
    /// Starts with nothing.
    pub(super) fn new(budget: &Budget, patience: Patience) -> Self {
        let (share, turn, refused) = (OnceCell::new(), Mutex::new(()), Notify::new());
        Self { budget: budget.clone(), patience, share, turn, refused }
    }

    /// Waits for a share with so many bytes besides, if the reconcile has none yet. It waits for ever where that is refused.
    pub(super) async fn take(&self, besides: usize) {
        self.take_with(self.patience, besides).await;
    }

    async fn take_with(&self, patience: Patience, besides: usize) {
        let units = (SHARE.saturating_add(besides).min(BUDGET) / UNIT).try_into().unwrap_or(u32::MAX);
        let free = || Arc::clone(&self.budget.free);
        let share = || async {
            match free().try_acquire_many_owned(units) {
                Ok(share) => Some(share),
                // The semaphore is never closed, so there is always a permit in the end.
                Err(_) if patience == Patience::Waits => free().acquire_many_owned(units).await.ok(),
                Err(_) => {
                    self.refused.notify_one();
                    std::future::pending().await
                }
            }
        };
        self.share.get_or_init(share).await;
    }

    /// Waits until no other large answer of this reconcile is in memory, and for its share. The answer to a write is waited
    /// for by whoever it is.
    pub(super) async fn enter(&self, is_write: bool) -> MutexGuard<'_, ()> {
        let turn = self.turn.lock().await;
        self.take_with(if is_write { Patience::Waits } else { self.patience }, 0).await;
        turn
    }

    /// Waits until a share is refused.
    pub(super) async fn refused(&self) {
        self.refused.notified().await;
    }

    /// Returns whether the reconcile took a share.
    pub(super) fn has_share(&self) -> bool {
        self.share.initialized()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_share_that_was_asked_for_first_is_given_first() {
        let budget = Budget::default();
        let [first, whole, after] = [(); 3].map(|()| Meter::new(&budget, Patience::Waits));
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
    async fn a_reconcile_not_known_to_be_large_is_refused_without_waiting() {
        let budget = Budget::default();
        let [whole, first, writing] =
            [Patience::Waits, Patience::IsRefused, Patience::IsRefused].map(|patience| Meter::new(&budget, patience));
        whole.take(BUDGET).await;
        assert!(first.refused().now_or_never().is_none());
        assert!(first.take(0).now_or_never().is_none());
        assert!(first.refused().now_or_never().is_some() && !first.has_share());
        let mut answer = Box::pin(writing.enter(true));
        assert!(futures::poll!(&mut answer).is_pending());
        drop(whole);
        assert!(futures::poll!(&mut answer).is_ready(), "what it has written is answered");
        assert!(writing.refused().now_or_never().is_none() && writing.has_share());
        assert!(first.take(0).now_or_never().is_some(), "there is room now");
    }

    #[tokio::test]
    async fn a_share_is_taken_once_and_comes_back_when_its_reconcile_ends() {
        let budget = Budget::default();
        let meter = Meter::new(&budget, Patience::Waits);
        meter.take(0).await;
        meter.take(BUDGET).await;
        drop(meter.enter(false).await);
        assert_eq!(budget.free.available_permits() * UNIT, BUDGET - SHARE);
        drop(meter);
        assert_eq!(budget.free.available_permits() * UNIT, BUDGET);
    }
}
