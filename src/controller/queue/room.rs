//! How many errands of a class may run at once, and what goes first: edits before the background, outputs before statuses.

use std::time::Duration;

use tokio::time::Instant;

use super::{Class, Queue};

/// How many statuses may wait before the background does. A status that waits takes about 1 KiB, two to three times what is
/// kept of it once it is written, and leaves holes in memory: with 4,096 a cold sync of 10,000 took 7 MiB more than a restart.
pub(super) const UNREPORTED: usize = 1024;
/// How long after a change others are expected.
pub(super) const BUSY: Duration = Duration::from_millis(500);
/// How long one status comes after the other while outputs are due: no stream of work, however long, keeps a status
/// from being written. A status costs the API server as much as several outputs, so this is little of its time.
pub(super) const PACE: Duration = Duration::from_millis(50);

impl Queue {
    /// Returns whether an errand of this class may start now.
    pub(super) fn has_room(&self, class: Class, now: Instant) -> bool {
        let [changes, large, background, statuses, grants] = self.counts;
        let limit = class.limit(self.concurrency, self.is_busy(now));
        let all = changes + background < self.concurrency;
        match class {
            Class::Change => !self.draining && all,
            Class::Large => !self.draining && large < limit && self.unreported() < UNREPORTED,
            Class::Background => !self.draining && all && background < limit && self.unreported() < UNREPORTED,
            // What many wait for is the outputs: their statuses come after them.
            Class::Status if self.outputs_go_first() => statuses == 0 && self.paced().is_none_or(|next| next <= now),
            Class::Status => statuses < limit,
            Class::GrantStatus => !self.draining && grants < limit,
        }
    }

    /// Returns how many statuses wait to be written.
    pub(super) fn unreported(&self) -> usize {
        let [.., statuses, _] = &self.lines;
        statuses.len()
    }

    /// Returns whether outputs are due, and there is memory for what is to be said of them later.
    pub(super) fn outputs_go_first(&self) -> bool {
        let [changes, large, background, ..] = &self.lines;
        let [changing, growing, behind, ..] = self.counts;
        let waiting = changes.len() + large.len() + background.len();
        let running = changing + growing + behind;
        !self.draining && waiting + running > 0 && self.unreported() < UNREPORTED
    }

    /// Returns when the next status may be written while outputs go first.
    pub(super) fn paced(&self) -> Option<Instant> {
        self.reported.map(|reported| reported + PACE)
    }

    /// Returns whether edits are coming in.
    pub(super) fn is_busy(&self, now: Instant) -> bool {
        self.changed.is_some_and(|changed| now < changed + BUSY)
    }
}
