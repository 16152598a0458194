//! What people see with kubectl: waiting, columns, selectors.

use crate::harness::TestNamespace;

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_waits_for_ready_and_selects_by_application() {
    let test = TestNamespace::start("kubectl").await;
    test.shop().await;
    test.apply(&crate::manifests::ORDERS.replace("aws-rds", "on-premises")).await;
    test.kubectl_says(&["wait", "--for=condition=Ready", "appcred/shop", "--timeout=30s"]).await;
    test.not_ready("orders", "SecretNotFound").await;

    let table = test.kubectl_says(&["get", "appcred"]).await;
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["NAME", "APPLICATION", "PROVIDER", "ENVIRONMENTS", "READY", "REASON", "AGE"]);
    assert_eq!(rows[1][..5], ["orders", "postgresql", "on-premises", "False", "SecretNotFound"]);
    assert_eq!(rows[2][..5], ["shop", "mysql", "staging,production", "True", "Ready"]);

    let selected = async |selector: &str| {
        let selector = format!("--field-selector={selector}");
        test.kubectl_says(&["get", "appcredentials", &selector, "-o=name"]).await
    };
    assert_eq!(selected("spec.application.type=mysql").await, "appcredential.appcredential.io/shop\n");
    assert_eq!(selected("spec.application.provider=on-premises").await, "appcredential.appcredential.io/orders\n");
    assert_eq!(selected("spec.application.type=kafka").await, "");
    let all = test.kubectl_says(&["get", "credentials", "-o=name"]).await;
    assert_eq!(all.lines().count(), 2, "the category lists them: {all}");
}
