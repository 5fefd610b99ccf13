//! `--format markdown`: a summary for a job (`$GITHUB_STEP_SUMMARY`) or a comment on a pull request, with a picture of
//! what is not enforced. GitHub takes 64 KiB of a comment, which the whole of it stays within.

use super::graph::Which;
use super::markup::{markdown, markdown_code};
use super::summary::counted;
use super::{Counts, FindingRecord, Place, Report, Summary, Verdict, escape, mermaid};
use crate::finding::Severity;
use crate::rules;
use std::fmt::Write as _;
use std::io::{self, Write};

/// How many bytes each part takes. Together they stay within 64 KiB.
const TABLE: usize = 24_000;
const HELP: usize = 16_000;
const PICTURE: usize = 14_000;
const ERRORS: usize = 6_000;
/// How many bytes of one text are shown.
const LONGEST: usize = 500;

/// Writes the report.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = Summary::of(report.files);
    let findings = report.worst_first();
    let mut text = format!("## bucketlint: {}\n\n", headline(&summary, findings.len()));
    counts(&mut text, &summary);
    errors(&mut text, report);
    table(&mut text, report, &findings);
    help(&mut text, report, &findings);
    // What was known before is no news: it is not drawn.
    if findings.iter().any(|finding| rules::explains_verdict(finding.rule)) {
        let chart = mermaid::chart(report, Which::Found, PICTURE);
        let _ = write!(text, "<details><summary>Picture</summary>\n\n```mermaid\n{chart}```\n\n</details>\n");
    }
    out.write_all(text.as_bytes())
}

/// Beside what was known before, what is new counts.
fn headline(summary: &Summary, findings: usize) -> String {
    let Counts { enforced, exposed, undecided } = summary.buckets;
    if summary.baseline > 0 {
        return counted(findings, "new finding");
    }
    match (exposed, undecided, enforced) {
        (0, 0, 0) => "no buckets".to_owned(),
        (0, 0, _) => format!("no plain HTTP reaches {}", counted(enforced, "bucket")),
        (0, ..) => format!("no verdict for {}", counted(undecided, "bucket")),
        _ => format!("plain HTTP reaches {}", counted(exposed, "bucket")),
    }
}

fn counts(text: &mut String, summary: &Summary) {
    text.push_str("| buckets | |\n|---|--:|\n");
    let Counts { enforced, exposed, undecided } = summary.buckets;
    for (verdict, count) in
        [(Verdict::Exposed, exposed), (Verdict::Undecided(None), undecided), (Verdict::Enforced, enforced)]
    {
        let _ = writeln!(text, "| {} {} | {count} |", sign(verdict), verdict.name());
    }
    let muted = [(summary.suppressed, "suppressed"), (summary.baseline, "known before")];
    for (count, what) in muted.into_iter().filter(|(count, _)| *count > 0) {
        let _ = writeln!(text, "\n{} {what}.", counted(count, "finding"));
    }
    text.push('\n');
}

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Exposed => "❌",
        Verdict::Undecided(_) => "❓",
        Verdict::Enforced => "✅",
    }
}

fn errors(text: &mut String, report: &Report<'_>) {
    let all: Vec<_> = report.errors().collect();
    if all.is_empty() {
        return;
    }
    let _ = write!(text, "**{}: the run is not complete.**\n\n", counted(all.len(), "error"));
    let lines = all.iter().map(|error| {
        let at = error.place().map_or_else(|| markdown_code(&error.file), at);
        format!("- {at}: {}\n", prose(&error.message))
    });
    let left = within(text, ERRORS, lines);
    if left > 0 {
        let _ = writeln!(text, "- {left} more");
    }
    text.push('\n');
}

fn table(text: &mut String, report: &Report<'_>, findings: &[&FindingRecord]) {
    if findings.is_empty() {
        return;
    }
    text.push_str("| | place | finding |\n|---|---|---|\n");
    let rows = findings.iter().map(|finding| {
        let (place, rule) = (at(report.place(finding)), markdown_code(finding.rule));
        format!("| {} | {place} | {}<br>{rule} |\n", level(finding.severity), prose(&finding.message))
    });
    let left = within(text, TABLE, rows);
    if left > 0 {
        let _ = writeln!(text, "\n{} more, the least severe, are left out here.", counted(left, "finding"));
    }
    text.push('\n');
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "❌ error",
        Severity::Warning => "⚠️ warning",
        Severity::Note => "ℹ️ note",
    }
}

/// What to do about the worst of them.
fn help(text: &mut String, report: &Report<'_>, findings: &[&FindingRecord]) {
    let with_help: Vec<_> = findings.iter().filter(|finding| !finding.help.is_empty()).collect();
    if with_help.is_empty() {
        return;
    }
    text.push_str("<details><summary>What to do</summary>\n\n");
    let parts = with_help.iter().map(|finding| {
        let (first, code) = finding.help.split_once('\n').unwrap_or((&finding.help, ""));
        let mut part = format!("{}: {}\n\n", at(report.place(finding)), prose(first));
        for note in &finding.notes {
            let _ = write!(part, "{}\n\n", prose(note));
        }
        if !code.is_empty() {
            part.push_str(&fenced(code));
        }
        part
    });
    let left = within(text, HELP, parts);
    if left > 0 {
        let _ = writeln!(text, "{left} more are left out here.\n");
    }
    text.push_str("</details>\n\n");
}

/// Text as it is to be written into a file. The fence is longer than any in it.
fn fenced(code: &str) -> String {
    let code = escape::lines(code);
    let longest = code.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{code}\n{fence}\n\n")
}

/// Appends parts as long as they fit; how many are left.
fn within(text: &mut String, room: usize, parts: impl ExactSizeIterator<Item = String>) -> usize {
    let end = text.len() + room;
    let mut left = parts.len();
    for part in parts {
        if text.len() + part.len() > end {
            break;
        }
        text.push_str(&part);
        left -= 1;
    }
    left
}

fn at(place: &Place) -> String {
    markdown_code(&format!("{}:{}", escape::clip(&place.file, LONGEST), place.start.line))
}

fn prose(text: &str) -> String {
    markdown(&escape::clip(text, LONGEST))
}
