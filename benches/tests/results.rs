//! Numbers as they are shown, and as they come back from JSON.

use crate::cluster::results::{Case, Scale, Tally, Unit};

#[test]
fn a_number_is_shown_with_the_digits_that_say_something() {
    let shown = |value, unit: Unit| unit.text(value);
    assert_eq!(shown(1234.56, Unit::PerSecond), "1235/s");
    assert_eq!(shown(12.345, Unit::Milliseconds), "12.3 ms");
    assert_eq!(shown(0.934, Unit::Times), "0.93x");
    assert_eq!(shown(0.0123, Unit::Percent), "0.0123 %");
    assert_eq!(shown(3.0, Unit::Count), "3");
    assert_eq!(shown(0.0, Unit::Seconds), "0.00 s");
}

#[test]
fn results_survive_json_without_what_was_not_measured() {
    let mut case = Case::new("cold");
    case.add("nothing", f64::NAN, Unit::Times);
    case.add("writes per credential", 3.0, Unit::Count);
    case.requests = Tally::from([("get secrets".to_owned(), 7), ("create secrets".to_owned(), 5)]);
    case.judge(Scale { credentials: 1000, targets: 1 });
    let back: Case = serde_json::from_str(&serde_json::to_string(&case).unwrap()).unwrap();
    assert_eq!(back.measures, case.measures);
    assert_eq!(back.measures.len(), 1);
    assert!(back.measures[0].goal.as_ref().unwrap().met);
    assert_eq!(back.requests_that(&["get", "list"]), 7);
}
