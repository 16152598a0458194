//! Who hears of requests and dropped Events: the operator counts them for its metrics and probes. This crate knows
//! neither.

use std::sync::Arc;
use std::time::Duration;

/// What became of a request, in the words of RBAC and HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered<'a> {
    /// The verb, such as `list`.
    pub verb: &'static str,
    /// The resource, such as `appcredentials/status`; `other` for one that the operator has nothing to do with.
    pub resource: &'static str,
    /// The status of the answer; `fenced`, `timeout` or `unreachable` where there is none.
    pub code: &'a str,
    /// How long it took until the answer began.
    pub took: Duration,
}

/// Hears of each request to the API server. Nothing that it does may wait.
pub trait Observer: Send + Sync {
    /// A watch, or the list before it, is asked for. The text tells watches apart.
    fn watching(&self, _watch: &str) {}

    /// A request was answered, or failed.
    fn answered(&self, _request: Answered<'_>) {}

    /// An Event was dropped, since too many wait to be written.
    fn event_dropped(&self) {}
}

/// Nobody listens.
impl Observer for () {}

/// An observer that is shared.
#[derive(Clone)]
pub struct SharedObserver(Arc<dyn Observer>);

impl SharedObserver {
    /// Shares an observer.
    #[must_use]
    pub fn new(observer: impl Observer + 'static) -> Self {
        Self(Arc::new(observer))
    }
}

impl Default for SharedObserver {
    fn default() -> Self {
        Self::new(())
    }
}

impl std::fmt::Debug for SharedObserver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedObserver")
    }
}

impl std::ops::Deref for SharedObserver {
    type Target = dyn Observer;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref()
    }
}
