//! Properties of outputs with any shape: nothing secret in a ConfigMap, the same bytes each time, no key lost, and merging that
//! is idempotent.

use std::cell::Cell;
use std::collections::BTreeSet;

use appcredential_api::output::{
    KeyStyle, OutputKeys, OutputSpec, Preset, PresetSpec, Rename, TemplateFormat, TemplateSpec,
};
use appcredential_api::{AppCredentialSpec, FieldPath, Kind, SensitiveBytes};
use appcredential_core::output::Shape;
use appcredential_core::render;
use appcredential_core::resolve::{Environment, Inputs, Origin, Source};
use proptest::prelude::*;

use crate::choices::{Choices, cases, chosen, reached};
use crate::specs::Shown;
use crate::support::{environments, identity, spec};

const CANARY: &str = "CANARY-s3cret";

const KEYS: [&str; 10] =
    ["username", "password", "host", "port", "ca.crt", "p", "q", "auth-type", "endpoints", "nothing"];
const TEMPLATES: [&str; 8] = [
    "plain",
    "{{ host }}",
    "{{ password }}",
    "{{ p | default('') }}{{ q }}",
    "{% if q is defined %}{{ q | b64encode }}{% endif %}",
    "{% set x = password ~ host %}{{ x }}",
    "{{ DATABASE_URL }}",
    "{{ [host, username] | join(',') | upper }}",
];

/// Any shape, mostly one that is accepted.
fn shape(c: &mut Choices) -> OutputSpec {
    let style = [KeyStyle::Kebab, KeyStyle::EnvironmentVariable, KeyStyle::None];
    let keys = OutputKeys {
        style: c.maybe(|c| c.pick(&style)),
        prefix: c.maybe(|c| c.pick(&["", "X_", "y."]).to_owned()),
        rename: c.maybe(|c| {
            c.list(2, |c| Rename { key: c.pick(&KEYS).to_owned(), to: c.pick(&["R1", "R2", "host", "R3"]).to_owned() })
        }),
        drop: c.maybe(|c| c.list(3, |c| c.pick(&KEYS).to_owned())),
    };
    OutputSpec {
        keys: c.maybe(|_| keys),
        presets: c.maybe(|c| {
            c.list(3, |c| PresetSpec { name: c.pick(Preset::ALL), key: c.once_in(8).then(|| "K".to_owned()) })
        }),
        templates: c.maybe(|c| {
            c.list(3, |c| TemplateSpec {
                key: c.pick(&["t", "u", "v", "w"]).to_owned(),
                format: c.pick(TemplateFormat::ALL),
                template: c.pick(&TEMPLATES).to_owned(),
            })
        }),
        mount_path: c.maybe(|c| c.pick(&["/m", "/m/"]).to_owned()),
    }
}

const BASES: [&str; 4] = [
    "authentication: {type: Basic, basic: {username: {value: CANARY-s3cret}, password: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}",
    "authentication: {type: SASL, sasl: {mechanism: PLAIN, username: {value: CANARY-s3cret}, password: {value: CANARY-s3cret}}}",
    "authentication: {type: AWS, aws: {accessKeyID: {value: CANARY-s3cret}, secretAccessKey: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}",
    "authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}",
];

/// A credential with two environments whose shapes are any, and whose secrets are canaries.
fn shaped(c: &mut Choices) -> AppCredentialSpec {
    let rest = "
application: {type: TYPE}
connection: {host: h, port: 1, endpoints: ['a:1'], database: d, tls: {mode: MODE, ca: {valueFrom: {KIND: {name: s, key: k}}}}}
parameters: [{name: p, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}, {name: q, valueFrom: {secretKeyRef: {name: s, key: k}}}]
environments: [{name: a, targets: [{}]}, {name: b, targets: [{secret: {layout: LAYOUT}}]}]
";
    let text = format!("{}{rest}", c.pick(&BASES))
        .replace("TYPE", c.pick(&["postgresql", "mariadb", "sqlserver"]))
        .replace("MODE", c.pick(&["VerifyFull", "Require", "Disable", "VerifyCA"]))
        .replace("KIND", c.pick(&["configMapKeyRef", "secretKeyRef"]))
        .replace("LAYOUT", c.pick(&["Split", "ServiceBinding"]));
    let mut spec = spec(&text);
    spec.output = c.maybe(shape);
    for environment in spec.environments.iter_mut().flatten() {
        environment.output = c.maybe(shape);
        for target in environment.targets.iter_mut().flatten() {
            target.output = c.maybe(shape);
        }
    }
    spec
}

