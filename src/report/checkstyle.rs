//! `--format checkstyle`: the XML of the Java tool Checkstyle, which many CI systems read.

use super::markup::attribute;
use super::{FindingRecord, Place, Report, TOOL};
use crate::finding::Severity;
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {TOOL} -->\n<checkstyle version=\"10.0\">")?;
    let mut file: Option<&str> = None;
    for finding in report.findings() {
        let place = report.place(finding);
        open(&mut file, &place.file, out)?;
        entry(place, level(finding.severity), &message(finding), finding.rule, out)?;
    }
    if file.is_some() {
        writeln!(out, "  </file>")?;
    }
    for error in report.errors() {
        writeln!(out, "  <file name=\"{}\">", attribute(&error.file))?;
        let whole = Place::start_of("");
        entry(error.place().unwrap_or(&whole), "error", &error.message, "error", out)?;
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

/// Starts the part of a file, unless it is the one that was started last.
fn open<'a>(current: &mut Option<&'a str>, file: &'a str, out: &mut dyn Write) -> io::Result<()> {
    if *current == Some(file) {
        return Ok(());
    }
    if current.is_some() {
        writeln!(out, "  </file>")?;
    }
    *current = Some(file);
    writeln!(out, "  <file name=\"{}\">", attribute(file))
}

fn entry(place: &Place, severity: &str, message: &str, source: &str, out: &mut dyn Write) -> io::Result<()> {
    let (line, column, message) = (place.start.line, place.start.column, attribute(message));
    let source = format!("{}.{source}", env!("CARGO_PKG_NAME"));
    writeln!(
        out,
        "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"{source}\"/>"
    )
}

fn message(finding: &FindingRecord) -> String {
    match finding.help.lines().next() {
        Some(help) => format!("{}; {}", finding.message, help.trim_end_matches(':')),
        None => finding.message.clone(),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    }
}
