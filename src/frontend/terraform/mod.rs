//! Terraform and OpenTofu: plans and states as JSON, with or without the source they were made from.

pub mod address;
mod bucket_settings;
mod deferred;
pub mod document;
mod folder;
mod json;
mod names;
pub mod plan;
mod planned;
mod recognise;
pub mod source;
mod stacks;
mod writer;

pub(super) use json::plain as plain_json;
pub use plan::{PlanError, is_archive};
use planned::{build, facts, identity, origin};
pub use recognise::Terraform;
use recognise::{PLAN, STATE};

use crate::frontend::{Files, Read};
use crate::source::{SourceFile, Sources};
use std::path::PathBuf;
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
pub(crate) fn holds_source(bytes: &[u8]) -> bool {
    is_archive(bytes) && plan::archive::snapshot(bytes).is_some()
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
    let view = plan::view::View::new(source, &skeleton);
    let identities = identity::Identities::new(&view);
    let (configuration, notices) = origin::find(&view, inputs, sources);
    let written = configuration
        .as_ref()
        .map(|configuration| origin::Written { configuration, facts: facts::PlanFacts::new(&view, &identities) });
    let origin = written.as_ref().map(|written| written as &dyn build::Origin);
    let reaches = deferred::reach::Reaches::new(&view, &identities);
    let mut template = build::Builder { view: &view, identities: &identities, origin, reaches }.template();
    template.notices.extend(notices);
    template.suppressions = configuration.iter().flat_map(source::Configuration::suppressions).collect();
    let covers = configuration.as_ref().and(inputs.source_dir.clone());
    let errors = plan::faults(source, &skeleton).into_iter().chain(view.fault()).collect();
    Ok(Read { template, errors, covers, unread: None })
}

#[cfg(test)]
mod tests;
