//! Who may read metrics with `--metrics-access token`: the API server says whose a token is, and whether they may get
//! `/metrics`. Answers are kept for a while under a keyed hash of the token, so that a scrape costs nothing mostly, and
//! questions are rationed (`known`): what strangers send here must not become load of the API server.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::known::{Known, Tokens};
use appcredential_cluster::Cluster;

/// The longest token that is looked at.
const TOKEN_BYTES: usize = 8 * 1024;
/// How many questions about strangers are under way at once, and how many about others.
const AT_ONCE: usize = 2;
/// How long a question waits for those before it.
const WAIT: Duration = Duration::from_secs(5);

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is answered.
    Allowed,
    /// Nobody is known by this token.
    Unknown,
    /// Who is known may not.
    Forbidden,
    /// The API server was asked too often.
    Busy,
    /// The API server did not say.
    Unclear,
}

/// Asks the API server.
pub(super) struct Reviewer {
    cluster: Cluster,
    salt: RandomState,
    tokens: Mutex<Tokens>,
    strangers: Semaphore,
    others: Semaphore,
}

impl Reviewer {
    /// One that asks this API server.
    pub(super) fn new(cluster: Cluster) -> Self {
        let (strangers, others) = (Semaphore::new(AT_ONCE), Semaphore::new(AT_ONCE));
        Self { cluster, salt: RandomState::new(), tokens: Mutex::default(), strangers, others }
    }

    /// What becomes of a request from this address with this `Authorization`.
    pub(super) async fn review(&self, from: IpAddr, authorization: Option<&str>) -> Verdict {
        let token = authorization.and_then(|header| header.strip_prefix("Bearer ")).map(str::trim);
        let Some(token) = token.filter(|token| !token.is_empty() && token.len() <= TOKEN_BYTES) else {
            return Verdict::Unknown;
        };
        let hash = self.salt.hash_one(token);
        let is_stranger = match self.tokens().of(hash, Instant::now()) {
            Known::Now(verdict) => return verdict,
            Known::Lately => false,
            Known::No => true,
        };
        let line = if is_stranger { &self.strangers } else { &self.others };
        let Ok(Ok(_turn)) = tokio::time::timeout(WAIT, line.acquire()).await else { return Verdict::Busy };
        // The one before may have asked the same.
        if let Known::Now(verdict) = self.tokens().of(hash, Instant::now()) {
            return verdict;
        }
        if is_stranger && !self.tokens().may_ask(from, Instant::now()) {
            return Verdict::Busy;
        }
        let verdict = self.ask(token).await;
        self.tokens().remember(hash, verdict, Instant::now());
        verdict
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
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
