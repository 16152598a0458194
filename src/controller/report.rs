//! The Events about a credential: failures, recoveries and changes of outputs. An ordinary success is none: the status
//! has it.

use appcredential_api::{AppCredentialStatus, Identity, ObjectRef, Reason};
use appcredential_cluster::events::Note;

fn note(about: &Identity, warning: bool, reason: &'static str, action: &'static str, text: String) -> Note {
    Note { about: about.clone(), field: None, related: None, warning, reason, action, note: text }
}

/// Returns the event of a changed `Ready` condition: a failure at this field, another failure, or recovery from one.
pub(super) fn transitions(
    about: &Identity,
    previous: Option<&AppCredentialStatus>,
    next: &AppCredentialStatus,
    field: Option<String>,
) -> Option<Note> {
    let ready =
        |status: &AppCredentialStatus| status.conditions.iter().find(|condition| condition.type_ == "Ready").cloned();
    let now = ready(next)?;
    let before = previous.and_then(ready);
    let reason = Reason::from_word(&now.reason)?;
    // Another operator is about to look, most likely within milliseconds: the condition is enough.
    if reason == Reason::AwaitingOperator {
        return None;
    }
    let same = before.as_ref().is_some_and(|before| {
        before.status == now.status && before.reason == now.reason && before.message == now.message
    });
    if same {
        return None;
    }
    if now.status == "True" {
        let recovered =
            before.is_some_and(|before| before.status == "False" && before.reason != Reason::Suspended.word());
        return recovered.then(|| note(about, false, "Recovered", "Sync", now.message));
    }
    let warning = reason != Reason::Suspended;
    Some(Note { field, ..note(about, warning, reason.word(), "Sync", now.message) })
}

/// Makes the Event about a plain secret that kubectl's annotation still has, though the spec no longer has it.
pub(super) fn remembered(about: &Identity) -> Note {
    let name = &about.name;
    let text = format!(
        "the annotation kubectl.kubernetes.io/last-applied-configuration still has a secret as plain text that the spec no longer \
         has, and whoever may look at credentials can read it; look with `kubectl apply view-last-applied appcredential {name}`, \
         remove it with `kubectl annotate appcredential {name} kubectl.kubernetes.io/last-applied-configuration-`, and change the \
         secret"
    );
    note(about, true, "PlainSecretRemembered", "Sync", text)
}

/// An event about an output.
fn about_output(about: &Identity, output: ObjectRef, words: (&'static str, &'static str), done: &str) -> Note {
    let ObjectRef { kind, namespace, name } = &output;
    let at = if *namespace == about.namespace { String::new() } else { format!("{namespace}/") };
    let text = format!("{kind} {at}{name} {done}");
    Note { related: Some(output), ..note(about, false, words.0, words.1, text) }
}

/// Makes the Event about an output that somebody else changed or deleted and that was reverted.
pub(super) fn restored(about: &Identity, output: ObjectRef, was_deleted: bool) -> Note {
    let what = if was_deleted { "deleted" } else { "changed" };
    about_output(
        about,
        output,
        ("OutputRestored", "Restore"),
        &format!("was {what} by somebody else; the operator reverted that"),
    )
}

/// Makes the Event about an output that had to be deleted and created.
pub(super) fn replaced(about: &Identity, output: ObjectRef) -> Note {
    let done = "was deleted and created again, since Kubernetes does not let its type or its data change";
    about_output(about, output, ("OutputReplaced", "Replace"), done)
}

/// Makes the Event about an output that was no longer wanted.
pub(super) fn pruned(about: &Identity, output: ObjectRef) -> Note {
    about_output(about, output, ("OutputPruned", "Prune"), "is no longer wanted and was deleted")
}

/// Makes the Event about an output that was no longer wanted and is retained.
pub(super) fn retained(about: &Identity, output: ObjectRef) -> Note {
    let done = "is no longer wanted and was retained; the operator no longer writes it";
    about_output(about, output, ("OutputRetained", "Retain"), done)
}
