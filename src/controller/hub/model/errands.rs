//! What an errand does to the API server, in short: as `reconcile` does it, with one output and no other failures than
//! those that are asked for.

use super::End;
use super::world::{Credential, Output, World, output, record, wanted};
use crate::controller::errand::{Answer, Work};
use crate::controller::job::{Job, Learned, Report, Reported};
use appcredential_api::{AppCredentialStatus, Disposition, Kind, ObjectRef};
use appcredential_cluster::Patience;
use appcredential_core::plan::Observed;
use appcredential_core::resolve::Selection;
use appcredential_core::resolve::SourceKey;

/// Returns whom an errand is for.
pub(super) fn index_of(name: &str) -> u8 {
    name.rsplit('-').next().and_then(|index| index.parse().ok()).unwrap_or_default()
}

fn place(index: u8) -> ObjectRef {
    ObjectRef::new(Kind::Secret, "team", super::world::name(index))
}

/// Reads what a status says in the model: whose it is, and whether it is ready.
pub(super) fn says(uid: &str, generation: i64, ready: bool) -> AppCredentialStatus {
    AppCredentialStatus {
        observed_generation: Some(generation),
        environment_names: Some(format!("{uid} {ready}")),
        ..AppCredentialStatus::default()
    }
}

/// Carries an errand out.
pub(super) fn act(world: &mut World, work: &Work, end: End) -> Answer {
    match work {
        Work::Reconcile(job) => Answer::Reconciled(Box::new(reconcile(world, job, end))),
        Work::Status(report) => Answer::Reported(write_status(world, report, end == End::Fails)),
        Work::GrantStatus(_) => unreachable!("there are no grants"),
    }
}

fn reconcile(world: &mut World, job: &Job, end: End) -> Learned {
    let owner = job.record.identity();
    let index = index_of(&owner.name);
    let mut learned = Learned { disposition: Some(Disposition::Done), ..Learned::default() };
    if end == End::PutOff && job.patience == Patience::IsRefused {
        let (unseen, touched) = (job.uncertain.iter().cloned().collect(), job.touched.clone());
        return Learned { large: true, put_off: true, unseen, touched, ..Learned::default() };
    }
    if end == End::Fails {
        learned.disposition = Some(Disposition::Retry);
        learned.unseen.extend(job.uncertain.iter().cloned());
        return learned;
    }
    let mut known = job.observed.clone();
    for place in &job.uncertain {
        let there = world.store.outputs.get(&index).map(|there| output(index, there).observed);
        known.retain(|observed| observed.object_ref() != *place);
        known.extend(there.clone());
        learned.verified.push((place.clone(), there));
    }
    let observed = known.iter().find(|observed| observed.object_ref() == place(index));
    if job.record.deleting {
        take_down(world, index, &owner.uid, observed, &mut learned);
        return learned;
    }
    let mut basis = job.basis.clone();
    let variant = variant_of(job);
    if hold(world, index, &owner.uid, variant % 2 == 1, &mut learned) {
        basis.held = variant % 2 == 1;
        let there = world.store.credentials.get(&index).map(|there| record(index, there));
        // Where somebody else wrote in between, the news of that are still to come.
        learned.version = learned.version.filter(|_| there.is_some_and(|there| basis.holds(&there)));
    }
    let ready = match world.store.sources.get(&index).copied() {
        Some(version) => {
            let source = SourceKey { kind: Kind::Secret, name: super::world::source_name(index) };
            learned.sources.insert(source, version.to_string().into());
            sync(world, index, &owner.uid, wanted(variant, version), observed, &mut learned)
        }
        None => {
            learned.missing.insert(SourceKey { kind: Kind::Secret, name: super::world::source_name(index) });
            false
        }
    };
    if !ready {
        learned.disposition = learned.disposition.max(Some(Disposition::Waiting));
    }
    let status = says(&owner.uid, job.record.generation, ready);
    let known = job
        .status
        .as_ref()
        .is_some_and(|known| appcredential_core::status::is_no_news(known, &status, &Selection::default()));
    learned.report = (!known).then_some(Report { basis, status, field: None });
    learned
}

fn variant_of(job: &Job) -> u8 {
    let spec = job.record.spec.as_ref().map(|spec| spec.get().to_owned()).unwrap_or_default();
    (0..4).find(|variant| spec.contains(&format!("variant {variant}"))).unwrap_or_default()
}

/// Lets the finalizer be as it should be; whether that was changed.
fn hold(world: &mut World, index: u8, uid: &str, held: bool, learned: &mut Learned) -> bool {
    let there = world.store.credentials.get(&index).filter(|there| there.uid == uid).cloned();
    if there.is_none() && held {
        // Nothing is written elsewhere where the finalizer could not be set.
        learned.disposition = Some(Disposition::Retry);
    }
    let Some(there) = there.filter(|there| there.held != held && !(there.deleting && held)) else { return false };
    let version = world.put_credential(index, Credential { held, ..there });
    learned.version = Some(version.to_string().into());
    learned.held = Some(held);
    true
}

/// Brings the output to what it should be, with what is known of it. Whether it is.
fn sync(
    world: &mut World,
    index: u8,
    uid: &str,
    content: i64,
    observed: Option<&Observed>,
    learned: &mut Learned,
) -> bool {
    let is_right =
        |observed: &Observed| observed.owner_uid.as_deref() == Some(uid) && observed.revision == Some(content);
    // Nothing is asked where everything is known to be right.
    if observed.is_some_and(is_right) {
        return true;
    }
    let written = match world.store.outputs.get(&index).cloned() {
        None => Output { uid: world.next_uid(), version: 0, owner: uid.to_owned(), content },
        // The refusal brings what is there.
        Some(there) if there.owner != uid => {
            learned.blocked.insert(place(index));
            learned.written.push(output(index, &there).observed);
            return false;
        }
        Some(there) if there.content == content => {
            learned.written.push(output(index, &there).observed);
            return true;
        }
        Some(there) => {
            if observed.is_some_and(|observed| observed.revision.is_some_and(|it| it > super::TAMPERED)) {
                learned.restored.insert(place(index), None);
            }
            Output { content, ..there }
        }
    };
    let written = world.put_output(index, written);
    learned.written.push(output(index, &written).observed);
    true
}

fn take_down(world: &mut World, index: u8, uid: &str, observed: Option<&Observed>, learned: &mut Learned) {
    let there = world.store.outputs.get(&index).filter(|there| there.owner == uid).cloned();
    if let (Some(there), Some(_)) = (there, observed) {
        world.remove_output(index);
        learned.deleted.push((place(index), there.uid.into()));
    }
    hold(world, index, uid, false, learned);
}

fn write_status(world: &mut World, report: &Report, fails: bool) -> Reported {
    if fails {
        return Reported::Failed;
    }
    let index = index_of(&report.basis.identity.name);
    let Some(there) = world.store.credentials.get(&index).filter(|it| report.basis.identity.uid == *it.uid).cloned()
    else {
        return Reported::Gone;
    };
    let record = record(index, &there);
    if !report.basis.holds(&record) {
        return Reported::Outdated(Box::new(record));
    }
    let version = world.put_credential(index, Credential { status: Some(report.status.clone()), ..there });
    Reported::Written(version.to_string().into())
}
