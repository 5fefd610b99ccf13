//! Settings: what files of a repository say about how to lint it.
//!
//! A settings file may come from a stranger (in a pull request). It is read by our own located reader, its patterns are
//! matched in linear time, and what it switches off is told with every run. `key` has the table of keys, `read` reads
//! a file by it, `schema` makes a JSON Schema of it; [`Scopes`] finds the file that holds for a folder.

mod baseline;
mod glob;
mod key;
mod read;
#[cfg(any(test, feature = "internals"))]
mod schema;
mod scope;

pub use baseline::{Baseline, Compared, Known};
pub use glob::Globs;
pub use read::read;
#[cfg(any(test, feature = "internals"))]
pub use schema::schema;
pub use scope::{Scope, Scopes, SettingsError, Start};

use crate::finding::Severity;
use crate::frontend::parameters::Given;
use crate::model::Date;
use crate::source::Span;
use crate::syntax::SyntaxError;
use std::collections::BTreeMap;

/// The names of a settings file, of which a folder may have one.
pub(crate) const FILE_NAMES: [&str; 4] = ["bucketlint.yaml", ".bucketlint.yaml", "bucketlint.yml", ".bucketlint.yml"];

/// Stands for all accounts.
const ALL: &str = "all";

/// What a settings file says; what it leaves out is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The rules to apply, and no others.
    pub select: Option<Vec<RuleName>>,
    /// The rules not to apply.
    pub ignore: Vec<RuleName>,
    /// Other severities than the rules' own.
    pub severity: BTreeMap<RuleName, Severity>,
    /// The severity from which on findings make a run fail.
    pub fail_on: Option<FailOn>,
    /// Files and folders that a walk leaves out.
    pub exclude: Globs,
    /// Values of template parameters.
    pub parameters: Given,
    /// Which files give which templates their parameters.
    pub parameter_files: Vec<ParameterFile>,
    /// Whether to take each parameter's default for its value.
    pub assume_defaults: Option<bool>,
    /// Files that are deployed together.
    pub deployments: Vec<Deployment>,
    /// Findings that are known and accepted.
    pub suppress: Vec<Suppress>,
    /// Policies of the organization that apply to the buckets.
    pub guarded_by: Vec<GuardedBy>,
    /// Where the keys stand that hold for a run, not for files: told where they have no effect.
    pub of_run: Vec<(&'static str, Span)>,
    /// Keys that have no effect, and why.
    pub idle: Vec<SyntaxError>,
}

/// The name of a rule that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleName(pub &'static str);

/// Templates that take their parameters from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterFile {
    /// The templates.
    pub templates: Globs,
    /// The file, relative to the settings file.
    pub file: String,
    /// Where it is named.
    pub span: Span,
}

/// Files that are deployed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Its name.
    pub name: String,
    /// The files.
    pub files: Globs,
    /// Where the name stands.
    pub span: Span,
}

/// Findings that are known and accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppress {
    /// Their rules.
    pub rules: Vec<RuleName>,
    /// The files in which; `None` for all.
    pub path: Option<Globs>,
    /// The buckets or policies; `None` for all.
    pub address: Option<Globs>,
    /// Why they are accepted.
    pub reason: String,
    /// The last day on which they are.
    pub until: Option<Date>,
    /// Where the entry stands.
    pub span: Span,
}

/// A policy of the organization that applies to the buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardedBy {
    /// The policy, as JSON; relative to the settings file.
    pub file: String,
    /// Where the file is named.
    pub span: Span,
    /// Why it counts.
    pub reason: String,
    /// The accounts that it is attached to; `None` where every bucket is in one of them.
    pub accounts: Option<Vec<String>>,
}

/// When findings make a run fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum FailOn {
    /// On errors.
    Error,
    /// On warnings and errors.
    #[default]
    Warning,
    /// On every finding.
    Note,
    /// Never.
    Never,
}

impl FailOn {
    /// Its names.
    const NAMES: [(&str, Self); 4] =
        [("error", Self::Error), ("warning", Self::Warning), ("note", Self::Note), ("never", Self::Never)];

    /// Whether a finding of that severity makes the run fail.
    #[must_use]
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Note => true,
            Self::Never => false,
        }
    }
}

/// The names of severities.
const SEVERITIES: [(&str, Severity); 3] =
    [("error", Severity::Error), ("warning", Severity::Warning), ("note", Severity::Note)];
