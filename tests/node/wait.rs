//! Waiting with a deadline, and saying something that the harness does not keep back.

use std::io::Write;
use std::time::{Duration, Instant};

/// How long anything on the node may take. Only what is broken takes as long.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until there is something.
pub(crate) fn until<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {} s for this in vain: {what}", DEADLINE.as_secs());
        std::thread::sleep(PAUSE);
    }
}

/// Says a line on stderr itself: what `eprintln!` says is kept back until a test fails.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
