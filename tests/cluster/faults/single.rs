//! Faults that are too slow, or too much of a kind of their own, for the matrix: calls that hang (F8), reads that
//! are stale (F10), and watches (F11, F12).
//!
//! Not here: a watch that dies silently is noticed when it is renewed, after two minutes, which is too long for a
//! test; and a list that fails on its second page would take more than 500 credentials.

use std::time::{Duration, Instant};

use futures::future::join_all;

use super::fault::Fault;
use super::run::{Reference, Run, WITHIN};
use super::scenario::{self, Scenario};
use super::watches::WatchFault;
use super::{faulty, namespace, stage};

/// A call is given up after 10 s; then comes a retry.
const AFTER_A_HANG: Duration = Duration::from_secs(35);

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_never_answered_is_given_up_and_made_again() {
    let stage = stage().await;
    let created: &[&str] = &[
        "GET secrets source #1",
        "POST secrets orders-staging #1",
        "POST configmaps orders-production #1",
        "PATCH appcredentials/status orders #1",
    ];
    let edited: &[&str] = &[
        "GET secrets source #1",
        "PATCH secrets orders-production #1",
        "PATCH configmaps orders-staging #1",
        "PATCH appcredentials/status orders #1",
    ];
    let scenarios = [(scenario::created(), created), (scenario::value_edited(), edited)];
    let each = scenarios.iter().map(async |(scenario, calls)| {
        let reference = Run::prepare(&stage, scenario, namespace(scenario.name), None).await.record().await;
        let hang =
            |call: &&str| faulty(&stage, scenario, &reference, vec![((*call).to_owned(), Fault::Hang)], AFTER_A_HANG);
        join_all(calls.iter().map(hang)).await
    });
    let diverged: Vec<String> = join_all(each).await.into_iter().flatten().filter_map(Result::err).collect();
    assert!(diverged.is_empty(), "{}", diverged.join("\n"));
}

/// A run in which reads of an object are answered with what it was before the change, besides other faults.
async fn stale(scenario: &Scenario, faults: &[(&str, Fault)], read: &str, kind: &str, name: &str) {
    let stage = stage().await;
    let reference = Run::prepare(&stage, scenario, namespace(scenario.name), None).await.record().await;
    let mut run = Run::prepare(&stage, scenario, namespace(scenario.name), None).await;
    run.settle().await;
    let before = run.body(kind, name).await;
    let mut faults: Vec<_> = faults.iter().map(|(call, fault)| ((*call).to_owned(), fault.clone())).collect();
    faults.push((read.to_owned(), Fault::Stale(200, before)));
    run.change(faults).await;
    let checked = run.check(&reference, WITHIN).await;
    assert_eq!(checked, Ok(()), "{}", run.story());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_read_before_its_change_is_read_again() {
    stale(&scenario::source_edited(), &[], "GET secrets source #1", "Secret", "source").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_read_of_an_output_does_not_overwrite_it_blindly() {
    let conflict = [("PATCH secrets orders #1", Fault::Conflict)];
    stale(&scenario::annotated_and_edited(), &conflict, "GET secrets orders #1", "Secret", "orders").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_object_not_seen_at_first_is_not_overwritten() {
    let stage = stage().await;
    let scenario = scenario::foreign_in_the_way();
    let reference = Run::prepare(&stage, &scenario, namespace(scenario.name), None).await.record().await;
    let missing = Fault::Stale(
        404,
        br#"{"kind":"Status","status":"Failure","reason":"NotFound","code":404,"message":""}"#.to_vec(),
    );
    let checked =
        faulty(&stage, &scenario, &reference, vec![("GET secrets orders #1".to_owned(), missing)], WITHIN).await;
    assert_eq!(checked, Ok(()));
}

/// A credential comes and is edited while every watch has this fault.
async fn watched(fault: WatchFault, starts: usize) {
    let stage = stage().await;
    let scenario = scenario::watched(fault != WatchFault::Withheld);
    let reference = reference(&stage, fault).await;
    let began = Instant::now();
    let mut run = Run::prepare(&stage, &scenario, namespace(scenario.name), Some(fault)).await;
    run.perform(Vec::new()).await;
    let checked = run.check(&reference, WITHIN).await;
    assert_eq!(checked, Ok(()), "{fault:?} {:?} {}", run.layer.watches(), run.story());
    // Each run has the operator's own client, which lets a watch start once a second.
    let most = usize::try_from(began.elapsed().as_secs()).expect("a number") + 2;
    let watches = run.layer.watches();
    assert_eq!(watches.len(), 6);
    assert!(watches.values().all(|count| *count <= most), "not more than {most} starts: {watches:?}");
    assert!(watches.values().any(|count| *count > starts), "the fault never came to be: {watches:?}");
}

/// What it comes to without the fault. Two edits of which only the second is told are written as one.
async fn reference(stage: &super::Stage, fault: WatchFault) -> Reference {
    let told = scenario::watched(true);
    let mut reference = Run::prepare(stage, &told, namespace(told.name), None).await.record().await;
    if fault == WatchFault::Withheld {
        let once = |count: usize| if count == 2 { 1 } else { count };
        reference.committed.values_mut().for_each(|count| *count = once(*count));
        reference.end.revisions.values_mut().for_each(|revision| *revision -= 1);
    }
    reference
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_closed_at_once_are_reopened_at_most_once_a_second() {
    watched(WatchFault::ClosedAtOnce(8), 8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_whose_version_expires_on_the_way_begin_anew() {
    watched(WatchFault::GoneInStream(2), 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watches_that_are_answered_410_again_and_again_begin_anew() {
    watched(WatchFault::GoneAtStart, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_come_twice_change_nothing() {
    watched(WatchFault::Twice, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_come_late_change_nothing() {
    watched(WatchFault::Late, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_watch_event_is_made_up_for_by_the_next() {
    watched(WatchFault::Withheld, 1).await;
}
