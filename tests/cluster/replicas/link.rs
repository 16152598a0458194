//! What stands between a replica and the API server: a TCP link that can be held or slowed down. TLS goes through it
//! untouched.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::harness::TestNamespace;

/// How the link is.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Everything passes, after this time.
    Passes(Duration),
    /// Nothing passes, and nobody is told.
    Held,
}

/// The link.
pub(super) struct Link {
    address: SocketAddr,
    state: watch::Sender<State>,
}

impl Link {
    /// A link to the API server of a test.
    pub(super) async fn to(test: &TestNamespace) -> Self {
        let server: SocketAddr = test.plane.address().parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (state, passes) = watch::channel(State::Passes(Duration::ZERO));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let passes = passes.clone();
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(server).await else { return };
                    let (near_in, near_out) = near.into_split();
                    let (far_in, far_out) = far.into_split();
                    let passes = Arc::new(passes);
                    tokio::join!(carry(near_in, far_out, Arc::clone(&passes)), carry(far_in, near_out, passes));
                });
            }
        });
        Self { address, state }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Nothing passes any more.
    pub(super) fn hold(&self) {
        self.state.send_replace(State::Held);
    }

    /// Everything passes later.
    pub(super) fn delay(&self, by: Duration) {
        self.state.send_replace(State::Passes(by));
    }
}

/// Bytes are read at once and written when their time has come: a delay does not narrow the link.
async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    state: Arc<watch::Receiver<State>>,
) {
    let (sender, mut receiver) = mpsc::channel::<(Instant, Vec<u8>)>(1024);
    let mut held = (*state).clone();
    let reads = async move {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut bytes).await {
            let by = match *state.borrow() {
                State::Passes(by) => by,
                State::Held => Duration::ZERO,
            };
            if sender.send((Instant::now() + by, bytes[..read].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let writes = async move {
        while let Some((due, bytes)) = receiver.recv().await {
            tokio::time::sleep_until(due).await;
            let passes = held.wait_for(|state| matches!(state, State::Passes(_))).await.is_ok();
            if !passes || to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    };
    tokio::join!(reads, writes);
}
