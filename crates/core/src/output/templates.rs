//! Templates: what they use, and what they write.
//!
//! A template sees the keys of its environment and nothing else: no clock, randomness, environment, network, cluster, other
//! template. It takes what it takes: fuel pays for each step and each byte, so that no template runs for long or grows large.
//! What minijinja says of an error is not passed on, since it may quote a value.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, UndefinedBehavior, Value};

use super::escape;
use super::scan::{Word, words};
use super::shape::identifier;
use super::text::Text;
use super::values::Values;
use super::wrong::Wrong;
use crate::resolve::Class;
use appcredential_api::SensitiveBytes;
use appcredential_api::output::{TEMPLATE_MAX, TemplateFormat};

/// How much a template may write: what an object may hold.
const OUTPUT_MAX: usize = 1024 * 1024;
/// How much work a template may be: a step or 64 bytes each. What fits into an object takes half of it.
const FUEL: u64 = 30_000;

/// The filters of templates.
pub const FILTERS: [&str; 10] =
    ["b64decode", "b64encode", "default", "join", "lower", "replace", "tojson", "trim", "upper", "urlencode"];

/// A variable of a template.
#[derive(Clone, Debug)]
pub(super) enum Variable {
    /// A key.
    Key(Text),
    /// An optional value that is not there, and whether it is secret.
    Absent(bool),
    /// A value that is no text, or two keys that give one name: what is said where it is used.
    Unusable(Wrong, bool),
}

impl Variable {
    pub(super) fn is_secret(&self) -> bool {
        match self {
            Self::Key(text) => text.is_secret(),
            Self::Absent(secret) | Self::Unusable(_, secret) => *secret,
        }
    }
}

/// Returns the variables that the keys of an environment and of its presets are.
pub(super) fn variables(values: &Values<'_, '_>, made: &[(String, Text)]) -> BTreeMap<String, Variable> {
    let mut out = BTreeMap::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let keys = values.keys().map(|key| {
        let variable = match values.text(key) {
            Ok(Some(text)) => Variable::Key(text),
            Ok(None) => Variable::Absent(true),
            Err(wrong) => {
                let public = values.part(key).ok().flatten().is_some_and(|part| part.class != Class::Secret);
                Variable::Unusable(wrong, !public)
            }
        };
        (key.to_owned(), variable)
    });
    let made = made.iter().map(|(key, text)| (key.clone(), Variable::Key(text.clone())));
    let absent = values.absent.iter().map(|(key, secret)| ((*key).to_owned(), Variable::Absent(*secret)));
    for (key, variable) in keys.chain(absent).chain(made) {
        let name = identifier(&key);
        let Some(first) = names.get(&name) else {
            names.insert(name.clone(), key);
            out.insert(name, variable);
            continue;
        };
        let secret = variable.is_secret() || out.get(&name).is_some_and(Variable::is_secret);
        let wrong = Wrong::Ambiguous { key: name.clone(), first: first.clone(), second: key };
        out.insert(name, Variable::Unusable(wrong, secret));
    }
    out
}

/// Returns the variables that a template uses, in whatever branch.
///
/// # Errors
/// What is wrong with it: its syntax, or a name that is not there.
pub(super) fn used(template: &str, variables: &BTreeMap<String, Variable>) -> Result<BTreeSet<String>, Wrong> {
    if template.len() > TEMPLATE_MAX {
        let message = format!("is longer than the {TEMPLATE_MAX} bytes that a template may have; divide it");
        return Err(Wrong::Template { line: None, message });
    }
    let words = words(template)?;
    let engine = engine(TemplateFormat::Text);
    let compiled = engine.template_from_str(template).map_err(|error| invalid(&error))?;
    if let Some(Word { line, text, .. }) = words.iter().find(|word| word.is_filter && !FILTERS.contains(&word.text)) {
        let message = format!("uses the filter {text}; there are {}", FILTERS.join(", "));
        return Err(Wrong::Template { line: Some(*line), message });
    }
    let used: BTreeSet<String> = compiled.undeclared_variables(false).into_iter().collect();
    for name in &used {
        match variables.get(name) {
            Some(Variable::Key(_) | Variable::Absent(_)) => {}
            Some(Variable::Unusable(wrong, _)) => return Err(wrong.clone()),
            None => {
                let message = format!(
                    "uses {name}, which no field and no preset gives; there are {}",
                    variables.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
                );
                let line = words.iter().find(|word| word.text == name && !word.is_filter).map(|word| word.line);
                return Err(Wrong::Template { line, message: shortened(message) });
            }
        }
    }
    Ok(used)
}

