//! What is done for a subject, how urgent it is, and how much of it may run at once.
//!
//! Whatever is under way takes its share of the API server. So each class has a limit of its own, and while changes
//! come in, what can wait makes room for them. A new duty of the controller is a new class here.

/// The classes, by urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A reconcile, because something has changed.
    Change,
    /// A reconcile, for whatever reason, of a credential that takes a share of the memory for what is large. It may wait for
    /// that, so it has a limit of its own and takes nobody's place.
    Large,
    /// A reconcile after a start, after a failure, or of a credential that was woken too often.
    Background,
    /// A write of a credential's status.
    Status,
    /// A write of a grant's status.
    GrantStatus,
}

/// How many classes there are.
pub(super) const CLASSES: usize = 5;

impl Class {
    /// All of them, the most urgent first.
    pub(super) const ALL: [Self; CLASSES] =
        [Self::Change, Self::Large, Self::Background, Self::Status, Self::GrantStatus];

    /// Returns the class's name, for metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Large => "large",
            Self::Background => "background",
            Self::Status => "status",
            Self::GrantStatus => "grant-status",
        }
    }

    /// Returns what an errand of this class does.
    #[must_use]
    pub(super) fn duty(self) -> Duty {
        match self {
            Self::Change | Self::Large | Self::Background => Duty::Reconcile,
            Self::Status | Self::GrantStatus => Duty::Status,
        }
    }

    /// Returns how many errands of this class may run at once, of `all` reconciles. A reconcile is some three calls one
    /// after the other and a status is one: with a third as many, neither waits for the other in the long run. There is
    /// memory for four that are large.
    pub(super) fn limit(self, all: usize, busy: bool) -> usize {
        match (self, busy) {
            (Self::Change, _) | (Self::Background, false) => all,
            (Self::Large, true) => all.div_ceil(8),
            (Self::Large, false) => all.div_ceil(4),
            (Self::Background | Self::Status, true) => all.div_ceil(16),
            (Self::Status, false) => all.div_ceil(3),
            (Self::GrantStatus, true) => 1,
            (Self::GrantStatus, false) => all.div_ceil(8),
        }
    }
}

/// What can be asked for: of each duty, a subject waits for one errand at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Duty {
    /// To bring the outputs to what they should be.
    Reconcile,
    /// To write the status.
    Status,
}
