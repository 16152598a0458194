//! Our own kinds as they come over the wire: credentials and grants, spec and status as raw JSON.
//!
//! Nothing that a user writes can stop the list of the kind: the reconcile decodes the spec, and
//! can report what is wrong.

use std::borrow::Cow;
use std::marker::PhantomData;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::jiff::Timestamp;
use kube::Resource;
use kube::core::NamespaceResourceScope;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::last_applied::{self, Annotations};
use super::objects::Meta;
use appcredential_api::status::Reading;
use appcredential_api::{AppCredentialStatus, FieldPath, Identity, ResourceVersion, labels};
use appcredential_core::plan::Stored;

/// The finalizer that the API server sets on what is deleted with `--cascade=orphan`. Once the garbage collector has
/// taken the owner references off the dependents, it takes the finalizer off too.
const ORPHAN: &str = "orphan";

/// The longest uid that is kept of an annotation.
const UID_MAX: usize = 64;

/// Returns the seconds since 1970 of a time as Kubernetes writes it; none that can be read is as old as can be.
pub(super) fn seconds(time: &str) -> i64 {
    time.parse::<Timestamp>().map(Timestamp::as_second).unwrap_or_default()
}

/// Which of our kinds a record is of.
pub trait OwnKind: Clone + std::fmt::Debug + Send + Sync + 'static {
    /// The kind.
    const KIND: &'static str;
    /// Its plural.
    const PLURAL: &'static str;
    /// Whether its spec may hold plain values.
    const HOLDS_VALUES: bool;
}

/// Marks records of credentials.
#[derive(Clone, Debug)]
pub struct Credentials;
/// Marks records of grants.
#[derive(Clone, Debug)]
pub struct Grants;

impl OwnKind for Credentials {
    const KIND: &'static str = "AppCredential";
    const PLURAL: &'static str = "appcredentials";
    const HOLDS_VALUES: bool = true;
}
impl OwnKind for Grants {
    const KIND: &'static str = "AppCredentialGrant";
    const PLURAL: &'static str = "appcredentialgrants";
    const HOLDS_VALUES: bool = false;
}

/// Returns the path of the collection of one of our kinds in a namespace.
#[must_use]
pub(super) fn collection<K: OwnKind>(namespace: &str) -> String {
    format!("/apis/{}/{}/namespaces/{namespace}/{}", labels::GROUP, labels::VERSION, K::PLURAL)
}

/// An object of one of our kinds, with its spec and status as they came.
#[derive(Clone, Debug)]
pub struct Own<K> {
    meta: ObjectMeta,
    /// The generation of the spec.
    pub generation: i64,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// Its finalizers.
    pub finalizers: Vec<String>,
    /// Whether it was deleted with `--cascade=orphan`: its outputs are to stay.
    pub orphans: bool,
    /// The field manager that wrote it last, its status aside.
    pub edited_by: Option<String>,
    /// When it was created, in seconds since 1970.
    pub created: i64,
    /// Its annotation [`labels::REVIEWED`].
    pub reviewed: Option<Box<str>>,
    /// Whether kubectl's annotation still has a plain secret that the spec, which is new, no longer has.
    pub has_repaired_secret: bool,
    /// The spec.
    pub spec: Option<Box<RawValue>>,
    /// The length of a spec that was not kept and has to be read again.
    pub unread: Option<usize>,
    /// The status.
    pub status: Option<Box<RawValue>>,
    /// The field of the status that cannot be read, where somebody has looked.
    pub unreadable: Option<FieldPath>,
    kind: PhantomData<K>,
}

/// A credential.
pub type Record = Own<Credentials>;
/// A grant.
pub type GrantRecord = Own<Grants>;

impl<K> Own<K> {
    /// Makes a record of generation 0 with this spec, without a status, a finalizer or a deletion.
    #[must_use]
    pub fn new(identity: &Identity, resource_version: &str, spec: Option<Box<RawValue>>) -> Self {
        let Identity { namespace, name, uid } = identity;
        let meta = super::objects::slim(namespace, name, uid, resource_version);
        Self {
            meta,
            generation: 0,
            deleting: false,
            finalizers: Vec::new(),
            orphans: false,
            edited_by: None,
            created: 0,
            reviewed: None,
            has_repaired_secret: false,
            spec,
            unread: None,
            status: None,
            unreadable: None,
            kind: PhantomData,
        }
    }

    /// Returns which object it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Identity {
            namespace: text(&self.meta.namespace),
            name: text(&self.meta.name),
            uid: text(&self.meta.uid).into(),
        }
    }

    /// Returns its resourceVersion.
    #[must_use]
    pub fn resource_version(&self) -> ResourceVersion {
        self.meta.resource_version.as_deref().unwrap_or_default().into()
    }

    /// Returns whether our finalizer holds it.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.finalizers.iter().any(|finalizer| finalizer == labels::FINALIZER)
    }
}

impl Record {
    /// Returns what tells when its spec was stored.
    #[must_use]
    pub fn stored(&self) -> Stored<'_> {
        Stored { created: self.created, reviewed: self.reviewed.as_deref(), generation: self.generation }
    }

    /// Reads its status, as far as it can be read.
    #[must_use]
    pub fn reading(&self) -> Reading<AppCredentialStatus> {
        self.status.as_ref().map(|raw| AppCredentialStatus::read(raw.get())).unwrap_or_default()
    }
}

impl<'de, K: OwnKind> Deserialize<'de> for Own<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            metadata: Meta<Annotations, String>,
            #[serde(default)]
            spec: Option<Box<RawValue>>,
            #[serde(default)]
            status: Option<Box<RawValue>>,
        }
        let mut wire = Wire::deserialize(deserializer)?;
        let mut annotations = wire.metadata.annotations.take().filter(|_| K::HOLDS_VALUES).unwrap_or_default();
        let reviewed = annotations.reviewed.take().filter(|uid| uid.len() <= UID_MAX);
        let (generation, spec, status) = (wire.metadata.generation, wire.spec.as_deref(), wire.status.as_deref());
        Ok(Self {
            has_repaired_secret: last_applied::has_repaired_secret(&annotations, generation, spec, status),
            edited_by: wire.metadata.edited_by(),
            created: wire.metadata.creation_timestamp.as_deref().map(seconds).unwrap_or_default(),
            reviewed,
            meta: wire.metadata.slim(),
            generation: wire.metadata.generation,
            deleting: wire.metadata.deletion_timestamp.is_some(),
            orphans: wire.metadata.finalizers.iter().any(|finalizer| finalizer == ORPHAN),
            finalizers: wire.metadata.finalizers,
            spec: wire.spec,
            unread: None,
            status: wire.status,
            unreadable: None,
            kind: PhantomData,
        })
    }
}

impl<K: OwnKind> Resource for Own<K> {
    type DynamicType = ();
    type Scope = NamespaceResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        Cow::Borrowed(K::KIND)
    }
    fn group((): &()) -> Cow<'_, str> {
        Cow::Borrowed(labels::GROUP)
    }
    fn version((): &()) -> Cow<'_, str> {
        Cow::Borrowed(labels::VERSION)
    }
    fn plural((): &()) -> Cow<'_, str> {
        Cow::Borrowed(K::PLURAL)
    }
    fn meta(&self) -> &ObjectMeta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.meta
    }
}
