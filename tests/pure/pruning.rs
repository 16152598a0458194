//! What is no longer wanted: only what carries both our marks, belongs here, and is not being deleted already.

use std::collections::BTreeSet;

use appcredential_api::{Identity, ObjectRef, Uid};
use appcredential_core::plan::{self, Observed, Scope};
use appcredential_core::resolve::Selection;

use crate::simulated::{Cluster, as_wanted, observed};
use crate::support::{environments, identity, outputs, spec};

/// The objects of a credential with the environments `a` and `b`, as they were written: four of them.
fn written() -> Vec<Observed> {
    let spec = spec("authentication: {type: None}\nenvironments: [{name: a}, {name: b}]");
    let all = environments(&spec).unwrap();
    let outputs = all.iter().flat_map(|environment| outputs(&identity(), environment));
    let fingerprinter = Cluster::default().fingerprinter;
    outputs
        .flat_map(|output| [output.secret, output.config_map])
        .map(|object| observed(&fingerprinter, &object, Some(1)))
        .collect()
}

fn pruned(there: &[Observed], wanted: &[ObjectRef], selection: &Selection) -> Vec<String> {
    let wanted: BTreeSet<ObjectRef> = wanted.iter().cloned().collect();
    let prunes = plan::prune(there, &identity(), &BTreeSet::new(), Scope::Unwanted(&as_wanted(&wanted), selection));
    prunes
        .into_iter()
        .map(|prune| {
            let of = there.iter().find(|there| there.uid == prune.uid).unwrap();
            assert_eq!(prune.resource_version, of.resource_version);
            format!("{} {}/{}", prune.kind, prune.namespace, prune.name)
        })
        .collect()
}

fn only(names: &[&str]) -> Selection {
    Selection::only(names.iter().map(|name| (*name).to_owned()))
}

const ALL: [&str; 4] = ["Secret team/app-a", "ConfigMap team/app-a", "Secret team/app-b", "ConfigMap team/app-b"];

#[test]
fn what_is_wanted_stays_and_what_is_not_goes() {
    let there = written();
    let keys: Vec<ObjectRef> = there.iter().map(Observed::object_ref).collect();
    assert_eq!(pruned(&there, &keys, &Selection::default()), [""; 0]);
    assert_eq!(pruned(&there, &keys[..2], &Selection::default()), ALL[2..]);
    assert_eq!(pruned(&there, &[], &Selection::default()), ALL);
    // A Secret and a ConfigMap of one name are two objects.
    assert_eq!(pruned(&there, &keys[..1], &Selection::default()), ALL[1..]);
}

#[test]
fn only_objects_with_both_ownership_labels_are_pruned() {
    let ours = Some(identity().uid);
    let other = Some(Uid::from("other"));
    for (owner_uid, controller_uid, goes) in [
        (ours.clone(), ours.clone(), true),
        (ours.clone(), None, false),
        (None, ours.clone(), false),
        (ours.clone(), other.clone(), false),
        (other.clone(), ours, false),
        (other.clone(), other, false),
        (None, None, false),
    ] {
        let there =
            Observed { owner_uid: owner_uid.clone(), controller_uid: controller_uid.clone(), ..written().remove(0) };
        let expected = if goes { &ALL[..1] } else { &[] };
        assert_eq!(pruned(&[there], &[], &Selection::default()), expected, "{owner_uid:?} {controller_uid:?}");
    }
}

#[test]
fn a_recreated_credential_prunes_nothing_of_the_former_one() {
    let former = written();
    let now = Identity { uid: "uid-of-the-next".into(), ..identity() };
    assert!(plan::prune(&former, &now, &BTreeSet::new(), Scope::All(&Selection::default())).is_empty());
}

#[test]
fn what_is_being_deleted_is_left_alone() {
    let there: Vec<Observed> = written().into_iter().map(|there| Observed { deleting: true, ..there }).collect();
    assert_eq!(pruned(&there, &[], &Selection::default()), [""; 0]);
}

#[test]
fn outputs_of_environments_that_others_handle_are_left_alone() {
    let there = written();
    assert_eq!(pruned(&there, &[], &only(&["a"])), ALL[..2]);
    assert_eq!(pruned(&there, &[], &only(&["b"])), ALL[2..]);
    assert_eq!(pruned(&there, &[], &only(&["a", "b"])), ALL);
    assert_eq!(pruned(&there, &[], &only(&["c"])), [""; 0]);
}

#[test]
fn outputs_older_than_environments_are_pruned_by_any_operator() {
    let mut there = written();
    there[0].environment = None;
    assert_eq!(pruned(&there[..1], &[], &only(&["c"])), ALL[..1]);
}

#[test]
fn an_immutable_output_can_be_pruned() {
    let there = Observed { immutable: true, ..written().remove(0) };
    assert_eq!(pruned(&[there], &[], &Selection::default()), ALL[..1]);
}

#[test]
fn targets_that_move_leave_nothing_behind() {
    let spec_of = |target: &str| spec(&format!("authentication: {{type: None}}\ntargets: [{target}]"));
    let mut cluster = Cluster::default();
    for target in [
        "{}",
        "{secret: {name: s}}",
        "{secret: {name: s}, configMap: {name: m}}",
        "{secret: {name: t, layout: ServiceBinding}}",
    ] {
        let output = crate::support::output(&spec_of(target));
        let plan = cluster.plan(&output, None);
        cluster.apply(&plan, 2);
        let wanted: BTreeSet<ObjectRef> = [output.secret.object_ref(), output.config_map.object_ref()].into();
        let selection = Selection::default();
        let scope = Scope::Unwanted(&as_wanted(&wanted), &selection);
        let prunes = plan::prune(cluster.objects.values(), &identity(), &BTreeSet::new(), scope);
        let prunes: Vec<Observed> = prunes.into_iter().cloned().collect();
        cluster.prune(&prunes);
        assert_eq!(cluster.objects.keys().cloned().collect::<BTreeSet<_>>(), wanted, "{target}");
    }
}
