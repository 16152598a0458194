//! The words for what became of a credential. One list for conditions, events and later metrics, each word
//! with what it means, what to do, and what the controller does about it (`disposition`).

use std::fmt;

/// What the controller does after a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disposition {
    /// Nothing is wrong.
    Done,
    /// Only an edit of the credential helps: wait for it.
    Stalled,
    /// A watch will tell when what is missing or in the way has changed.
    Waiting,
    /// Nothing will tell: try again, later and later.
    Retry,
}

impl Disposition {
    /// Its word in metrics.
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

            /// The word in conditions and events.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)+ }
            }

            /// The reason of this word, as it is read back from a status.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.word() == word)
            }

            /// What it means, for the documentation.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// What to do, for the documentation.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)+ }
            }

            /// What the controller does.
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
    Synced Done "Every output is what the credential says." "Nothing.",
    Ready Done "Accepted, resolved and synced." "Nothing.",
    NotSelected Done "None of the environments is handled by this operator (`--environments`)." "Nothing, if another cluster handles them; otherwise add the environment to `--environments`.",
    AwaitingOperator Waiting "Several operators share the credential by their `--environments`, and one of them has not looked at it yet." "Nothing, if the operator of the environments that the message names runs: it goes on by itself. Otherwise start it, let another one handle them, or take them out of the spec.",
    Suspended Stalled "`spec.suspend` is true: what is there stays, nothing is written." "Remove `spec.suspend` or set it to false.",
    InvalidSpec Stalled "The merged environment is not complete or not valid." "Correct the fields that the message names.",
    UnknownField Stalled "The spec has a field that this version of the operator does not know: the CRD is of a later release. The last good output stays." "Upgrade the operator, or take the field out.",
    KeyConflict Stalled "Two fields give the same key in one output." "Rename the parameter, property or custom field that the message names.",
    TargetConflict Stalled "Two targets of the credential are the same object, or a target is an object that the credential reads." "Give one of them another name.",
    ReferenceCycle Waiting "The credential refers to an output that is made of its own outputs, over one or more other credentials." "Let one of the credentials that the message names refer to something else. The last good outputs stay.",
    ReservedName Stalled "An output would have a name that Kubernetes or another controller writes or trusts, such as `kube-root-ca.crt`." "Give the target another name.",
    Unreviewed Stalled "The credential was stored before the admission policy on sources was there, so nobody looked whether its author may read what it refers to. The last good outputs stay." "Let somebody who may edit the spec, or set the annotation that the message shows. See [what is unreviewed](../install.md#unreviewed-credentials).",
    OutOfScope Stalled "A target is in a namespace that this operator does not watch (`--namespace`)." "Add the namespace to those of the operator, or move the target.",
    SecretNotFound Waiting "A Secret that is referenced does not exist." "Create it, or correct the reference. The last good output stays.",
    ConfigMapNotFound Waiting "A ConfigMap that is referenced does not exist." "Create it, or correct the reference. The last good output stays.",
    KeyNotFound Waiting "The source exists, its key does not." "Add the key, or correct the reference. The last good output stays.",
    ValueEmpty Waiting "The source's key is empty." "Give it a value, or mark the reference as optional. The last good output stays.",
    ValueInvalid Waiting "A value is not what the type of the Secret demands." "Correct the source that the message names, or choose another `secret.type`. The last good output stays.",
    NamespaceForbidden Waiting "The operator may not list what is in a namespace that it is meant to watch. Its credentials and outputs stay as they are; other namespaces are served." "Give the operator's service account its role in that namespace, as the chart does for each of `namespaces`; or take a namespace that is gone off that list.",
    NotGranted Waiting "A target is in another namespace, which does not consent." "Ask the owner of that namespace to apply the AppCredentialGrant that the message shows.",
    NamespaceChanged Waiting "A target or a grant pins the uid of a namespace (`namespaceUID`), and the namespace of that name is another one, or there is none." "Find out who made the namespace anew. If that one is meant, set `namespaceUID` to its uid: `kubectl get namespace NAME -o jsonpath='{.metadata.uid}'`.",
    PinsDisabled Waiting "A target or a grant pins the uid of a namespace, and this operator does not look at those." "Start the operator with `--namespace-pins` (`namespacePins: true` in the chart), or take `namespaceUID` out.",
    NamespaceTerminating Retry "The namespace of a target is being deleted." "Nothing, or move the target. It is written once the namespace and its consent are there again.",
    NotOwned Waiting "An object of that name is there, and it is not ours." "Delete or rename that object, or give the target another name.",
    Contested Waiting "Somebody else changes or deletes an output again and again. It is restored, with a pause of up to a minute." "Let the field manager that the message names leave the output alone. The condition goes after a minute of quiet.",
    TooLarge Waiting "The output would be over the 1 MiB that Kubernetes allows." "Take something out, or make a source smaller. The last good output stays.",
    StatusUnreadable Waiting "The status cannot be read, so it is not known which outputs there are in other namespaces. Nothing is deleted there, and the finalizer stays." "List the outputs in `status.detachedOutputs`, in the place of `unknown`; or take `unknown` out if there are none.",
    Forbidden Retry "The API server does not allow the operator to read a source or write an output." "Give the operator's service account that right, or lift the quota that the message names.",
    ReadFailed Retry "A source could not be read." "It is tried again; if it lasts, look at the API server.",
    WriteFailed Retry "An output could not be written." "It is tried again; if it lasts, look at the API server.",
    InternalError Retry "The operator failed on this credential. Others go on." "Please report it with the operator's log.",
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