fn sources(environments: &[Environment]) -> Inputs {
    let mut out = Inputs::new();
    for leaf in environments.iter().flat_map(|environment| &environment.leaves) {
        if let Origin::Source { source, key, .. } = &leaf.origin {
            let value = if source.kind == Kind::Secret { CANARY } else { "plain" };
            out.insert(source.clone(), Source::Found([(key.clone(), SensitiveBytes::from(value))].into()));
        }
    }
    out
}

/// Whether a canary is in there, as it is or as one of the encodings of the presets and filters.
fn has_canary(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_uppercase();
    ["CANARY", "Q0FOQVJZ", "NBTKFSWS", "DQU5BULKT", "BQKFSWS"].iter().any(|sign| text.contains(sign))
}

#[test]
fn no_shape_brings_a_secret_into_a_config_map() {
    let (rendered, secrets) = (Cell::new(0), Cell::new(0));
    proptest!(cases(3_000), |(Shown(spec) in chosen(|c| Shown(shaped(c))))| {
        let Ok(all) = environments(&spec) else { return Ok(()) };
        let sources = sources(&all);
        for environment in &all {
            let filled = environment.fill(&sources).expect("all sources are there");
            let outputs = render::outputs(&identity(), &filled);
            prop_assert_eq!(&outputs, &render::outputs(&identity(), &filled), "rendering is a function");
            let told = format!("{outputs:?}");
            prop_assert!(!told.contains("CANARY"), "{}", told);
            for output in outputs.into_iter().flatten() {
                rendered.set(rendered.get() + 1);
                for (key, value) in &output.config_map.data {
                    prop_assert!(!has_canary(value.expose()), "{} is in the ConfigMap", key);
                }
                let found = output.secret.data.values().filter(|value| has_canary(value.expose()));
                secrets.set(secrets.get() + found.count());
            }
        }
    });
    reached("rendered outputs", rendered.get());
    reached("secret values", secrets.get());
}

#[test]
fn a_key_is_lost_only_where_somebody_drops_it() {
    let kept = Cell::new(0);
    proptest!(cases(2_000), |(Shown(spec) in chosen(|c| Shown(shaped(c))))| {
        let Ok(all) = environments(&spec) else { return Ok(()) };
        let sources = sources(&all);
        for environment in &all {
            let shape = &environment.targets[0].shape;
            let Ok(outputs) = render::outputs(&identity(), &environment.fill(&sources).unwrap()) else { continue };
            let values: Vec<&SensitiveBytes> =
                outputs[0].secret.data.values().chain(outputs[0].config_map.data.values()).collect();
            let renamed: BTreeSet<&str> = shape.rename.it.iter().map(|rename| rename.key.as_str()).collect();
            for leaf in environment.leaves.iter().filter(|leaf| !["type", "provider"].contains(&leaf.key.as_str())) {
                let dropped = shape.drop.it.contains(&leaf.key) || *shape.style.it == KeyStyle::None;
                if dropped && !renamed.contains(leaf.key.as_str()) { continue; }
                let name = shape.name(&leaf.key, &leaf.key);
                prop_assert!(name.is_some(), "{} has a name", leaf.key);
                let name = name.unwrap_or_default();
                let there = outputs[0].secret.data.contains_key(&*name) || outputs[0].config_map.data.contains_key(&*name);
                prop_assert!(there || leaf.key == "ca.crt", "{} is {}", leaf.key, name);
                kept.set(kept.get() + 1);
            }
            prop_assert!(values.len() >= shape.templates.it.len());
        }
    });
    reached("kept keys", kept.get());
}

#[test]
fn a_shape_laid_over_twice_is_laid_over_once() {
    let shapes = chosen(|c| (Some(shape(c)), Some(shape(c)), shape(c)));
    proptest!(cases(2_000), |((base, over, other) in shapes)| {
        let at = |scope: &str| FieldPath::spec().field(scope);
        let once = Shape::default().over(base.as_ref(), &at("base")).over(over.as_ref(), &at("over"));
        prop_assert_eq!(&once.over(over.as_ref(), &at("over")), &once);
        prop_assert_eq!(&once.over(None, &at("over")), &once);
        // The nearest scope decides, whatever is between.
        let whole = OutputSpec { keys: Some(OutputKeys { style: Some(KeyStyle::Kebab), prefix: Some(String::new()), rename: Some(vec![]), drop: Some(vec![]) }), presets: Some(vec![]), templates: Some(vec![]), mount_path: Some("/x".to_owned()) };
        let direct = Shape::default().over(Some(&whole), &at("near"));
        prop_assert_eq!(once.over(Some(&other), &at("other")).over(Some(&whole), &at("near")), direct);
    });
}
