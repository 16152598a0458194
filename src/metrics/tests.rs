//! Series come and go with what they count.

use super::*;

fn lines(metrics: &Metrics, prefix: &str) -> Vec<String> {
    let text = metrics.text().unwrap_or_default();
    text.lines().filter(|line| line.starts_with(prefix)).map(str::to_owned).collect()
}

#[test]
fn every_series_of_a_namespace_goes_with_its_last_credential() {
    let metrics = Metrics::default();
    for namespace in ["a", "b"] {
        metrics.credentials(namespace, "True", "Ready", 1);
        metrics.reconciled(namespace, "done", "Ready", Duration::from_millis(3));
        metrics.reconciled(namespace, "retry", "WriteFailed", Duration::from_millis(3));
    }
    metrics.credentials("b", "True", "Ready", -1);
    // One that was under way when its credential went ends later.
    metrics.reconciled("b", "done", "Ready", Duration::from_millis(3));
    let all = lines(&metrics, "appcredential_");
    assert!(!all.iter().any(|line| line.contains(r#"credential_namespace="b""#)), "{all:?}");
    assert_eq!(all.iter().filter(|line| line.contains(r#"credential_namespace="a""#)).count(), 3);
    let line = r#"appcredential_credentials{ready="True",reason="Ready",credential_namespace="a"} 1"#;
    assert_eq!(lines(&metrics, "appcredential_credentials{"), [line]);
}

#[test]
fn a_credential_that_changes_its_condition_stays_counted() {
    let metrics = Metrics::default();
    metrics.credentials("a", "Unknown", "Unknown", 1);
    metrics.reconciled("a", "stalled", "InvalidSpec", Duration::from_millis(3));
    metrics.credentials("a", "False", "InvalidSpec", 1);
    metrics.credentials("a", "Unknown", "Unknown", -1);
    assert_eq!(lines(&metrics, "appcredential_reconciles_total{").len(), 1);
    assert_eq!(lines(&metrics, "appcredential_credentials{").len(), 1);
}

#[test]
fn namespaces_can_be_left_out() {
    let metrics = Metrics::new(false);
    metrics.credentials("secret-project", "True", "Ready", 1);
    metrics.reconciled("secret-project", "done", "Ready", Duration::from_millis(3));
    assert!(!metrics.text().unwrap_or_default().contains("secret-project"));
}
