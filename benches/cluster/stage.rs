//! Where the cases of one scale play: a control plane, N credentials, the operator; and what is taken down of each.
//!
//! ```text
//! open ─> raw writes ─> fill ─> start ─> in sync ─> rest ─> edits ...
//!         (no operator)  (no operator)     a case that comes first brings the stage this far
//! ```

use std::path::PathBuf;
use std::time::{Duration, Instant};

use appcredential_api::AppCredential;
use kube::{Api, Client};

use super::objects;
use super::operator::Operator;
use super::plane::Plane;
use super::raw::RawWrites;
use super::results::{Case, Scale, Tally};
use super::usage;
use super::view::{View, What};

/// The namespace of the credentials.
pub(crate) const NAMESPACE: &str = "bench";
/// How long the operator has to ask for nothing until it is taken to be at rest: longer than a first retry waits.
const SILENCE: Duration = Duration::from_millis(1500);
/// How long that may take.
const DEADLINE: Duration = Duration::from_secs(900);

/// The stage of one scale.
pub(crate) struct Stage {
    pub(crate) plane: Plane,
    pub(crate) client: Client,
    pub(crate) operator: Operator,
    pub(crate) scale: Scale,
    pub(crate) writers: usize,
    pub(crate) quick: bool,
    /// Where the API server's profile goes, if one is asked for.
    pub(crate) profile: Option<PathBuf>,
    /// Measured before the operator starts, when a case needs it.
    pub(crate) raw: Option<RawWrites>,
    /// The operator's memory without any credential.
    pub(crate) empty: Option<usage::Memory>,
    filled: bool,
    edits: usize,
}

/// A case under way.
pub(crate) struct Taking {
    pub(crate) case: Case,
    began: Instant,
    operator: Option<f64>,
    api_server: Option<f64>,
    requests: Tally,
}

impl Stage {
    /// A new control plane with nothing on it.
    pub(crate) async fn open(scale: Scale, writers: usize, quick: bool) -> Self {
        let plane = Plane::boot().await;
        let client = plane.client.clone();
        objects::namespace(&client, NAMESPACE).await;
        let operator = Operator::new();
        let (raw, empty, profile) = (None, None, None);
        let mut stage =
            Self { plane, client, operator, scale, writers, quick, profile, raw, empty, filled: false, edits: 0 };
        stage.operator.start(&stage.plane);
        stage.operator.ready().await;
        stage.rest().await;
        stage.empty = stage.operator.memory();
        stage.operator.stop().await;
        stage
    }

    /// The credentials.
    pub(crate) fn credentials(&self) -> Api<AppCredential> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    /// Makes the credentials and their sources, once.
    pub(crate) async fn fill(&mut self) {
        if !self.filled {
            tell(&format!("creating {} credentials with their sources", self.scale.credentials));
            objects::fill(&self.client, NAMESPACE, self.scale, true, self.writers).await;
            self.filled = true;
        }
    }

    /// Starts the operator and waits until all credentials are ready: how long that took since the start.
    pub(crate) async fn sync(&mut self) -> Duration {
        let mut view = View::credentials(&self.client).await;
        self.operator.start(&self.plane);
        let ready = view.until(self.scale.credentials, |seen| seen.what == What::Credential(true)).await;
        let ready = ready.unwrap_or_else(|error| panic!("not all are ready: {error}\n{}", self.operator.last_lines()));
        ready.saturating_duration_since(self.operator.started())
    }

    /// Brings the stage to where everything is in sync and at rest.
    pub(crate) async fn in_sync(&mut self) {
        self.fill().await;
        if !self.operator.is_running() {
            self.sync().await;
            self.operator.ready().await;
        }
        self.rest().await;
    }

    /// Ends the operator and starts it anew: how long until it is ready.
    pub(crate) async fn restart(&mut self) -> Duration {
        self.operator.stop().await;
        self.operator.start(&self.plane);
        self.operator.ready().await
    }

    /// What all processes of the operator asked up to now.
    pub(crate) fn tally(&mut self) -> Tally {
        self.plane.tally(&self.operator.users)
    }

    /// Waits until the operator asks for nothing more.
    pub(crate) async fn rest(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        let (mut last, mut since) = (without_watching(self.tally()), Instant::now());
        while since.elapsed() < SILENCE {
            assert!(Instant::now() < deadline, "no rest in {DEADLINE:?}\n{}", self.operator.last_lines());
            tokio::time::sleep(Duration::from_millis(50)).await;
            let now = without_watching(self.tally());
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
    }

    /// CPU seconds of the API server up to now.
    pub(crate) fn api_server_cpu(&self) -> Option<f64> {
        self.plane.api_server().and_then(usage::cpu)
    }

    /// A word that no edit has used yet.
    pub(crate) fn next_edit(&mut self) -> String {
        self.edits += 1;
        format!("edit-{:06}.internal", self.edits)
    }

    /// Begins to take down a case.
    pub(crate) fn begin(&mut self, name: &str) -> Taking {
        Taking {
            case: Case::new(name),
            operator: self.operator.cpu(),
            api_server: self.api_server_cpu(),
            requests: self.tally(),
            began: Instant::now(),
        }
    }

    /// Ends it: its numbers, CPU and requests.
    pub(crate) fn end(&mut self, taking: Taking) -> Case {
        let Taking { mut case, began, operator, api_server, requests } = taking;
        let since = |before: Option<f64>, now: Option<f64>| before.zip(now).map(|(before, now)| now - before);
        case.seconds = began.elapsed().as_secs_f64();
        case.operator_cpu_seconds = since(operator, self.operator.cpu());
        case.api_server_cpu_seconds = since(api_server, self.api_server_cpu());
        case.requests = self.since(&requests);
        case
    }

    /// The requests since an earlier tally.
    pub(crate) fn since(&mut self, before: &Tally) -> Tally {
        let mut now = self.tally();
        for (what, count) in &mut now {
            *count -= before.get(what).copied().unwrap_or_default();
        }
        now.retain(|_, count| *count > 0);
        now
    }
}

/// All but watches, which are told when they end.
pub(crate) fn without_watching(mut tally: Tally) -> Tally {
    tally.retain(|what, _| !what.starts_with("watch "));
    tally
}

/// A line about what goes on, for whoever waits.
pub(crate) fn tell(what: &str) {
    eprintln!("{} {what}", k8s_openapi::jiff::Timestamp::now().strftime("%H:%M:%S"));
}
