//! Rights: the README's table is all that the operator needs, and what it lacks is told.
//!
//! The operator acts as a user who may do nothing but what a Role of its namespace allows.

use serde_json::{Value, json};

use crate::harness::Bench;

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));

/// The rules of the README's table, for a Role.
fn rules() -> Vec<Value> {
    let rows = README.lines().skip_while(|line| !line.starts_with("| API group")).skip(2);
    let words =
        |cell: &str| -> Vec<String> { cell.split(',').map(|word| word.trim().trim_matches('`').to_owned()).collect() };
    let rule = |row: &str| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let group = words(cells[0])[0].replace("core", "");
        json!({"apiGroups": [group], "resources": words(cells[1]), "verbs": words(cells[2])})
    };
    rows.take_while(|line| line.starts_with('|')).map(rule).collect()
}

/// Lets the operator do this in its namespace, and nothing else.
async fn allow(bench: &Bench, rules: &[Value]) {
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "operator"}, "rules": rules,
    });
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "operator"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "operator"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": bench.user}],
    });
    for manifest in [role, binding] {
        let output = bench.kubectl(&["apply", "-f", "-"], &manifest.to_string()).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rights_of_the_readme_are_all_that_it_needs() {
    let rules = rules();
    assert_eq!(rules.len(), 6, "{rules:#?}");
    let mut bench = Bench::limited("rights").await;
    allow(&bench, &rules).await;
    bench.operator.start();
    bench.orders().await;
    bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    bench.at_revision("orders", 2).await;
    bench.delete("Secret", "orders").await;
    bench.at_revision("orders", 3).await;
    bench.event("orders", "OutputRestored").await;
    bench.edit("orders", json!({"targets": [{"secret": {"name": "renamed"}, "configMap": {"name": "renamed"}}]})).await;
    bench.wait_until("the old outputs are pruned", async || bench.outputs("orders").await.is_none()).await;
    bench.ready("orders").await;
    let denied = bench.operator.whole_log().lines().filter(|line| line.contains("Forbidden")).count();
    assert_eq!(denied, 0, "{}", bench.operator.last_lines(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_it_lacks_is_told_and_it_goes_on_once_it_has_it() {
    let mut bench = Bench::limited("unable").await;
    let mut rules = rules();
    let secrets = rules.iter_mut().find(|rule| rule["apiGroups"][0] == "").expect("a rule for Secrets");
    secrets["verbs"] = json!(["list", "watch", "create", "patch", "delete"]);
    allow(&bench, &rules).await;
    bench.operator.start();
    bench.source("small-source", &[("token", b"t0ken")]).await;
    bench.apply(crate::manifests::SMALL).await;
    let credential = bench.not_ready("small", "Forbidden").await;
    assert_eq!(
        credential.message("ResolvedRefs"),
        "spec.authentication.bearerToken.token: Secret small-source: the operator may not read it; allow its service account to get it"
    );
    assert!(bench.outputs("small").await.is_none(), "nothing half is written");
    allow(&bench, &self::rules()).await;
    bench.ready("small").await;
}
