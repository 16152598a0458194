//! Wrong values are refused, and what is said names the value.

use crate::helm::template;

/// Arguments, and what has to be said of them.
const REFUSED: &[(&[&str], &[&str])] = &[
    (&["--set=image.repository="], &["image.repository: missing", "docs/image.md"]),
    (&["--set=replica=2"], &["additional properties 'replica' not allowed"]),
    (&["--set=image.name=x"], &["/image", "additional properties 'name' not allowed"]),
    (&["--set=replicas=many"], &["/replicas", "got string, want integer"]),
    (&["--set=replicas=-1"], &["/replicas", "minimum"]),
    (&["--set=concurrency=0"], &["/concurrency", "minimum"]),
    (&["--set=concurrency=257"], &["/concurrency", "maximum"]),
    (&["--set=logging.level=loud"], &["/logging/level", "'off', 'error', 'warn', 'info', 'debug', 'trace'"]),
    (&["--set=metrics.access=anybody"], &["/metrics/access", "'open', 'token'"]),
    (&["--set=policies.plainSecrets=true"], &["/policies/plainSecrets"]),
    (&["--set=policies.marks=deny"], &["/policies/marks", "'Deny', 'Warn', 'Allow'"]),
    (&["--set=namespaces={Orders}"], &["/namespaces/0", "does not match pattern"]),
    (&["--set=namespaces=orders"], &["/namespaces", "got string, want array"]),
    (&["--set=namespaces={a,a}"], &["/namespaces", "equal"]),
    (&["--set=environments={a b}"], &["/environments/0", "does not match pattern"]),
    (&["--set=image.digest=latest"], &["/image/digest", "does not match pattern"]),
    (&["--set=allowMetadataPrefixes={example.com/}"], &["/allowMetadataPrefixes/0"]),
    (&["--set-json=policies.exempt.marks.users=[\"\"]"], &["/policies/exempt/marks/users/0"]),
    (
        &["--set=policies.exempt.sources.serviceAccounts[0].name=argocd"],
        &["/policies/exempt/sources/serviceAccounts/0", "namespace"],
    ),
    (&["--set=networkPolicy.apiServer.ports={}"], &["/networkPolicy/apiServer/ports"]),
    (&["--set=podDisruptionBudget.maxUnavailable=0"], &["/podDisruptionBudget/maxUnavailable"]),
    (&["--set=policies.systemNamespaces={Kube}"], &["/policies/systemNamespaces/0", "does not match pattern"]),
    (
        &["--set=serviceAccount.create=false"],
        &["serviceAccount.name: missing; serviceAccount.create is false, so name the service account"],
    ),
    (&["--set=leaderElection.enabled=false"], &["replicas: there can be one only", "leaderElection.enabled"]),
    (
        &["--set=metrics.access=token", "--set=metrics.podMonitor.enabled=true"],
        &["metrics.podMonitor.authorization: missing", "metrics.serviceMonitor"],
    ),
    (&["--set=metrics.enabled=false", "--set=metrics.serviceMonitor.enabled=true"], &["metrics.enabled: is false"]),
    (&["--kube-version=1.32.9"], &["kubeVersion", ">=1.33.0-0"]),
];

#[test]
fn wrong_values_are_refused_and_the_value_is_named() {
    for (args, parts) in REFUSED {
        let said = match template(args) {
            Ok(_) => panic!("{args:?} is accepted"),
            Err(said) => said,
        };
        for part in *parts {
            assert!(said.contains(part), "{args:?}: {part:?} is not said:\n{said}");
        }
    }
}

#[test]
fn values_that_look_odd_and_are_right_are_accepted() {
    let accepted: &[&[&str]] = &[
        &["--set=replicas=0"],
        &["--set=replicas=1", "--set=leaderElection.enabled=false"],
        &["--set=podDisruptionBudget.maxUnavailable=50%"],
        &["--set=podSecurityContext.runAsUser=null"],
        &["--set=global.imageRegistry=example.com"],
        &["--set=metrics.enabled=false", "--set=metrics.access=token"],
        &["--kube-version=1.33.0-eks-12345"],
    ];
    for args in accepted {
        template(args).unwrap_or_else(|said| panic!("{args:?}: {said}"));
    }
}
