//! The examples of the README and of docs/: each piece of YAML is read and gives what stands below it.
//!
//! A page shows a credential and then `secret:` and `configMap:`, the data that the environment `production` (or the only
//! one) gives. A source holds `<name>.<key>`, unless the page has the Secret itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use appcredential_api::{AppCredentialGrantSpec, AppCredentialSpec, Identity, SensitiveBytes, plain};
use appcredential_core::plan::Consent;
use appcredential_core::render;
use appcredential_core::resolve::{self, Inputs, Origin, Selection, Source};
use serde_json::{Value, json};

use crate::support::{Keys, files_below, named, read, root, text, typed, yaml};

/// The pieces of YAML of a page.
pub(crate) fn pieces(page: &str) -> Vec<String> {
    let text = read(page);
    let mut pieces = Vec::new();
    let mut piece: Option<String> = None;
    for line in text.lines() {
        match (&mut piece, line.trim_end()) {
            (None, "```yaml") => piece = Some(String::new()),
            (Some(_), "```") => pieces.extend(piece.take()),
            (Some(open), line) => {
                open.push_str(line);
                open.push('\n');
            }
            (None, _) => {}
        }
    }
    pieces
}

/// Sources that hold `<name>.<key>`, but for those that the page gives.
fn inputs(environment: &resolve::Environment, given: &BTreeMap<String, String>) -> Inputs {
    let mut data: BTreeMap<_, BTreeMap<String, SensitiveBytes>> = BTreeMap::new();
    for leaf in &environment.leaves {
        if let Origin::Source { source, key, .. } = &leaf.origin {
            let place = format!("{}.{key}", source.name);
            let value = given.get(&place).unwrap_or(&place);
            data.entry(source.clone()).or_default().insert(key.clone(), SensitiveBytes::from(value.as_str()));
        }
    }
    data.into_iter().map(|(source, data)| (source, Source::Found(data))).collect()
}

/// The data that the environment `production`, or the only one, gives.
pub(crate) fn effective(
    name: &str,
    spec: &AppCredentialSpec,
    given: &BTreeMap<String, String>,
) -> (Keys, Keys, String) {
    let identity = named(name);
    let environments = resolve::environments(spec, &identity, &Selection::default());
    let environments = environments.unwrap_or_else(|problems| panic!("{problems:#?}"));
    let environment = environments.iter().find(|e| e.label() == "production").unwrap_or(&environments[0]);
    let filled = environment.fill(&inputs(environment, given)).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let output = render::outputs(&identity, &filled).unwrap().remove(0);
    (text(&output.secret), text(&output.config_map), output.secret.name)
}

#[track_caller]
fn compare(page: &str, actual: &(Keys, Keys, String), expected: &Value) {
    let keys = |field: &str| -> Keys { serde_json::from_value(expected[field].clone()).unwrap() };
    assert_eq!(actual.0, keys("secret"), "{page}: Secret");
    assert_eq!(actual.1, keys("configMap"), "{page}: ConfigMap");
}

#[test]
fn each_example_of_the_merging_page_gives_what_stands_below_it() {
    let pieces = pieces("docs/merging.md");
    assert!(pieces.len() >= 12, "the page has examples: {}", pieces.len());
    for pair in pieces.chunks(2) {
        let spec = typed(yaml(&pair[0])["spec"].clone());
        compare(&pair[0], &effective("app", &spec, &BTreeMap::new()), &yaml(&pair[1]));
    }
}

#[test]
fn the_readme_example_gives_its_outputs_and_takes_environments() {
    let pieces = pieces("README.md");
    let [example, outputs, pod, environments] = &pieces[..] else { panic!("four pieces: {}", pieces.len()) };
    let documents: Vec<Value> = serde_saphyr::from_multiple(example).unwrap();
    let [secret, credential] = &documents[..] else { panic!("a Secret and a credential") };
    let source = secret["metadata"]["name"].as_str().unwrap();
    let data = secret["stringData"].as_object().unwrap();
    let given =
        data.iter().map(|(key, value)| (format!("{source}.{key}"), value.as_str().unwrap().to_owned())).collect();
    let name = credential["metadata"]["name"].as_str().unwrap();
    compare("README.md", &effective(name, &typed(credential["spec"].clone()), &given), &yaml(outputs));

    let read = yaml(pod)["spec"]["containers"][0]["envFrom"].clone();
    assert_eq!(
        read,
        json!([{"secretRef": {"name": name}}, {"configMapRef": {"name": name}}]),
        "the pod reads the outputs"
    );

    let mut with_environments = credential["spec"].clone();
    with_environments["environments"] = yaml(environments)["environments"].clone();
    let (secret, config_map, output) = effective(name, &typed(with_environments), &given);
    assert_eq!(output, "orders-db-production");
    assert_eq!(secret["PGPASSWORD"], "orders-db-production-source.password");
    assert_eq!(config_map["PGHOST"], "pg.internal");
}

