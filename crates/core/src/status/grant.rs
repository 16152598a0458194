//! The status of a grant: who uses it.

use k8s_openapi::jiff::Timestamp;

use super::{Verdict, condition};
use appcredential_api::grant::{GrantUser, LISTED};
use appcredential_api::{AppCredentialGrantStatus, Reason};

/// Who uses a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users {
    /// How many credentials do.
    pub count: usize,
    /// The first of them, in order: as many as the status lists.
    pub first: Vec<GrantUser>,
}

impl FromIterator<GrantUser> for Users {
    fn from_iter<I: IntoIterator<Item = GrantUser>>(users: I) -> Self {
        let mut all = Self::default();
        for user in users {
            all.count += 1;
            if all.first.len() < LISTED {
                all.first.push(user);
            }
        }
        all
    }
}

/// Returns the next status of a grant, or none if nothing changed. `users` is none where the spec of the grant cannot
/// be understood: then it allows nothing.
#[must_use]
pub fn of_grant(
    previous: Option<&AppCredentialGrantStatus>,
    generation: i64,
    users: Option<&Users>,
    now: Timestamp,
) -> Option<AppCredentialGrantStatus> {
    let verdict = match users {
        Some(_) => Verdict::new("True", Reason::Valid, "the grant is in force"),
        None => Verdict::new(
            "False",
            Reason::InvalidSpec,
            "spec: has a form that this version does not understand, so the grant allows nothing; compare it with `kubectl explain appcredentialgrant.spec`",
        ),
    };
    let known = previous.map(|status| status.conditions.as_slice()).unwrap_or_default();
    let next = AppCredentialGrantStatus {
        observed_generation: Some(generation),
        conditions: vec![condition(known, "Accepted", verdict, generation, now)],
        in_use: Some(users.map_or(0, |users| i64::try_from(users.count).unwrap_or(i64::MAX))),
        credentials: users.map(|users| users.first.clone()).unwrap_or_default(),
    };
    (previous != Some(&next)).then_some(next)
}
