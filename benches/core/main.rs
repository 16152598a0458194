//! What the pure part of a reconcile costs, without any cluster: `cargo bench --bench core`.
//!
//! Times by criterion, for each step and for all of them; then allocations, which are the same on every machine;
//! then how both grow with each list of a credential. Nothing in a walk may be more than linear in any of them:
//! one user's large credential must not slow down everybody's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod growth;
mod inputs;
mod walk;

use std::hint::black_box;

use allocation_counter::AllocationInfo;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use criterion::{Criterion, Throughput};

use inputs::inputs;
use walk::Walk;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for input in inputs() {
        let walk = Walk::new(&input.json);
        let walked = walk.all();
        assert!(walked.revisions.iter().all(|revision| *revision == 2), "every output is written anew");
        assert!(walked.status.is_some(), "and the status with them");
        steps(&mut criterion, input.name, &walk, input.json.len());
    }
    criterion.final_summary();
    println!("\nAllocations of a walk\n{}", allocations());
    println!("\nGrowth with one list at a time\n{}", growth::table());
}

fn steps(criterion: &mut Criterion, name: &str, walk: &Walk, bytes: usize) {
    let spec = walk.parse();
    let environments = walk.resolve(&spec);
    let filled = walk.fill(&environments);
    let outputs: Vec<_> = filled.iter().flat_map(|filled| walk.render(filled)).collect();
    let plans = walk.plan(&outputs);
    let mut group = criterion.benchmark_group(name);
    group.bench_function("resolve", |bencher| bencher.iter(|| walk.resolve(black_box(&spec))));
    group.bench_function("fill", |bencher| bencher.iter(|| walk.fill(black_box(&environments))));
    group.bench_function("render", |bencher| {
        bencher.iter(|| black_box(&filled).iter().map(|filled| walk.render(filled)).collect::<Vec<_>>());
    });
    group.bench_function("plan", |bencher| bencher.iter(|| walk.plan(black_box(&outputs))));
    group.bench_function("prune", |bencher| bencher.iter(|| walk.prune(black_box(&outputs))));
    group.bench_function("status", |bencher| bencher.iter(|| walk.status(black_box(&environments), &plans)));
    group.bench_function("all", |bencher| bencher.iter(|| walk.all()));
    group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap_or(u64::MAX)));
    group.bench_function("parse", |bencher| bencher.iter(|| walk.parse()));
    group.finish();
}

/// A table for each step and input.
fn allocations() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["Credential", "Step", "Allocations", "Bytes", "Most bytes at once"]);
    for input in inputs() {
        let walk = Walk::new(&input.json);
        let spec = walk.parse();
        let environments = walk.resolve(&spec);
        let filled = walk.fill(&environments);
        let outputs: Vec<_> = filled.iter().flat_map(|filled| walk.render(filled)).collect();
        let plans = walk.plan(&outputs);
        let mut row = |step: &str, cost: AllocationInfo| {
            let counts = [cost.count_total, cost.bytes_total, cost.bytes_max].map(|count| count.to_string());
            let [count, bytes, most] = counts;
            table.add_row([input.name.to_owned(), step.to_owned(), count, bytes, most]);
        };
        row("parse", counted(|| walk.parse()));
        row("resolve", counted(|| walk.resolve(&spec)));
        row("fill", counted(|| walk.fill(&environments)));
        row("render", counted(|| filled.iter().map(|filled| walk.render(filled)).collect::<Vec<_>>()));
        row("plan", counted(|| walk.plan(&outputs)));
        row("prune", counted(|| walk.prune(&outputs)));
        row("status", counted(|| walk.status(&environments, &plans)));
        row("all", counted(|| walk.all()));
    }
    for index in 2..5 {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// What a step allocates.
pub(crate) fn counted<T>(step: impl FnOnce() -> T) -> AllocationInfo {
    let mut step = Some(step);
    allocation_counter::measure(|| {
        drop(black_box(step.take().map(|step| step())));
    })
}
