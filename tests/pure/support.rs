//! What the tests share: specs from short YAML, sources whose values tell where they come from, and outputs as text.

use std::collections::BTreeMap;

use appcredential_api::{AppCredentialSpec, Identity, Problems, SensitiveBytes};
use appcredential_core::render::{self, Object, Output};
use appcredential_core::resolve::{self, Environment, Inputs, Origin, Selection, Source};
use serde_json::{Value, json};

/// The data of one object, as text.
pub(crate) type Keys = BTreeMap<String, String>;

/// The credential of the tests: `team/app`.
pub(crate) fn identity() -> Identity {
    named("app")
}

/// A credential of this name in the namespace `team`.
pub(crate) fn named(name: &str) -> Identity {
    Identity { namespace: "team".to_owned(), name: name.to_owned(), uid: format!("uid-of-{name}").into() }
}

/// Reads a piece of YAML. Only `true` and `false` are booleans, so that `n` and `y` can be names in the tables.
pub(crate) fn yaml(text: &str) -> Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    let value: Value =
        serde_saphyr::from_str_with_options(text, options).unwrap_or_else(|error| panic!("{error}\n{text}"));
    if value.is_null() { json!({}) } else { value }
}

/// A spec from YAML, with the application `{type: db}` where none is given.
pub(crate) fn spec(text: &str) -> AppCredentialSpec {
    typed(yaml(text))
}

/// A spec from JSON, with the application `{type: db}` where none is given.
pub(crate) fn typed(mut value: Value) -> AppCredentialSpec {
    value.as_object_mut().unwrap().entry("application").or_insert_with(|| json!({"type": "db"}));
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}\n{value}"))
}

/// A base with one environment `e`, both as YAML.
pub(crate) fn with_environment(base: &str, environment: &str) -> AppCredentialSpec {
    let mut environment = yaml(environment);
    environment["name"] = json!("e");
    let mut spec = yaml(base);
    spec["environments"] = json!([environment]);
    typed(spec)
}

/// Every environment of a spec of `team/app`.
pub(crate) fn environments(spec: &AppCredentialSpec) -> Result<Vec<Environment>, Problems> {
    resolve::environments(spec, &identity(), &Selection::default())
}

/// The only environment of an accepted spec.
pub(crate) fn environment(spec: &AppCredentialSpec) -> Environment {
    let mut all = environments(spec).unwrap_or_else(|problems| panic!("refused: {problems:#?}"));
    assert_eq!(all.len(), 1, "one environment is expected");
    all.remove(0)
}

/// Sources that have all that the environments ask for: the value of a key is `<kind>/<name>/<key>`.
pub(crate) fn inputs<'a>(environments: impl IntoIterator<Item = &'a Environment>) -> Inputs {
    let mut data: BTreeMap<_, BTreeMap<String, SensitiveBytes>> = BTreeMap::new();
    for leaf in environments.into_iter().flat_map(|environment| &environment.leaves) {
        if let Origin::Source { source, key, .. } = &leaf.origin {
            let value = format!("{}/{}/{key}", source.kind, source.name);
            data.entry(source.clone()).or_default().insert(key.clone(), SensitiveBytes::from(value.as_str()));
        }
    }
    data.into_iter().map(|(source, data)| (source, Source::Found(data))).collect()
}

/// The outputs of an environment all of whose sources are there.
pub(crate) fn outputs(identity: &Identity, environment: &Environment) -> Vec<Output> {
    let filled = environment.fill(&inputs([environment])).unwrap_or_else(|problems| panic!("{problems:#?}"));
    render::outputs(identity, &filled).unwrap_or_else(|problem| panic!("{problem}"))
}

/// The only output of the only environment of a spec.
pub(crate) fn output(spec: &AppCredentialSpec) -> Output {
    let mut all = outputs(&identity(), &environment(spec));
    assert_eq!(all.len(), 1, "one target is expected");
    all.remove(0)
}

/// The data of an object as text.
pub(crate) fn text(object: &Object) -> Keys {
    let text = |bytes: &SensitiveBytes| String::from_utf8_lossy(bytes.expose()).into_owned();
    object.data.iter().map(|(key, value)| (key.clone(), text(value))).collect()
}

/// The data of both objects of a spec with one environment: `secret` and `configMap`.
pub(crate) fn effective(spec: &AppCredentialSpec) -> (Keys, Keys) {
    let output = output(spec);
    (text(&output.secret), text(&output.config_map))
}

/// The problems of a spec as `Reason path`, in the order in which they are told.
pub(crate) fn problems(spec: &AppCredentialSpec) -> Vec<String> {
    match environments(spec) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(|problem| format!("{} {}", problem.reason, problem.path())).collect(),
    }
}

/// Compares lists without regard to their order.
#[track_caller]
pub(crate) fn assert_same(name: &str, mut actual: Vec<String>, expected: &[&str]) {
    let mut expected: Vec<String> = expected.iter().map(|&text| text.to_owned()).collect();
    actual.sort();
    expected.sort();
    assert_eq!(actual, expected, "{name}");
}

/// The root of the workspace.
pub(crate) fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads a file of the workspace.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the files with this ending below a folder of the workspace, as paths from its root.
pub(crate) fn files_below(folder: &str, ending: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}")) {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        let kind = entry.file_type().unwrap();
        match path.ends_with("/target") {
            true => {}
            false if kind.is_dir() => files.extend(files_below(&path, ending)),
            false if path.ends_with(ending) => files.push(path),
            false => {}
        }
    }
    files.sort();
    files
}
