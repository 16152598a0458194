//! What the admission policy on sources has seen: younger credentials, those that somebody answers for, and what came after.

use appcredential_api::status::Review;
use appcredential_api::{AppCredentialStatus, Problem, Reason};
use appcredential_core::plan::{self, IN_FORCE_AFTER, Policy, Stored, Verdict};
use appcredential_core::status::{self, Facts, Outcome};

use crate::status::at;
use crate::support::identity;

const CREATED: i64 = 1_000;

fn policy() -> Policy {
    Policy { name: "sources.appcredential.io".to_owned(), uid: "p1".into(), created: CREATED }
}

fn record(uid: &str, unreviewed_generation: Option<i64>) -> Review {
    Review { policy_uid: uid.into(), unreviewed_generation }
}

fn status(review: Option<Review>) -> AppCredentialStatus {
    AppCredentialStatus { review, ..AppCredentialStatus::default() }
}

fn older(reviewed: Option<&str>) -> Stored<'_> {
    Stored { created: CREATED - 1, reviewed, generation: 3 }
}

fn concluded(stored: Stored<'_>, known: Option<Review>) -> Verdict {
    plan::review(Some(&policy()), stored, Some(&status(known)))
}

#[test]
fn without_a_policy_every_spec_is_admitted() {
    for known in [None, Some(record("p1", Some(3)))] {
        assert_eq!(plan::review(None, older(None), Some(&status(known))), Verdict::Admitted);
    }
}

#[test]
fn only_what_came_after_the_policy_was_in_force_is_admitted() {
    let created = |created| concluded(Stored { created, ..older(None) }, None);
    let unreviewed = Verdict::Unreviewed(record("p1", Some(3)));
    assert_eq!(created(0), unreviewed, "a time that cannot be read");
    assert_eq!(created(CREATED), unreviewed, "the same second");
    assert_eq!(created(CREATED + IN_FORCE_AFTER), unreviewed, "another API server may not have known it");
    assert_eq!(created(CREATED + IN_FORCE_AFTER + 1), Verdict::Admitted);
}

#[test]
fn an_annotation_counts_for_the_policy_that_it_names() {
    assert_eq!(concluded(older(Some("p1")), None), Verdict::Reviewed(record("p1", None)));
    for other in ["", "p0", "p11", "true"] {
        assert_eq!(concluded(older(Some(other)), None), Verdict::Unreviewed(record("p1", Some(3))), "{other:?}");
    }
}

#[test]
fn what_is_known_decides_over_what_comes_next() {
    let table = [
        (record("p1", Some(3)), Verdict::Unreviewed(record("p1", Some(3))), "a label changes no generation"),
        (record("p1", Some(2)), Verdict::Reviewed(record("p1", None)), "an edit was admitted by the policy"),
        (record("p1", Some(9)), Verdict::Unreviewed(record("p1", Some(9))), "a restored store counts again"),
        (record("p1", None), Verdict::Reviewed(record("p1", None)), "what was seen once is not forgotten"),
        (record("p0", None), Verdict::Unreviewed(record("p1", Some(3))), "the policy was made anew"),
        (record("p0", Some(2)), Verdict::Unreviewed(record("p1", Some(3))), "an edit before the policy was made anew"),
    ];
    for (known, verdict, why) in table {
        assert_eq!(concluded(older(None), Some(known)), verdict, "{why}");
    }
}

#[test]
fn nobody_needs_to_look_again_at_what_is_recorded() {
    let (seen, unseen) = (record("p1", None), record("p1", Some(3)));
    assert!(Verdict::Admitted.is_settled(&status(None)));
    assert!(Verdict::Reviewed(seen.clone()).is_settled(&status(Some(seen.clone()))));
    assert!(!Verdict::Reviewed(seen.clone()).is_settled(&status(None)), "it is to be recorded");
    assert!(!Verdict::Reviewed(seen).is_settled(&status(Some(unseen.clone()))), "it is to be recorded");
    assert!(!Verdict::Unreviewed(unseen.clone()).is_settled(&status(Some(unseen))));
}

#[test]
fn the_message_shows_the_command_that_reviews_it() {
    let Problem { reason, message, about } = plan::unreviewed(&policy(), &identity());
    assert_eq!((reason, about.as_str()), (Reason::Unreviewed, "spec"));
    let (name, namespace) = (identity().name, identity().namespace);
    let command = format!(
        "kubectl annotate appcredential {name} --namespace {namespace} --overwrite appcredential.io/reviewed=p1"
    );
    assert!(message.ends_with(&command), "{message}");
    assert!(message.contains("sources.appcredential.io"), "{message}");
}

#[test]
fn the_status_says_unreviewed_and_remembers_the_generation() {
    let outcome = Outcome::Rejected(vec![plan::unreviewed(&policy(), &identity())].into());
    let unseen = record("p1", Some(3));
    let facts = Facts { generation: 3, review: Some(&unseen), ..Facts::default() };
    let first = status::next(None, &outcome, facts, at(0)).expect("a status");
    let says: Vec<_> = first.conditions.iter().map(|it| (it.type_.as_str(), it.status.as_str())).collect();
    let no = "False";
    assert_eq!(
        says,
        [("Accepted", no), ("ResolvedRefs", "Unknown"), ("Synced", no), ("Ready", no), ("Stalled", "True")]
    );
    assert!(first.conditions.iter().all(|it| it.reason == "Unreviewed"), "{first:?}");
    assert_eq!(first.review.as_ref(), Some(&unseen));
    assert_eq!(status::next(Some(&first), &outcome, facts, at(9)), None, "nothing is written at rest");
    let walked = Outcome::Walked(Vec::new(), Vec::new());
    let kept = status::next(Some(&first), &walked, Facts { generation: 4, ..Facts::default() }, at(9)).expect("news");
    assert_eq!(kept.review, first.review, "an operator that does not ask leaves it as it is");
}
