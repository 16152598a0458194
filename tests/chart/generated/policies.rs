//! From the schema and the declaration of authentication types: what the admission policies look at.
//!
//! Nobody can add an authentication type or a place for a value and forget the policies. CEL has neither a fold nor a way to
//! flatten lists of lists: names are joined to a text, which is split again. No name of an object has a space.
//!
//! An authorization check costs 350,000 of the 10,000,000 that a policy may cost, and two fit into one expression. So the
//! author is first asked about all Secrets of the namespace, which most may read; only where that is refused, each name is asked about,
//! once however often it is used, and each by a validation of its own: `secret0` are all names, `secret1` all but
//! the first, and so on. What a message is made of must not depend on the authorizer, which messages cannot ask.

use std::collections::BTreeMap;

use appcredential_operator::api::{AuthenticationType, crd};

use super::schema::objects_with;
use super::{CHART, Generated, HEAD};

/// A kind of source.
struct Kind {
    /// Its name.
    name: &'static str,
    /// Its resource.
    resource: &'static str,
    /// The field that refers to it.
    reference: &'static str,
    /// What variables are called: all names, and those that are left.
    all: &'static str,
    left: &'static str,
    /// How many names are asked about one by one. Together with the two questions about all of them they stay below what a policy
    /// may cost (`tests/cluster/chart/cost.rs`).
    most: usize,
}

const KINDS: [Kind; 2] = [
    Kind { name: "Secret", resource: "secrets", reference: "secretKeyRef", all: "secrets", left: "secret", most: 16 },
    Kind {
        name: "ConfigMap",
        resource: "configmaps",
        reference: "configMapKeyRef",
        all: "configMaps",
        left: "configMap",
        most: 6,
    },
];

/// In how many places one may refer to what one may only get by its name: what it costs to sort out names has to be bounded too.
const PLACES: usize = 256;

/// The names of variables for the items of lists in lists.
const ITEMS: [&str; 2] = ["e", "v"];

/// The optional selection of a path below a variable: `a.b` is `.?a.?b`.
fn select(path: &str) -> String {
    path.split('.').map(|field| format!(".?{field}")).collect()
}

/// A text with the names that these paths refer to. Names beside each other are the elements of a list, as what comes from lists
/// cannot be: the API server, which does not know the schema at first, takes a name for anything and a joined text for a text.
fn joined(paths: &[String], variable: &str, depth: usize, reference: &str) -> String {
    let mut names = Vec::new();
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for path in paths {
        match path.split_once("[].") {
            None => names.push(format!("?{variable}{}.?{reference}.?name", select(path))),
            Some((list, rest)) => lists.entry(list).or_default().push(rest.to_owned()),
        }
    }
    let mut parts = Vec::new();
    match &names[..] {
        [] => {}
        [one] => parts.push(format!("[{one}].join(' ')")),
        all => parts.push(format!("[\n{}\n].join(' ')", indent(&all.join(",\n"), 2))),
    }
    for (list, paths) in lists {
        let item =
            ITEMS.get(depth).unwrap_or_else(|| panic!("{list}: a list in a list in a list; give ITEMS one more"));
        let inner = joined(&paths, item, depth + 1, reference);
        let inner = if inner.contains('\n') { format!("\n{}\n", indent(&inner, 2)) } else { format!(" {inner}") };
        parts.push(format!("{variable}{}.orValue([]).map({item},{inner}).join(' ')", select(list)));
    }
    parts.join("\n+ ' ' + ")
}

/// An expression for the names that `valueFrom`s refer to.
fn names(reference: &str) -> String {
    let paths = objects_with(&crd::app_credential().unwrap(), &["secretKeyRef", "configMapKeyRef"]);
    assert!(paths.len() > 40, "{paths:?}");
    let below = |path: &String| path.strip_prefix("spec.").expect("below spec").to_owned();
    let paths: Vec<String> = paths.iter().map(below).collect();
    let text = indent(&joined(&paths, "object.spec", 0, reference), 2);
    format!("(\n{text}\n).split(' ').filter(n, n != '')")
}

fn indent(text: &str, spaces: usize) -> String {
    text.lines().map(|line| format!("{}{line}", " ".repeat(spaces))).collect::<Vec<_>>().join("\n")
}

fn variable(name: &str, expression: &str) -> String {
    format!("- name: {name}\n  expression: |-\n{}\n", indent(expression, 4))
}

/// Whether the author may get an object, or all of them.
fn check(kind: &Kind, name: &str) -> String {
    format!(
        "authorizer.group('').resource('{}').namespace(object.metadata.namespace){name}.check('get').allowed()",
        kind.resource
    )
}

