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
    assert!(line("p50 to raw").ends_with("2.50x  <= 2.50x  met"), "{text}");
    assert!(line("p99 to raw").ends_with("12.0x  <= 5.00x  not met"), "{text}");
    assert!(text.contains("10000 credentials with one target"), "{text}");
    assert!(line("500 patch").contains("500 patch appcredentials/status, 5 get secrets, 1 get"), "{text}");
    assert!(text.ends_with("2 of 3 goals met\n"), "{text}");
}

#[test]
fn the_page_has_one_table_with_a_column_for_each_scale() {
    let mut results = results();
    let scale = Scale { credentials: 1_000, targets: 1 };
    let mut edit = Case::new("edit");
    edit.add("p50 to raw", 2.0, Unit::Times);
    let mut memory = Case::new("memory");
    memory.add("RSS in sync", 20.0, Unit::Mebibytes);
    let mut larger = memory.clone();
    edit.judge(scale);
    memory.judge(scale);
    larger.judge(results.runs[0].scale);
    results.runs[0].cases.push(larger);
    results.runs.insert(0, Run { scale, cases: vec![edit, memory] });
    let text = markdown(&results);
    let first = "2026-01-02: operator 0.1.0, Kubernetes v1.37.2, 16 writers, 2 cores, 24 GiB.";
    assert_eq!(text.lines().next(), Some(first));
    let rows: Vec<Vec<&str>> = text.lines().filter(|line| line.starts_with('|')).map(cells).collect();
    let head = [
        "Case",
        "Measure",
        "Goal",
        "1000 credentials with one target",
        "10000 credentials with one target",
        "All together",
    ];
    assert_eq!(rows[0], head, "{text}");
    assert_eq!(rows[2], ["edit", "p50 to raw", "<= 2.50x", "2.00x", "2.50x", ""]);
    assert_eq!(rows[3], ["", "p99 to raw", "<= 5.00x", "", "**12.0x**", ""]);
    assert_eq!(rows[4], ["memory", "RSS in sync", "<= 40.0 MiB, then <= 60.0 MiB", "20.0 MiB", "20.0 MiB", ""]);
    assert_eq!(rows[5], ["binary", "size", "<= 15.0 MiB", "", "", "11.0 MiB"]);
    assert_eq!(rows.len(), 6, "what has no goal is left out: {text}");
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}
