//! A restart with a thousand credentials in sync reads no source and writes nothing.
//!
//! It takes longer than the others, so the name puts it first.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::harness::TestNamespace;

/// How many.
const MANY: usize = 1000;
/// How long all of them may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_over_1000_synced_credentials_costs_no_request() {
    let mut test = TestNamespace::start("thousand").await;
    test.source("small-source", &[("token", b"t0ken")]).await;
    let started = Instant::now();
    let credentials = test.credentials();
    let small: serde_json::Value = crate::harness::documents(crate::manifests::SMALL).remove(0);
    let create = |index: usize| {
        let mut manifest = small.clone();
        manifest["metadata"]["name"] = json!(format!("small-{index:04}"));
        let credentials = credentials.clone();
        async move {
            let name = manifest["metadata"]["name"].as_str().unwrap();
            credentials.patch(name, &PatchParams::apply("test"), &Patch::Apply(&manifest)).await.expect("created");
        }
    };
    stream::iter((0..MANY).map(create)).buffer_unordered(32).for_each(async |()| {}).await;
    let created = started.elapsed();
    let in_sync = async || (test.operator.said("in sync").len() >= MANY).then_some(());
    test.wait_within(LIMIT, "all are in sync", in_sync).await;
    // Statuses come after outputs.
    let ready = async || {
        let all = credentials.list(&Default::default()).await.expect("a list").items.into_iter();
        let ready = all.filter(|object| object.data["status"]["conditions"][3]["status"] == "True").count();
        (ready == MANY).then_some(())
    };
    test.wait_within(LIMIT, "all are told to be ready", ready).await;
    let synced = started.elapsed();

    test.operator.terminate().await;
    let before = test.requests().len();
    let restarted = Instant::now();
    test.operator.start();
    test.operator.ready().await;
    let known = restarted.elapsed();
    let in_sync = async || (test.operator.said("in sync").len() >= MANY).then_some(());
    test.wait_within(LIMIT, "all are in sync again", in_sync).await;
    let done = restarted.elapsed();
    test.operator.terminate().await;
    println!(
        "{MANY} created in {created:.1?}, in sync after {synced:.1?}; a restart knew them after {known:.1?} and was done after {done:.1?}"
    );
    if test.counts_requests() {
        let writes: Vec<_> = test.requests().into_iter().skip(before).filter(|request| request.is_write()).collect();
        assert!(writes.is_empty(), "{} writes, such as {:?}", writes.len(), writes.first());
        let asked = test.requests().len() - before;
        assert!(test.tally_since(before).is_empty(), "and reads nothing: {:?}", test.tally_since(before));
        assert!(asked <= 25, "{asked} requests, however many there are");
    }
}
