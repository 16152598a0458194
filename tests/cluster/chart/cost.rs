//! What the policies on sources and on plain secrets may cost: the largest credentials that the schema admits stay below Kubernetes'
//! limit.

use std::time::Instant;

use serde_json::{Value, json};

use super::release::{Person, Release};
use crate::harness::TestNamespace;

/// In how many places the policy looks at names one by one, and how many names it asks about.
const PLACES: usize = 256;
const SECRETS: usize = 16;
const CONFIG_MAPS: usize = 6;

/// A name as long as one can be.
fn long(kind: &str, i: usize) -> String {
    format!("{kind}-{}-{i}", ["a".repeat(60), "b".repeat(60), "c".repeat(60), "d".repeat(50)].join("."))
}

fn credential(spec: &Value) -> Value {
    json!({"apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredential", "metadata": {"name": "large"}, "spec": spec})
}

/// As many references as are looked at one by one, to this many Secrets and ConfigMaps.
fn by_name(secrets: usize, config_maps: usize) -> Value {
    let mut spec = json!({"application": {"type": "db"}, "authentication": {"type": "None"}, "environments": []});
    for environment in 0..8 {
        let entry = |i: usize| {
            let at = environment * 32 + i;
            let secret = json!({"secretKeyRef": {"name": long("secret", at % secrets), "key": "k"}});
            let config_map = json!({"configMapKeyRef": {"name": long("config-map", at % config_maps), "key": "k"}});
            [
                json!({"name": format!("s{i}"), "valueFrom": secret}),
                json!({"name": format!("c{i}"), "valueFrom": config_map}),
            ]
        };
        let parameters: Vec<Value> = (0..PLACES / 8).flat_map(entry).collect();
        let list = spec["environments"].as_array_mut().expect("a list");
        list.push(json!({"name": format!("e{environment}"), "parameters": parameters}));
    }
    credential(&spec)
}

/// Every list as long as the schema lets it be, each entry with a reference to another Secret.
fn largest() -> Value {
    let mut next = 0;
    filled(|word, i| {
        next += 1;
        json!({"name": format!("{word}{i}"), "valueFrom": {"secretKeyRef": {"name": format!("secret-{next}"), "key": "k"}}})
    })
}

