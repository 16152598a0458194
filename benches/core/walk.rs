//! The pure part of a reconcile, step by step, as `controller` walks it: each step's input is the step before's
//! output. All use of the operator's own types is in this file.

use std::collections::{BTreeMap, BTreeSet};

use appcredential_api::{
    AppCredentialSpec, AppCredentialStatus, Identity, Kind, NamespacedName, ObjectRef, SensitiveBytes, labels,
};
use appcredential_core::plan::{self, Fingerprinter, Known, Observed, Scope, TargetPlan, Wanted};
use appcredential_core::render::{self, Object, Output};
use appcredential_core::resolve::{self, Environment, Filled, Inputs, Origin, Selection, Source};
use appcredential_core::status::{self, EnvironmentOutcome, Facts, Outcome, TargetOutcome};
use k8s_openapi::jiff::Timestamp;
use serde_json::value::RawValue;

/// What every step needs.
pub(crate) struct Walk {
    raw: Box<RawValue>,
    pub(crate) identity: Identity,
    selection: Selection,
    inputs: Inputs,
    observed: BTreeMap<ObjectRef, Observed>,
    fingerprinter: Fingerprinter,
    previous: AppCredentialStatus,
}

/// What a walk comes to.
pub(crate) struct Walked {
    /// The revision of each target.
    pub(crate) revisions: Vec<i64>,
    pub(crate) status: Option<AppCredentialStatus>,
}

impl Walk {
    /// A credential whose outputs are all there already, and differ: the plan then has to compare everything.
    pub(crate) fn new(json: &str) -> Self {
        let identity = Identity { namespace: "team".to_owned(), name: "app".to_owned(), uid: "uid-of-app".into() };
        let mut walk = Self {
            raw: RawValue::from_string(json.to_owned()).expect("JSON"),
            identity,
            selection: Selection::default(),
            inputs: Inputs::new(),
            observed: BTreeMap::new(),
            fingerprinter: Fingerprinter::default(),
            previous: AppCredentialStatus::default(),
        };
        let environments = walk.resolve(&walk.parse());
        walk.inputs = inputs(&environments);
        let rendered: Vec<_> = walk.fill(&environments).iter().flat_map(|filled| walk.render(filled)).collect();
        for object in rendered.iter().flat_map(|output| [&output.secret, &output.config_map]) {
            let mut before = object.clone();
            before.data.insert("before".to_owned(), SensitiveBytes::from("the edit"));
            walk.observed.insert(object.object_ref(), observed(&walk.fingerprinter, &before));
        }
        let plans = walk.plan(&rendered);
        walk.previous = walk.status_of(1, &environments, &plans).expect("a first status");
        walk
    }

    /// The spec from the JSON that the watch kept.
    pub(crate) fn parse(&self) -> AppCredentialSpec {
        serde_json::from_str(self.raw.get()).expect("a spec")
    }

    /// The effective environments.
    pub(crate) fn resolve(&self, spec: &AppCredentialSpec) -> Vec<Environment> {
        let environments = resolve::environments(spec, &self.identity, &self.selection);
        environments.unwrap_or_else(|problems| panic!("not accepted: {problems:#?}"))
    }

    /// The environments with their values.
    pub(crate) fn fill(&self, environments: &[Environment]) -> Vec<Filled> {
        let filled = |environment: &Environment| environment.fill(&self.inputs).expect("all values");
        environments.iter().map(filled).collect()
    }

    /// The objects of an environment.
    pub(crate) fn render(&self, filled: &Filled) -> Vec<Output> {
        render::outputs(&self.identity, filled).expect("no preset and no template")
    }

