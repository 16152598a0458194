//! What has to hold of every rendering, whatever the values.

use std::collections::BTreeSet;

use appcredential_api::admission;
use appcredential_operator::rights::{Place, When};
use serde_json::{Value, json};

use crate::generated::rules;
use crate::helm::{IMAGE, helm, object, objects, stem, values};

const NAME: &str = "appcredential-operator";

/// Each file of values with what it gives.
fn renderings() -> Vec<(String, Vec<Value>)> {
    let each = |file: &std::path::PathBuf| (stem(file).to_owned(), objects(&["--values", file.to_str().unwrap()]));
    values().iter().map(each).collect()
}

fn of_kind<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

#[test]
fn pods_are_restricted_by_the_standard_of_kubernetes() {
    for (name, objects) in renderings() {
        for deployment in of_kind(&objects, "Deployment") {
            let pod = &deployment["spec"]["template"]["spec"];
            let security = &pod["securityContext"];
            assert_eq!(security["runAsNonRoot"], true, "{name}");
            assert_eq!(security["seccompProfile"]["type"], "RuntimeDefault", "{name}");
            assert!(pod["volumes"].is_null() && pod["hostNetwork"].is_null(), "{name}");
            for container in pod["containers"].as_array().unwrap() {
                let wanted = json!({
                    "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
                });
                assert_eq!(container["securityContext"], wanted, "{name}");
            }
        }
    }
}

#[test]
fn a_disruption_budget_is_there_with_several_replicas_only() {
    for (name, objects) in renderings() {
        let replicas = of_kind(&objects, "Deployment").next().unwrap()["spec"]["replicas"].as_u64().unwrap();
        let budgets = of_kind(&objects, "PodDisruptionBudget").count();
        assert!(budgets == 0 || replicas > 1, "{name}: {replicas} replicas");
    }
    assert_eq!(of_kind(&objects(&[]), "PodDisruptionBudget").count(), 1);
}

#[test]
fn the_roles_of_the_operator_are_the_table_of_rights() {
    let everywhere = objects(&["--set=metrics.access=token", "--set=leaderElection.leaseName=the-lease"]);
    let role = |kind, name: &str| object(&everywhere, kind, name)["rules"].clone();
    assert_eq!(role("ClusterRole", NAME), json!(rules(Place::Watched, &[When::Always], "the-lease")));
    assert_eq!(role("Role", "appcredential-operator-leader"), json!(rules(Place::Home, &[When::Elected], "the-lease")));
    let cluster = |when: &[When]| json!(rules(Place::Cluster, when, "the-lease"));
    assert_eq!(role("ClusterRole", "appcredential-operator-identity"), cluster(&[When::Always, When::Reviewed]));
    assert_eq!(role("ClusterRole", "appcredential-operator-reviewer"), cluster(&[When::Scraped]));

    let some = objects(&["--set=namespaces={orders,payments}", "--set=leaderElection.leaseName=the-lease"]);
    let roles: Vec<&Value> = of_kind(&some, "Role").filter(|role| role["metadata"]["name"] == NAME).collect();
    let places: Vec<&Value> = roles.iter().map(|role| &role["metadata"]["namespace"]).collect();
    assert_eq!(places, ["orders", "payments"]);
    assert!(roles.iter().all(|role| role["rules"] == json!(rules(Place::Watched, &[When::Always], "the-lease"))));
}

/// The subjects of every binding of the operator's, and the namespaces that they hold in; none is the whole cluster.
fn bound(objects: &[Value]) -> BTreeSet<(String, Option<String>)> {
    let bindings = objects.iter().filter(|object| object["kind"].as_str().unwrap().ends_with("RoleBinding"));
    let of = |binding: &Value| {
        assert_eq!(binding["subjects"].as_array().unwrap().len(), 1);
        let subject = &binding["subjects"][0];
        assert_eq!((&subject["kind"], &subject["name"]), (&json!("ServiceAccount"), &json!(NAME)));
        assert_eq!(subject["namespace"], "appcredential-system");
        let role = format!(
            "{}/{}",
            binding["roleRef"]["kind"].as_str().unwrap(),
            binding["roleRef"]["name"].as_str().unwrap()
        );
        (role, binding["metadata"]["namespace"].as_str().map(str::to_owned))
    };
    bindings.map(of).collect()
}

