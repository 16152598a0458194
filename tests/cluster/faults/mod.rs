//! Faults between the controller and the API server: whatever goes wrong with whatever call, the end is the same.
//!
//! ```text
//! scenario  what happens: created, edited, renamed, deleted by hand, ...          scenario.rs
//!  └─ run   in a namespace of its own, recorded once without a fault; then        run.rs
//!           once for each call x each fault that applies to it                    fault.rs, layer.rs
//!            └─ the same end state, the same writes, no more writes, no panic     state.rs
//! ```
//!
//! The controller runs in this process, on a client that is a layer over the operator's own. The calls of a scenario
//! are those from its change on; those that list, only in the scenario that starts with them. Of each call:
//! F1 crash before it is sent, F2 done and the answer lost with a crash, F3 crash after the answer, F4 409, F5 503
//! or 429 with Retry-After 3600, F6 500, F7 done and then 504 or a reset connection, F9 403, also of a
//! namespace that is going away.
//!
//! Thinned out, each time the same: reads have no F2, F3 and F4 (they commit nothing); events have F1, F6 and F9 only
//! (nothing waits for them); where a fault has two forms, calls take turns. F8 (hang), F10 (stale reads), F11 and
//! F12 (watches) have tests of their own (`single`).
//!
//! About 450 runs take about 100 s of processor time, the API server's included: some 50 s on two idle cores. Each says
//! `<scenario>: <calls>, <runs>, diverged: 0` on stderr (`--nocapture`).
//!
//! Asked of each run: its end state is that of the run without a fault, and Secret, ConfigMap and status agree on a
//! revision that is not lower; each output was created, written and deleted as often as without a fault;
//! another look at everything writes nothing; what is not ours is as it was; nothing panicked.

mod elsewhere;
mod fault;
mod layer;
mod run;
mod scenario;
mod single;
mod state;
mod watches;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::join_all;
use tokio::sync::Semaphore;

use crate::harness::TestNamespace;
use fault::Fault;
use run::{NEVER, Reference, Run, Stage, WITHIN};
use scenario::Scenario;

/// Runs at once, of all tests together.
static AT_ONCE: Semaphore = Semaphore::const_new(20);
/// Panics in the operator's own code.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts panics of the operator, also those that it catches; not those of failing tests.
fn count_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let next = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let of_operator = |file: &str| ["src", "crates"].iter().any(|folder| Path::new(file).starts_with(folder));
            let of_operator = info.location().is_some_and(|location| of_operator(location.file()));
            PANICS.fetch_add(usize::from(of_operator), Ordering::SeqCst);
            next(info);
        }));
    });
}

/// The control plane, and an operator that may work in every namespace.
async fn stage() -> Stage {
    count_panics();
    let test = TestNamespace::idle("faults").await;
    // Each run has namespaces of its own.
    test.allowed_everywhere().await;
    Stage { test }
}

/// A name that no other run has.
fn namespace(of: &str) -> String {
    format!("{of}-{:08x}", RandomState::new().build_hasher().finish() >> 32)
}

/// One run with these faults.
async fn faulty(
    stage: &Stage,
    scenario: &Scenario,
    reference: &Reference,
    faults: Vec<(String, Fault)>,
    within: Duration,
) -> Result<(), String> {
    let _permit = AT_ONCE.acquire().await.expect("a permit");
    let what = format!("{} x {faults:?}", scenario.name);
    let mut run = Run::prepare(stage, scenario, namespace(scenario.name), None).await;
    let checked = async {
        run.perform(faults).await;
        run.check(reference, within).await
    };
    let checked = AssertUnwindSafe(checked).catch_unwind().await;
    let checked = checked.unwrap_or_else(|_| Err("the run itself failed".to_owned()));
    checked.map_err(|wrong| format!("{what}: {wrong}\n  {}", run.story()))
}

