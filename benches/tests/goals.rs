//! Which goal holds where, and when a number meets it.

use crate::cluster::goals::{Bound, Goal, of};
use crate::cluster::results::Scale;

fn limit(case: &str, measure: &str, credentials: usize, targets: usize) -> Option<f64> {
    of(case, measure, Scale { credentials, targets }).map(|goal| goal.limit)
}

#[test]
fn a_goal_between_two_steps_is_that_of_the_larger_step() {
    for (credentials, expected) in [(100, Some(1.0)), (1_000, Some(1.0)), (5_000, Some(5.0)), (10_000, Some(5.0))] {
        assert_eq!(limit("restart", "ready after", credentials, 1), expected, "{credentials}");
    }
    assert_eq!(limit("memory", "RSS in sync", 10_001, 1), None);
}

#[test]
fn writes_are_only_bound_where_a_credential_has_one_target() {
    assert_eq!(limit("cold", "writes per credential", 1_000, 1), Some(3.0));
    assert_eq!(limit("cold", "writes per credential", 1_000, 2), None);
    assert_eq!(limit("cold", "reads per credential", 1_000, 2), Some(1.0));
}

#[test]
fn a_number_on_the_limit_meets_its_goal_from_either_side() {
    for (bound, below) in [(Bound::AtMost, true), (Bound::AtLeast, false)] {
        let met = |value| Goal { bound, limit: 3.0, met: false }.judge(value).met;
        assert!(met(3.0));
        assert_eq!(met(2.9), below);
        assert_eq!(met(3.1), !below);
    }
}
