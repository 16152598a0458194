//! Objects of the API server, reduced while they are decoded.
//!
//! An output becomes what `plan` compares (`OutputObject`), an object that may be a source becomes its name and
//! version (`Named`). So managed fields never take memory. Our own kinds are in `records`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::LazyLock;

use k8s_openapi::ByteString;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::core::NamespaceResourceScope;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use appcredential_api::{Kind, NamespacedName, ResourceVersion, Uid, labels};
use appcredential_core::plan::{self, Content, Fingerprinter, Observed};

/// The key of this process's fingerprints. It is made here, since decoding has no other way to get at it.
static FINGERPRINTER: LazyLock<Fingerprinter> = LazyLock::new(Fingerprinter::default);

/// Returns the key of this process's fingerprints.
#[must_use]
pub fn fingerprinter() -> &'static Fingerprinter {
    &FINGERPRINTER
}

/// Which kind of object a reduced type stands for.
pub trait CoreKind: Clone + Debug + Send + Sync + 'static {
    /// The kind.
    const KIND: Kind;
    /// Its plural.
    const PLURAL: &'static str;
}

/// Marks reduced Secrets.
#[derive(Clone, Debug)]
pub struct Secrets;
/// Marks reduced ConfigMaps.
#[derive(Clone, Debug)]
pub struct ConfigMaps;

impl CoreKind for Secrets {
    const KIND: Kind = Kind::Secret;
    const PLURAL: &'static str = "secrets";
}
impl CoreKind for ConfigMaps {
    const KIND: Kind = Kind::ConfigMap;
    const PLURAL: &'static str = "configmaps";
}

/// Returns the path of the collection of a kind in a namespace.
#[must_use]
pub fn collection(kind: Kind, namespace: &str) -> String {
    match kind {
        Kind::Secret => format!("/api/v1/namespaces/{namespace}/{}", Secrets::PLURAL),
        Kind::ConfigMap => format!("/api/v1/namespaces/{namespace}/{}", ConfigMaps::PLURAL),
    }
}

/// An output, reduced.
#[derive(Clone, Debug)]
pub struct OutputObject<K> {
    meta: ObjectMeta,
    /// What `plan` compares.
    pub observed: Observed,
    kind: PhantomData<K>,
}

/// Name and version of an object that may be a source.
#[derive(Clone, Debug)]
pub struct Named<K> {
    meta: ObjectMeta,
    kind: PhantomData<K>,
}

macro_rules! core_resource {
    ($type:ident, $metadata_only:literal) => {
        impl<K: CoreKind> Resource for $type<K> {
            type DynamicType = ();
            type Scope = NamespaceResourceScope;

            fn kind((): &()) -> Cow<'_, str> {
                Cow::Owned(K::KIND.to_string())
            }
            fn group((): &()) -> Cow<'_, str> {
                Cow::Borrowed("")
            }
            fn version((): &()) -> Cow<'_, str> {
                Cow::Borrowed("v1")
            }
            fn plural((): &()) -> Cow<'_, str> {
                Cow::Borrowed(K::PLURAL)
            }
            fn metadata_api() -> bool {
                $metadata_only
            }
            fn meta(&self) -> &ObjectMeta {
                &self.meta
            }
            fn meta_mut(&mut self) -> &mut ObjectMeta {
                &mut self.meta
            }
        }
    };
}

core_resource!(OutputObject, false);
core_resource!(Named, true);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta<A = IgnoredAny, T = IgnoredAny> {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) namespace: String,
    #[serde(default)]
    pub(super) uid: Uid,
    #[serde(default)]
    pub(super) resource_version: ResourceVersion,
    #[serde(default)]
    pub(super) generation: i64,
    /// When it was created.
    pub(super) creation_timestamp: Option<T>,
    #[serde(default)]
    pub(super) deletion_timestamp: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) finalizers: Vec<String>,
    /// What is looked at of the annotations.
    pub(super) annotations: Option<A>,
    #[serde(default)]
    managed_fields: Vec<Managed>,
}

/// Who wrote some fields last; which ones is skipped.
#[derive(Deserialize)]
struct Managed {
    #[serde(default)]
    manager: String,
    #[serde(default)]
    subresource: String,
    /// RFC 3339 in UTC: later is greater.
    #[serde(default)]
    time: String,
}

/// Keeps the few fields of the metadata that kube's watcher asks for.
pub(super) fn slim(namespace: &str, name: &str, uid: &str, resource_version: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(namespace.to_owned()),
        uid: Some(uid.to_owned()),
        resource_version: Some(resource_version.to_owned()),
        ..ObjectMeta::default()
    }
}

impl<A, T> Meta<A, T> {
    /// Returns the field manager that wrote the object last, its status aside.
    pub(super) fn edited_by(&mut self) -> Option<String> {
        let edits =
            std::mem::take(&mut self.managed_fields).into_iter().filter(|managed| managed.subresource.is_empty());
        edits.max_by(|one, other| one.time.cmp(&other.time)).map(|managed| managed.manager)
    }

    /// Keeps the few fields of the metadata that kube's watcher asks for.
    pub(super) fn slim(&self) -> ObjectMeta {
        slim(&self.namespace, &self.name, &self.uid, &self.resource_version)
    }
}

