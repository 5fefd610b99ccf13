//! `--format github`: workflow commands, which GitHub Actions shows as annotations
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>). Of each level it keeps ten a
//! step, and drops the others in silence: so the worst come first, and a last line says how many there are.

use super::summary::counted;
use super::{ErrorRecord, FindingRecord, Place, Report, escape};
use crate::finding::Severity;
use std::io::{self, Write};

/// The most annotations of one level that GitHub shows of a step.
const SHOWN: usize = 10;
/// How many bytes of a text go into an annotation.
const LONGEST: usize = 2000;

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for error in report.errors() {
        let (at, message) = of_error(error);
        command("error", error.place(), &error.file, "bucketlint", &format!("{at}: {message}"), out)?;
    }
    let findings = report.worst_first();
    for finding in &findings {
        let place = report.place(finding);
        let title = format!("bucketlint: {}", finding.rule);
        command(level(finding.severity), Some(place), &place.file, &title, &text(finding, place), out)?;
    }
    writeln!(out, "{}", conclusion(&findings))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

fn of_error(error: &ErrorRecord) -> (String, &str) {
    let at = error.place().map_or_else(|| error.file.clone(), |place| format!("{}:{}", place.file, place.start.line));
    (at, &error.message)
}

/// File and line stand in the message too: not every view shows those of the annotation.
fn text(finding: &FindingRecord, place: &Place) -> String {
    let mut text = format!("{}:{}: {}", escape::line(&place.file), place.start.line, escape::line(&finding.message));
    for note in &finding.notes {
        text.push('\n');
        text.push_str(&escape::line(note));
    }
    if !finding.help.is_empty() {
        text.push_str("\nhelp: ");
        text.push_str(&finding.help);
    }
    text
}

fn command(
    level: &str,
    place: Option<&Place>,
    file: &str,
    title: &str,
    text: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "::{level} file={},", property(file))?;
    if let Some(Place { start, end, .. }) = place {
        write!(out, "line={},endLine={},", start.line, end.line)?;
        // Columns of a range over several lines are not taken.
        if start.line == end.line {
            write!(out, "col={},endColumn={},", start.column, end.column)?;
        }
    }
    writeln!(out, "title={}::{}", property(title), data(text))
}

/// The old `##[…]` commands are looked for anywhere in a line, so that these are broken up; and nothing is hidden.
fn data(text: &str) -> String {
    let text = escape::clip(&escape::lines(text), LONGEST);
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn conclusion(findings: &[&FindingRecord]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let levels = [Severity::Error, Severity::Warning, Severity::Note];
    let each = levels.map(|severity| (count(severity), severity.name()));
    let met: Vec<_> = each.iter().filter(|(count, _)| *count > 0).map(|(count, name)| counted(*count, name)).collect();
    let rest = if each.iter().any(|(count, _)| *count > SHOWN) {
        format!("; GitHub shows {SHOWN} annotations of a kind for each step, and the log has all")
    } else {
        String::new()
    };
    let of = if met.is_empty() { String::new() } else { format!(" ({})", met.join(", ")) };
    format!("bucketlint: {}{of}{rest}", counted(findings.len(), "finding"))
}
