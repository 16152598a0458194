//! The sources of one reconcile, environment by environment.
//!
//! A source is read when the first environment asks for it. What is small stays for the environments after it, so that a
//! usual credential reads each of its sources once; what is large is read again by the next that asks for it, so that a
//! reconcile never holds the values of two environments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::StreamExt;

use appcredential_api::{Reason, ResourceVersion};
use appcredential_cluster::{Cluster, Data, Versions};
use appcredential_core::plan::MAX_DATA;
use appcredential_core::resolve::{Environment, Inputs, Source, SourceKey};

/// How many sources are read at once.
const AT_ONCE: usize = 4;
/// The bytes of values that stay for the environments after.
const SMALL: usize = 128 * 1024;
/// The bytes of values that an environment may have: its Secret and its ConfigMap full.
const MOST: usize = 2 * MAX_DATA;

/// The sources.
pub(super) struct Sources<'a> {
    cluster: &'a Cluster,
    namespace: &'a str,
    /// The versions that the watches know.
    known: &'a Versions,
    /// The keys that any environment wants.
    wanted: BTreeMap<SourceKey, BTreeSet<String>>,
    /// What the present environment may look at.
    inputs: Inputs,
    /// The sources of which not everything that is wanted was kept.
    partial: BTreeSet<SourceKey>,
    /// The versions that were read last.
    versions: Versions,
    /// The versions that were read first: where a source has changed meanwhile, its watch tells, and all is done again.
    pub(super) first: Versions,
    /// Those that were not there.
    pub(super) missing: BTreeSet<SourceKey>,
}

impl<'a> Sources<'a> {
    /// Collects the sources of these environments; nothing is read yet.
    pub(super) fn new(
        cluster: &'a Cluster,
        namespace: &'a str,
        known: &'a Versions,
        environments: &[Environment],
    ) -> Self {
        let mut wanted: BTreeMap<SourceKey, BTreeSet<String>> = BTreeMap::new();
        for (source, keys) in environments.iter().flat_map(Environment::wanted) {
            wanted.entry(source).or_default().extend(keys);
        }
        let (inputs, partial) = (Inputs::new(), BTreeSet::new());
        let (versions, first, missing) = (Versions::new(), Versions::new(), BTreeSet::new());
        Self { cluster, namespace, known, wanted, inputs, partial, versions, first, missing }
    }

    /// Reads what an environment asks for and is not there yet.
    pub(super) async fn of(&mut self, environment: &Environment) -> &Inputs {
        self.make_room();
        let own = environment.wanted();
        let missing: Vec<SourceKey> = own.keys().filter(|source| !self.inputs.contains_key(*source)).cloned().collect();
        let (cluster, namespace, known) = (self.cluster, self.namespace, self.known);
        let mut held = self.size();
        let came = &AtomicUsize::new(held);
        let reads = missing.into_iter().map(|source| {
            let wanted = self.wanted.get(&source).cloned().unwrap_or_default();
            async move {
                let read = cluster.read_source(namespace, &source, &wanted, known.get(&source)).await;
                let bytes = if let Source::Found(data) = &read.0 { size(data) } else { 0 };
                // Here, and not below: one that waits for the share is only moved on together with the others.
                if came.fetch_add(bytes, Ordering::Relaxed) + bytes > SMALL {
                    cluster.reserve(0).await;
                }
                (source, read)
            }
        });
        // In order: which of too many does not fit must be the same each time.
        let mut reads = futures::stream::iter(reads.collect::<Vec<_>>()).buffered(AT_ONCE);
        while let Some((source, (read, version))) = reads.next().await {
            let mut read = read;
            if matches!(read, Source::Missing) {
                self.missing.insert(source.clone());
            }
            if let Source::Found(data) = &mut read {
                if held + size(data) > SMALL {
                    let keys = own.get(&source);
                    data.retain(|key, _| keys.is_some_and(|keys| keys.contains(key)));
                    self.partial.insert(source.clone());
                }
                held += size(data);
            }
            if held > MOST {
                let message = format!(
                    "has values that do not fit beside the others: together they have over {MOST} bytes, and Kubernetes allows {MAX_DATA} in an output; remove something"
                );
                (held, read) = (self.size(), Source::Failed(Reason::TooLarge, message));
            }
            if let Some(version) = version {
                self.first.entry(source.clone()).or_insert_with(|| version.clone());
                self.versions.insert(source.clone(), version);
            }
            self.inputs.insert(source, read);
        }
        &self.inputs
    }

    /// Returns the version in which a source was read last.
    pub(super) fn version(&self, source: &SourceKey) -> Option<ResourceVersion> {
        self.versions.get(source).cloned()
    }

    /// Lets go of what is too large to stay.
    fn make_room(&mut self) {
        for source in std::mem::take(&mut self.partial) {
            self.inputs.remove(&source);
        }
        if self.size() > SMALL {
            self.inputs.clear();
        }
    }

    fn size(&self) -> usize {
        let sizes = self.inputs.values().map(|source| if let Source::Found(data) = source { size(data) } else { 0 });
        sizes.sum()
    }
}

fn size(data: &Data) -> usize {
    data.values().map(appcredential_api::SensitiveBytes::len).sum()
}
