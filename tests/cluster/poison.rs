//! Resources that no schema of ours would let in, as they may have been stored by another version of the CRD:
//! each is told what is wrong, without its values, and keeps nobody else from being served.
//!
//! The CRD is shared by all tests, so this one boots a control plane of its own with a CRD that allows anything.

use kube::api::{DynamicObject, PostParams};
use serde_json::{Value, json};

use crate::harness::{Plane, TestNamespace, definitions};
use crate::manifests::SMALL;

/// What stands where a value does not belong; it must not be told again.
const HIDDEN: &str = "hunter2-not-to-be-told";

/// The CRDs with nothing left of the schemas but that there is one.
pub(crate) fn loose() -> String {
    let loose = definitions().map(|mut crd| {
        let version = &mut crd["spec"]["versions"][0];
        version.as_object_mut().unwrap().remove("selectableFields");
        let anything = json!({"x-kubernetes-preserve-unknown-fields": true});
        version["schema"]["openAPIV3Schema"] =
            json!({"type": "object", "properties": {"spec": anything, "status": anything}});
        crd.to_string()
    });
    loose.collect::<Vec<_>>().join("\n---\n")
}

/// A poison: its name, its spec (null for none at all), what the message must begin with, and the reason.
struct Poison {
    name: String,
    spec: Value,
    path: String,
    reason: &'static str,
}

