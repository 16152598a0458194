//! Whether the admission policy on sources has checked a spec. A spec that was stored while there was no such policy is
//! not rendered until somebody with the rights edits or approves it.
//!
//! The policy is asked for every new spec, and when the annotation `appcredential.io/reviewed` changes. So it has
//! checked
//!
//! ```text
//! a credential that is younger than the policy     its creation time is the API server's, and nobody can change it
//! an annotation with the uid of the policy         nobody can know that uid before the policy is there
//! a generation after the one that was found older  an operator that knew the policy has recorded it in the status
//! ```
//!
//! and whatever is made of one of these later. The times in `managedFields` are no evidence: whoever may change a label
//! may change them too, and then no policy is asked.

use appcredential_api::status::Review;
use appcredential_api::{AppCredentialStatus, FieldPath, Identity, Problem, Reason, labels};

/// How many seconds after its creation a policy is in force on every API server, at the latest.
pub const IN_FORCE_AFTER: i64 = 2;

/// The admission policy on sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its uid: one that is made again is another one.
    pub uid: String,
    /// When it was created, in seconds since 1970.
    pub created: i64,
}

/// What tells when a spec was stored.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// When the credential was created, in seconds since 1970.
    pub created: i64,
    /// Its annotation [`labels::REVIEWED`].
    pub reviewed: Option<&'a str>,
    /// The generation of its spec.
    pub generation: i64,
}

/// What is concluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is no policy, or the credential is younger: nothing has to be remembered.
    Admitted,
    /// The policy has seen an older credential: the status remembers it.
    Reviewed(Review),
    /// It has not.
    Unreviewed(Review),
}

impl Verdict {
    /// Returns what the status has to remember.
    #[must_use]
    pub fn record(&self) -> Option<&Review> {
        match self {
            Self::Admitted => None,
            Self::Reviewed(review) | Self::Unreviewed(review) => Some(review),
        }
    }

    /// Returns whether nothing keeps a spec with this status from being rendered, and nothing is left to be remembered.
    #[must_use]
    pub fn is_settled(&self, status: &AppCredentialStatus) -> bool {
        match self {
            Self::Admitted => true,
            Self::Reviewed(review) => status.review.as_ref() == Some(review),
            Self::Unreviewed(_) => false,
        }
    }
}

/// Decides whether a spec may be rendered. The status is as the operator left it last.
#[must_use]
pub fn review(policy: Option<&Policy>, stored: Stored<'_>, status: Option<&AppCredentialStatus>) -> Verdict {
    let Some(policy) = policy else { return Verdict::Admitted };
    // Both times are cut to seconds, so the credential came later than the policy was in force.
    if stored.created > policy.created.saturating_add(IN_FORCE_AFTER) {
        return Verdict::Admitted;
    }
    let known = status.and_then(|status| status.review.as_ref()).filter(|review| review.policy_uid == policy.uid);
    let record = |unreviewed_generation| Review { policy_uid: policy.uid.clone(), unreviewed_generation };
    let was_seen = known.is_some_and(|review| review.unreviewed_generation.is_none_or(|it| stored.generation > it));
    if was_seen || stored.reviewed == Some(policy.uid.as_str()) {
        return Verdict::Reviewed(record(None));
    }
    // A store that was restored counts generations again: the greatest that was ever found older stays.
    let older = known.and_then(|review| review.unreviewed_generation).unwrap_or(stored.generation);
    Verdict::Unreviewed(record(Some(older)))
}

/// Returns the problem of a credential that the policy has not seen.
#[must_use]
pub fn unreviewed(policy: &Policy, credential: &Identity) -> Problem {
    let (Identity { namespace, name, .. }, Policy { name: policy, uid, .. }) = (credential, policy);
    let message = format!(
        "was stored before the admission policy {policy} was in force, so nobody looked whether its author may read what it refers \
         to; let somebody who may edit it, or set the annotation: kubectl annotate appcredential {name} --namespace {namespace} \
         --overwrite {}={uid}",
        labels::REVIEWED
    );
    Problem::at(Reason::Unreviewed, FieldPath::spec(), message)
}
