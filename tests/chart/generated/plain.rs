//! The policy on plain secrets, from the patterns of `api::plain`: which fields it looks at, and what it says of them.
//!
//! A credential has up to 17 scopes: its spec and its environments. CEL cannot flatten lists of lists, so paths are joined to a text,
//! which is split again. Neither has a line break in it.
//!
//! A match costs by the length of the text times that of the pattern. An expression may cost 1,000,000 and the policy ten times that,
//! so no text is matched in full before something cheaper has shown a reason, and a list whose suspects are still too long is a
//! problem of its own (`tests/cluster/chart/cost.rs` has the largest credentials):
//!
//! ```text
//! name       of the last 48 characters; of the value, where the name is a secret's, only the first 16 are matched
//! suspects   values under other names that have a character without which there is no secret in a text
//! size       of the suspects, in tens of characters, each with two more for what is rounded up
//! ```

use appcredential_api::plain;

use super::policies::{indent, select, variable};

/// A list of values that are named by whoever writes them.
struct Named {
    /// The path below a scope.
    path: &'static str,
    /// The stem of variables about it.
    stem: &'static str,
}

const NAMED: [Named; 3] = [
    Named { path: "parameters", stem: "parameters" },
    Named { path: "connection.properties", stem: "properties" },
    Named { path: "authentication.custom.fields", stem: "fields" },
];

/// URLs, which can refer to nothing.
const URLS: [&str; 3] = ["tokenURL", "authorizationURL", "redirectURL"];

/// How long the suspects of a list may be in all scopes together, in tens of characters.
const MOST: usize = 2_500;

/// How much of a name and of a value under a secret's name is looked at.
const NAME_END: usize = 48;
const VALUE_START: usize = 16;

/// What is said after the lines.
const REMEDY: &str = "' | whoever may look at credentials can read this; put it into a Secret and refer to that with valueFrom.secretKeyRef'";

/// A pattern as a literal of CEL in which a backslash stands for itself.
fn quoted(pattern: &str) -> String {
    format!("r'{pattern}'")
}

/// An expression for a list of the paths that these texts of each scope have, one a line.
fn lines(list: &str, item: &str, texts: &str) -> String {
    format!("variables.{list}.map({item},\n{}\n).join('\\n').split('\\n').filter(p, p != '')", indent(texts, 2))
}

/// The spec and its environments, each with its path.
fn scopes() -> String {
    variable(
        "scopes",
        "[{'path': dyn('spec'), 'at': dyn(object.spec)}]
  + object.spec.?environments.orValue([]).map(e, {'path': dyn('spec.environments[' + e.name + ']'), 'at': dyn(e)})",
    )
}

/// The fields that are secret by their nature and have a plain value.
fn secrets() -> String {
    let field = |field: String| {
        let field = format!("authentication.{field}");
        format!("s.at{}.?value.hasValue() ? s.path + '.{field}' : ''", select(&field))
    };
    let fields: Vec<String> = plain::secret_fields().into_iter().map(field).collect();
    variable("secrets", &lines("scopes", "s", &format!("[\n{}\n].join('\\n')", indent(&fields.join(",\n"), 2))))
}

/// A variable for each field with a URL: those that hold a secret.
fn urls() -> String {
    let url = |field: &&str| {
        let path = format!("authentication.oauth2.{field}");
        let matches = format!("s.at{}.orValue('').matches({})", select(&path), quoted(plain::URI));
        variable(field, &lines("scopes", "s", &format!("{matches} ? s.path + '.{path}' : ''")))
    };
    URLS.iter().map(url).collect()
}

impl Named {
    /// The plain values of each scope, and of each whether its name makes it a secret.
    fn values(&self) -> String {
        let [name, harmless] = [plain::NAME, plain::HARMLESS].map(quoted);
        let end = format!("(v.name.size() > {NAME_END} ? v.name.substring(v.name.size() - {NAME_END}) : v.name)");
        let start = format!("(v.value.size() > {VALUE_START} ? v.value.substring(0, {VALUE_START}) : v.value)");
        let value = format!(
            "{{\n  'name': dyn(v.name),\n  'value': dyn(v.value),\n  'secret': dyn({end}.matches({name})\n    && !{start}.matches({harmless}))\n}}"
        );
        let values = format!(
            "s.at{}.orValue([]).filter(v, has(v.value)).map(v, {})",
            select(self.path),
            indent(&value, 2).trim_start()
        );
        format!("variables.scopes.map(s, {{\n  'path': dyn(s.path + '.{}'),\n  'values': dyn({values})\n}})", self.path)
    }

