//! `--format json`: one object, written as it goes. Its keys change only by addition.

use super::escape::{is_hidden, starts_logging_command};
use super::{Assumption, FileReport, FindingRecord, Leaning, Place, Position, Summary, Verdict, in_order};
use crate::finding::Severity;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter};
use std::io::{self, Write};

/// Writes the whole report, with a line break at its end.
///
/// # Errors
/// Where `out` cannot be written.
pub fn write(files: &[FileReport], out: &mut dyn Write) -> io::Result<()> {
    let formatter = Quiet(PrettyFormatter::new());
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    document(files).serialize(&mut serializer)?;
    out.write_all(b"\n")
}

#[derive(serde::Serialize)]
struct Document<F, B, N, E> {
    format: u32,
    tool: Tool,
    files: F,
    buckets: B,
    findings: N,
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
    verdict: &'static str,
    leaning: Option<&'static str>,
    span: Span,
    policies: Vec<Policy<'a>>,
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
struct Witness<'a> {
    principal: &'a str,
    action: &'a str,
    resource: &'a str,
    #[serde(serialize_with = "context")]
    context: &'a super::Witness,
    #[serde(serialize_with = "assumptions")]
    assumptions: &'a super::Witness,
}

#[derive(serde::Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    file: &'a str,
    span: Span,
    bucket: &'a str,
    related: Vec<Related<'a>>,
    help: &'a str,
    fingerprint: &'a str,
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
}

#[derive(serde::Serialize)]
struct Counts {
    files: usize,
    buckets: usize,
    enforced: usize,
    exposed: usize,
    undecided: usize,
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

/// A list that is written item by item.
struct Items<I>(I);

impl<I: Iterator + Clone> Serialize for Items<I>
where
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

fn document(files: &[FileReport]) -> impl Serialize {
    let Summary { files: count, buckets, .. } = Summary::of(files);
    Document {
        format: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        files: Items(files.iter().filter_map(|file| Some(File { path: &file.path, kind: file.kind? }))),
        buckets: Items(files.iter().flat_map(|file| &file.buckets).map(bucket)),
        findings: Items(in_order(files).into_iter().map(finding)),
        errors: Items(files.iter().flat_map(|file| &file.errors).map(|error| Problem {
            file: &error.file,
            message: &error.message,
            span: error.place.as_ref().map(span),
        })),
        summary: Counts {
            files: count,
            buckets: buckets.buckets(),
            enforced: buckets.enforced,
            exposed: buckets.exposed,
            undecided: buckets.undecided,
        },
    }
}

fn bucket(bucket: &super::BucketRecord) -> Bucket<'_> {
    let (verdict, leaning) = match bucket.verdict {
        Verdict::Enforced => ("enforced", None),
        Verdict::Exposed => ("exposed", None),
        Verdict::Undecided(leaning) => ("undecided", leaning),
    };
    Bucket {
        input: &bucket.input,
        file: &bucket.place.file,
        address: &bucket.address,
        verdict,
        leaning: leaning.map(|leaning| match leaning {
            Leaning::Enforced => "enforced",
            Leaning::Exposed => "exposed",
        }),
        span: span(&bucket.place),
        policies: bucket
            .policies
            .iter()
            .map(|policy| Policy { file: &policy.place.file, address: &policy.address, span: span(&policy.place) })
            .collect(),
        witness: bucket.witness.as_ref().map(|witness| Witness {
            principal: &witness.principal,
            action: &witness.action,
            resource: &witness.resource,
            context: witness,
            assumptions: witness,
        }),
        reason: &bucket.reason,
    }
}

fn finding(finding: &FindingRecord) -> Finding<'_> {
    Finding {
        rule: finding.rule,
        severity: severity(finding.severity),
        message: &finding.message,
        file: &finding.place.file,
        span: span(&finding.place),
        bucket: &finding.bucket,
        related: finding
            .related
            .iter()
            .map(|label| Related { message: &label.message, file: &label.place.file, span: span(&label.place) })
            .collect(),
        help: &finding.help,
        fingerprint: &finding.fingerprint,
    }
}

/// How a severity is written, here and everywhere else.
#[must_use]
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn span(place: &Place) -> Span {
    let point = |Position { offset, line, column }: Position| Point { line, column, offset };
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

fn assumptions<S: Serializer>(witness: &super::Witness, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(witness.assumptions.len()))?;
    for (name, assumption) in &witness.assumptions {
        match assumption {
            Assumption::Condition(holds) => map.serialize_entry(name, holds)?,
            Assumption::Value(value) => map.serialize_entry(name, value)?,
        }
    }
    map.end()
}

/// Pretty JSON in which no character is hidden and no text is a command of a CI system: such characters are written
/// as `\u…`, which readers take for the same text.
struct Quiet(PrettyFormatter<'static>);

impl Formatter for Quiet {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, character) in text.char_indices() {
            let before = text.get(..at).unwrap_or("");
            let rest = text.get(at..).unwrap_or("");
            let command = character == '#' && before.ends_with('#') && starts_logging_command(rest);
            if !command && !is_hidden(character) {
                continue;
            }
            out.write_all(text.get(plain..at).unwrap_or("").as_bytes())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            plain = at + character.len_utf8();
        }
        out.write_all(text.get(plain..).unwrap_or("").as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(out, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}
