//! From the schema and the declaration of authentication types: what the admission policies look at.
//!
//! Nobody can add an authentication type or a place for a value and forget the policies. CEL has neither a fold nor a way to
//! flatten lists of lists: names are joined to a text, which is split again. No name of an object has a space.
//!
//! An authorization check costs 350,000 of the 10,000,000 that a policy may cost, and two fit into one expression. So the
//! author is first asked about all Secrets of the namespace, which most may read; only where that is refused each name
//! is asked about, once however often it is used, each by a variable of its own: `left0` are all, `left1` all but the first, and so on.

use std::collections::BTreeMap;

use appcredential_operator::api::{AuthenticationType, crd};

use super::schema::objects_with;
use super::{CHART, Generated, HEAD};

/// How many names are asked about one by one: with the two questions about all of them, and what it costs to sort out names, they
/// stay below the limit for the largest spec that the schema admits (`tests/cluster/chart/cost.rs`).
const NAMES: usize = 20;

/// The names of variables for the items of lists in lists.
const ITEMS: [&str; 2] = ["e", "v"];

/// The optional selection of a path below a variable: `a.b` is `.?a.?b`.
fn select(path: &str) -> String {
    path.split('.').map(|field| format!(".?{field}")).collect()
}

/// The elements of a list with the names that these paths refer to, one a line.
fn elements(paths: &[String], variable: &str, depth: usize, reference: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for path in paths {
        match path.split_once("[].") {
            None => out.push(format!("?{variable}{}.?{reference}.?name", select(path))),
            Some((list, rest)) => lists.entry(list).or_default().push(rest.to_owned()),
        }
    }
    for (list, paths) in lists {
        let item =
            ITEMS.get(depth).unwrap_or_else(|| panic!("{list}: a list in a list in a list; give ITEMS one more"));
        let inner = elements(&paths, item, depth + 1, reference);
        let list = format!("{variable}{}.orValue([])", select(list));
        if let [one] = &inner[..] {
            out.push(format!("{list}.map({item}, [{one}].join(' ')).join(' ')"));
        } else {
            let inner = inner.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join(",\n");
            out.push(format!("{list}.map({item}, [\n{inner}\n].join(' ')).join(' ')"));
        }
    }
    out
}

/// An expression for the names that `valueFrom`s refer to.
fn names(reference: &str) -> String {
    let paths = objects_with(&crd::app_credential().unwrap(), &["secretKeyRef", "configMapKeyRef"]);
    assert!(paths.len() > 40, "{paths:?}");
    let below = |path: &String| path.strip_prefix("spec.").expect("below spec").to_owned();
    let paths: Vec<String> = paths.iter().map(below).collect();
    let lines = elements(&paths, "object.spec", 0, reference).join(",\n");
    let lines = indent(&lines, 2);
    format!("[\n{lines}\n].join(' ').split(' ').filter(n, n != '')")
}

fn indent(text: &str, spaces: usize) -> String {
    text.lines().map(|line| format!("{}{line}", " ".repeat(spaces))).collect::<Vec<_>>().join("\n")
}

fn variable(name: &str, expression: &str) -> String {
    format!("- name: {name}\n  expression: |-\n{}\n", indent(expression, 4))
}

/// Whether the author may get an object, or all of them.
fn check(resource: &str, name: Option<&str>) -> String {
    let name = name.map(|name| format!(".name({name})")).unwrap_or_default();
    format!(
        "authorizer.group('').resource({resource}).namespace(object.metadata.namespace){name}.check('get').allowed()"
    )
}

fn sources() -> String {
    let mut out = String::from("variables:\n");
    out += &variable("secrets", &names("secretKeyRef"));
    out += &variable("configMaps", &names("configMapKeyRef"));
    out += &variable("allSecrets", &check("'secrets'", None));
    out += &variable("allConfigMaps", &check("'configmaps'", None));
    out += &variable(
        "left0",
        "(size(variables.secrets) == 0 || variables.allSecrets ? [] : variables.secrets.map(n, 'secrets/' + n))\n  \
         + (size(variables.configMaps) == 0 || variables.allConfigMaps ? [] : variables.configMaps.map(n, 'configmaps/' + n))",
    );
    for i in 0..NAMES {
        let left = format!("variables.left{i}");
        let check = check(&format!("{left}[0].split('/')[0]"), Some(&format!("{left}[0].split('/')[1]")));
        out += &variable(&format!("refused{i}"), &format!("size({left}) == 0 || {check} ? [] : [{left}[0]]"));
        out += &variable(&format!("left{}", i + 1), &format!("{left}.filter(n, n != {left}[0])"));
    }
    let refused: Vec<String> = (0..NAMES).map(|i| format!("variables.refused{i}")).collect();
    out += &variable("refused", &refused.join("\n  + "));
    out += &format!(
        "validations:
- expression: size(variables.refused) == 0
  message: refers to a Secret or ConfigMap that its author may not get
  messageExpression: |-
    'refers to ' + variables.refused.join(', ') + ', which ' + request.userInfo.username
      + ' may not get in the namespace ' + object.metadata.namespace
      + '; ask for a role there that allows to get it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.left{NAMES}) == 0
  message: refers to more than {NAMES} Secrets and ConfigMaps, and its author may not get all those of the namespace; let somebody apply this who may, or divide it
  reason: Forbidden
"
    );
    out
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
