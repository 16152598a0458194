//! The stories: what is given, what happens then, and what is where in the end.
//!
//! Written by hand from the design. Every credential is `app` in `home`; each namespace has a bystander of somebody else,
//! which is not listed and must not be touched.

use Mark::{Detached, Foreign, Left, Owned};
use Step::{Apply, Create, Delete, Edit, Grant, Revoke};
use Why::{Fine, Former, NotGranted, Taken};

use crate::harness::Mark;

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A namespace consents; an empty spec is consent to everything.
    Grant(&'static str, &'static str),
    /// It no longer does.
    Revoke(&'static str),
    /// A manifest is applied in a namespace.
    Apply(&'static str, &'static str),
    /// The credential is created with this line in its spec.
    Create(&'static str),
    /// Its spec is changed with a merge patch in YAML.
    Edit(&'static str),
    /// It is deleted, and with a running operator it is waited until it is gone.
    Delete,
}

/// What is in the way of a target.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    Fine,
    /// Its namespace does not consent to these objects.
    NotGranted(&'static str),
    /// A former credential of the same name left the Secret of this place.
    Former(&'static str),
    /// Somebody else's Secret has this place.
    Taken(&'static str),
}

/// A target in the status: environment, namespace/name of both objects, revision, what is in the way.
pub(super) type Told = (&'static str, &'static str, Option<i64>, Why);

/// A story.
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) given: &'static [Step],
    /// Whether the operator is down while the change happens.
    pub(super) down: bool,
    pub(super) change: &'static [Step],
    /// Both objects of each place, but for those with a kind before it.
    pub(super) objects: &'static [(&'static str, Mark)],
    /// What the status says of the targets; nothing where the credential is gone.
    pub(super) told: Option<&'static [Told]>,
    /// The places that the status tells of; where there are any, the finalizer holds the credential.
    pub(super) detached: &'static [&'static str],
}

const STAGING: Step = Create("targets: [{namespace: $staging}]");
const KEPT: Step = Create("targets: [{namespace: $staging, deletionPolicy: Retain}]");
const GRANT: Step = Grant("staging", "");
const BOTH: &str = "Secret app and ConfigMap app";
const RENAMED: Step = Edit("{targets: [{namespace: $staging, secret: {name: new}, configMap: {name: new}}]}");
const PRODUCTION: Step = Edit("{targets: [{namespace: $production}]}");

const NOTHING: &[(&str, Mark)] = &[];
const THERE: &[(&str, Mark)] = &[("staging/app", Detached)];
const LEFT: &[(&str, Mark)] = &[("staging/app", Left)];
const AT_STAGING: Option<&[Told]> = Some(&[("default", "staging/app", Some(1), Fine)]);
const AT_STAGING_2: Option<&[Told]> = Some(&[("default", "staging/app", Some(2), Fine)]);
const NEVER: Option<&[Told]> = Some(&[("default", "staging/app", None, NotGranted(BOTH))]);
const NO_LONGER: Option<&[Told]> = Some(&[("default", "staging/app", Some(1), NotGranted(BOTH))]);
const NEW: Option<&[Told]> = Some(&[("default", "staging/new", Some(1), Fine)]);
const AT_PRODUCTION: Option<&[Told]> = Some(&[("default", "production/app", Some(1), Fine)]);
const AT_HOME: Option<&[Told]> = Some(&[("default", "home/app", Some(1), Fine)]);

