//! From the keys of an environment to those of one target's objects: names, presets, templates.
//!
//! ```text
//!  parts ──> keys: style, prefix, rename, drop ─┐
//!    │                                          ├──> entries, each in the Secret or in the ConfigMap
//!    ├─────> presets ───────────────────────────┤
//!    └───┬─> templates ─────────────────────────┘
//! presets┘
//! ```
//!
//! It runs twice. Once when a spec is validated, with a stand-in for each value that a source gives: what it says then is a
//! problem of the spec. Once when an output is rendered, with the values: what it says then is a problem of that environment.
//!
//! A key is secret where anything secret went into it (`text`, `templates`), so it follows from the origin and is never declared.

mod escape;
pub mod presets;
mod scan;
pub mod shape;
mod templates;
pub mod text;
mod values;
mod wrong;

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

use crate::resolve::{self, Class};
use appcredential_api::dns::is_data_key;
use appcredential_api::output::{KeyStyle, PresetSpec, TemplateSpec};
use appcredential_api::{FieldPath, Kind, Layout, SensitiveBytes};
use presets::Ask;
pub use shape::Shape;
pub use templates::FILTERS;
use templates::Variable;
use text::Text;
pub use values::Part;
use values::Values;
pub use wrong::Wrong;

/// How the outputs of a target are made: whatever differs between targets of one environment.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    /// How the Secret's keys are laid out.
    pub layout: Layout,
    /// The shape.
    pub shape: &'a Shape,
    /// The application's type.
    pub application: &'a str,
}

/// A key of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The object that it is in.
    pub kind: Kind,
    /// Its name there.
    pub key: String,
    /// The value.
    pub value: SensitiveBytes,
}

/// What came out: the entries, and what is wrong with the fields.
#[derive(Debug, Default)]
pub struct Composed {
    /// The entries of both objects.
    pub entries: Vec<Entry>,
    /// What is wrong, each with its field.
    pub wrong: Vec<(FieldPath, Wrong)>,
}

/// Whether values are there or stand-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Stand-ins: templates are looked at and not rendered.
    Validate,
    /// Values.
    Render,
}

/// Makes the entries of a target's objects.
#[must_use]
pub fn compose(recipe: Recipe<'_>, parts: &[Part<'_>], stage: Stage) -> Composed {
    let mut composer = Composer { recipe, out: Composed::default(), givers: BTreeMap::new() };
    let values = Values::new(parts);
    composer.add_keys(parts);
    let made = composer.add_presets(&values);
    composer.add_templates(&values, &made, stage);
    composer.out
}

struct Composer<'a> {
    recipe: Recipe<'a>,
    out: Composed,
    /// Which field gives a key of an object.
    givers: BTreeMap<(Kind, String), String>,
}

impl Composer<'_> {
    fn add_keys(&mut self, parts: &[Part<'_>]) {
        let Recipe { layout, shape, .. } = self.recipe;
        for part in parts {
            let Some(value) = &part.value else { continue };
            for kind in [Kind::Secret, Kind::ConfigMap] {
                let Some(named) = resolve::key(part.class, part.key, kind, layout) else { continue };
                let Some(name) = shape.name(part.key, named) else { continue };
                let at = part.path.cloned().unwrap_or_else(FieldPath::spec);
                // What is wrong with a field's own name is said of the field.
                self.add(at, kind, &name, value.clone(), name == part.key);
            }
        }
    }

    /// Adds what presets give. Returns it, since templates may use it.
    fn add_presets(&mut self, values: &Values<'_, '_>) -> Vec<(String, Text)> {
        let Recipe { shape, application, layout } = self.recipe;
        let mut all = Vec::new();
        for (index, preset) in shape.presets.it.iter().enumerate() {
            let at = shape.presets.at.index(index);
            let ask = Ask { values, shape, application, layout, key: preset.key.as_deref() };
            match made_by(preset, &ask) {
                Err(wrong) => self.out.wrong.extend(wrong.into_iter().map(|wrong| (at.clone(), wrong))),
                Ok(made) => {
                    for (key, text) in &made {
                        self.add_text(&at, key, text.is_secret(), &text.bytes());
                    }
                    all.extend(made);
                }
            }
        }
        all
    }

    fn add_templates(&mut self, values: &Values<'_, '_>, made: &[(String, Text)], stage: Stage) {
        let shape = self.recipe.shape;
        if shape.templates.it.is_empty() {
            return;
        }
        let variables = templates::variables(values, made);
        for (index, template) in shape.templates.it.iter().enumerate() {
            let at = shape.templates.at.index(index);
            match written_by(template, &variables, stage) {
                Ok((value, secret)) => self.add_text(&at, &template.key, secret, &value),
                Err(wrong) => self.out.wrong.push((at.field("template"), wrong)),
            }
        }
    }

    /// Adds a key that is not a field's own: to the Secret where it is secret, and to where settings go otherwise.
    fn add_text(&mut self, at: &FieldPath, key: &str, secret: bool, value: &SensitiveBytes) {
        let class = if secret { Class::Secret } else { Class::Setting };
        for kind in [Kind::Secret, Kind::ConfigMap] {
            if resolve::goes(class, kind, self.recipe.layout) {
                self.add(at.clone(), kind, key, value.clone(), false);
            }
        }
    }

    fn add(&mut self, at: FieldPath, kind: Kind, key: &str, value: SensitiveBytes, is_own: bool) {
        if !is_own && !is_data_key(key) {
            let message = "gives a key that no object can have; use 1 to 253 letters, digits, -, _ and ., not . alone and not .. first";
            self.out.wrong.push((at, Wrong::Spec(message.to_owned())));
            return;
        }
        match self.givers.entry((kind, key.to_owned())) {
            Slot::Occupied(first) => {
                let first = first.get().clone();
                self.out.wrong.push((at, Wrong::Conflict { kind, key: key.to_owned(), first }));
            }
            Slot::Vacant(free) => {
                free.insert(at.to_string());
                self.out.entries.push(Entry { kind, key: key.to_owned(), value });
            }
        }
    }
}

