//! The chain: what is done to the node, and what must come of it.
//!
//! Every leg ends with the same question: does an edit arrive? So each leaves its own mark, a password or host that was
//! never there before, and nothing that is left of an earlier leg can answer for it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use crate::application::Application;
use crate::cluster::Cluster;
use crate::config::{IMAGE, NODE};
use crate::image;
use crate::legs::{Legs, median};
use crate::namespace::Folder;
use crate::node::Node;
use crate::wait::{say, until};

const OPERATOR: &str = "/appcredential-operator";
const PASSWORD: &str = ".data.password | base64decode";
const EDITS: usize = 5;
const REPLICAS: u64 = 2;
const CREDENTIAL: &str = "apiVersion: v1
kind: Secret
metadata: {name: orders-db-source}
stringData: {password: first}
---
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: orders-db}
spec:
  application: {type: postgresql}
  authentication:
    type: Basic
    basic:
      username: {value: orders_app}
      password: {valueFrom: {secretKeyRef: {name: orders-db-source, key: password}}}
  connection: {protocol: postgresql, host: first.internal, port: 5432}
";

/// Runs all legs. When one fails, the node's and the operator's own words are shown.
pub(crate) fn run(folder: &Folder) {
    let cluster = Cluster::start();
    let (kubelet, scheduler) = cluster.kubeconfigs();
    let mut node = Node::start(folder, &kubelet, &scheduler);
    let done = catch_unwind(AssertUnwindSafe(|| {
        let mut chain = Chain { cluster: &cluster, node: &mut node, legs: Legs::default(), edits: 0 };
        chain.install(folder);
        let application = chain.mount();
        chain.edit_often();
        chain.kill();
        chain.delete();
        chain.restart_daemons();
        chain.upgrade();
        application.is_undisturbed(&cluster);
        chain.reboot(&application);
        chain.no_request_was_refused();
        chain.legs.print();
    }));
    if let Err(failed) = done {
        node.tell();
        for args in [
            &["get", "pods,leases,appcred", "-A", "-o", "wide"][..],
            &["get", "events", "-A", "--sort-by=.lastTimestamp"],
            &["logs", "-n=operator-system", "--tail=20", "-l=app.kubernetes.io/name=appcredential-operator"],
        ] {
            say(&cluster.try_kubectl(args).unwrap_or_else(|said| said));
        }
        resume_unwind(failed);
    }
}

struct Chain<'a> {
    cluster: &'a Cluster,
    node: &'a mut Node,
    legs: Legs,
    /// How many edits there were: each has a value of its own.
    edits: usize,
}

