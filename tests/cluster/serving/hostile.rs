//! A hundred hostile requests to each port, and a thousand connections that ask nothing.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{Served, exchange, get};

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
async fn hostile_requests_and_idle_connections_get_nothing_and_stop_nothing() {
    let mut served = Served::start("hostile", &["--metrics-access", "token"]).await;
    served.bench.orders().await;
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
    served.bench.edit("orders", json!({"connection": {"host": "pg2.internal"}})).await;
    served.bench.at_revision("orders", 2).await;
    assert!(served.bench.operator.is_running());
    assert!(served.bench.operator.said_anything_like("a bug in the operator").is_empty());
}
