//! A credential with one preset, and what it renders: through the crate's own resolve, fill and render.

use std::collections::BTreeMap;

use appcredential_api::{AppCredentialSpec, Identity, SensitiveBytes};
use appcredential_core::render;
use appcredential_core::resolve::{self, Selection, Source};
use serde_json::{Value, json};

/// Names and texts: the fields of a credential, the keys of its outputs, or what a client found.
pub(crate) type Texts = BTreeMap<String, String>;

/// Fields that are the connection's; all others are of the authentication, and come from a Secret.
const CONNECTION: [&str; 3] = ["host", "port", "database"];

fn spec(application: &str, preset: &str, fields: &Texts) -> AppCredentialSpec {
    let of_secret = fields.keys().filter(|name| !CONNECTION.contains(&name.as_str()));
    // A mechanism is a word that validation looks at: it stands in the spec.
    let of_secret = of_secret.map(|name| match name.as_str() {
        "sasl-mechanism" => json!({"name": name, "value": fields.get(name)}),
        _ => json!({"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": name}}}),
    });
    let connection = CONNECTION.iter().filter_map(|&name| {
        let text = fields.get(name)?;
        let value = if name == "port" { json!(text.parse::<u16>().unwrap()) } else { json!(text) };
        Some((name.to_owned(), value))
    });
    let spec = json!({
        "application": {"type": application},
        "authentication": {"type": "Custom", "custom": {"fields": of_secret.collect::<Vec<_>>()}},
        "connection": connection.collect::<serde_json::Map<String, Value>>(),
        "output": {"keys": {"style": "None"}, "presets": [{"name": preset}]},
    });
    serde_json::from_value(spec).unwrap()
}

/// Returns the keys of both objects, or why a value cannot be rendered.
pub(crate) fn rendered(application: &str, preset: &str, fields: &Texts) -> Result<Texts, String> {
    let identity = Identity { namespace: "team".to_owned(), name: "app".to_owned(), uid: "uid".to_owned().into() };
    let mut all = resolve::environments(&spec(application, preset, fields), &identity, &Selection::default())
        .map_err(|problems| format!("{:?}", problems.iter().map(ToString::to_string).collect::<Vec<_>>()))?;
    let environment = all.remove(0);
    let data: BTreeMap<String, SensitiveBytes> =
        fields.iter().map(|(name, text)| (name.clone(), SensitiveBytes::from(text.as_str()))).collect();
    let sources = environment.leaves.iter().filter_map(|leaf| match &leaf.origin {
        resolve::Origin::Source { source, .. } => Some((source.clone(), Source::Found(data.clone()))),
        _ => None,
    });
    let filled = environment.fill(&sources.collect()).unwrap();
    let mut outputs = render::outputs(&identity, &filled).map_err(|problem| problem.to_string())?;
    let output = outputs.remove(0);
    let both = output.secret.data.into_iter().chain(output.config_map.data);
    Ok(both.map(|(key, value)| (key, String::from_utf8(value.expose().to_vec()).unwrap())).collect())
}
