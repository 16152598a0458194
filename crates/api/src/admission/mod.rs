//! The policy that comes with the CRD: what admission refuses that is about the spec as a whole.
//!
//! A rule of the schema runs on every write, those of the status too, and each field that it reads costs a map of all
//! fields beside it; so rules on the wide nodes (the spec, an authentication, a connection) cost more than all else that the
//! API server does with a credential. A policy reads the object as it came, and only where a spec is new. The rules of
//! narrow nodes stay in the schema ([`super::rules`]), where the API server gives each its own path.
//!
//! A policy answers with its first denial only, and a text of several lines is dropped: so there is one validation, and all
//! problems are one text, `field: what is wrong and what to do`, joined by ` | `. What stands here is also a problem of the
//! credential (`resolve`), for clusters that have the CRD alone and for what was stored before.

mod values;

use serde_json::{Value, json};

use super::authentication::AuthenticationType;
use super::labels::{self, NAME_MAX};
use super::problem::{HOLDS_PASSWORD, NO_TYPE, RELATIVE_URI, TARGETS_OF_BASE};
use super::{plain, reserved};

/// The name of the policy and of its binding.
pub const NAME: &str = "spec.appcredential.io";
/// Texts that are longer than the API server takes (5 KiB) are cut.
const TEXT_MAX: usize = 4500;

/// The policy.
///
/// # Errors
/// When the generated schema cannot be turned into JSON, which no input can cause.
pub fn policy() -> Result<Value, serde_json::Error> {
    let variables: Vec<Value> = [vec![scopes(), inherited(), authentications()], problems()?].concat();
    let joined = "variables.problems.join(' | ')";
    let text =
        format!("{joined}.size() <= {TEXT_MAX} ? {joined} : {joined}.substring(0, {}) + ' … and more'", TEXT_MAX - 100);
    Ok(json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": NAME},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [{
                "apiGroups": [labels::GROUP], "apiVersions": ["*"],
                "operations": ["CREATE", "UPDATE"], "resources": ["appcredentials"],
            }]},
            // A credential that was stored before a rule existed can still be labelled, and deleted.
            "matchConditions": [{
                "name": "the-spec-is-new",
                "expression": "request.operation == 'CREATE' || object.spec != oldObject.spec",
            }],
            "variables": variables,
            "validations": [{
                "expression": "size(variables.problems) == 0",
                "message": "the spec is invalid",
                "messageExpression": text,
                "reason": "Invalid",
            }],
        },
    }))
}

/// What puts the policy in force, in all namespaces.
#[must_use]
pub fn binding() -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": NAME},
        "spec": {"policyName": NAME, "validationActions": ["Deny"]},
    })
}

fn variable(name: &str, expression: impl Into<String>) -> Value {
    json!({"name": name, "expression": expression.into()})
}

/// The base and each environment, with their paths.
fn scopes() -> Value {
    variable(
        "scopes",
        "[{'path': dyn('spec'), 'at': dyn(object.spec)}] + object.spec.?environments.orValue([]).map(e, {'path': dyn('spec.environments[' + e.name + ']'), 'at': dyn(e)})",
    )
}

/// The type of authentication that an environment inherits; empty where there is none.
fn inherited() -> Value {
    variable("inherited", "object.spec.?authentication.?type.orValue('')")
}

/// Each authentication with its path and type.
fn authentications() -> Value {
    variable(
        "authentications",
        "variables.scopes.filter(s, has(s.at.authentication)).map(s, {'path': dyn(s.path + '.authentication'), 'at': dyn(s.at.authentication), 'type': dyn(s.at.authentication.?type.orValue(variables.inherited))})",
    )
}

/// Lists of texts, and all of them in one. Each list has a limit of cost of its own.
fn problems() -> Result<Vec<Value>, serde_json::Error> {
    let mut lists: Vec<(String, String)> = vec![
        ("names".to_owned(), names()),
        ("targets".to_owned(), targets()),
        ("types".to_owned(), types()),
        ("wrongMembers".to_owned(), wrong_members()),
        ("uris".to_owned(), uris()),
        ("endpoints".to_owned(), endpoints()),
    ];
    lists.extend(values::problems()?);
    let all = lists.iter().map(|(name, _)| format!("variables.{name}")).collect::<Vec<_>>().join(" + ");
    let mut variables: Vec<Value> = lists.into_iter().map(|(name, expression)| variable(&name, expression)).collect();
    variables.push(variable("problems", all));
    Ok(variables)
}