#[rustfmt::skip]
pub(super) const STORIES: &[Story] = &[
    // A target is added.
    Story { name: "a target with a grant", given: &[GRANT], down: false, change: &[STAGING],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    Story { name: "a target with a grant, to be retained", given: &[GRANT], down: false, change: &[KEPT],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    Story { name: "a target without a grant", given: &[], down: false, change: &[STAGING],
        objects: NOTHING, told: NEVER, detached: &[] },
    Story { name: "a target without a grant, to be retained", given: &[], down: true, change: &[KEPT],
        objects: NOTHING, told: NEVER, detached: &[] },
    Story { name: "a target whose grant comes late", given: &[STAGING], down: false, change: &[GRANT],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    Story { name: "a target whose grant comes while nobody looks", given: &[STAGING], down: true, change: &[GRANT],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    Story { name: "target and grant come while nobody looks", given: &[], down: true, change: &[GRANT, KEPT],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    Story { name: "a second target is added", given: &[GRANT, STAGING], down: false,
        change: &[Grant("production", ""), Edit("{targets: [{namespace: $staging}, {namespace: $production}]}")],
        objects: &[("production/app", Detached), ("staging/app", Detached)],
        told: Some(&[("default", "staging/app", Some(1), Fine), ("default", "production/app", Some(1), Fine)]),
        detached: &["production/app", "staging/app"] },
    Story { name: "a second target is added without its grant", given: &[GRANT, STAGING], down: true,
        change: &[Edit("{targets: [{namespace: $staging}, {namespace: $production}]}")],
        objects: THERE,
        told: Some(&[("default", "staging/app", Some(1), Fine), ("default", "production/app", None, NotGranted(BOTH))]),
        detached: &["staging/app"] },
    Story { name: "two environments, of whose namespaces one consents", given: &[GRANT], down: false,
        change: &[Create("environments: [{name: qa, targets: [{namespace: $staging}]}, {name: live, targets: [{namespace: $production}]}]")],
        objects: THERE,
        told: Some(&[("qa", "staging/app", Some(1), Fine), ("live", "production/app", None, NotGranted(BOTH))]),
        detached: &["staging/app"] },
    // A grant that is not for this credential, or not for these objects.
    Story { name: "a grant for another credential", given: &[Grant("staging", "{from: [{namespace: $home, name: other}]}")], down: false,
        change: &[STAGING], objects: NOTHING, told: NEVER, detached: &[] },
    Story { name: "a grant for just these objects", down: false, change: &[STAGING],
        given: &[Grant("staging", "{from: [{namespace: $home, name: app}], to: [{kind: Secret, name: app}, {kind: ConfigMap, name: app}]}")],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    Story { name: "two grants add up", down: false, change: &[STAGING],
        given: &[
            Grant("staging", "{from: [{namespace: $home}], to: [{kind: Secret}]}"),
            Apply("staging", "{apiVersion: appcredential.io/v1alpha1, kind: AppCredentialGrant, metadata: {name: maps}, spec: {from: [{namespace: $home}], to: [{kind: ConfigMap, name: app}]}}"),
        ],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    Story { name: "one of two grants is revoked", down: false, change: &[Revoke("staging")],
        given: &[
            GRANT,
            Apply("staging", "{apiVersion: appcredential.io/v1alpha1, kind: AppCredentialGrant, metadata: {name: too}, spec: {from: [{namespace: $home}]}}"),
            STAGING,
        ],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    // A grant is narrowed. What it still allows stays as it was, though half a target is of little use: surprising, and
    // nothing is lost by it.
    Story { name: "a grant is narrowed to a kind", given: &[GRANT, STAGING], down: false,
        change: &[Grant("staging", "{from: [{namespace: $home}], to: [{kind: Secret}]}")],
        objects: &[("Secret/staging/app", Detached)], told: Some(&[("default", "staging/app", Some(1), NotGranted("ConfigMap app"))]),
        detached: &["Secret/staging/app"] },
    Story { name: "a grant is narrowed to a kind while nobody looks, and the outputs are to be retained", given: &[GRANT, KEPT], down: true,
        change: &[Grant("staging", "{from: [{namespace: $home}], to: [{kind: ConfigMap}]}")],
        objects: &[("ConfigMap/staging/app", Detached), ("Secret/staging/app", Left)],
        told: Some(&[("default", "staging/app", Some(1), NotGranted("Secret app"))]), detached: &["ConfigMap/staging/app"] },
    Story { name: "a grant is narrowed to another name", given: &[GRANT, STAGING], down: true,
        change: &[Grant("staging", "{from: [{namespace: $home}], to: [{kind: Secret, name: x}, {kind: ConfigMap, name: x}]}")],
        objects: NOTHING, told: NO_LONGER, detached: &[] },
    Story { name: "a grant is narrowed to another credential, and the outputs are to be retained", given: &[GRANT, KEPT], down: false,
        change: &[Grant("staging", "{from: [{namespace: $home, name: other}]}")],
        objects: LEFT, told: NO_LONGER, detached: &[] },
    // A grant is revoked.
    Story { name: "a grant is revoked", given: &[GRANT, STAGING], down: false, change: &[Revoke("staging")],
        objects: NOTHING, told: NO_LONGER, detached: &[] },
    Story { name: "a grant is revoked while nobody looks", given: &[GRANT, STAGING], down: true, change: &[Revoke("staging")],
        objects: NOTHING, told: NO_LONGER, detached: &[] },
    Story { name: "a grant is revoked, and the outputs are to be retained", given: &[GRANT, KEPT], down: false, change: &[Revoke("staging")],
        objects: LEFT, told: NO_LONGER, detached: &[] },
    Story { name: "a grant is revoked while nobody looks, and the outputs are to be retained", given: &[GRANT, KEPT], down: true, change: &[Revoke("staging")],
        objects: LEFT, told: NO_LONGER, detached: &[] },
    Story { name: "one of two targets is revoked", down: false, change: &[Revoke("staging")],
        given: &[GRANT, Grant("production", ""), Create("targets: [{namespace: $staging}, {namespace: $production, deletionPolicy: Retain}]")],
        objects: &[("production/app", Detached)],
        told: Some(&[("default", "staging/app", Some(1), NotGranted(BOTH)), ("default", "production/app", Some(1), Fine)]),
        detached: &["production/app"] },
    // And granted again: the counter of revisions goes on.
    Story { name: "a revoked grant comes back", given: &[GRANT, STAGING, Revoke("staging")], down: false, change: &[GRANT],
        objects: THERE, told: AT_STAGING_2, detached: &["staging/app"] },
    Story { name: "a revoked grant comes back, and takes up what was left behind", given: &[GRANT, KEPT, Revoke("staging")], down: false, change: &[GRANT],
        objects: THERE, told: AT_STAGING_2, detached: &["staging/app"] },
    Story { name: "a grant goes and comes back while nobody looks", given: &[GRANT, STAGING], down: true, change: &[Revoke("staging"), GRANT],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    // A target is renamed.
    Story { name: "a target is renamed", given: &[GRANT, STAGING], down: false, change: &[RENAMED],
        objects: &[("staging/new", Detached)], told: NEW, detached: &["staging/new"] },
    Story { name: "a target is renamed while nobody looks", given: &[GRANT, STAGING], down: true, change: &[RENAMED],
        objects: &[("staging/new", Detached)], told: NEW, detached: &["staging/new"] },
    // The outputs under the old name were to be retained; those under the new name are not.
    Story { name: "a target that was to be retained is renamed", given: &[GRANT, KEPT], down: false, change: &[RENAMED],
        objects: &[("staging/app", Left), ("staging/new", Detached)], told: NEW, detached: &["staging/new"] },
    Story { name: "a target that was to be retained is renamed while nobody looks", given: &[GRANT, KEPT], down: true, change: &[RENAMED],
        objects: &[("staging/app", Left), ("staging/new", Detached)], told: NEW, detached: &["staging/new"] },
    Story { name: "a target is renamed to what the grant does not name", down: false, change: &[RENAMED],
        given: &[Grant("staging", "{from: [{namespace: $home}], to: [{kind: Secret, name: app}, {kind: ConfigMap, name: app}]}"), STAGING],
        objects: THERE, told: Some(&[("default", "staging/new", None, NotGranted("Secret new and ConfigMap new"))]), detached: &["staging/app"] },
    Story { name: "a target is renamed to what somebody else has", down: false, change: &[RENAMED],
        given: &[GRANT, Apply("staging", "{apiVersion: v1, kind: Secret, metadata: {name: new}, stringData: {token: t0ken}}"), STAGING],
        objects: &[("Secret/staging/new", Foreign), ("staging/app", Detached)],
        told: Some(&[("default", "staging/new", None, Taken("staging/new"))]), detached: &["staging/app", "staging/new"] },
    // A target moves.
    Story { name: "a target moves", given: &[GRANT, Grant("production", ""), STAGING], down: false, change: &[PRODUCTION],
        objects: &[("production/app", Detached)], told: AT_PRODUCTION, detached: &["production/app"] },
    Story { name: "a target moves while nobody looks", given: &[GRANT, Grant("production", ""), STAGING], down: true, change: &[PRODUCTION],
        objects: &[("production/app", Detached)], told: AT_PRODUCTION, detached: &["production/app"] },
    Story { name: "a target that is to be retained moves", given: &[GRANT, Grant("production", ""), KEPT], down: true, change: &[PRODUCTION],
        objects: &[("production/app", Detached), ("staging/app", Left)], told: AT_PRODUCTION, detached: &["production/app"] },
    // What was there before stays until it can be written where it is wanted now, so that nobody is left with neither.
    Story { name: "a target moves to where there is no grant", given: &[GRANT, STAGING], down: false, change: &[PRODUCTION],
        objects: THERE, told: Some(&[("default", "production/app", None, NotGranted(BOTH))]), detached: &["staging/app"] },
    Story { name: "a target moves to where there is no grant, and the one that it had goes too", given: &[GRANT, STAGING], down: false, change: &[PRODUCTION, Revoke("staging")],
        objects: NOTHING, told: Some(&[("default", "production/app", None, NotGranted(BOTH))]), detached: &[] },
    Story { name: "a target moves to where the grant comes late", given: &[GRANT, STAGING, PRODUCTION], down: false, change: &[Grant("production", "")],
        objects: &[("production/app", Detached)], told: AT_PRODUCTION, detached: &["production/app"] },
    Story { name: "a target moves home", given: &[GRANT, STAGING], down: false, change: &[Edit("{targets: null}")],
        objects: &[("home/app", Owned)], told: AT_HOME, detached: &[] },
    Story { name: "a target moves home while nobody looks, and stays to be retained", given: &[GRANT, KEPT], down: true,
        change: &[Edit("{targets: [{deletionPolicy: Retain}]}")],
        objects: &[("home/app", Detached), ("staging/app", Left)], told: AT_HOME, detached: &["home/app"] },
    Story { name: "a target moves away from home", given: &[GRANT, Create("targets: [{}]")], down: false, change: &[Edit("{targets: [{namespace: $staging}]}")],
        objects: THERE, told: AT_STAGING, detached: &["staging/app"] },
    // A target is dropped.
    Story { name: "a target is dropped", down: false, change: &[Edit("{targets: [{}]}")],
        given: &[GRANT, Create("targets: [{}, {namespace: $staging}]")],
        objects: &[("home/app", Owned)], told: AT_HOME, detached: &[] },
    Story { name: "a target is dropped while nobody looks", down: true, change: &[Edit("{targets: [{}]}")],
        given: &[GRANT, Create("targets: [{}, {namespace: $staging}]")],
        objects: &[("home/app", Owned)], told: AT_HOME, detached: &[] },
    Story { name: "a target that is to be retained is dropped", down: false, change: &[Edit("{targets: [{}]}")],
        given: &[GRANT, Create("targets: [{}, {namespace: $staging, deletionPolicy: Retain}]")],
        objects: &[("home/app", Owned), ("staging/app", Left)], told: AT_HOME, detached: &[] },
    Story { name: "target and grant are dropped at once while nobody looks", down: true, change: &[Edit("{targets: [{}]}"), Revoke("staging")],
        given: &[GRANT, Create("targets: [{}, {namespace: $staging}]")],
        objects: &[("home/app", Owned)], told: AT_HOME, detached: &[] },
    // The credential goes.
    Story { name: "a credential goes", given: &[GRANT, STAGING], down: false, change: &[Delete],
        objects: NOTHING, told: None, detached: &[] },
    Story { name: "a credential goes while nobody looks", given: &[GRANT, STAGING], down: true, change: &[Delete],
        objects: NOTHING, told: None, detached: &[] },
    Story { name: "a credential goes and leaves its outputs", given: &[GRANT, KEPT], down: false, change: &[Delete],
        objects: LEFT, told: None, detached: &[] },
    Story { name: "credential and grant go while nobody looks, and leave the outputs", given: &[GRANT, KEPT], down: true, change: &[Delete, Revoke("staging")],
        objects: LEFT, told: None, detached: &[] },
    Story { name: "a credential goes whose target became one to be retained", given: &[GRANT, STAGING, Edit("{targets: [{namespace: $staging, deletionPolicy: Retain}]}")],
        down: false, change: &[Delete], objects: LEFT, told: None, detached: &[] },
    Story { name: "a credential goes whose target was one to be retained", given: &[GRANT, KEPT, Edit("{targets: [{namespace: $staging}]}")],
        down: false, change: &[Delete], objects: NOTHING, told: None, detached: &[] },
    // And comes back. It was told where it would write before it was known whose the object is: so the place stands in the
    // status though nothing of it is there. Surprising, and harmless: nothing without all its marks is ever deleted.
    Story { name: "a credential comes back where another one of its name left outputs", given: &[GRANT, KEPT, Delete], down: false, change: &[STAGING],
        objects: LEFT, told: Some(&[("default", "staging/app", None, Former("staging/app"))]), detached: &["staging/app"] },
    Story { name: "a credential comes back and takes up what another one of its name left", given: &[GRANT, KEPT, Delete], down: true, change: &[KEPT],
        objects: THERE, told: AT_STAGING_2, detached: &["staging/app"] },
    Story { name: "somebody else's Secret has the place", down: false, change: &[STAGING],
        given: &[GRANT, Apply("staging", "{apiVersion: v1, kind: Secret, metadata: {name: app}, stringData: {token: t0ken}}")],
        objects: &[("Secret/staging/app", Foreign)], told: Some(&[("default", "staging/app", None, Taken("staging/app"))]), detached: &["staging/app"] },
    Story { name: "somebody else's Secret has the place, and the grant goes", down: false, change: &[Revoke("staging")],
        given: &[GRANT, Apply("staging", "{apiVersion: v1, kind: Secret, metadata: {name: app}, stringData: {token: t0ken}}"), STAGING],
        objects: &[("Secret/staging/app", Foreign)], told: NEVER, detached: &[] },
];
