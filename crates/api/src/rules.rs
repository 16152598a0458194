//! The CEL rules of the CRD: what admission refuses, with the field and what to do about it.
//!
//! The API server puts the path of the field before the message, so a message does not repeat it; where a
//! rule cannot point at the field (an entry of a list that needs the base), the message names the entry.
//! Rules on an object print no value, so those that may meet a password stand on the object.
//!
//! One table for all of them, applied to the schema that is generated from the types (`crd`). A rule stands
//! here when it can be known from the manifest alone. What only a merged environment shows is `resolve`'s,
//! which repeats those of these rules that matter for safety, since a resource may have been stored before
//! a rule existed.

use super::{extra, reserved};

/// A DNS label (RFC 1123), as namespaces and environments are named.
const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
/// A DNS subdomain (RFC 1123), as Secrets and ConfigMaps are named.
pub(super) const DNS_SUBDOMAIN: &str = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
/// Returns an expression: that a text is a key of a Secret or ConfigMap, as Kubernetes validates it.
pub(super) fn is_data_key(text: &str) -> String {
    format!("{text}.matches('^[-._a-zA-Z0-9]+$') && {text} != '.' && !{text}.startsWith('..')")
}

/// A host name or an IP address.
const HOST: &str = "self.matches('^[a-zA-Z0-9_]([-a-zA-Z0-9_.]*[a-zA-Z0-9_])?[.]?$') || isIP(self)";
/// An entry of a list that the output joins with a space.
const WORD: &str = "self.matches('^[^ \\t\\r\\n]+$')";
/// An entry of a list that the output joins with a comma.
const ADDRESS: &str = "self.matches('^[^, \\t\\r\\n]+$')";
/// What an object may be named.
const OBJECT_NAME: &str =
    "must be the name of an object: lower-case letters, digits, - and ., with a letter or digit first and last";
/// What no output may be named.
const RESERVED_NAME: &str =
    "is a name that Kubernetes or another controller writes or trusts, such as kube-root-ca.crt; choose another one";
/// What a key may be named.
const KEY_NAME: &str = "letters, digits, -, _ and ., not . alone and not .. first";

/// Where a rule applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The object at this path; `[]` stands for the items of a list.
    Path(&'static str),
    /// Every object below the spec that has these properties.
    Shape(&'static [&'static str]),
    /// The property of this name in every object of this shape.
    Property(&'static [&'static str], &'static str),
}

/// A rule: an expression over `self` that has to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where it applies.
    pub place: Place,
    /// The expression.
    pub expression: String,
    /// What is said when it does not hold: what is wrong with the field and what to do.
    pub message: String,
    /// A CEL expression for a message that names entries; `message` is its fallback.
    pub message_expression: Option<String>,
    /// The field below the place that is named in the error, such as `.type`.
    pub field: Option<String>,
}

impl Rule {
    fn new(place: Place, expression: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place, expression: expression.into(), message: message.into(), message_expression: None, field: None }
    }

    fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    fn saying(mut self, expression: impl Into<String>) -> Self {
        self.message_expression = Some(expression.into());
        self
    }
}

const NAMED_VALUE: &[&str] = &["name", "value", "valueFrom"];
const TARGET: &[&str] = &["secret", "configMap", "namespace"];
const CONNECTION: &[&str] = &["host", "endpoints", "uri"];
const ENVIRONMENT: &[&str] = &["parameters", "excludedParameters"];

/// Every rule, in the order in which they are applied.
#[must_use]
pub fn all() -> Vec<Rule> {
    let mut rules = authentication();
    rules.extend(urls());
    rules.extend(environments());
    rules.extend(values());
    rules.extend(connections());
    rules.extend(names());
    rules.extend(targets());
    rules
}

/// The rules of `AppCredentialGrant`.
#[must_use]
pub fn of_grants() -> Vec<Rule> {
    let namespace =
        "must be the name of a namespace: lower-case letters, digits and -, with a letter or digit first and last";
    vec![
        Rule::new(Place::Path("spec.from[].namespace"), format!("self.matches('{DNS_LABEL}')"), namespace),
        Rule::new(Place::Path("spec.from[].name"), format!("self.matches('{DNS_SUBDOMAIN}')"), OBJECT_NAME),
        Rule::new(Place::Path("spec.to[].name"), format!("self.matches('{DNS_SUBDOMAIN}')"), OBJECT_NAME),
    ]
}

/// Types of Secrets, and the allow-list of labels and annotations as far as it can be known without the operator's flags.
fn targets() -> Vec<Rule> {
    let list = |words: &[&str]| words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
    let known = [&extra::PLAIN[..], &extra::RECOMMENDED[..]].concat();
    let domains = extra::RESERVED.join("|").replace('.', "[.]");
    let allowed =
        format!("self.all(k, k in [{}] || (k.contains('/') && !k.matches('^([^/]*[.])?({domains})/')))", list(&known));
    let message = "has a key of Kubernetes or another controller, or a plain one that is not allowed; use app.kubernetes.io/name and its like, plain keys such as team, or a prefix of your own";
    vec![
        Rule::new(
            Place::Shape(&["name", "layout", "type"]),
            "!has(self.type) || !has(self.layout) || self.layout == 'Split'",
            "not together with layout ServiceBinding, which has a type of its own; remove it",
        )
        .at(".type"),
        Rule::new(Place::Property(TARGET, "labels"), allowed.clone(), message),
        Rule::new(Place::Property(TARGET, "annotations"), allowed, message),
    ]
}

