//! What the operator answers over HTTP, to friends and to others.

mod hostile;
mod metrics;
mod probes;
mod stalled;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::TestNamespace;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// An operator with both ports.
pub(crate) struct Served {
    pub(crate) test: TestNamespace,
    pub(crate) health: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

impl Served {
    /// Starts one with these arguments besides.
    pub(crate) async fn start(name: &str, args: &[&str]) -> Self {
        let mut test = TestNamespace::idle(name).await;
        let mut all = vec!["--health-address", "127.0.0.1:0", "--metrics-address", "127.0.0.1:0"];
        all.extend(args);
        test.watching(&all);
        test.operator.start();
        let [health, metrics] = ["--health-address", "--metrics-address"].map(|flag| flag.to_owned());
        let (health, metrics) = (address(&test, &health).await, address(&test, &metrics).await);
        Self { test, health, metrics }
    }

    /// The metrics, each line's name and labels with its value.
    pub(crate) async fn scrape(&self) -> BTreeMap<String, f64> {
        let (status, text) = get(self.metrics, "/metrics", &[]).await;
        assert_eq!(status, 200, "{text}");
        assert!(text.ends_with("# EOF\n"), "it is whole");
        let samples = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' '));
        samples.map(|(name, value)| (name.to_owned(), value.parse().expect("a number"))).collect()
    }
}

/// Where a process listens for a flag, as its log says.
async fn address(test: &TestNamespace, flag: &str) -> SocketAddr {
    let found = async || {
        let lines = test.operator.said("listening");
        let line = lines.into_iter().find(|line| line["flag"] == flag)?;
        line["address"].as_str()?.parse().ok()
    };
    test.wait_for("it listens", found).await
}

/// What is answered to these bytes until the other end closes.
pub(crate) async fn exchange(at: SocketAddr, request: &[u8]) -> String {
    let talk = async {
        let mut stream = TcpStream::connect(at).await?;
        // It may be refused before all is sent.
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    tokio::time::timeout(ANSWER * 4, talk).await.expect("an answer or an end").unwrap_or_default()
}

/// Status and body of a GET.
pub(crate) async fn get(at: SocketAddr, path: &str, headers: &[String]) -> (u16, String) {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let request = format!("GET {path} HTTP/1.1\r\nHost: it\r\nConnection: close\r\n{headers}\r\n");
    let answer = tokio::time::timeout(ANSWER, exchange(at, request.as_bytes())).await.expect("an answer in time");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    (status, body.to_owned())
}
