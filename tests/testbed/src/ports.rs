//! Free ports on the loopback interface.
//!
//! They are picked below the range from which systems hand out ports to outgoing connections,
//! since those are what mostly takes a port between finding it free and using it. What is left of
//! that race is met by starting over with other ports (see `controlplane`).

use std::net::TcpListener;

use crate::error::Error;
use crate::files::random;

const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// Where the components listen.
pub(crate) struct Ports {
    pub(crate) etcd_client: u16,
    pub(crate) etcd_peer: u16,
    pub(crate) apiserver: u16,
}

impl Ports {
    /// Three different ports that nobody listens on now.
    pub(crate) fn find() -> Result<Self, Error> {
        // Held until all three are found, so that no port is found twice.
        let (etcd_client, _a) = free()?;
        let (etcd_peer, _b) = free()?;
        let (apiserver, _c) = free()?;
        Ok(Self { etcd_client, etcd_peer, apiserver })
    }
}

fn free() -> Result<(u16, TcpListener), Error> {
    for _ in 0..200 {
        let port = FIRST + u16::from_ne_bytes(random::<2>()?) % COUNT;
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return Ok((port, listener));
        }
    }
    Err(Error::NoPorts)
}