    /// What is to be done with them.
    pub(crate) fn plan<'o>(&self, outputs: &'o [Output]) -> Vec<TargetPlan<'o>> {
        let observe = |object: &Object| self.observed.get(&object.object_ref());
        let plan = |output: &'o Output| {
            plan::target(output, observe, Known { revision: Some(1), ..Known::default() }, &self.fingerprinter)
        };
        outputs.iter().map(plan).collect()
    }

    /// What is to be deleted.
    pub(crate) fn prune(&self, outputs: &[Output]) -> usize {
        let objects = outputs.iter().flat_map(|output| [&output.secret, &output.config_map]);
        let wanted: BTreeSet<ObjectRef> = objects.map(Object::object_ref).collect();
        {
            let wanted = Wanted { objects: wanted, kept: BTreeSet::new() };
            plan::prune(
                self.observed.values(),
                &self.identity,
                &BTreeSet::new(),
                Scope::Unwanted(&wanted, &self.selection),
            )
            .len()
        }
    }

    /// The next status.
    pub(crate) fn status(&self, environments: &[Environment], plans: &[TargetPlan<'_>]) -> Option<AppCredentialStatus> {
        self.status_of(2, environments, plans)
    }

    fn status_of(
        &self,
        generation: i64,
        environments: &[Environment],
        plans: &[TargetPlan<'_>],
    ) -> Option<AppCredentialStatus> {
        let mut plans = plans.iter();
        let outcomes = environments.iter().map(|environment| {
            let targets = plans.by_ref().take(environment.targets.len()).map(outcome);
            EnvironmentOutcome {
                name: environment.label().to_owned(),
                declared: environment.name.is_some(),
                unresolved: Vec::new().into(),
                targets: targets.collect(),
                sources: Vec::new(),
            }
        });
        let outcome = Outcome::Walked(outcomes.collect(), Vec::new());
        status::next(
            Some(&self.previous),
            &outcome,
            Facts { generation, rendered_by: "the benchmark", ..Facts::default() },
            Timestamp::UNIX_EPOCH,
        )
    }

    /// All steps.
    pub(crate) fn all(&self) -> Walked {
        let environments = self.resolve(&self.parse());
        let filled = self.fill(&environments);
        let outputs: Vec<Output> = filled.iter().flat_map(|filled| self.render(filled)).collect();
        let plans = self.plan(&outputs);
        self.prune(&outputs);
        let status = self.status(&environments, &plans);
        Walked { revisions: plans.iter().map(|plan| plan.revision).collect(), status }
    }
}

fn outcome(plan: &TargetPlan<'_>) -> TargetOutcome {
    let target = &plan.output.target;
    TargetOutcome {
        namespace: target.namespace.clone(),
        secret_name: target.secret_name.clone(),
        config_map_name: target.config_map_name.clone(),
        revision: Some(plan.revision),
        ..TargetOutcome::default()
    }
}

/// Sources that have all that the environments ask for.
fn inputs(environments: &[Environment]) -> Inputs {
    let mut data: BTreeMap<_, BTreeMap<String, SensitiveBytes>> = BTreeMap::new();
    for leaf in environments.iter().flat_map(|environment| &environment.leaves) {
        if let Origin::Source { source, key, .. } = &leaf.origin {
            data.entry(source.clone()).or_default().insert(key.clone(), SensitiveBytes::from("a password"));
        }
    }
    data.into_iter().map(|(source, data)| (source, Source::Found(data))).collect()
}

/// What the watch keeps of an output.
fn observed(fingerprinter: &Fingerprinter, object: &Object) -> Observed {
    let label = |name: &str| object.labels.get(name).cloned();
    Observed {
        kind: object.kind,
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        uid: format!("uid-{}-{}", object.kind, object.name).into(),
        resource_version: "1".into(),
        credential: label(labels::NAMESPACE)
            .zip(label(labels::NAME))
            .map(|(namespace, name)| NamespacedName { namespace, name }),
        environment: label(labels::ENVIRONMENT),
        owner_uid: Some(object.owner.uid.clone()),
        controller_uid: Some(object.owner.uid.clone()),
        names_itself: true,
        retain: false,
        retained_from: None,
        removable: Vec::new(),
        revision: Some(1),
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
