//! What an application would see: watches of the outputs and of the credentals' status, each event with its time.
//!
//! There is one stream of sightings, and one who waits for them. The time is taken once an event is decoded; a raw
//! edit is seen in the same way, so that ratios compare like with like.

use std::collections::HashSet;
use std::fmt::Debug;
use std::time::{Duration, Instant};

use appcredential_api::{AppCredential, labels};
use futures::StreamExt;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::runtime::watcher::{self, Event};
use kube::{Api, Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::objects::{HOST, PASSWORD};

/// How long anything may take to be seen.
const DEADLINE: Duration = Duration::from_secs(600);

/// An object was seen to be, or to become, so.
#[derive(Debug)]
pub(crate) struct Sighting {
    pub(crate) at: Instant,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) what: What,
}

/// What was seen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A Secret with this password.
    Secret(String),
    /// A ConfigMap with this host.
    ConfigMap(String),
    /// A credential: whether it is ready in its present spec.
    Credential(bool),
}

/// Watches that are open, and what they saw.
pub(crate) struct View {
    sightings: UnboundedReceiver<Sighting>,
    _watches: JoinSet<()>,
}

impl View {
    /// Sees the operator's outputs, in all namespaces.
    pub(crate) async fn outputs(client: &Client) -> Self {
        let ours = watcher::Config::default().labels(&format!("{}={}", labels::MANAGED_BY, labels::MANAGER));
        let (sender, sightings) = unbounded_channel();
        let mut watches = JoinSet::new();
        let secrets = watch(&mut watches, Api::<Secret>::all(client.clone()), ours.clone(), sender.clone(), secret);
        let config_maps = watch(&mut watches, Api::<ConfigMap>::all(client.clone()), ours, sender, config_map);
        let _ = (secrets.await, config_maps.await);
        Self { sightings, _watches: watches }
    }

    /// Sees all Secrets of a namespace.
    pub(crate) async fn secrets(client: &Client, namespace: &str) -> Self {
        let api = Api::namespaced(client.clone(), namespace);
        Self::one(api, secret).await
    }

    /// Sees the status of all credentials.
    pub(crate) async fn credentials(client: &Client) -> Self {
        Self::one(Api::all(client.clone()), credential).await
    }

    async fn one<K>(api: Api<K>, what: fn(&K) -> What) -> Self
    where
        K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
    {
        let (sender, sightings) = unbounded_channel();
        let mut watches = JoinSet::new();
        let _ = watch(&mut watches, api, watcher::Config::default(), sender, what).await;
        Self { sightings, _watches: watches }
    }

    /// Forgets what was seen up to now.
    pub(crate) fn forget(&mut self) {
        while self.sightings.try_recv().is_ok() {}
    }

    /// Waits until so many different objects were seen as wanted: when the last of them was.
    pub(crate) async fn until(&mut self, count: usize, wanted: impl Fn(&Sighting) -> bool) -> Result<Instant, String> {
        let mut seen = HashSet::with_capacity(count);
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            match tokio::time::timeout_at(deadline, self.sightings.recv()).await {
                Ok(Some(sighting)) if wanted(&sighting) => {
                    seen.insert((sighting.namespace, sighting.name));
                    if seen.len() == count {
                        return Ok(sighting.at);
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => return Err("the watch has ended".to_owned()),
                Err(_) => return Err(format!("only {} of {count} were seen in {DEADLINE:?}", seen.len())),
            }
        }
    }
}

fn secret(secret: &Secret) -> What {
    let value = secret.data.as_ref().and_then(|data| data.get(PASSWORD));
    What::Secret(value.map(|value| String::from_utf8_lossy(&value.0).into_owned()).unwrap_or_default())
}

fn config_map(config_map: &ConfigMap) -> What {
    What::ConfigMap(config_map.data.as_ref().and_then(|data| data.get(HOST)).cloned().unwrap_or_default())
}

fn credential(credential: &AppCredential) -> What {
    let ready = credential.status.as_ref().is_some_and(|status| {
        let observed = status.observed_generation == credential.metadata.generation;
        observed && status.conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
    });
    What::Credential(ready)
}

/// Adds a watch; what it returns is done once everything that is there was listed.
fn watch<K>(
    watches: &mut JoinSet<()>,
    api: Api<K>,
    config: watcher::Config,
    sightings: UnboundedSender<Sighting>,
    what: fn(&K) -> What,
) -> oneshot::Receiver<()>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
{
    let (listed, listing) = oneshot::channel();
    watches.spawn(async move {
        let mut listed = Some(listed);
        let mut events = watcher::watcher(api, config).boxed();
        while let Some(event) = events.next().await {
            match event {
                Ok(Event::Apply(object) | Event::InitApply(object)) => {
                    let at = Instant::now();
                    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
                    let _ = sightings.send(Sighting { at, namespace, name, what: what(&object) });
                }
                Ok(Event::InitDone) => {
                    listed.take().map(|listed| listed.send(()));
                }
                Ok(Event::Init | Event::Delete(_)) => {}
                Err(error) => panic!("a watch of the benchmark's own fails: {error}"),
            }
        }
    });
    listing
}
