//! `--format concise`: one line a finding, `file:line:column: severity[rule] message`, for editors, problem matchers
//! and `grep`.

use super::{Report, escape};
use std::io::{self, Write};

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings() {
        let place = report.place(finding);
        let (file, message) = (escape::line(&place.file), escape::line(&finding.message));
        let (line, column) = (place.start.line, place.start.column);
        writeln!(out, "{file}:{line}:{column}: {}[{}] {message}", finding.severity.name(), finding.rule)?;
    }
    Ok(())
}
