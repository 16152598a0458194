//! Watches that survive every failure.
//!
//! kube's watcher resumes and relists. Added here: a pause after errors that grows up to 30 s, a deadline for the first
//! list, smaller pages where objects are large, and a new start after HTTP-level 410s, for which kube's watcher would
//! ask for the same expired version for ever. Errors are logged by kind only: their text may quote what was decoded.

use std::fmt::Debug;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use http_body_util::LengthLimitError;
use kube::runtime::watcher::{self, Event, InitialListStrategy};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;
use tracing::{debug, warn};

use super::CallError;
use super::history::{self, Era, Eras};
use super::objects::{ConfigMaps, Named, OutputObject, Secrets};
use super::records::{GrantRecord, Record};
use appcredential_api::labels;

/// How long a watch lasts before it is renewed: a connection that died silently is noticed soon after.
const RENEW_SECONDS: u32 = 110;
/// How long the next object of the first list may take.
const LIST_STALL: Duration = Duration::from_secs(60);
/// How often in a row a list is refused before that is reported: an API server that has just started refuses too.
const REFUSALS: u32 = 3;
/// Objects in a page of a list, unless they are large.
const PAGE: u32 = 500;
/// How many times fewer are asked for after a page that was too large.
const SMALLER: u32 = 8;

/// What a watch tells.
#[derive(Debug)]
pub enum Change {
    /// Of a credential.
    Credential(Event<Record>),
    /// Of a grant.
    Grant(Event<GrantRecord>),
    /// Of a Secret that is an output.
    OutputSecret(Event<OutputObject<Secrets>>),
    /// Of a ConfigMap that is an output.
    OutputConfigMap(Event<OutputObject<ConfigMaps>>),
    /// Of any Secret: name and version.
    Secret(Event<Named<Secrets>>),
    /// Of any ConfigMap: name and version.
    ConfigMap(Event<Named<ConfigMaps>>),
    /// The API server refuses, again and again, to list what one of the watches is of. It is asked further on.
    Forbidden,
}

impl Change {
    /// Returns which watch sent an event, for metrics.
    #[must_use]
    pub fn watch(&self) -> Option<&'static str> {
        Some(match self {
            Self::Credential(_) => "appcredentials",
            Self::Grant(_) => "appcredentialgrants",
            Self::OutputSecret(_) => "output-secrets",
            Self::OutputConfigMap(_) => "output-configmaps",
            Self::Secret(_) => "secrets",
            Self::ConfigMap(_) => "configmaps",
            Self::Forbidden => return None,
        })
    }
}

/// How a watch begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lists {
    /// What is there comes through the watch itself (WatchList): one request, and no list in memory. Where the API
    /// server does not know that, it is paged.
    #[default]
    Streamed,
    /// What is there is listed page by page.
    Paged,
}

/// A stream of changes that never ends.
pub type Changes = BoxStream<'static, Change>;

/// Watches credentials, in a namespace or everywhere.
#[must_use]
pub fn credentials(client: Client, namespace: Option<&str>, lists: Lists) -> Changes {
    forever(client, namespace, config(lists), Change::Credential)
}

/// Watches grants.
#[must_use]
pub fn grants(client: Client, namespace: Option<&str>, lists: Lists) -> Changes {
    forever(client, namespace, config(lists), Change::Grant)
}

/// Watches outputs, by label.
#[must_use]
pub fn outputs(client: Client, namespace: Option<&str>, lists: Lists) -> [Changes; 2] {
    let ours = || config(lists).labels(&format!("{}={}", labels::MANAGED_BY, labels::MANAGER));
    [
        forever(client.clone(), namespace, ours(), Change::OutputSecret),
        forever(client, namespace, ours(), Change::OutputConfigMap),
    ]
}

/// Watches the names of all Secrets and ConfigMaps but outputs: metadata only.
#[must_use]
pub fn names(client: Client, namespace: Option<&str>, lists: Lists) -> [Changes; 2] {
    let others = || config(lists).labels(&format!("{}!={}", labels::MANAGED_BY, labels::MANAGER));
    [
        forever(client.clone(), namespace, others(), Change::Secret),
        forever(client, namespace, others(), Change::ConfigMap),
    ]
}

fn config(lists: Lists) -> watcher::Config {
    let config = watcher::Config::default().timeout(RENEW_SECONDS).page_size(PAGE);
    match lists {
        Lists::Streamed => config.streaming_lists(),
        Lists::Paged => config,
    }
}

struct Watch<K: Resource> {
    api: Api<K>,
    config: watcher::Config,
    inner: BoxStream<'static, watcher::Result<Event<K>>>,
    listing: bool,
    failures: u32,
    /// How often in a row the list was refused.
    refusals: u32,
    /// Of which era of the store it tells.
    era: Era,
    eras: Eras,
    /// For the log; empty where all namespaces are watched.
    namespace: String,
}

impl<K> Watch<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
{
    fn restart(&mut self) {
        self.inner = watcher::watcher(self.api.clone(), self.config.clone()).boxed();
        (self.listing, self.era) = (true, history::era());
    }

