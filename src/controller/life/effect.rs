//! What a transition asks for, as data: the hub carries it out.

use std::time::Duration;

use tokio::time::Instant;

use super::super::queue::Class;

/// What a transition asks for.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Effect {
    /// An errand of this class.
    Start(Class),
    /// A reconcile in the background, at this time at the latest.
    RetryAt(Instant),
    /// An edit has reached its outputs, so long after it was seen.
    Arrived(Duration),
    /// Nothing that waits is wanted any longer.
    Forget,
}