#[test]
fn roles_are_bound_only_in_the_configured_namespaces() {
    let set = |list: &[(&str, Option<&str>)]| -> BTreeSet<(String, Option<String>)> {
        list.iter().map(|(role, namespace)| ((*role).to_owned(), namespace.map(str::to_owned))).collect()
    };
    let leader = ("Role/appcredential-operator-leader", Some("appcredential-system"));
    let identity = ("ClusterRole/appcredential-operator-identity", None);
    assert_eq!(bound(&objects(&[])), set(&[("ClusterRole/appcredential-operator", None), identity, leader]));
    assert_eq!(
        bound(&objects(&["--set=namespaces={orders}"])),
        set(&[("Role/appcredential-operator", Some("orders")), identity, leader])
    );
    assert_eq!(
        bound(&objects(&["--set=leaderElection.enabled=false", "--set=replicas=1"])),
        set(&[("ClusterRole/appcredential-operator", None), identity])
    );
    assert_eq!(
        bound(&objects(&["--set=metrics.access=token"])),
        set(&[
            ("ClusterRole/appcredential-operator", None),
            identity,
            leader,
            ("ClusterRole/appcredential-operator-reviewer", None)
        ])
    );
    assert_eq!(bound(&objects(&["--set=rbac.create=false"])), set(&[]));
}

#[test]
fn roles_for_people_never_speak_of_secrets() {
    let objects = objects(&[]);
    let mut aggregated = 0;
    let operators = [NAME, "appcredential-operator-identity"];
    let name = |role: &Value| role["metadata"]["name"].as_str().unwrap().to_owned();
    for role in of_kind(&objects, "ClusterRole").filter(|role| !operators.contains(&name(role).as_str())) {
        aggregated += 1;
        for rule in role["rules"].as_array().unwrap() {
            assert_eq!(rule["apiGroups"], json!(["appcredential.io"]), "{role}");
        }
    }
    assert_eq!(aggregated, 4, "view, edit, admin and service binding");
    let grants = |name: &str| {
        let rules = &object(&objects, "ClusterRole", &format!("{NAME}-{name}"))["rules"][0];
        (rules["resources"].to_string().contains("grants"), rules["verbs"].to_string().contains("create"))
    };
    assert_eq!((grants("view"), grants("edit"), grants("admin")), ((true, false), (false, true), (true, true)));
    let binding = object(&objects, "ClusterRole", "appcredential-operator-service-binding");
    assert_eq!(binding["metadata"]["labels"]["servicebinding.io/controller"], "true");
}

#[test]
fn view_reads_credentials_only_where_they_hold_no_plain_secrets() {
    let aggregated = |args: &[&str]| {
        let objects = objects(args);
        let labels = object(&objects, "ClusterRole", "appcredential-operator-view")["metadata"]["labels"].clone();
        ["view", "edit", "admin"].map(|role| labels[format!("rbac.authorization.k8s.io/aggregate-to-{role}")] == "true")
    };
    assert_eq!(aggregated(&["--set=policies.plainSecrets=Deny"]), [true; 3]);
    for args in [
        ["--set=policies.plainSecrets=Warn", "--set=policies.enabled=true"],
        ["--set=policies.plainSecrets=Allow", "--set=policies.enabled=true"],
        ["--set=policies.plainSecrets=Deny", "--set=policies.enabled=false"],
    ] {
        assert_eq!(aggregated(&args), [false, true, true], "{args:?}");
    }
}

/// The policies of the cluster, by name, and those of the release.
fn policies(objects: &[Value]) -> (Vec<&str>, Vec<&str>) {
    let name = |policy: &'static str| move |object: &&Value| object["kind"] == policy;
    let kinds = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
    let names = kinds.map(|kind| objects.iter().filter(name(kind)).map(|it| it["metadata"]["name"].as_str().unwrap()));
    let [policies, bindings] = names.map(Iterator::collect::<Vec<_>>);
    assert_eq!(policies, bindings, "each policy has its binding");
    // That on the spec is the CRD's.
    let chosen = policies.into_iter().filter(|name| *name != admission::NAME);
    chosen.partition(|name| name.ends_with(".appcredential.io"))
}

