//! From the table of `src/rights.rs`: the rules of the chart's roles with their reasons, and the reference.

use std::fmt::Write;

use appcredential_operator::rights::{ALL, Asked, Only, Place, Right, When};
use serde_json::{Value, json};

use super::{CHART, Generated, HEAD};
use crate::helm::read;

/// The words in a list of YAML; the core group needs quotes.
fn list(words: &[&str]) -> String {
    let words: Vec<&str> = words.iter().map(|word| if word.is_empty() { "\"\"" } else { word }).collect();
    format!("[{}]", words.join(", "))
}

/// The condition in the chart that a right is given on, where it shares a role with rights that always are.
fn condition(right: &Right) -> Option<&'static str> {
    match right.when {
        When::Pinned => Some(".Values.namespacePins"),
        When::Reviewed => Some("include \"appcredential-operator.reviewPolicy\" ."),
        When::Always | When::Elected | When::Scraped => None,
    }
}

fn rule(right: &Right) -> String {
    let mut out = condition(right).map(|it| format!("{{{{- if {it} }}}}\n")).unwrap_or_default();
    writeln!(out, "# {}", right.why).unwrap();
    writeln!(out, "- apiGroups: {}", list(&[right.group])).unwrap();
    writeln!(out, "  resources: {}", list(right.resources)).unwrap();
    let only = match right.only {
        Only::All => None,
        Only::OwnLease => Some("leaseName"),
        Only::SourcesPolicy => Some("reviewPolicy"),
    };
    if let Some(only) = only {
        writeln!(out, "  resourceNames: [{{{{ include \"appcredential-operator.{only}\" . | quote }}}}]").unwrap();
    }
    writeln!(out, "  verbs: {}", list(right.verbs)).unwrap();
    if condition(right).is_some() {
        out.push_str("{{- end }}\n");
    }
    out
}

fn of(place: Place, when: &[When]) -> impl Iterator<Item = &'static Right> {
    ALL.iter().filter(move |right| right.place == place && when.contains(&right.when))
}

/// The rules that a role for this place has, as the API server sees them.
pub(crate) fn rules(place: Place, when: &[When], lease: &str) -> Vec<Value> {
    let rule = |right: &Right| {
        let mut rule = json!({"apiGroups": [right.group], "resources": right.resources, "verbs": right.verbs});
        match right.only {
            Only::All => {}
            Only::OwnLease => rule["resourceNames"] = json!([lease]),
            Only::SourcesPolicy => rule["resourceNames"] = json!(["sources.appcredential.io"]),
        }
        rule
    };
    of(place, when).map(rule).collect()
}

/// The roles that rules are for, by the names of their templates.
const ROLES: [(&str, Place, &[When]); 4] = [
    ("watched", Place::Watched, &[When::Always, When::Pinned]),
    ("home", Place::Home, &[When::Elected]),
    ("cluster", Place::Cluster, &[When::Always, When::Reviewed]),
    ("scraped", Place::Cluster, &[When::Scraped]),
];

fn template() -> String {
    let mut out = format!("{{{{- /* {HEAD} */}}}}\n");
    assert_eq!(ROLES.iter().map(|(_, place, when)| of(*place, when).count()).sum::<usize>(), ALL.len());
    for (name, place, when) in ROLES {
        let rules: String = of(place, when).map(rule).collect();
        let rules = rules.trim_end();
        write!(out, "\n{{{{- define \"appcredential-operator.rights.{name}\" -}}}}\n{rules}\n{{{{- end }}}}\n")
            .unwrap();
    }
    out
}

fn row(right: &Right) -> Vec<String> {
    let group = if right.group.is_empty() { "core".to_owned() } else { format!("`{}`", right.group) };
    vec![group, right.resources.join(", "), right.verbs.join(", "), right.why.to_owned()]
}

fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut out = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        writeln!(out, "| {} |", row.join(" | ")).unwrap();
    }
    out
}

const COLUMNS: [&str; 4] = ["API group", "Resources", "Verbs", "Why"];

/// The table of the README: what it needs whatever its flags.
fn short() -> String {
    table(&COLUMNS, ALL.iter().filter(|right| right.when == When::Always).map(row))
}

fn reference() -> String {
    let mut rows = Vec::new();
    for right in ALL {
        let place = match right.place {
            Place::Watched => "the namespaces that it watches",
            Place::Home => "its own namespace",
            Place::Cluster => "the cluster",
        };
        let when = match right.when {
            When::Always => "always",
            When::Elected => "with leader election",
            When::Pinned => "with `namespacePins`",
            When::Reviewed => "with `policies.sources: Deny`",
            When::Scraped => "with `metrics.access: token`",
        };
        let mut row = row(right);
        match right.only {
            Only::All => {}
            Only::OwnLease => row[1].push_str(" (the one of its name)"),
            Only::SourcesPolicy => row[1].push_str(" (`sources.appcredential.io`)"),
        }
        row.splice(3..3, [place.to_owned(), when.to_owned()]);
        rows.push(row);
    }
    let words = |right: &Right| format!("`{}` of {}", right.verbs.join(", "), right.resources.join(", "));
    let unseen: Vec<String> = ALL.iter().filter(|right| right.asked == Asked::Admission).map(words).collect();
    format!(
        "<!-- {HEAD} -->
# What the operator may do

The chart's roles have these rules and no others. Without `namespaces` the first part is a ClusterRole. With
`namespaces` it is a Role in each, and the operator may read and write nothing in other namespaces.

{}
The operator makes no request with {}.
Some clusters demand the first right of whoever writes an object that blocks the deletion of its owner. The second right
identifies the operator: the [policies](../install.md#policies) let only its holder write ownership labels and statuses,
within its other rights. Whoever has all verbs of the resource counts as an administrator and not as an operator. The
policy `operator` limits the rights on Secrets and ConfigMaps: the operator writes and deletes outputs only.

The operator reads the name and version of every Secret and ConfigMap in the namespaces that it watches. It reads the
values of those that credentials refer to. RBAC cannot narrow this down by name, since people name their sources as they
like. It can narrow it down by namespace: set `namespaces`.

## What people may do

| ClusterRole | is added to | Verbs | Resources |
|---|---|---|---|
| `<release>-view` | view (where `policies.plainSecrets` is `Deny`), edit, admin | get, list, watch | appcredentials, appcredentialgrants |
| `<release>-edit` | edit, admin | create, update, patch, delete, deletecollection | appcredentials |
| `<release>-admin` | admin | create, update, patch, delete, deletecollection | appcredentialgrants |

None of these roles reads a Secret. A grant lets credentials of other namespaces write into its namespace. That is a
decision for the namespace, as a role binding is, so it takes `admin`. Whoever may read credentials can read plain text
in them. So `view` may read credentials only if [`policies.plainSecrets`](../install.md#policies) refuses plain text.
",
        table(&["API group", "Resources", "Verbs", "Where", "When", "Why"], rows),
        unseen.join(" and with ")
    )
}

/// The README with its table as it has to be.
fn readme() -> String {
    let text = read("README.md");
    let Some((before, rest)) = text.split_once("| API group |") else { panic!("the README has no table of rights") };
    let (_, after) = rest.split_once("\n\n").expect("something after the table");
    format!("{before}{}\n{after}", short())
}

pub(super) fn files() -> Vec<Generated> {
    vec![
        (format!("{CHART}/templates/generated/_rights.tpl"), template()),
        ("docs/reference/rights.md".to_owned(), reference()),
        ("README.md".to_owned(), readme()),
    ]
}
