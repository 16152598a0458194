//! A whole spec, from JSON to planned objects: refused with reasons, or rendered with every secret value in Secrets only.

use std::collections::BTreeSet;

use appcredential_api::{AppCredentialSpec, Kind, ObjectRef, SensitiveBytes};
use appcredential_core::plan::{self, Fingerprinter, Known, Step};
use appcredential_core::render::{self, Object, Output};
use appcredential_core::resolve::{self, Environment, Selection};
use serde_json::{Value, json};

use super::support::{self, CANARY, assert_hidden, identity, inputs, is_key, is_label, is_name};

pub(super) fn run(data: &[u8]) {
    // Whoever writes the canary itself has it shown.
    if String::from_utf8_lossy(data).contains("CANARY") {
        return;
    }
    let Some(spec) = support::spec(data).as_ref().map(with_canaries) else { return };
    let selection = Selection::default();
    assert_hidden("a spec", &spec);
    match resolve::environments(&spec, &identity(), &selection) {
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal has a reason");
            assert_hidden("a refusal", &problems);
            let said = problems.iter().all(|problem| problem.path().starts_with("spec") && !problem.message.is_empty());
            assert!(said, "a problem has a field and a message: {problems:?}");
        }
        Ok(all) => {
            let rendered = outputs(&all);
            is_valid(&rendered);
            order_does_not_matter(&spec, &rendered);
            let read = resolve::sources(&spec, &selection);
            let own = |object: &&Object| object.namespace == identity().namespace;
            let takes = |object: &Object| read.iter().any(|it| it.kind == object.kind && it.name == object.name);
            assert!(!objects(&rendered).filter(own).any(takes), "an output takes the place of a source");
        }
    }
}

/// The spec with a canary for every plain value under authentication.
fn with_canaries(spec: &AppCredentialSpec) -> AppCredentialSpec {
    let mut value = json!(spec);
    let environments = spec.environments.as_ref().map_or(0, Vec::len);
    let overlays = (0..environments).map(|index| format!("/environments/{index}/authentication"));
    for place in overlays.chain(["/authentication".to_owned()]) {
        value.pointer_mut(&place).into_iter().for_each(replace);
    }
    serde_json::from_value(value).expect("a text in the place of a text")
}

fn replace(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (field, value) in map {
                match value {
                    Value::String(text) if field == "value" && !text.is_empty() => *value = json!(CANARY),
                    _ => replace(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(replace),
        _ => {}
    }
}

fn outputs(all: &[Environment]) -> Vec<Output> {
    let sources = inputs(all);
    assert_hidden("environments", &all);
    assert_hidden("sources", &sources);
    let mut out = Vec::new();
    for environment in all {
        let missing = environment.fill(&resolve::Inputs::new());
        assert_eq!(missing.is_ok(), environment.leaves.iter().all(is_at_hand), "a source that is missing is told");
        let filled = environment.fill(&sources).expect("all sources are there");
        assert_hidden("a filled environment", &filled);
        let rendered = render::outputs(&identity(), &filled);
        assert_eq!(rendered, render::outputs(&identity(), &filled), "rendering is a function");
        // A value that does not fit into a preset or a template is told, and leaves no output.
        out.extend(rendered.into_iter().flatten());
    }
    assert_hidden("outputs", &out);
    out
}

/// Whether a leaf needs no source.
fn is_at_hand(leaf: &resolve::Leaf) -> bool {
    matches!(&leaf.origin, resolve::Origin::Plain(_) | resolve::Origin::Source { optional: true, .. })
}

fn objects(outputs: &[Output]) -> impl Iterator<Item = &Object> {
    outputs.iter().flat_map(|output| [&output.secret, &output.config_map])
}

fn holds_canary(value: &SensitiveBytes) -> bool {
    value.expose().windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

/// Names and keys that Kubernetes takes, no secret value outside of Secrets, each object once, and a plan that creates.
fn is_valid(outputs: &[Output]) {
    let mut seen: BTreeSet<ObjectRef> = BTreeSet::new();
    for object in objects(outputs) {
        assert!(is_name(&object.name) && is_label(&object.namespace), "{}/{}", object.namespace, object.name);
        assert!(object.data.keys().all(|key| is_key(key)), "{:?}", object.data.keys());
        assert!(object.labels.values().all(|label| label.len() <= 63));
        assert!(seen.insert(object.object_ref()), "two outputs are one object");
        assert!(object.kind == Kind::Secret || !object.data.values().any(holds_canary), "a ConfigMap has a secret");
        assert_eq!(object.is_detached(), object.retain || object.namespace != identity().namespace);
    }
    let fingerprinter = Fingerprinter::default();
    for output in outputs {
        let plan = plan::target(output, |_| None, Known::default(), &fingerprinter);
        let steps = [&plan.secret, &plan.config_map];
        let is_new = steps.iter().all(|step| **step == Step::Create) && plan.revision == 1;
        // A value that is not what the type of the Secret demands, or too much of it.
        assert!(is_new || steps.iter().any(|step| matches!(step, Step::Blocked(_))), "{plan:?}");
        assert_hidden("a plan", &plan);
    }
}

/// The same environments in another order give the same objects.
fn order_does_not_matter(spec: &AppCredentialSpec, outputs_before: &[Output]) {
    let mut reversed = spec.clone();
    reversed.environments.iter_mut().for_each(|all| all.reverse());
    let all = resolve::environments(&reversed, &identity(), &Selection::default());
    let mut after = outputs(&all.expect("the order of environments refuses nothing"));
    after.sort_by(|a, b| (&a.secret.namespace, &a.secret.name).cmp(&(&b.secret.namespace, &b.secret.name)));
    let mut before = outputs_before.to_vec();
    before.sort_by(|a, b| (&a.secret.namespace, &a.secret.name).cmp(&(&b.secret.namespace, &b.secret.name)));
    assert_eq!(before, after, "the order of environments matters");
}