impl<'de, K> Deserialize<'de> for Named<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            metadata: Meta,
        }
        let wire = Wire::deserialize(deserializer)?;
        Ok(Self { meta: wire.metadata.slim(), kind: PhantomData })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutputMeta {
    // The fields of `Meta` again: flattening would hold all other fields in memory, managed fields among them.
    #[serde(default)]
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    uid: Uid,
    #[serde(default)]
    resource_version: ResourceVersion,
    #[serde(default)]
    deletion_timestamp: Option<IgnoredAny>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    #[serde(default)]
    owner_references: Vec<Owner>,
    #[serde(default)]
    managed_fields: Vec<Managed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    uid: Uid,
    #[serde(default)]
    controller: bool,
}

impl<'de, K: CoreKind> Deserialize<'de> for OutputObject<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The data is held only until the fingerprint is taken.
        let observed = match K::KIND {
            Kind::Secret => {
                #[derive(Deserialize)]
                struct Wire {
                    metadata: OutputMeta,
                    #[serde(rename = "type", default)]
                    secret_type: Option<String>,
                    #[serde(default)]
                    immutable: Option<bool>,
                    #[serde(default)]
                    data: Option<BTreeMap<String, ByteString>>,
                }
                let wire = Wire::deserialize(deserializer)?;
                let data = wire.data.unwrap_or_default();
                let entries = data.iter().map(|(key, value)| (key.as_str(), value.0.as_slice())).collect();
                observe(K::KIND, wire.metadata, wire.secret_type, wire.immutable, entries)
            }
            Kind::ConfigMap => {
                #[derive(Deserialize)]
                #[serde(rename_all = "camelCase")]
                struct Wire {
                    metadata: OutputMeta,
                    #[serde(default)]
                    immutable: Option<bool>,
                    #[serde(default)]
                    data: Option<BTreeMap<String, String>>,
                    #[serde(default)]
                    binary_data: Option<BTreeMap<String, ByteString>>,
                }
                let wire = Wire::deserialize(deserializer)?;
                let (text, binary) = (wire.data.unwrap_or_default(), wire.binary_data.unwrap_or_default());
                let mut entries: BTreeMap<&str, &[u8]> =
                    text.iter().map(|(key, value)| (key.as_str(), value.as_bytes())).collect();
                entries.extend(binary.iter().map(|(key, value)| (key.as_str(), value.0.as_slice())));
                observe(K::KIND, wire.metadata, None, wire.immutable, entries.into_iter().collect())
            }
        };
        let meta = slim(&observed.namespace, &observed.name, &observed.uid, &observed.resource_version);
        Ok(Self { meta, observed, kind: PhantomData })
    }
}

fn observe(
    kind: Kind,
    meta: OutputMeta,
    secret_type: Option<String>,
    immutable: Option<bool>,
    data: Vec<(&str, &[u8])>,
) -> Observed {
    let OutputMeta {
        name,
        namespace,
        uid,
        resource_version,
        deletion_timestamp,
        labels,
        annotations,
        owner_references,
        managed_fields,
    } = meta;
    let label = |name: &str| labels.get(name).map(String::as_str);
    let annotation = |name: &str| annotations.get(name).map(String::as_str);
    let owners = owner_references.iter();
    let owners =
        owners.map(|owner| (owner.uid.as_str(), owner.controller, labels::is_current(&owner.api_version))).collect();
    let content = Content::of(kind, secret_type.as_deref(), data, (&labels, &annotations), owners);
    let (keys, fingerprint) = (content.keys(fingerprinter()), fingerprinter().of(&content));
    let removable = content.removable();
    let owned = |name: &str| annotations.get(name).map(|uid| Uid::from(uid.as_str()));
    let controller_uid = owner_references.iter().find(|owner| owner.controller).map(|owner| owner.uid.clone());
    let credential =
        label(labels::NAMESPACE).zip(label(labels::NAME)).map(|(namespace, name)| NamespacedName::new(namespace, name));
    let itself = format!("{namespace}/{name}");
    Observed {
        kind,
        credential,
        environment: label(labels::ENVIRONMENT).map(str::to_owned),
        owner_uid: owned(labels::OWNER_UID),
        controller_uid,
        names_itself: annotation(labels::OUTPUT) == Some(itself.as_str()),
        retain: annotation(labels::DELETION_POLICY) == Some(labels::RETAIN),
        retained_from: owned(labels::RETAINED_FROM),
        revision: annotation(labels::REVISION).and_then(plan::parse_revision),
        removable,
        namespace,
        name,
        uid,
        resource_version,
        secret_type,
        immutable: immutable == Some(true),
        has_labels: !labels.is_empty(),
        has_annotations: !annotations.is_empty(),
        deleting: deletion_timestamp.is_some(),
        changed_by: changed_by(managed_fields),
        keys,
        fingerprint,
    }
}

/// The field manager that changed an output after our last write, or within the same second: times have no finer parts.
fn changed_by(managed: Vec<Managed>) -> Option<String> {
    let ours = |managed: &&Managed| managed.manager == labels::MANAGER;
    let ours = managed.iter().filter(ours).map(|managed| managed.time.clone()).max().unwrap_or_default();
    let others = managed.into_iter().filter(|managed| managed.manager != labels::MANAGER && managed.time >= ours);
    others.max_by(|one, other| one.time.cmp(&other.time)).map(|managed| managed.manager)
}
