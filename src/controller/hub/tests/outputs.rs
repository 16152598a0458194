//! Outputs, sources and lists: what is news, and for whom.

use super::*;

#[test]
fn the_echoes_of_its_own_writes_wake_nobody() {
    let mut hub = settled();
    told(&mut hub, Change::OutputSecret(Event::Apply(output("10", "u1"))));
    told(&mut hub, Change::OutputSecret(Event::Apply(output("9", "u1"))));
    told(&mut hub, Change::Credential(Event::Apply(credential(1, json!({"observedGeneration": 1})))));
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "5"))));
    assert!(!wakes(&mut hub));
    assert!(hub.queue.is_at_rest());
}

#[test]
fn each_change_by_others_wakes_the_credential_once() {
    let mut hub = settled();
    for (what, change) in [
        ("the spec", Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 1}))))),
        ("a source", Change::Secret(Event::Apply(name("team", "source", "6")))),
        ("a source is gone", Change::Secret(Event::Delete(name("team", "source", "7")))),
        ("an output", Change::OutputSecret(Event::Apply(output("11", "somebody")))),
        ("an output is gone", Change::OutputSecret(Event::Delete(output("12", "u1")))),
        ("the status", Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 7}))))),
    ] {
        told(&mut hub, change);
        assert!(wakes(&mut hub), "{what}");
        assert!(!wakes(&mut hub), "{what}: once");
    }
}

#[test]
fn secrets_that_nobody_refers_to_are_not_kept() {
    let mut hub = settled();
    for index in 0..1000 {
        told(&mut hub, Change::Secret(Event::Apply(name("elsewhere", &format!("s{index}"), "1"))));
        told(&mut hub, Change::Secret(Event::Apply(name("elsewhere", "source", &format!("{index}")))));
    }
    assert!(!wakes(&mut hub));
    let everything = (std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
    assert_eq!(hub.interests.keys(everything).count(), 1);
}

#[test]
fn what_others_change_during_a_reconcile_runs_again() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    told(&mut hub, Change::OutputSecret(Event::Apply(output("20", "u1"))));
    finished(&mut hub, ticket, Learned { written: vec![output("20", "u1").observed], ..Learned::default() });
    assert!(!wakes(&mut hub), "our own");

    let ticket = begin_anew(&mut hub);
    told(&mut hub, Change::OutputSecret(Event::Apply(output("30", "u1"))));
    told(&mut hub, Change::OutputSecret(Event::Apply(output("31", "u1"))));
    finished(&mut hub, ticket, Learned { written: vec![output("30", "u1").observed], ..Learned::default() });
    assert_eq!(hub.reconcile().map(|(_, job)| job.touched.len()), Some(1), "somebody else's");
}

/// How many Secrets the next reconcile takes for its outputs.
fn secrets(hub: &mut Hub) -> Option<usize> {
    let job = hub.reconcile().map(|(_, job)| job);
    job.map(|job| job.observed.into_iter().filter(|there| there.kind == Kind::Secret).count())
}

#[test]
fn an_output_deleted_before_the_answer_to_its_write_is_missed() {
    for known in [true, false] {
        let mut hub = settled();
        let ticket = begin_anew(&mut hub);
        if !known {
            told(&mut hub, Change::OutputSecret(Event::Delete(output("29", "u1"))));
        }
        told(&mut hub, Change::OutputSecret(Event::Delete(output("31", "u1"))));
        finished(&mut hub, ticket, Learned { written: vec![output("30", "u1").observed], ..Learned::default() });
        assert_eq!(secrets(&mut hub), Some(0), "it is not there any more");
    }
}

#[test]
fn an_edit_during_a_reconcile_keeps_news_of_outputs() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    told(&mut hub, Change::OutputSecret(Event::Delete(output("31", "u1"))));
    told(&mut hub, Change::Credential(Event::Apply(credential(3, json!(null)))));
    finished(&mut hub, ticket, Learned { written: vec![output("30", "u1").observed], ..Learned::default() });
    assert_eq!(secrets(&mut hub), Some(0), "it is not there any more");
}

#[test]
fn a_list_during_a_reconcile_is_truer_than_its_answers() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    told(&mut hub, Change::OutputSecret(Event::Init));
    told(&mut hub, Change::OutputSecret(Event::InitDone));
    finished(&mut hub, ticket, Learned { written: vec![output("30", "u1").observed], ..Learned::default() });
    assert_eq!(secrets(&mut hub), Some(0), "written before the list, and gone again");
}

#[test]
fn what_a_new_list_does_not_name_is_gone() {
    let mut hub = settled();
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "5"))));
    told(&mut hub, Change::Secret(Event::Init));
    told(&mut hub, Change::Secret(Event::InitDone));
    assert!(wakes(&mut hub), "the source was deleted while the watch was down");
    told(&mut hub, Change::OutputSecret(Event::Init));
    told(&mut hub, Change::OutputSecret(Event::InitDone));
    assert!(wakes(&mut hub), "the output was deleted while the watch was down");
    told(&mut hub, Change::OutputConfigMap(Event::<OutputObject<ConfigMaps>>::Init));
    told(&mut hub, Change::OutputConfigMap(Event::InitDone));
    assert!(!wakes(&mut hub), "another kind's list says nothing of Secrets");
    told(&mut hub, Change::Credential(Event::Init));
    told(&mut hub, Change::Credential(Event::InitDone));
    assert_eq!(hub.credentials(), 0);
    assert!(hub.queue.is_at_rest());
}