/// Renders a template with these variables.
///
/// # Errors
/// Why it cannot be rendered, with the line and never a value.
pub(super) fn render<'v>(
    format: TemplateFormat,
    template: &str,
    variables: impl Iterator<Item = (&'v String, &'v Variable)>,
) -> Result<SensitiveBytes, Wrong> {
    let engine = engine(format);
    let value = |(name, variable): (&String, &Variable)| match variable {
        Variable::Key(text) => Some((name.clone(), value_of(name, text.expose()))),
        Variable::Absent(_) | Variable::Unusable(..) => None,
    };
    let variables: Vec<(&String, &Variable)> = variables.collect();
    let absent = variables.iter().filter(|(_, variable)| matches!(variable, Variable::Absent(_)));
    let absent: BTreeSet<&str> = absent.map(|(name, _)| name.as_str()).collect();
    let context: BTreeMap<String, Value> = variables.iter().copied().filter_map(value).collect();
    let compiled = engine.template_from_str(template).map_err(|error| invalid(&error))?;
    let text = compiled.render(Value::from(context)).map_err(|error| failed(&error, template, &absent))?;
    if text.len() > OUTPUT_MAX {
        let message = "writes more than the 1 MiB that an object may hold; make it shorter".to_owned();
        return Err(Wrong::Rendering { line: None, message });
    }
    Ok(SensitiveBytes::from(text.into_bytes()))
}

/// Returns a value for a template: a port is a number, all else is text.
fn value_of(name: &str, text: &str) -> Value {
    let port = (name == "port").then(|| text.parse::<u16>().ok()).flatten();
    port.map_or_else(|| Value::from(text), Value::from)
}

/// Returns an engine that knows nothing but our filters.
fn engine(format: TemplateFormat) -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(32);
    // A block that was captured is escaped already, and known for it as soon as there is any escaping.
    let escaping = if format == TemplateFormat::Text {
        AutoEscape::None
    } else {
        AutoEscape::Custom(Cow::Borrowed(format.word()))
    };
    engine.set_auto_escape_callback(move |_| escaping.clone());
    engine.set_formatter(move |out, _, value| write(out, format, value));
    // A line that has nothing but a block is no line of the output.
    let mut syntax = SyntaxConfig::builder();
    syntax.keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true);
    if let Ok(syntax) = syntax.build() {
        engine.set_syntax(syntax);
    }
    engine.add_test("defined", |value: &Value| !value.is_undefined());
    engine.add_test("undefined", Value::is_undefined);
    engine.add_filter("lower", |value: &Value| in_words(value).map(|text| text.to_lowercase()));
    engine.add_filter("upper", |value: &Value| in_words(value).map(|text| text.to_uppercase()));
    engine.add_filter("trim", |value: &Value| in_words(value).map(|text| text.trim().to_owned()));
    engine.add_filter("urlencode", |value: &Value| in_words(value).map(|text| escape::uri(&text)));
    engine.add_filter("tojson", |value: &Value| escaped(TemplateFormat::JSON, value).map(Value::from_safe_string));
    engine.add_filter("b64encode", |value: &Value| in_words(value).map(|text| escape::base64(text.as_bytes())));
    engine.add_filter("b64decode", decode);
    engine.add_filter("default", default);
    engine.add_filter("join", join);
    engine.add_filter("replace", replace);
    engine
}

/// Why a value cannot be written: words of ours, which name no value.
#[derive(Debug)]
struct Refused(&'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Refused {}

fn refused(why: &'static str) -> Error {
    Error::from(ErrorKind::InvalidOperation).with_source(Refused(why))
}

/// Returns a value as text: what stands for itself, and no list and no map.
fn in_words(value: &Value) -> Result<Cow<'_, str>, Error> {
    match value.kind() {
        ValueKind::String => value.as_str().map(Cow::Borrowed).ok_or_else(|| refused("uses a value that is no text")),
        ValueKind::Number => Ok(Cow::Owned(value.to_string())),
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => Err(refused("writes what is neither text nor a number; write its parts one by one")),
    }
}

