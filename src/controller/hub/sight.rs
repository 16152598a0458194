//! What the hub sees: which lists are complete, and which namespaces may not be listed.
//!
//! A namespace that is refused at the start is set aside, so that the others are served. The operator asks again, and
//! serves it once all its lists are complete. It then reconciles credentials in it, and those with targets in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use tracing::{info, warn};

use super::super::Namespace;
use super::super::queue::Key;
use super::chores::Chore;
use super::{Hub, List};
use appcredential_api::Kind;
use appcredential_core::plan::Observed;

/// The lists that are complete before anything is done in a namespace.
const ALL: &[List] = &[
    List::Credentials,
    List::Grants,
    List::Outputs(Kind::Secret),
    List::Outputs(Kind::ConfigMap),
    List::Names(Kind::Secret),
    List::Names(Kind::ConfigMap),
];

impl Hub {
    /// Returns whether the credentials of all these namespaces are known, refused namespaces aside.
    pub(in super::super) fn knows_credentials(&self, namespaces: &[Namespace]) -> bool {
        self.knows(namespaces, &[List::Credentials])
    }

    /// Returns whether everything in all these namespaces is known, refused namespaces aside.
    pub(in super::super) fn knows_all(&self, namespaces: &[Namespace]) -> bool {
        self.knows(namespaces, ALL)
    }

    /// An operator that may list nothing at all knows nothing.
    fn knows(&self, namespaces: &[Namespace], lists: &[List]) -> bool {
        let refused = |at: &Namespace| at.as_deref().is_some_and(|namespace| self.is_forbidden(namespace));
        namespaces.iter().all(|at| self.is_listed(at, lists) || refused(at))
            && namespaces.iter().any(|at| self.is_listed(at, lists))
    }

    fn is_listed(&self, at: &Namespace, lists: &[List]) -> bool {
        lists.iter().all(|list| self.listed.contains(&(*list, at.clone())))
    }

    /// Returns whether a namespace is watched and cannot be listed.
    pub(super) fn is_forbidden(&self, namespace: &str) -> bool {
        self.sight.forbidden.contains(namespace)
    }

    /// Returns the outputs of a credential but for namespaces where not everything is known: whether a namespace
    /// consents may be what is not.
    pub(super) fn observed(&self, key: &Key) -> Vec<Observed> {
        let mut observed = self.outputs.of(key);
        observed.retain(|output| !self.is_forbidden(&output.namespace));
        observed
    }

    /// Takes in that a list of a namespace was refused. A list that was complete before stays known meanwhile.
    pub(super) fn forbidden(&mut self, at: &Namespace) {
        let Some(namespace) = at.as_deref() else { return };
        if self.is_listed(at, ALL) || self.is_forbidden(namespace) {
            return;
        }
        warn!(
            namespace,
            "the operator may not list this namespace: nothing in it is served until its service account has its role there"
        );
        Arc::make_mut(&mut self.sight.forbidden).insert(namespace.to_owned());
        self.look_again(namespace);
    }

    /// Takes in that a list of a namespace is complete, and with it perhaps all of them.
    pub(super) fn sees(&mut self, at: &Namespace) {
        let Some(namespace) = at.as_deref() else { return };
        if self.is_forbidden(namespace) && self.is_listed(at, ALL) {
            info!(namespace, "this namespace can be listed now");
            Arc::make_mut(&mut self.sight.forbidden).remove(namespace);
            self.look_again(namespace);
        }
    }

    /// Everything that has to do with a namespace is looked at.
    fn look_again(&mut self, namespace: &str) {
        self.chores.ask(Chore::Namespace(namespace.to_owned()), None, BTreeSet::new());
    }
}

#[cfg(test)]
mod tests {
    use kube::runtime::watcher::Event;
    use serde_json::json;
    use tokio::time::Instant;

    use super::super::super::Scoped;
    use super::super::tests::{Next, credential, key, output, output_in, work};
    use super::*;
    use crate::controller::job::Job;
    use crate::metrics::Metrics;
    use appcredential_cluster::watch::Change;
    use appcredential_core::resolve::Selection;

    fn namespaces() -> [Namespace; 2] {
        [Some("team".into()), Some("other".into())]
    }

    fn told(hub: &mut Hub, namespace: &Namespace, change: Change) {
        hub.changed(Scoped { namespace: namespace.clone(), change }, Instant::now());
        work(hub);
    }

    fn list_credentials(hub: &mut Hub, namespace: &Namespace) {
        told(hub, namespace, Change::Credential(Event::InitDone));
    }

