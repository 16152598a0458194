//! Who may take the lease: decided from what it says, and from when this process first saw it say so.
//!
//! The times in a lease are another machine's: they are written for people and never compared. One that does not
//! change for as long as it lasts, by our own clock, is nobody's any more.

use std::time::Duration;

use tokio::time::Instant;

/// What a lease says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Says {
    /// Who holds it; nobody where it was released.
    pub(super) holder: Option<String>,
    /// How long it lasts after each change.
    pub(super) lasts: Duration,
    /// The version of the object, which each renewal changes.
    pub(super) version: String,
}

/// What is known of a lease that others hold.
#[derive(Debug, Default)]
pub(super) struct Claim {
    seen: Option<(Says, Instant)>,
}

impl Claim {
    /// Whether the lease may be taken now.
    pub(super) fn may_take(&mut self, me: &str, says: Says, now: Instant) -> bool {
        let free = says.holder.as_deref().is_none_or(|holder| holder.is_empty() || holder == me);
        let since = match &self.seen {
            Some((seen, since)) if *seen == says => *since,
            _ => now,
        };
        let expired = now >= since + says.lasts;
        self.seen = Some((says, since));
        free || expired
    }

    /// Who held it when it was looked at last.
    pub(super) fn holder(&self) -> Option<&str> {
        self.seen.as_ref()?.0.holder.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LASTS: Duration = Duration::from_secs(15);

    fn says(holder: &str, version: &str) -> Says {
        let holder = (!holder.is_empty()).then(|| holder.to_owned());
        Says { holder, lasts: LASTS, version: version.to_owned() }
    }

    #[test]
    fn a_lease_that_is_renewed_is_never_taken() {
        let (mut claim, start) = (Claim::default(), Instant::now());
        for renewal in 0..100_u32 {
            let now = start + Duration::from_secs(14) * renewal;
            assert!(!claim.may_take("b", says("a", &renewal.to_string()), now), "{renewal}");
        }
        assert_eq!(claim.holder(), Some("a"));
    }

    #[test]
    fn a_lease_is_free_once_it_was_seen_unchanged_for_as_long_as_it_lasts() {
        let (mut claim, start) = (Claim::default(), Instant::now());
        for (seconds, free) in [(0, false), (14, false), (15, true)] {
            assert_eq!(claim.may_take("b", says("a", "7"), start + Duration::from_secs(seconds)), free, "{seconds}");
        }
    }

    #[test]
    fn a_released_lease_and_ones_own_are_free_at_once() {
        assert!(Claim::default().may_take("b", says("", "7"), Instant::now()));
        assert!(Claim::default().may_take("b", says("b", "7"), Instant::now()));
    }

    #[test]
    fn a_change_of_holder_counts_anew() {
        let (mut claim, start) = (Claim::default(), Instant::now());
        assert!(!claim.may_take("c", says("a", "7"), start));
        assert!(!claim.may_take("c", says("b", "8"), start + Duration::from_secs(10)));
        assert!(!claim.may_take("c", says("b", "8"), start + Duration::from_secs(20)));
        assert!(claim.may_take("c", says("b", "8"), start + Duration::from_secs(25)));
    }
}
