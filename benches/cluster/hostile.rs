//! The case `hostile`: edits of a healthy namespace beside tenants who write what costs most to work through.
//!
//! Each of them has its objects made, and changes one of them every hundred milliseconds, or every second where they are large:
//! as much as a pipeline does that has gone wrong. What that costs the API server itself is measured beside it: raw edits, while
//! no operator runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use appcredential_api::{AppCredential, AppCredentialGrant};
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Secret;
use kube::api::Patch;
use kube::core::NamespaceResourceScope;
use kube::{Api, Client, Resource};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::latency::{self, Edited, percentiles};
use super::objects;
use super::raw;
use super::results::{Case, Scale, Unit};
use super::stage::{Stage, tell};
use super::statistics::{Latencies, number};
use super::writers::each;

const HEALTHY: &str = "beside";
/// Credentials of the healthy tenant.
const FEW: usize = 20;
/// Between two changes of a hostile tenant: of small objects, and of large ones.
const PACE: Duration = Duration::from_millis(100);
const PACE_OF_LARGE: Duration = Duration::from_secs(1);

/// What a hostile tenant does.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Credentials in threes, each with the next one's output as its source.
    Rings,
    /// Somebody who writes to outputs.
    Rivals,
    /// Grants for one credential, which comes and goes.
    Grants,
    /// Credentials with equal names in all of 16 environments.
    EqualNames,
    /// Secrets of a MiB, each read by all credentials.
    LargeSecrets,
    /// Credentials with as many plain values of the largest size as an object can hold.
    LargeValues,
}

/// All of them: what they are called in the report, and how many objects they have.
const TENANTS: [(Kind, &str, usize); 6] = [
    (Kind::Rings, "rings of credentials", 60),
    (Kind::Rivals, "writers on outputs", 20),
    (Kind::Grants, "grants", 3_000),
    (Kind::EqualNames, "equal names", 200),
    (Kind::LargeSecrets, "large Secrets", 20),
    (Kind::LargeValues, "large values", 40),
];

/// One of them.
#[derive(Clone)]
struct Tenant {
    kind: Kind,
    client: Client,
    namespace: String,
    objects: usize,
}

/// The case.
pub(crate) async fn run(stage: &mut Stage) -> Case {
    stage.in_sync().await;
    let client = stage.client.clone();
    let count = latency::samples(stage.quick).min(200);
    objects::namespace(&client, HEALTHY).await;
    objects::fill(&client, HEALTHY, Scale { credentials: FEW, targets: stage.scale.targets }, true, FEW).await;
    stage.rest().await;
    let mut taking = stage.begin("hostile");
    let leases = transitions(&client).await;
    let alone = Beside {
        raw: raw::edit_to_watch(stage, count).await,
        edits: latency::edits(stage, HEALTHY, Edited::Spec, count, FEW).await.from_answer,
    };
    percentiles(&mut taking.case, "alone", &alone.edits);
    percentiles(&mut taking.case, "raw alone", &alone.raw);
    for (kind, name, objects) in TENANTS {
        let objects = if stage.quick { objects.min(20) } else { objects };
        tell(&format!("hostile: {name} ({objects})"));
        let namespace = format!("hostile-{}", name.replace(' ', "-").to_lowercase());
        let beside = beside(stage, Tenant { kind, client: client.clone(), namespace, objects }, count).await;
        for percent in [50.0, 99.0] {
            let edits = beside.edits.percentile(percent) / alone.edits.percentile(percent);
            let raw = beside.raw.percentile(percent) / alone.raw.percentile(percent);
            tell(&format!("hostile: p{percent} is {edits:.2}x that alone, raw {raw:.2}x"));
            taking.case.add(&format!("p{percent} beside {name} to alone"), edits, Unit::Times);
            taking.case.add(&format!("raw p{percent} beside {name} to alone"), raw, Unit::Times);
        }
        percentiles(&mut taking.case, &format!("beside {name}"), &beside.edits);
    }
    taking.case.add("changes of the lease's holder", number(transitions(&client).await - leases), Unit::Count);
    let case = stage.end(taking);
    objects::clear::<AppCredential>(&client, HEALTHY).await;
    objects::clear::<Secret>(&client, HEALTHY).await;
    case
}

