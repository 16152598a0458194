//! Credentials to compute with: a small one, a usual one, the largest that admission accepts, and ones that grow in
//! one direction only.

use serde_json::{Value, json};

/// How many entries each list of a credential has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) parameters: usize,
    pub(crate) environments: usize,
    /// Of each environment.
    pub(crate) targets: usize,
}

/// The sizes that the schema allows at most.
pub(crate) const LARGEST: Size = Size { parameters: 128, environments: 16, targets: 8 };

/// A spec in the form in which the API server sends it.
pub(crate) struct Input {
    pub(crate) name: &'static str,
    pub(crate) json: String,
}

/// The three that costs are told of.
pub(crate) fn inputs() -> [Input; 3] {
    [
        Input { name: "small", json: small().to_string() },
        Input { name: "usual", json: sized(Size { parameters: 6, environments: 2, targets: 1 }).to_string() },
        Input { name: "largest", json: largest().to_string() },
    ]
}

fn small() -> Value {
    json!({
        "application": {"type": "postgresql"},
        "authentication": {"type": "Basic", "basic": {"username": {"value": "orders_app"}, "password": from("base")}},
        "connection": {"protocol": "postgresql", "host": "pg.internal", "port": 5432},
    })
}

fn from(name: &str) -> Value {
    json!({"valueFrom": {"secretKeyRef": {"name": format!("source-{name}"), "key": "password"}}})
}

/// A credential with lists of this size.
pub(crate) fn sized(size: Size) -> Value {
    let mut spec = small();
    spec["application"]["provider"] = json!("confluent");
    spec["scopes"] = json!(["orders:read", "orders:write"]);
    let parameter = |index: usize| json!({"name": format!("parameter-{index:03}"), "value": format!("value-{index}")});
    spec["parameters"] = (0..size.parameters).map(parameter).collect();
    if size.environments == 0 {
        spec["targets"] = targets("only", size.targets);
    } else {
        spec["environments"] = (0..size.environments).map(|index| environment(index, size.targets)).collect();
    }
    spec
}

fn environment(index: usize, count: usize) -> Value {
    let name = format!("environment-{index:02}");
    json!({
        "name": name,
        "authentication": {"basic": {"password": from(&name)}},
        "connection": {"host": format!("pg.{name}.internal")},
        "targets": targets(&name, count),
    })
}

fn targets(of: &str, count: usize) -> Value {
    let target = |index: usize| {
        let name = format!("{of}-{index}");
        json!({"secret": {"name": name}, "configMap": {"name": name}})
    };
    (0..count).map(target).collect()
}

/// All lists as long as the schema allows, within what etcd stores in one object.
fn largest() -> Value {
    let mut spec = sized(LARGEST);
    spec["scopes"] = (0..64).map(|index| json!(format!("scope-{index:02}:{}", "x".repeat(40)))).collect();
    spec["connection"]["endpoints"] = (0..64).map(|index| json!(format!("broker-{index:02}.internal:9093"))).collect();
    let property = |index: usize| json!({"name": format!("property-{index:02}"), "value": "p".repeat(200)});
    spec["connection"]["properties"] = (0..64).map(property).collect();
    for environment in spec["environments"].as_array_mut().expect("environments") {
        // An endpoint beside the host is fine, and each environment has as many parameters of its own as it may.
        let own = |index: usize| json!({"name": format!("own-{index:02}"), "value": "o".repeat(200)});
        environment["parameters"] = (0..64).map(own).collect();
        environment["excludedParameters"] = (0..64).map(|index| json!(format!("parameter-{index:03}"))).collect();
    }
    spec
}