#[test]
fn policies_of_the_cluster_have_no_selector_and_one_name() {
    const ALL: [&str; 6] = ["marks", "other-namespaces", "plain-secrets", "sources", "status", "targets"];
    let all = ALL.map(|name| format!("{name}.appcredential.io"));
    let off = ["sources", "targets", "marks", "status", "plainSecrets", "otherNamespaces"];
    let off = format!("--set={}", off.map(|name| format!("policies.{name}=Allow")).join(","));
    for args in [&["--set=namespaces={orders}", "--set=fullnameOverride=other"][..], &[off.as_str()]] {
        let objects = objects(args);
        assert_eq!(policies(&objects).0, all, "{args:?}");
        let bindings = of_kind(&objects, "ValidatingAdmissionPolicyBinding");
        let chosen = |name: &str| name != admission::NAME && name.ends_with(".appcredential.io");
        let bindings = bindings.filter(|it| chosen(it["metadata"]["name"].as_str().unwrap()));
        for binding in bindings {
            assert!(binding["spec"]["matchResources"].is_null(), "{args:?}");
            let actions = &binding["spec"]["validationActions"];
            assert_eq!(
                *actions == json!(["Audit"]),
                args[0] == off,
                "Allow refuses nothing, also where it is kept: {actions}"
            );
        }
    }
    let second = objects(&["--set=policies.install=false", "--set=fullnameOverride=other"]);
    assert_eq!(
        policies(&second),
        (vec![], vec!["other-operator"]),
        "what is the account's own belongs to each release"
    );
    assert_eq!(policies(&objects(&["--set=policies.enabled=false"])), (vec![], vec![]));
}