/// Returns a value as a format writes it.
fn escaped(format: TemplateFormat, value: &Value) -> Result<String, Error> {
    let text = in_words(value)?;
    let is_number = value.kind() == ValueKind::Number;
    match format {
        TemplateFormat::Text => Ok(text.into_owned()),
        TemplateFormat::YAML | TemplateFormat::JSON if is_number => Ok(text.into_owned()),
        TemplateFormat::YAML | TemplateFormat::JSON => Ok(escape::json(&text)),
        TemplateFormat::URI => Ok(escape::uri(&text)),
        TemplateFormat::Properties => Ok(escape::properties(&text)),
        TemplateFormat::INI => escape::ini(&text).map_err(refused),
        TemplateFormat::Dotenv => escape::dotenv(&text).map_err(refused),
        TemplateFormat::XML => escape::xml(&text).map_err(refused),
    }
}

fn write(out: &mut Output<'_>, format: TemplateFormat, value: &Value) -> Result<(), Error> {
    match value.as_str().filter(|_| value.is_safe()) {
        Some(text) => out.write_str(text).map_err(Error::from),
        None => out.write_str(&escaped(format, value)?).map_err(Error::from),
    }
}

fn decode(value: &Value) -> Result<String, Error> {
    let bytes = escape::from_base64(in_words(value)?.trim()).ok_or_else(|| refused("decodes what is no Base64"))?;
    String::from_utf8(bytes).map_err(|_| refused("decodes what is no text"))
}

/// Returns the value, or another one where it is not there; with `true` also where it is empty.
fn default(value: &Value, other: Option<Value>, or_empty: Option<bool>) -> Value {
    let is_empty = or_empty == Some(true) && !value.is_true();
    if value.is_undefined() || is_empty { other.unwrap_or_else(|| Value::from("")) } else { value.clone() }
}

fn join(list: &Value, separator: Option<&str>) -> Result<String, Error> {
    if list.kind() != ValueKind::Seq {
        return Err(refused("joins what is no list"));
    }
    let mut out = String::new();
    for (index, item) in list.try_iter()?.enumerate() {
        if index > 0 {
            out.push_str(separator.unwrap_or_default());
        }
        out.push_str(&in_words(&item)?);
        if out.len() > OUTPUT_MAX {
            return Err(Error::from(ErrorKind::OutOfFuel));
        }
    }
    Ok(out)
}

fn replace(value: &Value, from: &str, to: &str) -> Result<String, Error> {
    let text = in_words(value)?;
    // Known before it is made: it could be a million times as large.
    let found = if from.len() < to.len() { text.matches(from).count() } else { 0 };
    if text.len().saturating_add(found.saturating_mul(to.len())) > OUTPUT_MAX {
        return Err(Error::from(ErrorKind::OutOfFuel));
    }
    Ok(text.replace(from, to))
}

/// Returns what is said of a template that cannot be understood.
fn invalid(error: &Error) -> Wrong {
    let message = "is no valid template: {{ key }}, {{ key | filter }}, {% if key is defined %} and their like; there is no include, import, macro or function";
    Wrong::Template { line: error.line(), message: message.to_owned() }
}

/// Returns what is said of a template that failed on these values.
fn failed(error: &Error, template: &str, absent: &BTreeSet<&str>) -> Wrong {
    let line = error.line();
    let refused = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Refused>());
    let message = match (refused, error.kind()) {
        (Some(Refused(why)), _) => (*why).to_owned(),
        (None, ErrorKind::OutOfFuel) => "takes too much work, or writes too much; make it shorter".to_owned(),
        (None, ErrorKind::UndefinedError) => {
            let words = words(template).unwrap_or_default();
            let first = words.iter().find(|word| Some(word.line) == line && absent.contains(word.text));
            let name = first.map(|word| format!(": {}", word.text)).unwrap_or_default();
            format!(
                "uses a value that is not there{name}; write {{{{ key | default(\"…\") }}}}, or {{% if key is defined %}}"
            )
        }
        (None, ErrorKind::UnknownFilter) => {
            format!("uses a filter that is not there; there are {}", FILTERS.join(", "))
        }
        (None, ErrorKind::UnknownTest) => "uses a test that is not there; there are defined and undefined".to_owned(),
        (None, ErrorKind::TooManyArguments | ErrorKind::MissingArgument) => {
            "gives a filter too many arguments, or too few".to_owned()
        }
        (None, _) => "does something that cannot be done with these values".to_owned(),
    };
    Wrong::Rendering { line, message }
}

/// Cuts a message that lists names.
fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(400) {
        message.truncate(end);
        message.push_str(" …");
    }
    message
}
