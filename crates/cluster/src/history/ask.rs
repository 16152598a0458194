//! Asking the API server whether its store has gone back.

use std::fmt::Debug;
use std::time::Duration;

use kube::api::{ListParams, ObjectList, PartialObjectMeta, VersionMatch};
use kube::core::{Request, Status};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;

use super::super::CALL_TIMEOUT;
use super::{Known, STORE, Witness};

/// How long to wait for an API server that does not answer, or is not ready yet.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks until there is an answer, and lets all watches know.
///
/// # Errors
/// When the question is refused.
pub(super) async fn ask<K>(api: &Api<K>) -> Result<(), Box<Status>>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    loop {
        // What is seen after the question does not count: it may be newer than the answer.
        let asked = STORE.borrow().clone();
        match tokio::time::timeout(CALL_TIMEOUT, went_back_to(api, &asked)).await {
            Ok(Ok(version)) => {
                STORE.send_if_modified(|known| version.is_some_and(|version| known.went_back(&asked, &version)));
                return Ok(());
            }
            // One that has just started answers 429 until it knows what it serves.
            Ok(Err(kube::Error::Api(status))) if matches!(status.code, 400..=428 | 430..=499) => return Err(status),
            Ok(Err(_)) | Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Returns the present version of a store that has gone back; none where it has not.
async fn went_back_to<K>(api: &Api<K>, asked: &Known) -> kube::Result<Option<String>>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
{
    // Read from the store itself, and not from a cache.
    let list = api.list_metadata(&ListParams::default().limit(1)).await?;
    let version = list.metadata.resource_version.unwrap_or_default();
    let went_back = asked.is_ahead_of(&version)
        || match &asked.witness {
            Some(witness) => !has_had(&api.clone().into_client(), witness).await?,
            None => false,
        };
    Ok(went_back.then_some(version))
}

/// Returns whether the store has had an object in a version.
async fn has_had(client: &Client, witness: &Witness) -> kube::Result<bool> {
    let params = ListParams::default().fields(&format!("metadata.name={}", witness.name));
    if is_at(client, witness, &params).await? {
        return Ok(true);
    }
    // It was changed or deleted since then, or never was.
    let then = params.at(&witness.version.to_string()).matching(VersionMatch::Exact);
    match is_at(client, witness, &then).await {
        // What was then is not kept any more, so nobody can tell.
        Err(kube::Error::Api(status)) if status.code == 410 => Ok(false),
        there => there,
    }
}

async fn is_at(client: &Client, witness: &Witness, params: &ListParams) -> kube::Result<bool> {
    let request = Request::new(&witness.collection).list_metadata(params).map_err(kube::Error::BuildRequest)?;
    let list: ObjectList<PartialObjectMeta> = client.request(request).await?;
    let mut versions = list.items.iter().filter_map(|item| item.metadata.resource_version.as_deref());
    Ok(versions.any(|version| *version == witness.version.to_string()))
}
