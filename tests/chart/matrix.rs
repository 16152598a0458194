//! Each file of values/ rendered whole: a change of the chart shows what becomes of every way to use it.

use crate::helm::{stem, template, values};

/// The chart without its CRDs, which crds/ shows, and without lines that would change with every version.
fn rendered(file: &str) -> String {
    let text = template(&["--values", file, "--set=crds.install=false"]).unwrap_or_else(|error| panic!("{error}"));
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.filter(|line| !line.trim_start().starts_with("app.kubernetes.io/version:")).collect();
    lines.join("\n").replace(env!("CARGO_PKG_VERSION"), "VERSION")
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
