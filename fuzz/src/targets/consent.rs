//! Consent: only a grant that names the credential's namespace gives any, more grants never take some away, and the grant
//! that a refusal shows, once applied, is consent.
//!
//! The input is `{grants: [{in, spec}], owner: {namespace, name}, target: {namespace, namespaceUID, secret, configMap}, seen}`.

use std::sync::Arc;

use appcredential_api::{AppCredentialGrant, AppCredentialGrantSpec, Identity, Layout, ObjectRef, Reason, SecretType};
use appcredential_core::plan::{Consent, Pins, Seen};
use appcredential_core::resolve::Target;
use serde_json::Value;

use super::support::{is_label, is_name};

type Grants = Vec<(String, Arc<AppCredentialGrantSpec>)>;

pub(super) fn run(data: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Value>(data) else { return };
    let text = |place: &str| input.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
    let owner = Identity { namespace: text("/owner/namespace"), name: text("/owner/name"), uid: "uid-of-app".into() };
    let pin = input.pointer("/target/namespaceUID").and_then(Value::as_str).map(str::to_owned);
    let target = target(text("/target/namespace"), text("/target/secret"), text("/target/configMap"), pin);
    let consent = |grants: &Grants| Consent { grants: grants.clone(), pins: pins(&input), ..Consent::default() };
    let names = [&owner.name, &target.secret_name, &target.config_map_name];
    if !is_label(&owner.namespace) || !is_label(&target.namespace) || !names.into_iter().all(|name| is_name(name)) {
        return;
    }
    let mut grants = grants(&input);
    let told = consent(&grants).target(&owner, &target);
    let permits = |grants: &Grants, object: &ObjectRef| consent(grants).permits(&owner, object);
    let both = target.objects().map(|object| permits(&grants, &object));
    let pinned = target
        .namespace_uid
        .as_deref()
        .map(|uid| pins(&input).seen.get(&target.namespace) == Some(&Seen::Uid(uid.to_owned())));
    let fits = pinned != Some(false) && (pinned.is_none() || pins(&input).enabled);
    assert_eq!(
        told.is_ok(),
        fits && both == [true, true],
        "a target needs its namespace, and consent to both of its objects"
    );
    let revoked = target.objects().map(|object| consent(&grants).is_revoked(&owner, &object));
    let contradicts = both.into_iter().zip(revoked).any(|(permitted, revoked)| permitted && revoked);
    assert!(!contradicts, "what is permitted is taken back");
    if told.is_ok() && target.namespace != owner.namespace {
        let named = |(at, grant): &(String, Arc<AppCredentialGrantSpec>)| {
            *at == target.namespace && grant.from.iter().any(|from| from.namespace == owner.namespace)
        };
        assert!(grants.iter().any(named), "nobody there has named the namespace of the credential");
    }
    for left_out in 0..grants.len() {
        let mut fewer = grants.clone();
        fewer.remove(left_out);
        assert!(told.is_ok() || consent(&fewer).target(&owner, &target).is_err(), "a grant takes consent away");
    }
    grants.reverse();
    assert_eq!(told, consent(&grants).target(&owner, &target), "the order of grants matters");
    if let Err(problem) = told {
        if problem.reason != Reason::NotGranted {
            assert!(target.namespace_uid.is_some() || input.to_string().contains("namespaceUID"), "{problem}");
            return;
        }
        grants.push(shown(&problem.message, &target.namespace));
        assert_eq!(consent(&grants).target(&owner, &target), Ok(()), "the grant that is shown is not enough");
    }
}

/// What was seen of namespaces: `{seen: {namespace: uid}}`.
fn pins(input: &Value) -> Pins {
    let seen = input["seen"].as_object().into_iter().flatten();
    let seen =
        seen.map(|(name, uid)| (name.clone(), uid.as_str().map_or(Seen::Missing, |uid| Seen::Uid(uid.to_owned()))));
    Pins { enabled: !input["seen"].is_null(), seen: seen.collect() }
}

fn grants(input: &Value) -> Grants {
    let one = |grant: &Value| {
        let spec = serde_json::from_value(grant["spec"].clone()).ok()?;
        Some((grant["in"].as_str()?.to_owned(), Arc::new(spec)))
    };
    input["grants"].as_array().into_iter().flatten().filter_map(one).collect()
}

/// The grant that a message shows, as `kubectl apply` would take it.
fn shown(message: &str, namespace: &str) -> (String, Arc<AppCredentialGrantSpec>) {
    let (_, manifest) = message.split_once("ask its owner to apply: ").expect("a refusal shows a grant");
    let grant: AppCredentialGrant = serde_saphyr::from_str(manifest).expect("the grant that is shown is YAML");
    assert_eq!(grant.metadata.namespace.as_deref(), Some(namespace), "it stands in the namespace of the target");
    // `kubectl` is stricter than a typed reading: what looks like a number to it must not be one.
    let value: Value = serde_saphyr::from_str(manifest).expect("the grant that is shown is YAML");
    let texts = ["/metadata/name", "/metadata/namespace", "/spec/from/0/namespace", "/spec/from/0/name"];
    assert!(texts.iter().all(|place| value.pointer(place).is_some_and(Value::is_string)), "{manifest}");
    (namespace.to_owned(), Arc::new(grant.spec))
}

fn target(namespace: String, secret_name: String, config_map_name: String, namespace_uid: Option<String>) -> Target {
    Target {
        shape: std::sync::Arc::default(),
        namespace,
        namespace_uid,
        secret_name,
        config_map_name,
        layout: Layout::Split,
        secret_type: SecretType::Opaque,
        retain: false,
        detached: true,
        labels: [].into(),
        annotations: [].into(),
    }
}