    fn variables(&self) -> String {
        let stem = self.stem;
        let path = "l.path + '[' + v.name + ']'";
        let suspects = format!(
            "variables.{stem}.map(l, {{\n  'path': dyn(l.path),\n  'values': dyn(l.values.filter(v, !v.secret && v.value.matches({})))\n}})",
            quoted(plain::SIGN)
        );
        let size = format!("variables.{stem}Suspects.map(l, l.values.map(v, v.value.size() / 10 + 2).sum()).sum()");
        let named = format!("l.values.filter(v, v.secret).map(v, {path}).join('\\n')");
        let holding = format!(
            "variables.{stem}Size > {MOST} ? '' : l.values.filter(v, v.value.matches({})).map(v, {path}).join('\\n')",
            quoted(plain::TEXT)
        );
        let mut out = variable(stem, &self.values());
        out += &variable(&format!("{stem}Suspects"), &suspects);
        out += &variable(&format!("{stem}Size"), &size);
        out += &variable(&format!("{stem}Named"), &lines(stem, "l", &named));
        out += &variable(&format!("{stem}Holding"), &lines(&format!("{stem}Suspects"), "l", &holding));
        out
    }

    /// What is said where the suspects are too long.
    fn bound(&self) -> String {
        format!(
            "variables.{}Size > {MOST} ? 'spec: has more than {},000 characters below {} that would have to be looked through for secrets; \
             put long ones into a Secret or ConfigMap and refer to that with valueFrom' : ''",
            self.stem,
            MOST / 100,
            self.path
        )
    }
}

/// The problems of a credential: in the order of what is surest.
fn problems() -> String {
    let named = NAMED.iter().map(|list| format!("variables.{}Named", list.stem));
    let secrets: Vec<String> = std::iter::once("variables.secrets".to_owned()).chain(named).collect();
    let holding: Vec<String> = NAMED.iter().map(|list| format!("variables.{}Holding", list.stem)).collect();
    let urls = URLS.map(|field| format!("variables.{field}"));
    let bounds: Vec<String> = NAMED.iter().map(Named::bound).collect();
    format!(
        "({}).map(p, p + ': is a secret as plain text')
+ ({}).map(p, p + ': holds a secret as plain text')
+ ({}).map(p, p + ': holds a secret as plain text, and can refer to none: leave it out')
+ [
{}
].filter(p, p != '')",
        secrets.join(" + "),
        holding.join(" + "),
        urls.join(" + "),
        indent(&bounds.join(",\n"), 2)
    )
}

/// The variables and the validation of the policy.
pub(super) fn policy() -> String {
    let named: String = NAMED.iter().map(Named::variables).collect();
    let problems = variable("problems", &problems());
    format!(
        "variables:
{}{}{}{named}{problems}validations:
- expression: size(variables.problems) == 0
  message: has a secret as plain text; put it into a Secret and refer to that with valueFrom.secretKeyRef
  messageExpression: |-
    (
    {{{{- include \"appcredential-operator.policies.joined\" (dict \"list\" \"variables.problems\") | nindent 4 }}}}
    ) + {REMEDY}
",
        scopes(),
        secrets(),
        urls()
    )
}

#[test]
fn every_list_of_named_values_and_every_url_is_looked_at() {
    use appcredential_api::crd;

    let crd = crd::app_credential().unwrap();
    let values = super::schema::objects_with(&crd, &["name", "value", "valueFrom"]);
    let base =
        values.iter().filter_map(|path| path.strip_prefix("spec.")).filter(|path| !path.contains("environments"));
    let mut lists: Vec<&str> = base.map(|path| path.trim_end_matches("[]")).collect();
    lists.sort_unstable();
    let mut known = NAMED.map(|list| list.path);
    known.sort_unstable();
    assert_eq!(lists, known);
    let schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"].to_string();
    // A preset of that name is a word, and no field.
    let is_preset = |word: &str| appcredential_api::output::Preset::ALL.iter().any(|preset| preset.word() == word);
    let urls: std::collections::BTreeSet<&str> = schema
        .split('"')
        .filter(|word| word.ends_with("URL") && word.chars().all(char::is_alphabetic) && !is_preset(word))
        .collect();
    assert_eq!(urls, URLS.into_iter().collect());
}