/// Every list as long as the schema lets it be, of these entries: made of a word for the list, and of which one it is.
fn filled(mut entry: impl FnMut(&str, usize) -> Value) -> Value {
    let mut entries = |count: usize, word: &str| -> Vec<Value> { (0..count).map(|i| entry(word, i)).collect() };
    let custom = |fields: Vec<Value>| json!({"type": "Custom", "custom": {"fields": fields}});
    let mut spec = json!({
        "application": {"type": "db"},
        "authentication": custom(entries(64, "f")),
        "connection": {"properties": entries(64, "c")},
        "parameters": entries(128, "p"),
    });
    let environments = (0..16).map(|i| {
        json!({
            "name": format!("e{i}"), "authentication": custom(entries(64, "f")), "connection": {"properties": entries(64, "c")},
            "parameters": entries(64, "p"),
        })
    });
    spec["environments"] = environments.collect();
    credential(&spec)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_credential_gets_a_clear_verdict_for_any_author() {
    let test = TestNamespace::idle("chart-cost").await;
    let _release = Release::install(&test, &[], json!({})).await;
    let names = |kind, count| -> Vec<String> { (0..count).map(|i| long(kind, i)).collect() };
    let write = "{apiGroups: [appcredential.io], resources: [appcredentials], verbs: ['*']}, \
                 {apiGroups: [''], resources: [secrets, configmaps], verbs: [create]}";
    let named = |resource: &str, names: Vec<String>| {
        format!("{{apiGroups: [''], resources: [{resource}], resourceNames: {}, verbs: [get]}}", json!(names))
    };
    let some = [named("secrets", names("secret", 100)), named("configmaps", names("config-map", 100))].join(", ");
    let some = Person::with(&test, "some", &format!("[{write}, {some}]")).await;
    let all = "{apiGroups: [''], resources: [secrets, configmaps], verbs: [get]}";
    let all = Person::with(&test, "all", &format!("[{write}, {all}]")).await;
    let nothing = Person::with(&test, "nothing", &format!("[{write}]")).await;

    let (fits, large) = (by_name(SECRETS, CONFIG_MAPS), largest());
    let said = nothing.is_refused(&fits).await;
    assert!(said.contains(&format!("refers to Secret {}, which nothing may not get", long("secret", 0))), "{said}");
    for (person, object, what) in
        [(&some, &fits, "names one by one"), (&all, &fits, "all"), (&all, &large, "3,328 places")]
    {
        let began = Instant::now();
        person.tries(object).await.unwrap_or_else(|said| panic!("{what}: {said}"));
        eprintln!("{what}: decided in {:?}", began.elapsed());
    }
    for (object, wanted) in [
        (by_name(SECRETS + 1, 1), "refers to more than 16 Secrets, and its author"),
        (by_name(1, CONFIG_MAPS + 1), "refers to more than 6 ConfigMaps, and its author"),
        (large.clone(), "refers to Secrets in more than 256 places, and its author"),
    ] {
        let said = some.is_refused(&object).await;
        assert!(said.contains(wanted), "{said}");
    }
    let said = nothing.is_refused(&large).await;
    assert!(said.contains("in more than 256 places"), "it is refused in words, not for what it costs: {said}");
}

/// As many plain values as there can be, with names of these many characters: in all 3,328.
fn plain(name: usize, end: &str, value: &str) -> Value {
    filled(|word, i| {
        let name = format!("{word}{i}{}{end}", "n".repeat(name.saturating_sub(word.len() + end.len() + 3)));
        json!({"name": name, "value": value})
    })
}

/// The largest of each kind that may cost much: the API server stores no object of over 1.5 MiB.
#[tokio::test(flavor = "multi_thread")]
async fn the_most_plain_values_are_decided_in_words_too() {
    let test = TestNamespace::idle("chart-cost-plain").await;
    let _release = Release::install(&test, &[], json!({})).await;
    let write = "[{apiGroups: [appcredential.io], resources: [appcredentials], verbs: ['*']},
      {apiGroups: [''], resources: [secrets, configmaps], verbs: [create]}]";
    let jo = Person::with(&test, "jo", write).await;
    jo.is_refused(&plain(12, "password", "x")).await;

    for (object, what) in [
        (plain(12, "", "x"), "short"),
        (plain(200, "", "x"), "long names"),
        (plain(12, "", &"x".repeat(400)), "long values"),
        (plain(12, "url", "h=1"), "suspects as there can be"),
    ] {
        let began = Instant::now();
        jo.tries(&object).await.unwrap_or_else(|said| panic!("{what}: {said}"));
        eprintln!("{what}: decided in {:?}", began.elapsed());
    }
    for (object, wanted) in [
        (plain(12, "password", "x"), "spec.parameters[p0password]: is a secret as plain text | spec.parameters["),
        (plain(200, "password", "x"), "password]: is a secret as plain text | spec.parameters["),
        (plain(12, "password", &"x".repeat(400)), "spec.parameters[p0password]: is a secret as plain text"),
        (plain(200, "url", "u:p@/"), "url]: holds a secret as plain text | spec.parameters["),
        (plain(12, "url", "u:p@/"), "spec.parameters[p0nnnnnurl]: holds a secret as plain text | spec.parameters["),
        (
            plain(12, "url", &"=".repeat(400)),
            "spec: has more than 25,000 characters below parameters that would have to be looked",
        ),
        (plain(200, "token", &"=".repeat(200)), "token]: is a secret as plain text"),
    ] {
        let began = Instant::now();
        let said = jo.is_refused(&object).await;
        assert!(said.contains(wanted), "{said}");
        assert!(said.ends_with("refer to that with valueFrom.secretKeyRef"), "{said}");
        eprintln!("{wanted}: decided in {:?}", began.elapsed());
    }
}
