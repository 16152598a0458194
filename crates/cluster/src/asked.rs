//! What a request asks for, in the words of RBAC: for whoever counts.

use http::{Method, Uri};

/// The resources that the operator has to do with, as they stand in paths.
const RESOURCES: [&str; 9] = [
    "appcredentials",
    "appcredentialgrants",
    "secrets",
    "configmaps",
    "events",
    "leases",
    "tokenreviews",
    "subjectaccessreviews",
    "namespaces",
];
/// Those with a status of their own.
const STATUSES: [&str; 2] = ["appcredentials/status", "appcredentialgrants/status"];

/// Returns verb and resource of a request.
pub(super) fn asked(method: &Method, uri: &Uri) -> (&'static str, &'static str) {
    let parts: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
    // api/v1/..., apis/group/version/...
    let rest = match parts.as_slice() {
        ["api", _, rest @ ..] | ["apis", _, _, rest @ ..] => rest,
        _ => &[],
    };
    let (resource, name, status) = match rest {
        ["namespaces", _, resource, name, "status"] => (*resource, Some(*name), true),
        ["namespaces", _, resource, name] => (*resource, Some(*name), false),
        ["namespaces", _, resource] | [resource] => (*resource, None, false),
        _ => ("", None, false),
    };
    let known = RESOURCES.into_iter().position(|known| known == resource);
    let resource = match known {
        Some(index) if status => STATUSES.get(index).copied().unwrap_or("other"),
        Some(index) => RESOURCES.get(index).copied().unwrap_or("other"),
        None => "other",
    };
    let watch = uri.query().is_some_and(|query| query.split('&').any(|part| part == "watch=true"));
    let verb = match (method.as_str(), name) {
        ("GET", _) if watch => "watch",
        ("GET", None) => "list",
        ("GET", Some(_)) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", _) => "delete",
        _ => "other",
    };
    (verb, resource)
}

/// Returns which watch it is, or the list before it. The selector distinguishes those of one path; the resourceVersion
/// differs each time.
pub(super) fn watch_of(uri: &Uri) -> String {
    let query = uri.query().unwrap_or_default();
    let selector = query.split('&').find_map(|part| part.strip_prefix("labelSelector=")).unwrap_or_default();
    let path = uri.path();
    if selector.is_empty() { path.to_owned() } else { format!("{path}?labelSelector={selector}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_reported_in_the_words_of_rbac() {
        for (method, uri, verb, resource) in [
            (Method::GET, "/api/v1/secrets?&watch=true&labelSelector=a", "watch", "secrets"),
            (Method::GET, "/api/v1/namespaces/a/configmaps?limit=500", "list", "configmaps"),
            (Method::GET, "/api/v1/namespaces/a/secrets/watch", "get", "secrets"),
            (
                Method::PATCH,
                "/apis/appcredential.io/v1alpha1/namespaces/a/appcredentials/b/status?",
                "patch",
                "appcredentials/status",
            ),
            (Method::PATCH, "/apis/appcredential.io/v1alpha1/namespaces/a/appcredentials/b", "patch", "appcredentials"),
            (Method::PUT, "/apis/coordination.k8s.io/v1/namespaces/a/leases/b", "update", "leases"),
            (Method::POST, "/apis/authentication.k8s.io/v1/tokenreviews", "create", "tokenreviews"),
            (Method::DELETE, "/api/v1/namespaces/a/secrets/b", "delete", "secrets"),
            (Method::GET, "/version", "list", "other"),
        ] {
            assert_eq!(asked(&method, &uri.parse().unwrap_or_default()), (verb, resource), "{uri}");
        }
    }
}
