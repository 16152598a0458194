//! Who may see metrics, where that is restricted: the API server is asked who a token is of, and whether they may get
//! `/metrics`. Answers are kept for a minute under a keyed hash of the token, so that a scrape costs nothing mostly.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::cluster::Cluster;

/// How long an answer holds.
const HOLDS: Duration = Duration::from_secs(60);
/// How many answers are kept: there are one or two scrapers, and anybody may make up tokens.
const KEPT: usize = 64;
/// The longest token that is looked at.
const TOKEN_BYTES: usize = 8 * 1024;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is answered.
    Allowed,
    /// Nobody is known by this token.
    Unknown,
    /// Who is known may not.
    Forbidden,
    /// The API server did not say.
    Unclear,
}

/// Asks the API server.
pub struct Reviewer {
    cluster: Cluster,
    salt: RandomState,
    kept: Mutex<HashMap<u64, (Verdict, Instant)>>,
}

impl Reviewer {
    /// One that asks this API server.
    #[must_use]
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster, salt: RandomState::new(), kept: Mutex::default() }
    }

    /// What becomes of a request with this `Authorization`.
    pub(super) async fn review(&self, authorization: Option<&str>) -> Verdict {
        let token = authorization.and_then(|header| header.strip_prefix("Bearer ")).map(str::trim);
        let Some(token) = token.filter(|token| !token.is_empty() && token.len() <= TOKEN_BYTES) else {
            return Verdict::Unknown;
        };
        let (hash, now) = (self.salt.hash_one(token), Instant::now());
        if let Some(verdict) = self.known(hash, now) {
            return verdict;
        }
        let verdict = self.ask(token).await;
        if verdict != Verdict::Unclear {
            self.keep(hash, verdict, now);
        }
        verdict
    }

    fn known(&self, hash: u64, now: Instant) -> Option<Verdict> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&hash).filter(|(_, since)| now < *since + HOLDS).map(|(verdict, _)| *verdict)
    }

    fn keep(&self, hash: u64, verdict: Verdict, now: Instant) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (_, since)| now < *since + HOLDS);
        if kept.len() < KEPT {
            kept.insert(hash, (verdict, now));
        }
    }

    async fn ask(&self, token: &str) -> Verdict {
        let user = match self.cluster.user_of(token).await {
            Ok(Some(user)) => user,
            Ok(None) => return Verdict::Unknown,
            Err(_) => return Verdict::Unclear,
        };
        match self.cluster.may_get(&user, "/metrics").await {
            Ok(true) => Verdict::Allowed,
            Ok(false) => Verdict::Forbidden,
            Err(_) => Verdict::Unclear,
        }
    }
}