fn sources() -> String {
    let mut out = String::from("variables:\n");
    let mut validations = String::from("validations:\n");
    for kind in &KINDS {
        let Kind { name, reference, all, left, most, .. } = kind;
        out += &variable(all, &names(reference));
        let may_get_all = format!("variables.mayGetAll{name}s");
        out += &variable(&format!("mayGetAll{name}s"), &check(kind, ""));
        out += &variable(&format!("{left}0"), &format!("size(variables.{all}) > {PLACES} ? [] : variables.{all}"));
        validations += &format!(
            "- expression: size(variables.{all}) <= {PLACES} || {may_get_all}
  message: refers to {name}s in more than {PLACES} places, and its author may not get all {name}s of the namespace; let somebody apply this who may, or divide it
  reason: Forbidden
"
        );
        for i in 0..*most {
            let names = format!("variables.{left}{i}");
            out += &variable(&format!("{left}{}", i + 1), &format!("{names}.filter(n, n != {names}[0])"));
            let check = check(kind, &format!(".name({names}[0])"));
            validations += &format!(
                "- expression: size(variables.{all}) == 0 || {may_get_all} || size({names}) == 0 || {check}
  message: refers to a {name} that its author may not get
  messageExpression: |-
    'refers to {name} ' + {names}[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
"
            );
        }
        validations += &format!(
            "- expression: size(variables.{all}) == 0 || {may_get_all} || size(variables.{left}{most}) == 0
  message: refers to more than {most} {name}s, and its author may not get all {name}s of the namespace; let somebody apply this who may, or divide it
  reason: Forbidden
"
        );
    }
    out + &validations
}

/// The fields that are secret by their nature, below `authentication`.
fn secret_fields() -> Vec<String> {
    let fields = AuthenticationType::ALL.iter().flat_map(|kind| kind.fields());
    fields.filter(|field| field.secret).map(|field| field.path).collect()
}

fn plain() -> String {
    let mut lines = Vec::new();
    for field in secret_fields() {
        let value = format!("{}.?value.hasValue()", select(&format!("authentication.{field}")));
        lines.push(format!("object.spec{value} ? 'spec.authentication.{field}' : ''"));
        lines.push(format!(
            "object.spec.?environments.orValue([]).filter(e, e{value}).map(e, 'spec.environments[' + e.name + '].authentication.{field}').join(', ')"
        ));
    }
    let expression = format!("[\n{}\n].filter(f, f != '')", indent(&lines.join(",\n"), 2));
    let mut out = String::from("variables:\n");
    out += &variable("plain", &expression);
    out += "validations:
- expression: size(variables.plain) == 0
  message: has a secret as plain text; put it into a Secret and refer to that with valueFrom.secretKeyRef
  messageExpression: |-
    'has secrets as plain text, which whoever may look at credentials can read: ' + variables.plain.join(', ')
      + '; put them into a Secret and refer to that with valueFrom.secretKeyRef'
";
    out
}

fn template(name: &str, content: &str) -> Generated {
    let text = format!(
        "{{{{- /* {HEAD} */}}}}\n\n{{{{- define \"appcredential-operator.policies.{name}\" -}}}}\n{}\n{{{{- end }}}}\n",
        content.trim_end()
    );
    (format!("{CHART}/templates/generated/_{name}.tpl"), text)
}

pub(super) fn files() -> Vec<Generated> {
    vec![template("sources", &sources()), template("plain", &plain())]
}

/// Written down by hand: whoever adds a field of type `Value` decides whether it is secret, and says so here if it is not.
const PUBLIC: [&str; 7] = [
    "aws.accessKeyID",
    "basic.username",
    "clientCertificate.certificate",
    "keyPair.username",
    "oauth2.clientID",
    "sasl.username",
    "sshKey.username",
];

#[test]
fn each_value_under_authentication_is_secret_but_for_those_that_are_known_to_be_public() {
    let crd = crd::app_credential().unwrap();
    let values = objects_with(&crd, &["value", "valueFrom"]);
    let mut values: Vec<&str> = values.iter().filter_map(|path| path.strip_prefix("spec.authentication.")).collect();
    // Only who names a field of type Custom knows what it is.
    values.retain(|path| *path != "custom.fields[]");
    let secret = secret_fields();
    let (mut public, secrets): (Vec<&str>, Vec<&str>) =
        values.iter().partition(|path| !secret.iter().any(|it| it == *path));
    public.sort_unstable();
    assert_eq!(public, PUBLIC);
    assert_eq!(secrets.len(), secret.len(), "{secret:?}");
}

#[test]
fn a_reference_is_looked_for_wherever_the_schema_has_room_for_one() {
    let all = names("secretKeyRef");
    for path in objects_with(&crd::app_credential().unwrap(), &["secretKeyRef"]) {
        let last = path.rsplit("[].").next().unwrap().trim_start_matches("spec.");
        assert!(all.contains(&format!("{}.?secretKeyRef.?name", select(last))), "{path}");
    }
    assert_eq!(all.matches(".?environments.orValue([])").count(), 1);
}
