//! Findings, notices and errors, whole: whatever a report shows of them is here.

use super::excerpt::{Cutter, Excerpt, Shown, Spot};
use super::place::Place;
use crate::finding::{Finding, Label, Role, Severity};
use crate::source::{Sources, Span};
use std::sync::Arc;

/// More related places than this are counted only.
const MAX_RELATED: usize = 10;

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRecord {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without full stop.
    pub message: String,
    /// Where a person would change it.
    pub place: Place,
    /// What its place shows of the file.
    pub shown: Shown,
    /// What is to be said of its place, in one clause.
    pub label: String,
    /// The bucket's address, or the policy's for an orphan; `None` where it is about a whole file.
    pub bucket: Option<String>,
    /// What deploys it there, where a bucket is judged in several places.
    pub deployment: Option<String>,
    /// Places that explain it, in order of importance.
    pub related: Vec<RelatedRecord>,
    /// How many more there are.
    pub related_omitted: usize,
    /// Facts without a place.
    pub notes: Vec<String>,
    /// What to write instead; empty for nothing.
    pub help: String,
    /// The lines that it may show.
    pub excerpt: Excerpt,
    /// The edit that mends it, tried and found good.
    pub fix: Option<Box<FixRecord>>,
    /// Who mutes it, and why.
    pub suppressed: Option<Box<SuppressionRecord>>,
    /// What it is because of, as fingerprints have it: the witness's action and whether it is on the bucket or on an
    /// object, else the text of the element at fault; empty where that may be a secret. Complete, like the
    /// fingerprint, once the finding is in a [`FileReport`](super::FileReport).
    pub because: String,
    /// Names the finding stably.
    pub fingerprint: String,
}

/// A bucket of a file, and what deploys it there: findings are told of it in that place only.
pub type Subject<'a> = (&'a str, Option<&'a str>);

/// What tells a finding apart from others of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingKey {
    place: Place,
    rule: &'static str,
    bucket: Option<String>,
    message: String,
}

impl FindingKey {
    /// That of a finding.
    #[must_use]
    pub fn of(finding: &Finding, sources: &Sources) -> Self {
        Self {
            place: Place::of(sources, finding.primary.span),
            rule: finding.rule,
            bucket: bucket(finding),
            message: finding.message.clone(),
        }
    }
}

/// A related place of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedRecord {
    /// What is to be said of it.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What it shows of the file.
    pub shown: Shown,
    /// What it is to the finding.
    pub role: Role,
}

/// An edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixRecord {
    /// Whether it changes nothing but what the finding is about.
    pub safe: bool,
    /// The places and the text that goes there.
    pub edits: Vec<(Place, String)>,
    /// The texts of the files that they are made in, told by [`text_id`](crate::source::text_id): whoever makes them sees
    /// whether a file is still the same.
    pub texts: Vec<(Arc<str>, u64)>,
}

/// What mutes a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuppressionRecord {
    /// Who: `comment`, `metadata`, `settings`, `guarded-by`, `baseline`, `construct`, or the tool honoured.
    pub by: &'static str,
    /// Why, in the user's words.
    pub reason: String,
    /// Where it says so.
    pub place: Option<Place>,
}

/// A fact about the input that is no finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeRecord {
    /// Where; the file's start where it is about the file as a whole.
    pub place: Place,
    /// What, as a sentence without full stop.
    pub message: String,
}

/// Something that kept a file, or a part of it, from being linted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRecord {
    /// The file's path as shown. Untrusted.
    pub file: String,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where, unless the file as a whole could not be read.
    pub spot: Option<Box<Spot>>,
    /// What to do about it; empty for nothing.
    pub help: String,
    /// The lines that it may show.
    pub excerpt: Excerpt,
}

