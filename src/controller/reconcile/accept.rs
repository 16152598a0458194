//! Acceptance: everything that is decided about a credential before the first source is read.

use super::super::decode;
use super::super::job::Context;
use super::super::queue::Key;
use super::about;
use appcredential_api::{AppCredentialSpec, FieldPath, Identity, Problem, Reason};
use appcredential_cluster::{Cluster, Record};
use appcredential_core::plan::{self, Verdict};
use appcredential_core::resolve::{self, Environment};
use appcredential_core::status::Outcome;

/// Returns the record with its spec, which is read again where it was too large to be kept; nothing where the credential is gone.
pub(super) async fn read_whole(
    cluster: &Cluster,
    record: Record,
    identity: &Identity,
) -> Result<Option<Record>, Problem> {
    let Some(bytes) = record.unread else { return Ok(Some(record)) };
    // It is in memory twice, as it came and decoded.
    cluster.reserve(bytes.saturating_mul(2)).await;
    let problem = |error| Problem::about(Reason::ReadFailed, about(identity), format!("could not be read: {error}"));
    let mut there = cluster.current(identity).await.map_err(problem)?;
    if let Some(there) = &mut there {
        // A watch shows once that it is deleted with its outputs to stay, and may have shown it before.
        there.orphans |= record.orphans;
    }
    Ok(there)
}

/// Returns the effective environments, or the outcome that is reported instead. Needs no client.
pub(super) fn accept(
    context: &Context,
    record: &Record,
    identity: &Identity,
    review: Option<&Verdict>,
    ring: &[Key],
) -> Result<Vec<Environment>, Outcome> {
    // What nobody has looked at is not even read.
    if let (Some(Verdict::Unreviewed(_)), Some(policy)) = (review, context.policy.as_deref()) {
        return Err(Outcome::Rejected(vec![plan::unreviewed(policy, identity)].into()));
    }
    if !ring.is_empty() {
        return Err(Outcome::Rejected(vec![cycle(ring)].into()));
    }
    let spec: AppCredentialSpec = decode::spec(record).map_err(|problems| Outcome::Rejected(problems.into()))?;
    let environments = resolve::environments(&spec, identity, &context.selection).map_err(Outcome::Rejected)?;
    if spec.suspend == Some(true) { Err(Outcome::Suspended) } else { Ok(environments) }
}

/// Returns the problem of a credential that closes a ring.
fn cycle(ring: &[Key]) -> Problem {
    let names: Vec<String> = ring.iter().chain(ring.first()).map(ToString::to_string).collect();
    let message = format!(
        "refers to an output that is made from this credential's own outputs: {}; change a reference of one of these",
        names.join(" reads from ")
    );
    Problem::at(Reason::ReferenceCycle, FieldPath::spec(), message)
}

/// Returns the environments that a credential declares, where they matter: others may handle some of them. None where
/// its spec cannot be understood.
pub(super) fn declared_environments(context: &Context, record: &Record) -> Option<Vec<String>> {
    let restricted = context.selection.is_restricted();
    let spec = restricted.then(|| decode::spec(record).ok()).flatten()?;
    Some(spec.environments.into_iter().flatten().map(|environment| environment.name).collect())
}
