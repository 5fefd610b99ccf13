//! From the bytes of an input to its model.

use super::assembly::Manifest;
use super::{Input, OfSettings, Options, Values, located};
use crate::frontend::{self, Detected, Files, Frontend, ReadError, normal, parameters};
use crate::link::{FileTies, Stack, Standing};
use crate::model::{Declared, Deployed, Domain, Notice, Scope, Template};
use crate::report::{DeclaredRecord, ErrorRecord, FileReport};
use crate::source::{SourceFile, Sources, Span, decode};
use crate::syntax::{self, SyntaxError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What became of an input.
#[derive(Debug)]
pub(super) enum Read {
    /// It is one that concerns buckets, and is linted with the others of the run.
    Template(Box<ReadInput>),
    /// It is the manifest of a cloud assembly, which says what is deployed from its folder.
    Assembly(Manifest),
    /// It came to nothing more than this.
    Done(FileReport),
    /// It is nothing to lint; why.
    PassedOver(String),
}

/// An input that was read into a model.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct ReadInput {
    pub(super) path: String,
    pub(super) template: Template,
    pub(super) errors: Vec<SyntaxError>,
    pub(super) notices: Vec<Notice>,
    /// The parameters that it may be given, where any are given.
    pub(super) declared: Vec<DeclaredRecord>,
    /// Whether it holds something that concerns buckets, and nothing of it was read.
    pub(super) is_unread: bool,
    /// Its text.
    pub(super) file: Arc<SourceFile>,
    /// Its text, and those that were read beside it.
    pub(super) sources: Sources,
    pub(super) frontend: &'static dyn Frontend,
    /// Whether it is a folder that was read as a whole.
    is_folder: bool,
    /// Whether it was read for the templates that deploy it only.
    pub(super) nested_only: bool,
    /// Whether it was read only because a template deploys it.
    pub(super) gathered: bool,
    /// Whether the user named it.
    pub(super) named: bool,
    /// The stacks that assemblies make of it.
    pub(super) stacks: Vec<Stack>,
    /// All that is to be said of it, where it has nothing to be judged.
    pub(super) told: Option<Box<FileReport>>,
    /// The groups of files that it is deployed with.
    pub(super) deployments: Vec<String>,
    /// The folder of source that it speaks for, where it is a plan.
    pub(super) covers: Option<PathBuf>,
    /// Values for it.
    pub(super) values: Option<Arc<Values>>,
}

impl ReadInput {
    /// The folder of Terraform source that it speaks for, where it is a plan.
    #[must_use]
    pub(super) fn covers(&self) -> Option<&Path> {
        self.covers.as_deref()
    }

    /// Whether it is a folder of source, not a file.
    pub(super) fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// Whether it is a whole deployment by itself.
    pub(super) fn is_whole(&self) -> bool {
        !self.frontend.is_linked()
    }

    /// What ties it to others; `stack` is what an assembly makes of it. Where a template deploys it, that hands it other
    /// values than those that are given.
    pub(super) fn ties(&self, stack: Option<&Stack>, options: &Options, files: &dyn Files) -> FileTies {
        let given = given(options, self.values.as_deref(), files);
        let own = self.with_inside(&self.template, stack, &given, 0);
        if self.is_whole() || self.told.is_some() || given.parameters.is_empty() && !given.assume_defaults {
            return own;
        }
        let nothing = Arc::default();
        let inputs = frontend::Inputs { parameters: &nothing, assume_defaults: false, ..given };
        let account = Scope::of(self.file.id());
        let (known, given) = (BTreeMap::new(), BTreeMap::new());
        let deployed = Deployed { instance: 0, account, known, given, arguments: None };
        match self.frontend.read_in(&syntax::parse(&self.file), &inputs, deployed) {
            Some(free) => own.and(self.with_inside(&free, stack, &inputs, 0)),
            None => own,
        }
    }

    /// The ties of a template, with those of the templates that are written inside of it.
    fn with_inside(
        &self,
        template: &Template,
        stack: Option<&Stack>,
        inputs: &frontend::Inputs<'_>,
        depth: u32,
    ) -> FileTies {
        /// Templates inside of templates get shorter; deeper ones are not followed either.
        const DEEPEST: u32 = 8;
        let mut ties = self.ties_of(template, stack);
        for body in template.nested.iter().filter_map(|nested| nested.body.as_ref()).filter(|_| depth < DEEPEST) {
            let file = Arc::new(SourceFile::new(self.file.id(), self.file.shared_path(), body.text.as_str()));
            let account = Scope::of(file.id());
            let (known, given) = (BTreeMap::new(), BTreeMap::new());
            let deployed = Deployed { instance: 0, account, known, given, arguments: None };
            if let Ok(inside) = frontend::read_inside(&file, inputs, deployed) {
                ties = ties.and(self.with_inside(&inside, stack, inputs, depth + 1));
            }
        }
        ties
    }

