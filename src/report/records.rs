//! What a linted file comes to: records whose places are resolved, so that no source text has to be kept.

use super::fingerprint::fingerprint;
use super::human;
use super::summary::Counts;
use crate::finding::{Finding, Label, Severity};
use crate::source::{LineColumn, SourceFile, Sources, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A position, resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Byte offset, from 0.
    pub offset: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
}

/// A range in a file, resolved; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's path as shown. Untrusted.
    pub file: Arc<str>,
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

impl Place {
    /// Resolves a span. A span of no known file (which no layer makes) gives the start of a file without name.
    #[must_use]
    pub fn of(sources: &Sources, span: Span) -> Self {
        let Some(file) = sources.get(span.file) else {
            let start = Position { offset: 0, line: 1, column: 1 };
            return Self { file: "".into(), start, end: start };
        };
        let at = |offset| position(file, offset);
        Self { file: file.shared_path(), start: at(span.start), end: at(span.end) }
    }
}

fn position(file: &SourceFile, offset: u32) -> Position {
    let LineColumn { line, column } = file.position(offset);
    Position { offset, line, column }
}

/// The verdict on a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Every insecure request is denied.
    Enforced,
    /// An insecure request is denied by nothing.
    Exposed,
    /// The input does not say enough; it leans to one of the other two, or to neither.
    Undecided(Option<Leaning>),
}

/// Where an undecided verdict points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Leaning {
    /// To enforced.
    Enforced,
    /// To exposed.
    Exposed,
}

/// A bucket and its verdict.
#[derive(Clone, Debug)]
pub struct BucketRecord {
    /// The file that was linted.
    pub input: String,
    /// Where a person would change the bucket.
    pub place: Place,
    /// The logical id, or the full instance address in a plan.
    pub address: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The policies that were held against it.
    pub policies: Vec<PolicyRecord>,
    /// The request that gets through, for `exposed`.
    pub witness: Option<Witness>,
    /// Why, in one clause without full stop.
    pub reason: String,
    /// The statements that deny, for `enforced`.
    pub enforced_by: Vec<Place>,
}

/// A bucket policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyRecord {
    /// Where a person would change it.
    pub place: Place,
    /// The logical id, or the full instance address in a plan.
    pub address: String,
}

/// A concrete insecure request that no statement denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// `*` for anonymous, else an ARN, account id or service name.
    pub principal: String,
    /// The action as AWS writes it.
    pub action: String,
    /// A full ARN.
    pub resource: String,
    /// Condition keys and their values, in order.
    pub context: Vec<(String, Vec<String>)>,
    /// Under which conditions and parameter values it holds.
    pub assumptions: BTreeMap<String, Assumption>,
}

/// What a witness takes for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assumption {
    /// A condition holds, or does not.
    Condition(bool),
    /// A parameter has this value.
    Value(String),
}

/// A related place of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedRecord {
    /// What is to be said of it.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// A finding.
#[derive(Clone, Debug)]
pub struct FindingRecord {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// Where a person would change it.
    pub place: Place,
    /// The bucket's address, or the policy's for an orphan.
    pub bucket: String,
    /// Places that explain it; none where `rendered` tells of them.
    pub related: Vec<RelatedRecord>,
    /// What to write instead; empty for nothing, and where `rendered` tells of it.
    pub help: String,
    /// Names the finding stably; complete once it is in a [`FileReport`].
    pub fingerprint: String,
    /// The finding as people read it; empty where no excerpts were asked for.
    pub rendered: String,
    text: String,
}

impl FindingRecord {
    /// Resolves the places of a finding, and renders it with excerpts of its files where `excerpts` says how.
    #[must_use]
    pub fn new(finding: &Finding, sources: &Sources, excerpts: Option<human::Style>) -> Self {
        let primary = finding.primary.span;
        let text: String = sources.get(primary.file).map_or("", |file| file.slice(primary)).chars().take(512).collect();
        let mut record = Self {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message.clone(),
            place: Place::of(sources, primary),
            bucket: finding.bucket.clone(),
            related: Vec::new(),
            help: String::new(),
            fingerprint: fingerprint(finding.rule, &finding.bucket, &text, 0),
            rendered: String::new(),
            text,
        };
        // A run may have tens of thousands of findings: what is told once is not kept twice.
        if let Some(style) = excerpts {
            record.rendered = human::finding(finding, sources, style);
        } else {
            record.help.clone_from(&finding.help);
            let related =
                |label: &Label| RelatedRecord { message: label.message.clone(), place: Place::of(sources, label.span) };
            record.related = finding.related.iter().map(related).collect();
        }
        record
    }

