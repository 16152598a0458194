//! Metrics, alerts and dashboard, held against each other and against the real promtool: an alert about a metric that does not
//! exist never fires, and nobody notices.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use appcredential_operator::metrics::Metrics;
use serde_json::Value;

use crate::helm::{object, objects, read, root};

const ALERTS: &str = "charts/appcredential-operator/files/alerts.yaml";
const DASHBOARD: &str = "charts/appcredential-operator/files/dashboard.json";
const TESTS: &str = "tests/chart/alerts_test.yaml";
const PAGE: &str = "docs/operations.md";

/// Runs promtool: whether it is content, and what it says.
fn promtool(args: &[&str], input: &str) -> (bool, String) {
    static PROMTOOL: OnceLock<PathBuf> = OnceLock::new();
    let program = PROMTOOL.get_or_init(|| testbed::tool("promtool").unwrap_or_else(|error| panic!("{error}")));
    let mut command = Command::new(program);
    command.args(args).current_dir(root()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("promtool");
    // One that reads nothing closes the pipe: no matter.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("promtool ends");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The metrics of an operator to which everything that is counted has happened once.
fn counted() -> String {
    let metrics = Metrics::default();
    let took = Duration::from_millis(3);
    metrics.credentials("orders", "True", "Ready", 1);
    metrics.reconciled("orders", "done", "Ready", took);
    metrics.waited("change", took);
    metrics.arrived(took);
    metrics.targets(1);
    metrics.wrote("Secret", "create");
    metrics.wrote_status("AppCredential", "written");
    metrics.requested("create", "secrets", "201".to_owned(), took);
    metrics.watch_started("secrets");
    metrics.watch_told("secrets");
    metrics.leading(true);
    metrics.text().expect("metrics")
}

/// The names of samples, without labels: what a query can name.
fn samples(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split(['{', ' ']).next()).map(str::to_owned).collect()
}

/// The metrics as they are described: name, type and help, in order.
fn described(text: &str) -> Vec<[String; 3]> {
    let of = |word: &str| -> Vec<(String, String)> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(word)?.split_once(' '));
        lines.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect()
    };
    let (helps, types) = (of("# HELP "), of("# TYPE "));
    assert_eq!(helps.len(), types.len());
    let both = helps.into_iter().zip(types);
    both.map(|((name, help), (_, kind))| {
        // OpenMetrics names the family, and queries its samples.
        let name = match kind.as_str() {
            "counter" => format!("{name}_total"),
            "info" => format!("{name}_info"),
            _ => name,
        };
        [name, kind, help]
    })
    .collect()
}

/// The metrics that a text of queries names.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
    let ours = words.filter(|word| word.starts_with("appcredential_") || word.starts_with("process_"));
    ours.map(str::to_owned).collect()
}

fn alerts() -> Vec<Value> {
    let file: Value = serde_saphyr::from_str(&read(ALERTS)).unwrap();
    file["groups"][0]["rules"].as_array().unwrap().clone()
}

