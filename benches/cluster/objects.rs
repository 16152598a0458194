//! The objects that are measured with: a usual credential, its source, and raw objects of just the size and form
//! of what the operator writes, so that raw writes are what an operator without any cost would do.

use appcredential_api::{AppCredential, AppCredentialSpec, labels};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::results::Scale;

/// The key of the Secrets that edits of a source change.
pub(crate) const PASSWORD: &str = "password";
/// The key of the ConfigMaps that edits of a credential change.
pub(crate) const HOST: &str = "host";

/// The name of a credential.
pub(crate) fn name(index: usize) -> String {
    format!("app-{index:05}")
}

/// The name of a credential's source.
pub(crate) fn source_name(index: usize) -> String {
    format!("app-{index:05}-source")
}

/// The names of a credential's outputs: its own, or one for each of several targets.
pub(crate) fn output_names(index: usize, targets: usize) -> Vec<String> {
    match targets {
        1 => vec![name(index)],
        _ => (0..targets).map(|target| format!("{}-{target}", name(index))).collect(),
    }
}

/// From an object as JSON.
pub(crate) fn typed<K: DeserializeOwned>(object: Value) -> K {
    serde_json::from_value(object).expect("an object")
}

/// A source.
pub(crate) fn source(index: usize) -> Secret {
    typed(json!({"metadata": {"name": source_name(index)}, "data": {PASSWORD: base64("first-password")}}))
}

/// A credential.
pub(crate) fn credential(index: usize, targets: usize) -> AppCredential {
    let named = |name: String| json!({"secret": {"name": name}, "configMap": {"name": name}});
    let targets: Vec<Value> = match targets {
        1 => Vec::new(),
        _ => output_names(index, targets).into_iter().map(named).collect(),
    };
    let from = json!({"secretKeyRef": {"name": source_name(index), "key": PASSWORD}});
    let mut spec = json!({
        "description": "What the benchmarks edit",
        "application": {"type": "postgresql", "provider": "aws-rds"},
        "authentication": {"type": "Basic", "basic": {"username": {"value": "orders_app"}, "password": {"valueFrom": from}}},
        "connection": {"protocol": "postgresql", HOST: "first.internal", "port": 5432, "database": "orders"},
        "scopes": ["orders:read", "orders:write"],
        "parameters": [{"name": "pool", "value": "10"}, {"name": "application-name", "value": "orders"}],
    });
    if !targets.is_empty() {
        spec["targets"] = json!(targets);
    }
    AppCredential::new(&name(index), typed::<AppCredentialSpec>(spec))
}

/// Bytes as the data of a Secret has them.
pub(crate) fn base64(text: &str) -> ByteString {
    ByteString(text.as_bytes().to_vec())
}

/// What an output's metadata has.
fn output_metadata(name: &str, owner: &AppCredential) -> Value {
    let meta = |field: &Option<String>| field.clone().unwrap_or_default();
    let (owner_name, uid) = (meta(&owner.metadata.name), meta(&owner.metadata.uid));
    json!({
        "name": name,
        "labels": {
            labels::MANAGED_BY: labels::MANAGER,
            labels::NAME: owner_name,
            labels::NAMESPACE: meta(&owner.metadata.namespace),
        },
        "annotations": {labels::OWNER_UID: uid, labels::REVISION: "1"},
        "ownerReferences": [{
            "apiVersion": format!("{}/{}", labels::GROUP, labels::VERSION), "kind": "AppCredential",
            "name": owner_name, "uid": uid, "controller": true, "blockOwnerDeletion": true,
        }],
    })
}

/// A Secret as the operator writes it.
pub(crate) fn raw_secret(name: &str, owner: &AppCredential) -> Secret {
    let data = json!({"username": base64("orders_app"), PASSWORD: base64("first-password")});
    typed(json!({"metadata": output_metadata(name, owner), "type": "Opaque", "data": data}))
}

/// A ConfigMap as the operator writes it.
pub(crate) fn raw_config_map(name: &str, owner: &AppCredential) -> ConfigMap {
    typed(json!({"metadata": output_metadata(name, owner), "data": settings("first.internal")}))
}

fn settings(host: &str) -> Value {
    json!({
        "auth-type": "Basic", "protocol": "postgresql", HOST: host, "port": "5432", "database": "orders",
        "scopes": "orders:read orders:write", "pool": "10", "application-name": "orders",
    })
}

