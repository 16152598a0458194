//! Status writes of credentials and grants: each an errand of its own, after the reconcile that computed the status.
//!
//! A status write has the version that the status was computed from as its precondition. Its result is counted and
//! logged here; the credential's life decides whether to retry. An Event is sent only once the status is written.

use std::sync::Arc;

use tracing::{Instrument, debug, warn};

use super::errand::trace;
use super::job::{Context, GrantReport, GrantReported, Report, Reported};
use super::report;
use appcredential_api::Identity;
use appcredential_cluster::{CallError, StatusWrite};
use appcredential_core::status;

/// Writes the status of a credential and sends the Event of what it changes.
pub(super) async fn write_status(context: Arc<Context>, report: Report) -> Reported {
    let Report { basis, status, field } = report;
    let identity = &basis.identity;
    let span =
        tracing::info_span!("report", trace = trace(), namespace = identity.namespace, credential = identity.name);
    let written = context.cluster.write_status(&basis, &status).instrument(span.clone()).await;
    context.metrics.wrote_status("AppCredential", status_word(&written));
    let _within = span.enter();
    match written {
        Ok(StatusWrite::Written(version)) => {
            if let Some(note) = report::transitions(identity, basis.status.as_ref(), &status, field) {
                context.events.send(note);
            }
            Reported::Written(version)
        }
        Ok(StatusWrite::Outdated(there)) => {
            debug!("somebody else changed the status; it is computed again");
            Reported::Outdated(there)
        }
        Ok(StatusWrite::Gone) => {
            debug!("the credential is gone; its status was not written");
            Reported::Gone
        }
        Err(error) => {
            warn!(%error, "the status could not be written; the operator retries");
            Reported::Failed
        }
    }
}

/// Writes the status of a grant, if there is something new to say.
pub(super) async fn write_grant_status(context: Arc<Context>, report: GrantReport) -> GrantReported {
    let GrantReport { identity, version, generation, before, users } = report;
    let now = k8s_openapi::jiff::Timestamp::now();
    let Some(next) = status::of_grant(before.as_ref(), generation, users.as_ref(), now) else {
        return GrantReported { identity, told: before.map(|status| (version, status)) };
    };
    let written = context.cluster.write_grant_status(&identity, &version, &next).await;
    let word = match &written {
        Ok(Some(_)) => "written",
        Ok(None) => "outdated",
        Err(error) => failed_word(error),
    };
    context.metrics.wrote_status("AppCredentialGrant", word);
    let told = written.unwrap_or_else(|error| {
        let Identity { namespace, name, .. } = &identity;
        warn!(%error, namespace, grant = name, "the status of a grant could not be written; the operator retries");
        None
    });
    GrantReported { told: told.map(|version| (version, next)), identity }
}

/// Returns the result of a status write, as metrics count it.
pub(super) fn status_word(written: &Result<StatusWrite, CallError>) -> &'static str {
    match written {
        Ok(StatusWrite::Written(_)) => "written",
        Ok(StatusWrite::Outdated(_)) => "outdated",
        Ok(StatusWrite::Gone) => "gone",
        Err(error) => failed_word(error),
    }
}

/// Why a status was not written, as it is counted.
fn failed_word(error: &CallError) -> &'static str {
    if matches!(error.code(), Some(403 | 422)) { "refused" } else { "failed" }
}
