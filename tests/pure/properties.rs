//! What holds for any spec, whatever people write.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use appcredential_api::{AppCredentialSpec, NamedValue, ObjectRef, Reason, SensitiveBytes};
use appcredential_core::plan::{self, Scope, Step};
use appcredential_core::render::{self, Output};
use appcredential_core::resolve::{self, Inputs, Merged, Selection, Source, merge};
use proptest::prelude::*;

use crate::choices::{Choices, cases, chosen, reached};
use crate::simulated::{Cluster, as_wanted};
use crate::specs::{self, Shown};
use crate::support::{environments, identity, inputs, outputs};

/// Any spec.
fn any_spec() -> impl Strategy<Value = Shown> {
    chosen(|c| Shown(specs::spec(c)))
}

/// A spec that is rather accepted than not.
fn tame_spec() -> impl Strategy<Value = Shown> {
    chosen(|c| {
        c.wild = false;
        Shown(specs::spec(c))
    })
}

/// Sources in any state.
fn any_sources(c: &mut Choices, spec: &AppCredentialSpec) -> Inputs {
    let mut out = Inputs::new();
    for source in resolve::sources(spec, &Selection::default()) {
        let data = || ["k", "l", "tls.crt"].map(|key| (key.to_owned(), SensitiveBytes::from(vec![0xff, 0])));
        let state = match c.below(5) {
            0 => Source::Found(data().into()),
            1 => Source::Found(BTreeMap::from([("k".to_owned(), SensitiveBytes::default())])),
            2 => Source::Missing,
            3 => Source::Failed(Reason::Forbidden, "forbidden".to_owned()),
            _ => continue,
        };
        out.insert(source, state);
    }
    out
}

#[test]
fn resolving_renders_or_reports_problems_and_never_panics() {
    let (accepted, filled) = (Cell::new(0), Cell::new(0));
    let case = chosen(|c| {
        let spec = specs::spec(c);
        let sources = any_sources(c, &spec);
        (Shown(spec), sources)
    });
    proptest!(cases(10_000), |((Shown(spec), sources) in case)| {
        match environments(&spec) {
            Err(problems) => prop_assert!(!problems.is_empty()),
            Ok(all) => {
                accepted.set(accepted.get() + 1);
                for environment in &all {
                    match environment.fill(&sources) {
                        Ok(whole) => {
                            filled.set(filled.get() + 1);
                            prop_assert_eq!(render::outputs(&identity(), &whole).unwrap().len(), environment.targets.len());
                        }
                        Err(problems) => prop_assert!(problems.iter().all(|problem| problem.path().starts_with("spec."))),
                    }
                }
            }
        }
    });
    reached("accepted specs", accepted.get());
    reached("filled environments", filled.get());
}

fn sorted(mut list: Vec<NamedValue>) -> Vec<NamedValue> {
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list
}

/// What an environment has, without regard to the order of parameters.
fn content(merged: &Merged) -> Merged {
    Merged {
        parameters: sorted(merged.parameters.clone()),
        targets: Vec::new(),
        contradictions: Vec::new(),
        ..merged.clone()
    }
}

#[test]
fn laying_an_environment_twice_is_laying_it_once() {
    proptest!(cases(2_000), |(Shown(spec) in tame_spec())| {
        for (index, once) in merge(&spec).iter().enumerate() {
            let Some(environment) = spec.environments.as_ref().and_then(|all| all.get(index)) else { continue };
            let again = AppCredentialSpec {
                authentication: Some(once.authentication.clone()),
                connection: Some(once.connection.clone()),
                scopes: Some(once.scopes.clone()),
                parameters: Some(once.parameters.clone()),
                environments: Some(vec![environment.clone()]),
                ..spec.clone()
            };
            prop_assert_eq!(content(&merge(&again)[0]), content(once));
        }
    });
}

#[test]
fn the_order_of_environments_does_not_matter() {
    proptest!(cases(1_000), |(Shown(spec) in any_spec())| {
        let by_name = |spec: &AppCredentialSpec| -> BTreeMap<_, _> {
            merge(spec).into_iter().map(|merged| (merged.name.clone(), merged)).collect()
        };
        let mut reversed = spec.clone();
        if let Some(all) = reversed.environments.as_mut() { all.reverse(); }
        prop_assert_eq!(by_name(&spec), by_name(&reversed));
        prop_assert_eq!(environments(&spec).is_ok(), environments(&reversed).is_ok());
    });
}

