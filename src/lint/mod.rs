//! The pipeline: from the bytes of an input to its report. The only core room that names every layer.
//!
//! A [`Session`] reads inputs one by one, and lints together what is tied: a policy in one may be on a bucket in another.

#[cfg(any(test, feature = "internals"))]
mod alone;
mod assembly;
mod fix;
mod guard;
mod opened;
mod over;
mod read;
mod records;
mod run;
mod session;
mod suppress;
mod tying;

#[cfg(any(test, feature = "internals"))]
pub use alone::{Outcome, lint};
pub use guard::{Guard, idle_guards};
pub use opened::Opened;
pub use session::{OfSettings, Session};
pub use suppress::tell_once;

use crate::model::{Date, Peer};
use crate::report::ErrorRecord;
use crate::source::Sources;
use crate::syntax::SyntaxError;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// How to lint.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The values of parameters, for files of which nothing else is said.
    pub values: Arc<Values>,
    /// The root module's source for a plan; by default the plan's own folder.
    pub terraform_dir: Option<PathBuf>,
    /// The binary plan that belongs to a plan's JSON.
    pub terraform_plan: Option<PathBuf>,
    /// Files with the values of Terraform variables.
    pub var_files: Vec<PathBuf>,
    /// The day of the run: requests are made, and suppressions hold, from then on.
    pub now: Date,
    /// The tools whose suppressions of our control count.
    pub honor: Vec<Peer>,
    /// Whether edits are made for all findings, and tried, before they are told.
    pub fixes: bool,
    /// Whether comments and metadata suppress nothing.
    pub no_inline_suppressions: bool,
    /// Policies of the organization that apply to every bucket.
    pub guards: Vec<Guard>,
    /// Whether buckets are counted only: nobody tells of them, and a tree may have tens of thousands.
    pub forget_buckets: bool,
}

/// Values of parameters for some files.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// Given values of template parameters. All files may share them.
    pub parameters: Arc<BTreeMap<String, String>>,
    /// Take each parameter's default for its value.
    pub assume_defaults: bool,
}

/// A file to lint.
#[derive(Debug, Default)]
pub struct Input {
    /// Its path as shown.
    pub path: String,
    /// Whether the user named it: then it must be something to lint.
    pub named: bool,
    /// Its content.
    pub bytes: Vec<u8>,
    /// The names of the groups of files that are deployed together and that it is in.
    pub deployments: Vec<String>,
    /// Values for it; those of the options where there are none.
    pub values: Option<Arc<Values>>,
}

fn located(error: SyntaxError, sources: &Sources) -> ErrorRecord {
    ErrorRecord::at(error.message, error.span, sources).with_help(error.help)
}
