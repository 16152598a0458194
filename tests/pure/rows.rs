//! The tables of the merge rules: a base, an environment over it, and the keys that come out.
//!
//! `environment: e` is left out of the expectations, since every output of these tables has it; a base that does not
//! speak of authentication gets type None, which is left out too. A reference to key `k` of `n` is filled with
//! `Secret/n/k` or `ConfigMap/n/k`.

use serde_json::json;

use crate::support::{Keys, effective, typed, yaml};

/// A row: everything is YAML.
pub(crate) struct Row {
    name: &'static str,
    base: &'static str,
    environment: &'static str,
    secret: &'static str,
    config_map: &'static str,
}

/// A row.
pub(crate) const fn row(
    name: &'static str,
    base: &'static str,
    environment: &'static str,
    secret: &'static str,
    config_map: &'static str,
) -> Row {
    Row { name, base, environment, secret, config_map }
}

/// Compares every row.
pub(crate) fn check(rows: &[Row]) {
    for Row { name, base, environment, secret, config_map } in rows {
        let mut base = yaml(base);
        let mut environment = yaml(environment);
        let anonymous = base.get("authentication").is_none();
        if anonymous {
            base["authentication"] = json!({"type": "None"});
        }
        environment["name"] = json!("e");
        base["environments"] = json!([environment]);
        let (actual_secret, mut actual_config_map) = effective(&typed(base));
        assert_eq!(actual_config_map.remove("environment").as_deref(), Some("e"), "{name}");
        if anonymous {
            actual_config_map.remove("auth-type");
        }
        let keys = |text: &str| -> Keys { serde_json::from_value(yaml(text)).unwrap() };
        assert_eq!(actual_secret, keys(secret), "{name}: Secret");
        assert_eq!(actual_config_map, keys(config_map), "{name}: ConfigMap");
    }
}