/// A list that has this text where something is wrong.
fn told(wrong: &str, text: &str) -> String {
    format!("({wrong} ? ['{text}'] : [])")
}

/// The name becomes a label, and the names of outputs where no target is declared. Those of targets without names are
/// `resolve`'s.
fn names() -> String {
    let long = told(
        &format!("size(object.metadata.name) > {NAME_MAX}"),
        &format!(
            "metadata.name: is longer than {NAME_MAX} characters, and it becomes a label of the outputs; choose a shorter name"
        ),
    );
    let names = reserved::names().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let taken = format!(
        "size(object.spec.?environments.orValue([])) > 0 ? object.spec.environments.exists(e, !has(e.targets) && (object.metadata.name + '-' + e.name) in [{names}]) : (!has(object.spec.targets) && object.metadata.name.matches('{}'))",
        reserved::pattern()
    );
    let reserved = told(
        &format!("({taken})"),
        "metadata.name: gives an output a name that Kubernetes or another controller writes or trusts, such as coredns; choose another one, or give each target\\'s Secret and ConfigMap a name",
    );
    format!("{long} + {reserved}")
}

fn targets() -> String {
    told(
        "has(object.spec.targets) && size(object.spec.?environments.orValue([])) > 0",
        &format!("spec.targets: {TARGETS_OF_BASE}"),
    )
}

/// There is a type, in each environment or for all of them.
fn types() -> String {
    let missing = format!("authentication.type: {NO_TYPE}");
    let base = told(
        "!object.spec.?authentication.?type.hasValue() && (has(object.spec.authentication) || size(object.spec.?environments.orValue([])) == 0)",
        &format!("spec.{missing}"),
    );
    let environments = format!(
        "(has(object.spec.authentication) ? [] : variables.scopes.filter(s, s.path != 'spec' && !s.at.?authentication.?type.hasValue()).map(s, s.path + '.{missing}'))"
    );
    format!("{base} + {environments}")
}

/// A member stands only beside the type that it belongs to: its own, or that which an environment inherits.
fn wrong_members() -> String {
    let member = |kind: &AuthenticationType| {
        let (member, word) = (kind.member()?, kind.word());
        let text = format!(
            "a.path + '.{member}: belongs to type {word}, and the type is ' + a.type + '; remove it, or set type: {word}'"
        );
        Some(format!("(has(a.at.{member}) && a.type != '{word}' ? [{text}] : [])"))
    };
    let members: Vec<String> = AuthenticationType::ALL.iter().filter_map(member).collect();
    lines("variables.authentications.filter(a, a.type != '')", "a", &format!("({})", members.join(" + ")))
}

/// The texts for each entry of a list, of which each gives a list of texts.
fn lines(list: &str, entry: &str, texts: &str) -> String {
    format!(r"{list}.map({entry}, {texts}.join('\n')).join('\n').split('\n').filter(p, p != '')")
}

fn uris() -> String {
    let uri = "s.at.connection.uri";
    let relative = format!("!{uri}.matches('^[a-zA-Z][a-zA-Z0-9+.-]*:[^ \\\\t\\\\r\\\\n]+$')");
    let texts = format!(
        "({relative} ? [s.path + '.connection.uri: {RELATIVE_URI}'] : []) + ({uri}.matches(r'{}') ? [s.path + '.connection.uri: {HOLDS_PASSWORD}'] : [])",
        plain::URI
    );
    lines("variables.scopes.filter(s, s.at.?connection.?uri.hasValue())", "s", &format!("({texts})"))
}

fn endpoints() -> String {
    // Looked at first, since the pattern costs more than what it is looked for in.
    let suspect = "e.contains('@')";
    format!(
        "variables.scopes.filter(s, s.at.?connection.?endpoints.orValue([]).exists(e, {suspect} && e.matches(r'{}'))).map(s, s.path + '.connection.endpoints: {HOLDS_PASSWORD}')",
        plain::ADDRESS
    )
}
