//! Every story of the table is played on namespaces of its own, and ends just as it was written down: each object of all
//! namespaces, and the whole status of the credential.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use serde_json::Value;

use super::app;
use super::table::{STORIES, Step, Story, Told, Why};
use crate::harness::{Mark, TestNamespace};

/// How long a story may take to come to its end.
const END: Duration = Duration::from_secs(40);
/// Stories at once.
const AT_ONCE: usize = 8;

/// An object that nobody may touch, with a label that the operator does not watch by.
const BYSTANDER: &str = "
apiVersion: v1
kind: Secret
metadata: {name: bystander, labels: {app: app}}
stringData: {token: theirs}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: bystander, labels: {app: app}}
data: {host: theirs}
";

/// A story that is being played.
struct Play {
    test: TestNamespace,
    /// Of each credential that there was.
    uids: Vec<String>,
}

impl Play {
    async fn step(&mut self, step: Step, watched: bool) {
        let test = &self.test;
        match step {
            Step::Grant(namespace, spec) => test.grant(namespace, spec).await,
            Step::Revoke(namespace) => test.revoke(namespace).await,
            Step::Apply(namespace, yaml) => test.apply_in(namespace, yaml).await,
            Step::Edit(yaml) => {
                let spec: Value = serde_saphyr::from_str(&test.fill(yaml)).expect("YAML");
                test.edit("app", spec).await;
            }
            Step::Create(line) => {
                test.apply_in("home", &app(line)).await;
                self.uids.push(test.credential("app").await.expect("it is there").uid().to_owned());
            }
            Step::Delete => {
                test.delete("AppCredential", "app").await;
                if watched {
                    test.wait_until("the credential is gone", async || test.credential("app").await.is_none()).await;
                }
            }
        }
        // Each step of what is given is carried out before the next one: else a target would be dropped unwritten.
        if watched && !self.uids.is_empty() {
            self.test.at_rest().await;
        }
    }

    /// What is there, and what is told.
    async fn now(&self) -> Vec<String> {
        let mut lines = self.test.everything(&self.uids).await;
        let Some(credential) = self.test.credential("app").await else { return lines };
        lines.push(format!("observed {}", credential.is_observed()));
        let status = &credential.0["status"];
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for it in list(&status["conditions"]) {
            let [name, status, reason, message] = ["type", "status", "reason", "message"].map(|field| word(&it[field]));
            lines.push(self.test.unfill(&format!("{name}={status}/{reason}: {message}")));
        }
        lines.push(format!("environments {}", word(&status["environmentNames"])));
        for environment in list(&status["environments"]) {
            let [name, reason, message] = ["name", "reason", "message"].map(|field| word(&environment[field]));
            lines.push(self.test.unfill(&format!("{name} ready={} {reason} {message}", environment["ready"])));
            for target in list(&environment["targets"]) {
                let [at, secret, map, message] =
                    ["namespace", "secretName", "configMapName", "message"].map(|field| word(&target[field]));
                let written = ["secret", "configMap", "lastSyncTime"].map(|field| !target[field].is_null());
                lines.push(
                    self.test.unfill(&format!("  {at} {secret} {map} {} {written:?} {message}", target["revision"])),
                );
            }
        }
        lines.extend(
            list(&status["detachedOutputs"])
                .iter()
                .flat_map(|group| list(&group["outputs"]))
                .map(|place| self.test.unfill(&format!("detached {}", word(&place)))),
        );
        lines.extend(list(&credential.0["metadata"]["finalizers"]).iter().map(|it| format!("finalizer {}", word(it))));
        assert!(status["binding"].is_null(), "nobody asked for a binding");
        lines
    }
}

/// What is in the way of a target: reason and message.
fn problem((_, place, _, why): &Told) -> Option<(&'static str, String)> {
    let namespace = place.split('/').next().unwrap();
    match why {
        Why::Fine => None,
        Why::NotGranted(objects) => {
            let grant = format!(
                "{{apiVersion: appcredential.io/v1alpha1, kind: AppCredentialGrant, metadata: {{name: $home, namespace: ${namespace}}}, spec: {{from: [{{namespace: $home, name: app}}]}}}}"
            );
            let message =
                format!("namespace ${namespace}: does not consent to the {objects}; ask its owner to apply: {grant}");
            Some(("NotGranted", message))
        }
        Why::Former(place) => {
            let what =
                "was left by a former credential of this name; delete it, or adopt it with deletionPolicy: Retain";
            Some(("NotOwned", format!("Secret ${place}: {what}")))
        }
        Why::Taken(place) => {
            let what =
                "exists and is not an output of this credential; delete or rename it, or give the target another name";
            Some(("NotOwned", format!("Secret ${place}: {what}")))
        }
    }
}

fn both<'a>(place: &str, line: impl Fn(&str, &str) -> String + 'a) -> Vec<String> {
    match place.split_once('/') {
        Some((kind @ ("Secret" | "ConfigMap"), place)) => vec![line(kind, place)],
        _ => ["ConfigMap", "Secret"].map(|kind| line(kind, place)).into(),
    }
}

