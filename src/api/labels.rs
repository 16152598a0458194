//! The names that this operator writes on other objects: group, labels, annotations, field manager.

/// The API group of the kinds.
pub const GROUP: &str = "appcredential.io";
/// The version of the kinds.
pub const VERSION: &str = "v1alpha1";
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
/// The annotation of an output that was left behind: the uid of the credential that it belonged to.
pub const RETAINED_FROM: &str = "appcredential.io/retained-from";
/// The annotation with the keys of the labels that the target adds, comma-joined.
pub const EXTRA_LABELS: &str = "appcredential.io/extra-labels";
/// The annotation with the keys of the annotations that the target adds, comma-joined.
pub const EXTRA_ANNOTATIONS: &str = "appcredential.io/extra-annotations";
/// The finalizer of a credential with outputs that Kubernetes does not collect by itself.
pub const FINALIZER: &str = "appcredential.io/outputs";
