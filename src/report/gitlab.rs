//! `--format gitlab`: a Code Quality report (<https://docs.gitlab.com/ci/testing/code_quality/>). Without a severity a
//! merge request shows nothing, and findings with one fingerprint are taken for one.

use super::quiet;
use super::{Place, Report};
use crate::finding::Severity;
use serde::Serialize;
use std::collections::HashMap;
use std::io::{self, Write};

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

/// Writes the report: `[]` when nothing was found.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut seen = Seen::default();
    let mut issues = Vec::new();
    for finding in report.findings() {
        let place = report.place(finding);
        issues.push(Issue {
            description: &finding.message,
            check_name: finding.rule,
            fingerprint: seen.unique(&finding.fingerprint),
            severity: level(finding.severity),
            location: location(&place.file, place),
        });
    }
    let whole = Place::start_of("");
    for error in report.errors() {
        issues.push(Issue {
            description: &error.message,
            check_name: "error",
            fingerprint: seen.unique(&format!("error:{}:{}", error.file, error.message)),
            severity: "blocker",
            location: location(&error.file, error.place().unwrap_or(&whole)),
        });
    }
    quiet::write(&issues, 1, out)
}

fn location<'a>(path: &'a str, place: &Place) -> Location<'a> {
    let position = |at: super::Position| Position { line: at.line, column: at.column };
    Location { path, positions: Positions { begin: position(place.start), end: position(place.end) } }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Note => "info",
    }
}

/// Fingerprints that were given out.
#[derive(Default)]
struct Seen(HashMap<String, usize>);

impl Seen {
    /// The fingerprint, with a number behind it from the second time on.
    fn unique(&mut self, fingerprint: &str) -> String {
        let times = self.0.entry(fingerprint.to_owned()).or_default();
        *times += 1;
        if *times == 1 { fingerprint.to_owned() } else { format!("{fingerprint}-{times}") }
    }
}
