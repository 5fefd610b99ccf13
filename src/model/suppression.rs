//! Findings that a file itself says are accepted.

use super::Date;
use crate::source::Span;

/// What a comment or an entry of the metadata says of findings.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// How it is written.
    pub by: SuppressedBy,
    /// The rules, as written, with their places; none for a peer's, which names the one control that we share.
    pub rules: Vec<(String, Span)>,
    /// Why the findings are accepted; empty where that is not said.
    pub reason: String,
    /// The last day on which they are.
    pub until: Option<Date>,
    /// Which findings.
    pub covers: Covers,
    /// Where it stands.
    pub span: Span,
    /// What is wrong with it: then it mutes nothing. A clause.
    pub problem: Option<String>,
}

/// How a suppression is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuppressedBy {
    /// `# bucketlint: ignore[…] …`
    Comment,
    /// `Metadata: {bucketlint: {ignore: […]}}`
    Metadata,
    /// As another tool wants it, for the control that we share with it.
    Peer(Peer),
}

/// A tool that checks for TLS too, with suppressions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Peer {
    /// <https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html>
    Checkov,
    /// <https://github.com/cdklabs/cdk-nag>
    CdkNag,
    /// <https://github.com/aws-cloudformation/aws-guard-rules-registry>
    Guard,
    /// <https://docs.kics.io/latest/running-kics/>
    Kics,
}

impl Peer {
    /// How users call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Checkov => "checkov",
            Self::CdkNag => "cdk-nag",
            Self::Guard => "guard",
            Self::Kics => "kics",
        }
    }
}

/// Which findings a suppression is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covers {
    /// All of its template.
    Template,
    /// Those that have their bucket, their policy or the element at fault in this range.
    Within(Span),
    /// Those on instances below a module, by its address.
    Module(String),
    /// None: it stands where nothing is that it could be about. Says why, in a clause.
    Nothing(&'static str),
}
