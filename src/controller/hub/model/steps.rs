//! What can happen in a history, and how often each.

use proptest::prelude::*;

use super::End;
use super::world::Stream;

/// Something that happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Create(u8, u8),
    Edit(u8, u8),
    Replace(u8, u8),
    Delete(u8),
    TamperWithOutput(u8),
    DeleteOutput(u8),
    PutSource(u8),
    DeleteSource(u8),
    OverwriteStatus(u8),
    StripFinalizer(u8),
    CollectGarbage,
    Backup,
    Restore,
    /// A watch tells the next of what it has to tell.
    Tell(Stream),
    Relist(Stream),
    /// A batch of a chore.
    Work,
    Start,
    /// An errand that runs takes effect, or fails, or is put off.
    Act(usize, End),
    /// The answer of one that took effect comes in, or gets lost.
    Answer(usize, bool),
    Wait(u16),
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let which = || 0_u8..2;
    let stream = || prop_oneof![Just(Stream::Credentials), Just(Stream::Outputs), Just(Stream::Sources)];
    let end = prop_oneof![8 => Just(End::Done), 1 => Just(End::Fails), 1 => Just(End::PutOff)];
    let step = prop_oneof![
        3 => (which(), 0_u8..4).prop_map(|(index, variant)| Step::Create(index, variant)),
        3 => (which(), 0_u8..4).prop_map(|(index, variant)| Step::Edit(index, variant)),
        2 => (which(), 0_u8..4).prop_map(|(index, variant)| Step::Replace(index, variant)),
        1 => which().prop_map(Step::Delete),
        2 => which().prop_map(Step::TamperWithOutput),
        1 => which().prop_map(Step::DeleteOutput),
        3 => which().prop_map(Step::PutSource),
        1 => which().prop_map(Step::DeleteSource),
        5 => which().prop_map(Step::OverwriteStatus),
        5 => which().prop_map(Step::StripFinalizer),
        2 => Just(Step::CollectGarbage),
        1 => Just(Step::Backup),
        1 => Just(Step::Restore),
        20 => stream().prop_map(Step::Tell),
        2 => stream().prop_map(Step::Relist),
        4 => Just(Step::Work),
        12 => Just(Step::Start),
        12 => (0_usize..4, end).prop_map(|(which, end)| Step::Act(which, end)),
        12 => (0_usize..4, prop::bool::weighted(0.1)).prop_map(|(which, lost)| Step::Answer(which, lost)),
        2 => (0_u16..2000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..120)
}
