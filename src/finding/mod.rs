//! Findings: what a rule says about a bucket or a policy, with located labels.

use crate::source::Span;

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Facts without a place ("anonymous `s3:GetObject` … is denied by no statement").
    pub notes: Vec<String>,
    /// What to write instead, in the style of the user's file; may span lines.
    pub help: String,
    /// The address of the bucket, or of the policy for an orphan.
    pub bucket: String,
}
