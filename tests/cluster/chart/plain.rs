//! Secrets as plain text are refused wherever they stand: the table of cases, by which the operator's own check is held too
//! (`tests/pure/plain.rs`), through the policy on the API server.

use std::collections::BTreeSet;

use appcredential_api::{AppCredentialSpec, plain};
use serde_json::{Value, json};

use super::release::{Person, Release, WRITES_CREDENTIALS};
use crate::harness::TestNamespace;
use crate::plain_cases::*;

/// How many are asked about at once: so many problems fit into a message.
const AT_ONCE: usize = 32;

fn credential(spec: &Value) -> Value {
    json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": "one"}, "spec": spec})
}

fn with_parameters(entries: &[Value]) -> Value {
    credential(&json!({"application": {"type": "db"}, "authentication": {"type": "None"}, "parameters": entries}))
}

/// Returns the fields that the policy names in what it says, and what it says of them.
fn problems(said: Result<(), String>) -> Vec<(String, String)> {
    let Err(said) = said else { return Vec::new() };
    let (_, text) = said.split_once("denied request: ").unwrap_or_else(|| panic!("no policy says: {said}"));
    let (text, remedy) = text.rsplit_once(" | ").expect("a remedy");
    assert_eq!(
        remedy,
        "whoever may look at credentials can read this; put it into a Secret and refer to that with valueFrom.secretKeyRef"
    );
    let problem = |line: &str| line.split_once(": ").map(|(path, what)| (path.to_owned(), what.to_owned()));
    text.split(" | ").map(|line| problem(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

/// Returns the cases for which the policy does not say this: nothing, or what is wrong. `entry` makes a parameter of a case.
async fn not<'a>(
    jo: &Person<'_>,
    cases: &[&'a str],
    wanted: Option<&str>,
    entry: impl Fn(usize, &str) -> Value,
) -> Vec<&'a str> {
    let mut wrong = Vec::new();
    for cases in cases.chunks(AT_ONCE) {
        let entries: Vec<Value> = cases.iter().enumerate().map(|(i, case)| entry(i, case)).collect();
        let said = problems(jo.tries(&with_parameters(&entries)).await);
        let told = |entry: &Value| {
            let path = format!("spec.parameters[{}]", entry["name"].as_str().expect("a name"));
            said.iter().find(|(told, _)| *told == path).map(|(_, what)| what.as_str())
        };
        wrong.extend(cases.iter().zip(&entries).filter(|(_, entry)| told(entry) != wanted).map(|(case, _)| *case));
    }
    wrong
}

const NONE: [&str; 0] = [];
const NAMED: Option<&str> = Some("is a secret as plain text");
const HOLDING: Option<&str> = Some("holds a secret as plain text");

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_finds_exactly_the_plain_secrets_of_the_table() {
    let test = TestNamespace::idle("chart-cases").await;
    let _release = Release::install(&test, &[], json!({})).await;
    let jo = Person::with(&test, "jo", WRITES_CREDENTIALS).await;
    jo.is_refused(&with_parameters(&[json!({"name": "password", "value": "s3cret"})])).await;

    let named = |_: usize, name: &str| json!({"name": name, "value": "s3cret"});
    assert_eq!(not(&jo, SECRET_NAMES, NAMED, named).await, NONE);
    assert_eq!(not(&jo, HARMLESS_NAMES, None, named).await, NONE);
    let referring =
        |_: usize, name: &str| json!({"name": name, "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}});
    let all = json!({"policies": {"sources": "Allow"}});
    let others = TestNamespace::idle("chart-cases-refer").await;
    let _other = Release::install(&others, &[], all).await;
    let al = Person::with(&others, "al", WRITES_CREDENTIALS).await;
    al.is_refused(&with_parameters(&[json!({"name": "password", "value": "s3cret"})])).await;
    assert_eq!(not(&al, SECRET_NAMES, None, referring).await, NONE);

    let text = |i: usize, value: &str| json!({"name": format!("x{i}"), "value": value});
    let secret = [SECRET_TEXTS, SECRET_URIS, SECRET_ADDRESSES].concat();
    assert_eq!(not(&jo, &secret, HOLDING, text).await, NONE);
    let harmless = [HARMLESS_TEXTS, HARMLESS_URIS, HARMLESS_ADDRESSES, HARMLESS_VALUES].concat();
    assert_eq!(not(&jo, &harmless, None, text).await, NONE);
    let password = |i: usize, value: &str| json!({"name": format!("password{i}"), "value": value});
    assert_eq!(not(&jo, HARMLESS_VALUES, None, password).await, NONE);
}

/// Named values of which three are secrets.
fn values(word: &str) -> Value {
    // Of a long name its end is looked at, and of a long value under such a name its beginning.
    let long = if word == "base" { "long.".repeat(40) } else { String::new() };
    json!([
        {"name": format!("{word}.db_password"), "value": "hidden"}, {"name": format!("{word}-url"), "value": "redis://:hidden@h"},
        {"name": "token_url", "value": "https://h/token"}, {"name": "empty-token", "value": ""},
        {"name": format!("{long}token"), "value": "x".repeat(8192)},
    ])
}

/// A scope with an authentication, and named values in all lists.
fn scope(name: &str, authentication: &Value) -> Value {
    json!({"authentication": authentication, "connection": {"properties": values(name)}, "parameters": values(name)})
}

/// A spec with a scope, and that scope for two environments besides one that inherits all.
fn spec(kind: &str, authentication: impl Fn(&str) -> Value) -> Value {
    let mut spec = scope("base", &authentication("base"));
    spec["application"] = json!({"type": "db"});
    spec = with_type(spec, kind);
    let mut environments = ["a", "b"].map(|name| scope(name, &authentication(name))).to_vec();
    environments.push(json!({}));
    for (environment, name) in environments.iter_mut().zip(["a", "b", "c"]) {
        environment["name"] = json!(name);
    }
    spec["environments"] = json!(environments);
    spec
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_names_each_plain_secret_that_the_code_names() {
    let test = TestNamespace::idle("chart-fields").await;
    let _release = Release::install(&test, &[], json!({})).await;
    let jo = Person::with(&test, "jo", WRITES_CREDENTIALS).await;
    let custom = |name: &str| json!({"custom": {"fields": values(name)}});
    let oauth2 = |name: &str| {
        json!({"oauth2": {
            "clientID": {"value": "id"}, "clientSecret": {"value": "hidden"}, "tokenURL": format!("https://u:hidden@{name}/token"),
            "authorizationURL": "https://h/authorize", "redirectURL": "app:/?token=hidden",
        }})
    };
    for (spec, count) in [(spec("Custom", custom), 27), (spec("OAuth2", oauth2), 27)] {
        let said = jo.is_refused(&credential(&spec)).await;
        assert!(!said.contains("hidden") && !said.contains("xxx"), "no value is repeated: {said}");
        let told: BTreeSet<String> = problems(Err(said)).into_iter().map(|(path, _)| path).collect();
        let typed: AppCredentialSpec = serde_json::from_value(spec).expect("a spec");
        assert_eq!(told, plain::fields(&typed));
        assert_eq!(told.len(), count, "{told:#?}");
    }
    let spec = json!({"application": {"type": "db"}, "authentication": oauth2("h")});
    let said = problems(jo.tries(&credential(&with_type(spec, "OAuth2"))).await);
    let path = |field: &str| format!("spec.authentication.oauth2.{field}");
    let url = "holds a secret as plain text, and can refer to none: leave it out".to_owned();
    assert_eq!(
        said,
        [
            (path("clientSecret"), "is a secret as plain text".to_owned()),
            (path("tokenURL"), url.clone()),
            (path("redirectURL"), url)
        ]
    );
}

fn with_type(mut spec: Value, kind: &str) -> Value {
    spec["authentication"]["type"] = json!(kind);
    spec
}
