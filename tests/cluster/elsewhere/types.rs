//! Types of Secrets: those that make Kubernetes mint something are refused by the schema; those that are allowed are written
//! with the keys that Kubernetes demands, and what is missing is told before anything is written.

use serde_json::json;

use super::{app, named};
use crate::harness::TestNamespace;

/// Types that nobody may ask for.
const REFUSED: [&str; 8] = [
    "kubernetes.io/service-account-token",
    "bootstrap.kubernetes.io/token",
    "helm.sh/release.v1",
    "kubernetes.io/dockercfg",
    "servicebinding.io/redis",
    "opaque",
    "kubernetes.io/TLS",
    "",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_mints_a_token_is_refused_however_it_is_asked_for() {
    let test = TestNamespace::start_with_others("minting", &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", &app("targets: [{namespace: $staging}]")).await;
    test.ready("app").await;
    test.at_rest().await;
    let before = test.versions().await;
    for kind in REFUSED {
        let target = json!({"namespace": test.ns("staging"), "secret": {"type": kind}});
        let said = |place: &str| {
            let supported = "supported values: \"Opaque\", \"kubernetes.io/basic-auth\", \"kubernetes.io/ssh-auth\", \"kubernetes.io/tls\", \"kubernetes.io/dockerconfigjson\"";
            format!("{place}.secret.type: Unsupported value: \"{kind}\": {supported}")
        };
        let updates = [
            (json!({"targets": [target]}), said("spec.targets[0]")),
            (
                json!({"targets": null, "environments": [{"name": "qa", "targets": [{}, target]}]}),
                said("spec.environments[0].targets[1]"),
            ),
        ];
        for (spec, wanted) in updates {
            let patch = kube::api::Patch::Merge(json!({"spec": spec}));
            let refused =
                test.credentials().patch("app", &Default::default(), &patch).await.expect_err(kind).to_string();
            assert!(refused.contains(&wanted), "{kind}: {refused}");
        }
    }
    let created = named("created", "targets: [{secret: {type: kubernetes.io/service-account-token}}]");
    let created = test.kubectl(&["create", "-f", "-"], &created).await;
    let said = String::from_utf8_lossy(&created.stderr).into_owned();
    assert!(
        said.contains("spec.targets[0].secret.type: Unsupported value: \"kubernetes.io/service-account-token\""),
        "{said}"
    );
    test.at_rest().await;
    assert_eq!(test.versions().await, before);
}

const SOURCE: &str = "
apiVersion: v1
kind: Secret
metadata: {name: source}
stringData: {password: p, key: k, crt: c, json: '{\"auths\": {}}', list: '[]', text: 'not JSON'}
";

/// A credential with this authentication and this type of its Secret.
fn typed(name: &str, authentication: &str, kind: &str) -> String {
    let target = format!("targets: [{{namespace: $staging, secret: {{type: {kind}}}}}]");
    named(name, &target).replace("{type: BearerToken, bearerToken: {token: {value: t0ken}}}", authentication)
}

fn from(key: &str) -> String {
    format!("{{valueFrom: {{secretKeyRef: {{name: source, key: {key}, optional: true}}}}}}")
}

fn docker(key: &str) -> String {
    format!(
        "{{type: Custom, custom: {{fields: [{{name: .dockerconfigjson, valueFrom: {{secretKeyRef: {{name: source, key: {key}}}}}}}]}}}}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_is_written_with_the_keys_that_kubernetes_demands() {
    let test = TestNamespace::start_with_others("types", &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", SOURCE).await;
    let (password, key, crt) = (from("password"), from("key"), from("crt"));
    let good = [
        ("opaque", "{type: None}".to_owned(), "Opaque", vec![]),
        (
            "basic",
            format!("{{type: Basic, basic: {{username: {{value: u}}, password: {password}}}}}"),
            "kubernetes.io/basic-auth",
            vec!["password", "username"],
        ),
        (
            "ssh",
            format!("{{type: SSHKey, sshKey: {{username: {{value: u}}, privateKey: {key}}}}}"),
            "kubernetes.io/ssh-auth",
            vec!["ssh-privatekey", "username"],
        ),
        (
            "tls",
            format!("{{type: ClientCertificate, clientCertificate: {{certificate: {crt}, privateKey: {key}}}}}"),
            "kubernetes.io/tls",
            vec!["tls.crt", "tls.key"],
        ),
        ("docker", docker("json"), "kubernetes.io/dockerconfigjson", vec![".dockerconfigjson"]),
    ];
    for (name, authentication, kind, keys) in good {
        test.apply_in("home", &typed(name, &authentication, kind)).await;
        test.ready(name).await;
        let secret = test.get_in("staging", "Secret", name).await.expect("written");
        assert_eq!(secret["type"], kind);
        let data = secret["data"].as_object().cloned().unwrap_or_default();
        assert_eq!(data.keys().collect::<Vec<_>>(), keys, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_without_its_keys_is_reported_before_any_write() {
    let test = TestNamespace::start_with_others("keyless", &["staging"]).await;
    test.grant("staging", "").await;
    let token = "{type: BearerToken, bearerToken: {token: {value: t0ken}}}";
    for (name, kind, needs) in [
        ("basic", "kubernetes.io/basic-auth", "username or password"),
        ("ssh", "kubernetes.io/ssh-auth", "ssh-privatekey"),
        ("tls", "kubernetes.io/tls", "tls.crt and tls.key"),
        ("docker", "kubernetes.io/dockerconfigjson", ".dockerconfigjson"),
    ] {
        test.apply_in("home", &typed(name, token, kind)).await;
        let message = test.not_ready(name, "InvalidSpec").await.message("Accepted");
        assert_eq!(message, format!("spec.targets[0].secret.type: {kind} needs the key {needs}, which no field gives"));
    }
    let both = named("both", "targets: [{secret: {layout: ServiceBinding, type: Opaque}}]");
    let refused = test.kubectl(&["create", "-f", "-"], &both).await;
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("not together with layout ServiceBinding, which has a type of its own; remove it"), "{said}");
    test.at_rest().await;
    assert!(test.versions().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_unfit_for_the_type_is_reported_before_any_write() {
    let test = TestNamespace::start_with_others("unfit", &["staging"]).await;
    test.grant("staging", "").await;
    test.apply_in("home", SOURCE).await;
    let (absent, key) = (from("absent"), from("key"));
    let wrong = [
        (
            "basic",
            format!("{{type: Basic, basic: {{username: {absent}, password: {absent}}}}}"),
            "kubernetes.io/basic-auth",
            "the key username or password",
        ),
        (
            "ssh",
            format!("{{type: SSHKey, sshKey: {{username: {{value: u}}, privateKey: {absent}}}}}"),
            "kubernetes.io/ssh-auth",
            "the key ssh-privatekey",
        ),
        (
            "tls",
            format!("{{type: ClientCertificate, clientCertificate: {{certificate: {absent}, privateKey: {key}}}}}"),
            "kubernetes.io/tls",
            "the key tls.crt and tls.key",
        ),
        ("text", docker("text"), "kubernetes.io/dockerconfigjson", "a JSON object in the key .dockerconfigjson"),
        // Well-formed, and not what Kubernetes takes: it wants an object.
        ("list", docker("list"), "kubernetes.io/dockerconfigjson", "a JSON object in the key .dockerconfigjson"),
    ];
    for (name, authentication, kind, needs) in &wrong {
        test.apply_in("home", &typed(name, authentication, kind)).await;
        let message = test.not_ready(name, "ValueInvalid").await.message("Synced");
        assert_eq!(message, format!("Secret {}/{name}: type {kind} needs {needs}", test.ns("staging")));
    }
    test.at_rest().await;
    assert_eq!(test.versions().await.keys().collect::<Vec<_>>(), ["Secret/home/source"]);
    // The source is watched: once it fits, the output is written.
    test.patch_in(
        "home",
        "Secret",
        "source",
        json!({"stringData": {"absent": "x", "text": "{}", "list": "{\"auths\": {}}"}}),
    )
    .await;
    for (name, ..) in &wrong {
        test.ready(name).await;
    }
}
