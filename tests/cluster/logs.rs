//! The log lines of the documentation are those of a real run: the same messages with the same fields, and each is explained.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::TestNamespace;

const PAGE: &str = include_str!("../../docs/operations.md");

/// The part of the page about logs.
fn part() -> &'static str {
    let (_, rest) = PAGE.split_once("\n## Logs\n").expect("a part about logs");
    rest.split("\n## ").next().expect("its end")
}

/// The fields of a line but those that every line has, its span's among them.
fn fields(line: &Value) -> BTreeSet<String> {
    let always = ["timestamp", "level", "message", "target", "span", "spans"];
    let own = line.as_object().expect("an object").keys().filter(|key| !always.contains(&key.as_str()));
    let span = line["span"].as_object().into_iter().flat_map(|span| span.keys()).filter(|key| *key != "name");
    own.chain(span).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn documented_log_lines_match_a_real_run_and_explain_each_field() {
    let test = TestNamespace::start("logs").await;
    test.orders().await;
    let spec = json!({"connection": {"host": "pg2.internal", "port": null}, "parameters": [{"name": "region", "value": "eu"}]});
    test.edit("orders", spec).await;
    test.ready("orders").await;
    test.delete("Secret", "orders-source").await;
    test.not_ready("orders", "SecretNotFound").await;

    let mut written =
        test.operator.said("written").into_iter().filter(|line| line["object"].to_string().contains("ConfigMap"));
    let edited = written.next_back().expect("the write of the ConfigMap");
    assert_eq!(edited["keys"], "~host -pool -port +region", "{edited}");
    let real = test.operator.said_anything_like("SecretNotFound");
    let missing: Value = serde_json::from_str(real.first().expect("what is in the way")).expect("JSON");
    eprintln!("{edited}\n{missing}");

    let blocks = part().split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    let shown: Vec<Value> = blocks.flat_map(str::lines).map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let shown: Vec<BTreeSet<String>> = shown.iter().map(fields).collect();
    assert_eq!(shown, [fields(&edited), fields(&missing)]);
    for field in shown.iter().flatten() {
        assert!(part().contains(&format!("`{field}`")), "{field} is not explained");
    }
}