impl FindingRecord {
    /// Resolves the places of a finding, and cuts out what they show of their files.
    #[must_use]
    pub fn new(finding: &Finding, sources: &Sources) -> Self {
        let primary = finding.primary.span;
        let mut cutter = Cutter::new(sources);
        let Spot { place, shown } = cutter.spot(primary);
        let mut related = |label: &Label| {
            let Spot { place, shown } = cutter.spot(label.span);
            RelatedRecord { message: label.message.clone(), place, shown, role: label.role }
        };
        let related: Vec<_> = finding.related.iter().take(MAX_RELATED).map(&mut related).collect();
        Self {
            rule: finding.rule,
            severity: finding.severity,
            message: finding.message.clone(),
            place,
            shown,
            label: finding.primary.message.clone(),
            bucket: bucket(finding),
            deployment: None,
            related_omitted: finding.related.len() - related.len(),
            related,
            notes: finding.notes.clone(),
            help: finding.help.clone(),
            excerpt: cutter.finish(),
            fix: None,
            suppressed: None,
            because: element(finding, sources),
            fingerprint: String::new(),
        }
    }

    /// Where the element to change stands: a near miss, what is not known. The finding's own place where there is
    /// none.
    #[must_use]
    pub fn cause(&self) -> &Place {
        self.related.iter().find(|one| one.role == Role::Cause).map_or(&self.place, |one| &one.place)
    }

    /// What tells it apart.
    #[must_use]
    pub fn identity(&self) -> FindingKey {
        let Self { place, rule, bucket, message, .. } = self;
        FindingKey { place: place.clone(), rule, bucket: bucket.clone(), message: message.clone() }
    }

    /// What it is about: see [`BucketRecord::subject`](super::BucketRecord::subject). Empty for a whole file.
    #[must_use]
    pub fn subject(&self) -> Subject<'_> {
        (self.bucket.as_deref().unwrap_or(""), self.deployment.as_deref())
    }

    /// The order of output: file, position, rule, bucket, message.
    pub(super) fn key(&self) -> (&Place, &str, &Option<String>, &str) {
        (&self.place, self.rule, &self.bucket, &self.message)
    }
}

/// What a finding is about, unless that is a whole file.
fn bucket(finding: &Finding) -> Option<String> {
    Some(finding.bucket.clone()).filter(|bucket| !bucket.is_empty())
}

/// The text of the element at fault without its white space. Of a file that holds secrets, nothing.
fn element(finding: &Finding, sources: &Sources) -> String {
    /// Enough to tell two statements apart.
    const LONGEST: usize = 64;
    let cause =
        finding.related.iter().find(|label| label.role == Role::Cause).map_or(finding.primary.span, |it| it.span);
    let file = sources.get(cause.file).filter(|file| !file.is_confidential());
    let text = file.map_or("", |file| file.slice(cause));
    text.chars().filter(|character| !character.is_whitespace()).take(LONGEST).collect()
}

impl NoticeRecord {
    /// A notice at a place.
    #[must_use]
    pub fn new(message: impl Into<String>, span: Span, sources: &Sources) -> Self {
        Self { place: Place::of(sources, span), message: message.into() }
    }

    /// A notice about a file as a whole.
    #[must_use]
    pub fn of_file(file: impl Into<Arc<str>>, message: impl Into<String>) -> Self {
        Self { place: Place::start_of(file), message: message.into() }
    }
}

impl ErrorRecord {
    /// An error at a place.
    #[must_use]
    pub fn at(message: impl Into<String>, span: Span, sources: &Sources) -> Self {
        let mut cutter = Cutter::new(sources);
        let spot = cutter.spot(span);
        Self {
            file: spot.place.file.to_string(),
            message: message.into(),
            spot: Some(Box::new(spot)),
            help: String::new(),
            excerpt: cutter.finish(),
        }
    }

    /// An error of a file as a whole.
    #[must_use]
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        let (file, message) = (file.into(), message.into());
        Self { file, message, spot: None, help: String::new(), excerpt: Excerpt::default() }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub(crate) fn with_help(self, help: impl Into<String>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// Where it is, unless it is about the file as a whole.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        self.spot.as_ref().map(|spot| &spot.place)
    }

    pub(super) fn key(&self) -> (&str, Option<&Place>, &str) {
        (&self.file, self.place(), &self.message)
    }
}
