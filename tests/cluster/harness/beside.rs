//! A second release of the operator in the namespaces of a test, with an account, roles and a Lease of its own.

use std::time::{Duration, Instant};

use super::Operator;
use super::account::{Account, SYSTEM};
use super::audit::Request;
use super::namespace::{DEADLINE, POLL, TestNamespace};

/// How long silence has to last: longer than the first retry takes.
const SILENCE: Duration = Duration::from_millis(2500);

/// Two operators that share credentials by their environments.
pub(crate) struct Pair {
    /// The namespaces, and the first operator.
    pub(crate) test: TestNamespace,
    /// The second operator.
    pub(crate) second: Operator,
    users: [String; 2],
}

impl Pair {
    /// Two operators, each with these environments, in the namespace of a test and in others. They do not run yet.
    pub(crate) async fn idle(name: &str, others: &[&str], environments: [&str; 2]) -> Self {
        let mut test = TestNamespace::idle_with_others(name, others).await;
        let account = Account::new(&test.client, &format!("{}-second", test.namespace)).await;
        account.installed_for(test.plane.folder(), &test.namespace).await;
        for (_, namespace) in &test.others {
            account.also_for(test.plane.folder(), namespace).await;
        }
        let kubeconfig = test.plane.kubeconfig_with(&account.name, &account.token(None).await);
        let namespaces = test.others.iter().map(|(_, name)| name).chain([&test.namespace]);
        let watched: Vec<String> = namespaces.flat_map(|name| ["--namespace".to_owned(), name.clone()]).collect();
        let mut second = Operator::new(test.plane.folder(), kubeconfig, &account.name, watched);
        let lease = test.lease_name().to_owned();
        test.watching(&with_a_lease(&lease, environments[0]));
        second.add(&with_a_lease(&account.name, environments[1]));
        let users = [test.user.clone(), account.user()];
        Self { test, second, users }
    }

    /// The same, running.
    pub(crate) async fn start(name: &str, others: &[&str], environments: [&str; 2]) -> Self {
        let mut pair = Self::idle(name, others, environments).await;
        pair.test.operator.start();
        pair.second.start();
        pair
    }

    /// What both have asked for by now, but for watches and their Leases.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let all = self.users.iter().flat_map(|user| self.test.requests_of(user));
        all.filter(|it| it.resource != "leases" && !matches!(it.verb.as_str(), "list" | "watch")).collect()
    }

    /// Waits until neither asks for anything any more.
    pub(crate) async fn at_rest(&self) {
        let deadline = Instant::now() + DEADLINE;
        let (mut count, mut since) = (self.requests().len(), Instant::now());
        while since.elapsed() < SILENCE {
            let now = self.requests();
            if Instant::now() >= deadline {
                let last = now.iter().rev().take(8).collect::<Vec<_>>();
                let report = self.test.report().await;
                panic!("no rest in {DEADLINE:?}: {last:#?}\n{report}\n--- the second\n{}", self.second.last_lines(60));
            }
            if now.len() != count {
                (count, since) = (now.len(), Instant::now());
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.second.kill();
        if !std::thread::panicking() {
            let denied: Vec<Request> = self.requests().into_iter().filter(|request| request.denied).collect();
            assert!(denied.is_empty(), "the chart's roles do not allow {denied:#?}");
        }
    }
}

fn with_a_lease<'a>(lease: &'a str, environments: &'a str) -> [&'a str; 7] {
    let elected = ["--leader-election=true", "--lease-namespace", SYSTEM, "--lease-name", lease];
    let [election, at, system, by, name] = elected;
    [election, at, system, by, name, "--environments", environments]
}
