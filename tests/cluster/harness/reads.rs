//! What a test reads, and what it commonly waits for.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::Api;
use kube::api::{ApiResource, DynamicObject, ListParams};
use kube::core::GroupVersionKind;
use serde_json::{Value, json};

use super::credential::Credential;
use super::namespace::TestNamespace;

/// The annotation with the revision.
const REVISION: &str = "appcredential.io/revision";

/// The two outputs of a target.
#[derive(Clone, Debug)]
pub(crate) struct Outputs {
    pub(crate) secret: Secret,
    pub(crate) config_map: ConfigMap,
}

/// Pairs as a map of text.
pub(crate) fn text(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

impl Outputs {
    /// The Secret's data as text.
    pub(crate) fn secret_text(&self) -> BTreeMap<String, String> {
        let data = self.secret.data.clone().unwrap_or_default();
        data.into_iter().map(|(key, value)| (key, String::from_utf8_lossy(&value.0).into_owned())).collect()
    }

    /// The ConfigMap's data.
    pub(crate) fn settings(&self) -> BTreeMap<String, String> {
        self.config_map.data.clone().unwrap_or_default()
    }

    /// The revision that both carry; none if they differ.
    pub(crate) fn revision(&self) -> Option<i64> {
        let [secret, config_map] = [&self.secret.metadata, &self.config_map.metadata]
            .map(|meta| meta.annotations.as_ref()?.get(REVISION)?.parse().ok());
        secret.filter(|_| secret == config_map)
    }

    /// Their resourceVersions: any write changes one of them.
    pub(crate) fn versions(&self) -> [Option<String>; 2] {
        [self.secret.metadata.resource_version.clone(), self.config_map.metadata.resource_version.clone()]
    }

    /// Their uids: a deletion and creation changes them.
    pub(crate) fn uids(&self) -> [Option<String>; 2] {
        [self.secret.metadata.uid.clone(), self.config_map.metadata.uid.clone()]
    }

    /// Both as JSON.
    pub(crate) fn json(&self) -> [Value; 2] {
        [json!(self.secret), json!(self.config_map)]
    }
}

impl TestNamespace {
    /// A Secret, if it is there.
    pub(crate) async fn secret(&self, name: &str) -> Option<Secret> {
        self.secrets().get_opt(name).await.expect("an answer")
    }

    /// A ConfigMap, if it is there.
    pub(crate) async fn config_map(&self, name: &str) -> Option<ConfigMap> {
        self.config_maps().get_opt(name).await.expect("an answer")
    }

    /// Both outputs of a target with default or equal names, if they are there.
    pub(crate) async fn outputs(&self, name: &str) -> Option<Outputs> {
        let (secret, config_map) = (self.secret(name).await, self.config_map(name).await);
        secret.zip(config_map).map(|(secret, config_map)| Outputs { secret, config_map })
    }

    /// Both outputs, which must be there.
    pub(crate) async fn outputs_now(&self, name: &str) -> Outputs {
        self.outputs(name).await.unwrap_or_else(|| panic!("the outputs {name} are not there"))
    }

    /// Both outputs, once they carry this revision.
    pub(crate) async fn at_revision(&self, name: &str, revision: i64) -> Outputs {
        let what = format!("{name} has revision {revision}");
        let with = |outputs: &Outputs| outputs.revision() == Some(revision);
        self.wait_for(&what, async || self.outputs(name).await.filter(with)).await
    }

    /// The names of our outputs of both kinds, in order, as `Secret/orders`.
    pub(crate) async fn output_names(&self) -> Vec<String> {
        let ours = ListParams::default().labels("app.kubernetes.io/managed-by=appcredential-operator");
        let secrets = self.secrets().list(&ours).await.expect("an answer");
        let config_maps = self.config_maps().list(&ours).await.expect("an answer");
        let secrets = secrets.items.into_iter().map(|object| format!("Secret/{}", object.metadata.name.unwrap()));
        let config_maps =
            config_maps.items.into_iter().map(|object| format!("ConfigMap/{}", object.metadata.name.unwrap()));
        config_maps.chain(secrets).collect()
    }

    /// A credential, if it is there.
    pub(crate) async fn credential(&self, name: &str) -> Option<Credential> {
        let found = self.credentials().get_opt(name).await.expect("an answer");
        found.map(|object| Credential(json!(object)))
    }

    /// A credential, once its status speaks of its present spec and `check` holds.
    pub(crate) async fn credential_when(
        &self,
        name: &str,
        what: &str,
        check: impl Fn(&Credential) -> bool,
    ) -> Credential {
        let what = format!("AppCredential {name}: {what}");
        let holds = |credential: &Credential| credential.is_observed() && check(credential);
        self.wait_for(&what, async || self.credential(name).await.filter(holds)).await
    }

    /// A credential, once it is ready in its present spec.
    pub(crate) async fn ready(&self, name: &str) -> Credential {
        self.credential_when(name, "Ready=True", |credential| credential.condition("Ready").0 == "True").await
    }

    /// A credential, once it is not ready in its present spec, for this reason.
    pub(crate) async fn not_ready(&self, name: &str, reason: &str) -> Credential {
        let wanted = ("False".to_owned(), reason.to_owned());
        let what = format!("Ready=False/{reason}");
        self.credential_when(name, &what, |credential| credential.condition("Ready") == wanted).await
    }

    /// The events about a credential, as JSON.
    pub(crate) async fn events(&self, about: &str) -> Vec<Value> {
        let all = self.all_events().await.into_iter();
        all.filter(|event| event["regarding"]["name"] == about).collect()
    }

    /// The events of the namespace, as JSON.
    pub(crate) async fn all_events(&self) -> Vec<Value> {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("events.k8s.io", "v1", "Event"));
        let events: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), &self.namespace, &resource);
        let list = events.list(&ListParams::default()).await.expect("an answer");
        list.items.into_iter().map(|event| json!(event)).collect()
    }

    /// Waits for an event of this reason about a credential.
    pub(crate) async fn event(&self, about: &str, reason: &str) -> Value {
        let what = format!("an event {reason} about {about}");
        let find = async || self.events(about).await.into_iter().find(|event| event["reason"] == reason);
        self.wait_for(&what, find).await
    }
}
