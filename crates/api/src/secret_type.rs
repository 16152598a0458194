//! The types that the Secret of a target may have, and the keys that Kubernetes demands of each.
//!
//! It is a short list on purpose: a type is an instruction to whoever reads the Secret. Types that make Kubernetes
//! mint a token (`kubernetes.io/service-account-token`, bootstrap tokens) or that belong to a tool (Helm's releases)
//! are not on it, neither in the schema nor here.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SensitiveBytes;

/// The type of a Secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "")]
pub enum SecretType {
    /// Any keys.
    #[default]
    Opaque,
    /// `username` or `password`.
    #[serde(rename = "kubernetes.io/basic-auth")]
    BasicAuth,
    /// `ssh-privatekey`.
    #[serde(rename = "kubernetes.io/ssh-auth")]
    SshAuth,
    /// `tls.crt` and `tls.key`.
    #[serde(rename = "kubernetes.io/tls")]
    Tls,
    /// `.dockerconfigjson`.
    #[serde(rename = "kubernetes.io/dockerconfigjson")]
    DockerConfigJson,
}

impl SecretType {
    /// The word that stands in the Secret.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Opaque => "Opaque",
            Self::BasicAuth => "kubernetes.io/basic-auth",
            Self::SshAuth => "kubernetes.io/ssh-auth",
            Self::Tls => "kubernetes.io/tls",
            Self::DockerConfigJson => "kubernetes.io/dockerconfigjson",
        }
    }

    /// What is missing among these keys, as a phrase; none where the type has all that it needs.
    #[must_use]
    pub fn missing<'a>(self, keys: impl Iterator<Item = &'a str>) -> Option<&'static str> {
        if self == Self::Opaque {
            return None;
        }
        let keys: BTreeSet<&str> = keys.collect();
        let has = |key: &str| keys.contains(key);
        let (complete, needs) = match self {
            Self::Opaque => (true, ""),
            Self::BasicAuth => (has("username") || has("password"), "username or password"),
            Self::SshAuth => (has("ssh-privatekey"), "ssh-privatekey"),
            Self::Tls => (has("tls.crt") && has("tls.key"), "tls.crt and tls.key"),
            Self::DockerConfigJson => (has(DOCKER_CONFIG), DOCKER_CONFIG),
        };
        (!complete).then_some(needs)
    }

    /// What is wrong with the data of a Secret of the type of this name, in words without a value.
    #[must_use]
    pub fn problem(word: &str, data: &BTreeMap<String, SensitiveBytes>) -> Option<String> {
        let all = [Self::BasicAuth, Self::SshAuth, Self::Tls, Self::DockerConfigJson];
        let kind = all.into_iter().find(|kind| kind.word() == word)?;
        if let Some(needs) = kind.missing(data.keys().map(String::as_str)) {
            return Some(format!("type {word} needs the key {needs}"));
        }
        let config = data.get(DOCKER_CONFIG).filter(|_| kind == Self::DockerConfigJson)?;
        // Kubernetes takes an object, and nothing else that is JSON.
        let parsed: Result<BTreeMap<String, serde::de::IgnoredAny>, _> = serde_json::from_slice(config.expose());
        parsed.is_err().then(|| format!("type {word} needs a JSON object in the key {DOCKER_CONFIG}"))
    }
}

/// The key of the configuration of container registries.
const DOCKER_CONFIG: &str = ".dockerconfigjson";
