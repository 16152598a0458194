//! The reasons of conditions: one list for conditions, Events, metrics and docs. Each reason says what it means, what to
//! do, and what the controller does about it (`disposition`).

use std::fmt;

/// What the controller does after a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disposition {
    /// Nothing is wrong.
    Done,
    /// Only an edit of the credential helps: wait for it.
    Stalled,
    /// A watch event will come when what is missing or blocks it has changed.
    Waiting,
    /// No watch event will come: retry, less and less often.
    Retry,
}

impl Disposition {
    /// Returns its word in metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Stalled => "stalled",
            Self::Waiting => "waiting",
            Self::Retry => "retry",
        }
    }
}

/// Declares the reasons with their meaning, remedy and disposition.
macro_rules! reasons {
    ($($variant:ident $disposition:ident $meaning:literal $remedy:literal,)+) => {
        /// Why a condition is as it is: a CamelCase word of the Kubernetes API conventions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $(#[doc = $meaning] $variant,)+
        }

        impl Reason {
            /// Every reason, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the word in conditions and Events.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)+ }
            }

            /// Returns the reason of this word, as it is read back from a status.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.word() == word)
            }

            /// Returns what it means, for the documentation.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// Returns what to do, for the documentation.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)+ }
            }

            /// Returns what the controller does.
            #[must_use]
            pub fn disposition(self) -> Disposition {
                match self { $(Self::$variant => Disposition::$disposition,)+ }
            }
        }
    };
}

reasons! {
    Valid Done "The spec is accepted." "Nothing.",
    Resolved Done "Every source was found." "Nothing.",
    Synced Done "Every output is written as the credential says." "Nothing.",
    Ready Done "Accepted, resolved and synced." "Nothing.",
    NotSelected Done "This operator handles none of the environments (`--environments`)." "Nothing, if another cluster handles them; otherwise add the environment to `--environments`.",
    AwaitingOperator Waiting "Several operators share the credential by their `--environments`, and one of them has not seen its present spec." "Nothing, if the operator of the environments in the message runs. Otherwise start it, let another operator handle them, or remove them from the spec.",
    Suspended Stalled "`spec.suspend` is true. The operator writes nothing and the outputs stay as they are." "Remove `spec.suspend` or set it to false.",
    InvalidSpec Stalled "The merged environment is incomplete or not valid. The last good outputs stay." "Correct the fields that the message names.",
    UnknownField Stalled "The spec has a field that this version of the operator does not know: the CRD is of a later release. The last good outputs stay." "Upgrade the operator, or remove the field.",
    KeyConflict Stalled "Two fields give the same key in one output." "Rename the parameter, property or custom field that the message names.",
    TemplateInvalid Stalled "A template has a wrong syntax, or uses a name that no field and no preset gives. The last good outputs stay." "Correct the template at the line that the message names.",
    TargetConflict Stalled "Two targets of the credential are the same object, or a target is a source of the credential." "Give one of them another name.",
    ReferenceCycle Waiting "The credential refers to an output that is made from its own outputs, by way of one or more other credentials. The last good outputs stay." "Change a reference of one of the credentials that the message names.",
    ReservedName Stalled "An output would have a name that Kubernetes or another controller writes or trusts, such as `kube-root-ca.crt`." "Give the target another name.",
    Unreviewed Stalled "The credential was stored before the admission policy on sources, so nobody checked whether its author may read its sources. The last good outputs stay." "Ask somebody who may read the sources to edit the spec, or to set the annotation that the message shows. See [unreviewed credentials](../install.md#unreviewed-credentials).",
    OutOfScope Stalled "A target is in a namespace that this operator does not watch (`--namespace`)." "Add the namespace to `--namespace` of the operator, or move the target.",
    SecretNotFound Waiting "The credential refers to a Secret that does not exist. The last good outputs stay." "Create the Secret, or correct the reference.",
    ConfigMapNotFound Waiting "The credential refers to a ConfigMap that does not exist. The last good outputs stay." "Create the ConfigMap, or correct the reference.",
    KeyNotFound Waiting "A source exists, but the key does not. The last good outputs stay." "Add the key to the source, or correct the reference.",
    ValueEmpty Waiting "The key of a source is empty. The last good outputs stay." "Give the key a value, or set `optional: true` in the reference.",
    ValueInvalid Waiting "A value does not have the form that the type of the Secret demands, or the format of a preset cannot hold it. The last good outputs stay." "Correct the source that the message names, or choose another `secret.type` or preset.",
    TemplateFailed Waiting "A template cannot be rendered with the values of the sources: a value is missing, the format cannot hold it, or the result is too large. The last good outputs stay." "Correct the source or the template at the line that the message names.",
    NamespaceForbidden Waiting "The operator may not list the objects of a namespace that it should watch. Credentials and outputs there stay as they are; other namespaces are served." "Give the operator's service account its role in that namespace, as the chart does for each of `namespaces`. If the namespace is gone, remove it from that list.",
    NotGranted Waiting "A target is in another namespace, which does not consent." "Ask the owner of that namespace to apply the AppCredentialGrant that the message shows.",
    NamespaceChanged Waiting "A target or a grant pins the uid of a namespace (`namespaceUID`), and the namespace of that name has another uid or does not exist." "Find out who created the namespace again. If you mean the new one, set `namespaceUID` to its uid: `kubectl get namespace NAME -o jsonpath='{.metadata.uid}'`.",
    PinsDisabled Waiting "A target or a grant pins the uid of a namespace, and this operator does not check uids." "Start the operator with `--namespace-pins` (`namespacePins: true` in the chart), or remove `namespaceUID`.",
    NamespaceTerminating Retry "The namespace of a target is being deleted." "Nothing, or move the target. The operator writes it once the namespace and its consent exist again.",
    NotOwned Waiting "An object with the name of an output exists, and it is not an output of this credential." "Delete or rename that object, or give the target another name.",
    Contested Waiting "Somebody else changes or deletes an output again and again. The operator reverts it, with pauses of up to a minute." "Stop the field manager that the message names from writing the output. The reason goes after a minute without such writes.",
    TooLarge Waiting "An output would be larger than the 1 MiB that Kubernetes allows. The last good outputs stay." "Remove something, or make a source smaller.",
    StatusUnreadable Waiting "The operator cannot read the status, so it does not know the outputs in other namespaces. It deletes nothing there, and the finalizer stays." "List these outputs in `status.detachedOutputs`, in the place of `unknown`. If there are none, remove `unknown`.",
    Forbidden Retry "The API server does not allow the operator to read a source or write an output." "Give the operator's service account that right, or lift the quota that the message names.",
    ReadFailed Retry "The operator could not read a source." "Nothing: it retries. If the reason stays, check the API server.",
    WriteFailed Retry "The operator could not write an output." "Nothing: it retries. If the reason stays, check the API server.",
    InternalError Retry "The operator failed on this credential. Other credentials are not affected." "Please report it with the operator's log.",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
