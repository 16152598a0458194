//! What people see: a table for the terminal, and the table of docs/benchmarks.md, which has
//! some of the same rows.

use std::fmt::Write;

use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::goals::{Bound, Goal};
use super::results::{Case, Measure, Results, Scale, Tally, Unit};

const COLUMNS: [&str; 5] = ["Case", "Measure", "Measured", "Goal", "Met"];
/// What every terminal shows.
const WIDTH: u16 = 100;
/// What has no goal and stands on the page: times and rates that ratios are made of.
const TIMES: [(&str, &str); 5] = [
    ("raw", "creates and status"),
    ("raw", "edit to watch p50"),
    ("cold", "until all are ready"),
    ("edit", "from the answer p50"),
    ("storm", "until all outputs are new"),
];
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

/// The table of docs/benchmarks.md: a row for each measure that has a goal or says how long something takes, a column for each
/// scale. What misses its goal is bold.
pub(crate) fn markdown(results: &Results) -> String {
    let about = &results.about;
    let mut out = format!(
        "{}: operator {}, Kubernetes {}, {} writers, {}.{}\n\n",
        about.date,
        about.operator,
        about.kubernetes,
        about.writers,
        about.machine,
        if about.quick { format!(" {SHORT}") } else { String::new() }
    );
    let columns: Vec<(Option<Scale>, &[Case])> = sections(results).collect();
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    let head = ["Case", "Measure", "Goal"].map(str::to_owned).into_iter();
    table.set_header(head.chain(columns.iter().map(|(scale, _)| title(*scale))));
    let mut last = String::new();
    for (case, name) in page_rows(&columns) {
        let measures: Vec<Option<&Measure>> = columns.iter().map(|(_, cases)| measure(cases, &case, &name)).collect();
        let mut goals: Vec<String> = Vec::new();
        for goal in measures.iter().flatten().filter_map(|measure| Some(limit(measure.goal.as_ref()?, measure.unit))) {
            if !goals.contains(&goal) {
                goals.push(goal);
            }
        }
        // The name stands at the first of its rows.
        let shown = if case == last { String::new() } else { case.clone() };
        last = case;
        let row = [shown, name, goals.join(", then ")].into_iter();
        table.add_row(row.chain(measures.into_iter().map(|measure| measure.map(cell).unwrap_or_default())));
    }
    for index in 2..3 + columns.len() {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let _ = writeln!(out, "{table}\n\n{}", verdict(results));
    out
}

/// The rows of the page, each once, in the order of the cases.
fn page_rows(columns: &[(Option<Scale>, &[Case])]) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    for case in columns.iter().flat_map(|(_, cases)| *cases) {
        for measure in &case.measures {
            let row = (case.name.clone(), measure.name.clone());
            let stands_there = measure.goal.is_some() || TIMES.contains(&(row.0.as_str(), row.1.as_str()));
            if stands_there && !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    // A measure that only some scales have stands with the others of its case.
    let cases: Vec<String> = rows.iter().map(|(case, _)| case.clone()).collect();
    rows.sort_by_key(|(case, _)| cases.iter().position(|known| known == case));
    rows
}

fn measure<'a>(cases: &'a [Case], case: &str, name: &str) -> Option<&'a Measure> {
    let case = cases.iter().find(|known| known.name == case)?;
    case.measures.iter().find(|measure| measure.name == name)
}

/// A number of the page: bold where it misses its goal.
fn cell(measure: &Measure) -> String {
    let text = measure.unit.text(measure.value);
    match &measure.goal {
        Some(goal) if !goal.met => format!("**{text}**"),
        _ => text,
    }
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
