//! What is generated from the code and committed: the CRDs and the reference.
//!
//! `UPDATE_DOCS=1 cargo test --test pure generated` writes them anew.

use std::fmt::Write;

use appcredential_api::authentication::{FieldKey, Format};
use appcredential_api::output::{Preset, TemplateFormat};
use appcredential_api::{AuthenticationType, Disposition, FieldPath, Kind, Layout, Reason, crd};
use appcredential_core::output::FILTERS;
use appcredential_core::output::presets::row as preset_row;
use appcredential_core::resolve::{self, Class, Leaf};
use appcredential_core::status;

use crate::support::{environment, root, spec};

const HEAD: &str =
    "<!-- Generated from the code by `UPDATE_DOCS=1 cargo test --test pure generated`; a test compares the two. -->\n";

/// Compares a generated file with what is committed, or writes it.
fn compare(path: &str, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(root().join(path).parent().unwrap()).unwrap();
        std::fs::write(root().join(path), expected).unwrap();
    }
    let there = std::fs::read_to_string(root().join(path)).unwrap_or_default();
    assert!(
        there == expected,
        "{path} is not what the code says: run `UPDATE_DOCS=1 cargo test --test pure generated` and look at the difference"
    );
}

#[test]
fn the_crds_are_what_the_types_say() {
    for (name, definition) in crd::all().unwrap() {
        compare(&format!("crds/{name}"), &crd::file(&definition).unwrap());
    }
}

/// A table of Markdown.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        writeln!(out, "| {} |", row.join(" | ")).unwrap();
    }
    out
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// A spec that has every setting, so that its leaves are the rows of the table.
const EVERY_SETTING: &str = "
application: {type: db, provider: p}
authentication: {type: None}
connection:
  {protocol: p, host: h, port: 1, path: /p, uri: 'a://b', database: d, endpoints: [e], tls: {mode: Require, serverName: s, ca: {value: c}},
  properties: [{name: a property, value: x}]}
scopes: [s]
parameters: [{name: a parameter, value: x}, {name: a parameter from a Secret, valueFrom: {secretKeyRef: {name: s, key: k}}}]
";

/// The leaves of a spec whose named entries have names for people, which are no keys.
fn leaves() -> Vec<Leaf> {
    let named =
        [("a property", "a-property"), ("a parameter from a Secret", "from-secret"), ("a parameter", "a-parameter")];
    let text = named.iter().fold(EVERY_SETTING.to_owned(), |text, (name, key)| text.replace(name, key));
    environment(&spec(&text)).leaves
}

/// The field of a leaf and its key, as the table has them.
fn row(leaf: &Leaf) -> Vec<String> {
    let path = leaf.path.as_str();
    let field = path.strip_prefix("spec.").unwrap_or(path);
    let (field, key) = match field {
        "connection.properties[a-property]" => ("`connection.properties[]`".to_owned(), "its name".to_owned()),
        "parameters[a-parameter]" => ("`parameters[]`".to_owned(), "its name".to_owned()),
        "parameters[from-secret]" => {
            ("`parameters[]` and `connection.properties[]` from a Secret".to_owned(), "its name".to_owned())
        }
        _ => (code(field), code(&leaf.key)),
    };
    let mut out = vec![field, key];
    for (kind, layout) in
        [(Kind::Secret, Layout::Split), (Kind::Secret, Layout::ServiceBinding), (Kind::ConfigMap, Layout::Split)]
    {
        out.push(match resolve::key(leaf.class, &leaf.key, kind, layout) {
            None => "–".to_owned(),
            Some(other) if other != leaf.key => format!("as {}", code(other)),
            Some(_) => "yes".to_owned(),
        });
    }
    out
}

fn settings() -> String {
    let environment = Leaf {
        path: FieldPath::spec().field("environments[].name"),
        key: "environment".to_owned(),
        class: Class::Setting,
        origin: leaves().remove(0).origin,
    };
    let rows: Vec<Vec<String>> = leaves().iter().chain([&environment]).map(row).collect();
    table(&["Field", "Key", "Secret (`Split`)", "Secret (`ServiceBinding`)", "ConfigMap"], rows)
}

