//! What is said on stderr while something is built, so that minutes are not silence.
//!
//! It is written to stderr itself and not with `eprintln!`, whose output the test harness keeps
//! back until a test fails.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::module::Module;

/// Counts what `go build -v` says, and shows it.
pub(crate) struct Progress {
    title: String,
    started: Instant,
    shown: Instant,
    terminal: bool,
    modules: usize,
    packages: usize,
    linking: bool,
    /// About how many of each there are: for orientation.
    most: (usize, usize),
    /// The package that is compiled last.
    last: &'static str,
}

impl Progress {
    /// Says what begins.
    pub(crate) fn start(module: &Module, place: &str) -> Self {
        let Module { title, cost, .. } = module;
        say(&format!(
            "testbed: building {title} with Go, since the tests run against the real thing and there is none yet; this \
             happens once, takes {cost}, and is kept in {place}\n"
        ));
        let now = Instant::now();
        let terminal = io::stderr().is_terminal();
        Self {
            title: title.clone(),
            started: now,
            shown: now,
            terminal,
            modules: 0,
            packages: 0,
            linking: false,
            most: module.most,
            last: module.last,
        }
    }

    /// Takes a line of Go's; `true` when it is more than progress and should be kept.
    pub(crate) fn line(&mut self, line: &str) -> bool {
        if line.starts_with("go: downloading ") {
            self.modules += 1;
            return false;
        }
        if line.contains(char::is_whitespace) || line.is_empty() {
            return true;
        }
        self.packages += 1;
        self.linking = line == self.last;
        false
    }

    /// Shows how far it is, when it was not shown for a while.
    pub(crate) fn show(&mut self) {
        let pause = Duration::from_secs(if self.terminal { 1 } else { 15 });
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        let text = self.text(self.started.elapsed());
        say(&if self.terminal { format!("\r{text}\x1b[K") } else { format!("{text}\n") });
    }

    /// Says that it is over.
    pub(crate) fn end(&self, outcome: &str) {
        let newline = if self.terminal { "\r\x1b[K" } else { "" };
        say(&format!("{newline}testbed: {}: {outcome} after {}\n", self.title, minutes(self.started.elapsed())));
    }

    fn text(&self, elapsed: Duration) -> String {
        let stage = if self.linking {
            "linking, the last step".to_owned()
        } else if self.packages > 0 {
            format!("{} of about {} packages compiled", self.packages, self.most.1)
        } else if self.modules > 0 {
            format!("{} of at most {} modules downloaded", self.modules, self.most.0)
        } else {
            "looking for what is compiled already, and linking it".to_owned()
        };
        format!("testbed: {}, {}: {stage}", self.title, minutes(elapsed))
    }
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// A broken stderr is no reason not to build.
fn say(text: &str) {
    let mut stderr = io::stderr();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_go_moves_the_progress_on() {
        let now = Instant::now();
        let mut progress = Progress {
            title: "the control plane".to_owned(),
            started: now,
            shown: now,
            terminal: false,
            modules: 0,
            packages: 0,
            linking: false,
            most: (250, 2700),
            last: "appcredential.io/controlplane",
        };
        let text = |progress: &Progress| progress.text(Duration::from_secs(75));
        assert_eq!(
            text(&progress),
            "testbed: the control plane, 1:15: looking for what is compiled already, and linking it"
        );
        assert!(!progress.line("go: downloading k8s.io/api v0.37.2"));
        assert_eq!(text(&progress), "testbed: the control plane, 1:15: 1 of at most 250 modules downloaded");
        assert!(!progress.line("k8s.io/api/core/v1"));
        assert_eq!(text(&progress), "testbed: the control plane, 1:15: 1 of about 2700 packages compiled");
        assert!(progress.line("./main.go:9:1: syntax error"));
        assert!(!progress.line("appcredential.io/controlplane"));
        assert_eq!(text(&progress), "testbed: the control plane, 1:15: linking, the last step");
    }
}
