//! How long to wait before a failed credential is tried again: 1 s, doubled each time, at most 5 minutes.
//!
//! Each credential has its own count, which starts anew with a success or an edit. The jitter spreads those
//! that failed together. It is passed in, so that this stays pure.

use std::time::Duration;

/// The first delay.
const FIRST: Duration = Duration::from_secs(1);
/// The longest delay.
const LONGEST: Duration = Duration::from_secs(300);

/// The delay after this many failures in a row (1 is the first); `jitter` in 0..1 takes away up to a quarter.
#[must_use]
pub fn delay(failures: u32, jitter: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1).min(16)).unwrap_or(u32::MAX));
    doubled.min(LONGEST).mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_from_one_second_up_to_five_minutes() {
        let seconds: Vec<u64> = (1..=12).map(|failures| delay(failures, 0.0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(delay(u32::MAX, 0.0), LONGEST);
    }

    #[test]
    fn jitter_only_shortens_and_by_at_most_a_quarter() {
        assert_eq!(delay(1, 1.0), Duration::from_millis(750));
        assert_eq!(delay(20, 5.0), Duration::from_secs(225));
    }
}
