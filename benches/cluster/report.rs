//! What people see: a table for the terminal, and the section of docs/benchmarks.md. Both are of the same rows.

use std::fmt::Write;

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::goals::{Bound, Goal};
use super::results::{Case, Results, Scale, Tally, Unit};

const COLUMNS: [&str; 5] = ["Case", "Measure", "Measured", "Goal", "Met"];
/// What every terminal shows.
const WIDTH: u16 = 100;
/// Few credentials on a machine that has just begun: a start takes most of the time.
const SHORT: &str = "A short run: its times say little.";

/// The table for a terminal.
pub(crate) fn text(results: &Results) -> String {
    let mut out = String::new();
    for (scale, cases) in sections(results) {
        let _ = writeln!(out, "\n{}", title(scale));
        let mut table = Table::new();
        table.load_style(NOTHING);
        fill(&mut table, cases);
        print(&mut out, &table);
        let asking: Vec<&Case> = cases.iter().filter(|case| !case.requests.is_empty()).collect();
        if !asking.is_empty() {
            let mut table = Table::new();
            table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
            table.set_header(["Case", "Requests of the operator"]);
            for case in asking {
                table.add_row([case.name.clone(), requests(&case.requests)]);
            }
            let _ = writeln!(out);
            print(&mut out, &table);
        }
    }
    if results.about.quick {
        let _ = writeln!(out, "\n{SHORT}");
    }
    let _ = writeln!(out, "\n{}", verdict(results));
    out
}

fn print(out: &mut String, table: &Table) {
    for line in table.lines() {
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// The section of docs/benchmarks.md.
pub(crate) fn markdown(results: &Results) -> String {
    let about = &results.about;
    let mut out = format!(
        "{}: operator {}, Kubernetes {}, {} writers, {}.{}\n",
        about.date,
        about.operator,
        about.kubernetes,
        about.writers,
        about.machine,
        if about.quick { format!(" {SHORT}") } else { String::new() }
    );
    for (scale, cases) in sections(results) {
        let _ = writeln!(out, "\n### {}\n", title(scale));
        let mut table = Table::new();
        table.load_style(ASCII_MARKDOWN);
        fill(&mut table, cases);
        let _ = writeln!(out, "{table}");
        let asking: Vec<&Case> = cases.iter().filter(|case| !case.requests.is_empty()).collect();
        if !asking.is_empty() {
            out.push_str("\nRequests of the operator:\n\n");
        }
        for case in asking {
            let _ = writeln!(out, "- {}: {}", case.name, requests(&case.requests));
        }
    }
    let _ = writeln!(out, "\n{}", verdict(results));
    out
}

fn sections(results: &Results) -> impl Iterator<Item = (Option<Scale>, &[Case])> {
    let runs = results.runs.iter().map(|run| (Some(run.scale), run.cases.as_slice()));
    runs.chain([(None, results.overall.as_slice())]).filter(|(_, cases)| !cases.is_empty())
}

fn title(scale: Option<Scale>) -> String {
    match scale {
        Some(Scale { credentials, targets: 1 }) => format!("{credentials} credentials with one target"),
        Some(Scale { credentials, targets }) => format!("{credentials} credentials with {targets} targets"),
        None => "All together".to_owned(),
    }
}

fn fill(table: &mut Table, cases: &[Case]) {
    table.set_header(COLUMNS);
    for case in cases {
        let mut name = case.name.as_str();
        let mut row = |measure: &str, value: String, goal: Option<&Goal>, unit: Unit| {
            let (limit, met) = goal.map(|goal| (limit(goal, unit), met(goal))).unwrap_or_default();
            // The name stands at the first of its rows.
            table.add_row([std::mem::take(&mut name).to_owned(), measure.to_owned(), value, limit, met.to_owned()]);
        };
        for measure in &case.measures {
            row(&measure.name, measure.unit.text(measure.value), measure.goal.as_ref(), measure.unit);
        }
        for (of, seconds) in [("operator", case.operator_cpu_seconds), ("API server", case.api_server_cpu_seconds)] {
            if let Some(seconds) = seconds {
                row(&format!("CPU of the {of}"), Unit::Seconds.text(seconds), None, Unit::Seconds);
            }
        }
    }
    for index in [2, 3] {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn limit(goal: &Goal, unit: Unit) -> String {
    let sign = match goal.bound {
        Bound::AtMost => "<=",
        Bound::AtLeast => ">=",
    };
    format!("{sign} {}", unit.text(goal.limit))
}

fn met(goal: &Goal) -> &'static str {
    if goal.met { "met" } else { "not met" }
}

fn requests(tally: &Tally) -> String {
    let mut counts: Vec<(&String, &u64)> = tally.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    counts.iter().map(|(what, count)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

fn verdict(results: &Results) -> String {
    let cases = results.runs.iter().flat_map(|run| &run.cases).chain(&results.overall);
    let goals: Vec<&Goal> = cases.flat_map(|case| &case.measures).filter_map(|measure| measure.goal.as_ref()).collect();
    let met = goals.iter().filter(|goal| goal.met).count();
    format!("{met} of {} goals met", goals.len())
}
