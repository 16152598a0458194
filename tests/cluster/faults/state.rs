//! The end state of a run, in a form that is equal where two runs came to the same: without times, versions,
//! and the names that differ between runs. Revisions are apart, since a fault may cost one.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::core::ObjectMeta;
use serde_json::{Value, json};

use crate::harness::Credential;

const REVISION: &str = "appcredential.io/revision";

/// An end state.
#[derive(Clone, Debug, Default)]
pub(crate) struct End {
    /// Everything that has to be equal.
    pub(crate) text: String,
    /// The revision of each object that has one, by kind and name.
    pub(crate) revisions: BTreeMap<String, i64>,
    /// The revisions that the status tells, by the objects that it tells of.
    told: BTreeMap<String, Option<i64>>,
    /// uid and resourceVersion of each object, by kind and name.
    pub(crate) versions: BTreeMap<String, String>,
    /// The reason of `Ready`; none while the status is behind the spec.
    pub(crate) ready: Option<String>,
}

impl End {
    /// The state of a namespace: all its Secrets and ConfigMaps but Kubernetes' own, and the status of its credential.
    pub(crate) fn of(
        namespace: &str,
        secrets: Vec<Secret>,
        maps: Vec<ConfigMap>,
        credential: Option<Credential>,
    ) -> Self {
        let mut end = Self::default();
        let mut objects = BTreeMap::new();
        for secret in secrets {
            let data = secret.data.unwrap_or_default().into_iter();
            let data: BTreeMap<String, String> =
                data.map(|(key, value)| (key, String::from_utf8_lossy(&value.0).into_owned())).collect();
            let name = end.object(namespace, "Secret", &secret.metadata);
            let rest = json!({"type": secret.type_, "immutable": secret.immutable, "data": data});
            objects.insert(name, (common(&secret.metadata), rest));
        }
        for map in maps.into_iter().filter(|map| map.metadata.name.as_deref() != Some("kube-root-ca.crt")) {
            let name = end.object(namespace, "ConfigMap", &map.metadata);
            let rest = json!({"immutable": map.immutable, "data": map.data, "binaryData": map.binary_data});
            objects.insert(name, (common(&map.metadata), rest));
        }
        let (mut status, mut finalizers) = (Value::Null, Value::Null);
        let mut uid = "no uid".to_owned();
        if let Some(credential) = credential {
            uid = credential.uid().to_owned();
            status = credential.status_without_times();
            finalizers = credential.0["metadata"]["finalizers"].clone();
            end.ready = credential.is_observed().then(|| credential.condition("Ready").1);
            end.tell(namespace, &mut status);
        }
        let text = json!({"objects": objects, "status": status, "finalizers": finalizers});
        let text = serde_json::to_string_pretty(&text).expect("JSON");
        end.text = text.replace(namespace, "NAMESPACE").replace(&uid, "UID");
        // What was left behind names a credential that is gone.
        end.text = end
            .text
            .lines()
            .map(|line| if line.contains("retained-from") { "retained-from" } else { line })
            .collect::<Vec<_>>()
            .join("\n");
        end
    }

    /// An object of the credential's own namespace goes by kind and name; one of another has `elsewhere/` between.
    fn object(&mut self, namespace: &str, kind: &str, meta: &ObjectMeta) -> String {
        let at = if meta.namespace.as_deref() == Some(namespace) { "" } else { "elsewhere/" };
        let name = format!("{kind}/{at}{}", meta.name.as_deref().unwrap_or_default());
        self.versions.insert(name.clone(), format!("{:?} {:?}", meta.uid, meta.resource_version));
        let revision = meta.annotations.as_ref().and_then(|all| all.get(REVISION)?.parse().ok());
        revision.map(|revision| self.revisions.insert(name.clone(), revision));
        name
    }

    /// Takes the revisions out of a status.
    fn tell(&mut self, namespace: &str, status: &mut Value) {
        let environments = status["environments"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        for target in environments.iter_mut().filter_map(|it| it["targets"].as_array_mut()).flatten() {
            let revision = target.as_object_mut().expect("a target").remove("revision").and_then(|it| it.as_i64());
            // What is not permitted is not there; its revision is remembered, so that it never falls.
            if target["message"].as_str().is_some_and(|message| message.contains("does not consent")) {
                continue;
            }
            for (kind, field) in [("Secret", "secretName"), ("ConfigMap", "configMapName")] {
                let at = if target["namespace"] == namespace { "" } else { "elsewhere/" };
                self.told.insert(format!("{kind}/{at}{}", target[field].as_str().unwrap_or_default()), revision);
            }
        }
    }

    /// What this end state differs in from that of the run without a fault; none where it is as good.
    pub(crate) fn difference(&self, reference: &Self) -> Option<String> {
        if self.text != reference.text {
            let (got, expected): (Vec<_>, Vec<_>) = (self.text.lines().collect(), reference.text.lines().collect());
            let only = |these: &[&str], those: &[&str]| {
                these.iter().filter(|line| !those.contains(line)).map(|line| line.trim().to_owned()).collect::<Vec<_>>()
            };
            return Some(format!("missing {:#?}, too much {:#?}", only(&expected, &got), only(&got, &expected)));
        }
        // Both objects of a target carry the revision that the status tells; `told` has both of them.
        for (object, revision) in &self.told {
            let carried = self.revisions.get(object).copied();
            if carried != *revision {
                return Some(format!("{object} has revision {carried:?}, the status tells {revision:?}"));
            }
        }
        let lower = reference.revisions.iter().find(|(object, revision)| self.revisions.get(*object) < Some(*revision));
        lower.map(|(object, revision)| format!("{object} is below revision {revision}: {:?}", self.revisions))
    }
}

/// What of the metadata has to be equal.
fn common(meta: &ObjectMeta) -> Value {
    let mut annotations = meta.annotations.clone().unwrap_or_default();
    annotations.remove(REVISION);
    json!({
        "labels": meta.labels, "annotations": annotations, "finalizers": meta.finalizers,
        "ownerReferences": meta.owner_references, "deleted": meta.deletion_timestamp.is_some(),
    })
}
