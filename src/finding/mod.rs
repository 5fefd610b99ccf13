//! Findings: what a rule says about a bucket or a policy, with located labels.

use crate::source::{FileId, Span};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Should be looked at.
    Warning,
    /// Must be changed.
    Error,
}

impl Severity {
    /// How it is written, in every report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place with what is to be said of it.
#[derive(Clone, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What, in one clause.
    pub message: String,
    /// What the place is to the finding.
    pub role: Role,
}

/// What a place is to the finding that it explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The element to change: a near miss, what AWS rejects, what is not known.
    Cause,
    /// A policy.
    Policy,
    /// A bucket.
    Bucket,
    /// Where a value came from on its way to the label before it (a parameter's default, a mapping).
    Hop,
    /// Anything else.
    Other,
}

impl Label {
    /// A place that is none of the other kinds.
    #[must_use]
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), role: Role::Other }
    }

    /// The element to change.
    #[must_use]
    pub fn cause(span: Span, message: impl Into<String>) -> Self {
        Self { role: Role::Cause, ..Self::new(span, message) }
    }

    /// A policy.
    #[must_use]
    pub fn policy(span: Span, message: impl Into<String>) -> Self {
        Self { role: Role::Policy, ..Self::new(span, message) }
    }

    /// A bucket.
    #[must_use]
    pub fn bucket(span: Span, message: impl Into<String>) -> Self {
        Self { role: Role::Bucket, ..Self::new(span, message) }
    }

    /// Where the value under the label before it came from.
    #[must_use]
    pub fn hop(span: Span, message: impl Into<String>) -> Self {
        Self { role: Role::Hop, ..Self::new(span, message) }
    }
}

/// A finding. It always has a primary place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without full stop.
    pub message: String,
    /// Where a person would change it.
    pub primary: Label,
    /// Other places that explain it, in order of importance.
    pub related: Vec<Label>,
    /// Facts without a place ("no statement denies `s3:GetObject` on …").
    pub notes: Vec<String>,
    /// What to do, in words, in one line. The text to write comes with the edit, once that was tried.
    pub help: String,
    /// The address of the bucket, or of the policy for an orphan.
    pub bucket: String,
    /// What would have to be written, where that can be said: one of these, the earlier the better.
    pub intents: Vec<Intent>,
    /// Whether what is to be written shuts out somebody who is let in on purpose, as the visitors of a website.
    pub shuts_out: bool,
}

/// What would have to be written for a finding to go away, in the terms of the input. How it is written is for the
/// format's own writer, and whether it helps is tried before it is told.
#[derive(Clone, Debug)]
pub enum Intent {
    /// A policy of its own for a bucket that has none.
    AddPolicy {
        /// The bucket.
        bucket: Target,
    },
    /// The statement that denies every insecure request, joined to a policy.
    AddStatement {
        /// The policy.
        policy: Target,
    },
    /// A policy that exists wherever its bucket does.
    AlignCondition {
        /// The policy.
        policy: Target,
        /// The bucket.
        bucket: Target,
    },
    /// A further policy for a bucket whose policies exist in other deployments only.
    AddPolicyWhere {
        /// The bucket.
        bucket: Target,
        /// Conditions of its template by name, each with whether it holds there.
        holds: Vec<(String, bool)>,
    },
    /// A further policy for a bucket wherever the condition of a policy does not hold.
    AddCounterpart {
        /// The policy.
        policy: Target,
        /// The bucket.
        bucket: Target,
    },
    /// Words that become others, all in one file.
    Replace(Vec<Change>),
    /// Everybody as the principal of a statement that names none.
    AddPrincipal {
        /// The statement.
        statement: Span,
    },
    /// An argument of a module call, set to `true`.
    SwitchOn {
        /// The header of the call.
        call: Span,
        /// The argument.
        argument: String,
    },
    /// All of these together.
    All(Vec<Intent>),
}

/// A word that becomes another.
#[derive(Clone, Debug)]
pub struct Change {
    /// The element that it is in, once.
    pub place: Span,
    /// The word.
    pub from: String,
    /// What it becomes.
    pub to: String,
}

/// A resource that is to be written to, or for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where it is declared.
    pub span: Span,
    /// Its address.
    pub address: String,
}

impl Intent {
    /// Whether what is written is only joined to what stands there: more statements can only deny more, and a policy
    /// where there was none changes no other. A change of a statement can lock somebody out.
    #[must_use]
    pub(crate) fn only_adds(&self) -> bool {
        match self {
            Self::AddPolicy { .. }
            | Self::AddPolicyWhere { .. }
            | Self::AddStatement { .. }
            | Self::SwitchOn { .. } => true,
            // From another file it cannot be told where the bucket is: a policy without its bucket is not deployed.
            Self::AddCounterpart { policy, bucket } => policy.span.file == bucket.span.file,
            Self::AlignCondition { .. } | Self::Replace(_) | Self::AddPrincipal { .. } => false,
            Self::All(all) => all.iter().all(Self::only_adds),
        }
    }

    /// The files that are written to, or looked at for that.
    #[must_use]
    pub fn files(&self) -> Vec<FileId> {
        match self {
            Self::AddPolicy { bucket } | Self::AddPolicyWhere { bucket, .. } => vec![bucket.span.file],
            Self::AddStatement { policy } => vec![policy.span.file],
            Self::AlignCondition { policy, bucket } | Self::AddCounterpart { policy, bucket } => {
                vec![policy.span.file, bucket.span.file]
            }
            Self::Replace(changes) => changes.iter().map(|change| change.place.file).collect(),
            Self::AddPrincipal { statement } => vec![statement.file],
            Self::SwitchOn { call, .. } => vec![call.file],
            Self::All(all) => all.iter().flat_map(Self::files).collect(),
        }
    }

    /// The policies that get the conditions of their buckets.
    #[must_use]
    pub(crate) fn aligned(&self) -> Vec<&Target> {
        match self {
            Self::AlignCondition { policy, .. } => vec![policy],
            Self::All(all) => all.iter().flat_map(Self::aligned).collect(),
            _ => Vec::new(),
        }
    }

    /// The file that is written to first.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.files().first().copied().unwrap_or_default()
    }
}
