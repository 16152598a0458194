//! Request counts that fail a run, and growth between two scales.

use crate::cluster::checks::{broken, growth};
use crate::cluster::results::{Case, Run, Scale, Unit};

const SCALE: Scale = Scale { credentials: 100, targets: 1 };

fn run(case: Case, scale: Scale) -> Run {
    Run { scale, cases: vec![case] }
}

fn asked(counts: &[(&str, u64)]) -> Case {
    let requests = counts.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
    Case { requests, ..Case::new("cold") }
}

#[test]
fn a_cold_start_asks_for_just_what_it_needs_besides_its_lists() {
    let mut counts = vec![
        ("create configmaps", 100),
        ("create secrets", 100),
        ("get secrets", 100),
        ("patch appcredentials/status", 100),
        ("list secrets", 3),
        ("update leases", 4),
    ];
    assert_eq!(broken(&run(asked(&counts), SCALE)), [""; 0]);
    counts[2].1 = 101;
    assert_eq!(broken(&run(asked(&counts), SCALE)).len(), 1);
    counts[2].1 = 100;
    counts.push(("create events", 1));
    assert_eq!(broken(&run(asked(&counts), SCALE)).len(), 1);
}

#[test]
fn each_further_target_costs_exactly_two_more_creations() {
    let counts = [
        ("create configmaps", 200),
        ("create secrets", 200),
        ("get secrets", 100),
        ("patch appcredentials/status", 100),
    ];
    assert_eq!(broken(&run(asked(&counts), Scale { targets: 2, ..SCALE })), [""; 0]);
    assert_eq!(broken(&run(asked(&counts), SCALE)).len(), 1);
}

#[test]
fn a_restart_that_writes_is_reported() {
    let mut case = Case::new("restart");
    case.add("writes", 0.0, Unit::Count);
    assert_eq!(broken(&run(case.clone(), SCALE)), [""; 0]);
    case.measures[0].value = 1.0;
    assert_eq!(broken(&run(case, SCALE)).len(), 1);
}

#[test]
fn growth_compares_smallest_and_largest_and_needs_two_numbers() {
    let at = |credentials, cpu| {
        let mut case = Case::new("cold");
        case.add("CPU per credential", cpu, Unit::Milliseconds);
        run(case, Scale { credentials, targets: 1 })
    };
    assert!(growth(&[at(1_000, 1.0)]).is_none());
    let grown = growth(&[at(5_000, 1.2), at(10_000, 1.5), at(1_000, 1.0)]).unwrap();
    assert_eq!(grown.value("CPU per credential"), Some(1.5));
}
