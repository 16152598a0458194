//! A hundred hostile requests to each port, and a thousand connections that ask nothing.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use appcredential_operator::metrics::Metrics;
use appcredential_operator::serve::{Serving, start};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::metrics::allowed;
use super::{Served, exchange, get};

/// Enough for an answer that no buffer holds.
const NAMESPACES: usize = 10_000;
/// How many tokens are made up.
const TOKENS: usize = 300;

/// One of a hundred hostile requests.
fn hostile(index: usize) -> Vec<u8> {
    let long = "x".repeat(64 * 1024);
    let text = match index % 10 {
        0 => format!("GET /metrics HTTP/1.1\r\nHost: it\r\nX-Long: {long}\r\n\r\n"),
        1 => format!("GET /{long} HTTP/1.1\r\nHost: it\r\n\r\n"),
        2 => "GET /../../etc/passwd HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n".to_owned(),
        3 => {
            "POST /metrics HTTP/1.1\r\nHost: it\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\nx".to_owned()
        }
        4 => "PUT /livez HTTP/1.1\r\nHost: it\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n".to_owned(),
        5 => format!(
            "GET /metrics HTTP/1.1\r\nHost: it\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            "a".repeat(9000)
        ),
        6 => "\u{0}\u{1}\u{2}nonsense\r\n\r\n".to_owned(),
        7 => "GET /livez HTTP/1.1\r\nHost: it\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello".to_owned(),
        8 => format!("GET /livez HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(5000)),
        _ => "GET /debug/pprof/heap?x=%00 HTTP/1.0\r\n\r\n".to_owned(),
    };
    text.into_bytes()
}

async fn attack(at: SocketAddr) {
    let mut attacks = JoinSet::new();
    for index in 0..100 {
        attacks.spawn(async move { exchange(at, &hostile(index)).await });
    }
    // Slow ones: a byte now and then.
    for _ in 0..10 {
        attacks.spawn(async move {
            if let Ok(mut stream) = TcpStream::connect(at).await {
                for byte in b"GET /livez HTTP/1.1\r\nHost: it\r\n" {
                    if stream.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(400)).await;
                }
            }
            String::new()
        });
    }
    while let Some(answer) = attacks.join_next().await {
        let answer = answer.expect("an attack");
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        let refused = ["", "400", "401", "403", "404", "405", "413", "414", "431"].contains(&status.as_str());
        assert!(refused || (status == "200" && answer.contains("ok")), "{}", answer.get(..200).unwrap_or(&answer));
        for word in ["root:", "panicked", "src/", "canary"] {
            assert!(!answer.contains(word), "{answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_and_idle_connections_get_and_stop_nothing() {
    let mut served = Served::start("hostile", &["--metrics-access", "token"]).await;
    served.test.orders().await;
    for at in [served.health, served.metrics] {
        attack(at).await;
        let mut idle = Vec::new();
        for _ in 0..1000 {
            idle.extend(
                tokio::time::timeout(Duration::from_secs(1), TcpStream::connect(at)).await.ok().and_then(Result::ok),
            );
        }
        assert!(idle.len() > 200, "only {} connections could be opened", idle.len());
        let path = if at == served.health { "/livez" } else { "/metrics" };
        let expected = if at == served.health { 200 } else { 401 };
        assert_eq!(get(at, path, &[]).await.0, expected, "while they are open");
    }
    served.test.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    served.test.at_revision("orders", 2).await;
    assert!(served.test.operator.is_running());
    assert!(served.test.operator.said_anything_like("a bug in the operator").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_tokens_cost_api_server_little_and_scrapers_nothing() {
    let served = Served::start("hostile-tokens", &["--metrics-access", "token"]).await;
    let scraper = [format!("Authorization: Bearer {}", allowed(&served.test).await.trim())];
    served.test.wait_until("it is shown", async || get(served.metrics, "/metrics", &scraper).await.0 == 200).await;
    let reviews = || {
        let requests = served.test.requests().into_iter();
        requests.filter(|request| request.resource == "tokenreviews").count()
    };
    let (before, began) = (reviews(), Instant::now());
    let mut attacks = JoinSet::new();
    for index in 0..TOKENS {
        let token = format!("Authorization: Bearer made-up-{index}");
        attacks.spawn(async move { get(served.metrics, "/metrics", &[token]).await.0 });
        if index % 20 == 0 {
            assert_eq!(get(served.metrics, "/metrics", &scraper).await.0, 200, "after {index} made-up tokens");
        }
    }
    while let Some(status) = attacks.join_next().await {
        let status = status.expect("an attack");
        // 0 is a connection that was closed for a younger one.
        assert!([0, 401, 429].contains(&status), "{status}");
    }
    assert_eq!(get(served.metrics, "/metrics", &scraper).await.0, 200);
    if served.test.counts_requests() {
        let ration = 5 + began.elapsed().as_secs() / 2 + 1;
        let asked = u64::try_from(reviews() - before).expect("a count");
        assert!(asked <= ration, "{asked} questions in {:?}", began.elapsed());
    }
}

/// Asks for the metrics and does not read them.
async fn slow_reader(at: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let mut stream = socket.connect(at).await.expect("a connection");
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: it\r\n\r\n").await.expect("asked");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_are_cut_off_and_a_quick_one_reads_all() {
    let at = std::net::TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    let metrics = Metrics::default();
    for index in 0..NAMESPACES {
        metrics.credentials(&format!("namespace-{index}"), "True", "Ready", 1);
    }
    start(Serving { health: None, metrics: Some((at, metrics, None)) }).expect("it listens");
    let mut slow = Vec::new();
    for _ in 0..20 {
        slow.push(slow_reader(at).await);
    }
    let (status, whole) = get(at, "/metrics", &[]).await;
    assert_eq!(status, 200);
    assert!(whole.ends_with("# EOF\n") && whole.contains(&format!("namespace-{}", NAMESPACES - 1)));
    let began = Instant::now();
    for mut stream in slow {
        // It is not read before the server has given up: a byte at a time is as slow.
        let mut read = 0;
        while let Ok(Ok(_byte)) = tokio::time::timeout(Duration::from_secs(10), stream.read_u8()).await {
            read += 1;
            if began.elapsed() < Duration::from_secs(7) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        assert!(read < whole.len(), "{read} of {}", whole.len());
    }
}
