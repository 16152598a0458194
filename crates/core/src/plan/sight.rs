//! Sight: which namespaces the operator sees.
//!
//! It sees the namespaces that it watches, unless it may not list them. A role that is missing in one namespace, or
//! went with it, must not stop the others. In a namespace that it does not see, the operator neither writes nor
//! deletes, and the outputs that it wrote there count as existing.

use std::collections::BTreeSet;
use std::sync::Arc;

use appcredential_api::Reason;

/// The namespaces that are seen.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// The namespaces that the operator watches; none is all of them.
    pub watched: Option<Arc<BTreeSet<String>>>,
    /// Those of them that it may not list.
    pub forbidden: Arc<BTreeSet<String>>,
}

impl Sight {
    /// Returns why a namespace is not seen, if it is not.
    #[must_use]
    pub fn obstacle(&self, namespace: &str) -> Option<Reason> {
        if self.forbidden.contains(namespace) {
            return Some(Reason::NamespaceForbidden);
        }
        let is_watched = self.watched.as_ref().is_none_or(|watched| watched.contains(namespace));
        (!is_watched).then_some(Reason::OutOfScope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_seen_where_it_is_watched_and_may_be_listed() {
        let set = |names: &[&str]| Arc::new(names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>());
        let all = Sight::default();
        assert_eq!(all.obstacle("a"), None);
        let some = Sight { watched: Some(set(&["a", "b"])), forbidden: set(&["b"]) };
        let obstacles = ["a", "b", "c"].map(|namespace| some.obstacle(namespace));
        assert_eq!(obstacles, [None, Some(Reason::NamespaceForbidden), Some(Reason::OutOfScope)]);
    }
}
