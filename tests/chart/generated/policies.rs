//! From the declaration of authentication types and the schema: what the admission policies look at (`sources`, `plain`).
//!
//! Nobody can add an authentication type or a place for a value and forget the policies.

use appcredential_api::crd;

use super::schema::enumerated;
use super::{CHART, Generated, HEAD, plain, sources};

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
        template("plain", "appcredential-operator.policies.plain", &plain::policy()),
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
fn values_of_authentication_are_secret_unless_known_as_public() {
    let crd = crd::app_credential().unwrap();
    let values = super::schema::objects_with(&crd, &["value", "valueFrom"]);
    let mut values: Vec<&str> = values.iter().filter_map(|path| path.strip_prefix("spec.authentication.")).collect();
    // Only who names a field of type Custom knows what it is.
    values.retain(|path| *path != "custom.fields[]");
    let secret = appcredential_api::plain::secret_fields();
    let (mut public, secrets): (Vec<&str>, Vec<&str>) =
        values.iter().partition(|path| !secret.iter().any(|it| it == *path));
    public.sort_unstable();
    assert_eq!(public, PUBLIC);
    assert_eq!(secrets.len(), secret.len(), "{secret:?}");
}
