//! Whoever has outputs written into the credential's own namespace may create Secrets and ConfigMaps there.

use serde_json::{Value, json};

use super::release::{Person, Release};
use crate::harness::TestNamespace;

fn rules(created: &str) -> String {
    format!(
        "[{{apiGroups: [appcredential.io], resources: [appcredentials], verbs: ['*']}},
          {{apiGroups: [''], resources: [{created}], verbs: [create]}}]"
    )
}

fn credential(spec: &Value) -> Value {
    let mut whole = json!({"application": {"type": "db"}, "authentication": {"type": "None"}});
    whole.as_object_mut().expect("a spec").extend(spec.as_object().expect("fields").clone());
    json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": "one"}, "spec": whole})
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_are_refused_where_their_author_could_not_create_them() {
    let test = TestNamespace::idle("chart-targets").await;
    let _release = Release::install(&test, &[], json!({})).await;
    let ns = test.namespace.as_str();
    let away = json!([{"namespace": "elsewhere"}]);
    let here = |path: &str, who: &str, what: &str| {
        format!(
            "{path}: writes into the namespace {ns}, where {who} may not create {what}; ask for a role there that allows it, or let \
             somebody apply this who may"
        )
    };
    let nobody = Person::with(&test, "nobody", &rules("events")).await;
    let said = nobody.is_refused(&credential(&json!({}))).await;
    assert!(said.ends_with(&here("spec.targets", "nobody", "Secrets or ConfigMaps")), "{said}");
    for (spec, path) in [
        (json!({"targets": [{"namespace": "elsewhere"}, {}]}), "spec.targets"),
        (json!({"targets": [{"namespace": ns}]}), "spec.targets"),
        (
            json!({"environments": [{"name": "a"}, {"name": "b", "targets": away}, {"name": "c", "targets": [{"namespace": ns}]}]}),
            "spec.environments[a].targets, spec.environments[c].targets",
        ),
    ] {
        let said = nobody.tries(&credential(&spec)).await.expect_err("refused");
        assert!(said.ends_with(&here(path, "nobody", "Secrets or ConfigMaps")), "{said}");
    }
    for spec in [json!({"targets": away}), json!({"environments": [{"name": "a", "targets": away}]})] {
        nobody.tries(&credential(&spec)).await.expect("for other namespaces there are grants");
    }
    for (created, missing) in [("secrets", "ConfigMaps"), ("configmaps", "Secrets")] {
        let person = Person::with(&test, created, &rules(created)).await;
        let said = test.wait_for("it is refused", async || person.tries(&credential(&json!({}))).await.err()).await;
        assert!(said.ends_with(&here("spec.targets", created, missing)), "{said}");
    }
    let both = Person::with(&test, "both", &rules("secrets, configmaps")).await;
    both.is_accepted(&credential(&json!({}))).await;
}
