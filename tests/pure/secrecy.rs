//! Nothing sensitive reaches a ConfigMap or a `Debug` output, and nothing of a replaced authentication is left.
//!
//! Every value of a case that may be secret is a marker: what comes from a Secret, and all that stands under
//! `authentication`. A marker is looked for everywhere where none may be.

use std::cell::Cell;
use std::collections::BTreeMap;

use appcredential_api::{AppCredentialSpec, AuthenticationType, Kind, SensitiveBytes};
use appcredential_core::render;
use appcredential_core::resolve::{Class, Environment, Inputs, Origin, Source, SourceKey, merge};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::choices::{cases, chosen, reached};
use crate::simulated::Cluster;
use crate::specs::{self, Shown};
use crate::support::{environments, identity};

/// The ConfigMap that only authentication reads in these cases: what it holds is a marker as well.
const AUTHENTICATION_MAP: &str = "of-authentication";

/// Makes a marker of everything under `authentication` but words that have to be known.
fn mark(value: &mut Value, field: &str) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get_mut("configMapKeyRef") {
                reference["name"] = json!(AUTHENTICATION_MAP);
            }
            for (field, value) in map.iter_mut().filter(|(field, _)| *field != "valueFrom") {
                mark(value, field);
            }
            if let Some(source) = map.get_mut("valueFrom").and_then(|from| from.get_mut("configMapKeyRef")) {
                source["name"] = json!(AUTHENTICATION_MAP);
            }
        }
        Value::Array(fields) => {
            for field in fields {
                if let Some(value) = field.get_mut("value") {
                    mark(value, "value");
                }
                if let Some(source) = field.pointer_mut("/valueFrom/configMapKeyRef") {
                    source["name"] = json!(AUTHENTICATION_MAP);
                }
            }
        }
        Value::String(text) => {
            let known = ["type", "grantType", "in", "clientAuthenticationMethod"].contains(&field);
            if !known && !text.is_empty() {
                *text = if field == "value" { "MARK-OF-A-VALUE" } else { "MARK-OF-A-TEXT" }.to_owned();
            }
        }
        _ => {}
    }
}

/// A spec with markers.
fn marked(spec: &AppCredentialSpec) -> AppCredentialSpec {
    let mut value = serde_json::to_value(spec).unwrap();
    if let Some(authentication) = value.get_mut("authentication") {
        mark(authentication, "");
    }
    for environment in value.get_mut("environments").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(authentication) = environment.get_mut("authentication") {
            mark(authentication, "");
        }
    }
    serde_json::from_value(value).unwrap()
}

/// Sources of which those that are secret hold markers.
fn marked_sources(environments: &[Environment]) -> Inputs {
    let mut data: BTreeMap<SourceKey, BTreeMap<String, SensitiveBytes>> = BTreeMap::new();
    for leaf in environments.iter().flat_map(|environment| &environment.leaves) {
        if let Origin::Source { source, key, .. } = &leaf.origin {
            let secret = source.kind == Kind::Secret || source.name == AUTHENTICATION_MAP;
            let value = if secret { "MARK-OF-A-SOURCE" } else { "plain" };
            data.entry(source.clone()).or_default().insert(key.clone(), SensitiveBytes::from(value));
        }
    }
    data.into_iter().map(|(source, data)| (source, Source::Found(data))).collect()
}

fn has_marker(bytes: &SensitiveBytes) -> bool {
    bytes.expose().windows(4).any(|window| window == b"MARK")
}

fn debug(thing: &impl std::fmt::Debug) -> String {
    format!("{thing:?}{thing:#?}")
}

#[test]
fn nothing_sensitive_reaches_a_config_map_or_a_debug_output() {
    let secrets = Cell::new(0);
    let specs = chosen(|c| Shown(marked(&specs::spec(c))));
    proptest!(cases(1_000), |(Shown(spec) in specs)| {
        // Text such as a token URL is no `Value`: a spec shows it, what is made of it does not.
        prop_assert!(!debug(&spec).contains("MARK-OF-A-VALUE"));
        prop_assert!(!debug(&merge(&spec)).contains("MARK-OF-A-VALUE"));
        let all = match environments(&spec) {
            Ok(all) => all,
            Err(problems) => {
                prop_assert!(!debug(&problems).contains("MARK"), "{:?}", problems);
                return Ok(());
            }
        };
        let sources = marked_sources(&all);
        prop_assert!(!debug(&all).contains("MARK") && !debug(&sources).contains("MARK"));
        for environment in &all {
            let filled = environment.fill(&sources).expect("all sources are there");
            prop_assert!(!debug(&filled).contains("MARK"));
            let sensitive = filled.leaves.iter().filter(|leaf| leaf.class == Class::Secret).count();
            for output in render::outputs(&identity(), &filled).unwrap() {
                prop_assert!(!debug(&output).contains("MARK"));
                prop_assert!(!debug(&Cluster::default().plan(&output, None)).contains("MARK"));
                for (key, value) in &output.config_map.data {
                    prop_assert!(!has_marker(value), "{} is in the ConfigMap", key);
                }
                let there = output.secret.data.values().filter(|value| has_marker(value)).count();
                // The two authentication words that have to be known are the only sensitive leaves without a marker.
                prop_assert!(there <= sensitive && there + 3 >= sensitive, "{} of {}", there, sensitive);
                secrets.set(secrets.get() + there);
            }
        }
    });
    reached("secret values to look for", secrets.get());
}

#[test]
fn nothing_of_a_replaced_authentication_is_left() {
    let replaced = Cell::new(0);
    let pairs = chosen(|c| {
        let (old, new) = (c.pick(AuthenticationType::ALL), c.pick(AuthenticationType::ALL));
        let (mut old, new) = (specs::authentication(c, Some(old)), specs::authentication(c, Some(new)));
        let mut value = serde_json::to_value(&old).unwrap();
        mark(&mut value, "");
        old = serde_json::from_value(value).unwrap();
        (Shown(AppCredentialSpec { authentication: Some(old), ..AppCredentialSpec::default() }), new)
    });
    proptest!(cases(1_000), |((Shown(mut spec), new) in pairs)| {
        let old = spec.authentication.clone().unwrap_or_default();
        spec.environments = Some(vec![crate::support::typed(json!({"environments": [{"name": "e"}]})).environments.unwrap().remove(0)]);
        spec.environments.as_mut().unwrap()[0].authentication = Some(new.clone());
        let merged = merge(&spec).remove(0).authentication;
        if old.kind == new.kind {
            prop_assert_eq!(merged.kind, old.kind);
        } else {
            replaced.set(replaced.get() + 1);
            prop_assert_eq!(&merged, &new);
            let text = serde_json::to_string(&merged).unwrap();
            prop_assert!(!text.contains("MARK"), "{}", text);
        }
    });
    reached("replaced types", replaced.get());
}