fn healthy() -> Value {
    json!({
        "application": {"type": "redis"},
        "authentication": {"type": "None"},
        "connection": {"host": "h"},
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut spec = healthy();
    spec[field] = value;
    spec
}

fn poison(name: &str, spec: Value, path: &str) -> Poison {
    Poison { name: name.to_owned(), spec, path: path.to_owned(), reason: "InvalidSpec" }
}

/// What has another form than the schema's.
fn forms() -> Vec<Poison> {
    let basic = |basic: Value| with("authentication", json!({"type": "Basic", "basic": basic}));
    vec![
        poison("no-spec", Value::Null, "spec: is missing"),
        poison("spec-text", json!(HIDDEN), "spec: "),
        poison("spec-list", json!([HIDDEN]), "spec"),
        poison("spec-empty", json!({}), "spec: "),
        poison("port-text", with("connection", json!({"port": HIDDEN})), "spec.connection.port: "),
        poison("port-huge", with("connection", json!({"port": 99_999_999_999_i64})), "spec.connection.port: "),
        poison("connection-text", with("connection", json!(format!("postgres://u:{HIDDEN}@h"))), "spec.connection: "),
        poison("environments-text", with("environments", json!("x")), "spec.environments: "),
        poison("environments-map", with("environments", json!({HIDDEN: {}})), "spec.environments: "),
        poison("environments-odd", with("environments", json!([{"name": 5}])), "spec.environments[0].name: "),
        poison("parameters-number", with("parameters", json!(5)), "spec.parameters: "),
        poison("application-number", with("application", json!({"type": 5})), "spec.application.type: "),
        poison("type-unknown", with("authentication", json!({"type": HIDDEN})), "spec.authentication.type: "),
        poison("type-missing", with("authentication", json!({})), "spec.authentication.type: "),
        poison(
            "password-text",
            basic(json!({"username": {"value": "u"}, "password": HIDDEN})),
            "spec.authentication.basic.password: ",
        ),
        poison(
            "password-list",
            basic(json!({"username": {"value": "u"}, "password": {"value": [HIDDEN]}})),
            "spec.authentication.basic.password.value: ",
        ),
        poison(
            "two-forms",
            basic(json!({"username": {"value": "u"}, "password": {"value": HIDDEN, "valueFrom": {}}})),
            "spec.authentication.basic.password: ",
        ),
        poison(
            "no-form",
            basic(json!({"username": {"value": "u"}, "password": {}})),
            "spec.authentication.basic.password: ",
        ),
    ]
}

/// What has the right form and a name that no object or key can have.
fn names() -> Vec<Poison> {
    let parameter = |name: &str| with("parameters", json!([{"name": name, "value": HIDDEN}]));
    let reference = |name: &str, key: &str| {
        let from = json!({"secretKeyRef": {"name": name, "key": key}});
        with("parameters", json!([{"name": "p", "valueFrom": from}]))
    };
    let long = "k".repeat(300);
    vec![
        poison("name-nul", parameter("a\0b"), "spec.parameters[a\0b]: "),
        poison("name-line", parameter("a\nb"), "spec.parameters[a\nb]: "),
        poison("name-empty", parameter(""), "spec.parameters[]: "),
        poison("name-dots", parameter("../x"), "spec.parameters[../x]: "),
        poison("name-long", parameter(&long), &format!("spec.parameters[{long}]: ")),
        poison("environment-name", with("environments", json!([{"name": "../prod"}])), "spec.environments[../prod]: "),
        poison("target-name", with("targets", json!([{"secret": {"name": "../x"}}])), "spec.targets[0].secret.name: "),
        poison("source-path", reference("../../kube-system/secrets/x", "k"), "spec.parameters[p]: "),
        poison("source-query", reference("x?watch=1", "k"), "spec.parameters[p]: "),
        poison("source-empty", reference("", "k"), "spec.parameters[p]: "),
        poison("source-key", reference("x", "../k"), "spec.parameters[p]: "),
        poison(&"n".repeat(64), healthy(), "metadata.name: "),
    ]
}

fn poisons() -> Vec<Poison> {
    let mut all = [forms(), names()].into_iter().flatten().collect::<Vec<_>>();
    let twice = json!([{"name": "p", "value": HIDDEN}, {"name": "p", "value": HIDDEN}]);
    let conflict = |name: &str, spec, path: &str, reason| Poison { reason, ..poison(name, spec, path) };
    all.push(conflict("parameter-twice", with("parameters", twice), "spec.parameters[p]: ", "KeyConflict"));
    let twice = json!([{"name": "a"}, {"name": "a"}]);
    all.push(conflict(
        "environment-twice",
        with("environments", twice),
        "spec.environments[a].targets[0]: ",
        "TargetConflict",
    ));
    all
}

async fn store(test: &TestNamespace, name: &str, spec: &Value) {
    let mut object =
        json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": name}});
    if !spec.is_null() {
        object["spec"] = spec.clone();
    }
    let object: DynamicObject = serde_json::from_value(object).unwrap();
    test.credentials().create(&PostParams::default(), &object).await.expect("stored");
}

async fn assert_told(test: &TestNamespace, poison: &Poison) {
    let Poison { name, path, reason, .. } = poison;
    // A resource without spec still has a generation, and an answer.
    let credential = test.not_ready(name, reason).await;
    assert_eq!(credential.condition("Accepted"), ("False".to_owned(), (*reason).to_owned()), "{name}");
    let message = credential.message("Accepted");
    assert!(message.starts_with(path.as_str()), "{name}: {message}");
    assert!(!credential.0["status"].to_string().contains(HIDDEN), "{name}: {message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_no_schema_would_admit_are_reported_and_block_nobody() {
    let plane = Plane::of_its_own(&loose()).await;
    let mut test = TestNamespace::on(plane, "poison").await;
    test.operator.start();
    test.operator.ready().await;
    test.small().await;
    let poisons = poisons();
    for poison in &poisons {
        store(&test, &poison.name, &poison.spec).await;
    }
    // Deeper than this client itself would read: kubectl stores it and waits for it.
    let deep = (0..300).fold(json!(HIDDEN), |inner, _| json!({"n": inner}));
    let deep = crate::values::credential("deep", &with("unknown", deep)).to_string();
    let output = test.kubectl(&["create", "-f", "-"], &deep).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for poison in &poisons {
        assert_told(&test, poison).await;
    }
    let unknown = r#"--for=jsonpath={.status.conditions[?(@.type=="Accepted")].reason}=UnknownField"#;
    test.kubectl_says(&["wait", unknown, "appcred/deep", "--timeout=30s"]).await;
    test.edit("small", json!({"connection": {"host": "redis2.internal"}})).await;
    test.at_revision("small", 2).await;
    test.apply(&SMALL.replace("name: small}", "name: later}")).await;
    test.ready("later").await;

    // The same through a list instead of a watch; and a status that is none.
    test.operator.terminate().await;
    for name in ["small", "port-text"] {
        let patch = r#"{"status": {"conditions": "none", "environments": 5}}"#;
        let output =
            test.kubectl(&["patch", "appcred", name, "--subresource=status", "--type=merge", "-p", patch], "").await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    test.operator.start();
    test.operator.ready().await;
    test.edit("small", json!({"connection": {"host": "redis3.internal"}})).await;
    test.at_revision("small", 3).await;
    test.ready("small").await;
    for poison in &poisons {
        assert_told(&test, poison).await;
    }
    let outputs = ["later", "small"].map(|name| format!("Secret/{name}"));
    let secrets = test.output_names().await.into_iter().filter(|name| name.starts_with("Secret/"));
    assert_eq!(secrets.collect::<Vec<_>>(), outputs, "no poison has outputs");
    let odd = |name: &str| name.contains("..") || name.contains('?') || name == "x";
    assert!(!test.requests().iter().any(|request| odd(&request.name)), "no odd name is ever asked for");
    assert!(!test.operator.whole_log().contains(HIDDEN), "the log holds no value");
    let events = json!(test.all_events().await).to_string();
    assert!(!events.contains(HIDDEN), "events hold no value");

    // And it can be put right.
    test.edit("port-text", json!({"connection": {"port": 6379}})).await;
    test.ready("port-text").await;
}