/// Returns what a preset gives, or all that it lacks.
fn made_by(spec: &PresetSpec, ask: &Ask<'_>) -> Result<Vec<(String, Text)>, Vec<Wrong>> {
    let row = presets::row(spec.name);
    if spec.key.is_some() && row.key.is_none() {
        return Err(vec![Wrong::KeyOfMany { preset: spec.name }]);
    }
    let missing: Vec<Wrong> = row.missing(ask).map(|field| Wrong::Missing { preset: spec.name, field }).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    (row.make)(ask).map_err(|wrong| vec![wrong.of_preset(spec.name)])
}

/// Returns what a template writes, and whether that is secret.
fn written_by(
    template: &TemplateSpec,
    variables: &BTreeMap<String, Variable>,
    stage: Stage,
) -> Result<(SensitiveBytes, bool), Wrong> {
    let used = templates::used(&template.template, variables)?;
    // Secret where it uses anything secret, in whatever branch.
    let secret = used.iter().any(|name| variables.get(name).is_some_and(Variable::is_secret));
    match stage {
        Stage::Validate => Ok((SensitiveBytes::default(), secret)),
        Stage::Render => {
            let known = variables.iter().filter(|(name, _)| used.contains(*name));
            Ok((templates::render(template.format, &template.template, known)?, secret))
        }
    }
}

/// Returns what is wrong with a shape itself, each with its field: keys that are renamed twice, or renamed and dropped, or in
/// no environment; a shape of keys where the layout has its own. `known` are the keys of all environments.
#[must_use]
pub fn misshapen(recipe: Recipe<'_>, known: &BTreeSet<&str>) -> Vec<(FieldPath, Wrong)> {
    let Recipe { shape, layout, .. } = recipe;
    let mut out = Vec::new();
    if let (Layout::ServiceBinding, Some(at)) = (layout, shape.renames()) {
        out.push((at.clone(), Wrong::Spec("does not go together with layout ServiceBinding, whose keys are the specification's; remove it here, or set style: Kebab, prefix: \"\", rename: [] and drop: [] in the target".to_owned())));
        return out;
    }
    for (index, rename) in shape.rename.it.iter().enumerate() {
        let at = shape.rename.at.index(index).field("key");
        let earlier = shape.rename.it.iter().take(index).any(|other| other.key == rename.key);
        let message = if earlier {
            format!("renames {} a second time; remove one of them", rename.key)
        } else if shape.drop.it.contains(&rename.key) {
            format!("renames {}, which {} drops; remove one of them", rename.key, shape.drop.at)
        } else if !known.contains(rename.key.as_str()) {
            format!(
                "renames {}, which no field of any environment gives; use a key of the reference, such as password",
                rename.key
            )
        } else {
            continue;
        };
        out.push((at, Wrong::Spec(message)));
    }
    if *shape.style.it == KeyStyle::None && !shape.prefix.it.is_empty() {
        out.push((
            shape.prefix.at.clone(),
            Wrong::Spec("has nothing to stand before: style is None; remove it".to_owned()),
        ));
    }
    out
}
