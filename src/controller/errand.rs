//! Errands: all work that calls the API server, each in its own task.
//!
//! There is one kind of task. What it does is its work; how urgent it is and how many run at once is decided by the
//! queue (`queue::Class`). A task catches its own panic, so that each errand has an answer, whatever happens.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use futures::FutureExt;
use tracing::error;

use super::job::{Context, GrantReport, GrantReported, Job, Learned, Report, Reported};
use super::queue::Ticket;
use super::{reconcile, status_writes};
use appcredential_api::Disposition;

/// An errand.
pub(super) struct Errand {
    /// Which run it is.
    pub(super) ticket: Ticket,
    /// What is to be done.
    pub(super) work: Work,
}

/// What is to be done.
pub(super) enum Work {
    /// Bring the outputs of a credential to what they should be.
    Reconcile(Box<Job>),
    /// Write the status of a credential.
    Status(Box<Report>),
    /// Write the status of a grant, if there is something new to say.
    GrantStatus(Box<GrantReport>),
}

/// What an errand brings back.
#[derive(Debug)]
pub(super) enum Answer {
    /// What a reconcile learned.
    Reconciled(Box<Learned>),
    /// What became of a status.
    Reported(Reported),
    /// What became of the status of a grant.
    GrantReported(GrantReported),
}

impl Work {
    /// The answer of an errand that has failed in a way that it could not handle: it is tried again.
    fn failed(&self) -> Answer {
        match self {
            Self::Reconcile(_) => {
                let learned = Learned { disposition: Some(Disposition::Retry), ..Learned::default() };
                Answer::Reconciled(Box::new(learned))
            }
            Self::Status(_) => Answer::Reported(Reported::Failed),
            Self::GrantStatus(report) => {
                Answer::GrantReported(GrantReported { identity: report.identity.clone(), told: None })
            }
        }
    }

    async fn run(self, context: Arc<Context>) -> Answer {
        match self {
            // Its future is large, and the task of a status need not be as large.
            Self::Reconcile(job) => {
                let reconcile = Box::pin(reconcile::reconcile(context, *job));
                Answer::Reconciled(Box::new(reconcile.await))
            }
            Self::Status(report) => Answer::Reported(status_writes::write_status(context, *report).await),
            Self::GrantStatus(report) => {
                Answer::GrantReported(status_writes::write_grant_status(context, *report).await)
            }
        }
    }
}

/// Runs an errand. A reconcile catches panics itself, to tell of them in the status; here are those around it.
pub(super) async fn run(context: Arc<Context>, errand: Errand) -> (Ticket, Answer) {
    let Errand { ticket, work } = errand;
    let failed = work.failed();
    let answer = AssertUnwindSafe(work.run(context)).catch_unwind().await.unwrap_or_else(|_panic| {
        error!("an errand ended without an answer; the operator retries");
        failed
    });
    (ticket, answer)
}

/// Returns a word that all log lines of one errand have and no others.
pub(super) fn trace() -> String {
    static ERRANDS: AtomicU64 = AtomicU64::new(0);
    static SALT: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    format!("{:016x}", SALT.hash_one(ERRANDS.fetch_add(1, Ordering::Relaxed)))
}
