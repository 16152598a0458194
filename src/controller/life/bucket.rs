//! How often sources and outputs may wake a credential: a burst, then once a second.
//!
//! Sources and outputs can change without end, be it by a mistake in somebody's automation. Whoever writes them must
//! not take the operator's and the API server's time from other tenants.

use std::time::Duration;

use tokio::time::Instant;

/// How many wakes in a row are answered at once.
const BURST: u32 = 10;
/// How long it takes until one more is.
const REFILL: Duration = Duration::from_secs(1);

/// A bucket of wakes. It is kept as the time at which it is full again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    full: Option<Instant>,
    /// The wake that waits for its time: others until then are part of it.
    next: Option<Instant>,
}

impl Bucket {
    /// Takes a wake out: nothing where it is answered at once, else the time at which it is.
    pub(super) fn take(&mut self, now: Instant) -> Option<Instant> {
        if let Some(next) = self.next.filter(|next| *next > now) {
            return Some(next);
        }
        let full = self.full.map_or(now, |full| full.max(now));
        self.full = Some(full + REFILL);
        // So many wakes are taken and not refilled yet.
        let allowed = now + REFILL * (BURST - 1);
        self.next = (full > allowed).then(|| now + (full - allowed));
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_answered_at_once_and_then_one_a_second() {
        let (mut bucket, start) = (Bucket::default(), Instant::now());
        let mut at_once = 0;
        let mut later = std::collections::BTreeSet::new();
        for milliseconds in 0..20_000 {
            let now = start + Duration::from_millis(milliseconds);
            match bucket.take(now) {
                None => at_once += 1,
                Some(next) => drop(later.insert(next)),
            }
        }
        assert_eq!(at_once, 10);
        assert!((19..=21).contains(&later.len()), "{}", later.len());
    }

    #[test]
    fn who_is_woken_now_and_then_never_waits() {
        let (mut bucket, start) = (Bucket::default(), Instant::now());
        for seconds in 0..100 {
            assert_eq!(bucket.take(start + Duration::from_secs(seconds)), None);
        }
    }
}
