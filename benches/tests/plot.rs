//! The plot of known results.

use crate::cluster::plot::svg;
use crate::report::results;

#[test]
fn the_plot_has_a_bar_for_each_ratio_colored_by_its_goal() {
    let svg = svg(&results()).unwrap();
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
    for label in ["edit p50 (10000 x 1)", "edit p99 (10000 x 1)"] {
        assert_eq!(svg.matches(label).count(), 1, "{svg}");
    }
    assert_eq!(svg.matches("#388E3C").count(), 1, "one that is met");
    assert_eq!(svg.matches("#F57C00").count(), 1, "one that is not");
}

#[test]
fn without_a_ratio_there_is_no_plot() {
    let mut none = results();
    none.runs.clear();
    assert!(svg(&none).is_err());
}
