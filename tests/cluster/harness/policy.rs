//! Admission policies that a test puts in the way of the operator.

use serde_json::json;

use super::namespace::TestNamespace;

/// What a policy refuses.
pub(crate) struct Refused<'a> {
    /// The API group and the resource.
    pub(crate) what: (&'a str, &'a str),
    /// The operation, such as `CREATE`.
    pub(crate) operation: &'a str,
    /// What has to hold of the object.
    pub(crate) expression: &'a str,
    /// The reason of the refusal: `Invalid` is answered with 422, `Forbidden` with 403.
    pub(crate) reason: &'a str,
}

impl TestNamespace {
    /// Refuses something in a namespace of the test. It takes a moment to be in force.
    pub(crate) async fn refuse(&self, other: &str, refused: &Refused<'_>) {
        let Refused { what: (group, resource), operation, expression, reason } = refused;
        let name = &self.namespace;
        let rule =
            json!({"apiGroups": [group], "apiVersions": ["*"], "operations": [operation], "resources": [resource]});
        let policy = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name},
            "spec": {
                "failurePolicy": "Fail", "validations": [{"expression": expression, "reason": reason}],
                "matchConstraints": {"resourceRules": [rule]},
            },
        });
        let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": self.ns(other)}});
        let binding = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
            "spec": {"policyName": name, "validationActions": ["Deny"], "matchResources": {"namespaceSelector": selector}},
        });
        for manifest in [policy, binding] {
            let output = self.kubectl(&["apply", "-f", "-"], &manifest.to_string()).await;
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }

    /// Takes back [`TestNamespace::refuse`].
    pub(crate) async fn allow_again(&self) {
        let lifted = self.kubectl(&["delete", "validatingadmissionpolicybinding", &self.namespace], "").await;
        assert!(lifted.status.success(), "{}", String::from_utf8_lossy(&lifted.stderr));
    }
}
