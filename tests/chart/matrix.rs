//! Each file of values/ rendered whole: a change of the chart shows what becomes of every way to use it.

use crate::helm::{stem, template, values};

/// The chart without its CRDs, which crds/ shows, without what is generated for the policy on sources, which
/// templates/generated/_sources.tpl shows, and without lines that would change with every version.
fn rendered(file: &str) -> String {
    let text = template(&["--values", file, "--set=crds.install=false"]).unwrap_or_else(|error| panic!("{error}"));
    let documents: Vec<&str> = text.split("\n---\n").map(without_sources).collect();
    let text = documents.join("\n---\n");
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.filter(|line| !line.trim_start().starts_with("app.kubernetes.io/version:")).collect();
    lines.join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// A document up to what `variables:` begins, if it is the policy on sources.
fn without_sources(document: &str) -> &str {
    let generated = document.contains("kind: ValidatingAdmissionPolicy\n") && document.contains("name: sources.");
    document.split_once("\n  variables:\n").filter(|_| generated).map_or(document, |(head, _)| head)
}

#[test]
fn each_file_of_values_gives_what_its_snapshot_shows() {
    for file in values() {
        let text = rendered(file.to_str().unwrap());
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(stem(&file), text);
        });
    }
}
