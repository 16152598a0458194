//! Whether the operator is alive and ready, for probes.
//!
//! Ready is what it says of itself: caches are loaded, or another leads. Alive is what it does: its loop comes round, and
//! its watches are asked for again and again, as each lasts less than two minutes. An API server that is away is no
//! reason to be restarted: asking it in vain is being alive.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often the loop comes round when there is nothing to do.
pub const BEAT: Duration = Duration::from_secs(5);

/// What the operator is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It has not got to anything yet.
    #[default]
    Starting,
    /// Another leads.
    Standby,
    /// It loads what there is.
    Loading,
    /// It knows what there is, and keeps it true.
    Running,
    /// It ends.
    Stopping,
}

/// How long what may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One round of the loop.
    pub beat: Duration,
    /// From one start of a watch to the next, the list before it included.
    pub watch: Duration,
    /// How much longer, before nobody is expected to mend it any more: a liveness probe has had its time.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { beat: Duration::from_secs(45), watch: Duration::from_secs(240), patience: Duration::from_secs(60) }
    }
}

/// The pulse. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Pulse {
    limits: Limits,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    stage: Stage,
    beat: Option<Instant>,
    watches: HashMap<String, Instant>,
}

impl Pulse {
    /// One with other limits.
    #[must_use]
    pub fn with(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It is at something else now.
    pub fn stage(&self, stage: Stage) {
        self.state().stage = stage;
    }

    /// The loop has come round.
    pub fn beat(&self) {
        self.state().beat = Some(Instant::now());
    }

    /// A watch, or the list before it, is asked for.
    pub fn watching(&self, watch: &str) {
        let mut state = self.state();
        let now = Instant::now();
        match state.watches.get_mut(watch) {
            Some(known) => *known = now,
            None => {
                state.watches.insert(watch.to_owned(), now);
            }
        }
    }

    /// What is stalled, if anything is.
    ///
    /// # Errors
    /// A line for each.
    pub fn alive(&self) -> Result<(), String> {
        self.stalled_for(Duration::ZERO)
    }

    /// Returns what has been stalled for so long that a probe should have had the process restarted by now.
    #[must_use]
    pub fn past_help(&self) -> Option<String> {
        self.stalled_for(self.limits.patience).err()
    }

    /// What is stalled for longer than its limit and this.
    fn stalled_for(&self, more: Duration) -> Result<(), String> {
        let (state, now) = (self.state(), Instant::now());
        let late = |since: &Instant, limit: Duration| now.duration_since(*since) > limit + more;
        let mut stalled: Vec<String> = Vec::new();
        if state.beat.as_ref().is_some_and(|beat| late(beat, self.limits.beat)) {
            stalled.push(format!("the work loop has not run for {} s", self.limits.beat.as_secs()));
        }
        let watches = state.watches.iter().filter(|(_, since)| late(since, self.limits.watch));
        stalled.extend(
            watches
                .map(|(watch, _)| format!("the watch {watch} was not renewed for {} s", self.limits.watch.as_secs())),
        );
        stalled.sort();
        if stalled.is_empty() { Ok(()) } else { Err(stalled.join("\n")) }
    }

    /// Whether it may be counted on.
    ///
    /// # Errors
    /// What it waits for.
    pub fn ready(&self) -> Result<&'static str, &'static str> {
        match self.state().stage {
            Stage::Running => Ok("ok"),
            Stage::Standby => Ok("ok: another leads"),
            Stage::Starting => Err("starting"),
            Stage::Loading => Err("loading what is in the cluster"),
            Stage::Stopping => Err("stopping"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stalled_loop_or_watch_is_reported() {
        let pulse = Pulse::default();
        assert_eq!(pulse.alive(), Ok(()), "nothing has begun yet");
        pulse.beat();
        pulse.watching("/api/v1/secrets");
        tokio::time::advance(Duration::from_secs(46)).await;
        assert_eq!(pulse.alive(), Err("the work loop has not run for 45 s".to_owned()));
        pulse.beat();
        assert_eq!(pulse.alive(), Ok(()));
        tokio::time::advance(Duration::from_secs(200)).await;
        pulse.beat();
        assert_eq!(pulse.alive(), Err("the watch /api/v1/secrets was not renewed for 240 s".to_owned()));
        pulse.watching("/api/v1/secrets");
        assert_eq!(pulse.alive(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_stays_stalled_is_past_help_once_a_probe_had_its_time() {
        let pulse = Pulse::default();
        pulse.beat();
        for (seconds, past_help) in [(46, false), (59, false), (1, true)] {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            assert!(pulse.alive().is_err());
            assert_eq!(pulse.past_help().is_some(), past_help);
        }
        pulse.beat();
        assert_eq!(pulse.past_help(), None);
    }

    #[test]
    fn it_is_ready_when_everything_is_known_or_another_leads() {
        let pulse = Pulse::default();
        let stages = [Stage::Starting, Stage::Standby, Stage::Loading, Stage::Running, Stage::Stopping];
        let ready = stages.map(|stage| {
            pulse.clone().stage(stage);
            pulse.ready().is_ok()
        });
        assert_eq!(ready, [false, true, false, true, false]);
    }
}
