//! Reports: what is shown of findings and verdicts, one file per output format, all of the same [records](FileReport).
//!
//! Everything that comes from an input is untrusted here: it is escaped before it reaches a terminal, a CI system's
//! log, or a reader of markup, and only a window of a line is ever copied.

mod checkstyle;
mod concise;
mod dot;
pub mod escape;
pub mod fingerprint;
mod github;
mod gitlab;
mod graph;
mod html;
pub mod human;
mod json;
mod junit;
mod markdown;
mod markup;
mod mermaid;
mod quiet;
mod rdjson;
mod record;
mod sarif;
mod summary;

pub use crate::model::{Leaning, Verdict};
pub use record::{
    BucketRecord, DeclaredRecord, ErrorRecord, Excerpt, FileReport, FindingKey, FindingRecord, FixRecord, Given, Line,
    Mark, NoticeRecord, OrphanRecord, Place, PolicyRecord, Position, RelatedRecord, Shown, Spot, Subject,
    SuppressionRecord, Witness, renamed,
};
pub(crate) use sarif::descriptor;
pub(crate) use summary::counted;
pub use summary::{Counts, Summary};

use crate::model::Date;
use std::io::{self, Write};

/// What a report is made of, and how.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What linting came to, in the order of paths.
    pub files: &'a [FileReport],
    /// Whether findings that are muted are shown. JSON tells of them in any case.
    pub include_suppressed: bool,
    /// Where findings are shown; `None` for the format's own choice.
    pub at: Option<At>,
    /// For people: colours and width.
    pub style: human::Style,
    /// For people: whether each finding is shown whole, though others of its rule say the same.
    pub whole: bool,
    /// The day of the run.
    pub now: Date,
}

/// Where a finding is shown.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// At the bucket.
    Bucket,
    /// At the element to change.
    Cause,
}

/// A format that reports are written in.
#[derive(Debug)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub about: &'static str,
    /// Whether it tells of buckets, not of findings only.
    pub tells_buckets: bool,
    /// For which findings it shows what to write: for those edits are made and tried.
    pub fixes: Fixes,
    /// Where it shows findings, unless that is asked for.
    at: At,
    /// Whether its readers stand at the root of the repository, and not where the run did.
    pub is_rooted: bool,
    write: fn(&Report<'_>, &mut dyn Write) -> io::Result<()>,
}

/// For which findings edits are made and tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fixes {
    /// None.
    None,
    /// Those that are shown to people in more than a line.
    Shown,
    /// All.
    All,
}

const fn format(
    name: &'static str,
    about: &'static str,
    write: fn(&Report<'_>, &mut dyn Write) -> io::Result<()>,
) -> Format {
    Format { name, about, tells_buckets: true, fixes: Fixes::All, at: At::Bucket, is_rooted: false, write }
}

/// All formats, the default first.
pub static FORMATS: [Format; 13] = [
    Format {
        tells_buckets: false,
        fixes: Fixes::Shown,
        ..format("human", "excerpts with labels and advice", human::write)
    },
    Format { tells_buckets: false, fixes: Fixes::None, ..format("concise", "one line a finding", concise::write) },
    format("json", "one object with everything, for programs", json::write),
    Format { tells_buckets: false, is_rooted: true, ..format("sarif", "SARIF 2.1.0, for code scanning", sarif::write) },
    Format { at: At::Cause, is_rooted: true, ..format("github", "annotations of a GitHub Actions job", github::write) },
    Format {
        tells_buckets: false,
        fixes: Fixes::None,
        is_rooted: true,
        ..format("gitlab", "a GitLab Code Quality report", gitlab::write)
    },
    format("junit", "JUnit XML, a test case for each bucket", junit::write),
    Format { tells_buckets: false, is_rooted: true, ..format("checkstyle", "Checkstyle XML", checkstyle::write) },
    Format { tells_buckets: false, at: At::Cause, is_rooted: true, ..format("rdjson", "for reviewdog", rdjson::write) },
    Format { is_rooted: true, ..format("markdown", "a summary for a job or a comment", markdown::write) },
    Format {
        fixes: Fixes::None,
        ..format("mermaid", "a picture of policies and buckets, for Mermaid", mermaid::write)
    },
    Format { fixes: Fixes::None, ..format("dot", "the same, for Graphviz", dot::write) },
    format("html", "one page for people without a terminal", html::write),
];

impl Format {
    /// The one that is written unless another is asked for.
    #[must_use]
    pub(crate) fn default_one() -> &'static Self {
        static FIRST: &Format = &FORMATS[0];
        FIRST
    }

    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// Writes a report.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        (self.write)(&Report { at: Some(report.at.unwrap_or(self.at)), ..*report }, out)
    }
}

impl<'a> Report<'a> {
    /// The findings to show, in the order of output: file, position, rule.
    #[must_use]
    pub fn findings(&self) -> Vec<&'a FindingRecord> {
        let all = self.files.iter().flat_map(|file| &file.findings);
        let mut findings: Vec<_> = all.filter(|finding| self.shows(finding)).collect();
        findings.sort_by(|one, two| (self.place(one), one.rule).cmp(&(self.place(two), two.rule)));
        findings
    }

    /// The same, the worst first: for readers who may stop before the end.
    #[must_use]
    pub(crate) fn worst_first(&self) -> Vec<&'a FindingRecord> {
        let mut findings = self.findings();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }

    /// Whether a finding is to be shown.
    #[must_use]
    pub fn shows(&self, finding: &FindingRecord) -> bool {
        self.include_suppressed || finding.suppressed.is_none()
    }

    /// Where a finding is shown.
    fn place<'f>(&self, finding: &'f FindingRecord) -> &'f Place {
        match self.at {
            Some(At::Cause) => finding.cause(),
            Some(At::Bucket) | None => &finding.place,
        }
    }

    fn errors(&self) -> impl Iterator<Item = &'a ErrorRecord> + Clone + use<'a> {
        self.files.iter().flat_map(|file| &file.errors)
    }

    fn buckets(&self) -> impl Iterator<Item = &'a BucketRecord> + use<'a> {
        self.files.iter().flat_map(|file| &file.buckets)
    }
}

/// The name and version of the program, as several formats have it.
const TOOL: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
