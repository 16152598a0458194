//! What holds whenever the model comes to rest.

use std::collections::BTreeMap;

use super::*;
use appcredential_api::ResourceVersion;

impl Played {
    /// Checks what holds at rest.
    pub(super) fn check(&self) {
        let Store { credentials, outputs, sources, .. } = &self.world.store;
        let known = outputs.iter().map(|(index, it)| {
            (world::output(*index, it).observed.object_ref(), ResourceVersion::from(it.version.to_string()))
        });
        let known: BTreeMap<_, _> = known.collect();
        let everything = (std::ops::Bound::Unbounded, std::ops::Bound::Unbounded);
        let ours = self.hub.outputs.keys(everything);
        let ours: BTreeMap<_, _> =
            ours.map(|object| (object.clone(), self.hub.outputs.version(object).unwrap_or_default())).collect();
        assert_eq!(ours, known, "the outputs that are known are those that there are");
        assert_eq!(self.hub.lives.len(), credentials.len());
        for (index, credential) in credentials {
            let source = sources.get(index);
            let right = source.is_some_and(|version| {
                let output = outputs.get(index).filter(|output| output.owner == credential.uid);
                output.is_some_and(|output| output.content == wanted(credential.variant, *version))
            });
            assert_eq!(right, source.is_some(), "the output of {index} is right: {:?}", outputs.get(index));
            let status = says(&credential.uid, credential.generation, right);
            assert_eq!(credential.status.as_ref(), Some(&status), "its own end is told of {index}");
            assert_eq!(credential.held, credential.wants_holding(), "the finalizer of {index}");
        }
    }
}
