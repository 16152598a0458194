//! A cluster in memory: what plans read of it, and what becomes of it when they are carried out.
//!
//! It keeps of an object what the operator keeps (`Observed`), and it can stop after any write, as a crash does.

use std::collections::{BTreeMap, BTreeSet};

use appcredential_api::{Kind, NamespacedName, ObjectRef, labels};
use appcredential_core::plan::{self, Fingerprinter, Known, Observed, Step, TargetPlan, Wanted};
use appcredential_core::render::{Object, Output};

/// The cluster.
#[derive(Default)]
pub(crate) struct Cluster {
    pub(crate) objects: BTreeMap<ObjectRef, Observed>,
    pub(crate) fingerprinter: Fingerprinter,
    clock: u64,
}

/// These objects as what is wanted, everything else being as it should be.
pub(crate) fn as_wanted(objects: &BTreeSet<ObjectRef>) -> Wanted {
    Wanted { objects: objects.clone(), kept: BTreeSet::new() }
}

/// What is observed of an object that was written as desired, with this revision.
pub(crate) fn observed(fingerprinter: &Fingerprinter, object: &Object, revision: Option<i64>) -> Observed {
    let label = |name: &str| object.labels.get(name).cloned();
    Observed {
        kind: object.kind,
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        uid: format!("uid-{}-{}", object.kind, object.name).into(),
        resource_version: "1".into(),
        credential: label(labels::NAMESPACE)
            .zip(label(labels::NAME))
            .map(|(namespace, name)| NamespacedName::new(namespace, name)),
        environment: label(labels::ENVIRONMENT),
        owner_uid: Some(object.owner.uid.clone()),
        controller_uid: (!object.is_detached()).then(|| object.owner.uid.clone()),
        names_itself: true,
        retain: object.retain,
        retained_from: None,
        removable: Vec::new(),
        revision,
        secret_type: (object.kind == Kind::Secret).then(|| object.secret_type.clone()).flatten(),
        immutable: false,
        has_labels: true,
        has_annotations: true,
        deleting: false,
        changed_by: None,
        keys: object.data.iter().map(|(key, value)| (key.clone(), fingerprinter.of_value(value.expose()))).collect(),
        fingerprint: fingerprinter.of_object(object),
    }
}

impl Cluster {
    /// Plans a target on what is there.
    pub(crate) fn plan<'o>(&self, output: &'o Output, synced: Option<i64>) -> TargetPlan<'o> {
        let known = Known { revision: synced, ..Known::default() };
        plan::target(output, |object| self.objects.get(&object.object_ref()), known, &self.fingerprinter)
    }

    fn write(&mut self, object: &Object, revision: i64, uid: Option<&str>) {
        self.clock += 1;
        let mut now = observed(&self.fingerprinter, object, Some(revision));
        now.uid = uid.map_or_else(|| format!("uid-{}", self.clock), str::to_owned).into();
        now.resource_version = self.clock.to_string().into();
        self.objects.insert(object.object_ref(), now);
    }

    /// Carries a plan out and stops after so many writes, or where it is blocked. Returns how many there were.
    pub(crate) fn apply(&mut self, plan: &TargetPlan<'_>, most: usize) -> usize {
        let mut writes = 0;
        for (object, step) in [(&plan.output.secret, &plan.secret), (&plan.output.config_map, &plan.config_map)] {
            if writes == most || matches!(step, Step::Blocked(_)) {
                break;
            }
            match step {
                Step::Create => {
                    assert!(!self.objects.contains_key(&object.object_ref()), "what is created is not there yet");
                    self.write(object, plan.revision, None);
                }
                Step::Update(planned_on) => {
                    self.precondition(object, planned_on);
                    self.write(object, plan.revision, Some(&planned_on.uid));
                }
                Step::Replace(planned_on) => {
                    self.precondition(object, planned_on);
                    self.objects.remove(&object.object_ref());
                    self.write(object, plan.revision, None);
                }
                Step::Unchanged | Step::Blocked(_) => continue,
            }
            writes += 1;
        }
        writes
    }

    fn precondition(&self, object: &Object, planned_on: &Observed) {
        assert_eq!(&self.objects[&object.object_ref()], planned_on, "preconditions hold");
    }

    /// Deletes what is pruned.
    pub(crate) fn prune(&mut self, prunes: &[Observed]) {
        for prune in prunes {
            let removed = self.objects.remove(&prune.object_ref());
            assert_eq!(removed.as_ref(), Some(prune), "what is pruned is there");
        }
    }
}

/// A step in a word.
pub(crate) fn word(step: &Step) -> String {
    match step {
        Step::Create => "create".to_owned(),
        Step::Update(_) => "update".to_owned(),
        Step::Replace(_) => "replace".to_owned(),
        Step::Unchanged => "-".to_owned(),
        Step::Blocked(problem) => problem.reason.word().to_owned(),
    }
}