#[test]
fn what_comes_after_a_list_is_not_swept_away_with_it() {
    let mut hub = settled();
    let scoped = |change| Scoped { namespace: None, change };
    hub.changed(scoped(Change::OutputSecret(Event::Init)), Instant::now());
    hub.changed(scoped(Change::OutputSecret(Event::InitDone)), Instant::now());
    hub.changed(scoped(Change::OutputSecret(Event::Apply(output("11", "u1")))), Instant::now());
    work(&mut hub);
    assert_eq!(secrets(&mut hub), Some(1));
}

#[test]
fn a_list_is_true_whatever_its_version() {
    let mut hub = settled();
    told(&mut hub, Change::OutputSecret(Event::Init));
    told(&mut hub, Change::OutputSecret(Event::InitApply(output("3", "former"))));
    told(&mut hub, Change::OutputSecret(Event::InitDone));
    let versions = |job: Job| job.observed.into_iter().map(|it| it.resource_version).collect::<Vec<_>>();
    let (ticket, job) = hub.reconcile().unwrap_or_else(|| unreachable!("the output went back"));
    assert_eq!(versions(job), ["3"]);
    finished(&mut hub, ticket, to_say(1));
    let (ticket, _) = hub.status().unwrap_or_else(|| unreachable!("a status"));
    reported(&mut hub, ticket, Reported::Written("20".into()));
    told(&mut hub, Change::Credential(Event::Init));
    told(&mut hub, Change::Credential(Event::InitApply(credential(1, json!(null)))));
    told(&mut hub, Change::Credential(Event::InitDone));
    assert!(wakes(&mut hub), "the status is gone");
}

#[test]
fn an_object_in_the_way_is_listened_for_and_looked_at_again() {
    let mut hub = settled();
    let mut ticket = begin_anew(&mut hub);
    let place = ObjectRef::new(Kind::ConfigMap, "team", "app");
    let blocked =
        || Learned { blocked: [place.clone()].into(), disposition: Some(Disposition::Waiting), ..Learned::default() };
    finished(&mut hub, ticket, blocked());
    ticket = begin(&mut hub);
    finished(&mut hub, ticket, blocked());
    assert!(hub.reconcile().is_none(), "it may have gone before anybody listened, but only once");
    let gone: Named<ConfigMaps> =
        decoded(json!({"metadata": {"namespace": "team", "name": "app", "uid": "x", "resourceVersion": "9"}}));
    told(&mut hub, Change::ConfigMap(Event::Delete(gone)));
    assert!(hub.reconcile().is_some());
}

#[test]
fn an_edit_does_not_wait_for_the_retry_of_a_failure() {
    let mut hub = settled();
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, Learned { disposition: Some(Disposition::Retry), ..Learned::default() });
    assert!(hub.reconcile().is_none());
    assert!(due(&hub).is_some());
    told(&mut hub, Change::Credential(Event::Apply(credential(2, json!({"observedGeneration": 1})))));
    let ticket = begin(&mut hub);
    assert!(due(&hub).is_none());
    finished(&mut hub, ticket, well());
    assert!(hub.queue.is_at_rest());
}

#[test]
fn a_credential_that_does_not_decode_is_a_job_like_any_other() {
    let mut hub = Hub::new(Selection::default(), &[], "".into(), 16, Metrics::default());
    let poison: Record =
        decoded(json!({"metadata": {"namespace": "team", "name": "bad", "uid": "u"}, "spec": "nonsense"}));
    told(&mut hub, Change::Credential(Event::Apply(poison)));
    told(&mut hub, Change::Credential(Event::Apply(credential(1, json!("nonsense")))));
    assert!(wakes(&mut hub) && wakes(&mut hub));
}

#[test]
fn a_source_that_was_read_out_of_date_is_read_again() {
    let mut hub = settled();
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "6"))));
    let read = |version: &str| Learned {
        sources: [(SourceKey { kind: Kind::Secret, name: "source".to_owned() }, version.into())].into(),
        ..well()
    };
    let ticket = begin(&mut hub);
    finished(&mut hub, ticket, read("5"));
    assert!(due(&hub).is_some(), "5 is older than 6");
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, read("6"));
    assert!(due(&hub).is_none());
}

#[test]
fn a_missed_source_is_read_again_where_it_comes_back_as_it_was() {
    let mut hub = settled();
    told(&mut hub, Change::Secret(Event::Apply(name("team", "source", "6"))));
    let source = SourceKey { kind: Kind::Secret, name: "source".to_owned() };
    let missed =
        || Learned { missing: [source.clone()].into(), disposition: Some(Disposition::Waiting), ..Learned::default() };
    let list = |hub: &mut Hub| {
        for event in [Event::Init, Event::InitApply(name("team", "source", "6")), Event::InitDone] {
            told(hub, Change::Secret(event));
        }
    };
    let ticket = begin(&mut hub);
    finished(&mut hub, ticket, missed());
    list(&mut hub);
    let ticket = begin(&mut hub);
    list(&mut hub);
    finished(&mut hub, ticket, missed());
    assert!(due(&hub).is_some(), "the list was the last news of it");
    let ticket = begin_anew(&mut hub);
    finished(&mut hub, ticket, missed());
    assert!(due(&hub).is_none(), "it is gone");
}