/// Edits of the healthy tenant, and raw ones.
struct Beside {
    edits: Latencies,
    raw: Latencies,
}

/// Edits while another tenant works, once its objects are there: first raw ones without the operator, then the healthy
/// tenant's, from the operator's start on.
async fn beside(stage: &mut Stage, tenant: Tenant, count: usize) -> Beside {
    objects::namespace(&tenant.client, &tenant.namespace).await;
    stage.operator.stop().await;
    tenant.prepare().await;
    let noise = Noise::start(&tenant, 0);
    let raw = raw::edit_to_watch(stage, count).await;
    let changes = noise.stop().await;
    stage.operator.start(&stage.plane);
    stage.operator.ready().await;
    let noise = Noise::start(&tenant, changes);
    let edits = latency::edits(stage, HEALTHY, Edited::Spec, count, FEW).await.from_answer;
    noise.stop().await;
    objects::clear::<AppCredential>(&tenant.client, &tenant.namespace).await;
    objects::clear::<AppCredentialGrant>(&tenant.client, &tenant.namespace).await;
    objects::clear::<Secret>(&tenant.client, &tenant.namespace).await;
    stage.rest().await;
    Beside { edits, raw }
}

/// The changes of a hostile tenant, until it is stopped.
struct Noise {
    stop: Arc<AtomicBool>,
    changes: JoinHandle<usize>,
}

impl Noise {
    /// Starts with the change of this number.
    fn start(tenant: &Tenant, first: usize) -> Self {
        let (stop, tenant) = (Arc::new(AtomicBool::new(false)), tenant.clone());
        let stopped = Arc::clone(&stop);
        let changes = tokio::spawn(async move {
            let mut change = first;
            while !stopped.load(Ordering::Relaxed) {
                tenant.change(change).await;
                change += 1;
                tokio::time::sleep(tenant.pace()).await;
            }
            change
        });
        Self { stop, changes }
    }

    /// Returns the number of the next change.
    async fn stop(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.changes.await.expect("a hostile tenant")
    }
}

/// How often a lease has changed hands.
async fn transitions(client: &Client) -> usize {
    let leases = Api::<Lease>::all(client.clone()).list(&Default::default()).await.expect("leases");
    let changes = leases.items.iter().filter_map(|lease| lease.spec.as_ref()?.lease_transitions);
    changes.filter_map(|changes| usize::try_from(changes).ok()).sum()
}

impl Tenant {
    fn pace(&self) -> Duration {
        match self.kind {
            Kind::Rings | Kind::Rivals | Kind::Grants => PACE,
            Kind::EqualNames | Kind::LargeSecrets | Kind::LargeValues => PACE_OF_LARGE,
        }
    }

    /// Makes the objects.
    async fn prepare(&self) {
        if let Kind::LargeSecrets = self.kind {
            let secrets = self.api::<Secret>();
            for index in 0..8 {
                let large = objects::base64(&"x".repeat(1024 * 1023));
                let data = json!({"small": objects::base64("a value"), "large": large});
                let metadata = json!({"name": format!("large-{index}")});
                objects::create(&secrets, &objects::typed(json!({"metadata": metadata, "data": data}))).await;
            }
        }
        let tenant = self.clone();
        each(4, self.objects, move |index| {
            let tenant = tenant.clone();
            async move {
                if let Kind::Grants = tenant.kind {
                    objects::create(&tenant.api(), &grant(index)).await;
                } else {
                    objects::create(&tenant.api(), &tenant.credential(index)).await;
                }
            }
        })
        .await;
    }

