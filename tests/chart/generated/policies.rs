//! From the declaration of authentication types and the schema: what the admission policies look at (that on sources is in `sources`).
//!
//! Nobody can add an authentication type or a place for a value and forget the policies.

use appcredential_operator::api::{AuthenticationType, crd};

use super::schema::enumerated;
use super::{CHART, Generated, HEAD, sources};

/// The optional selection of a path below a variable: `a.b` is `.?a.?b`.
pub(super) fn select(path: &str) -> String {
    path.split('.').filter(|field| !field.is_empty()).map(|field| format!(".?{field}")).collect()
}

pub(super) fn indent(text: &str, spaces: usize) -> String {
    text.lines().map(|line| format!("{}{line}", " ".repeat(spaces))).collect::<Vec<_>>().join("\n")
}

pub(super) fn variable(name: &str, expression: &str) -> String {
    format!("- name: {name}\n  expression: |-\n{}\n", indent(expression, 4))
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
            "object.spec.?environments.orValue([]).filter(e, e{value}).map(e, 'spec.environments[' + e.name + '].authentication.{field}').join('\\n')"
        ));
    }
    let paths = format!("[\n{}\n].join('\\n').split('\\n').filter(p, p != '')", indent(&lines.join(",\n"), 2));
    let problems = "variables.plain.map(p, p + ': is a secret as plain text, which whoever may look at credentials can read; put it into a Secret and '
  + 'refer to that with valueFrom.secretKeyRef')";
    let mut out = String::from("variables:\n");
    out += &variable("plain", &paths);
    out += &variable("problems", problems);
    out += "validations:
- expression: size(variables.plain) == 0
  message: has a secret as plain text; put it into a Secret and refer to that with valueFrom.secretKeyRef
  messageExpression: |-
    {{- include \"appcredential-operator.policies.joined\" (dict \"list\" \"variables.problems\") | nindent 4 }}
";
    out
}

/// The types that the Secret of a target may have; the other layout has types of its own.
fn secret_types() -> Generated {
    let types = enumerated(&crd::app_credential().unwrap(), "/targets/items/properties/secret/properties/type");
    assert!(types.contains(&"Opaque".to_owned()) && types.len() > 4, "{types:?}");
    let words: Vec<String> = types.iter().map(|word| format!("'{word}'")).collect();
    template("operator", "appcredential-operator.secretTypes", &format!("[{}]", words.join(", ")))
}

fn template(file: &str, name: &str, content: &str) -> Generated {
    let text =
        format!("{{{{- /* {HEAD} */}}}}\n\n{{{{- define \"{name}\" -}}}}\n{}\n{{{{- end }}}}\n", content.trim_end());
    (format!("{CHART}/templates/generated/_{file}.tpl"), text)
}

pub(super) fn files() -> Vec<Generated> {
    vec![
        template("sources", "appcredential-operator.policies.sources", &sources::policy()),
        template("plain", "appcredential-operator.policies.plain", &plain()),
        secret_types(),
    ]
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
    let values = super::schema::objects_with(&crd, &["value", "valueFrom"]);
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
