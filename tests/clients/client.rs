//! A client: its own process, which reads what was rendered for all values.

use std::io::Write;
use std::path::Path;
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
            fields
                .iter()
                .filter(|(name, _)| names.contains(&name.as_str()))
                .map(|(a, b)| (a.clone(), b.clone()))
                .collect()
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

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where a client runs. All but the system's Python are what `tests/clients/install` installs.
enum Host {
    Python,
    Node,
    Java,
}

impl Host {
    /// Returns the host of a reader, and what the reader is called there: `java:kafka` or `git`.
    fn of(reader: &str) -> (Self, &str) {
        match reader.split_once(':') {
            Some(("java", name)) => (Self::Java, name),
            Some(("node", name)) => (Self::Node, name),
            _ => (Self::Python, reader),
        }
    }

    /// Returns the process that reads lines.
    fn command(&self, name: &str) -> Command {
        let (made, here) = (root().join("target/clients"), root().join("tests/clients"));
        let mut command = match self {
            Self::Node => Command::new("node"),
            Self::Java => Command::new("java"),
            Self::Python if made.join("bin/python").exists() => Command::new(made.join("bin/python")),
            Self::Python => Command::new("python3"),
        };
        match self {
            Self::Python => command.arg(here.join("read.py")),
            Self::Node => command.arg(here.join("read.js")),
            Self::Java => {
                let classes = format!("{}/java/*", made.display());
                command.args(["-cp", &classes]).arg(here.join("Read.java"))
            }
        };
        command.arg(name);
        command
    }

    /// Returns a credential as a line for this host.
    fn line(&self, Rendered { fields, data }: &Rendered) -> String {
        match self {
            Self::Python | Self::Node => json!({"fields": fields, "data": data}).to_string(),
            Self::Java => {
                let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
                data.iter().map(|(name, text)| format!("{name}={}", hex(text))).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Returns what a line of an answer says.
    fn answer(&self, line: &str) -> Value {
        match self {
            Self::Python | Self::Node => serde_json::from_str(line).unwrap(),
            Self::Java => line
                .split(' ')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, hex)| {
                    let byte = |place: usize| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
                    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
                    (name.to_owned(), Value::from(String::from_utf8(bytes).unwrap()))
                })
                .collect(),
        }
    }
}

/// Returns what a client finds in each of these; nothing where the client is not here.
fn read(reader: &str, all: &[Rendered]) -> Option<Vec<Value>> {
    let (host, name) = Host::of(reader);
    let is_made = !matches!(host, Host::Java) || root().join("target/clients/java").exists();
    let lines: Vec<String> = all.iter().map(|one| host.line(one) + "\n").collect();
    let output = if is_made { answer(&mut host.command(name), lines.concat()) } else { None };
    let Some(output) = output.filter(|output| output.status.code() != Some(77)) else {
        eprintln!("skipped: {reader} is not here");
        return None;
    };
    let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{reader}: {errors}");
    let mut answers = text.lines().map(|line| host.answer(line));
    let version = answers.next().unwrap();
    let answers: Vec<Value> = answers.collect();
    assert_eq!(answers.len(), all.len(), "{reader}: {errors}");
    eprintln!("{version} reads {} outputs", answers.len());
    Some(answers)
}

/// Returns what a program answers to a text; nothing where there is no such program.
fn answer(command: &mut Command, given: String) -> Option<Output> {
    let child = command
        .env_clear()
        .envs(std::env::vars().filter(|(name, _)| ["PATH", "HOME", "LANG"].contains(&name.as_str())));
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
    let mut stdin = child.stdin.take().unwrap();
    // It may answer before it has read everything.
    let writer = thread::spawn(move || stdin.write_all(given.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    Some(output)
}
