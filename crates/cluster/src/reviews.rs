//! Reviews: whose token this is, and what a user may do.

use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use k8s_openapi::api::authorization::v1::{NonResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use kube::core::Request;
use kube::core::params::PostParams;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{CallError, Cluster};

impl Cluster {
    /// Asks whose token this is; nobody's where it is not valid.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn user_of(&self, token: &str) -> Result<Option<UserInfo>, CallError> {
        let spec = TokenReviewSpec { token: Some(token.to_owned()), ..TokenReviewSpec::default() };
        let review = TokenReview { spec, ..TokenReview::default() };
        let review: TokenReview = self.review("/apis/authentication.k8s.io/v1/tokenreviews", &review).await?;
        let status = review.status.unwrap_or_default();
        Ok(status.user.filter(|_| status.authenticated == Some(true)))
    }

    /// Asks whether a user may get a path that is no resource.
    ///
    /// # Errors
    /// When the call failed.
    pub async fn may_get(&self, user: &UserInfo, path: &str) -> Result<bool, CallError> {
        let attributes = NonResourceAttributes { path: Some(path.to_owned()), verb: Some("get".to_owned()) };
        let spec = SubjectAccessReviewSpec {
            user: user.username.clone(),
            uid: user.uid.clone(),
            groups: user.groups.clone(),
            extra: user.extra.clone(),
            non_resource_attributes: Some(attributes),
            ..SubjectAccessReviewSpec::default()
        };
        let review = SubjectAccessReview { spec, ..SubjectAccessReview::default() };
        let review: SubjectAccessReview =
            self.review("/apis/authorization.k8s.io/v1/subjectaccessreviews", &review).await?;
        Ok(review.status.is_some_and(|status| status.allowed && status.denied != Some(true)))
    }

    async fn review<T: Serialize + DeserializeOwned>(&self, path: &str, question: &T) -> Result<T, CallError> {
        let body = serde_json::to_vec(question).map_err(|_| CallError::Build)?;
        self.call(Request::new(path).create(&PostParams::default(), body)).await
    }
}
