//! The pipeline: from the bytes of an input to its report. The only core room that names every layer.

mod records;
mod together;

pub use together::{Linkage, groups, lint_together};

use crate::frontend::cloudformation::Inputs;
use crate::frontend::terraform::{self, PlanInputs};
use crate::frontend::{Detected, Files, cloudformation, detect};
use crate::model::{Date, Format, Template};
use crate::report::human::Style;
use crate::report::{ErrorRecord, FileReport, FindingRecord};
use crate::rules;
use crate::s3;
use crate::source::{SourceFile, Sources, Span, decode};
use crate::syntax::{self, Parse, SyntaxError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
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
    /// How to render findings; `None` for positions only.
    pub excerpts: Option<Style>,
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
    let judgement = s3::judge(&templates);
    let findings = rules::check(&templates, &judgement);
    let each = rest.into_iter().zip(findings).zip(&templates).enumerate();
    each.map(|(index, (((path, errors), findings), template))| {
        let buckets = judgement.buckets.iter().filter(|judged| judged.template == index);
        let buckets = buckets.filter_map(|judged| records::bucket(&path, &templates, judged, sources)).collect();
        let findings = findings.iter().map(|one| FindingRecord::new(one, sources, options.excerpts)).collect();
        let errors = errors.into_iter().map(|error| located(error, sources, options)).collect();
        let tie_path = path.clone();
        let mut report = FileReport::new(path, Some(kind(template.format)), buckets, findings, errors);
        report.notices = template.notices.iter().map(|notice| records::notice(notice, sources)).collect();
        (report, Linkage::of(&tie_path, &templates, &judgement, index))
    })
    .collect()
}

/// The name of a kind of input, as reports have it.
fn kind(format: Format) -> &'static str {
    match format {
        Format::CloudFormation => "cloudformation",
        Format::Sam => "sam",
        Format::TerraformPlan => "terraform-plan",
        Format::TerraformState => "terraform-state",
    }
}

fn located(error: SyntaxError, sources: &Sources, options: &Options) -> ErrorRecord {
    ErrorRecord::at(error.message, error.span, sources, options.excerpts)
}

fn read(input: Input, options: &Options, files: &dyn Files, sources: &mut Sources) -> Read {
    let Input { path, named, bytes } = input;
    if terraform::is_archive(&bytes) {
        return nothing_or(named, "a binary file", || {
            let message = "this is a binary plan: run `terraform show -json` on it and lint what that prints";
            ErrorRecord::of_file(path, message, options.excerpts)
        });
    }
    let speaks = named || speaks_like_a_template(&bytes);
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(error) => {
            return nothing_or(speaks, &error.message, || {
                let file = sources.add_confidential(path, &*error.before);
                let span = Span::at(file.id(), error.before.len());
                ErrorRecord::at(&*error.message, span, sources, options.excerpts)
            });
        }
    };
    let plan = terraform::looks_like_plan(&text);
    let file = if plan { sources.add_confidential(path.clone(), text) } else { sources.add(path.clone(), text) };
    if plan {
        return read_plan(&path, named, &file, options, files, sources);
    }
    let parse = syntax::parse(&file);
    match detect(&parse.tree) {
        Some(Detected::Input(Format::CloudFormation | Format::Sam)) => {
            let template = read_template(&parse, options);
            Read::Template(Box::new(ReadInput { path, template, errors: parse.errors }))
        }
        _ if !parse.errors.is_empty() => {
            let mut errors = parse.errors.into_iter().map(|error| located(error, sources, options));
            let first = errors.next();
            let rest: Vec<ErrorRecord> = errors.collect();
            nothing_or(speaks, "it does not parse, and does not speak like a template", move || {
                first.unwrap_or_else(|| ErrorRecord::of_file(path, "cannot be parsed", options.excerpts))
            })
            .with_errors(rest)
        }
        other => {
            let why = match &other {
                Some(Detected::Other { reason }) => reason.as_str(),
                _ => "it holds nothing",
            };
            nothing_or(named, why, || {
                let message = format!("this is no CloudFormation or SAM template, and no Terraform plan: {why}");
                ErrorRecord::of_file(path, message, options.excerpts)
            })
        }
    }
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

/// Whether a text that cannot be read was meant as a template.
fn speaks_like_a_template(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    // A plan may be huge, and says what it is near its start.
    ["planned_values", "AWS::", "AWSTemplateFormatVersion"].into_iter().any(has)
}

fn read_template(parse: &Parse, options: &Options) -> Template {
    let inputs = Inputs { parameters: options.parameters.clone(), assume_defaults: options.assume_defaults };
    cloudformation::read(parse, &inputs)
}

fn read_plan(
    path: &str,
    named: bool,
    file: &Arc<SourceFile>,
    options: &Options,
    files: &dyn Files,
    sources: &mut Sources,
) -> Read {
    let own_folder = Path::new(path)
        .parent()
        .map(|folder| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() });
    let inputs = PlanInputs {
        files,
        source_dir: options.terraform_dir.clone().or(own_folder),
        explicit_dir: options.terraform_dir.is_some(),
        binary_plan: options.terraform_plan.clone(),
    };
    match terraform::read(file, &inputs, sources) {
        Ok(template) => Read::Template(Box::new(ReadInput { path: path.to_owned(), template, errors: Vec::new() })),
        Err(error) => nothing_or(named || speaks_like_a_template(file.text().as_bytes()), &error.message, || {
            ErrorRecord::at(&*error.message, error.span, sources, options.excerpts)
        }),
    }
}
