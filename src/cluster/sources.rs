//! Reading sources: each once for a reconcile, with a few tries, and only for as long as the reconcile lasts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::ByteString;
use kube::core::Request;
use kube::core::params::GetParams;
use serde::Deserialize;

use super::{CallError, Cluster, objects};
use crate::api::{Kind, Reason, SensitiveBytes};
use crate::resolve::{Inputs, Source, SourceKey};

/// How many sources of a reconcile are read at once.
const AT_ONCE: usize = 8;
/// The pauses before a read is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// A source as it comes over the wire, Secret or ConfigMap.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<D> {
    metadata: Meta,
    #[serde(default = "Option::default")]
    data: Option<BTreeMap<String, D>>,
    #[serde(default)]
    binary_data: Option<BTreeMap<String, ByteString>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(default)]
    resource_version: String,
}

/// The versions of the sources that were read.
pub type Versions = BTreeMap<SourceKey, String>;

impl Cluster {
    /// Reads sources in a namespace. Each fails on its own. One that is known in a version is asked for in this version or a
    /// newer one, which the API server has in memory: nobody has to ask etcd for it.
    pub async fn read_sources(
        &self,
        namespace: &str,
        wanted: BTreeSet<SourceKey>,
        known: &Versions,
    ) -> (Inputs, Versions) {
        let reads = wanted.into_iter().map(|key| async move {
            let read = self.read_source(namespace, &key, known.get(&key)).await;
            (key, read)
        });
        let read: Vec<_> = futures::stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
        let mut inputs = Inputs::new();
        let mut versions = Versions::new();
        for (key, read) in read {
            let source = match read {
                Ok((data, version)) => {
                    versions.insert(key.clone(), version);
                    Source::Found(data)
                }
                Err(error) if error.code() == Some(404) => Source::Missing,
                Err(error) if error.code() == Some(403) => Source::Failed(
                    Reason::Forbidden,
                    "the operator may not read it; allow its service account to get it".to_owned(),
                ),
                Err(error) => Source::Failed(Reason::ReadFailed, error.to_string()),
            };
            inputs.insert(key, source);
        }
        (inputs, versions)
    }

    async fn read_source(
        &self,
        namespace: &str,
        key: &SourceKey,
        known: Option<&String>,
    ) -> Result<(BTreeMap<String, SensitiveBytes>, String), CallError> {
        let params = GetParams { resource_version: known.cloned() };
        let mut pauses = PAUSES.into_iter();
        loop {
            let read = match key.kind {
                Kind::Secret => self.get_source::<ByteString>(namespace, key, &params, |value| value.0).await,
                Kind::ConfigMap => self.get_source::<String>(namespace, key, &params, String::into_bytes).await,
            };
            match (read, pauses.next()) {
                (Err(error), Some(pause)) if error.is_passing() => tokio::time::sleep(pause).await,
                (read, _) => return read,
            }
        }
    }

    async fn get_source<D: for<'de> Deserialize<'de>>(
        &self,
        namespace: &str,
        key: &SourceKey,
        params: &GetParams,
        bytes: impl Fn(D) -> Vec<u8>,
    ) -> Result<(BTreeMap<String, SensitiveBytes>, String), CallError> {
        let request = Request::new(objects::collection(key.kind, namespace)).get(&key.name, params);
        let wire: Wire<D> = self.call(request).await?;
        let mut data: BTreeMap<String, SensitiveBytes> = wire
            .data
            .unwrap_or_default()
            .into_iter()
            .map(|(key, value)| (key, SensitiveBytes::from(bytes(value))))
            .collect();
        data.extend(
            wire.binary_data.unwrap_or_default().into_iter().map(|(key, value)| (key, SensitiveBytes::from(value.0))),
        );
        Ok((data, wire.metadata.resource_version))
    }
}
