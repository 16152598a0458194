//! How the cost of a walk grows with the number of parameters, environments and targets.
//!
//! A constant part hides growth in a plain quotient. So three sizes are taken, n, 2n and 4n: where cost is
//! `a + b n`, the second step costs just twice the first; where it is quadratic, four times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::counted;
use super::inputs::{Size, sized};
use super::walk::Walk;

const ROUNDS: usize = 200;

/// A list, and credentials that have n, 2n and 4n entries in it.
struct Direction {
    name: &'static str,
    first: usize,
    size: fn(usize) -> Size,
}

const DIRECTIONS: [Direction; 3] = [
    Direction { name: "parameters", first: 32, size: |parameters| Size { parameters, environments: 1, targets: 1 } },
    Direction {
        name: "environments",
        first: 4,
        size: |environments| Size { parameters: 16, environments, targets: 1 },
    },
    Direction { name: "targets", first: 2, size: |targets| Size { parameters: 16, environments: 0, targets } },
];

/// A table for each list.
pub(crate) fn table() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["List", "n", "Time", "at 2n", "at 4n", "Growth", "Allocations", "at 2n", "at 4n", "Growth"]);
    for direction in DIRECTIONS {
        let walks = [1, 2, 4].map(|times| {
            let spec = sized((direction.size)(direction.first * times));
            Walk::new(&spec.to_string())
        });
        let times = walks.each_ref().map(|walk| time(walk).as_secs_f64() * 1e6);
        let counts = walks.each_ref().map(|walk| counted(|| walk.all()).count_total);
        let mut row = vec![direction.name.to_owned(), direction.first.to_string()];
        row.extend(times.map(|micros| format!("{micros:.0} us")));
        row.push(growth(times));
        row.extend(counts.map(|count| count.to_string()));
        row.push(growth(counts.map(|count| u32::try_from(count).map_or(f64::NAN, f64::from))));
        table.add_row(row);
    }
    for index in 1..10 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Linear is 1, quadratic is 2.
fn growth([first, second, third]: [f64; 3]) -> String {
    format!("{:.2}", (third - second) / (second - first) / 2.0)
}

/// The quickest of many: what disturbs a measurement only ever makes it slower.
fn time(walk: &Walk) -> Duration {
    let once = || {
        let began = Instant::now();
        drop(black_box(walk.all()));
        began.elapsed()
    };
    (0..ROUNDS).map(|_| once()).min().unwrap_or_default()
}
