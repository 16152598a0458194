//! Secrets as plain text and targets in other namespaces: told or refused, as the values say.

use appcredential_api::AuthenticationType;
use serde_json::{Value, json};

use super::release::{Person, Release, WRITES_CREDENTIALS, one};
use crate::harness::TestNamespace;

const PLAIN: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: plain}
spec:
  application: {type: mysql}
  authentication: {type: Basic, basic: {username: {value: app}, password: {value: hunter2}}}
  environments:
  - {name: staging, authentication: {basic: {password: {value: hunter3}}}}
  - {name: production, targets: [{namespace: elsewhere}, {}]}
";

/// What kubectl says besides that it is done.
async fn warned(test: &TestNamespace, manifest: &str) -> String {
    let output =
        test.kubectl(&["apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-"], manifest).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_warns_of_plain_secrets_and_other_namespaces() {
    let test = TestNamespace::idle("chart-warn").await;
    let _release = Release::install(&test, &[], json!({"policies": {"plainSecrets": "Warn"}})).await;
    let complete = async || {
        let said = warned(&test, PLAIN).await;
        (said.matches("Warning:").count() == 2).then_some(said)
    };
    let said = test.wait_for("both warnings", complete).await;
    let plain = "is a secret as plain text";
    let both = format!(
        "spec.authentication.basic.password: {plain} | spec.environments[staging].authentication.basic.password: {plain} | whoever may \
         look at credentials can read this; put it into a Secret and refer to that with valueFrom.secretKeyRef"
    );
    assert!(said.contains(&both), "{said}");
    let elsewhere = format!(
        "spec.environments[production].targets: is the namespace elsewhere, which needs an AppCredentialGrant with from: \
         [{{namespace: {}}}]; until then the status says Synced=False, NotGranted",
        test.namespace
    );
    assert!(said.contains(&elsewhere), "{said}");
    assert!(!said.contains("hunter"), "{said}");
    test.apply(crate::manifests::SMALL).await;
    assert_eq!(warned(&test, crate::manifests::SMALL).await, "", "nothing to be said");
}

/// A spec that has a plain value in this field below `authentication` and nothing else.
fn with(kind: AuthenticationType, path: &str) -> Value {
    let leaf = path.rsplit('.').fold(json!({"value": "x"}), |inner, field| json!({field: inner}));
    let mut authentication = leaf;
    authentication["type"] = json!(kind.word());
    let spec = json!({"application": {"type": "db"}, "authentication": authentication});
    json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": "one"}, "spec": spec})
}

#[tokio::test(flavor = "multi_thread")]
async fn deny_refuses_plain_secret_fields_and_accepts_public_ones() {
    let test = TestNamespace::idle("chart-plain").await;
    let values = json!({"policies": {"plainSecrets": "Deny", "otherNamespaces": "Deny"}});
    let _release = Release::install(&test, &[], values).await;
    let jo = Person::with(&test, "jo", WRITES_CREDENTIALS).await;
    jo.is_refused(&with(AuthenticationType::Basic, "basic.password")).await;
    let mut secrets = 0;
    for kind in AuthenticationType::ALL {
        for field in kind.fields().into_iter().filter(|field| field.secret) {
            secrets += 1;
            let said = jo.tries(&with(*kind, &field.path)).await.expect_err("refused");
            assert!(
                said.contains(&format!("denied request: spec.authentication.{}: is a secret", field.path)),
                "{said}"
            );
        }
    }
    assert!(secrets >= 14, "{secrets}");
    for (kind, path) in [
        (AuthenticationType::Basic, "basic.username"),
        (AuthenticationType::AWS, "aws.accessKeyID"),
        (AuthenticationType::OAuth2, "oauth2.clientID"),
        (AuthenticationType::ClientCertificate, "clientCertificate.certificate"),
    ] {
        jo.tries(&with(kind, path)).await.unwrap_or_else(|said| panic!("{path}: {said}"));
    }
    let mut elsewhere = with(AuthenticationType::Basic, "basic.username");
    elsewhere["spec"]["targets"] = json!([{"namespace": "elsewhere"}]);
    let said = jo.is_refused(&elsewhere).await;
    let wanted = "spec.targets: is the namespace elsewhere, and this cluster does not allow targets in other namespaces; create a \
                  credential there instead";
    assert!(said.ends_with(wanted), "{said}");
    elsewhere["spec"]["targets"] = json!([{"namespace": test.namespace}]);
    jo.tries(&elsewhere).await.expect("the own namespace by its name");
    let said = jo.tries(&one(PLAIN)).await.expect_err("refused");
    assert!(!said.contains("hunter"), "no value is repeated: {said}");
}
