//! Templates: whatever they say, they end, and what they write is secret where anything secret went into it.
//!
//! The input is `{format, template}`. The environment has a password from a Secret, and settings that are not secret.

use appcredential_api::{AppCredentialSpec, SensitiveBytes};
use appcredential_core::render;
use appcredential_core::resolve::{self, Selection};
use serde::Deserialize;
use serde_json::json;

use super::support::{CANARY, assert_hidden, identity, inputs};

#[derive(Deserialize)]
struct Input {
    #[serde(default)]
    format: Option<String>,
    template: String,
}

pub(super) fn run(data: &[u8]) {
    let Ok(Input { format, template }) = serde_json::from_slice::<Input>(data) else { return };
    if template.contains("CANARY") {
        return;
    }
    let Some(spec) = spec(format.as_deref().unwrap_or("Text"), &template) else { return };
    let all = match resolve::environments(&spec, &identity(), &Selection::default()) {
        Ok(all) => all,
        Err(problems) => {
            assert!(problems.iter().all(|problem| problem.path().starts_with("spec.output")), "{problems:?}");
            return;
        }
    };
    let sources = inputs(&all);
    for environment in &all {
        let filled = environment.fill(&sources).expect("all sources are there");
        let rendered = render::outputs(&identity(), &filled);
        assert_eq!(rendered, render::outputs(&identity(), &filled), "rendering is a function");
        assert_hidden("what is rendered", &rendered);
        for output in rendered.into_iter().flatten() {
            let (secret, public) = (output.secret.data.get("t"), output.config_map.data.get("t"));
            assert!(secret.is_some() != public.is_some(), "a template gives its key in one of the two");
            assert!(!output.config_map.data.values().any(has_canary), "a ConfigMap has a secret");
            assert!(template.contains("password") || !secret.is_some_and(has_canary), "a value came from nowhere");
        }
    }
}

fn has_canary(value: &SensitiveBytes) -> bool {
    value.expose().windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

/// Makes a spec with this template; none for a format that there is not.
fn spec(format: &str, template: &str) -> Option<AppCredentialSpec> {
    let password = json!({"valueFrom": {"secretKeyRef": {"name": "s", "key": "password"}}});
    let spec = json!({
        "application": {"type": "db"},
        "authentication": {"type": "Basic", "basic": {"username": {"value": "u"}, "password": password}},
        "connection": {"host": "h", "port": 1},
        "parameters": [{"name": "pool-size", "value": "5"}],
        "output": {"templates": [{"key": "t", "format": format, "template": template}]},
    });
    serde_json::from_value(spec).ok()
}
