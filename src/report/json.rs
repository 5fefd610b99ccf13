//! `--format json`: one object, written as it goes. Its keys change only by addition.

use super::quiet::{self, Items};
use super::{BucketRecord, FindingRecord, Given, Leaning, OrphanRecord, Place, Position, Report, Summary};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes the whole report, with a line break at its end.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    quiet::write(&document(report), 2, out)
}

#[derive(serde::Serialize)]
struct Document<F, B, O, N, M, E> {
    format: u32,
    tool: Tool,
    files: F,
    buckets: B,
    orphans: O,
    findings: N,
    notices: M,
    errors: E,
    summary: Counts,
}

#[derive(serde::Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(serde::Serialize)]
struct File<'a> {
    path: &'a str,
    kind: &'static str,
}

#[derive(serde::Serialize)]
struct Bucket<'a> {
    input: &'a str,
    file: &'a str,
    address: &'a str,
    deployment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    construct: Option<&'a str>,
    verdict: &'static str,
    leaning: Option<&'static str>,
    span: Span,
    policies: Vec<Policy<'a>>,
    #[serde(skip_serializing_if = "is_none")]
    policies_omitted: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<Witness<'a>>,
    reason: &'a str,
}

#[derive(serde::Serialize)]
struct Policy<'a> {
    file: &'a str,
    address: &'a str,
    span: Span,
}

#[derive(serde::Serialize)]
struct Orphan<'a> {
    file: &'a str,
    address: &'a str,
    span: Span,
    bucket: &'a str,
    verdict: &'static str,
    leaning: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<Witness<'a>>,
    reason: &'a str,
}

#[derive(serde::Serialize)]
struct Witness<'a> {
    principal: &'a str,
    action: &'a str,
    resource: &'a str,
    #[serde(serialize_with = "context")]
    context: &'a super::Witness,
    assumptions: &'a BTreeMap<String, bool>,
    #[serde(serialize_with = "parameters")]
    parameters: &'a BTreeMap<String, Given>,
}

#[derive(serde::Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    file: &'a str,
    span: Span,
    bucket: Option<&'a str>,
    label: &'a str,
    related: Vec<Related<'a>>,
    related_omitted: usize,
    notes: &'a [String],
    help: &'a str,
    fix: Option<Fix<'a>>,
    suppressed: Option<Suppressed<'a>>,
    fingerprint: &'a str,
}

#[derive(serde::Serialize)]
struct Fix<'a> {
    safe: bool,
    edits: Vec<Edit<'a>>,
}

#[derive(serde::Serialize)]
struct Edit<'a> {
    file: &'a str,
    span: Span,
    text: &'a str,
}

#[derive(serde::Serialize)]
struct Suppressed<'a> {
    by: &'static str,
    reason: &'a str,
    file: Option<&'a str>,
    span: Option<Span>,
}

#[derive(serde::Serialize)]
struct Related<'a> {
    message: &'a str,
    file: &'a str,
    span: Span,
}

/// `span` is `null` where the file as a whole could not be read.
#[derive(serde::Serialize)]
struct Problem<'a> {
    file: &'a str,
    message: &'a str,
    span: Option<Span>,
    help: &'a str,
}

#[derive(serde::Serialize)]
struct Counts {
    files: usize,
    buckets: usize,
    enforced: usize,
    exposed: usize,
    undecided: usize,
    suppressed: usize,
    baseline: usize,
}

#[derive(serde::Serialize)]
struct Span {
    start: Point,
    end: Point,
}

#[derive(serde::Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

