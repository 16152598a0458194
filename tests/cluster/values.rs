//! Odd values come through byte for byte, whatever they came from; and those that are too large are told.

use k8s_openapi::ByteString;
use serde_json::json;

use crate::harness::TestNamespace;

const KIB: usize = 1024;

#[tokio::test(flavor = "multi_thread")]
async fn every_byte_of_a_value_comes_through() {
    let test = TestNamespace::start("bytes").await;
    let all: Vec<u8> = (0..=255).collect();
    let odd: [(&str, &[u8]); 8] = [
        ("all", &all),
        ("nul", b"\0"),
        ("newline", b"\n"),
        ("trailing", b"secret\n"),
        ("crlf", b"a\r\nb\r\n"),
        ("blank", b" \t "),
        ("unicode", "e\u{301} \u{202e}\u{1f511}".as_bytes()),
        ("directive", b"$patch: replace"),
    ];
    test.source("odd", &odd).await;
    let text: Vec<(&str, &str)> = odd
        .iter()
        .filter(|(key, _)| *key != "all")
        .map(|(key, value)| (*key, std::str::from_utf8(value).unwrap()))
        .collect();
    test.settings("odd", &text).await;
    test.patch("ConfigMap", "odd", json!({"binaryData": {"binary": ByteString(all.clone())}})).await;

    let field =
        |name: &str, kind: &str, key: &str| json!({"name": name, "valueFrom": {kind: {"name": "odd", "key": key}}});
    let mut fields: Vec<_> = odd.iter().map(|(key, _)| field(key, "secretKeyRef", key)).collect();
    let mut parameters: Vec<_> = text.iter().map(|(key, _)| field(key, "configMapKeyRef", key)).collect();
    parameters.push(field("binary", "configMapKeyRef", "binary"));
    let plain: Vec<_> =
        text.iter().map(|(key, value)| json!({"name": format!("plain-{key}"), "value": value})).collect();
    fields.extend(plain.clone());
    let spec = json!({
        "application": {"type": "odd"},
        "authentication": {"type": "Custom", "custom": {"fields": fields}},
        "connection": {"properties": plain},
        "parameters": parameters,
    });
    test.apply_one(credential("odd-values", &spec)).await;
    test.ready("odd-values").await;
    let outputs = test.outputs_now("odd-values").await;
    let secret = outputs.secret.data.clone().unwrap();
    for (key, value) in odd {
        assert_eq!(secret[key].0, value, "{key}");
    }
    for (key, value) in &text {
        assert_eq!(outputs.settings()[*key], *value, "{key}");
        assert_eq!(secret[&format!("plain-{key}")].0, value.as_bytes(), "{key}");
        assert_eq!(outputs.settings()[&format!("plain-{key}")], *value, "{key}");
    }
    assert_eq!(outputs.config_map.binary_data.clone().unwrap()["binary"].0, all);
    test.at_rest().await;
    assert_eq!(test.outputs_now("odd-values").await.versions(), outputs.versions(), "and that is how they stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_turns_from_text_to_binary_and_back() {
    let test = TestNamespace::start("binary").await;
    test.settings("odd", &[("k", "text")]).await;
    let parameter = json!({"name": "k", "valueFrom": {"configMapKeyRef": {"name": "odd", "key": "k"}}});
    let spec = json!({"application": {"type": "odd"}, "authentication": {"type": "None"}, "parameters": [parameter]});
    test.apply_one(credential("turns", &spec)).await;
    test.ready("turns").await;
    let binary = ByteString(vec![0xff, 0, 0xfe]);
    test.patch("ConfigMap", "odd", json!({"data": null, "binaryData": {"k": binary}})).await;
    let outputs = test.at_revision("turns", 2).await;
    assert_eq!(outputs.config_map.binary_data.clone().unwrap_or_default().get("k"), Some(&binary));
    assert!(!outputs.settings().contains_key("k"));
    test.patch("ConfigMap", "odd", json!({"data": {"k": "text"}, "binaryData": null})).await;
    let outputs = test.at_revision("turns", 3).await;
    assert_eq!(outputs.settings().get("k").map(String::as_str), Some("text"));
    assert!(outputs.config_map.binary_data.is_none_or(|data| data.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_the_largest_size_fits_and_a_larger_is_reported() {
    let test = TestNamespace::start("large").await;
    let before = test.small().await;
    for (revision, size) in [(2, 1000 * KIB), (3, 1024 * KIB)] {
        test.source("small-source", &[("token", &vec![b'x'; size])]).await;
        let outputs = test.at_revision("small", revision).await;
        assert_eq!(outputs.secret.data.unwrap()["token"].0.len(), size);
    }
    // The source is allowed; with one key more the output is not.
    test.edit(
        "small",
        json!({"parameters": [{"name": "more", "valueFrom": {"secretKeyRef": {"name": "more", "key": "k"}}}]}),
    )
    .await;
    test.source("more", &[("k", b"y")]).await;
    let credential = test.not_ready("small", "TooLarge").await;
    let message = credential.message("Synced");
    assert!(message.contains(&format!("Secret {}/small: would hold 1048577 bytes", test.namespace)), "{message}");
    assert_eq!(test.outputs_now("small").await.revision(), Some(3), "the last good outputs stay");
    test.source("small-source", &[("token", b"t0ken")]).await;
    test.ready("small").await;
    assert_eq!(test.outputs_now("small").await.secret_text()["more"], "y");
    assert_eq!(test.outputs_now("small").await.uids(), before.uids());

    let large = "z".repeat(1024 * KIB - 4);
    test.settings("large", &[("k", &large)]).await;
    let parameter = json!({"name": "k", "valueFrom": {"configMapKeyRef": {"name": "large", "key": "k"}}});
    test.edit("small", json!({"parameters": [parameter]})).await;
    let credential = test.not_ready("small", "TooLarge").await;
    assert!(credential.message("Synced").contains("ConfigMap "), "{}", credential.message("Synced"));
}

pub(crate) fn credential(name: &str, spec: &serde_json::Value) -> serde_json::Value {
    json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": name}, "spec": spec})
}