    /// The order of output: file, position, rule, bucket, message.
    fn key(&self) -> (&Place, &str, &str, &str) {
        (&self.place, self.rule, &self.bucket, &self.message)
    }
}

/// Something that kept a file, or a part of it, from being linted.
#[derive(Clone, Debug)]
pub struct ErrorRecord {
    /// The file's path as shown. Untrusted.
    pub file: String,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where, unless the file as a whole could not be read.
    pub place: Option<Place>,
    /// The error as people read it.
    pub rendered: String,
}

impl ErrorRecord {
    /// An error at a place.
    #[must_use]
    pub fn at(message: impl Into<String>, span: Span, sources: &Sources, excerpts: Option<human::Style>) -> Self {
        let message = message.into();
        let place = Place::of(sources, span);
        let rendered = excerpts.map(|style| human::error(&message, span, sources, style)).unwrap_or_default();
        Self { file: place.file.to_string(), message, place: Some(place), rendered }
    }

    /// An error of a file as a whole.
    #[must_use]
    pub fn of_file(file: impl Into<String>, message: impl Into<String>, excerpts: Option<human::Style>) -> Self {
        let (file, message) = (file.into(), message.into());
        let rendered = excerpts.map(|style| human::file_error(&file, &message, style)).unwrap_or_default();
        Self { file, message, place: None, rendered }
    }

    fn key(&self) -> (&str, Option<&Place>, &str) {
        (&self.file, self.place.as_ref(), &self.message)
    }
}

/// Everything that linting one file came to.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// The file's path as shown. Untrusted.
    pub path: String,
    /// The kind of input (`cloudformation`, …); `None` where it was not recognised for its errors.
    pub kind: Option<&'static str>,
    /// Its buckets, in order; none once they are forgotten.
    pub buckets: Vec<BucketRecord>,
    /// How many buckets it has, by verdict.
    pub counts: Counts,
    /// Its findings, in order.
    pub findings: Vec<FindingRecord>,
    /// Its errors, in order.
    pub errors: Vec<ErrorRecord>,
    /// What else was noticed in it, in order; told with `--verbose`.
    pub notices: Vec<RelatedRecord>,
    /// How many findings settings switch off.
    pub ignored: usize,
}

impl FileReport {
    /// Puts records in order, and tells findings with equal fingerprints apart.
    #[must_use]
    pub fn new(
        path: impl Into<String>,
        kind: Option<&'static str>,
        mut buckets: Vec<BucketRecord>,
        mut findings: Vec<FindingRecord>,
        mut errors: Vec<ErrorRecord>,
    ) -> Self {
        buckets.sort_by(|one, two| (&one.place, &one.address).cmp(&(&two.place, &two.address)));
        findings.sort_by(|one, two| one.key().cmp(&two.key()));
        errors.sort_by(|one, two| one.key().cmp(&two.key()));
        buckets.shrink_to_fit();
        for bucket in &mut buckets {
            bucket.reason.shrink_to_fit();
        }
        let counts = Counts::of(&buckets);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for finding in &mut findings {
            let repeat = seen.entry(finding.fingerprint.clone()).or_default();
            finding.fingerprint = fingerprint(finding.rule, &finding.bucket, &finding.text, *repeat);
            *repeat += 1;
            finding.text = String::new();
            finding.message.shrink_to_fit();
            finding.help.shrink_to_fit();
            finding.rendered.shrink_to_fit();
        }
        Self { path: path.into(), kind, buckets, counts, findings, errors, notices: Vec::new(), ignored: 0 }
    }

    /// Drops the buckets, which are still counted: a report for people tells of findings only, and a tree may have
    /// tens of thousands of buckets.
    pub fn forget_buckets(&mut self) {
        self.buckets = Vec::new();
    }

    /// A file that could not be linted at all.
    #[must_use]
    pub fn failed(error: ErrorRecord) -> Self {
        Self {
            path: error.file.clone(),
            kind: None,
            buckets: Vec::new(),
            counts: Counts::default(),
            findings: Vec::new(),
            errors: vec![error],
            notices: Vec::new(),
            ignored: 0,
        }
    }
}