#[test]
fn policies_of_the_cluster_stay_with_the_crds() {
    let kept = |args: &[&str]| {
        let objects = objects(args);
        let (cluster, _) = policies(&objects);
        let all = objects.iter().filter(|it| cluster.contains(&it["metadata"]["name"].as_str().unwrap()));
        let kept = all.map(|it| it["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep");
        kept.collect::<BTreeSet<_>>()
    };
    assert_eq!(kept(&[]), BTreeSet::from([true]));
    assert_eq!(kept(&["--set=crds.keep=false"]), BTreeSet::from([false]));
}

#[test]
fn system_namespaces_are_off_limits_unless_values_name_them() {
    let protected = |args: &[&str]| {
        let objects = objects(args);
        let policy =
            object(&objects, "ValidatingAdmissionPolicy", "appcredential-operator-operator")["spec"].to_string();
        ["kube-system", "kube-public", "appcredential-system"].map(|name| policy.contains(&format!("\\\"{name}\\\"")))
    };
    assert_eq!(protected(&[]), [true, true, true]);
    assert_eq!(protected(&["--set=policies.systemNamespaces={kube-public}"]), [true, false, true]);
    assert_eq!(protected(&["--set=namespaces={appcredential-system,orders}"]), [true, true, false]);
}

#[test]
fn a_name_of_digits_is_a_name_and_no_number() {
    let objects = objects(&["--set-json=namespaces=[\"123\"]", "--set-string=leaderElection.leaseName=456"]);
    let role = object(&objects, "Role", NAME);
    assert_eq!(role["metadata"]["namespace"], "123");
    let leader = object(&objects, "Role", "appcredential-operator-leader");
    assert_eq!(leader["rules"][1]["resourceNames"], json!(["456"]));
}

#[test]
fn every_object_has_common_labels_and_a_namespace_if_it_can() {
    const GLOBAL: [&str; 5] = [
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ];
    for (name, objects) in renderings() {
        for object in &objects {
            let (kind, labels) = (object["kind"].as_str().unwrap(), &object["metadata"]["labels"]);
            assert_eq!(labels["app.kubernetes.io/name"], NAME, "{name}: {kind} {}", object["metadata"]["name"]);
            assert_eq!(labels["app.kubernetes.io/instance"], NAME, "{name}: {kind}");
            assert_eq!(object["metadata"]["namespace"].is_null(), GLOBAL.contains(&kind), "{name}: {kind}");
            assert!(
                labels.as_object().unwrap().keys().all(|key| !key.starts_with("appcredential.io/")),
                "it is no output"
            );
        }
    }
    let labelled = objects(&["--set=commonLabels.team=platform"]);
    assert!(labelled.iter().all(|object| object["metadata"]["labels"]["team"] == "platform"));
}

#[test]
fn names_fit_however_long_the_release_and_its_values_are() {
    let long = "a".repeat(53);
    let name = format!("--set=fullnameOverride={}", "b".repeat(40));
    for args in [vec![], vec![name.as_str()]] {
        let output = helm(&[&["template", &long, "charts/appcredential-operator", IMAGE], &args[..]].concat());
        assert!(output.status.success());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let names = text.lines().filter_map(|line| line.strip_prefix("  name: "));
        let longest = names.map(str::len).max().unwrap();
        assert!(longest <= 63, "{longest}");
    }
}

#[test]
fn uninstalling_keeps_the_crds_unless_values_say_otherwise() {
    let policy = |args: &[&str]| -> Vec<Value> {
        let objects = objects(args);
        let crds = of_kind(&objects, "CustomResourceDefinition");
        crds.map(|crd| crd["metadata"]["annotations"]["helm.sh/resource-policy"].clone()).collect()
    };
    assert_eq!(policy(&[]), ["keep", "keep"]);
    assert_eq!(policy(&["--set=crds.keep=false"]), [Value::Null, Value::Null]);
    assert!(policy(&["--set=crds.install=false"]).is_empty());
}

/// helm writes 1.0 as 1, which is the same number.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => *value = json!(number.as_f64()),
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

#[test]
fn the_crds_of_the_chart_are_those_of_the_repository() {
    let rendered = objects(&[]);
    for (_, mut wanted) in appcredential_api::crd::all().unwrap() {
        let name = wanted["metadata"]["name"].as_str().unwrap().to_owned();
        let mut crd = object(&rendered, wanted["kind"].as_str().unwrap(), &name).clone();
        for it in [&mut crd, &mut wanted] {
            let metadata = it["metadata"].as_object_mut().unwrap();
            metadata.remove("labels");
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.remove("helm.sh/resource-policy");
            }
            metadata.retain(|_, value| *value != json!({}));
            whole_numbers(it);
        }
        assert!(crd == wanted, "{name} does not go through the template as it is");
    }
}

#[test]
fn the_operator_knows_every_argument_of_the_deployment() {
    let help =
        std::process::Command::new(env!("CARGO_BIN_EXE_appcredential-operator")).args(["run", "--help"]).output();
    let help = String::from_utf8(help.expect("the operator").stdout).unwrap();
    for (name, objects) in renderings() {
        let container = &of_kind(&objects, "Deployment").next().unwrap()["spec"]["template"]["spec"]["containers"][0];
        let args: Vec<&str> = container["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
        assert_eq!(args[0], "run", "{name}");
        for arg in &args[1..] {
            let flag = arg.split('=').next().unwrap();
            let known = [" ", "\n", " <", "["].iter().any(|end| help.contains(&format!("{flag}{end}")));
            assert!(known, "{name}: the operator has no {flag}");
        }
    }
}

#[test]
fn probes_and_ports_speak_of_the_same() {
    for (name, objects) in renderings() {
        let container = &of_kind(&objects, "Deployment").next().unwrap()["spec"]["template"]["spec"]["containers"][0];
        let ports: Vec<&str> =
            container["ports"].as_array().unwrap().iter().map(|port| port["name"].as_str().unwrap()).collect();
        for (probe, path) in [("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")] {
            assert_eq!(container[probe]["httpGet"], json!({"path": path, "port": "health"}), "{name}");
        }
        let metrics = ports.contains(&"metrics");
        assert!(ports.contains(&"health"), "{name}");
        assert_eq!(of_kind(&objects, "Service").count() == 1, metrics, "{name}");
        assert_eq!(container["args"].to_string().contains("--metrics-address="), metrics, "{name}");
    }
}
