//! The ratios to raw as bars: how far the operator is from what the API server can do, by case and scale.

use std::error::Error;

use plotters::prelude::*;
use plotters::style::full_palette::{GREEN_700, GREY_500, ORANGE_700};

use super::goals::Goal;
use super::results::{Results, Unit};

const WIDTH: u32 = 900;
const BAR: u32 = 26;
const AROUND: u32 = 120;

struct Row {
    label: String,
    ratio: f64,
    goal: Option<Goal>,
}

/// The plot as SVG.
pub(crate) fn svg(results: &Results) -> Result<String, Box<dyn Error>> {
    let rows = rows(results);
    let mut out = String::new();
    if rows.is_empty() {
        return Err("there are no ratios to raw to draw: none of the cases that have one was run".into());
    }
    let height = AROUND + BAR * u32::try_from(rows.len())?;
    draw(&SVGBackend::with_string(&mut out, (WIDTH, height)).into_drawing_area(), results, &rows)?;
    Ok(out)
}

/// Rows of one case and measure stand together, the scales below each other.
fn rows(results: &Results) -> Vec<Row> {
    let mut rows = Vec::new();
    for (number, run) in results.runs.iter().enumerate() {
        for (place, case) in run.cases.iter().enumerate() {
            let ratios = case.measures.iter().filter(|measure| measure.unit == Unit::Times);
            for (index, measure) in ratios.filter(|measure| measure.name.contains(" to raw")).enumerate() {
                let label = format!(
                    "{} {} ({} x {})",
                    case.name,
                    measure.name.replace(" to raw", ""),
                    run.scale.credentials,
                    run.scale.targets
                );
                rows.push(((place, index, number), Row { label, ratio: measure.value, goal: measure.goal.clone() }));
            }
        }
    }
    rows.sort_by_key(|(order, _)| *order);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn draw<B: DrawingBackend>(
    root: &DrawingArea<B, plotters::coord::Shift>,
    results: &Results,
    rows: &[Row],
) -> Result<(), Box<dyn Error>>
where
    B::ErrorType: 'static,
{
    root.fill(&WHITE)?;
    let most = rows.iter().flat_map(|row| [row.ratio, row.goal.as_ref().map_or(0.0, |goal| goal.limit)]);
    let most = most.fold(1.0, f64::max) * 1.1;
    let title = format!("Ratio to raw writes and edits, operator {}, {}", results.about.operator, results.about.date);
    let mut chart = ChartBuilder::on(root)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(260)
        .build_cartesian_2d(0.0..most, (0..rows.len()).into_segmented())?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(rows.len() + 1)
        .y_label_formatter(&|place| match place {
            // The first row stands at the top.
            SegmentValue::CenterOf(index) => {
                rows.iter().rev().nth(*index).map(|row| row.label.clone()).unwrap_or_default()
            }
            _ => String::new(),
        })
        .x_desc("times raw; the line is the goal (green: met)")
        .draw()?;
    for (index, row) in rows.iter().rev().enumerate() {
        let edges = (SegmentValue::Exact(index), SegmentValue::Exact(index + 1));
        let color = row.goal.as_ref().map_or(GREY_500, |goal| if goal.met { GREEN_700 } else { ORANGE_700 });
        let mut bar = Rectangle::new([(0.0, edges.0.clone()), (row.ratio, edges.1.clone())], color.filled());
        bar.set_margin(4, 4, 0, 0);
        chart.draw_series([bar])?;
        if let Some(goal) = &row.goal {
            chart.draw_series([PathElement::new(
                [(goal.limit, edges.0), (goal.limit, edges.1)],
                BLACK.stroke_width(2),
            )])?;
        }
    }
    root.present()?;
    Ok(())
}
