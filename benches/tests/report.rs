//! The table and the Markdown of known results.

use crate::cluster::report::{markdown, text};
use crate::cluster::results::{About, Case, Results, Run, Scale, Tally, Unit};

/// Results with a goal that is met and one that is not.
pub(crate) fn results() -> Results {
    let scale = Scale { credentials: 10_000, targets: 1 };
    let mut edit = Case::new("edit");
    edit.add("p50 to raw", 2.5, Unit::Times);
    edit.add("p99 to raw", 12.0, Unit::Times);
    edit.add("p50 from the answer", 8.123, Unit::Milliseconds);
    edit.operator_cpu_seconds = Some(0.25);
    edit.requests = Tally::from([("get secrets".to_owned(), 5), ("patch appcredentials/status".to_owned(), 500)]);
    // More than a line of them.
    edit.requests.extend((0..20_u64).map(|index| (format!("get something-{index:02}"), 1)));
    edit.judge(scale);
    let mut binary = Case::new("binary");
    binary.add("size", 11.0, Unit::Mebibytes);
    binary.judge(scale);
    let words = |text: &str| text.to_owned();
    let about = About {
        date: words("2026-01-02"),
        operator: words("0.1.0"),
        kubernetes: words("v1.37.2"),
        machine: words("2 cores, 24 GiB"),
        writers: 16,
        quick: false,
    };
    Results { about, runs: vec![Run { scale, cases: vec![edit] }], overall: vec![binary] }
}

#[test]
fn the_table_fits_100_columns_and_says_which_goals_are_met() {
    let text = text(&results());
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    let line = |start: &str| text.lines().find(|line| line.contains(start)).unwrap_or_default().to_owned();
    assert!(line("p50 to raw").ends_with("2.50x  <= 3.00x  met"), "{text}");
    assert!(line("p99 to raw").ends_with("12.0x  <= 5.00x  not met"), "{text}");
    assert!(text.contains("10000 credentials with one target"), "{text}");
    assert!(line("500 patch").contains("500 patch appcredentials/status, 5 get secrets, 1 get"), "{text}");
    assert!(text.ends_with("2 of 3 goals met\n"), "{text}");
}

#[test]
fn the_markdown_names_time_and_machine_and_has_a_table_a_scale() {
    let text = markdown(&results());
    let first = "2026-01-02: operator 0.1.0, Kubernetes v1.37.2, 16 writers, 2 cores, 24 GiB.";
    assert_eq!(text.lines().next(), Some(first));
    assert_eq!(text.matches("|---").count() + text.matches("| ---").count(), 10, "{text}");
    assert!(text.contains("### All together"), "{text}");
}
