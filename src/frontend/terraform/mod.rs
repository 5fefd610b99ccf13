//! Terraform and OpenTofu: plans and states as JSON, with or without the source they were made from.

pub mod address;
mod build;
pub mod document;
mod facts;
mod folder;
mod identity;
mod index;
mod json;
mod link;
mod names;
mod origin;
pub mod plan;
mod reach;
mod rebuild;
mod recognise;
mod sensitive;
pub mod source;
mod standing;
mod view;
mod writer;

pub(crate) use folder::FOLDER;
pub(super) use json::plain as plain_json;
pub use plan::{PlanError, is_archive};
pub use recognise::Terraform;
use recognise::{PLAN, STATE};

use crate::frontend::{Files, Inputs, Read};
use crate::source::{SourceFile, Sources};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What may be read besides the plan itself.
pub struct PlanInputs<'a> {
    /// The files.
    pub files: &'a dyn Files,
    /// The folder of the root module's source; `None` where there is none to look in (standard input).
    pub source_dir: Option<PathBuf>,
    /// True where the user named the folder: then it is told when it does not fit the plan.
    pub explicit_dir: bool,
    /// The binary plan that the JSON was made from: it holds the source of all modules.
    pub binary_plan: Option<PathBuf>,
}

/// Whether bytes are a binary plan with the source that it was made from.
#[must_use]
pub fn holds_source(bytes: &[u8]) -> bool {
    is_archive(bytes) && plan::archive::snapshot(bytes).is_some()
}

/// Whether a file is part of a folder of Terraform source, by its name.
#[must_use]
pub fn is_source(path: &Path) -> bool {
    let name = path.file_name().map(OsStr::as_encoded_bytes).unwrap_or_default();
    [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|end| name.ends_with(end.as_bytes()))
}

/// Whether source may have to do with buckets: it names them, or calls modules.
#[must_use]
pub fn may_concern(text: &[u8]) -> bool {
    ["aws_s3", "awscc_s3", "module"].iter().any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
}

/// The folders that the modules of a text may come from, where their source is a relative path.
#[must_use]
pub fn called_folders(folder: &Path, text: &str) -> Vec<PathBuf> {
    folder::called_folders(folder, text)
}

/// Reads a folder of source without a plan. `None` where no source is in it.
pub fn read_folder(folder: &Path, inputs: &Inputs<'_>, var_files: &[PathBuf], sources: &mut Sources) -> Option<Read> {
    folder::read(folder, inputs, var_files, sources)
}

/// Reads a plan or a state. Files of the source are added to `sources`.
///
/// # Errors
/// Where the text is no plan, or one of a later format.
#[cfg(any(test, feature = "internals"))]
pub fn read(
    source: &Arc<SourceFile>,
    inputs: &PlanInputs<'_>,
    sources: &mut Sources,
) -> Result<crate::model::Template, PlanError> {
    read_all(source, inputs, sources).map(|read| read.template)
}

/// Reads a plan or a state, with what is wrong with it all the same.
fn read_all(source: &Arc<SourceFile>, inputs: &PlanInputs<'_>, sources: &mut Sources) -> Result<Read, PlanError> {
    let skeleton = plan::skeleton(source)?;
    source.set_headings(skeleton.headings());
    let view = view::View::new(source, &skeleton);
    let identities = identity::Identities::new(&view);
    let (configuration, notices) = origin::find(&view, inputs, sources);
    let written = configuration
        .as_ref()
        .map(|configuration| origin::Written { configuration, facts: facts::PlanFacts::new(&view, &identities) });
    let origin = written.as_ref().map(|written| written as &dyn build::Origin);
    let reaches = reach::Reaches::new(&view, &identities);
    let mut template = build::Builder { view: &view, identities: &identities, origin, reaches }.template();
    template.notices.extend(notices);
    template.suppressions = configuration.iter().flat_map(source::Configuration::suppressions).collect();
    let covers = configuration.as_ref().and(inputs.source_dir.clone());
    Ok(Read { template, errors: plan::faults(source, &skeleton), covers, unread: None })
}

#[cfg(test)]
mod tests;