    fn ties_of(&self, template: &Template, stack: Option<&Stack>) -> FileTies {
        let path = normal(Path::new(&self.path));
        FileTies::of(&Standing {
            path: &path,
            template,
            whole: self.is_whole(),
            groups: &self.deployments,
            stack,
            is_of_assembly: frontend::manifest_beside(&path).is_some(),
        })
    }

    /// The template, of which only the kind stays.
    pub(super) fn take_template(&mut self) -> Template {
        let nothing = Template::nothing(self.template.format);
        std::mem::replace(&mut self.template, nothing)
    }
}

impl std::fmt::Debug for ReadInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadInput").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Reads input number `number` of a run. Numbers tell inputs apart, and put them in order.
#[must_use]
pub(super) fn read(input: Input, number: u32, options: &Options, files: &dyn Files) -> Read {
    let mut sources = Sources::of_input(number);
    let Input { path, named, bytes, deployments, values } = input;
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
                ErrorRecord::at(&*error.message, span, &sources)
            });
        }
    };
    if let Some(manifest) = Manifest::read(&path, &text, files) {
        return Read::Assembly(manifest);
    }
    let file = sources.add(path.clone(), text);
    match frontend::detect(&file) {
        Detected::Input(frontend, document) => {
            if frontend.is_confidential() {
                file.keep_confidential();
            }
            let given = given(options, values.as_deref(), files);
            match frontend.read(*document, &given, &mut sources) {
                Ok(frontend::Read { mut template, errors, covers, unread }) => {
                    let mut notices = std::mem::take(&mut template.notices);
                    let unchecked = std::mem::take(&mut template.unchecked);
                    let is_unread = unread.is_some() || !unchecked.is_empty();
                    notices.extend(unread.into_iter().chain(unchecked));
                    let (nested_only, stacks) = (false, Vec::new());
                    let declared = declared(&mut template, given.parameters);
                    kept(ReadInput {
                        declared,
                        path,
                        template,
                        errors,
                        notices,
                        is_unread,
                        file,
                        sources,
                        frontend,
                        is_folder: false,
                        nested_only,
                        gathered: false,
                        named,
                        stacks,
                        told: None,
                        deployments,
                        covers,
                        values,
                    })
                }
                Err(ReadError::NotMine { reason, unread }) => {
                    other(path.clone(), named, &reason).or_tell(path, unread, &sources)
                }
                Err(ReadError::Broken { errors, unread }) => {
                    let ours = named || frontend::speaks(file.text());
                    broken(path.clone(), named, errors, ours, &sources).or_tell(path, unread, &sources)
                }
            }
        }
        Detected::Broken { errors, ours, unread } => {
            if !ours {
                // It may be anything, credentials included.
                file.keep_confidential();
            }
            broken(path.clone(), named, errors, named || ours, &sources).or_tell(path, unread, &sources)
        }
        Detected::Other { reason, unread } => other(path.clone(), named, &reason).or_tell(path, unread, &sources),
    }
}

/// Reads a folder as a whole, input number `number` of a run. `None` where there is nothing to read.
#[must_use]
pub(super) fn read_folder(
    folder: &Path,
    number: u32,
    frontend: &'static dyn Frontend,
    OfSettings { deployments, values }: OfSettings,
    options: &Options,
    files: &dyn Files,
) -> Option<Read> {
    let mut sources = Sources::of_input(number);
    let path = frontend::spelled(folder);
    let given = given(options, values.as_deref(), files);
    let frontend::Read { mut template, errors, covers, .. } = frontend.read_folder(folder, &given, &mut sources)?;
    let mut notices = std::mem::take(&mut template.notices);
    let unchecked = std::mem::take(&mut template.unchecked);
    let is_unread = !unchecked.is_empty();
    notices.extend(unchecked);
    let file = sources.iter().next().cloned()?;
    let declared = declared(&mut template, given.parameters);
    Some(kept(ReadInput {
        declared,
        is_unread,
        path,
        template,
        errors,
        notices,
        file,
        sources,
        frontend,
        is_folder: true,
        nested_only: false,
        gathered: false,
        named: true,
        stacks: Vec::new(),
        told: None,
        deployments,
        covers,
        values,
    }))
}