fn names() -> BTreeSet<String> {
    alerts().iter().map(|alert| alert["alert"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn promtool_accepts_the_alerts_and_their_tests_pass() {
    for args in [&["check", "rules", "--lint=all", "--lint-fatal", ALERTS][..], &["test", "rules", TESTS]] {
        let (content, said) = promtool(args, "");
        assert!(content, "{args:?}\n{said}");
    }
}

#[test]
fn every_alert_has_a_firing_test_and_a_silent_test() {
    let file: Value = serde_saphyr::from_str(&read(TESTS)).unwrap();
    let cases = file["tests"].as_array().unwrap().iter().flat_map(|test| test["alert_rule_test"].as_array().unwrap());
    let fires = |case: &&Value| case["exp_alerts"].as_array().is_some_and(|alerts| !alerts.is_empty());
    let (firing, silent): (Vec<&Value>, Vec<&Value>) = cases.partition(fires);
    let of = |cases: Vec<&Value>| -> BTreeSet<String> {
        cases.iter().map(|case| case["alertname"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(firing), names());
    assert_eq!(of(silent), names());
}

#[test]
fn promtool_finds_nothing_wrong_with_the_metrics() {
    // It reads Prometheus' text format, in which the samples are the same, and a family has the name of its samples.
    let text = counted();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let described = described(&text);
    let mut old = String::new();
    for line in text.lines().filter(|line| *line != "# EOF") {
        let head = line.strip_prefix("# HELP ").or_else(|| line.strip_prefix("# TYPE "));
        let family = head.and_then(|rest| rest.split(' ').next());
        let suffixed = family.and_then(|family| {
            let names = described.iter().map(|[name, ..]| name);
            names.into_iter().find(|name| {
                *name != family && name.strip_suffix("_total").or(name.strip_suffix("_info")) == Some(family)
            })
        });
        let line = match (family, suffixed) {
            (Some(family), Some(name)) => line.replacen(family, name, 1),
            _ => line.to_owned(),
        };
        // Prometheus' own text format has no infos: they are gauges of 1.
        old.push_str(&line.strip_suffix(" info").map_or(line.clone(), |line| format!("{line} gauge")));
        old.push('\n');
    }
    let (content, said) = promtool(&["check", "metrics"], &old);
    assert!(content && said.trim().is_empty(), "{said}\n{old}");
}

#[test]
fn every_metric_that_an_alert_or_the_dashboard_asks_for_exists() {
    let there = samples(&counted());
    let mut asked = BTreeSet::new();
    for alert in alerts() {
        asked.extend(named(alert["expr"].as_str().unwrap()));
    }
    let dashboard: Value = serde_json::from_str(&read(DASHBOARD)).unwrap();
    let mut queries = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            queries += 1;
            asked.extend(named(target["expr"].as_str().unwrap()));
        }
    }
    assert!(queries > 10 && asked.len() > 10, "{queries} queries, {asked:?}");
    let missing: Vec<&String> = asked.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?} of {there:?}");
}

#[test]
fn every_alert_has_a_runbook_and_points_at_it() {
    let page = read(PAGE);
    let (_, part) = page.split_once("\n## Alerts\n").expect("a part about alerts");
    let part = part.split("\n## ").next().unwrap();
    let sections: BTreeSet<String> =
        part.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_owned).collect();
    assert_eq!(sections, names());
    for section in part.split("\n### ").skip(1) {
        for word in ["**Means:**", "**Look at:**", "**Do:**"] {
            assert!(section.contains(word), "{word}\n{section}");
        }
    }
    for alert in alerts() {
        let name = alert["alert"].as_str().unwrap();
        assert_eq!(alert["annotations"]["runbook_url"], format!("{PAGE}#{}", name.to_lowercase()));
    }
}

#[test]
fn runbooks_are_where_the_values_say() {
    let urls = |args: &[&str]| -> Vec<String> {
        let rendered = objects(&[&["--set=prometheusRule.enabled=true"], args].concat());
        let rules = &object(&rendered, "PrometheusRule", "appcredential-operator")["spec"]["groups"][0]["rules"];
        let url = |rule: &Value| rule["annotations"]["runbook_url"].as_str().unwrap().to_owned();
        rules.as_array().unwrap().iter().map(url).collect()
    };
    assert!(urls(&[]).iter().all(|url| url.starts_with("docs/operations.md#")));
    let elsewhere = urls(&["--set=prometheusRule.runbooks=https://git.example.com/operations.md"]);
    assert!(elsewhere.iter().all(|url| url.starts_with("https://git.example.com/operations.md#appcredential")));
    assert_eq!(elsewhere.len(), names().len());
}

/// The table of metrics in the documentation.
pub(crate) fn table() -> String {
    let labels = |name: &str, text: &str| -> String {
        let of = |line: &str| -> Option<String> {
            let line = line.strip_prefix(name)?;
            let line = line.trim_start_matches("_bucket").strip_prefix('{')?;
            let names = line.split('}').next()?.split("\",").filter_map(|label| label.split('=').next());
            let names: Vec<String> = names.filter(|name| *name != "le").map(|name| format!("`{name}`")).collect();
            Some(names.join(", "))
        };
        text.lines().find_map(of).unwrap_or_default()
    };
    let text = counted();
    let mut table = "| Metric | Type | Labels | What it is |\n|---|---|---|---|\n".to_owned();
    for [name, kind, help] in described(&text) {
        let help = help.trim_end_matches('.');
        table.push_str(&format!("| `{name}` | {kind} | {} | {help} |\n", labels(&name, &text)));
    }
    table
}

#[test]
#[cfg(target_os = "linux")]
fn the_documentation_has_every_metric_in_a_table() {
    const MARKS: [&str; 2] =
        ["<!-- metrics: begin. Written by `UPDATE_DOCS=1 cargo test --test chart`. -->\n", "<!-- metrics: end. -->\n"];
    let page = read(PAGE);
    let (head, rest) = page.split_once(MARKS[0]).expect("the begin of the table");
    let (_, tail) = rest.split_once(MARKS[1]).expect("the end of the table");
    let wanted = format!("{head}{}\n{}\n{}{tail}", MARKS[0], table().trim_end(), MARKS[1]);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(root().join(PAGE), wanted).unwrap();
    } else {
        assert!(page == wanted, "{PAGE} is not what the code says: run `UPDATE_DOCS=1 cargo test --test chart`");
    }
}