fn authentication() -> Vec<Rule> {
    vec![Rule::new(
        Place::Property(&["mechanism"], "mechanism"),
        "self.matches('^[A-Z0-9_-]{1,20}$')",
        "must be 1 to 20 of A-Z, 0-9, - and _, such as SCRAM-SHA-512",
    )]
}

fn urls() -> Vec<Rule> {
    let http = "self.matches('^https?://[^/?# \\t\\r\\n]+[^ \\t\\r\\n]*$')";
    let absolute = "self.matches('^[a-zA-Z][a-zA-Z0-9+.-]*:[^ \\t\\r\\n]+$')";
    let rule = |field, expression, message| Rule::new(Place::Property(&["tokenURL"], field), expression, message);
    vec![
        rule("tokenURL", http, "must be an http or https URL, such as https://auth.example.com/token"),
        rule("authorizationURL", http, "must be an http or https URL, such as https://auth.example.com/authorize"),
        rule("redirectURL", absolute, "must be an absolute URL, such as https://app.example.com/callback"),
    ]
}

fn environments() -> Vec<Rule> {
    let excluded = "self.parameters.exists(p, p.name == e)";
    let scope = "must be one scope without white space; give each scope an entry of its own";
    vec![
        Rule::new(
            Place::Shape(ENVIRONMENT),
            format!("!has(self.parameters) || !has(self.excludedParameters) || !self.excludedParameters.exists(e, {excluded})"),
            "a parameter is set in parameters of the same environment; keep one of the two",
        )
        .saying(format!("self.excludedParameters.filter(e, {excluded})[0] + ' is set in parameters of the same environment; keep one of the two'"))
        .at(".excludedParameters"),
        Rule::new(
            Place::Property(ENVIRONMENT, "name"),
            format!("self.matches('{DNS_LABEL}')"),
            "must be lower-case letters, digits and -, with a letter or digit first and last, such as staging",
        ),
        Rule::new(Place::Path("spec.scopes[]"), WORD, scope),
        Rule::new(Place::Path("spec.environments[].scopes[]"), WORD, scope),
    ]
}

fn values() -> Vec<Rule> {
    vec![Rule::new(
        Place::Property(NAMED_VALUE, "name"),
        is_data_key("self"),
        format!("becomes a key of the output and must be {KEY_NAME}"),
    )]
}

fn connections() -> Vec<Rule> {
    let address = "must be one address without comma and white space; give each address an entry of its own";
    let mut rules = vec![
        Rule::new(
            Place::Property(CONNECTION, "host"),
            HOST,
            "must be a host name or an IP address, without scheme, brackets, port and path",
        ),
        Rule::new(
            Place::Property(&["mode", "serverName"], "serverName"),
            HOST,
            "must be a host name or an IP address, as the server's certificate has it",
        ),
    ];
    for place in ["spec.connection.endpoints[]", "spec.environments[].connection.endpoints[]"] {
        rules.push(Rule::new(Place::Path(place), ADDRESS, address));
    }
    rules
}

fn names() -> Vec<Rule> {
    let subdomain = format!("self.matches('{DNS_SUBDOMAIN}')");
    let mut rules = vec![
        Rule::new(
            Place::Path("spec.application"),
            "self.type == oldSelf.type",
            "cannot be changed; create a credential of another name instead",
        )
        .at(".type"),
        Rule::new(
            Place::Property(&["type", "provider"], "type"),
            "self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
            "must be lower-case letters, digits, - and ., with a letter or digit first and last, such as postgresql",
        ),
        Rule::new(
            Place::Property(&["type", "provider"], "provider"),
            "self.matches('^[a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?$')",
            "must be letters, digits, -, _ and ., with a letter or digit first and last, such as aws-rds",
        ),
        Rule::new(
            Place::Property(TARGET, "namespace"),
            format!("self.matches('{DNS_LABEL}')"),
            "must be the name of a namespace: lower-case letters, digits and -, with a letter or digit first and last",
        ),
    ];
    let output_names = [
        Place::Property(&["name", "layout"], "name"),
        Place::Path("spec.targets[].configMap.name"),
        Place::Path("spec.environments[].targets[].configMap.name"),
    ];
    let free = format!("!self.matches('{}')", reserved::pattern());
    for place in output_names {
        rules.push(Rule::new(place.clone(), subdomain.clone(), OBJECT_NAME));
        rules.push(Rule::new(place, free.clone(), RESERVED_NAME));
    }
    rules
}
