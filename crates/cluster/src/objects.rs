//! Objects of the API server, reduced while they are decoded.
//!
//! An output becomes what `plan` compares (`OutputObject`), an object that may be a source becomes its name and
//! version (`Named`). So managed fields never take memory. Our own kinds are in `records`.

use std::borrow::Cow;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::LazyLock;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use kube::core::NamespaceResourceScope;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use appcredential_api::{Kind, ResourceVersion, Uid};
use appcredential_core::plan::{Fingerprinter, Observed};

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
    pub(super) meta: ObjectMeta,
    /// What `plan` compares.
    pub observed: Observed,
    pub(super) kind: PhantomData<K>,
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
pub(super) struct Managed {
    #[serde(default)]
    pub(super) manager: String,
    #[serde(default)]
    pub(super) subresource: String,
    /// RFC 3339 in UTC: later is greater.
    #[serde(default)]
    pub(super) time: String,
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
