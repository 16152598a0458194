//! A value that is easy to recognise stands in every secret field of every authentication type; after a life of
//! edits and failures it is found nowhere but in the data of Secrets: not in logs at their loudest, not in
//! events, status, labels, annotations or ConfigMaps, neither plain nor encoded.

use serde_json::{Value, json};

use crate::harness::TestNamespace;
use crate::manifests::SMALL;

/// It has an odd length and letters that every encoding treats differently.
const CANARY: &str = "cAn4ry/5e2d+9b=71";

/// What the canary looks like, wherever it stands in a longer text.
fn disguises() -> Vec<(&'static str, String)> {
    let bytes = CANARY.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = bytes
        .iter()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    let decimal = bytes.iter().map(u8::to_string).collect::<Vec<_>>();
    let mut all = vec![
        ("plain", CANARY.to_owned()),
        ("JSON", CANARY.replace('/', "\\/")),
        ("hex", hex.clone()),
        ("upper-case hex", hex.to_uppercase()),
        ("URL-encoded", percent),
        ("a list of bytes", decimal.join(", ")),
        ("a dense list of bytes", decimal.join(",")),
    ];
    // In base64 it depends on what stands before; the first and the last group mix with the neighbours.
    for before in 0..3 {
        let mut text = vec![b'.'; before];
        text.extend(bytes);
        let encoded = json!(k8s_openapi::ByteString(text)).as_str().unwrap().to_owned();
        let core = encoded[4..encoded.len() - 4].to_owned();
        all.push(("URL-safe base64", core.replace('+', "-").replace('/', "_")));
        all.push(("base64", core));
    }
    all
}

fn find(text: &str) -> Option<&'static str> {
    disguises().into_iter().find(|(_, disguise)| text.contains(disguise)).map(|(what, _)| what)
}

fn secret(key: &str) -> Value {
    json!({"valueFrom": {"secretKeyRef": {"name": "canary", "key": key}}})
}

fn named(name: &str) -> Value {
    json!({"name": name, "valueFrom": {"secretKeyRef": {"name": "canary", "key": "k"}}})
}

/// Every type with every field that may hold something secret.
fn authentications() -> Vec<(&'static str, Value)> {
    let k = || secret("k");
    vec![
        ("basic", json!({"type": "Basic", "basic": {"username": k(), "password": k()}})),
        ("apikey", json!({"type": "APIKey", "apiKey": {"key": k(), "in": "Header", "name": "X-Key"}})),
        ("bearer", json!({"type": "BearerToken", "bearerToken": {"token": k()}})),
        (
            "oauth2",
            json!({"type": "OAuth2", "oauth2": {
                "grantType": "RefreshToken", "clientID": k(), "clientSecret": k(), "refreshToken": k(), "jwt": {"privateKey": k()},
            }}),
        ),
        ("aws", json!({"type": "AWS", "aws": {"accessKeyID": k(), "secretAccessKey": k(), "sessionToken": k()}})),
        (
            "certificate",
            json!({"type": "ClientCertificate", "clientCertificate": {"certificate": k(), "privateKey": k()}}),
        ),
        ("ssh", json!({"type": "SSHKey", "sshKey": {"username": k(), "privateKey": k(), "passphrase": k()}})),
        ("keypair", json!({"type": "KeyPair", "keyPair": {"username": k(), "privateKey": k(), "passphrase": k()}})),
        ("sasl", json!({"type": "SASL", "sasl": {"mechanism": "PLAIN", "username": k(), "password": k()}})),
        ("string", json!({"type": "ConnectionString", "connectionString": {"uri": k()}})),
        ("custom", json!({"type": "Custom", "custom": {"fields": [named("one"), named("two")]}})),
    ]
}

fn manifest(name: &str, authentication: &Value) -> Value {
    crate::values::credential(
        name,
        &json!({
            "application": {"type": "canary"},
            "authentication": authentication,
            "connection": {"host": "h", "tls": {"ca": secret("k")}, "properties": [named("property")]},
            "parameters": [named("parameter")],
        }),
    )
}

