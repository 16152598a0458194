//! A person who may write credentials and not read Secrets cannot have the operator read them.

use appcredential_api::{AuthenticationType, crd};
use serde_json::{Value, json};

use super::release::{Person, Release, WRITES_CREDENTIALS, one};
use crate::harness::TestNamespace;
use crate::manifests::{ORDERS, SMALL};

const ONE_SECRET: &str = "[{apiGroups: [appcredential.io], resources: [appcredentials], verbs: ['*']},
  {apiGroups: [''], resources: [secrets, configmaps], verbs: [create]},
  {apiGroups: [''], resources: [secrets], resourceNames: [small-source], verbs: [get]}]";

#[tokio::test(flavor = "multi_thread")]
async fn a_source_its_author_may_not_read_is_refused_with_a_remedy() {
    let test = TestNamespace::idle("chart-sources").await;
    let _release = Release::install(&test, &[], json!({})).await;
    let jane = Person::with(&test, "jane@example.com", ONE_SECRET).await;
    let said = jane.is_refused(&one(ORDERS)).await;
    let wanted = format!(
        "denied request: spec.authentication.basic.password: refers to Secret orders-source, which jane@example.com may not get \
         | spec.parameters[replica-password]: refers to Secret orders-source, which jane@example.com may not get \
         | spec.connection.tls.ca: refers to ConfigMap orders-ca, which jane@example.com may not get \
         | ask for a role in the namespace {} that allows it, or let somebody apply this who may",
        test.namespace
    );
    assert!(said.ends_with(&wanted), "{said}");
    assert!(said.contains(&format!("sources.{}", test.namespace)), "the policy is named: {said}");

    jane.applies(&one(SMALL)).await.expect("what may be read may be referred to");
    let edit = |name: &str| json!({"spec": {"authentication": {"bearerToken": {"token": {"valueFrom": {"secretKeyRef": {"name": name}}}}}}});
    let said = jane.edits("AppCredential", "small", edit("other")).await.expect_err("an edit is an attempt as well");
    assert!(said.contains("Secret other,"), "{said}");
}

/// A credential that refers to these Secrets, one by each environment, and to a ConfigMap.
fn with_sources(secrets: &[&str], config_map: &str) -> Value {
    let reference = |kind: &str, name: &str| json!({"valueFrom": {kind: {"name": name, "key": "k"}}});
    let environment = |name: &&str| {
        let token = json!({"bearerToken": {"token": reference("secretKeyRef", name)}});
        json!({"name": format!("in-{name}"), "authentication": token})
    };
    let spec = json!({
        "application": {"type": "db"}, "authentication": {"type": "BearerToken"},
        "connection": {"tls": {"ca": reference("configMapKeyRef", config_map)}},
        "environments": secrets.iter().map(environment).collect::<Vec<_>>(),
    });
    json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": "one"}, "spec": spec})
}

