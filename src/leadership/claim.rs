//! Who may take the Lease: decided from its content, and from the time when this process first saw that content.
//!
//! The times in a lease are another machine's: they are written for people and never compared. A Lease
//! that does not change for its duration, by our own clock, is free. So is one that an earlier process of the same
//! container holds: a kubelet starts a container again only once the earlier process has ended.

use std::time::Duration;

use tokio::time::Instant;

/// What a process is called in a lease: a name that no other process ever has, not even the one before it in its pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: String,
    /// What the names of all processes of the same pod begin with.
    pod: Option<String>,
}

impl Identity {
    /// That of a process on a host; several may run there.
    pub fn on_host(host: &str, unique: u64) -> Self {
        Self { name: format!("{host}_{unique:016x}"), pod: None }
    }

    /// That of the one process that a pod has at a time. The pod's uid is part of it: a name can be given again while
    /// the node of the pod before is out of reach, and that one's process may live on.
    pub fn in_pod(pod: &str, uid: &str, unique: u64) -> Self {
        let pod = format!("{pod}_{uid}_");
        Self { name: format!("{pod}{unique:016x}"), pod: Some(pod) }
    }

    /// The name that is written into the lease.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a holder is this process, or one before it that must have ended.
    fn was(&self, holder: &str) -> bool {
        holder == self.name || self.pod.as_deref().is_some_and(|pod| holder.starts_with(pod))
    }
}

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
    pub(super) fn may_take(&mut self, me: &Identity, says: Says, now: Instant) -> bool {
        let free = says.holder.as_deref().is_none_or(|holder| holder.is_empty() || me.was(holder));
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

    fn me() -> Identity {
        Identity { name: "b".to_owned(), pod: None }
    }

    fn says(holder: &str, version: &str) -> Says {
        let holder = (!holder.is_empty()).then(|| holder.to_owned());
        Says { holder, lasts: LASTS, version: version.to_owned() }
    }

    #[test]
    fn a_lease_that_is_renewed_is_never_taken() {
        let (mut claim, start) = (Claim::default(), Instant::now());
        for renewal in 0..100_u32 {
            let now = start + Duration::from_secs(14) * renewal;
            assert!(!claim.may_take(&me(), says("a", &renewal.to_string()), now), "{renewal}");
        }
        assert_eq!(claim.holder(), Some("a"));
    }

    #[test]
    fn a_lease_is_free_once_unchanged_for_its_whole_duration() {
        let (mut claim, start) = (Claim::default(), Instant::now());
        for (seconds, free) in [(0, false), (14, false), (15, true)] {
            assert_eq!(claim.may_take(&me(), says("a", "7"), start + Duration::from_secs(seconds)), free, "{seconds}");
        }
    }

    #[test]
    fn a_released_lease_and_ones_own_are_free_at_once() {
        assert!(Claim::default().may_take(&me(), says("", "7"), Instant::now()));
        assert!(Claim::default().may_take(&me(), says("b", "7"), Instant::now()));
    }

    #[test]
    fn a_change_of_holder_counts_anew() {
        let (mut claim, start) = (Claim::default(), Instant::now());
        assert!(!claim.may_take(&me(), says("a", "7"), start));
        assert!(!claim.may_take(&me(), says("c", "8"), start + Duration::from_secs(10)));
        assert!(!claim.may_take(&me(), says("c", "8"), start + Duration::from_secs(20)));
        assert!(claim.may_take(&me(), says("c", "8"), start + Duration::from_secs(25)));
    }

    #[test]
    fn only_a_process_of_the_same_pod_takes_over_without_waiting() {
        let before = Identity::in_pod("operator-x", "0a1b", 1);
        let takes = |me: &Identity| Claim::default().may_take(me, says(before.name(), "7"), Instant::now());
        assert!(takes(&Identity::in_pod("operator-x", "0a1b", 2)), "its container was started again");
        assert!(!takes(&Identity::in_pod("operator-x", "2c3d", 2)), "a pod that got the same name");
        assert!(!takes(&Identity::in_pod("operator", "0a1b", 2)), "another pod");
        let host = Identity::on_host("laptop", 1);
        assert!(!Claim::default().may_take(&Identity::on_host("laptop", 2), says(host.name(), "7"), Instant::now()));
    }
}