    /// The next event; none is that the list is refused.
    async fn next(&mut self) -> Option<Event<K>> {
        loop {
            self.look_for_restore();
            let item = if self.listing {
                tokio::time::timeout(LIST_STALL, self.inner.next()).await
            } else {
                tokio::select! {
                    item = self.inner.next() => Ok(item),
                    // Whichever watch has noticed.
                    () = self.eras.end_of(self.era) => continue,
                }
            };
            match item {
                Ok(Some(Ok(event))) => {
                    // The beginning of a list is no success: it comes before the list is asked for.
                    if !matches!(event, Event::Init) {
                        (self.failures, self.refusals) = (0, 0);
                    }
                    match &event {
                        Event::Init => self.listing = true,
                        Event::InitDone => self.listing = false,
                        Event::InitApply(object) | Event::Apply(object) => history::saw_object(object),
                        Event::Delete(object) => {
                            history::saw(object.meta().resource_version.as_deref().unwrap_or_default());
                        }
                    }
                    return Some(event);
                }
                Ok(Some(Err(error))) => {
                    if self.failed(&error).await {
                        return None;
                    }
                }
                Ok(None) | Err(_) => {
                    warn!(kind = %K::kind(&()), namespace = self.namespace, "the list stalled; starting again");
                    self.restart();
                }
            }
        }
    }

    /// Lists everything anew where the store has gone back since this watch began.
    fn look_for_restore(&mut self) {
        if !self.listing && self.era != history::era() {
            warn!(kind = %K::kind(&()), namespace = self.namespace, "the API server's store has gone back to an earlier state; everything is listed again");
            self.restart();
        }
    }

    /// Takes a failure in; whether it is that the list is refused.
    async fn failed(&mut self, error: &watcher::Error) -> bool {
        let (step, call) = describe(error);
        let code = call.as_ref().and_then(CallError::code);
        let streamed = self.config.initial_list_strategy == InitialListStrategy::StreamingList;
        if streamed && self.listing && code == Some(422) {
            debug!(kind = %K::kind(&()), "the API server does not stream lists; it is listed page by page");
            self.config.initial_list_strategy = InitialListStrategy::ListWatch;
            self.restart();
            return false;
        }
        if is_too_large(error) {
            // Never more again: what is large stays, and each time the list begins anew.
            let page = (self.config.page_size.unwrap_or(PAGE) / SMALLER).max(1);
            warn!(kind = %K::kind(&()), namespace = self.namespace, page, "a page of the list is too large; it is listed in smaller ones");
            self.config.page_size = Some(page);
            self.restart();
            return false;
        }
        self.failures += 1;
        self.refusals = if self.listing && code == Some(403) { self.refusals + 1 } else { 0 };
        let call = call.map_or_else(|| "no resourceVersion".to_owned(), |call| call.to_string());
        let (kind, namespace) = (K::kind(&()), &self.namespace);
        if step != "list" && self.failures <= 1 {
            debug!(%kind, namespace, step, error = call, "watch interrupted");
        } else if code == Some(404) {
            warn!(%kind, namespace, step, error = call, "the kind is not known to the API server; install it with `appcredential-operator crd | kubectl apply -f -`");
        } else {
            warn!(%kind, namespace, step, error = call, failures = self.failures, "the watch fails; the operator retries");
        }
        let pause = Duration::from_millis(500) * 2_u32.pow(self.failures.min(7) - 1);
        tokio::time::sleep(pause.min(Duration::from_secs(30))).await;
        if matches!(error, watcher::Error::WatchStartFailed(_)) && self.failures >= 3 {
            self.restart();
        }
        self.refusals >= REFUSALS
    }
}

/// Whether a page of a list was larger than it may be.
fn is_too_large(error: &watcher::Error) -> bool {
    let watcher::Error::InitialListFailed(error) = error else { return false };
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.into_iter().any(|error| error.is::<LengthLimitError>())
}

/// What failed, and how, without any text of the answer.
fn describe(error: &watcher::Error) -> (&'static str, Option<CallError>) {
    match error {
        watcher::Error::InitialListFailed(error) => ("list", Some(error.into())),
        watcher::Error::WatchStartFailed(error) => ("start", Some(error.into())),
        watcher::Error::WatchFailed(error) => ("stream", Some(error.into())),
        watcher::Error::WatchError(status) => {
            let answer = CallError::Answer { code: status.code, reason: status.reason.clone(), causes: Vec::new() };
            ("stream", Some(answer))
        }
        watcher::Error::NoResourceVersion => ("list", None),
    }
}

fn forever<K>(
    client: Client,
    namespace: Option<&str>,
    config: watcher::Config,
    change: fn(Event<K>) -> Change,
) -> Changes
where
    K: Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let api = |client| match namespace {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    };
    let renewed = Duration::from_secs(RENEW_SECONDS.into());
    let asked = api(client.clone());
    let api: Api<K> = api(history::asking(client, asked, renewed));
    let inner = watcher::watcher(api.clone(), config.clone()).boxed();
    let namespace = namespace.unwrap_or_default().to_owned();
    let watch = Watch {
        api,
        config,
        inner,
        listing: true,
        failures: 0,
        refusals: 0,
        era: history::era(),
        eras: Eras::new(),
        namespace,
    };
    let told = move |event: Option<Event<K>>| event.map_or(Change::Forbidden, change);
    stream::unfold(watch, async |mut watch| Some((watch.next().await, watch))).map(told).boxed()
}
