//! Reading a source: with a few tries, and of its data the wanted keys alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use k8s_openapi::ByteString;
use kube::core::Request;
use kube::core::params::GetParams;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{CallError, Cluster, objects};
use appcredential_api::{Kind, Reason, ResourceVersion, SensitiveBytes};
use appcredential_core::resolve::{Source, SourceKey};

/// The pauses before a read is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// The versions of the sources that were read.
pub type Versions = BTreeMap<SourceKey, ResourceVersion>;

/// The values of a source.
pub type Data = BTreeMap<String, SensitiveBytes>;

impl Cluster {
    /// Reads these keys of a source in a namespace; also its version, where it is there. One that is known in a version is
    /// asked for in this version or a newer one, which the API server has in memory: nobody has to ask etcd for it.
    pub async fn read_source(
        &self,
        namespace: &str,
        key: &SourceKey,
        wanted: &BTreeSet<String>,
        known: Option<&ResourceVersion>,
    ) -> (Source, Option<ResourceVersion>) {
        match self.read(namespace, key, wanted, known).await {
            Ok((data, version)) => (Source::Found(data), Some(version)),
            Err(error) if error.code() == Some(404) => (Source::Missing, None),
            Err(error) => (failed(&error), None),
        }
    }

    async fn read(
        &self,
        namespace: &str,
        key: &SourceKey,
        wanted: &BTreeSet<String>,
        known: Option<&ResourceVersion>,
    ) -> Result<(Data, ResourceVersion), CallError> {
        let params = GetParams { resource_version: known.map(ToString::to_string) };
        let mut pauses = PAUSES.into_iter();
        loop {
            let request = Request::new(objects::collection(key.kind, namespace)).get(&key.name, &params);
            let read = self.call_for(request, |json| decode(json, key.kind, wanted)).await;
            match (read, pauses.next()) {
                (Err(error), Some(pause)) if error.is_passing() => tokio::time::sleep(pause).await,
                (read, _) => return read,
            }
        }
    }
}

fn failed(error: &CallError) -> Source {
    match error {
        error if error.code() == Some(403) => {
            let message = "the operator may not read it; allow its service account to get it";
            Source::Failed(Reason::Forbidden, message.to_owned())
        }
        CallError::TooLarge => {
            Source::Failed(Reason::TooLarge, "is larger than an object can be; make it smaller".to_owned())
        }
        error => Source::Failed(Reason::ReadFailed, error.to_string()),
    }
}

/// Takes the wanted keys and the version out of a Secret or ConfigMap. Nothing else of it is kept or decoded.
fn decode(json: &[u8], kind: Kind, wanted: &BTreeSet<String>) -> serde_json::Result<(Data, ResourceVersion)> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let found = json.deserialize_map(Object { kind, wanted })?;
    json.end()?;
    Ok(found)
}

/// Visits an object.
struct Object<'a> {
    kind: Kind,
    wanted: &'a BTreeSet<String>,
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = (Data, ResourceVersion);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Secret or a ConfigMap")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Meta {
            #[serde(default)]
            resource_version: ResourceVersion,
        }
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "camelCase")]
        enum Field {
            Metadata,
            Data,
            BinaryData,
            #[serde(other)]
            Other,
        }
        let (mut data, mut version) = (Data::new(), None);
        while let Some(field) = map.next_key()? {
            match field {
                Field::Metadata => version = Some(map.next_value::<Meta>()?.resource_version),
                Field::Data => {
                    let base64 = self.kind == Kind::Secret;
                    data.extend(map.next_value_seed(Values { wanted: self.wanted, base64 })?);
                }
                Field::BinaryData => data.extend(map.next_value_seed(Values { wanted: self.wanted, base64: true })?),
                Field::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let version = version.ok_or_else(|| serde::de::Error::missing_field("metadata"))?;
        Ok((data, version))
    }
}

/// The wanted ones of a map of values, which may be null.
struct Values<'a> {
    wanted: &'a BTreeSet<String>,
    base64: bool,
}

impl<'de> DeserializeSeed<'de> for Values<'_> {
    type Value = Data;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values by their keys")
    }

    fn visit_none<E>(self) -> Result<Data, E> {
        Ok(Data::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
        let mut data = Data::new();
        while let Some(key) = map.next_key::<String>()? {
            if !self.wanted.contains(&key) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value =
                if self.base64 { map.next_value::<ByteString>()?.0 } else { map.next_value::<String>()?.into_bytes() };
            data.insert(key, SensitiveBytes::from(value));
        }
        Ok(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|key| (*key).to_owned()).collect()
    }

    fn text(found: serde_json::Result<(Data, ResourceVersion)>) -> Option<(Vec<(String, String)>, String)> {
        let (data, version) = found.ok()?;
        let text = |bytes: SensitiveBytes| String::from_utf8_lossy(bytes.expose()).into_owned();
        Some((data.into_iter().map(|(key, value)| (key, text(value))).collect(), version.to_string()))
    }

    fn pairs(pairs: &[(&str, &str)], version: &str) -> Option<(Vec<(String, String)>, String)> {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Some((pairs.collect(), version.to_owned()))
    }

    #[test]
    fn only_the_wanted_keys_of_a_source_are_decoded() {
        let secret = br#"{"kind": "Secret", "metadata": {"name": "a", "resourceVersion": "7", "labels": {"data": "x"}},
            "data": {"large": "this is not base64 and nobody looks at it", "small": "YQ==", "empty": ""}, "type": "Opaque"}"#;
        let found = text(decode(secret, Kind::Secret, &keys(&["small", "empty", "missing"])));
        assert_eq!(found, pairs(&[("empty", ""), ("small", "a")], "7"));
        assert!(decode(secret, Kind::Secret, &keys(&["large"])).is_err());
        let settings = br#"{"metadata": {"resourceVersion": "8"}, "data": {"a": "\u0001\n", "b": "c"}, "binaryData": {"d": "YQ=="}}"#;
        let found = text(decode(settings, Kind::ConfigMap, &keys(&["a", "d"])));
        assert_eq!(found, pairs(&[("a", "\u{1}\n"), ("d", "a")], "8"));
    }

    #[test]
    fn a_source_may_lack_data_but_not_metadata() {
        for json in [&br#"{"metadata": {}}"#[..], br#"{"data": null, "metadata": {}, "binaryData": null}"#] {
            assert_eq!(text(decode(json, Kind::ConfigMap, &keys(&["a"]))), pairs(&[], ""));
        }
        for json in [
            &b"{}"[..],
            b"[]",
            b"{\"metadata\": {}} {}",
            b"{\"metadata\": {}, \"data\": {\"a\": 1}}",
            b"{\"metadata\": {}",
        ] {
            assert!(decode(json, Kind::Secret, &keys(&["a"])).is_err());
        }
    }
}