#[test]
fn an_interrupted_round_ends_under_its_own_revision() {
    let applied = Cell::new(0);
    proptest!(cases(1_000), |(Shown(first) in tame_spec(), Shown(second) in tame_spec(), stop in 0..3_usize)| {
        let (Ok(first), Ok(second)) = (environments(&first), environments(&second)) else { return Ok(()) };
        let mut cluster = Cluster::default();
        let mut synced: BTreeMap<ObjectRef, i64> = BTreeMap::new();
        // What the status tells once something was written: also what a former round left there.
        let mut told = BTreeSet::new();
        for environments in [&first, &second, &first] {
            let all: Vec<Output> = environments.iter().flat_map(|environment| outputs(&identity(), environment)).collect();
            for output in &all {
                applied.set(applied.get() + 1);
                told.extend([&output.secret, &output.config_map].into_iter().filter(|it| it.is_detached()).map(|it| it.object_ref().record()));
                let known = synced.get(&output.secret.object_ref()).copied();
                let interrupted = cluster.plan(output, known);
                let changes = (&interrupted.secret, &interrupted.config_map) != (&Step::Unchanged, &Step::Unchanged);
                let wrote = cluster.apply(&interrupted, stop);
                let rest = cluster.plan(output, known);
                if changes && wrote > 0 {
                    prop_assert_eq!(rest.revision, interrupted.revision, "an interrupted round keeps its revision");
                }
                cluster.apply(&rest, 2);
                let done = cluster.plan(output, Some(rest.revision));
                prop_assert_eq!((&done.secret, &done.config_map), (&Step::Unchanged, &Step::Unchanged));
                prop_assert_eq!(done.revision, rest.revision);
                for object in [&output.secret, &output.config_map] {
                    prop_assert_eq!(cluster.objects[&object.object_ref()].revision, Some(rest.revision));
                }
                synced.insert(output.secret.object_ref(), rest.revision);
            }
            let wanted = all.iter().flat_map(|output| [output.secret.object_ref(), output.config_map.object_ref()]).collect::<BTreeSet<_>>();
            let selection = Selection::default();
            let prunes = plan::prune(cluster.objects.values(), &identity(), &told, Scope::Unwanted(&as_wanted(&wanted), &selection));
            let prunes: Vec<_> = prunes.into_iter().cloned().collect();
            cluster.prune(&prunes);
            // What is to be retained is let go of, which is the end of it too.
            prop_assert_eq!(cluster.objects.keys().cloned().collect::<BTreeSet<_>>(), wanted);
        }
    });
    reached("targets that were applied", applied.get());
}

fn is_key(key: &str) -> bool {
    let letters = key.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter));
    (1..=253).contains(&key.len()) && letters && key != "." && !key.starts_with("..")
}

fn is_name(name: &str) -> bool {
    let letters =
        name.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"-.".contains(&letter));
    let ends = name.bytes().next().zip(name.bytes().last());
    (1..=253).contains(&name.len())
        && letters
        && ends.is_some_and(|(a, b)| a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())
}

#[test]
fn an_accepted_spec_gives_valid_objects_for_each_target() {
    proptest!(cases(1_000), |(Shown(spec) in any_spec())| {
        let Ok(all) = environments(&spec) else { return Ok(()) };
        let read = resolve::sources(&spec, &Selection::default());
        let mut seen = BTreeSet::new();
        for environment in &all {
            let outputs = outputs(&identity(), environment);
            prop_assert!(!outputs.is_empty());
            for (output, target) in outputs.iter().zip(&environment.targets) {
                prop_assert_eq!(&output.secret.name, &target.secret_name);
                prop_assert_eq!(&output.config_map.name, &target.config_map_name);
                for object in [&output.secret, &output.config_map] {
                    prop_assert!(is_name(&object.name), "{}", object.name);
                    prop_assert_eq!(&object.namespace, &target.namespace);
                    prop_assert_eq!(object.is_detached(), target.retain || target.namespace != "team");
                    prop_assert!(object.data.keys().all(|key| is_key(key)), "{:?}", object.data.keys());
                    prop_assert!(object.labels.values().all(|label| label.len() <= 63));
                    prop_assert!(seen.insert(object.object_ref()), "each object is the target of one environment");
                    prop_assert!(!read.iter().any(|source| source.kind == object.kind && source.name == object.name && object.namespace == "team"));
                }
                prop_assert!(output.config_map.data.contains_key("auth-type"));
                let leaves = environment.leaves.len();
                prop_assert!(output.secret.data.len() + output.config_map.data.len() <= 2 * leaves);
            }
        }
    });
}

#[test]
fn selecting_environments_does_not_change_their_outputs() {
    proptest!(cases(1_000), |(Shown(spec) in any_spec(), chosen in prop::sample::subsequence(vec!["a", "b", "c"], 0..=3))| {
        let Ok(all) = environments(&spec) else { return Ok(()) };
        let selection = Selection::only(chosen.iter().map(|name| (*name).to_owned()));
        let some = resolve::environments(&spec, &identity(), &selection);
        let expected: Vec<_> = all.into_iter().filter(|environment| selection.handles(environment.name.as_deref())).collect();
        let rendered = |environment: &resolve::Environment| {
            let filled = environment.fill(&inputs([environment]));
            filled.map(|filled| render::outputs(&identity(), &filled))
        };
        let some = some.expect("what is accepted with all environments is accepted with some");
        prop_assert_eq!(some.iter().map(rendered).collect::<Vec<_>>(), expected.iter().map(rendered).collect::<Vec<_>>());
    });
}
