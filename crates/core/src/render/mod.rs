//! From a filled environment to finished objects.
//!
//! Which leaf goes to which object, and under which key, is the sensitivity table's (`resolve::key`) and the target's shape's
//! (`output`). What is accepted can be rendered, unless a value of a source does not fit into a preset or a template.

mod metadata;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::output::{self, Composed, Entry, Part, Recipe, Stage};
use crate::resolve::{Filled, Target};
use appcredential_api::credential::Layout;
use appcredential_api::{Identity, Kind, ObjectRef, Problem, SensitiveBytes};

/// An object as it should be, finished but for its revision, which `plan` counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Secret or ConfigMap.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The type of a Secret; none for a ConfigMap.
    pub secret_type: Option<String>,
    /// The ownership labels and those that the target adds.
    pub labels: BTreeMap<String, String>,
    /// Its annotations but for the revision.
    pub annotations: BTreeMap<String, String>,
    /// The owner reference; none where Kubernetes does not collect the object: see [`Target::detached`].
    pub owner_reference: Option<OwnerReference>,
    /// The credential that owns it.
    pub owner: Identity,
    /// Whether it is left behind when it is no longer wanted.
    pub retain: bool,
    /// Its data.
    pub data: BTreeMap<String, SensitiveBytes>,
}

impl Object {
    /// Returns which object it is.
    #[must_use]
    pub fn object_ref(&self) -> ObjectRef {
        ObjectRef::new(self.kind, self.namespace.clone(), self.name.clone())
    }

    /// Returns whether Kubernetes does not collect it with its credential.
    #[must_use]
    pub fn is_detached(&self) -> bool {
        self.owner_reference.is_none()
    }
}

/// What a target gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The target.
    pub target: Target,
    /// Its Secret.
    pub secret: Object,
    /// Its ConfigMap.
    pub config_map: Object,
}

/// The rendered outputs, or what prevents them.
pub type Rendered = Result<Vec<Output>, Problem>;

/// Renders the outputs of an environment, one for each target.
///
/// # Errors
/// The first value that does not fit into a preset or a template, with the field that asks for it.
pub fn outputs(identity: &Identity, environment: &Filled) -> Rendered {
    environment.targets.iter().map(|target| output(identity, environment, target)).collect()
}

fn output(identity: &Identity, environment: &Filled, target: &Target) -> Result<Output, Problem> {
    let (secret, config_map) = data(environment, target)?;
    let object = |kind: Kind, name: &str, data| Object {
        kind,
        namespace: target.namespace.clone(),
        name: name.to_owned(),
        secret_type: (kind == Kind::Secret).then(|| secret_type(environment, target)),
        labels: metadata::labels(identity, environment.name.as_deref(), target),
        annotations: metadata::annotations(identity, target, name),
        owner_reference: metadata::owner_reference(identity, target),
        owner: identity.clone(),
        retain: target.retain,
        data,
    };
    Ok(Output {
        secret: object(Kind::Secret, &target.secret_name, secret),
        config_map: object(Kind::ConfigMap, &target.config_map_name, config_map),
        target: target.clone(),
    })
}

/// The target's type, or the one that the Service Binding specification gives to binding Secrets.
fn secret_type(environment: &Filled, target: &Target) -> String {
    match target.layout {
        Layout::Split => target.secret_type.word().to_owned(),
        Layout::ServiceBinding => format!("servicebinding.io/{}", environment.application),
    }
}

type Data = BTreeMap<String, SensitiveBytes>;

/// The data of the Secret and of the ConfigMap.
fn data(environment: &Filled, target: &Target) -> Result<(Data, Data), Problem> {
    let there = environment.leaves.iter().map(|leaf| (&leaf.key, leaf.class, Some(leaf.value.clone())));
    let absent = environment.absent.iter().map(|(key, class)| (key, *class, None));
    let parts: Vec<Part<'_>> =
        there.chain(absent).map(|(key, class, value)| Part { path: None, key, class, value }).collect();
    let recipe = Recipe { layout: target.layout, shape: &target.shape, application: &environment.application };
    let Composed { entries, wrong } = output::compose(recipe, &parts, Stage::Render);
    if let Some((path, wrong)) = wrong.into_iter().next() {
        return Err(Problem::at(wrong.reason_of_values(), path, wrong.to_string()));
    }
    let (mut secret, mut config_map) = (Data::new(), Data::new());
    for Entry { kind, key, value } in entries {
        let data = if kind == Kind::Secret { &mut secret } else { &mut config_map };
        data.insert(key, value);
    }
    Ok((secret, config_map))
}
