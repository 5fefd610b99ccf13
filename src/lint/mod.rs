//! The pipeline: from the bytes of an input to its report. The only core room that names every layer.

mod records;
mod suppress;
mod together;

pub use suppress::idle;
pub use together::{Linkage, groups, lint_together};

use crate::frontend::{self, Detected, Files, ReadError};
use crate::model::{Date, Peer, Template};
use crate::report::{ErrorRecord, FileReport};
use crate::rules;
use crate::s3;
use crate::source::{Sources, Span, decode};
use crate::syntax::SyntaxError;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// How to lint.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Given values of template parameters.
    pub parameters: BTreeMap<String, String>,
    /// Take each parameter's default for its value.
    pub assume_defaults: bool,
    /// The root module's source for a plan; by default the plan's own folder.
    pub terraform_dir: Option<PathBuf>,
    /// The binary plan that belongs to a plan's JSON.
    pub terraform_plan: Option<PathBuf>,
    /// The day of the run: requests are made, and suppressions hold, from then on.
    pub now: Date,
    /// The tools whose suppressions of our control count.
    pub honor: Vec<Peer>,
    /// Whether comments and metadata suppress nothing.
    pub no_inline_suppressions: bool,
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
    /// Its report, and what ties it to other files.
    Linted(Box<FileReport>, Linkage),
    /// It is nothing to lint; why.
    PassedOver(String),
}

/// Lints one file by itself.
#[must_use]
pub fn lint(input: Input, options: &Options, files: &dyn Files) -> Outcome {
    let mut sources = Sources::default();
    match read(input, options, files, &mut sources) {
        Read::Failed(report) => Outcome::Linted(Box::new(report), Linkage::default()),
        Read::PassedOver(why) => Outcome::PassedOver(why),
        Read::Template(read) => {
            let Some((report, linkage)) = judge(vec![*read], &sources, options).pop() else {
                return Outcome::PassedOver("nothing came of it".to_owned());
            };
            Outcome::Linted(Box::new(report), linkage)
        }
    }
}

/// An input that was read into a model.
struct ReadInput {
    path: String,
    template: Template,
    errors: Vec<SyntaxError>,
}

enum Read {
    Template(Box<ReadInput>),
    Failed(FileReport),
    PassedOver(String),
}

/// Judges templates that are deployed side by side; gives a report for each, in their order, and what ties it to
/// other files.
fn judge(inputs: Vec<ReadInput>, sources: &Sources, options: &Options) -> Vec<(FileReport, Linkage)> {
    let (mut rest, mut templates) = (Vec::new(), Vec::new());
    for ReadInput { path, template, errors } in inputs {
        rest.push((path, errors));
        templates.push(template);
    }
    let judgement = s3::judge(&templates, options.now);
    let mut findings = rules::check(&templates, &judgement);
    let muted = suppress::mute(&templates, &mut findings, options);
    let each = rest.into_iter().zip(findings.iter().zip(&muted)).zip(&templates).enumerate();
    each.map(|(index, (((path, errors), (findings, muted)), template))| {
        let input: Arc<str> = path.as_str().into();
        let buckets = judgement.buckets.iter().filter(|judged| judged.template == index);
        let orphans = judgement.orphans.iter().filter(|orphan| orphan.policy.template() == index);
        let linkage = Linkage::of(&path, &templates, &judgement, index);
        let report = FileReport {
            path,
            kind: Some(template.format.name()),
            buckets: buckets.filter_map(|judged| records::bucket(&input, &templates, judged, sources)).collect(),
            orphans: orphans.filter_map(|orphan| records::orphan(&templates, orphan, sources)).collect(),
            findings: findings
                .iter()
                .zip(muted)
                .map(|(one, muted)| records::finding(one, muted.as_ref(), sources))
                .collect(),
            errors: errors.into_iter().map(|error| located(error, sources)).collect(),
            notices: template.notices.iter().map(|notice| records::notice(notice, sources)).collect(),
            ..FileReport::default()
        };
        (report.in_order(), linkage)
    })
    .collect()
}

fn located(error: SyntaxError, sources: &Sources) -> ErrorRecord {
    ErrorRecord::at(error.message, error.span, sources).with_help(error.help)
}

fn read(input: Input, options: &Options, files: &dyn Files, sources: &mut Sources) -> Read {
    let Input { path, named, bytes } = input;
    if let Some(message) = frontend::is_no_text(&bytes) {
        return nothing_or(named, "a binary file", || ErrorRecord::of_file(path, message));
    }
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(error) => {
            let ours = named || frontend::speaks(&error.before) || frontend::speaks(&error.rest);
            return nothing_or(ours, &error.message, || {
                let file = sources.add_confidential(path, &*error.before);
                let span = Span::at(file.id(), error.before.len());
                ErrorRecord::at(&*error.message, span, sources)
            });
        }
    };
    let file = sources.add(path.clone(), text);
    match frontend::detect(&file) {
        Detected::Input(frontend, document) => {
            let given = frontend::Inputs {
                parameters: &options.parameters,
                assume_defaults: options.assume_defaults,
                files,
                terraform_dir: options.terraform_dir.as_deref(),
                terraform_plan: options.terraform_plan.as_deref(),
            };
            if frontend.is_confidential() {
                file.keep_confidential();
            }
            match frontend.read(*document, &given, sources) {
                Ok(frontend::Read { template, errors }) => {
                    Read::Template(Box::new(ReadInput { path, template, errors }))
                }
                Err(ReadError::NotMine(reason)) => other(path, named, &reason),
                Err(ReadError::Broken(errors)) => broken(path, errors, named || frontend::speaks(file.text()), sources),
            }
        }
        Detected::Broken { errors, ours } => {
            if !ours {
                // It may be anything, credentials included.
                file.keep_confidential();
            }
            broken(path, errors, named || ours, sources)
        }
        Detected::Other { reason } => other(path, named, &reason),
    }
}

/// What came of a text that is nothing to lint.
fn other(path: String, named: bool, reason: &str) -> Read {
    nothing_or(named, reason, || {
        let message = format!("this is no CloudFormation or SAM template, and no Terraform plan: {reason}");
        ErrorRecord::of_file(path, message)
    })
}

/// What came of a text that cannot be read. `ours` says whether it should be.
fn broken(path: String, errors: Vec<SyntaxError>, ours: bool, sources: &Sources) -> Read {
    let mut errors = errors.into_iter().map(|error| located(error, sources));
    let first = errors.next();
    let rest: Vec<ErrorRecord> = errors.collect();
    nothing_or(ours, "it does not parse, and does not speak like a template", move || {
        first.unwrap_or_else(|| ErrorRecord::of_file(path, "cannot be parsed"))
    })
    .with_errors(rest)
}

impl Read {
    fn with_errors(mut self, errors: Vec<ErrorRecord>) -> Self {
        if let Self::Failed(report) = &mut self {
            report.errors.extend(errors);
        }
        self
    }
}

/// A failure where the file had to be something to lint, else passed over.
fn nothing_or(fails: bool, why: &str, error: impl FnOnce() -> ErrorRecord) -> Read {
    if fails { Read::Failed(FileReport::failed(error())) } else { Read::PassedOver(why.to_owned()) }
}
