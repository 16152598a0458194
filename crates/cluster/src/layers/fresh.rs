//! A streamed list shows the present state.
//!
//! kube asks for a streamed list of any age (`resourceVersion=0`): an API server that lags behind would show an old
//! credential or grant, and the operator would prune outputs because of it. Without a version it answers with the
//! present state. kube has no setting for it (docs/upstream.md).

use http::{Request, Uri};

/// Asks for what is there now, where a streamed list of any age is asked for.
pub(crate) fn fresh<B>(mut request: Request<B>) -> Request<B> {
    if let Some(uri) = fresh_uri(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// The address of a streamed list of what is there now, instead of one of any age; none for any other request.
fn fresh_uri(uri: &Uri) -> Option<Uri> {
    let (path, query) = uri.path_and_query()?.as_str().split_once('?')?;
    let parts: Vec<&str> = query.split('&').collect();
    if !parts.contains(&"sendInitialEvents=true") || !parts.contains(&"resourceVersion=0") {
        return None;
    }
    let parts: Vec<&str> = parts.into_iter().filter(|part| *part != "resourceVersion=0").collect();
    let mut fresh = uri.clone().into_parts();
    fresh.path_and_query = Some(format!("{path}?{}", parts.join("&")).parse().ok()?);
    Uri::from_parts(fresh).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_streamed_list_is_asked_for_as_it_is_now_others_as_they_are() {
        let streamed =
            "https://h:1/api/v1/secrets?&watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
        let of_any_age = format!("{streamed}&resourceVersion=0");
        let fresh = |uri: &str| uri.parse().ok().and_then(|uri| fresh_uri(&uri)).map(|uri| uri.to_string());
        assert_eq!(fresh(&of_any_age).as_deref(), Some(streamed));
        for other in
            ["/api/v1/secrets?&watch=true&resourceVersion=0", "/api/v1/secrets?limit=5", "/api/v1/secrets", streamed]
        {
            assert_eq!(fresh(other), None, "{other}");
        }
    }
}
