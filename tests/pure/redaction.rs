//! Values do not show: neither in `Debug` output, however deep, nor in messages.

use appcredential_api::{Sensitive, SensitiveBytes, Value};
use appcredential_core::resolve::{FilledLeaf, Source};

use crate::support::{environment, environments, inputs, output, spec};

const MARK: &str = "s3cr3t-VALUE";

fn assert_hidden(name: &str, thing: &impl std::fmt::Debug) {
    for text in [format!("{thing:?}"), format!("{thing:#?}")] {
        assert!(!text.contains(MARK), "{name} shows a value: {text}");
        // Nor as a list of bytes, as a derived `Debug` of a vector has it.
        assert!(!text.contains("115, 51, 99") && !text.contains("115,\n"), "{name} shows bytes: {text}");
    }
}

#[test]
fn the_types_of_values_tell_nothing_but_a_length() {
    assert_eq!(format!("{:?}", Sensitive::from(MARK)), "[redacted]");
    assert_eq!(format!("{:#?}", Some(Sensitive::from(MARK))), "Some(\n    [redacted],\n)");
    assert_eq!(format!("{:?}", SensitiveBytes::from(MARK)), "[redacted, 12 bytes]");
    let value = Value { value: Some(Sensitive::from(MARK)), value_from: None };
    assert_eq!(format!("{value:?}"), "Value { value: Some([redacted]), value_from: None }");
    assert_hidden("Form", &value.form());
}

#[test]
fn what_is_shown_of_a_value_does_not_depend_on_it() {
    let show = |text: &str| format!("{:?} {:?}", Sensitive::from(text), Sensitive::from(text.to_owned()));
    assert_eq!(show(""), show("a long one"));
}

/// A spec with the mark in every place that takes a `Value`.
fn full() -> String {
    format!(
        "authentication: {{type: Custom, custom: {{fields: [{{name: f, value: {MARK}}}]}}}}
connection: {{tls: {{ca: {{value: {MARK}}}}}, properties: [{{name: c, value: {MARK}}}]}}
parameters: [{{name: p, value: {MARK}}}]
environments: [{{name: e, parameters: [{{name: q, value: {MARK}}}], targets: [{{secret: {{layout: ServiceBinding}}}}]}}]"
    )
}

#[test]
fn nothing_on_the_way_from_the_spec_to_the_plan_shows_a_value() {
    let spec = spec(&full());
    assert_hidden("spec", &spec);
    let environment = environment(&spec);
    assert_hidden("environment", &environment);
    let filled = environment.fill(&inputs([&environment])).unwrap();
    assert_hidden("filled", &filled);
    let output = output(&spec);
    assert!(output.secret.data.values().any(|value| value.expose() == MARK.as_bytes()), "the values are there");
    assert_hidden("output", &output);
    assert_hidden("plan", &crate::simulated::Cluster::default().plan(&output, None));
    assert_hidden("source", &Source::Found([("k".to_owned(), SensitiveBytes::from(MARK))].into()));
    let leaf: Option<&FilledLeaf> = filled.leaves.first();
    assert_hidden("leaf", &leaf);
}

#[test]
fn every_type_of_authentication_hides_every_value() {
    for (word, member, _) in crate::authentication::FULL.iter().filter(|(word, ..)| *word != "None") {
        // A value ends where its entry does.
        let marked = member.split("value: ").enumerate().map(|(index, part)| match index {
            0 => part.to_owned(),
            _ => format!("value: {MARK}{}", &part[part.find('}').unwrap()..]),
        });
        let spec = spec(&format!("authentication: {{type: {word}, {}}}", marked.collect::<String>()));
        assert!(serde_json::to_string(&spec).unwrap().contains(MARK), "{word} has a value");
        assert_hidden(word, &spec);
        assert_hidden(word, &environments(&spec));
    }
}

#[test]
fn a_fingerprint_is_no_hash_that_another_process_could_compare() {
    let output = output(&spec(&full()));
    let (one, two) = (crate::simulated::Cluster::default(), crate::simulated::Cluster::default());
    let [one, two] = [one, two].map(|cluster| format!("{:?}", cluster.fingerprinter.of_object(&output.secret)));
    assert_ne!(one, two);
}
