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

/// The most characters of a line of the docs. Tables, links and printed log lines may be longer.
const LONGEST_LINE: usize = 120;

/// Phrases that mislead, and what to write instead (CONTRIBUTING.md, "Words").
const FORBIDDEN: &[(&str, &str)] = &[
    ("put right", "revert"),
    ("the own namespace", "its own namespace"),
    ("outputs elsewhere", "outputs in other namespaces"),
    ("targets elsewhere", "targets in other namespaces"),
    ("marks", "ownership labels"),
    ("restart at rest", "a restart while everything is in sync"),
    ("told", "reported, logged or written"),
    ("no matter of", "does not depend on"),
    ("whether that is so now", "name what is so"),
    ("of several that share a lease", "replicas that share a Lease elect one leader"),
    ("rooms", "crates or layers"),
    ("house rules", "conventions"),
    ("rules of the house", "conventions"),
    ("what is in the way", "what is wrong"),
    ("what became of", "the result of"),
];

/// Returns the lines of a page: number, whether it is in a code block, text.
fn lines(page: &str) -> impl Iterator<Item = (usize, bool, &str)> {
    let mut fenced = false;
    page.lines().enumerate().map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (index + 1, fenced || fence, line)
    })
}

/// Returns the lines that are too long: `number: line`.
fn too_wide(page: &str) -> Vec<String> {
    let wide = |(_, fenced, line): &(usize, bool, &str)| {
        let free = line.starts_with('|') || line.contains("](") || (*fenced && line.starts_with('{'));
        line.chars().count() > LONGEST_LINE && !free
    };
    lines(page).filter(wide).map(|(number, _, line)| format!("{number}: {line}")).collect()
}

/// Returns a line without its code: a name in code may be anything.
fn prose(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("_").to_lowercase()
}

/// Returns the forbidden phrases of a page: `number: phrase`.
fn forbidden(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, fenced, line) in lines(page) {
        let line = format!(" {} ", prose(line).replace(|c: char| !c.is_alphanumeric(), " "));
        let hits = FORBIDDEN.iter().filter(|(phrase, _)| !fenced && line.contains(&format!(" {phrase} ")));
        found.extend(hits.map(|(phrase, instead)| format!("{number}: {phrase:?}; write: {instead}")));
    }
    found
}

/// Returns the pages for users.
fn pages() -> Vec<String> {
    let alone = ["README.md", "charts/appcredential-operator/README.md"].map(str::to_owned);
    let docs = files_below("docs", ".md").into_iter().filter(|page| !UNCHECKED.contains(&page.as_str()));
    alone.into_iter().chain(docs).collect()
}

/// Pages that a benchmark writes.
const UNCHECKED: [&str; 1] = ["docs/benchmarks.md"];

#[test]
fn lines_of_the_docs_have_at_most_120_characters() {
    assert_eq!(too_wide(&"word ".repeat(25)).len(), 1, "the check finds a long line");
    assert_eq!(too_wide(&format!("| {} |\n[{}](a.md)", "word ".repeat(25), "word ".repeat(25))).len(), 0);
    let pages = pages();
    assert!(pages.len() >= 12, "the pages are found: {pages:?}");
    for page in pages.iter().map(String::as_str).chain(["CONTRIBUTING.md"]) {
        assert_eq!(too_wide(&read(page)), [""; 0], "{page}");
    }
}

#[test]
fn the_docs_have_none_of_the_forbidden_phrases() {
    assert_eq!(forbidden("An edit is put right.").len(), 1, "the check finds a phrase");
    assert_eq!(forbidden("`policies.marks`\n```\nmarks\n```\nbookmarks").len(), 0, "code may have them");
    for page in pages() {
        assert_eq!(forbidden(&read(&page)), [""; 0], "{page}");
    }
}

/// Words that end with an s and are no verbs.
const NO_VERBS: [&str; 5] = ["Its", "Others", "Outputs", "This", "Thus"];

/// Returns the functions whose doc comment does not begin with a verb: `name: first line`.
fn without_verb(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut first = None;
    for line in text.lines().map(str::trim_start) {
        match line.strip_prefix("/// ") {
            Some(doc) => first = first.or(Some(doc)),
            None if line.starts_with("///") || line.starts_with("#[") => {}
            None => {
                let is_public = line.starts_with("pub") && line.split('{').next().is_some_and(|it| it.contains("fn "));
                if let (true, Some(doc), Some(name)) = (is_public, first, functions(line).next()) {
                    let word = doc.split_whitespace().next().unwrap_or_default();
                    if !word.ends_with('s') || NO_VERBS.contains(&word) {
                        found.push(format!("{name}: {doc}"));
                    }
                }
                first = None;
            }
        }
    }
    found
}

#[test]
fn doc_comments_of_functions_begin_with_a_verb() {
    assert_eq!(without_verb("/// The name.\n#[must_use]\npub fn name() {}").len(), 1, "the check finds a noun");
    assert_eq!(
        without_verb("/// Returns the name.\n/// Or none.\npub fn name() {}\n/// A name.\nfn own() {}").len(),
        0
    );
    for file in ["crates/cluster/src", "crates/core/src", "src/controller"].map(|it| files_below(it, ".rs")).concat() {
        assert_eq!(without_verb(&read(&file)), [""; 0], "{file}: such as \"Returns\" or \"Adds\"");
    }
}
