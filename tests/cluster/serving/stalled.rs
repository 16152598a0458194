//! An operator that stands still says so.
//!
//! All threads of its runtime are blocked by what renders; probes are answered by another one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use appcredential_operator::controller::{self, Options};
use appcredential_operator::pulse::{Limits, Pulse};
use appcredential_operator::serve::{Serving, start};

use super::get;
use crate::harness::TestNamespace;

/// Whether what renders waits.
static STALLED: AtomicBool = AtomicBool::new(true);

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_work_loop_fails_liveness_until_it_goes_on() {
    let test = TestNamespace::idle("stalled").await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    let pulse = Pulse::with(Limits { beat: Duration::from_secs(7), ..Limits::default() });
    start(Serving { health: Some((port, pulse.clone())), metrics: None }).expect("it listens");
    let kubeconfig = test.operator.kubeconfig().to_owned();
    let namespaces = vec![test.namespace.clone()];
    // A runtime of its own with one thread, which also does the work of the loop.
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let client = crate::harness::client(&kubeconfig).await;
            let render = |identity: &_, filled: &_| {
                while STALLED.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(10));
                }
                appcredential_core::render::outputs(identity, filled)
            };
            let options = Options { namespaces, render, pulse, ..Options::default() };
            controller::run(client, options, tokio::time::sleep(Duration::from_secs(120))).await;
        });
    });
    test.wait_until("it is ready", async || get(port, "/readyz", &[]).await.0 == 200).await;
    test.source("small-source", &[("token", b"t0ken"), ("other", b"0ther")]).await;
    test.apply(crate::manifests::SMALL).await;
    test.wait_until("it is not alive", async || get(port, "/livez", &[]).await.0 == 503).await;
    assert!(get(port, "/livez", &[]).await.1.contains("the work loop has not run"));
    STALLED.store(false, Ordering::Relaxed);
    test.wait_until("it is alive again", async || get(port, "/livez", &[]).await.0 == 200).await;
    test.ready("small").await;
    drop(thread);
}
