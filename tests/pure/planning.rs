//! Plans: every state of a Secret with every state of its ConfigMap, and the revision that both carry in the end.

use appcredential_api::{Kind, SensitiveBytes, Uid};
use appcredential_core::plan::{MAX_DATA, Observed};
use appcredential_core::render::{Object, Output};

use crate::simulated::{Cluster, observed, word};
use crate::support::{output, spec};

/// How an object stands to what is desired. Those that are there carry revision 4 in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Missing,
    Same,
    Differs,
    OtherType,
    Immutable,
    Foreign,
    Deleting,
    TooLarge,
}
use State::{Deleting, Differs, Foreign, Immutable, Missing, OtherType, Same, TooLarge};

fn desired() -> Output {
    output(&spec("authentication: {type: BearerToken, bearerToken: {token: {value: t}}}\nconnection: {host: h}"))
}

/// An object of other content.
fn changed(object: &Object) -> Object {
    let mut other = object.clone();
    other.data.insert("old".to_owned(), SensitiveBytes::from("old"));
    other
}

fn put(cluster: &mut Cluster, object: &mut Object, state: State, revision: Option<i64>) {
    let there = |object: &Object| observed(&cluster.fingerprinter, object, revision);
    let observed = match state {
        Missing => return,
        TooLarge => {
            object.data.insert("large".to_owned(), SensitiveBytes::from(vec![b'x'; MAX_DATA + 1]));
            there(object)
        }
        Same => there(object),
        Differs => there(&changed(object)),
        OtherType => {
            let mut other = object.clone();
            other.secret_type = Some("servicebinding.io/db".to_owned());
            there(&other)
        }
        Immutable => Observed { immutable: true, ..there(object) },
        Foreign => Observed { owner_uid: None, controller_uid: None, ..there(object) },
        Deleting => Observed { deleting: true, ..there(object) },
    };
    cluster.objects.insert(object.object_ref(), observed);
}

/// A cluster with both objects in a state, and the output that is desired.
fn standing(secret: (State, Option<i64>), config_map: (State, Option<i64>)) -> (Cluster, Output) {
    let (mut cluster, mut output) = (Cluster::default(), desired());
    put(&mut cluster, &mut output.secret, secret.0, secret.1);
    put(&mut cluster, &mut output.config_map, config_map.0, config_map.1);
    (cluster, output)
}

/// The steps and the revision, in words; a blocked plan has no revision to speak of.
fn planned(cluster: &Cluster, output: &Output, synced: Option<i64>) -> String {
    let plan = cluster.plan(output, synced);
    let (secret, config_map) = (word(&plan.secret), word(&plan.config_map));
    let blocked = ["NotOwned", "TooLarge"].iter().any(|reason| secret == *reason || config_map == *reason);
    if blocked { format!("{secret} {config_map}") } else { format!("{secret} {config_map} {}", plan.revision) }
}

const CONFIG_MAPS: [State; 7] = [Missing, Same, Differs, Immutable, Foreign, Deleting, TooLarge];

/// For each state of the Secret, the plan for each state of the ConfigMap; the status has seen revision 4.
#[rustfmt::skip]
const TABLE: &[(State, [&str; 7])] = &[
    (Missing,   ["create create 5",  "create update 5",  "create update 5",  "create replace 5",  "- NotOwned", "- NotOwned", "- TooLarge"]),
    (Same,      ["update create 5",  "- - 4",            "update update 5",  "update replace 5",  "- NotOwned", "- NotOwned", "- TooLarge"]),
    (Differs,   ["update create 5",  "update update 5",  "update update 5",  "update replace 5",  "- NotOwned", "- NotOwned", "- TooLarge"]),
    (OtherType, ["replace create 5", "replace update 5", "replace update 5", "replace replace 5", "- NotOwned", "- NotOwned", "- TooLarge"]),
    (Immutable, ["replace create 5", "replace update 5", "replace update 5", "replace replace 5", "- NotOwned", "- NotOwned", "- TooLarge"]),
    (Foreign,   ["NotOwned -"; 7]),
    (Deleting,  ["NotOwned -"; 7]),
    (TooLarge,  ["TooLarge -"; 7]),
];

#[test]
fn every_pair_of_states_has_its_plan() {
    for (secret, plans) in TABLE {
        for (config_map, expected) in CONFIG_MAPS.iter().zip(plans) {
            let (cluster, output) = standing((*secret, Some(4)), (*config_map, Some(4)));
            assert_eq!(planned(&cluster, &output, Some(4)), *expected, "Secret {secret:?}, ConfigMap {config_map:?}");
        }
    }
}

