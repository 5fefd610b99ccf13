//! The pipeline: one input to its report.

use crate::frontend::Files;
use crate::report::{self, FileReport};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How to lint.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Given values of template parameters.
    pub parameters: BTreeMap<String, String>,
    /// Take each parameter's default for its value.
    pub assume_defaults: bool,
    /// The root module's source for a plan.
    pub terraform_dir: Option<PathBuf>,
    /// The binary plan that belongs to a plan's JSON.
    pub terraform_plan: Option<PathBuf>,
    /// How to render findings; `None` for positions only.
    pub excerpts: Option<report::human::Style>,
}

/// A file to lint.
#[derive(Debug)]
pub struct Input {
    /// Its path as shown.
    pub path: String,
    /// Whether the user named it: then it must be something to lint.
    pub named: bool,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// Its report.
    Linted(Box<FileReport>),
    /// It is nothing to lint; why.
    PassedOver(String),
}

/// Lints one file.
#[must_use]
pub fn lint(input: Input, options: &Options, _files: &dyn Files) -> Outcome {
    let Input { path, named, bytes } = input;
    let has = |needle: &str| memchr::memmem::find(&bytes, needle.as_bytes()).is_some();
    if has("AWS::") && std::str::from_utf8(&bytes).is_ok() {
        let report = FileReport::new(path, Some("cloudformation"), Vec::new(), Vec::new(), Vec::new());
        return Outcome::Linted(Box::new(report));
    }
    if !named {
        return Outcome::PassedOver("no template".to_owned());
    }
    let error = report::ErrorRecord::of_file(path, "neither a template nor a plan", options.excerpts);
    Outcome::Linted(Box::new(FileReport::failed(error)))
}
