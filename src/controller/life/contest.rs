//! Outputs that somebody else writes again and again.
//!
//! A foreign change is answered at once a few times. After that the pause before the next answer doubles, up to a
//! minute, and the status names the outputs and who writes them, until there has been quiet for as long.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use appcredential_api::ObjectRef;

/// How many answers in a row come at once.
const AT_ONCE: u32 = 5;
/// The longest pause before an answer, and how long there has to be quiet until it is over.
const QUIET: Duration = Duration::from_secs(60);

/// The contest about a credential's outputs.
#[derive(Clone, Debug, Default)]
pub(super) struct Contest {
    answers: u32,
    /// When the last answer was given.
    last: Option<Instant>,
    /// When somebody else changed something, or it was answered, last.
    noise: Option<Instant>,
    outputs: BTreeMap<ObjectRef, Option<String>>,
}

/// What a reconcile is given of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Contested {
    /// The outputs that are contested, each with the field manager that changed it last, where that is known.
    pub(in super::super) outputs: BTreeMap<ObjectRef, Option<String>>,
    /// Whether an output that has to be restored now is contested too.
    pub(in super::super) is_next: bool,
}

impl Contest {
    /// Takes in that these outputs were restored.
    pub(super) fn restored(&mut self, outputs: BTreeMap<ObjectRef, Option<String>>, now: Instant) {
        if outputs.is_empty() {
            return;
        }
        if self.is_over(now) {
            *self = Self::default();
        }
        self.answers = self.answers.saturating_add(1);
        (self.last, self.noise) = (Some(now), Some(now));
        self.outputs.extend(outputs);
    }

    /// Takes in a change by somebody else. Returns when it is answered, where that is not at once.
    pub(super) fn changed(&mut self, now: Instant) -> Option<Instant> {
        if self.is_over(now) {
            return None;
        }
        self.noise = Some(now);
        let beyond = self.answers.checked_sub(AT_ONCE)?;
        let pause = Duration::from_secs(2_u64.pow(beyond.min(6) + 1)).min(QUIET);
        self.last.map(|last| last + pause).filter(|at| *at > now)
    }

    /// Returns when it is over, if nobody else writes until then.
    pub(super) fn ends_at(&self) -> Option<Instant> {
        self.noise.filter(|_| self.answers >= AT_ONCE).map(|noise| noise + QUIET)
    }

    /// Returns whether there was quiet for long enough.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.noise.is_none_or(|noise| now >= noise + QUIET)
    }

    /// Returns what a reconcile has to know that starts now.
    pub(super) fn contested(&self, now: Instant) -> Contested {
        if self.is_over(now) {
            return Contested::default();
        }
        let is_on = self.answers >= AT_ONCE;
        let outputs = if is_on { self.outputs.clone() } else { BTreeMap::new() };
        Contested { outputs, is_next: self.answers + 1 >= AT_ONCE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use appcredential_api::Kind;

    fn output() -> BTreeMap<ObjectRef, Option<String>> {
        [(ObjectRef::new(Kind::Secret, "team", "app"), Some("helm".to_owned()))].into()
    }

    /// How many answers there are within ten minutes to somebody who writes that often.
    fn answers(every: Duration) -> (u32, Contest) {
        let (mut contest, start) = (Contest::default(), Instant::now());
        let (mut count, mut due, mut now) = (0, None, start);
        while now < start + Duration::from_secs(600) {
            let answer = contest.changed(now).unwrap_or(now);
            due = due.or(Some(answer));
            if due.is_some_and(|due| due <= now) {
                contest.restored(output(), now);
                (count, due) = (count + 1, None);
            }
            now += every;
        }
        (count, contest)
    }

    #[test]
    fn the_more_often_somebody_writes_the_longer_the_pause() {
        assert!((14..=18).contains(&answers(Duration::from_millis(50)).0), "{}", answers(Duration::from_millis(50)).0);
        assert!((14..=18).contains(&answers(Duration::from_secs(5)).0));
        assert_eq!(answers(Duration::from_secs(120)).0, 5, "now and then is no contest");
    }

    #[test]
    fn a_contest_lasts_from_the_fifth_revert_to_a_quiet_minute() {
        let (mut contest, start) = (Contest::default(), Instant::now());
        for answer in 1..=5 {
            let contested = contest.contested(start);
            assert_eq!((contested.is_next, contested.outputs.len()), (answer == 5, 0), "{answer}");
            contest.restored(output(), start);
        }
        assert_eq!(contest.contested(start + QUIET / 2).outputs, output());
        assert_eq!(contest.ends_at(), Some(start + QUIET));
        assert_eq!(contest.contested(start + QUIET), Contested::default());
    }
}
