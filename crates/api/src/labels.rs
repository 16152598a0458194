//! The names that this operator writes on other objects: group, labels, annotations, field manager.

/// The API group of the kinds.
pub const GROUP: &str = "appcredential.io";
/// The version of the kinds.
pub const VERSION: &str = "v1alpha1";
/// Whether an `apiVersion` is that of the kinds, or a later one of them: what refers to an earlier one is written anew by
/// an operator that uses a later one, and not back again by one that is still there beside it.
#[must_use]
pub fn is_current(api_version: &str) -> bool {
    let version = api_version.strip_prefix(GROUP).and_then(|rest| rest.strip_prefix('/'));
    version.and_then(age).is_some_and(|version| Some(version) >= age(VERSION))
}

/// How far a version of an API is, as Kubernetes orders them: alpha, beta, stable, and by number within each. None where it is no version.
fn age(version: &str) -> Option<(u8, u32, u32)> {
    let rest = version.strip_prefix('v')?;
    let major = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (major, rest) = rest.split_at_checked(major)?;
    let (stage, minor) = match (rest.strip_prefix("alpha"), rest.strip_prefix("beta")) {
        (Some(minor), _) => (0, minor.parse().ok()?),
        (_, Some(minor)) => (1, minor.parse().ok()?),
        _ if rest.is_empty() => (2, 0),
        _ => return None,
    };
    Some((stage, major.parse().ok()?, minor))
}

/// Who writes: the field manager of every request and the value of [`MANAGED_BY`].
pub const MANAGER: &str = "appcredential-operator";
/// The label that every output carries, with [`MANAGER`] as its value; the operator watches by it.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The label with the name of the credential that an output belongs to.
pub const NAME: &str = "appcredential.io/name";
/// The label with the namespace of the credential that an output belongs to.
pub const NAMESPACE: &str = "appcredential.io/namespace";
/// The label with the environment that an output belongs to; absent where none are declared.
pub const ENVIRONMENT: &str = "appcredential.io/environment";
/// The annotation with the uid of the owning credential.
pub const OWNER_UID: &str = "appcredential.io/owner-uid";
/// The annotation with the revision of an output: a counter that rises when the content of its target changes.
pub const REVISION: &str = "appcredential.io/revision";
/// The longest name a credential can have: it becomes the value of a label.
pub const NAME_MAX: usize = 63;
/// The annotation with the namespace and name of the output itself: a copy of it says that it is one.
pub const OUTPUT: &str = "appcredential.io/output";
/// The annotation with the deletion policy, where that is not `Delete`: what it says holds when the target is gone.
pub const DELETION_POLICY: &str = "appcredential.io/deletion-policy";
/// The value of [`DELETION_POLICY`] for an output that is left behind.
pub const RETAIN: &str = "Retain";
/// The annotation of an output that was left behind: the uid of the credential that it belonged to.
pub const RETAINED_FROM: &str = "appcredential.io/retained-from";
/// The annotation with the keys of the labels that the target adds, comma-joined.
pub const EXTRA_LABELS: &str = "appcredential.io/extra-labels";
/// The annotation with the keys of the annotations that the target adds, comma-joined.
pub const EXTRA_ANNOTATIONS: &str = "appcredential.io/extra-annotations";
/// The annotation of a credential with the uid of the admission policy that was asked when somebody set it: who sets it may
/// have everything that the spec asks for.
pub const REVIEWED: &str = "appcredential.io/reviewed";
/// The finalizer of a credential with outputs that Kubernetes does not collect by itself.
pub const FINALIZER: &str = "appcredential.io/outputs";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_versions_of_our_kinds_are_current_and_earlier_are_not() {
        for version in ["v1alpha1", "v1alpha2", "v1alpha10", "v2alpha1", "v1beta1", "v1", "v2"] {
            assert!(is_current(&format!("{GROUP}/{version}")), "{version}");
        }
        for other in
            ["v1", "apps/v1", "appcredential.io/v1alpha0", "appcredential.io/v0alpha5", "appcredential.io/", ""]
        {
            assert!(!is_current(other), "{other}");
        }
        for odd in ["v", "1", "valpha1", "v1alpha", "v1gamma1", "v1alpha1x", "v-1", "v99999999999"] {
            assert!(!is_current(&format!("{GROUP}/{odd}")), "{odd}");
        }
    }

    #[test]
    fn versions_are_ordered_as_kubernetes_orders_them() {
        let order = ["v1alpha1", "v1alpha2", "v2alpha1", "v1beta1", "v1beta2", "v1", "v2", "v10"];
        assert!(order.map(age).is_sorted_by(|one, next| one < next));
        assert!(age(VERSION).is_some());
    }
}
