//! `--format rdjson`: Reviewdog Diagnostic Format
//! (<https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>). Columns are counted in bytes of UTF-8, from 1.

use super::quiet::{self, Items};
use super::{FindingRecord, Place, Position, Report};
use crate::finding::Severity;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<D> {
    source: Source,
    diagnostics: D,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
}

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings = report.findings();
    let diagnostics = findings.iter().map(|finding| diagnostic(finding, report.place(finding)));
    let errors = report.errors().map(|error| Diagnostic {
        message: error.message.clone(),
        location: Location { path: &error.file, range: error.place().map(range) },
        severity: "ERROR",
        code: None,
        suggestions: Vec::new(),
        related_locations: Vec::new(),
    });
    let source = Source { name: env!("CARGO_PKG_NAME") };
    quiet::write(&Document { source, diagnostics: Items(diagnostics.chain(errors)) }, 2, out)
}

fn diagnostic<'a>(finding: &'a FindingRecord, place: &'a Place) -> Diagnostic<'a> {
    let notes = finding.notes.iter().map(String::as_str);
    let help = Some(finding.help.as_str()).filter(|help| !help.is_empty());
    let message: Vec<&str> = std::iter::once(finding.message.as_str()).chain(notes).chain(help).collect();
    let own = Related { message: &finding.label, location: location(&finding.place) };
    let related = finding.related.iter().map(|one| Related { message: &one.message, location: location(&one.place) });
    Diagnostic {
        message: message.join("\n"),
        location: location(place),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Note => "INFO",
        },
        code: Some(Code { value: finding.rule }),
        suggestions: suggestions(finding, place),
        related_locations: std::iter::once(own)
            .chain(related)
            .filter(|one| one.location.path != &*place.file || !one.message.is_empty())
            .collect(),
    }
}

/// The fix, where all of it is in the file that the diagnostic is shown in: a suggestion has no path.
fn suggestions<'a>(finding: &'a FindingRecord, place: &Place) -> Vec<Suggestion<'a>> {
    let Some(fix) = finding.fix.as_deref().filter(|fix| fix.edits.iter().all(|(at, _)| at.file == place.file)) else {
        return Vec::new();
    };
    fix.edits.iter().map(|(at, text)| Suggestion { range: range(at), text }).collect()
}

fn location(place: &Place) -> Location<'_> {
    Location { path: &place.file, range: Some(range(place)) }
}

fn range(place: &Place) -> Range {
    let point = |at: Position| Point { line: at.line, column: at.byte };
    Range { start: point(place.start), end: point(place.end) }
}
