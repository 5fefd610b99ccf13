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

/// A place with what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What, in one clause.
    pub message: String,
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