    fn list_the_rest(hub: &mut Hub, namespace: &Namespace) {
        told(hub, namespace, Change::Grant(Event::InitDone));
        told(hub, namespace, Change::OutputSecret(Event::InitDone));
        told(hub, namespace, Change::OutputConfigMap(Event::InitDone));
        told(hub, namespace, Change::Secret(Event::InitDone));
        told(hub, namespace, Change::ConfigMap(Event::InitDone));
    }

    fn hub() -> Hub {
        let names = namespaces().map(|namespace| namespace.unwrap_or_default().to_string());
        Hub::new(Selection::default(), &names, "".into(), 16, Metrics::default())
    }

    #[test]
    fn a_refused_namespace_is_set_aside_until_all_lists_complete() {
        let (mut hub, all) = (hub(), namespaces());
        let [team, other] = &all;
        list_credentials(&mut hub, other);
        assert!(!hub.knows_credentials(&all), "the other one is still asked");
        told(&mut hub, team, Change::Credential(Event::Init));
        told(&mut hub, team, Change::Credential(Event::InitApply(credential(1, json!(null)))));
        list_credentials(&mut hub, team);
        list_the_rest(&mut hub, other);
        assert!(hub.knows_credentials(&all) && !hub.knows_all(&all));
        told(&mut hub, team, Change::Forbidden);
        assert!(hub.knows_all(&all));
        assert!(hub.next(Instant::now()).is_none(), "nothing is done where not everything is known");
        list_the_rest(&mut hub, team);
        let next = hub.reconcile().map(|(_, job)| (job.record.identity().name, job.consent.sight.forbidden.len()));
        assert_eq!(next, Some((key().name, 0)), "it is looked at now");
    }

    #[test]
    fn outputs_are_not_known_where_it_is_not_known_who_consents() {
        let (mut hub, all) = (hub(), namespaces());
        let [team, other] = &all;
        told(&mut hub, team, Change::Credential(Event::Init));
        told(&mut hub, team, Change::Credential(Event::InitApply(credential(1, json!(null)))));
        list_credentials(&mut hub, team);
        list_the_rest(&mut hub, team);
        list_credentials(&mut hub, other);
        told(&mut hub, other, Change::OutputSecret(Event::Apply(output("10", "u1"))));
        told(&mut hub, other, Change::OutputSecret(Event::Apply(output_in("other", "10", "u1"))));
        told(&mut hub, other, Change::Forbidden);
        let places = |job: Job| job.observed.into_iter().map(|output| output.namespace).collect::<Vec<_>>();
        let job = hub.reconcile().map(|(_, job)| places(job));
        assert_eq!(job, Some(vec!["team".to_owned()]));
    }

    #[test]
    fn a_grant_names_its_users_once_all_of_them_are_known() {
        let (mut hub, all) = (hub(), namespaces());
        let [team, other] = &all;
        let grant: appcredential_cluster::GrantRecord = serde_json::from_str(
            r#"{"metadata": {"namespace": "other", "name": "grant", "uid": "g", "generation": 1, "resourceVersion": "1"},
                "spec": {"from": [{"namespace": "team"}]}}"#,
        )
        .unwrap_or_else(|error| unreachable!("{error}"));
        list_credentials(&mut hub, other);
        list_the_rest(&mut hub, other);
        told(&mut hub, team, Change::Forbidden);
        told(&mut hub, other, Change::Grant(Event::Apply(grant)));
        let mut later = Instant::now();
        let mut next = |hub: &mut Hub| {
            later += std::time::Duration::from_secs(2);
            hub.next(later).is_some()
        };
        assert!(!next(&mut hub), "a credential of the team may use it");
        list_credentials(&mut hub, team);
        list_the_rest(&mut hub, team);
        assert!(next(&mut hub));
    }

    #[test]
    fn where_everything_is_refused_nothing_is_known() {
        let (mut hub, all) = (hub(), namespaces());
        for namespace in &all {
            told(&mut hub, namespace, Change::Forbidden);
        }
        assert!(!hub.knows_credentials(&all));
        let everywhere = [None];
        told(&mut hub, &None, Change::Forbidden);
        assert!(!hub.knows_credentials(&everywhere));
    }

    #[test]
    fn what_was_known_once_stays_known_where_it_is_refused_later() {
        let (mut hub, all) = (hub(), namespaces());
        for namespace in &all {
            list_credentials(&mut hub, namespace);
            list_the_rest(&mut hub, namespace);
        }
        for namespace in &all {
            told(&mut hub, namespace, Change::Forbidden);
        }
        assert!(hub.knows_all(&all));
        assert!(!hub.is_forbidden("team"));
    }
}
