//! The audit log, read as it grows: who asked what of the API server.
//!
//! Each operator acts as a service account of its own, and each of several replicas by a token of its own pod: the log has
//! both names.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use serde::Deserialize;

/// A request that was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) verb: String,
    /// The API group; empty for the core group.
    pub(crate) group: String,
    /// The resource with its subresource, such as `appcredentials/status`.
    pub(crate) resource: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) code: u16,
    /// Whether the user had no right to it. Other things are answered with 403 too, such as a full quota.
    pub(crate) denied: bool,
    /// When it was answered.
    pub(crate) at: MicroTime,
}

/// The log and how far it was read.
pub(crate) struct AuditLog {
    path: PathBuf,
    offset: u64,
    unfinished: Vec<u8>,
    of_user: HashMap<String, Vec<Request>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    verb: String,
    impersonated_user: Option<User>,
    user: Option<User>,
    object_ref: Option<ObjectRef>,
    response_status: Option<Answer>,
    stage_timestamp: MicroTime,
    #[serde(default)]
    annotations: HashMap<String, String>,
}

#[derive(Deserialize)]
struct User {
    username: String,
    #[serde(default)]
    extra: HashMap<String, Vec<String>>,
}

impl User {
    /// The pod that its token is bound to.
    fn pod(&self) -> Option<&String> {
        self.extra.get("authentication.kubernetes.io/pod-name")?.first()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectRef {
    #[serde(default)]
    api_group: String,
    #[serde(default)]
    resource: String,
    subresource: Option<String>,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    code: u16,
}

impl AuditLog {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), offset: 0, unfinished: Vec::new(), of_user: HashMap::new() }
    }

    /// All requests of a user up to now, or of one of its pods as `user/pod`.
    pub(super) fn of(&mut self, user: &str) -> &[Request] {
        self.read();
        self.of_user.get(user).map(Vec::as_slice).unwrap_or_default()
    }

    fn read(&mut self) {
        let mut file = File::open(&self.path).expect("the audit log");
        file.seek(SeekFrom::Start(self.offset)).expect("a position in the audit log");
        let mut bytes = std::mem::take(&mut self.unfinished);
        let read = file.read_to_end(&mut bytes).expect("the audit log");
        self.offset += u64::try_from(read).unwrap();
        let complete = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.unfinished = bytes.split_off(complete);
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            self.take(serde_json::from_slice(line).expect("a line of the audit log"));
        }
    }

    fn take(&mut self, line: Line) {
        let (Some(object), Some(user)) = (line.object_ref, line.impersonated_user.or(line.user)) else { return };
        let resource = match object.subresource {
            Some(subresource) => format!("{}/{subresource}", object.resource),
            None => object.resource,
        };
        let code = line.response_status.map(|answer| answer.code).unwrap_or_default();
        let denied = line.annotations.get("authorization.k8s.io/decision").is_some_and(|decision| decision == "forbid");
        let (group, namespace, name) = (object.api_group, object.namespace, object.name);
        let (verb, at) = (line.verb, line.stage_timestamp);
        let request = Request { verb, group, resource, namespace, name, code, denied, at };
        if let Some(pod) = user.pod() {
            self.of_user.entry(format!("{}/{pod}", user.username)).or_default().push(request.clone());
        }
        self.of_user.entry(user.username).or_default().push(request);
    }
}

impl Request {
    pub(crate) fn is_write(&self) -> bool {
        matches!(self.verb.as_str(), "create" | "update" | "patch" | "delete" | "deletecollection")
    }
}
