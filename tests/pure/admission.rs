//! The policy that comes with the CRD says nothing that the credential itself would not say in a cluster that has the CRD
//! alone: each manifest that it refuses is a problem of the same field in the same words.

use appcredential_api::{AppCredentialSpec, Identity, admission};
use appcredential_core::resolve::{self, Selection};
use serde_json::Value;

use crate::support::yaml;

/// The problems that the policy tells in what kubectl prints: `<field>: <what is wrong>`.
fn told(message: &str) -> Option<Vec<String>> {
    let (_, text) = message.split_once(&format!("with binding '{}' denied request: ", admission::NAME))?;
    Some(text.trim().split(" | ").map(str::to_owned).collect())
}

fn problems(manifest: &Value) -> Vec<String> {
    let spec: AppCredentialSpec = serde_json::from_value(manifest["spec"].clone()).unwrap();
    let name = manifest["metadata"]["name"].as_str().unwrap().to_owned();
    let identity = Identity { namespace: "team".to_owned(), name, uid: "uid".into() };
    let refused = resolve::environments(&spec, &identity, &Selection::default()).unwrap_err();
    refused.iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_policy_refuses_the_condition_says_as_well() {
    let cases = yaml(include_str!("../fixtures/refused.yaml"));
    let mut by_policy = 0;
    for case in cases.as_array().unwrap() {
        let Some(told) = told(case["message"].as_str().unwrap()) else { continue };
        let problems = problems(&case["manifest"]);
        // What the base has wrong is wrong in each environment.
        let everywhere = |problem: &str| {
            let field = problem.strip_prefix("spec.");
            field.is_some_and(|field| problems.iter().any(|known| known.ends_with(&format!("].{field}"))))
        };
        for problem in told {
            let known = problems.contains(&problem) || everywhere(&problem);
            assert!(known, "{}: {problem}\n{problems:#?}", case["name"]);
        }
        by_policy += 1;
    }
    assert!(by_policy >= 40, "{by_policy} manifests");
}

#[test]
fn the_policy_names_a_field_and_a_remedy_in_each_problem() {
    let policy = admission::policy().unwrap().to_string();
    assert!(!policy.contains("object.status"), "it is about the spec");
    let remedies = ["must be", "set ", "remove it", "use ", "give ", "choose "];
    let variables = admission::policy().unwrap()["spec"]["variables"].clone();
    let texts = variables.as_array().unwrap().iter().filter(|variable| {
        let expression = variable["expression"].as_str().unwrap();
        expression.contains(": is ") || expression.contains(": holds ") || expression.contains(": does ")
    });
    let mut count = 0;
    for variable in texts {
        let expression = variable["expression"].as_str().unwrap();
        assert!(remedies.iter().any(|remedy| expression.contains(remedy)), "{variable}");
        count += 1;
    }
    assert!(count >= 4, "{count}");
}