/// A life: created, edited, failing in every way that concerns values, recovered, restarted.
async fn live(test: &mut TestNamespace) {
    let names: Vec<&str> = authentications().iter().map(|(name, _)| *name).collect();
    let list: Vec<Value> = authentications().iter().map(|(name, value)| manifest(name, value)).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": list}).to_string();
    // Client-side, as many people do: it leaves the whole manifest in an annotation.
    let output = test.kubectl(&["apply", "-f", "-"], &list).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in &names {
        test.ready(name).await;
        test.edit(name, json!({"connection": {"host": "h2"}, "targets": [{"secret": {"layout": "ServiceBinding"}}]}))
            .await;
        test.ready(name).await;
    }
    // Its name collides: not accepted.
    test.edit("basic", json!({"parameters": [named("username")]})).await;
    test.not_ready("basic", "KeyConflict").await;
    // Somebody else writes it into an output, under a key that is not ours.
    test.patch("Secret", "bearer", json!({"stringData": {"extra": CANARY}})).await;
    test.event("bearer", "OutputRestored").await;
    // Missing, empty, too large.
    test.patch("Secret", "canary", json!({"stringData": {"other": CANARY}, "data": {"k": null}})).await;
    test.not_ready("aws", "KeyNotFound").await;
    test.patch("Secret", "canary", json!({"data": {"k": ""}})).await;
    test.not_ready("aws", "ValueEmpty").await;
    test.source("canary", &[("k", CANARY.repeat(30_000).as_bytes())]).await;
    test.not_ready("aws", "TooLarge").await;
    test.delete("Secret", "canary").await;
    test.not_ready("aws", "SecretNotFound").await;
    // What stands in the way holds it too.
    test.source("usurped", &[("k", CANARY.as_bytes())]).await;
    test.source("canary", &[("k", CANARY.as_bytes())]).await;
    test.apply_one(manifest("usurped", &authentications()[0].1)).await;
    test.not_ready("usurped", "NotOwned").await;
    test.ready("aws").await;
    test.operator.terminate().await;
    test.operator.start();
    test.operator.ready().await;
    test.edit("custom", json!({"description": "after a restart"})).await;
    test.ready("custom").await;
    test.operator.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_value_is_found_nowhere_but_in_the_data_of_secrets() {
    let mut test = TestNamespace::start("canary").await;
    test.source("canary", &[("k", CANARY.as_bytes())]).await;
    live(&mut test).await;

    let secrets = test.secrets().list(&Default::default()).await.expect("a list").items;
    let holding = secrets.iter().filter(|secret| find(&json!(secret).to_string()).is_some()).count();
    assert!(holding > authentications().len(), "the search finds it where it is: {holding}");

    let mut places = vec![("the operator's log", test.operator.whole_log())];
    places.push(("events", json!(test.all_events().await).to_string()));
    let credentials = test.credentials().list(&Default::default()).await.expect("a list");
    assert!(json!(credentials).to_string().contains("last-applied-configuration"));
    places.push(("credentials", json!(credentials).to_string()));
    let config_maps = test.config_maps().list(&Default::default()).await.expect("a list");
    places.push(("ConfigMaps", json!(config_maps).to_string()));
    let metadata: Vec<Value> = secrets.iter().map(|secret| json!(secret.metadata)).collect();
    places.push(("metadata of Secrets", json!(metadata).to_string()));
    for (place, text) in places {
        assert!(text.len() > 1000, "{place} is read");
        assert_eq!(find(&text), None, "it is in {place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_authentication_value_stays_in_spec_and_secret() {
    let test = TestNamespace::start("plain").await;
    let plain = SMALL
        .replace("{valueFrom: {secretKeyRef: {name: small-source, key: token}}}", &format!("{{value: '{CANARY}'}}"));
    test.apply(&plain).await;
    test.ready("small").await;
    test.edit("small", json!({"parameters": [{"name": "host", "value": "twice"}]})).await;
    let credential = test.not_ready("small", "KeyConflict").await;
    test.event("small", "KeyConflict").await;
    let outputs = test.outputs_now("small").await;
    assert_eq!(outputs.secret_text()["token"], CANARY);
    let events = json!(test.all_events().await);
    for text in [json!(outputs.config_map), json!(outputs.secret.metadata), credential.0["status"].clone(), events] {
        assert_eq!(find(&text.to_string()), None);
    }
    assert_eq!(find(&test.operator.whole_log()), None);
}
