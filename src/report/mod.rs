//! Reports: what is shown of findings and verdicts, one file per output format.
//!
//! Everything that comes from an input is untrusted here: it is escaped before it reaches a terminal or a CI system's
//! log, and only a window of a line is ever copied.

pub mod escape;
pub mod fingerprint;
pub mod human;
pub mod json;
mod quiet;
mod record;
mod summary;

pub use crate::model::{Leaning, Verdict};
pub use record::{
    Assumption, BucketRecord, ErrorRecord, Excerpt, FileReport, FindingRecord, FixRecord, Line, Mark, NoticeRecord,
    OrphanRecord, Place, PolicyRecord, Position, RelatedRecord, Shown, Spot, SuppressionRecord, Witness,
};
pub use summary::{Counts, Summary};

/// The findings of all files in the order of output: file, position, rule.
#[must_use]
pub fn in_order(files: &[FileReport]) -> Vec<&FindingRecord> {
    let mut findings: Vec<_> = files.iter().flat_map(|file| &file.findings).collect();
    findings.sort_by(|one, two| (&one.place, one.rule).cmp(&(&two.place, two.rule)));
    findings
}
