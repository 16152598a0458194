//! How the operator gets at the API server: a kubeconfig, a pod's service account, and the layers on top.

use std::path::Path;

use http::HeaderValue;
use http::header::USER_AGENT;
use kube::client::ClientBuilder;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use tower::buffer::BufferLayer;
use tower::filter::AsyncFilterLayer;
use tower::util::MapRequestLayer;

pub use super::layers::Gear;
use super::layers::{Count, Deadline, Floor, Pages, fresh};

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The kubeconfig cannot be read or has no such context.
    #[error("the kubeconfig{} cannot be used: {}; give another with --kubeconfig or --context", .path, .why)]
    Kubeconfig {
        /// Which one, with a space before it.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The pod's service account cannot be used.
    #[error("the pod's service account cannot be used: {0}; check that automountServiceAccountToken is not false")]
    InCluster(String),
    /// The client cannot be built.
    #[error("the client cannot be set up: {0}")]
    Build(String),
}

/// A way to the API server: whoever must not wait for others makes a client of its own.
#[derive(Clone)]
pub struct Access {
    config: Config,
    gear: Gear,
}

impl Access {
    /// Finds the way for `--kubeconfig` and `--context`, or for the pod that this runs in, or by the default kubeconfig.
    ///
    /// # Errors
    /// When there is no usable configuration.
    pub async fn find(kubeconfig: Option<&Path>, context: Option<&str>, gear: Gear) -> Result<Self, ConnectError> {
        let mut config = configuration(kubeconfig, context).await?;
        // kube retries every method by default, POST included, for up to minutes. What may be retried is decided here.
        config.default_retry = false;
        // kube names none; audit logs and API server metrics tell clients apart by it.
        let agent = HeaderValue::from_static(concat!("appcredential-operator/", env!("CARGO_PKG_VERSION")));
        config.headers.push((USER_AGENT, agent));
        Ok(Self { config, gear })
    }

    /// Returns the namespace of the pod, or else that of the kubeconfig's context.
    #[must_use]
    pub fn default_namespace(&self) -> &str {
        &self.config.default_namespace
    }

    /// Makes a client with connections of its own. It belongs to the runtime that it is made in: part of it runs there.
    ///
    /// # Errors
    /// When it cannot be built, such as for a certificate that cannot be read.
    pub fn client(&self) -> Result<Client, ConnectError> {
        let config = self.config.clone();
        let builder = ClientBuilder::try_from(config).map_err(|error| ConnectError::Build(error.to_string()))?;
        let Gear { fence, observer } = self.gear.clone();
        // The last one is the first that a request meets.
        let layered = builder
            // kube's own stack cannot be cloned; a buffer in front of it can.
            .with_layer(&BufferLayer::new(1024))
            .with_layer(&Deadline(fence))
            .with_layer(&Count(observer))
            .with_layer(&AsyncFilterLayer::new(Floor::default()))
            .with_layer(&Pages)
            .with_layer(&MapRequestLayer::new(fresh));
        Ok(layered.build())
    }
}

/// Finds the way to the API server and makes a client.
///
/// # Errors
/// When there is no usable configuration.
pub async fn connect(kubeconfig: Option<&Path>, context: Option<&str>, gear: Gear) -> Result<Client, ConnectError> {
    Access::find(kubeconfig, context, gear).await?.client()
}

async fn configuration(kubeconfig: Option<&Path>, context: Option<&str>) -> Result<Config, ConnectError> {
    let in_pod = std::env::var_os("KUBERNETES_SERVICE_HOST").is_some();
    if kubeconfig.is_none() && context.is_none() && in_pod {
        return Config::incluster().map_err(|error| ConnectError::InCluster(error.to_string()));
    }
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    let path = kubeconfig.map(|path| format!(" {}", path.display())).unwrap_or_default();
    let wrong = |error: KubeconfigError| ConnectError::Kubeconfig { path: path.clone(), why: why(&error) };
    match kubeconfig {
        Some(file) => {
            let kubeconfig = Kubeconfig::read_from(file).map_err(wrong)?;
            Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(wrong)
        }
        None => Config::from_kubeconfig(&options).await.map_err(wrong),
    }
}

/// What is wrong with a kubeconfig, in a line and without anything of its content: it holds tokens.
fn why(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::ReadConfig(error, _) => error.to_string(),
        KubeconfigError::Parse(_) => "it is not a kubeconfig in YAML".to_owned(),
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}