fn keys() -> String {
    let mut out = format!(
        "{HEAD}# Keys

Each field of an `AppCredential` gives one key of the Secret or the ConfigMap. Keys are those that the
[Service Binding specification](https://servicebinding.io/spec/core/1.1.0/) names, where it names one.

## Authentication

Everything here goes to the Secret, in either layout; the ConfigMap has `auth-type`, the name of the type.
A field that is not set gives no key. A field that is secret (last column) should come from a Secret: by default
the admission policy `plainSecrets` refuses it as plain text ([policies](../install.md#policies)).
"
    );
    for kind in AuthenticationType::ALL {
        writeln!(out, "\n### {}\n", kind.word()).unwrap();
        match kind {
            AuthenticationType::None => {
                out.push_str("No fields and no keys: the application needs no authentication.\n")
            }
            AuthenticationType::Custom => {
                out.push_str(
                    "`custom.fields[]` are entries `{name, value | valueFrom}`: each gives a key of its name.\n",
                );
            }
            _ => {
                let what = |field: &FieldKey| match field.format {
                    Format::Line => field.label.to_owned(),
                    Format::Lines => format!("{}, several lines", field.label),
                    Format::Entries => format!("{}, each with name and value", field.label),
                    Format::Choice(words) => format!("{}: {}", field.label, words.join(", ")),
                };
                let secret = |field: &FieldKey| if field.secret { "yes" } else { "–" }.to_owned();
                let rows = kind.fields().into_iter();
                let rows = rows.map(|field| vec![code(&field.path), what(&field), code(&field.key), secret(&field)]);
                out.push_str(&table(&["Field below `authentication`", "What it is", "Key", "Secret"], rows));
            }
        }
    }
    out.push_str("\n## Everything else\n\n");
    out.push_str(&settings());
    out.push_str(
        "
- The operator joins `scopes` by a space and `endpoints` by a comma. An empty list gives no key.
- Numbers are decimal. Text is written byte by byte as it is given.
- A `tls.ca` from a Secret goes to the Secret and not to the ConfigMap, as any value from a Secret does.
- The key `environment` exists if the credential declares environments.
- Two fields that give the same key in one output are refused: `Accepted=False/KeyConflict`.
",
    );
    out
}

fn what_the_operator_does(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Done => "Nothing: it waits for changes.",
        Disposition::Stalled => "It waits for an edit of the credential.",
        Disposition::Waiting => "It goes on by itself once the cause has changed.",
        Disposition::Retry => "It retries, less and less often.",
    }
}

fn conditions() -> String {
    let rows = Reason::ALL.iter().map(|reason| {
        let does = what_the_operator_does(reason.disposition());
        vec![code(reason.word()), reason.meaning().to_owned(), reason.remedy().to_owned(), does.to_owned()]
    });
    let kinds = [
        ("Accepted", "The spec is complete and valid, each environment merged."),
        ("ResolvedRefs", "Every source exists and has a value."),
        ("Synced", "Every Secret and ConfigMap is written as the credential says."),
        ("Ready", "All of the above: applications can use the outputs."),
    ];
    assert_eq!(kinds.map(|(name, _)| name), status::CONDITIONS, "every condition is described");
    let stalled = (status::STALLED, "Only an edit of the credential helps. The condition exists only then.");
    let kinds = kinds.into_iter().chain([stalled]).map(|(name, means)| vec![code(name), means.to_owned()]);
    format!(
        "{HEAD}# Conditions and reasons

## Conditions

{}
A condition is `Unknown` if the operator did not get that far. Each message says what is wrong, where, and what to do.
It names objects and fields, never values.

In these tables a source is a Secret or ConfigMap that the credential refers to, and an output is one that the operator
writes. [Concepts](../concepts.md) has all terms.

## Reasons

{}",
        table(&["Condition", "`True` means"], kinds),
        table(&["Reason", "What it means", "What to do", "What the operator does"], rows)
    )
}

#[test]
fn the_reference_of_keys_is_what_the_code_says() {
    compare("docs/reference/keys.md", &keys());
}

/// The table of presets.
fn presets() -> String {
    let rows = Preset::ALL.iter().map(|&preset| {
        let row = preset_row(preset);
        let needs: Vec<&str> = row.needs().collect();
        let needs = if needs.is_empty() { "–".to_owned() } else { needs.join("; ") };
        let gives: Vec<String> = row.gives.iter().map(|key| code(key)).collect();
        let keys = row.key.map_or_else(|| gives.join(", "), |key| format!("{}, or `key`", code(key)));
        vec![code(preset.word()), row.about.to_owned(), needs, keys]
    });
    let words = |words: Vec<&str>| words.into_iter().map(code).collect::<Vec<_>>().join(", ");
    format!(
        "{HEAD}# Presets

A preset gives what a client library reads, made of a credential's fields and escaped for that library:

```yaml
output:
  keys: {{style: None}}
  mountPath: /etc/db
  presets: [{{name: LibPQ}}, {{name: PostgreSQLURL, key: DATABASE_URL}}]
```

- A key goes to the Secret if anything secret went into it, and to the ConfigMap otherwise. With the layout
  `ServiceBinding` every key is in the Secret as well.
- A preset leaves out a key whose fields are not set. If a field that it needs is not set, `Accepted=False/InvalidSpec`
  names the preset and the field.
- `key` replaces the name of the key of a preset that gives one value.
- A preset that names a file (a CA, a client certificate) needs `output.mountPath`: the folder where the application
  mounts both objects.
- `connection.tls.mode` is translated to each client's own words. A mode that a client does not know is refused.
- If the format cannot hold a value, `ValueInvalid` names its key.

{}
## Clients that read them back

Tests render each preset with hostile values in every field (quotes, backslashes, `@ : / % # ?`, `$`, line breaks,
unicode), have a real client read the result, and compare every byte. If a client is not installed, its test says that
it is skipped; `tests/clients/install` installs them. No server takes part: these tests read, and log in nowhere.

{}
## Templates

`output.templates[]` write a key in the syntax of Jinja. `format` says how each `{{{{ }}}}` is escaped:
{}.
`YAML` and `JSON` write the quotes too; `Text` escapes nothing. Variables are the keys of the [reference](keys.md) and
those of presets, with `_` for every character that a name lacks: `{{{{ ca_crt }}}}`. The filters are
{}.
There are the tests `defined` and `undefined`, the blocks `if`, `for` and `set`, and nothing else: no clock, randomness,
environment, network, include, macro or function. A template that uses anything secret, in whatever branch, goes to the
Secret.

A template has at most 16 KiB, and writes at most 1 MiB. If it is wrong, `Accepted=False/TemplateInvalid` names the
line. If it fails on the values of the sources, `Synced=False/TemplateFailed` does.
",
        table(&["Preset", "For", "Needs", "Keys"], rows),
        table(&["Preset", "Clients"], crate::readers::rows()),
        words(TemplateFormat::ALL.iter().map(|format| format.word()).collect()),
        words(FILTERS.to_vec()),
    )
}

#[test]
fn the_reference_of_presets_is_what_the_code_says() {
    compare("docs/reference/presets.md", &presets());
}

#[test]
fn the_reference_of_conditions_is_what_the_code_says() {
    compare("docs/reference/conditions.md", &conditions());
}