/// What has to be there and told in the end.
fn wanted(story: &Story) -> Vec<String> {
    let bystanders = ["home", "staging", "production"].map(|namespace| format!("{namespace}/bystander"));
    let mut lines: Vec<String> = bystanders
        .iter()
        .flat_map(|place| both(place, |kind, place| format!("{kind}/{place} {:?}", Mark::Foreign)))
        .collect();
    lines.extend(
        story
            .objects
            .iter()
            .flat_map(|(place, mark)| both(place, move |kind, place| format!("{kind}/{place} {mark:?}"))),
    );
    lines.sort();
    let Some(told) = story.told else { return lines };
    lines.push("observed true".to_owned());
    let problems: Vec<(&str, String)> = told.iter().filter_map(problem).collect();
    let all: Vec<&str> = problems.iter().map(|(_, message)| message.as_str()).collect();
    lines.push("Accepted=True/Valid: the spec is valid".to_owned());
    lines.push("ResolvedRefs=True/Resolved: every source was found".to_owned());
    match problems.first() {
        None => {
            lines.push("Synced=True/Synced: every output is written as the credential says".to_owned());
            lines.push("Ready=True/Ready: every environment is ready".to_owned());
        }
        Some((reason, _)) => {
            lines.extend(["Synced", "Ready"].map(|name| format!("{name}=False/{reason}: {}", all.join("; "))))
        }
    }
    let mut names: Vec<&str> = told.iter().map(|told| told.0).collect();
    names.dedup();
    let declared: Vec<&str> = names.iter().copied().filter(|name| *name != "default").collect();
    lines.push(format!("environments {}", declared.join(",")));
    for name in names {
        let targets: Vec<&Told> = told.iter().filter(|told| told.0 == name).collect();
        let problem_of = targets.iter().find_map(|told| problem(told));
        let (reason, message) = problem_of.clone().unwrap_or_default();
        lines.push(format!("{name} ready={} {reason} {message}", problem_of.is_none()));
        for told in targets {
            let (namespace, object) = told.1.split_once('/').unwrap();
            let revision = told.2.map_or("null".to_owned(), |revision| revision.to_string());
            let message = problem(told).map(|(_, message)| message).unwrap_or_default();
            lines.push(format!("  ${namespace} {object} {object} {revision} {:?} {message}", [told.2.is_some(); 3]));
        }
    }
    let mut places: Vec<String> = story
        .detached
        .iter()
        .flat_map(|place| both(place, |kind, place| format!("detached {kind}/${place}")))
        .collect();
    places.sort();
    lines.extend(places);
    lines.extend((!story.detached.is_empty()).then(|| "finalizer appcredential.io/outputs".to_owned()));
    lines
}

/// Plays a story: what differs in the end.
async fn play(story: &'static Story) -> Option<String> {
    let test = TestNamespace::start_with_others("story", &["staging", "production"]).await;
    let mut play = Play { test, uids: Vec::new() };
    for namespace in ["home", "staging", "production"] {
        play.test.apply_in(namespace, BYSTANDER).await;
    }
    let bystanders = |versions: std::collections::BTreeMap<String, String>| -> Vec<_> {
        versions.into_iter().filter(|(name, _)| name.ends_with("bystander")).collect()
    };
    let before = bystanders(play.test.versions().await);
    for step in story.given {
        play.step(*step, true).await;
    }
    if story.down {
        play.test.operator.terminate().await;
    }
    for step in story.change {
        play.step(*step, false).await;
    }
    if story.down {
        play.test.operator.start();
        play.test.operator.ready().await;
    }
    let wanted = wanted(story);
    let deadline = Instant::now() + END;
    while play.now().await != wanted && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    play.test.at_rest().await;
    let now = play.now().await;
    let values = values(&play.test, story).await;
    let touched = bystanders(play.test.versions().await) != before;
    if now == wanted && values.is_none() && !touched {
        return None;
    }
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>().join("\n    ")
    };
    Some(format!(
        "{}\n  missing:\n    {}\n  too much:\n    {}\n  {values:?} bystanders touched: {touched}\n",
        story.name,
        only(&wanted, &now),
        only(&now, &wanted)
    ))
}

/// Whatever is ours or was left behind still holds its values.
async fn values(test: &TestNamespace, story: &Story) -> Option<String> {
    let ours = story.objects.iter().filter(|(place, mark)| *mark != Mark::Foreign && !place.starts_with("ConfigMap/"));
    for (place, _) in ours {
        let place = place.trim_start_matches("Secret/");
        let (namespace, name) = place.split_once('/').unwrap();
        let secret = test.get_in(namespace, "Secret", name).await.unwrap_or_default();
        if secret["data"]["token"] != "dDBrZW4=" {
            return Some(format!("{place} has not the token"));
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn every_story_ends_just_as_it_was_written_down() {
    assert!(STORIES.len() >= 30);
    let differ: Vec<Option<String>> = stream::iter(STORIES).map(play).buffer_unordered(AT_ONCE).collect().await;
    let differ: Vec<String> = differ.into_iter().flatten().collect();
    assert!(differ.is_empty(), "{} of {} differ:\n{}", differ.len(), STORIES.len(), differ.join("\n"));
}
