//! The operator stops and starts: killed between any two writes it leaves nothing that the next start does not
//! put right, and asked to stop it ends in order.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;

use crate::harness::TestNamespace;
use crate::manifests::{SHOP, shop_environment};

/// What both environments of [`SHOP`] are in the end, whatever happened on the way.
async fn assert_shop(test: &TestNamespace, host: &str) {
    for (environment, password) in [("staging", "s3"), ("production", "p4")] {
        let outputs = test.outputs_now(&format!("shop-{environment}")).await;
        assert_eq!(outputs.secret_text()["password"], password);
        assert_eq!(outputs.settings()["host"], format!("{host}.{environment}"));
        let revision = outputs.revision().expect("one revision on both");
        let credential = test.credential("shop").await.unwrap();
        assert_eq!(credential.environment(environment)["targets"][0]["revision"], revision);
    }
    assert_eq!(test.output_names().await.len(), 4, "and nothing else is left behind");
}

/// Kills the operator as soon as it has told of `writes` writes of outputs, or has nothing left to do.
async fn kill_after(test: &mut TestNamespace, writes: usize) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while test.operator.said("written").len() < writes {
        assert!(Instant::now() < deadline, "not {writes} writes\n{}", test.report().await);
        tokio::task::yield_now().await;
    }
    test.operator.kill();
}

async fn killed_after(writes: usize) {
    let mut test = TestNamespace::idle("killed").await;
    for (source, password) in [("shop-source-staging", "s3"), ("shop-source-production", "p4")] {
        test.source(source, &[("password", password.as_bytes())]).await;
    }
    test.operator.start();
    test.operator.ready().await;
    test.apply(SHOP).await;
    kill_after(&mut test, writes).await;
    assert!(test.output_names().await.len() >= writes, "it was killed after {writes} writes");
    test.operator.start();
    test.ready("shop").await;
    assert_shop(&test, "mysql").await;

    // The same while everything is there and changes.
    let environments = ["staging", "production"].map(|name| {
        let mut environment = shop_environment(name);
        environment["connection"]["host"] = json!(format!("mysql2.{name}"));
        environment
    });
    test.edit("shop", json!({"environments": environments})).await;
    let before = test.operator.said("written").len();
    kill_after(&mut test, before.max(writes.min(4))).await;
    test.operator.start();
    test.ready("shop").await;
    assert_shop(&test, "mysql2").await;
    test.at_rest().await;
    assert_shop(&test, "mysql2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_start_repairs_whatever_a_killed_operator_left() {
    join_all((0..=4).map(killed_after)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_that_is_asked_to_stop_ends_with_success() {
    let mut test = TestNamespace::start("stopped").await;
    test.small().await;
    test.operator.terminate().await;
    // Right after its start, when nothing is known yet, too.
    test.operator.start();
    test.wait_until("it listens for signals", async || !test.operator.said("starting").is_empty()).await;
    test.operator.terminate().await;
    // And in the middle of its work.
    test.operator.start();
    test.operator.ready().await;
    for index in 0..20 {
        test.apply(&crate::manifests::SMALL.replace("name: small}", &format!("name: small-{index}}}"))).await;
    }
    test.operator.terminate().await;
    test.operator.start();
    for index in 0..20 {
        test.ready(&format!("small-{index}")).await;
    }
}
