//! Outputs with a shape: what an application reads, in both objects, by edits of the source and of the shape; and a template that
//! fails on a value stops its own environment alone.

use serde_json::{Value, json};

use crate::harness::{TestNamespace, text};

const SPEC: &str = "
application: {type: postgresql}
authentication: {type: Basic, basic: {username: {value: 'o@p'}, password: {valueFrom: {secretKeyRef: {name: source, key: password}}}}}
connection: {host: db.internal, port: 5432, database: orders}
output:
  keys: {style: None}
  presets: [{name: LibPQ}, {name: PostgreSQLURL}]
  templates: [{key: app.ini, format: INI, template: 'password = {{ password }}'}]
";

/// A credential of this spec.
fn shaped(spec: &str) -> Value {
    let spec: Value = serde_saphyr::from_str(spec).expect("YAML");
    json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": "shaped"}, "spec": spec})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_source_or_shape_reaches_presets_and_templates() {
    let test = TestNamespace::start("shapes").await;
    test.source("source", &[("password", b"a/b")]).await;
    test.apply_one(shaped(SPEC)).await;
    test.ready("shaped").await;
    let outputs = test.outputs_now("shaped").await;
    let wanted = [
        ("DATABASE_URL", "postgresql://o%40p:a%2Fb@db.internal:5432/orders"),
        ("PGPASSWORD", "a/b"),
        ("PGUSER", "o@p"),
        ("app.ini", "password = a/b"),
    ];
    assert_eq!(outputs.secret_text(), text(&wanted));
    let settings = [("PGDATABASE", "orders"), ("PGHOST", "db.internal"), ("PGPORT", "5432")];
    assert_eq!(outputs.settings(), text(&settings));

    // A value that the format cannot hold: the last good output stays, and the condition names the template and no value.
    test.source("source", &[("password", b"line\nbreak")]).await;
    let credential = test.not_ready("shaped", "TemplateFailed").await;
    let told = credential.0["status"]["conditions"].to_string();
    assert!(told.contains("spec.output.templates[0].template: line 1 has a line break"), "{told}");
    assert!(!told.contains("line\\nbreak"), "{told}");
    assert_eq!(test.outputs_now("shaped").await.secret_text(), text(&wanted));

    test.source("source", &[("password", b"c")]).await;
    test.edit("shaped", json!({"output": {"presets": [], "keys": {"style": "EnvironmentVariable"}}})).await;
    test.ready("shaped").await;
    let wanted = [("PASSWORD", "c"), ("USERNAME", "o@p"), ("app.ini", "password = c")];
    test.wait_until("the new shape is there", async || test.outputs_now("shaped").await.secret_text() == text(&wanted))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_means_nothing_is_not_accepted() {
    let test = TestNamespace::start("templates").await;
    test.source("source", &[("password", b"p")]).await;
    test.apply_one(shaped(&SPEC.replace("{{ password }}", "{{ pasword }}"))).await;
    let credential = test.not_ready("shaped", "TemplateInvalid").await;
    let told = credential.0["status"]["conditions"].to_string();
    assert!(told.contains("line 1 uses pasword, which no field and no preset gives"), "{told}");
}
