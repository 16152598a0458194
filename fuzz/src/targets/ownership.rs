//! Ownership: whatever marks objects are given, only the credential's own outputs are ever deleted or written over.
//!
//! The input is `{detached: [place], wanted: [index], objects: [object]}`; the objects are Secrets as the API server sends them.

use std::collections::BTreeSet;

use appcredential_api::{Identity, Kind, labels};
use appcredential_cluster::OutputObject;
use appcredential_cluster::objects::Secrets;
use appcredential_core::plan::{self, Consent, Observed, Scope, Wanted};
use appcredential_core::resolve::Selection;
use serde_json::Value;

use super::support::identity;

pub(super) fn run(data: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Value>(data) else { return };
    let list = |field: &str| input[field].as_array().cloned().unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut objects: Vec<(Value, Observed)> = list("objects").into_iter().filter_map(decoded).collect();
    // The cluster has one object of a name.
    objects.retain(|(_, object)| seen.insert(object.object_ref()));
    let detached: BTreeSet<String> = list("detached").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let indexes = list("wanted").into_iter().filter_map(|index| usize::try_from(index.as_u64()?).ok());
    let kept = indexes.filter_map(|index| objects.get(index)).map(|(_, object)| object.object_ref());
    let wanted = Wanted { objects: kept.collect(), kept: BTreeSet::new() };
    let (owner, selection, consent) = (identity(), Selection::default(), Consent::default());
    let scoped = |scope: Scope<'_>| keys(&objects, &owner, &detached, scope);
    let all = scoped(Scope::All(&selection));
    let unwanted = scoped(Scope::Unwanted(&wanted, &selection));
    let revoked = scoped(Scope::Revoked(&consent));
    assert!(unwanted.is_subset(&all) && revoked.is_subset(&all), "something goes that is no output");
    assert!(unwanted.is_disjoint(&wanted.objects), "what is wanted goes");
    assert!(revoked.iter().all(|object| object.namespace != owner.namespace), "the own namespace consents");
    for (wire, object) in objects.iter().filter(|(_, object)| all.contains(&object.object_ref())) {
        let marked = |place: &str| wire.pointer(place).and_then(Value::as_str);
        let annotation = |name: &str| marked(&format!("/metadata/annotations/{}", name.replace('/', "~1")));
        let itself = format!("{}/{}", object.namespace, object.name);
        assert_eq!(annotation(labels::OWNER_UID), Some(owner.uid.as_str()), "it has the uid of the credential");
        assert_eq!(annotation(labels::OUTPUT), Some(itself.as_str()), "it names itself");
        let recorded = detached.contains(&object.object_ref().record());
        assert!(recorded || object.namespace == owner.namespace, "nobody has recorded it");
        assert!(!object.deleting && object.kind == Kind::Secret);
    }
    let strangers: BTreeSet<String> = BTreeSet::new();
    let other = Identity { uid: "uid-of-another".into(), ..identity() };
    let of_other = keys(&objects, &other, &strangers, Scope::All(&selection));
    assert!(
        of_other.is_disjoint(&keys(&objects, &owner, &strangers, Scope::All(&selection))),
        "an output has one owner"
    );
}

fn decoded(wire: Value) -> Option<(Value, Observed)> {
    let object: OutputObject<Secrets> = serde_json::from_value(wire.clone()).ok()?;
    Some((wire, object.observed))
}

fn keys(
    objects: &[(Value, Observed)],
    owner: &Identity,
    detached: &BTreeSet<String>,
    scope: Scope<'_>,
) -> BTreeSet<appcredential_api::ObjectRef> {
    let pruned = plan::prune(objects.iter().map(|(_, object)| object), owner, detached, scope);
    pruned.into_iter().map(Observed::object_ref).collect()
}
