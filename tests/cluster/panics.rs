//! A bug in the operator that strikes one credential: it is told, the others go on, and it is tried again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use appcredential_api::Identity;
use appcredential_core::render::{self, Rendered};
use appcredential_core::resolve::Filled;
use appcredential_operator::controller::{self, Options};
use tokio::sync::oneshot;

use crate::harness::TestNamespace;
use crate::manifests::SMALL;

static BROKEN: AtomicBool = AtomicBool::new(true);
static TRIES: AtomicUsize = AtomicUsize::new(0);

/// Renders as always, but for the credential named `unlucky` as long as it is broken.
fn unlucky(identity: &Identity, filled: &Filled) -> Rendered {
    if identity.name == "unlucky" {
        TRIES.fetch_add(1, Ordering::SeqCst);
        assert!(!BROKEN.load(Ordering::SeqCst), "injected");
    }
    render::outputs(identity, filled)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_concerns_its_credential_alone_and_is_tried_again() {
    let test = TestNamespace::idle("panics").await;
    let client = test.operator_client().await;
    let options = Options { namespaces: vec![test.namespace.clone()], render: unlucky, ..Options::default() };
    let (stop, stopped) = oneshot::channel::<()>();
    let controller = tokio::spawn(async move {
        controller::run(client, options, async { stopped.await.expect("told to stop") }).await;
    });
    test.source("small-source", &[("token", b"t0ken")]).await;
    test.apply(&SMALL.replace("name: small}", "name: unlucky}")).await;
    let wanted = ("False".to_owned(), "InternalError".to_owned());
    let credential =
        test.credential_when("unlucky", "InternalError", |credential| credential.condition("Ready") == wanted).await;
    assert!(!credential.0["status"].to_string().contains("injected"), "the panic's text may quote anything");
    assert_eq!(test.event("unlucky", "InternalError").await["type"], "Warning");

    test.apply(SMALL).await;
    test.ready("small").await;
    test.wait_until("the operator retries", async || TRIES.load(Ordering::SeqCst) >= 2).await;
    assert!(test.outputs("unlucky").await.is_none());
    BROKEN.store(false, Ordering::SeqCst);
    test.ready("unlucky").await;
    assert_eq!(test.outputs_now("unlucky").await.secret_text()["token"], "t0ken");
    stop.send(()).expect("it runs");
    controller.await.expect("it ends in order");
}
