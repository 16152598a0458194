//! Editing a credential: every kind of leaf, authentication as a whole, names of outputs. After each edit the
//! outputs are exactly the former ones with that one change, under the next revision.

use serde_json::{Value, json};

use crate::harness::{Outputs, TestNamespace, text};

/// A change of one key; none removes it.
type Change = (&'static str, Option<&'static str>);

/// Keys and their values.
type Keys = &'static [(&'static str, &'static str)];

/// An edit: what it is, the merge patch of the spec, and what changes in the Secret and in the ConfigMap.
struct Edit {
    what: &'static str,
    spec: Value,
    secret: &'static [Change],
    settings: &'static [Change],
}

fn edits() -> Vec<Edit> {
    let edit = |what, spec, secret, settings| Edit { what, spec, secret, settings };
    let replica = json!({"name": "replica-password", "valueFrom": {"secretKeyRef": {"name": "orders-source", "key": "password"}}});
    vec![
        edit(
            "an authentication value",
            json!({"authentication": {"basic": {"username": {"value": "o2"}}}}),
            &[("username", Some("o2"))],
            &[],
        ),
        edit(
            "a reference for a value",
            json!({"authentication": {"basic": {"username": {"value": null, "valueFrom": {"secretKeyRef": {"name": "orders-source", "key": "password"}}}}}}),
            &[("username", Some("hunter2"))],
            &[],
        ),
        edit(
            "a connection field",
            json!({"connection": {"host": "pg2.internal"}}),
            &[],
            &[("host", Some("pg2.internal"))],
        ),
        edit("a number", json!({"connection": {"port": 6432}}), &[], &[("port", Some("6432"))]),
        edit("a field taken away", json!({"connection": {"protocol": null}}), &[], &[("protocol", None)]),
        edit("a list", json!({"connection": {"endpoints": ["a:1", "b:2"]}}), &[], &[("endpoints", Some("a:1,b:2"))]),
        edit("a TLS mode", json!({"connection": {"tls": {"mode": "Require"}}}), &[], &[("tls-mode", Some("Require"))]),
        edit(
            "a CA in plain",
            json!({"connection": {"tls": {"ca": {"valueFrom": null, "value": "CA2"}}}}),
            &[],
            &[("ca.crt", Some("CA2"))],
        ),
        edit(
            "a CA from a Secret",
            json!({"connection": {"tls": {"ca": {"value": null, "valueFrom": {"secretKeyRef": {"name": "orders-source", "key": "password"}}}}}}),
            &[("ca.crt", Some("hunter2"))],
            &[("ca.crt", None)],
        ),
        edit(
            "properties",
            json!({"connection": {"properties": [{"name": "sslcompression", "value": "1"}, {"name": "region", "value": "eu"}]}}),
            &[],
            &[("sslcompression", Some("1")), ("region", Some("eu"))],
        ),
        edit("scopes", json!({"scopes": ["a", "b"]}), &[], &[("scopes", Some("a b"))]),
        edit("no scopes", json!({"scopes": []}), &[], &[("scopes", None)]),
        edit(
            "parameters",
            json!({"parameters": [{"name": "linger", "value": "5"}, replica]}),
            &[("replica-password", Some("hunter2"))],
            &[("pool", None), ("linger", Some("5"))],
        ),
        edit(
            "a parameter that becomes secret",
            json!({"parameters": [{"name": "linger", "valueFrom": {"secretKeyRef": {"name": "orders-source", "key": "password"}}}]}),
            &[("replica-password", None), ("linger", Some("hunter2"))],
            &[("linger", None)],
        ),
        edit("no parameters", json!({"parameters": null}), &[("linger", None)], &[]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_any_leaf_changes_that_key_and_no_other() {
    let test = TestNamespace::start("edits").await;
    let first = test.orders().await;
    let (mut secret, mut settings) = (first.secret_text(), first.settings());
    let mut revision = 1;
    for edit in edits() {
        test.edit("orders", edit.spec).await;
        for (map, changes) in [(&mut secret, edit.secret), (&mut settings, edit.settings)] {
            for (key, value) in changes {
                match value {
                    Some(value) => map.insert((*key).to_owned(), (*value).to_owned()),
                    None => Some(map.remove(*key).expect("a key that was there")),
                };
            }
        }
        revision += 1;
        let outputs = test.at_revision("orders", revision).await;
        assert_eq!(outputs.secret_text(), secret, "{}", edit.what);
        assert_eq!(outputs.settings(), settings, "{}", edit.what);
        assert_eq!(outputs.uids(), first.uids(), "written in place: {}", edit.what);
    }
    let credential = test.ready("orders").await;
    assert_eq!(credential.environment("default")["targets"][0]["revision"], revision);
    assert!(test.events("orders").await.is_empty(), "an ordinary success is no event");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_concerns_no_output_writes_only_the_status() {
    let test = TestNamespace::start("description").await;
    let before = test.orders().await;
    test.at_rest().await;
    let asked = test.requests().len();
    test.edit("orders", json!({"description": "Stores and archives orders"})).await;
    test.ready("orders").await;
    test.at_rest().await;
    assert_eq!(test.outputs_now("orders").await.versions(), before.versions());
    if test.counts_requests() {
        let writes: Vec<_> = test.requests().into_iter().skip(asked).filter(|request| request.is_write()).collect();
        assert_eq!(writes.len(), 1, "{writes:?}");
        assert_eq!(writes[0].resource, "appcredentials/status");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_authentication_type_leaves_nothing_of_the_old_one() {
    let test = TestNamespace::start("types").await;
    test.orders().await;
    let reference = json!({"valueFrom": {"secretKeyRef": {"name": "orders-source", "key": "password"}}});
    let basic = json!({"username": {"value": "orders_app"}, "password": reference});
    let steps: [(Value, Keys, &str); 4] = [
        (
            json!({"type": "APIKey", "basic": null, "apiKey": {"key": reference, "in": "Query", "name": "k"}}),
            &[("api-key", "hunter2"), ("api-key-in", "Query"), ("api-key-name", "k")],
            "APIKey",
        ),
        (
            json!({"type": "OAuth2", "apiKey": null, "oauth2": {"grantType": "ClientCredentials", "clientID": {"value": "c"}, "clientSecret": reference}}),
            &[("authorization-grant-type", "client_credentials"), ("client-id", "c"), ("client-secret", "hunter2")],
            "OAuth2",
        ),
        (json!({"type": "None", "oauth2": null}), &[], "None"),
        (json!({"type": "Basic", "basic": basic}), &[("username", "orders_app"), ("password", "hunter2")], "Basic"),
    ];
    for (revision, (authentication, keys, kind)) in (2..).zip(steps) {
        test.edit("orders", json!({"authentication": authentication})).await;
        let outputs = test.at_revision("orders", revision).await;
        let mut wanted = text(keys);
        wanted.insert("replica-password".to_owned(), "replica2".to_owned());
        assert_eq!(outputs.secret_text(), wanted, "{kind}");
        assert_eq!(outputs.settings()["auth-type"], kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_that_was_empty_is_filled_again() {
    let test = TestNamespace::start("filled").await;
    test.small().await;
    test.edit("small", json!({"authentication": {"type": "None", "bearerToken": null}})).await;
    assert_eq!(test.at_revision("small", 2).await.secret_text(), text(&[]));
    test.edit("small", json!({"authentication": {"type": "BearerToken", "bearerToken": {"token": {"value": "new"}}}}))
        .await;
    assert_eq!(test.at_revision("small", 3).await.secret_text(), text(&[("token", "new")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_output_is_written_and_the_old_one_is_pruned() {
    let test = TestNamespace::start("names").await;
    test.orders().await;
    test.edit("orders", json!({"targets": [{"secret": {"name": "pg-secret"}, "configMap": {"name": "pg-settings"}}]}))
        .await;
    test.ready("orders").await;
    let wanted = ["ConfigMap/pg-settings", "Secret/pg-secret"];
    test.wait_until("only the new names are there", async || test.output_names().await == wanted).await;
    let (secret, config_map) = (test.secret("pg-secret").await, test.config_map("pg-settings").await);
    let outputs = Outputs { secret: secret.unwrap(), config_map: config_map.unwrap() };
    crate::manifests::assert_orders(&outputs);
    test.event("orders", "OutputPruned").await;

    // Only one of the two is named anew: the other stays where it is.
    let before = outputs.uids();
    test.edit(
        "orders",
        json!({"targets": [{"secret": {"name": "pg-secret-2"}, "configMap": {"name": "pg-settings"}}]}),
    )
    .await;
    test.ready("orders").await;
    let wanted = ["ConfigMap/pg-settings", "Secret/pg-secret-2"];
    test.wait_until("only the new name is there", async || test.output_names().await == wanted).await;
    assert_eq!(test.config_map("pg-settings").await.unwrap().metadata.uid, before[1]);

    // Two targets: both get everything.
    test.edit("orders", json!({"targets": [{}, {"secret": {"name": "copy"}, "configMap": {"name": "copy"}}]})).await;
    test.ready("orders").await;
    let wanted = ["ConfigMap/copy", "ConfigMap/orders", "Secret/copy", "Secret/orders"];
    test.wait_until("both targets are there", async || test.output_names().await == wanted).await;
    for name in ["copy", "orders"] {
        crate::manifests::assert_orders(&test.outputs_now(name).await);
    }
}