impl Chain<'_> {
    fn install(&mut self, folder: &Folder) {
        let program = testbed::tool("show").unwrap_or_else(|error| panic!("{error}"));
        self.node.import(&image::pack(&program, self.cluster.folder()), "localhost/show");
        let (node, cluster) = (&*self.node, self.cluster);
        self.legs.time("the image imported into containerd", || node.import(&folder.image, IMAGE));
        until("the node has registered", || cluster.try_kubectl(&["get", "node", NODE]).ok());
        cluster.kubectl(&["wait", "--for=condition=Ready", "--timeout=60s", "node", NODE]);
        self.legs.time("`helm install --wait`: two pods Ready", || cluster.helm("install", &[]));
    }

    /// A credential, and an application that mounts what it is rendered into.
    fn mount(&mut self) -> Application {
        let outputs = self.cluster.watch("secret", "orders-db", PASSWORD);
        let start = Instant::now();
        self.cluster.apply(CREDENTIAL);
        self.legs.took("a credential applied → its Secret", outputs.becomes("first") - start);
        let cluster = self.cluster;
        let first = r#"/credentials/settings/host "first.internal""#;
        let leg = "an application's pod applied → its container has printed the files";
        let application = self.legs.time(leg, || Application::start(cluster, first));
        let printed = self.cluster.kubectl(&["logs", "shop"]);
        for line in [r#"/secret/password "first""#, r#"/secret/username "orders_app""#, r#"/settings/port "5432""#] {
            assert!(printed.contains(line), "{printed}");
        }
        application
    }

    /// Edits the source with kubectl: how long it took into the output, and when it began.
    fn edit(&mut self) -> (String, Instant, Duration) {
        self.edits += 1;
        let password = format!("password-{}", self.edits);
        let output = self.cluster.watch("secret", "orders-db", PASSWORD);
        let patch = format!(r#"{{"stringData": {{"password": "{password}"}}}}"#);
        // The watch has begun once it tells what is there.
        output.any();
        let start = Instant::now();
        self.cluster.kubectl(&["patch", "secret", "orders-db-source", "--type=merge", "--patch", &patch]);
        let rendered = output.becomes(&password) - start;
        (format!(r#"/credentials/secret/password "{password}""#), start, rendered)
    }

    fn edit_often(&mut self) {
        let (mut rendered, mut seen, mut hosts) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..EDITS {
            let (line, start, output) = self.edit();
            rendered.push(output);
            seen.push(Application::printed(&line) - start);
            let host = format!("edit-{number}.internal");
            let patch = format!(r#"{{"spec": {{"connection": {{"host": "{host}"}}}}}}"#);
            let start = Instant::now();
            self.cluster.kubectl(&["patch", "appcred", "orders-db", "--type=merge", "--patch", &patch]);
            hosts.push(Application::printed(&format!(r#"/credentials/settings/host "{host}""#)) - start);
        }
        self.legs.took("a source edited with kubectl → its Secret", median(rendered));
        self.legs.took("a source edited with kubectl → the file in the running container", median(seen));
        self.legs.took("a credential edited with kubectl → the file in the running container", median(hosts));
    }

    /// The pod that works.
    fn leader(&self) -> String {
        let lease = self.cluster.get(&["lease", "appcredential-operator", "--namespace=operator-system"]);
        // A pod's name, and what tells one life of its process from the next.
        let holder = lease["spec"]["holderIdentity"].as_str().expect("a holder");
        holder.split('_').next().unwrap_or_default().to_owned()
    }

    /// The process that works is killed, as the kernel does where memory is short; the other one takes over.
    fn kill(&mut self) {
        let (leader, restarts) = (self.leader(), self.restarts());
        let start = Instant::now();
        assert_eq!(self.node.kill_in_pods(OPERATOR, &format!("POD_NAME={leader}")), 1, "{leader} is one process");
        self.edit();
        self.legs.took("the working pod's process killed → an edit in the Secret", start.elapsed());
        until("it was started again", || (self.restarts() > restarts && self.available()).then_some(()));
        self.legs.took("the working pod's process killed → both pods Ready", start.elapsed());
    }

    fn delete(&mut self) {
        let leader = self.leader();
        let start = Instant::now();
        self.cluster.kubectl(&["delete", "pod", &leader, "--namespace=operator-system", "--wait=false"]);
        self.edit();
        self.legs.took("the working pod deleted → an edit in the Secret", start.elapsed());
        until("there is another one", || (!self.pods().contains(&leader) && self.available()).then_some(()));
        self.legs.took("the working pod deleted → both pods Ready", start.elapsed());
    }

    /// Kubelet and containerd are restarted below everything that runs.
    fn restart_daemons(&mut self) {
        self.node.stop_daemons();
        let (line, _, rendered) = self.edit();
        self.legs.took("kubelet and containerd stopped: a source edited → its Secret", rendered);
        let start = Instant::now();
        self.node.start_daemons();
        let seen = Application::printed(&line) - start;
        self.legs.took("kubelet and containerd started → that edit in the file in the container", seen);
    }

    fn upgrade(&mut self) {
        let cluster = self.cluster;
        let before = self.pods();
        self.legs.time("`helm upgrade --wait`: both pods replaced", || {
            cluster.helm("upgrade", &["podAnnotations.upgraded=yes"]);
        });
        until("the old pods are gone", || self.pods().iter().all(|pod| !before.contains(pod)).then_some(()));
        let (line, start, _) = self.edit();
        Application::printed(&line);
        self.legs.took("after the upgrade: a source edited → the file in the same container", start.elapsed());
    }

    /// The power is cut and comes back: everything that ran is gone, what was on disk is there.
    fn reboot(&mut self, application: &Application) {
        self.node.cut_the_power();
        let start = Instant::now();
        self.node.start_daemons();
        until("the application runs again", || application.was_restarted(self.cluster).then_some(()));
        self.legs.took("the power back → the application's container runs again", start.elapsed());
        let (line, ..) = self.edit();
        Application::printed(&line);
        self.legs.took("the power back → an edit in the file in the container", start.elapsed());
        until("both pods are Ready", || self.available().then_some(()));
    }

    /// The chart's roles are enough for all of it.
    fn no_request_was_refused(&self) {
        for pod in self.pods() {
            let log = self.cluster.kubectl(&["logs", &pod, "--namespace=operator-system"]);
            let refused: Vec<&str> = log.lines().filter(|line| line.to_lowercase().contains("forbidden")).collect();
            assert!(refused.is_empty(), "{refused:#?}");
        }
    }

    fn pods(&self) -> Vec<String> {
        let names = self.cluster.kubectl(&["get", "pods", "--namespace=operator-system", "--output=name"]);
        names.lines().filter_map(|line| line.strip_prefix("pod/")).map(str::to_owned).collect()
    }

    fn available(&self) -> bool {
        let deployment = self.cluster.get(&["deployment", "appcredential-operator", "--namespace=operator-system"]);
        let of = |field: &str| deployment["status"][field].as_u64().unwrap_or_default();
        [of("availableReplicas"), of("updatedReplicas"), of("replicas")] == [REPLICAS; 3]
    }

    fn restarts(&self) -> u64 {
        let pods = self.cluster.get(&["pods", "--namespace=operator-system"]);
        let pods = pods["items"].as_array().expect("pods").clone();
        pods.iter().filter_map(|pod| pod["status"]["containerStatuses"][0]["restartCount"].as_u64()).sum()
    }
}