#[test]
fn the_grants_in_the_docs_allow_exactly_the_targets_beside_them() {
    let pieces = pieces("docs/namespaces.md");
    let [credential, staging, production] = &pieces[..] else { panic!("three pieces: {}", pieces.len()) };
    let credential = yaml(credential);
    let identity = Identity { namespace: "orders".to_owned(), name: "orders-db".to_owned(), uid: "uid".into() };
    let spec = typed(credential["spec"].clone());
    let environments = resolve::environments(&spec, &identity, &Selection::default()).expect("accepted");
    let targets: Vec<_> = environments.into_iter().flat_map(|environment| environment.targets).collect();
    let places: Vec<String> = targets.iter().map(|it| format!("{}/{}", it.namespace, it.secret_name)).collect();
    assert_eq!(places, ["orders-staging/orders-db", "orders/orders-db-production", "orders-production/database"]);
    let permitted = |grants: &[&String]| -> Vec<bool> {
        let grant = |text: &&String| {
            let grant = yaml(text);
            let spec: AppCredentialGrantSpec = serde_json::from_value(grant["spec"].clone()).expect("a grant");
            (grant["metadata"]["namespace"].as_str().expect("a namespace").to_owned(), Arc::new(spec))
        };
        let consent = Consent { grants: grants.iter().map(grant).collect(), ..Consent::default() };
        targets.iter().map(|target| consent.target(&identity, target).is_ok()).collect()
    };
    assert_eq!(permitted(&[]), [false, true, false]);
    assert_eq!(permitted(&[staging]), [true, true, false]);
    assert_eq!(permitted(&[production]), [false, true, true]);
    assert_eq!(permitted(&[staging, production]), [true, true, true]);
}

/// The specs of credentials in a piece of YAML; environments alone are those of a spec.
fn specs(piece: &str) -> Vec<AppCredentialSpec> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(piece).unwrap_or_else(|error| panic!("{error}\n{piece}"));
    let spec = |document: &Value| match &document["environments"] {
        Value::Array(_) => Some(typed(json!({"environments": document["environments"]}))),
        _ => document["spec"]["application"].is_object().then(|| typed(document["spec"].clone())),
    };
    documents.iter().filter_map(spec).collect()
}

/// The files of a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    let names = entries.map(|name| format!("{folder}/{}", name.to_str().unwrap()));
    names.filter(|name| name.ends_with(ending)).collect()
}

#[test]
fn no_example_has_a_secret_as_plain_text() {
    let pages = [files_below("docs", ".md"), vec!["README.md".to_owned()]].concat();
    let pages = pages.iter().flat_map(|page| pieces(page).into_iter().map(|piece| (page.clone(), piece)));
    let examples = files("examples", ".yaml").into_iter().map(|file| (file.clone(), read(&file)));
    let all =
        pages.chain(examples).flat_map(|(from, piece)| specs(&piece).into_iter().map(move |it| (from.clone(), it)));
    let all: Vec<(String, AppCredentialSpec)> = all.collect();
    assert!(all.len() >= 18, "{}", all.len());
    for (from, spec) in all {
        assert!(plain::fields(&spec).is_empty(), "{from}: {:?}", plain::fields(&spec));
    }
}

#[test]
fn every_link_of_the_readme_and_the_docs_leads_to_a_file() {
    let docs = files_below("docs", ".md");
    let others = ["README.md", "CONTRIBUTING.md", "charts/appcredential-operator/README.md"].map(str::to_owned);
    let pages = others.into_iter().chain(docs);
    for page in pages {
        let text = read(&page);
        let folder = root().join(&page).parent().unwrap().to_owned();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let file = link.split('#').next().unwrap();
            assert!(folder.join(file).exists(), "{page}: {link}");
        }
    }
}
