//! The rights of the operator: the only table of them, each with its reason.
//!
//! The chart's roles, the README's table and the reference are generated from it, and tests compare it with the
//! requests of the operator to a real API server. Remove a line together with its need.

/// Where a right holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the namespaces that are watched, which are all of them unless `--namespace` says otherwise.
    Watched,
    /// In the namespace of the operator itself.
    Home,
    /// In the cluster: what it is about has no namespace.
    Cluster,
}

/// When a right is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whatever the flags.
    Always,
    /// With `--leader-election`.
    Elected,
    /// With `--metrics-access token`.
    Scraped,
    /// With `--namespace-pins`.
    Pinned,
    /// With `--review-policy`.
    Reviewed,
}

/// Who asks for a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The operator, by a request: the audit log has it.
    Requested,
    /// An admission plugin of the API server, of the author of a request: the audit log has nothing of it.
    Admission,
}

/// Which objects a right is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// All of the place. `create` cannot be held to a name.
    All,
    /// The Lease of the operator's name.
    OwnLease,
    /// The admission policy on sources.
    SourcesPolicy,
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// Resources, with their subresources.
    pub resources: &'static [&'static str],
    /// Verbs.
    pub verbs: &'static [&'static str],
    /// Where it holds.
    pub place: Place,
    /// When it is needed.
    pub when: When,
    /// Who asks for it.
    pub asked: Asked,
    /// Which objects it is about.
    pub only: Only,
    /// What for.
    pub why: &'static str,
}

const fn right(
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
    why: &'static str,
) -> Right {
    let (place, when, asked) = (Place::Watched, When::Always, Asked::Requested);
    Right { group, resources, verbs, place, when, asked, only: Only::All, why }
}

/// The whole table.
pub const ALL: &[Right] = &[
    right(
        "appcredential.io",
        &["appcredentials"],
        &["get", "list", "watch", "patch"],
        "specs; the finalizer of those with outputs in other namespaces",
    ),
    right("appcredential.io", &["appcredentials/status"], &["patch"], "status writes"),
    Right {
        asked: Asked::Admission,
        ..right(
            "appcredential.io",
            &["appcredentials/finalizers"],
            &["update"],
            "outputs block the deletion of their owner, for which OpenShift and others demand this right",
        )
    },
    right("appcredential.io", &["appcredentialgrants"], &["list", "watch"], "which namespaces consent"),
    right("appcredential.io", &["appcredentialgrants/status"], &["patch"], "who uses a grant"),
    right(
        "",
        &["secrets", "configmaps"],
        &["list", "watch", "get", "create", "patch", "delete"],
        "sources and outputs",
    ),
    right("events.k8s.io", &["events"], &["create", "patch"], "failures, recoveries and changes of outputs"),
    Right {
        when: When::Pinned,
        ..right("", &["namespaces"], &["get"], "the uids of namespaces that a target or a grant pins")
    },
    Right {
        place: Place::Home,
        when: When::Elected,
        ..right("coordination.k8s.io", &["leases"], &["create"], "the first pod creates the Lease")
    },
    Right {
        place: Place::Home,
        when: When::Elected,
        only: Only::OwnLease,
        ..right("coordination.k8s.io", &["leases"], &["get", "update"], "which pod leads")
    },
    Right {
        place: Place::Cluster,
        asked: Asked::Admission,
        ..right(
            "appcredential.io",
            &["appcredentials"],
            &["render"],
            "the chart's admission policies know the operators of all releases by it",
        )
    },
    Right {
        place: Place::Cluster,
        when: When::Reviewed,
        only: Only::SourcesPolicy,
        ..right(
            "admissionregistration.k8s.io",
            &["validatingadmissionpolicies"],
            &["get"],
            "since when the policy checks sources: what was stored before is not rendered until it is reviewed",
        )
    },
    Right {
        place: Place::Cluster,
        when: When::Scraped,
        ..right("authentication.k8s.io", &["tokenreviews"], &["create"], "who reads metrics")
    },
    Right {
        place: Place::Cluster,
        when: When::Scraped,
        ..right("authorization.k8s.io", &["subjectaccessreviews"], &["create"], "whether they may read metrics")
    },
];
