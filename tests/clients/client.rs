//! A client: its own process, which reads what was rendered for all values.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::{Value, json};

use crate::render::{Texts, rendered};
use crate::values::hostile;

/// How many values each client reads for each field.
fn count() -> usize {
    if std::env::var_os("APPCREDENTIAL_TEST_FULL").is_some() { 10_000 } else { 300 }
}

/// A preset, and what goes in.
pub(crate) struct Case {
    pub(crate) preset: &'static str,
    pub(crate) application: &'static str,
    /// Fields that stay as they are.
    pub(crate) fixed: &'static [(&'static str, &'static str)],
    /// Fields that have hostile values, one at a time.
    pub(crate) hostile: &'static [&'static str],
    /// Whether the format has no way to write this value of this field.
    pub(crate) refuses: fn(&str, &str) -> bool,
}

/// A database and its user, as most presets want them.
pub(crate) const DATABASE: Case = Case {
    preset: "",
    application: "any",
    fixed: &[("host", "db.internal"), ("port", "5432"), ("database", "orders"), ("username", "u"), ("password", "p")],
    hostile: &["username", "password", "database"],
    refuses: |_, _| false,
};

/// A credential as it was rendered.
pub(crate) struct Rendered {
    fields: Texts,
    data: Texts,
}

impl Case {
    /// Renders the case for each field and value.
    fn rendered(&self) -> Vec<Rendered> {
        let fixed: Texts = self.fixed.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
        let mut out = Vec::new();
        for value in hostile(count()) {
            for &field in self.hostile {
                let mut fields = fixed.clone();
                fields.insert(field.to_owned(), value.clone());
                match rendered(self.application, self.preset, &fields) {
                    Ok(data) => out.push(Rendered { fields, data }),
                    Err(why) => assert!((self.refuses)(field, &value), "{} {field} {value:?}: {why}", self.preset),
                }
            }
        }
        assert!(out.len() * 4 > count(), "{}: almost everything is refused", self.preset);
        out
    }

    /// Has a client read all values, and compares what it finds under these names with the fields.
    pub(crate) fn is_read_by(&self, reader: &str, names: &[&str]) {
        self.is_read_as(reader, |fields| {
            fields.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(a, b)| (a.clone(), b.clone())).collect()
        });
    }

    /// Has a client read all values, and compares what it finds with what is expected of the fields.
    pub(crate) fn is_read_as(&self, reader: &str, expected: impl Fn(&Texts) -> Texts) {
        let all = self.rendered();
        let Some(found) = read(reader, &all) else { return };
        let mut wrong = Vec::new();
        for (Rendered { fields, data }, found) in all.iter().zip(&found) {
            for (name, text) in expected(fields) {
                if found[&name] != json!(text) {
                    wrong.push(format!("{name} {text:?} was read as {found} of {data:?}"));
                }
            }
        }
        let some: Vec<_> = wrong.iter().take(10).collect();
        assert!(wrong.is_empty(), "{} by {reader}: {} of {} differ: {some:#?}", self.preset, wrong.len(), all.len());
    }
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Returns the Python that has the clients: of the environment that `.ci/run` makes, or any other.
fn python() -> PathBuf {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients/bin/python");
    if made.exists() { made } else { "python3".into() }
}

/// Returns what a client finds in each of these; nothing where the client is not here.
fn read(reader: &str, all: &[Rendered]) -> Option<Vec<Value>> {
    let mut command = Command::new(python());
    command.arg(here().join("read.py")).arg(reader);
    let lines = all.iter().map(|Rendered { fields, data }| json!({"fields": fields, "data": data}).to_string());
    let output = answer(&mut command, lines.collect::<Vec<_>>().join("\n"));
    let output = output.filter(|output| output.status.code() != Some(77));
    let Some(output) = output else {
        eprintln!("skipped: {reader} is not here");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{reader}: {}", String::from_utf8_lossy(&output.stderr));
    let mut answers = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let version = answers.next().unwrap();
    let answers: Vec<Value> = answers.collect();
    assert_eq!(answers.len(), all.len(), "{reader}: {}", String::from_utf8_lossy(&output.stderr));
    eprintln!("{version} reads {} outputs", answers.len());
    Some(answers)
}

/// Returns what a program answers to a text; nothing where there is no such program.
fn answer(command: &mut Command, given: String) -> Option<Output> {
    let child = command.env_clear().envs(std::env::vars().filter(|(name, _)| ["PATH", "HOME", "LANG"].contains(&name.as_str())));
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
    let mut stdin = child.stdin.take().unwrap();
    // It may answer before it has read everything.
    let writer = thread::spawn(move || stdin.write_all(given.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    Some(output)
}
