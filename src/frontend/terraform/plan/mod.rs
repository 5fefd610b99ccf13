//! The reader of `terraform show -json` and `tofu show -json` output: plans and states.
//!
//! A plan may be of a hundred megabytes on one line, and hardly anything in it concerns buckets. So it is walked
//! through once, as it streams past; only the entries of our types are kept, as places in the text, and only those
//! are ever read into a tree. See <https://developer.hashicorp.com/terraform/internals/json-format>.

mod configuration;
mod skeleton;
mod start;
mod stream;

pub(crate) use configuration::{Call, Module};
pub(crate) use skeleton::{Element, Kind, Skeleton};
pub use start::{is_archive, looks_like_plan};

use crate::source::{SourceFile, Span};
use skeleton::{RootReader, Scope, Searches};
use stream::Entries;

/// Why a text cannot be read as a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PlanError {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to do about it, as an instruction.
    pub help: String,
}

const REMAKE: &str = "make the file with `terraform show -json PLANFILE`";

/// The skeleton of a plan.
///
/// # Errors
/// Where the text is no JSON object, is nested too deeply, or is of a later major version of the format.
pub(crate) fn skeleton(source: &SourceFile) -> Result<Skeleton, PlanError> {
    let (text, file) = (source.text(), source.id());
    let start = start::json_start(text).ok_or_else(|| no_json(source))?;
    let json = text.get(start..).unwrap_or("");
    let mut out = Skeleton::default();
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let mut reader = RootReader { scope: Scope { text, file }, searches: &Searches::new(), out: &mut out };
    let walked = serde::de::DeserializeSeed::deserialize(Entries(&mut reader), &mut deserializer);
    walked.map_err(|error| PlanError {
        message: format!("the plan cannot be read: {}", without_place(&error)),
        span: Span::at(file, start + offset(json, &error)),
        help: REMAKE.to_owned(),
    })?;
    known_version(&out, Span::at(file, start))?;
    Ok(out)
}

fn no_json(source: &SourceFile) -> PlanError {
    let binary = is_archive(source.text().as_bytes());
    PlanError {
        message: if binary { "this is a binary plan, not its JSON" } else { "no JSON object is in this file" }
            .to_owned(),
        span: Span::at(source.id(), 0),
        help: if binary { "run `terraform show -json PLANFILE` and check its output" } else { REMAKE }.to_owned(),
    }
}

/// Every minor version of 0 and 1 is known: HashiCorp adds to the format without a new major version.
fn known_version(skeleton: &Skeleton, span: Span) -> Result<(), PlanError> {
    let Some(version) = &skeleton.format_version else {
        return Err(PlanError {
            message: "no `format_version` is in this file".to_owned(),
            span,
            help: REMAKE.to_owned(),
        });
    };
    match version.split('.').next() {
        Some("0" | "1") => Ok(()),
        _ => Err(PlanError {
            message: format!("the plan's format version `{version}` is not known"),
            span,
            help: "use a later release of bucketlint, or an earlier one of Terraform".to_owned(),
        }),
    }
}

/// The byte at which an error stands: `serde_json` counts lines from 1, and columns in bytes.
fn offset(json: &str, error: &serde_json::Error) -> usize {
    let before = match error.line().checked_sub(2) {
        None => 0,
        Some(nth) => memchr::memchr_iter(b'\n', json.as_bytes()).nth(nth).map_or(0, |at| at + 1),
    };
    let mut at = (before + error.column().saturating_sub(1)).min(json.len());
    while !json.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The message of an error without the line and column, which the span tells.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}
