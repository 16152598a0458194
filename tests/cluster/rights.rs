//! Rights: what the operator lacks is told.
//!
//! That it needs no more than what the chart grants is seen in every other test (`harness/account.rs`), and that it needs no
//! less in `chart/rights.rs`.

use appcredential_operator::rights::{ALL, Asked, Right, When};
use serde_json::{Value, json};

use crate::harness::TestNamespace;

/// The rules of the table that it needs whatever its flags, for a Role. What only an admission plugin asks for is left out: it is
/// not switched on here.
fn rules() -> Vec<Value> {
    let needed = ALL.iter().filter(|right| (right.when, right.asked) == (When::Always, Asked::Requested));
    let rule = |right: &Right| json!({"apiGroups": [right.group], "resources": right.resources, "verbs": right.verbs});
    needed.map(rule).collect()
}

/// Lets the operator do this in its namespace, and nothing else.
async fn allow(test: &TestNamespace, rules: &[Value]) {
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "operator"}, "rules": rules,
    });
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "operator"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "operator"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": test.user}],
    });
    for manifest in [role, binding] {
        let output = test.kubectl(&["apply", "-f", "-"], &manifest.to_string()).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_is_reported_until_it_is_granted() {
    let mut test = TestNamespace::limited("unable").await;
    let mut rules = rules();
    let secrets = rules.iter_mut().find(|rule| rule["apiGroups"][0] == "").expect("a rule for Secrets");
    secrets["verbs"] = json!(["list", "watch", "create", "patch", "delete"]);
    allow(&test, &rules).await;
    test.operator.start();
    test.source("small-source", &[("token", b"t0ken")]).await;
    test.apply(crate::manifests::SMALL).await;
    let credential = test.not_ready("small", "Forbidden").await;
    assert_eq!(
        credential.message("ResolvedRefs"),
        "spec.authentication.bearerToken.token: Secret small-source: the operator may not read it; allow its service account to get it"
    );
    assert!(test.outputs("small").await.is_none(), "nothing half is written");
    allow(&test, &self::rules()).await;
    test.ready("small").await;
}
