//! An output, observed: its data is held only until its fingerprint is taken.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use k8s_openapi::ByteString;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::objects::{CoreKind, Managed, OutputObject, fingerprinter, slim};
use appcredential_api::{Kind, NamespacedName, ResourceVersion, Uid, labels};
use appcredential_core::plan::{self, Content, Observed};

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
