//! What is played: the CRDs, the examples and the edit, and how long each took to arrive.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use kube::{Client, ResourceExt};
use serde_json::{Value, json};
use testbed::ControlPlane;

use appcredential_api::{AppCredential, Kind, crd, labels};
use appcredential_cluster::client;

use crate::table::Row;

/// Where it is played.
pub(crate) const NAMESPACE: &str = "playground";
/// How long an output may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often is looked whether it has arrived.
const LOOK: Duration = Duration::from_millis(2);

pub(crate) struct Scene {
    client: Client,
}

impl Scene {
    /// Installs the CRDs and makes the namespace.
    pub(crate) async fn set(plane: &ControlPlane) -> Result<Self, String> {
        let yaml = crd::yaml().map_err(|error| error.to_string())?;
        plane.install_crds(&yaml).map_err(|error| error.to_string())?;
        kubectl(
            plane,
            &["apply", "-f", "-"],
            &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}).to_string(),
        )?;
        let client = client::connect(Some(plane.kubeconfig()), None, client::Gear::default())
            .await
            .map_err(|error| error.to_string())?;
        Ok(Self { client })
    }

    /// Applies every example, one after the other.
    pub(crate) async fn apply_examples(&self) -> Result<Vec<Row>, String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
        let entries = std::fs::read_dir(folder).map_err(|error| format!("{folder} cannot be read: {error}"))?;
        let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
        files.sort();
        let mut rows = Vec::new();
        for file in files {
            let text = std::fs::read_to_string(&file)
                .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            let manifests: Vec<Value> =
                serde_saphyr::from_multiple(&text).map_err(|error| format!("{}: {error}", file.display()))?;
            for manifest in manifests {
                let started = Instant::now();
                let applied = self.apply(&manifest).await?;
                if manifest["kind"] == "AppCredential" {
                    rows.extend(self.outputs(&applied, started).await?);
                }
            }
        }
        Ok(rows)
    }

    async fn apply(&self, manifest: &Value) -> Result<DynamicObject, String> {
        let word = |field: &str| manifest[field].as_str().unwrap_or_default().to_owned();
        let (group, version) = match word("apiVersion").split_once('/') {
            Some((group, version)) => (group.to_owned(), version.to_owned()),
            None => (String::new(), word("apiVersion")),
        };
        let resource = ApiResource::from_gvk(&GroupVersionKind { group, version, kind: word("kind") });
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), NAMESPACE, &resource);
        let name = manifest["metadata"]["name"].as_str().unwrap_or_default();
        let params = PatchParams::apply("playground").force();
        api.patch(name, &params, &Patch::Apply(manifest)).await.map_err(|error| format!("{name} was refused: {error}"))
    }

    /// Waits until the status speaks of this generation, and tells each environment.
    async fn outputs(&self, applied: &DynamicObject, started: Instant) -> Result<Vec<Row>, String> {
        let api: Api<AppCredential> = Api::namespaced(self.client.clone(), NAMESPACE);
        let name = applied.name_any();
        let status = loop {
            let now = api.get(&name).await.map_err(|error| error.to_string())?;
            match now.status {
                Some(status) if status.observed_generation == applied.metadata.generation => break status,
                _ if started.elapsed() > PATIENCE => {
                    return Err(format!("{name} has no status after {} s", PATIENCE.as_secs()));
                }
                _ => tokio::time::sleep(LOOK).await,
            }
        };
        let took = started.elapsed().as_millis().to_string();
        let mut rows = Vec::new();
        for environment in &status.environments {
            let ready = if environment.ready {
                "yes".to_owned()
            } else {
                environment.message.clone().unwrap_or_else(|| "no".to_owned())
            };
            for target in &environment.targets {
                let keys = [
                    self.keys(Kind::Secret, &target.secret_name).await,
                    self.keys(Kind::ConfigMap, &target.config_map_name).await,
                ];
                rows.push(Row {
                    credential: name.clone(),
                    environment: environment.name.clone(),
                    secret: target.secret_name.clone(),
                    config_map: target.config_map_name.clone(),
                    keys: keys.map(|keys| keys.to_string()).join("+"),
                    ready: ready.clone(),
                    milliseconds: took.clone(),
                });
            }
        }
        if rows.is_empty() {
            let condition = status.conditions.iter().find(|condition| condition.type_ == "Ready");
            let reason = condition.map(|condition| condition.message.clone()).unwrap_or_default();
            return Err(format!("{name} has no outputs: {reason}"));
        }
        Ok(rows)
    }

    /// How many keys an output has.
    async fn keys(&self, kind: Kind, name: &str) -> usize {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", &kind.to_string()));
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), NAMESPACE, &resource);
        let object = api.get(name).await.ok();
        object.and_then(|object| object.data["data"].as_object().map(serde_json::Map::len)).unwrap_or(0)
    }

    /// Edits the host of the first example and waits for it in the ConfigMap.
    pub(crate) async fn edit(&self) -> Result<String, String> {
        let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"));
        let outputs: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), NAMESPACE, &resource);
        let credentials: Api<AppCredential> = Api::namespaced(self.client.clone(), NAMESPACE);
        let host = |object: &DynamicObject| object.data["data"]["host"].as_str().unwrap_or_default().to_owned();
        let revision = |object: &DynamicObject| object.annotations().get(labels::REVISION).cloned().unwrap_or_default();
        let before = outputs.get("orders-db").await.map_err(|error| error.to_string())?;
        let new =
            if host(&before) == "pg-2.example.internal" { "pg.example.internal" } else { "pg-2.example.internal" };
        let started = Instant::now();
        let edit = json!({"spec": {"connection": {"host": new}}});
        // The operator's log says who edited it.
        let params = PatchParams { field_manager: Some("playground".to_owned()), ..PatchParams::default() };
        credentials.patch("orders-db", &params, &Patch::Merge(&edit)).await.map_err(|error| error.to_string())?;
        loop {
            let after = outputs.get("orders-db").await.map_err(|error| error.to_string())?;
            if host(&after) == new {
                let (was, is) = (revision(&before), revision(&after));
                let took = started.elapsed().as_millis();
                return Ok(format!(
                    "host: {} -> {new}; in ConfigMap orders-db after {took} ms, revision {was} -> {is}",
                    host(&before)
                ));
            }
            if started.elapsed() > PATIENCE {
                return Err(format!("the edit did not arrive within {} s", PATIENCE.as_secs()));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn kubectl(plane: &ControlPlane, arguments: &[&str], input: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("kubectl cannot be run: {error}");
    let mut child = plane
        .kubectl()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("kubectl {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}