/// What is refused of the sources: the paths of the lines, without the remedy at their end.
fn lines(said: &str) -> Vec<&str> {
    let (_, text) = said.split_once("denied request: ").expect("a policy says it");
    let lines: Vec<&str> = text.split(" | ").collect();
    lines.iter().filter_map(|line| line.strip_prefix("spec.")?.split(": ").next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_forbidden_sources_are_reported_at_once() {
    let test = TestNamespace::idle("chart-lines").await;
    let _release = Release::install(&test, &[], json!({})).await;
    let token = |name: &str| format!("environments[in-{name}].authentication.bearerToken.token");
    let some = format!(
        "{}, {{apiGroups: [''], resources: [secrets], resourceNames: [b, d], verbs: [get]}}]",
        WRITES_CREDENTIALS.trim_end_matches(']')
    );
    let some = Person::with(&test, "some", &some).await;
    let said = some.is_refused(&with_sources(&["a", "b", "c", "d"], "ca")).await;
    assert_eq!(lines(&said), [token("a"), token("c"), "connection.tls.ca".to_owned()], "{said}");
    let jo = Person::with(&test, "jo", WRITES_CREDENTIALS).await;
    let many = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let said = jo.is_refused(&with_sources(&many, "ca")).await;
    let all: Vec<String> = many.iter().map(|name| token(name)).chain(["connection.tls.ca".to_owned()]).collect();
    assert_eq!(lines(&said), all, "{said}");
    let said = some.tries(&with_sources(&many, "ca")).await.expect_err("refused");
    assert_eq!(lines(&said), [token("a"), token("c"), "connection.tls.ca".to_owned()], "{said}");
    assert!(said.contains(" | others are checked once this is settled | "), "{said}");
    let said = some.tries(&with_sources(&["b", "d", "b2", "d2", "e"], "ca")).await.expect_err("refused");
    assert_eq!(lines(&said), [token("b2"), token("d2"), "connection.tls.ca".to_owned()], "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_reading_sources_one_may_label_but_not_edit_the_spec() {
    let test = TestNamespace::idle("chart-edit").await;
    let _release = Release::install(&test, &[], json!({})).await;
    test.apply(SMALL).await;
    let jo = Person::with(&test, "jo", WRITES_CREDENTIALS).await;
    jo.is_refused(&one(SMALL).clone_with_host("elsewhere.internal")).await;
    let moved = json!({"spec": {"targets": [{"secret": {"name": "taken"}}]}});
    let said = jo.edits("AppCredential", "small", moved).await.expect_err("outputs would go where Jo may look");
    assert!(said.contains("Secret small-source, which jo may not get"), "{said}");
    jo.edits("AppCredential", "small", json!({"metadata": {"labels": {"team": "jo"}}}))
        .await
        .expect("the spec is as it was");
    let without = json!({"spec": {"authentication": {"bearerToken": null, "type": "None"}}});
    jo.edits("AppCredential", "small", without).await.expect("no reference is left");
}

trait CloneWith {
    fn clone_with_host(&self, host: &str) -> Value;
}

impl CloneWith for Value {
    fn clone_with_host(&self, host: &str) -> Value {
        let mut object = self.clone();
        object["spec"]["connection"]["host"] = json!(host);
        object
    }
}

/// The paths below the spec at which a value can be read from somewhere.
fn places(path: &str, schema: &Value, out: &mut Vec<String>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if name == "valueFrom" {
            out.push(path.clone());
        }
        places(&path, property, out);
    }
    if schema["items"].is_object() {
        places(&format!("{path}[]"), &schema["items"], out);
    }
}

/// A spec that has this reference and nothing else that is not needed.
fn spec_with(path: &str, reference: &Value) -> Value {
    let mut spec = json!({"application": {"type": "db"}, "authentication": {"type": "None"}});
    let mut at = &mut spec;
    for field in path.split('.') {
        if field == "authentication" {
            let (_, member) = path.split_once("authentication.").expect("a member");
            let member = member.split('.').next();
            let kind = AuthenticationType::ALL.iter().find(|kind| kind.member() == member).expect("its type");
            at[field] = json!({"type": kind.word()});
        }
        at = match field.strip_suffix("[]") {
            Some(list) => {
                at[list] = json!([{"name": "entry"}]);
                &mut at[list][0]
            }
            None => {
                if at[field].is_null() {
                    at[field] = json!({});
                }
                &mut at[field]
            }
        };
    }
    *at = reference.clone();
    spec
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_found_wherever_the_schema_has_room_for_one() {
    let test = TestNamespace::idle("chart-places").await;
    let _release = Release::install(&test, &[], json!({"policies": {"plainSecrets": "Allow"}})).await;
    let jo = Person::with(&test, "jo", WRITES_CREDENTIALS).await;
    let crd = crd::app_credential().expect("a definition");
    let spec = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    let mut places = Vec::new();
    self::places("", spec, &mut places);
    assert!(places.len() >= 50, "{places:#?}");
    let object = |path: &str, kind: &str| {
        let spec = spec_with(path, &json!({kind: {"name": "hidden", "key": "k"}}));
        json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": "one"}, "spec": spec})
    };
    jo.is_refused(&object(&places[0], "secretKeyRef")).await;
    for path in &places {
        for (kind, resource) in [("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")] {
            let said = jo.tries(&object(path, kind)).await.err().unwrap_or_else(|| panic!("{path}.{kind} is accepted"));
            assert!(
                said.contains(&format!("refers to {resource} hidden, which jo may not get")),
                "{path}.{kind}: {said}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exemption_holds_only_for_the_service_account_it_names() {
    let test = TestNamespace::idle("chart-gitops").await;
    let exempt =
        json!({"sources": {"serviceAccounts": [{"namespace": "argocd", "name": "controller"}], "users": ["ci"]}});
    let _release = Release::install(&test, &[], json!({"policies": {"exempt": exempt}})).await;
    for stranger in [
        "controller",
        "system:serviceaccount:argocd-2:controller",
        "system:serviceaccount:argocd:controller-2",
        "system:serviceaccount:argocd:default",
        "argocd:controller",
        "CI",
    ] {
        let stranger = Person::with(&test, stranger, WRITES_CREDENTIALS).await;
        let said = stranger.is_refused(&one(SMALL)).await;
        assert!(said.contains("Secret small-source"), "{}: {said}", stranger.user);
    }
    for known in ["system:serviceaccount:argocd:controller", "ci"] {
        let known = Person::with(&test, known, WRITES_CREDENTIALS).await;
        known.is_accepted(&one(SMALL)).await;
        let marked = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "labels": {"appcredential.io/name": "x"}}});
        let said = known.is_refused(&marked).await;
        assert!(said.contains("forbidden"), "it says nothing of marks, and of RBAC: {said}");
    }
}