fn document<'a>(report: &Report<'a>) -> impl Serialize + 'a {
    let files = report.files;
    // Suppressed findings say that they are.
    let findings = Report { include_suppressed: true, ..*report }.findings();
    let Summary { files: count, buckets, suppressed, baseline, .. } = Summary::of(files);
    Document {
        format: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        files: Items(files.iter().filter_map(|file| Some(File { path: &file.path, kind: file.kind? }))),
        buckets: Items(files.iter().flat_map(|file| &file.buckets).map(bucket)),
        orphans: Items(files.iter().flat_map(|file| &file.orphans).map(orphan)),
        findings: Items(findings.into_iter().map(finding)),
        notices: Items(files.iter().flat_map(|file| &file.notices).map(|notice| Related {
            message: &notice.message,
            file: &notice.place.file,
            span: span(&notice.place),
        })),
        errors: Items(files.iter().flat_map(|file| &file.errors).map(|error| Problem {
            file: &error.file,
            message: &error.message,
            span: error.place().map(span),
            help: &error.help,
        })),
        summary: Counts {
            files: count,
            buckets: buckets.buckets(),
            enforced: buckets.enforced,
            exposed: buckets.exposed,
            undecided: buckets.undecided,
            suppressed,
            baseline,
        },
    }
}

fn bucket(bucket: &BucketRecord) -> Bucket<'_> {
    let policies = bucket.policies.iter();
    Bucket {
        input: &bucket.input,
        file: &bucket.place.file,
        address: &bucket.address,
        deployment: bucket.deployment.as_deref(),
        construct: bucket.construct.as_deref(),
        verdict: bucket.verdict.name(),
        leaning: bucket.verdict.leaning().map(Leaning::name),
        span: span(&bucket.place),
        policies: policies
            .map(|policy| Policy { file: &policy.place.file, address: &policy.address, span: span(&policy.place) })
            .collect(),
        policies_omitted: bucket.policies_omitted,
        witness: bucket.witness.as_deref().map(witness),
        reason: &bucket.reason,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the serializer asks so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

fn orphan(orphan: &OrphanRecord) -> Orphan<'_> {
    Orphan {
        file: &orphan.place.file,
        address: &orphan.address,
        span: span(&orphan.place),
        bucket: &orphan.bucket,
        verdict: orphan.verdict.name(),
        leaning: orphan.verdict.leaning().map(Leaning::name),
        witness: orphan.witness.as_deref().map(witness),
        reason: &orphan.reason,
    }
}

fn witness(witness: &super::Witness) -> Witness<'_> {
    Witness {
        principal: &witness.principal,
        action: &witness.action,
        resource: &witness.resource,
        context: witness,
        assumptions: &witness.assumptions,
        parameters: &witness.parameters,
    }
}

fn finding(finding: &FindingRecord) -> Finding<'_> {
    Finding {
        rule: finding.rule,
        severity: finding.severity.name(),
        message: &finding.message,
        file: &finding.place.file,
        span: span(&finding.place),
        bucket: finding.bucket.as_deref(),
        label: &finding.label,
        related: finding
            .related
            .iter()
            .map(|label| Related { message: &label.message, file: &label.place.file, span: span(&label.place) })
            .collect(),
        related_omitted: finding.related_omitted,
        notes: &finding.notes,
        help: &finding.help,
        fix: finding.fix.as_deref().map(|fix| Fix {
            safe: fix.safe,
            edits: fix.edits.iter().map(|(place, text)| Edit { file: &place.file, span: span(place), text }).collect(),
        }),
        suppressed: finding.suppressed.as_deref().map(|suppression| Suppressed {
            by: suppression.by,
            reason: &suppression.reason,
            file: suppression.place.as_ref().map(|place| &*place.file),
            span: suppression.place.as_ref().map(span),
        }),
        fingerprint: &finding.fingerprint,
    }
}

fn span(place: &Place) -> Span {
    let point = |Position { offset, line, column, .. }: Position| Point { line, column, offset };
    Span { start: point(place.start), end: point(place.end) }
}

/// A key with one value is written as a string, one with several as a list.
fn context<S: Serializer>(witness: &super::Witness, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(witness.context.len()))?;
    for (key, values) in &witness.context {
        match values.as_slice() {
            [value] => map.serialize_entry(key, value)?,
            values => map.serialize_entry(key, values)?,
        }
    }
    map.end()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn parameters<S: Serializer>(parameters: &&BTreeMap<String, Given>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(parameters.len()))?;
    for (name, given) in *parameters {
        match given {
            Given::Value(value) => map.serialize_entry(name, value)?,
            Given::Not(values) => map.serialize_entry(name, &BTreeMap::from([("not", values)]))?,
        }
    }
    map.end()
}