/// Every call of a scenario x every fault.
async fn matrix(scenario: Scenario, with_lists: bool) {
    let (started, panics) = (Instant::now(), PANICS.load(Ordering::SeqCst));
    let stage = stage().await;
    let reference = Run::prepare(&stage, &scenario, namespace(scenario.name), None).await.record().await;
    let calls: Vec<&str> = reference.calls.iter().map(|call| call.name.as_str()).collect();
    let calls: Vec<&str> = calls.into_iter().filter(|call| with_lists || !call.starts_with("LIST")).collect();
    // The status of a grant follows a second later, in whichever part of a run that is, and nothing waits for it.
    let calls: Vec<&str> = calls.into_iter().filter(|call| !call.contains("appcredentialgrants/status")).collect();
    let each = |(index, call)| Fault::of(call, index).into_iter().map(move |fault| (call, fault));
    let pairs = calls.iter().copied().enumerate().flat_map(each);
    let (stage, scenario, reference) = (&stage, &scenario, &reference);
    let run = async |(call, fault): (&str, Fault)| {
        let done = faulty(stage, scenario, reference, vec![(call.to_owned(), fault)], WITHIN).await;
        // Whether a source is read once more depends on when the news of a write come in: not every run does.
        let is_read_again = call.starts_with("GET") && !call.ends_with("#1");
        done.or_else(|wrong| if is_read_again && wrong.contains(NEVER) { Ok(()) } else { Err(wrong) })
    };
    let runs: Vec<_> = pairs.map(run).collect();
    let count = runs.len();
    let diverged: Vec<String> = join_all(runs).await.into_iter().filter_map(Result::err).collect();
    let (name, seconds) = (scenario.name, started.elapsed().as_secs_f64());
    eprintln!("{name}: {} calls, {count} runs, diverged: {}, {seconds:.1} s", calls.len(), diverged.len());
    assert!(diverged.is_empty(), "{name}, calls {calls:#?}\n{}", diverged.join("\n"));
    assert_eq!(PANICS.load(Ordering::SeqCst), panics, "the operator panicked");
}

macro_rules! matrices {
    ($($name:ident $room:ident $scenario:ident $with_lists:literal,)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            matrix($room::$scenario(), $with_lists).await;
        }
    )+};
}

matrices! {
    whatever_fails_while_a_credential_is_created_its_outputs_come_to_be scenario created true,
    whatever_fails_after_an_edit_it_reaches_every_output scenario value_edited false,
    whatever_fails_while_an_environment_goes_its_outputs_go_with_it scenario environment_removed false,
    whatever_fails_while_a_target_is_renamed_only_the_new_outputs_stay scenario target_renamed false,
    whatever_fails_while_the_authentication_changes_nothing_of_the_old_one_stays scenario authentication_changed false,
    whatever_fails_while_a_secret_changes_its_type_it_is_replaced_once scenario layout_changed false,
    whatever_fails_after_an_output_was_deleted_it_comes_back scenario output_deleted false,
    whatever_fails_after_an_output_was_edited_it_is_put_right scenario output_edited false,
    whatever_fails_after_a_source_changed_its_value_reaches_the_output scenario source_edited false,
    whatever_fails_while_a_foreign_object_is_in_the_way_it_is_not_touched scenario foreign_in_the_way false,
    whatever_fails_after_a_foreign_object_is_gone_the_outputs_come_to_be scenario foreign_removed false,
    whatever_fails_while_outputs_elsewhere_are_created_they_come_to_be elsewhere created true,
    whatever_fails_while_a_target_elsewhere_is_added_it_comes_to_be elsewhere target_added false,
    whatever_fails_while_targets_elsewhere_are_dropped_they_go_or_are_left_behind elsewhere targets_dropped false,
    whatever_fails_while_consent_is_revoked_nothing_of_ours_stays_there elsewhere consent_revoked false,
    whatever_fails_while_a_credential_goes_its_outputs_elsewhere_go_first elsewhere credential_deleted false,
}
