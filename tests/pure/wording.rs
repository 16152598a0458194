//! How the repository is written: names that fit on a line, and in the docs short lines without words that mislead.

use crate::support::{files_below, read};

/// The most characters of a function's name.
const LONGEST_NAME: usize = 60;

/// Returns the names of the functions in a piece of Rust.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    text.split("fn ").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
}

/// Returns the names of functions with more than [`LONGEST_NAME`] characters.
fn too_long(text: &str) -> Vec<&str> {
    functions(text).filter(|name| name.len() > LONGEST_NAME).collect()
}

#[test]
fn names_of_functions_and_tests_have_at_most_60_characters() {
    assert_eq!(too_long(&format!("#[test]\nfn {}() {{}}", "a".repeat(61))).len(), 1, "the check finds a long name");
    assert_eq!(too_long(&format!("#[test]\nfn {}() {{}}", "a".repeat(60))).len(), 0);
    let files: Vec<_> = ["benches", "crates", "fuzz", "src", "tests"].map(|it| files_below(it, ".rs")).concat();
    assert!(files.len() > 300, "the sources are found: {}", files.len());
    for file in files {
        assert_eq!(too_long(&read(&file)), [""; 0], "{file}: say the cause and the effect in fewer words");
    }
}