#[test]
fn an_executed_plan_leaves_nothing_to_do_and_one_revision() {
    for (secret, plans) in TABLE {
        for (config_map, expected) in CONFIG_MAPS.iter().zip(plans) {
            if expected.contains("NotOwned") || expected.contains("TooLarge") {
                continue;
            }
            let (mut cluster, output) = standing((*secret, Some(4)), (*config_map, Some(4)));
            let plan = cluster.plan(&output, Some(4));
            cluster.apply(&plan, 2);
            for synced in [Some(plan.revision), Some(4), None] {
                assert_eq!(
                    planned(&cluster, &output, synced),
                    format!("- - {}", plan.revision),
                    "{secret:?} {config_map:?}"
                );
            }
            assert!(cluster.objects.values().all(|object| object.revision == Some(plan.revision)));
        }
    }
}

/// The Secret, the ConfigMap, what the status has seen, the plan.
type Round = ((State, Option<i64>), (State, Option<i64>), Option<i64>, &'static str);

/// Rounds that were interrupted between their two writes, and revisions that somebody else changed.
const ROUNDS: &[Round] = &[
    ((Missing, None), (Missing, None), None, "create create 1"),
    ((Missing, None), (Missing, None), Some(7), "create create 8"),
    // Interrupted: the Secret is there with the new revision, the ConfigMap not yet.
    ((Same, Some(1)), (Missing, None), None, "- create 1"),
    ((Same, Some(5)), (Differs, Some(4)), Some(4), "- update 5"),
    ((Same, Some(5)), (Same, Some(4)), Some(4), "- update 5"),
    ((Same, Some(5)), (Missing, None), Some(4), "- create 5"),
    ((Same, Some(5)), (Immutable, Some(4)), Some(4), "- replace 5"),
    // Interrupted, and then the content changed again: a revision of its own.
    ((Differs, Some(5)), (Differs, Some(4)), Some(4), "update update 6"),
    ((Differs, Some(5)), (Same, Some(4)), Some(4), "update update 6"),
    ((Differs, Some(5)), (Missing, None), Some(4), "update create 6"),
    // The status lags behind, or was lost.
    ((Same, Some(5)), (Same, Some(5)), Some(4), "- - 5"),
    ((Same, Some(5)), (Same, Some(5)), None, "- - 5"),
    ((Differs, Some(5)), (Differs, Some(5)), None, "update update 6"),
    // The annotation was taken away or changed by hand: the other object knows.
    ((Same, None), (Same, Some(4)), Some(4), "update - 4"),
    ((Same, Some(4)), (Same, None), Some(4), "- update 4"),
    ((Same, Some(3)), (Same, Some(4)), Some(4), "update - 4"),
    ((Same, None), (Same, None), Some(4), "update update 5"),
    ((Same, None), (Same, None), None, "update update 1"),
    ((Same, Some(-3)), (Same, Some(-3)), None, "update update 1"),
    ((Same, Some(0)), (Same, Some(0)), None, "update update 1"),
];

#[test]
fn an_interrupted_round_is_finished_under_its_own_revision() {
    for (secret, config_map, synced, expected) in ROUNDS {
        let (cluster, output) = standing(*secret, *config_map);
        assert_eq!(planned(&cluster, &output, *synced), *expected, "{secret:?} {config_map:?} {synced:?}");
    }
}

#[test]
fn changed_content_gets_a_new_revision_under_a_stale_status_too() {
    for synced in [Some(5), Some(4), None] {
        for (secret, config_map) in [(Differs, Same), (Same, Differs), (OtherType, Same), (Same, Immutable)] {
            let (cluster, output) = standing((secret, Some(5)), (config_map, Some(5)));
            let revision = cluster.plan(&output, synced).revision;
            assert_eq!(revision, 6, "Secret {secret:?}, ConfigMap {config_map:?}, status {synced:?}");
        }
    }
}

#[test]
fn a_revision_set_to_the_largest_number_does_no_harm() {
    for pair in [(Same, Same), (Same, Differs), (Differs, Differs)] {
        let (mut cluster, output) = standing((pair.0, Some(i64::MAX)), (pair.1, Some(4)));
        let mut synced = Some(4);
        let mut rounds = 0;
        loop {
            let plan = cluster.plan(&output, synced);
            if cluster.apply(&plan, 2) == 0 {
                break;
            }
            synced = Some(plan.revision);
            rounds += 1;
            assert!(rounds < 4, "{pair:?}: it is written again and again");
        }
    }
}

#[test]
fn planning_a_blocked_target_again_gives_no_new_revision() {
    for (secret, config_map) in
        [(Foreign, Same), (Same, Foreign), (Differs, Foreign), (Missing, Foreign), (Differs, TooLarge)]
    {
        let (mut cluster, output) = standing((secret, Some(4)), (config_map, Some(4)));
        let before = cluster.objects.clone();
        let first = cluster.plan(&output, Some(4));
        for _ in 0..10 {
            let plan = cluster.plan(&output, Some(4));
            assert_eq!(plan, first, "{secret:?} {config_map:?}");
            assert_eq!(cluster.apply(&plan, 2), 0, "{secret:?} {config_map:?}");
        }
        assert_eq!(cluster.objects, before);
    }
}

#[test]
fn one_ownership_label_suffices_without_another_controller() {
    let ours = crate::support::identity().uid;
    let other = || Some(Uid::from("other"));
    for (owner_uid, controller_uid, expected) in [
        (Some(ours.clone()), None, "update"),
        (None, Some(ours.clone()), "update"),
        (other(), Some(ours.clone()), "update"),
        (Some(ours), other(), "NotOwned"),
        (other(), None, "NotOwned"),
        (None, other(), "NotOwned"),
        (None, None, "NotOwned"),
    ] {
        for kind in [Kind::Secret, Kind::ConfigMap] {
            let (mut cluster, output) = standing((Same, Some(4)), (Same, Some(4)));
            let object = if kind == Kind::Secret { &output.secret } else { &output.config_map };
            let there = cluster.objects.get_mut(&object.object_ref()).unwrap();
            // Marks are part of the content, so an object with a wrong one differs.
            let fingerprint = crate::simulated::observed(&cluster.fingerprinter, &changed(object), None).fingerprint;
            *there = Observed {
                owner_uid: owner_uid.clone(),
                controller_uid: controller_uid.clone(),
                fingerprint,
                ..there.clone()
            };
            let plan = cluster.plan(&output, Some(4));
            let step = if kind == Kind::Secret { plan.secret } else { plan.config_map };
            assert_eq!(word(&step), expected, "{kind} {owner_uid:?} {controller_uid:?}");
        }
    }
}

#[test]
fn exactly_the_size_that_kubernetes_allows_is_written() {
    let (cluster, mut output) = standing((Missing, None), (Missing, None));
    let used: usize = output.secret.data.values().map(SensitiveBytes::len).sum();
    output.secret.data.insert("large".to_owned(), SensitiveBytes::from(vec![0; MAX_DATA - used]));
    assert_eq!(planned(&cluster, &output, None), "create create 1");
}

#[test]
fn the_fingerprint_sees_every_part_of_the_content() {
    let cluster = Cluster::default();
    let object = desired().secret;
    let of = |object: &Object| cluster.fingerprinter.of_object(object);
    let variants: [fn(&mut Object); 8] = [
        |object| object.data.get_mut("token").map(|value| *value = SensitiveBytes::from("u")).unwrap(),
        |object| drop(object.data.insert("x".to_owned(), SensitiveBytes::from(""))),
        |object| drop(object.data.remove("token")),
        |object| object.secret_type = Some("other".to_owned()),
        |object| drop(object.labels.insert("appcredential.io/name".to_owned(), "other".to_owned())),
        |object| drop(object.labels.insert("appcredential.io/environment".to_owned(), "e".to_owned())),
        |object| drop(object.labels.remove("app.kubernetes.io/managed-by")),
        |object| drop(object.annotations.insert("appcredential.io/owner-uid".to_owned(), "other".to_owned())),
    ];
    for (index, change) in variants.iter().enumerate() {
        let mut other = object.clone();
        change(&mut other);
        assert_ne!(of(&other), of(&object), "variant {index}");
    }
    // Neither the border between a key and its value, nor that between two entries, can be moved.
    let entries = |entries: &[(&str, &str)]| {
        let data = entries.iter().map(|(key, value)| ((*key).to_owned(), SensitiveBytes::from(*value)));
        of(&Object { data: data.collect(), ..object.clone() })
    };
    assert_ne!(entries(&[("ab", "c")]), entries(&[("a", "bc")]));
    assert_ne!(entries(&[("a", ""), ("b", "")]), entries(&[("a", "b")]));
    assert_ne!(Cluster::default().fingerprinter.of_object(&object), of(&object), "another process, another key");
}