/// What front ends are given besides a document.
pub(super) fn given<'a>(
    options: &'a Options,
    values: Option<&'a Values>,
    files: &'a dyn Files,
) -> frontend::Inputs<'a> {
    let values = values.unwrap_or(&options.values);
    frontend::Inputs {
        parameters: &values.parameters,
        assume_defaults: values.assume_defaults,
        files,
        terraform_dir: options.terraform_dir.as_deref(),
        terraform_plan: options.terraform_plan.as_deref(),
        var_files: &options.var_files,
    }
}

/// The parameters of an input, where any are given, with what is wrong with the values.
fn declared(template: &mut Template, given: &BTreeMap<String, String>) -> Vec<DeclaredRecord> {
    let declared = std::mem::take(&mut template.declared);
    if given.is_empty() {
        return Vec::new();
    }
    let record = |Declared { name, domain }: Declared| {
        let refuses = given.get(&name).and_then(|value| parameters::refusal(&domain, value));
        DeclaredRecord { name, refuses }
    };
    declared.into_iter().map(record).collect()
}

/// A template that neither has anything to judge nor anything that others could need is told of at once, and its text
/// forgotten: most of a large tree are such. That it is there counts where another one deploys it.
fn kept(mut read: ReadInput) -> Read {
    let Template { buckets, policies, outputs, nested, suppressions, incomplete, .. } = &read.template;
    let bare =
        incomplete.is_none() && buckets.is_empty() && policies.is_empty() && outputs.is_empty() && nested.is_empty();
    if !bare || !suppressions.is_empty() {
        return Read::Template(Box::new(read));
    }
    let sources = &read.sources;
    let report = FileReport {
        path: read.path.clone(),
        kind: Some(read.template.format.name()),
        errors: std::mem::take(&mut read.errors).into_iter().map(|error| located(error, sources)).collect(),
        notices: read.notices.iter().map(|notice| super::records::notice(notice, sources)).collect(),
        is_unread: read.is_unread,
        declared: std::mem::take(&mut read.declared),
        ..FileReport::default()
    };
    if !read.frontend.is_linked() {
        return Read::Done(report.in_order());
    }
    read.told = Some(Box::new(report.in_order()));
    read.notices = Vec::new();
    let template = read.take_template();
    // What it does not allow to be handed to it counts where another one deploys it.
    let bounds = template.parameters.iter().any(|one| *one.domain != Domain::default());
    if !bounds && template.assertions.is_empty() {
        read.sources = Sources::default();
        read.file = Arc::new(SourceFile::new(read.file.id(), read.file.shared_path(), ""));
    }
    Read::Template(Box::new(read))
}

/// What came of a text that is nothing to lint.
fn other(path: String, named: bool, reason: &str) -> Read {
    nothing_or(named, reason, || {
        let instead = instead(&path).map(|instead| format!("this is {instead}"));
        let message = instead
            .unwrap_or_else(|| format!("this is no CloudFormation or SAM template, and no Terraform plan: {reason}"));
        ErrorRecord::of_file(path, message)
    })
}

/// What a file is by its name, and what can be linted instead of it.
fn instead(path: &str) -> Option<&'static str> {
    frontend::instead(Path::new(path).file_name()?)
}

impl Read {
    /// Where the file was passed over, a notice of what it holds all the same.
    fn or_tell(self, path: String, unread: Option<Notice>, sources: &Sources) -> Self {
        match (self, unread) {
            (Self::PassedOver(_), Some(notice)) => {
                let notices = vec![super::records::notice(&notice, sources)];
                Self::Done(FileReport { path, notices, is_unread: true, ..FileReport::default() })
            }
            (read, _) => read,
        }
    }
}

/// What came of a text that cannot be read. `ours` says whether it should be.
fn broken(path: String, named: bool, errors: Vec<SyntaxError>, ours: bool, sources: &Sources) -> Read {
    if named && instead(&path).is_some() {
        return other(path, named, "it does not parse");
    }
    let mut errors = errors.into_iter().map(|error| located(error, sources));
    let first = errors.next();
    let rest: Vec<ErrorRecord> = errors.collect();
    let mut read = nothing_or(ours, "it does not parse, and does not speak like a template", move || {
        first.unwrap_or_else(|| ErrorRecord::of_file(path, "cannot be parsed"))
    });
    if let Read::Done(report) = &mut read {
        report.errors.extend(rest);
    }
    read
}

/// A failure where the file had to be something to lint, else passed over.
fn nothing_or(fails: bool, why: &str, error: impl FnOnce() -> ErrorRecord) -> Read {
    if fails { Read::Done(FileReport::failed(error())) } else { Read::PassedOver(why.to_owned()) }
}