/// A patch that replaces an output's data, in the form that the operator sends.
pub(crate) fn raw_patch(data: &Value, owner: &AppCredential) -> Patch<()> {
    let metadata = output_metadata("", owner);
    let annotation = format!("/metadata/annotations/{}", labels::REVISION.replace('/', "~1"));
    Patch::Json(typed(json!([
        {"op": "add", "path": "/metadata/ownerReferences", "value": metadata["ownerReferences"]},
        {"op": "add", "path": "/data", "value": data},
        {"op": "add", "path": annotation, "value": "2"},
    ])))
}

/// New data of a Secret.
pub(crate) fn secret_data() -> Value {
    json!({"username": base64("orders_app"), PASSWORD: base64("second-password")})
}

/// New data of a ConfigMap.
pub(crate) fn config_map_data() -> Value {
    settings("second.internal")
}

/// A patch of a credential's status, in the form that the operator sends.
pub(crate) fn raw_status(owner: &AppCredential, names: &[String], revision: i64) -> Patch<()> {
    let now = k8s_openapi::jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let condition = |name: &str, reason: &str, message: &str| {
        json!({
            "type": name, "status": "True", "reason": reason, "message": message,
            "observedGeneration": revision, "lastTransitionTime": now,
        })
    };
    let target = |name: &String| {
        json!({
            "namespace": owner.metadata.namespace, "secretName": name, "configMapName": name,
            "revision": revision, "lastSyncTime": now,
        })
    };
    let status = json!({
        "observedGeneration": revision,
        "conditions": [
            condition("Accepted", "Valid", "the spec is valid"),
            condition("ResolvedRefs", "Resolved", "every source was found"),
            condition("Synced", "Synced", "every output is written as the credential says"),
            condition("Ready", "Ready", "every environment is ready"),
        ],
        "environments": [{"name": "default", "ready": true, "targets": names.iter().map(target).collect::<Vec<_>>()}],
    });
    Patch::Json(typed(json!([
        {"op": "test", "path": "/metadata/uid", "value": owner.metadata.uid},
        {"op": "add", "path": "/status", "value": status},
    ])))
}

/// Makes a namespace.
pub(crate) async fn namespace(client: &Client, name: &str) {
    let namespace: Namespace = typed(json!({"metadata": {"name": name}}));
    Api::all(client.clone()).create(&PostParams::default(), &namespace).await.expect("a new namespace");
}

/// Creates an object.
pub(crate) async fn create<K>(api: &Api<K>, object: &K) -> K
where
    K: Clone + Serialize + DeserializeOwned + std::fmt::Debug,
{
    api.create(&PostParams::default(), object).await.unwrap_or_else(|error| panic!("not created: {error}"))
}

/// Changes an object with a merge patch, as `kubectl edit` does.
pub(crate) async fn edit<K>(api: &Api<K>, name: &str, patch: Value)
where
    K: Clone + DeserializeOwned + std::fmt::Debug,
{
    let edited = api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await;
    edited.unwrap_or_else(|error| panic!("{name} is not edited: {error}"));
}

/// Edits the host of a credential.
pub(crate) fn host_edit(host: &str) -> Value {
    json!({"spec": {"connection": {HOST: host}}})
}

/// Edits the password of a source.
pub(crate) fn password_edit(password: &str) -> Value {
    json!({"data": {PASSWORD: base64(password)}})
}

/// Creates the credentials of a scale in a namespace, each with its source where one is wanted.
pub(crate) async fn fill(client: &Client, namespace: &str, scale: Scale, sources: bool, writers: usize) {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let credentials: Api<AppCredential> = Api::namespaced(client.clone(), namespace);
    super::writers::each(writers, scale.credentials, move |index| {
        let (secrets, credentials) = (secrets.clone(), credentials.clone());
        async move {
            if sources {
                create(&secrets, &source(index)).await;
            }
            create(&credentials, &credential(index, scale.targets)).await;
        }
    })
    .await;
}

/// Deletes everything of a kind in a namespace and waits until it is gone.
pub(crate) async fn clear<K>(client: &Client, namespace: &str)
where
    K: kube::Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + std::fmt::Debug,
{
    let api: Api<K> = Api::namespaced(client.clone(), namespace);
    // One that is many is deleted page by page; each call has a minute on the API server's side.
    let page = ListParams::default().limit(1);
    loop {
        let _ = api.delete_collection(&DeleteParams::background(), &ListParams::default()).await;
        let left = api.list_metadata(&page).await.expect("a list");
        // The controller manager keeps a root certificate in each namespace.
        let ours = left.items.iter().any(|object| object.metadata.name.as_deref() != Some("kube-root-ca.crt"));
        if !ours {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}
