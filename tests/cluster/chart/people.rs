//! What Kubernetes' own roles view, edit and admin let people do once the chart is installed.

use serde_json::json;

use super::release::{Person, Release, one};
use crate::fixtures::{ROOT, read};
use crate::harness::{TestNamespace, documents};
use crate::manifests::SMALL;

const GRANT: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredentialGrant
metadata: {name: grant}
spec: {from: [{namespace: elsewhere}]}
";

#[tokio::test(flavor = "multi_thread")]
async fn view_looks_edit_writes_and_admin_consents() {
    let test = TestNamespace::idle("chart-people").await;
    if !test.plane.collects_garbage() {
        return;
    }
    let _release = Release::install(&test, &[], json!({})).await;
    test.apply(SMALL).await;
    let [view, edit, admin] = ["view", "edit", "admin"].map(|role| Person::in_role(&test, role));
    let (view, edit, admin) = (view.await, edit.await, admin.await);
    admin.is_accepted(&one(GRANT)).await;
    edit.is_accepted(&one(SMALL)).await;
    for (person, object) in [(&view, SMALL), (&view, GRANT), (&edit, GRANT)] {
        let said = person.tries(&one(object)).await.expect_err("refused");
        assert!(said.contains("is forbidden: User"), "{}: {said}", person.user);
    }
    let says = async |user: &str, args: &[&str]| {
        let user = format!("--as={user}");
        let output = test.kubectl(&[&["auth", "can-i", &user], args].concat(), "").await;
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    for (user, args, answer) in [
        (&view.user, &["list", "appcredentials"][..], "yes"),
        (&view.user, &["watch", "appcredentialgrants"], "yes"),
        (&view.user, &["get", "secrets"], "no"),
        (&view.user, &["delete", "appcredentials"], "no"),
        (&edit.user, &["deletecollection", "appcredentials"], "yes"),
        (&edit.user, &["get", "appcredentialgrants"], "yes"),
        (&edit.user, &["patch", "appcredentials", "--subresource=status"], "no"),
        (&admin.user, &["patch", "appcredentialgrants", "--subresource=status"], "no"),
    ] {
        assert_eq!(says(user, args).await, answer, "{user} {args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_edit_applies_all_fixtures_with_every_policy_on() {
    let test = TestNamespace::idle("chart-fixtures").await;
    if !test.plane.collects_garbage() {
        return;
    }
    // Some fixtures have plain secrets on purpose.
    let _release = Release::install(&test, &[], json!({"policies": {"plainSecrets": "Warn"}})).await;
    let edit = Person::in_role(&test, "edit").await;
    let stranger = Person::with(&test, "stranger", super::release::WRITES_CREDENTIALS).await;
    let fixtures = std::path::Path::new(ROOT).join("tests/fixtures");
    let credentials = documents(&read(&fixtures.join("appcredentials.yaml")));
    assert_eq!(credentials.len(), 10);
    edit.is_accepted(&credentials[0]).await;
    let refers = |object: &serde_json::Value| object.to_string().contains("KeyRef");
    stranger.is_refused(credentials.iter().find(|object| refers(object)).expect("one with a source")).await;
    for object in documents(&read(&fixtures.join("sources.yaml"))).iter().chain(&credentials) {
        if refers(object) {
            stranger.tries(object).await.expect_err("whoever may not read the sources is refused");
        }
        edit.applies(object).await.unwrap_or_else(|said| panic!("{}: {said}", object["metadata"]["name"]));
    }
}