    /// The credential of this number.
    fn credential(&self, index: usize) -> AppCredential {
        let parameters = |what: &str, names: usize, value: &str| -> Vec<Value> {
            (0..names).map(|name| json!({"name": format!("{what}-{name}"), "value": value})).collect()
        };
        let large = "x".repeat(8 * 1024);
        let none = json!({"type": "None"});
        let (authentication, rest) = match self.kind {
            Kind::Rings => {
                let next = index - index % 3 + (index + 1) % 3;
                let next = if next < self.objects { next } else { index - index % 3 };
                let from = json!({"secretKeyRef": {"name": objects::name(next), "key": "token"}});
                (json!({"type": "BearerToken", "bearerToken": {"token": {"valueFrom": from}}}), json!({}))
            }
            Kind::Rivals | Kind::Grants => (none, json!({})),
            Kind::EqualNames => {
                let same = parameters("same", 64, "v");
                // A property of the connection and a parameter of one name want the same key.
                let environment = |number: usize| json!({"name": format!("env-{number}"), "parameters": same, "connection": {"properties": same}});
                (none, json!({"environments": (0..16).map(environment).collect::<Vec<_>>()}))
            }
            Kind::LargeSecrets => {
                let from = |secret: usize| json!({"name": format!("p{secret}"), "valueFrom": {"secretKeyRef": {"name": format!("large-{secret}"), "key": "small"}}});
                (none, json!({"parameters": (0..8).map(from).collect::<Vec<_>>()}))
            }
            Kind::LargeValues => {
                let environment = |name: &str| json!({"name": name, "parameters": parameters(name, 40, &large)});
                let environments = json!([environment("staging"), environment("production")]);
                (none, json!({"parameters": parameters("base", 40, &large), "environments": environments}))
            }
        };
        let mut spec = json!({"application": {"type": "redis"}, "authentication": authentication});
        if let (Some(spec), Value::Object(mut rest)) = (spec.as_object_mut(), rest) {
            spec.append(&mut rest);
        }
        AppCredential::new(&objects::name(index), objects::typed(spec))
    }

    /// Changes one of them.
    async fn change(&self, change: usize) {
        let edited = objects::name(change % self.objects);
        match self.kind {
            Kind::Rivals => {
                let mine = objects::base64(&format!("mine-{change}"));
                let patch = Patch::Merge(json!({"data": {"mine": mine}}));
                // It may not be written yet.
                let _ = self.api::<Secret>().patch(&edited, &Default::default(), &patch).await;
            }
            Kind::Grants => self.come_and_go(change).await,
            Kind::LargeSecrets => {
                let label = json!({"metadata": {"labels": {"rotated": change.to_string()}}});
                objects::edit(&self.api::<Secret>(), &format!("large-{}", change % 8), label).await;
            }
            Kind::Rings | Kind::EqualNames | Kind::LargeValues => {
                let description = json!({"spec": {"description": format!("change {change}")}});
                objects::edit(&self.api::<AppCredential>(), &edited, description).await;
            }
        }
    }

    /// Makes the credential that all grants mean, and removes it, once a second.
    async fn come_and_go(&self, change: usize) {
        let beside: Api<AppCredential> = Api::namespaced(self.client.clone(), HEALTHY);
        match change % 10 {
            0 => {
                let output = json!({"name": "granted"});
                let mut user = self.credential(0);
                user.spec.targets =
                    objects::typed(json!([{"namespace": self.namespace, "secret": output, "configMap": output}]));
                user.metadata.name = Some("user".to_owned());
                objects::create(&beside, &user).await;
            }
            5 => {
                beside.delete("user", &Default::default()).await.expect("deleted");
                while beside.get_opt("user").await.expect("an answer").is_some() {
                    tokio::time::sleep(PACE).await;
                }
            }
            _ => {}
        }
    }

    fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }
}

fn grant(index: usize) -> AppCredentialGrant {
    objects::typed(json!({
        "apiVersion": "appcredential.io/v1alpha1", "kind": "AppCredentialGrant",
        "metadata": {"name": format!("grant-{index}")}, "spec": {"from": [{"namespace": HEALTHY}]},
    }))
}
