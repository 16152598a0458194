//! Reading a status that somebody else may have written, and the places of outputs that it names.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::FieldPath;
use super::status::{AppCredentialStatus, DetachedOutputs, UNKNOWN_PLACE, UNOBSERVED};

/// A status as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reading<S> {
    /// The status; that of an object that nobody has looked at is none.
    pub status: Option<S>,
    /// The field that could not be read, as after an operator of another version or by somebody's hand. Then nothing
    /// is known of the rest, and nothing may be concluded from what is missing.
    pub unreadable: Option<FieldPath>,
}

impl<S: DeserializeOwned> Reading<S> {
    /// Reads a status from JSON. serde's messages quote what they found: only the path is taken over.
    pub(super) fn of(json: &str) -> Self {
        // serde also takes a list for a struct.
        if json.trim_start().starts_with('[') {
            return Self { status: None, unreadable: Some(FieldPath::status()) };
        }
        let mut deserializer = serde_json::Deserializer::from_str(json);
        match serde_path_to_error::deserialize::<_, Option<S>>(&mut deserializer) {
            Ok(status) => Self { status, unreadable: None },
            Err(error) => {
                let field = FieldPath::status().told(&error.path().to_string());
                Self { status: None, unreadable: Some(field) }
            }
        }
    }
}

impl AppCredentialStatus {
    /// A status as it is in the cluster. One that cannot be read has its `detachedOutputs` all the same.
    #[must_use]
    pub fn read(json: &str) -> Reading<Self> {
        let mut reading = Reading::<Self>::of(json);
        if reading.unreadable.is_some() {
            let mut status = Self::default();
            status.set_places(&places(json));
            reading.status = Some(status);
        }
        if let Some(status) = &mut reading.status {
            status.observed_generation = status.observed_generation.filter(|generation| *generation != UNOBSERVED);
        }
        reading.status = reading.status.filter(|status| *status != Self::default());
        reading
    }
}

/// The places that a status names which cannot be read as a whole. Where it names none, or something that is none, it
/// says nothing of how many there are.
fn places(json: &str) -> BTreeSet<Place> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Places {
        detached_outputs: Vec<serde_json::Value>,
    }
    let unknown = |environment: Option<&str>| Place {
        environment: environment.map(str::to_owned),
        output: UNKNOWN_PLACE.to_owned(),
    };
    let Ok(Places { detached_outputs }) = serde_json::from_str(json) else { return BTreeSet::from([unknown(None)]) };
    let mut places = BTreeSet::new();
    for group in &detached_outputs {
        let environment = group.get("environment").and_then(serde_json::Value::as_str);
        let Some(outputs) = group.get("outputs").and_then(serde_json::Value::as_array) else {
            places.insert(unknown(environment));
            continue;
        };
        let place = |output: &serde_json::Value| match output.as_str() {
            Some(output) => Place { output: output.to_owned(), ..unknown(environment) },
            None => unknown(environment),
        };
        places.extend(outputs.iter().map(place));
    }
    places
}

/// A place of an output without an owner reference, and the environment that it is an output of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The environment; none where the credential declares none.
    pub environment: Option<String>,
    /// The object as `Kind/namespace/name`.
    pub output: String,
}

impl AppCredentialStatus {
    /// Returns every place that the status names.
    #[must_use]
    pub fn places(&self) -> BTreeSet<Place> {
        let of = |group: &DetachedOutputs| {
            let environment = group.environment.clone();
            let place = move |output: &String| Place { environment: environment.clone(), output: output.clone() };
            group.outputs.iter().map(place).collect::<Vec<_>>()
        };
        self.detached_outputs.iter().flat_map(of).collect()
    }

    /// Names these places and no others.
    pub fn set_places(&mut self, places: &BTreeSet<Place>) {
        let mut groups: BTreeMap<&Option<String>, Vec<String>> = BTreeMap::new();
        for Place { environment, output } in places {
            groups.entry(environment).or_default().push(output.clone());
        }
        let group = |(environment, outputs): (&Option<String>, _)| DetachedOutputs {
            environment: environment.clone(),
            outputs,
        };
        self.detached_outputs = groups.into_iter().map(group).collect();
    }
}
