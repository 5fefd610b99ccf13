//! What people read: excerpts of the source with labels, notes and help, rendered by `codespan-reporting`.

mod excerpt;
mod paint;
#[cfg(test)]
mod tests;

use super::record::WIDEST;
use super::{ErrorRecord, FindingRecord, Line, Place, Report, Shown, Spot, escape};
use crate::finding::{self, Role};
use crate::threads;
use codespan_reporting::diagnostic::{Diagnostic, LabelStyle, Severity};
use codespan_reporting::term::{self, Config};
use excerpt::{Excerpt, Mark};
use paint::Painter;
use std::collections::HashMap;
use std::io::{self, Write};

/// How to render.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colours (ANSI escape sequences).
    pub color: bool,
    /// How many columns the reader has.
    pub width: usize,
}

impl Default for Style {
    /// No colours, 100 columns.
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

/// The most bytes that a rendered finding takes, its colours aside.
pub(crate) const LIMIT: usize = 2048;

/// How much of each part is shown. Sizes in bytes, but for `window`, in characters.
struct Budget {
    labels: usize,
    window: usize,
    message: usize,
    label: usize,
    notes: usize,
    help: usize,
}

/// Tried in this order until the finding fits [`LIMIT`]. The last one always does.
const BUDGETS: [Budget; 4] = [
    Budget { labels: 8, window: WIDEST, message: 400, label: 160, notes: 700, help: 1200 },
    Budget { labels: 4, window: 80, message: 300, label: 120, notes: 300, help: 700 },
    Budget { labels: 2, window: 48, message: 240, label: 80, notes: 240, help: 480 },
    Budget { labels: 0, window: 32, message: 200, label: 60, notes: 160, help: 160 },
];

/// So many findings of one rule are shown with an excerpt, the later ones in a line each.
const MAX_SHOWN: usize = 4;

/// How much of a finding is shown: what others of its rule said before is not said again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// All of it.
    Whole,
    /// The text to write is left out.
    Shared,
    /// A line with its place.
    Line,
}

/// Writes all findings, in order.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    // A run may have tens of thousands of findings; so many are rendered at once, so that none waits for all.
    const CHUNK: usize = 256;
    let findings = report.findings();
    let extents = extents(&findings, report.whole);
    let findings: Vec<(&FindingRecord, Extent)> = findings.into_iter().zip(extents).collect();
    let mut after_line = false;
    for chunk in findings.chunks(CHUNK) {
        let rendered = threads::each(chunk.iter().collect(), 2, |&(one, extent)| render(one, report.style, extent));
        for ((_, extent), text) in chunk.iter().zip(rendered) {
            let is_line = *extent == Extent::Line;
            // Lines stand together, set off from what has an excerpt.
            if after_line && !is_line {
                out.write_all(b"\n")?;
            }
            after_line = is_line;
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(())
}

/// How many findings a report shows in a line each.
#[must_use]
pub(crate) fn shortened(report: &Report<'_>) -> usize {
    extents(&report.findings(), report.whole).into_iter().filter(|extent| *extent == Extent::Line).count()
}

/// The findings that a report shows in more than a line.
#[must_use]
pub fn shown<'a>(report: &Report<'a>) -> Vec<&'a FindingRecord> {
    let findings = report.findings();
    let extents = extents(&findings, report.whole);
    findings.into_iter().zip(extents).filter(|(_, extent)| *extent != Extent::Line).map(|(one, _)| one).collect()
}

fn extents(findings: &[&FindingRecord], whole: bool) -> Vec<Extent> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let extent = |finding: &&FindingRecord| {
        let count = counts.entry(finding.rule).or_default();
        *count += 1;
        match *count {
            _ if whole => Extent::Whole,
            1 => Extent::Whole,
            2..=MAX_SHOWN => Extent::Shared,
            _ => Extent::Line,
        }
    };
    findings.iter().map(extent).collect()
}

fn render(finding: &FindingRecord, style: Style, extent: Extent) -> String {
    match (extent, finding.help.split_once('\n')) {
        (Extent::Line, _) => line(finding, style),
        (Extent::Shared, Some((words, _))) => {
            parts(finding, &format!("{}, as above", words.trim_end_matches(':'))).render(style)
        }
        _ => self::finding(finding, style),
    }
}

/// A finding in one line.
fn line(finding: &FindingRecord, style: Style) -> String {
    const LONGEST: usize = 400;
    let mut diagnostic =
        Diagnostic::new(severity(finding)).with_message(escape::clip(&escape::line(&finding.message), LONGEST));
    diagnostic.code = Some(finding.rule.to_owned());
    let text = emit(&diagnostic, &Excerpt::default(), style.color);
    format!("{}: {}\n", at(&finding.place), text.trim_end())
}

/// Renders a finding: at most `LIMIT` bytes (its colours aside), with a blank line at its end.
#[must_use]
pub fn finding(finding: &FindingRecord, style: Style) -> String {
    parts(finding, &finding.help).render(style)
}

fn severity(finding: &FindingRecord) -> Severity {
    match finding.severity {
        finding::Severity::Error => Severity::Error,
        finding::Severity::Warning => Severity::Warning,
        finding::Severity::Note => Severity::Note,
    }
}

fn parts<'a>(finding: &'a FindingRecord, help: &'a str) -> Parts<'a> {
    // Where the element at fault is shown, its policy need not be.
    let has_cause = finding.related.iter().any(|one| one.role == Role::Cause);
    let related = finding.related.iter().filter(|one| !(has_cause && one.role == Role::Policy));
    let related = related.map(|one| Said { message: &one.message, place: &one.place, shown: &one.shown });
    Parts {
        severity: severity(finding),
        code: Some(finding.rule),
        message: &finding.message,
        primary: Said { message: &finding.label, place: &finding.place, shown: &finding.shown },
        related: related.collect(),
        notes: &finding.notes,
        help,
        lines: &finding.excerpt.lines,
    }
}

/// Renders an error: at a place in the same way as a finding, else as one line.
#[must_use]
pub fn error(error: &ErrorRecord, style: Style) -> String {
    let Some(Spot { place, shown }) = error.spot.as_deref() else {
        return file_error(error, style);
    };
    let parts = Parts {
        severity: Severity::Error,
        code: None,
        message: &error.message,
        primary: Said { message: "", place, shown },
        related: Vec::new(),
        notes: &[],
        help: &error.help,
        lines: &error.excerpt.lines,
    };
    parts.render(style)
}

fn file_error(error: &ErrorRecord, style: Style) -> String {
    let file = excerpt::tail(&escape::line(&error.file), 240);
    let message = escape::clip(&escape::line(&error.message), 400);
    let text = emit(&Diagnostic::error().with_message(format!("{file}: {message}")), &Excerpt::default(), style.color);
    // One line: nothing has to be set off from its neighbours.
    format!("{}\n", text.trim_end())
}

/// What is to be said of a place.
#[derive(Clone, Copy)]
struct Said<'a> {
    message: &'a str,
    place: &'a Place,
    shown: &'a Shown,
}

struct Parts<'a> {
    severity: Severity,
    code: Option<&'static str>,
    message: &'a str,
    primary: Said<'a>,
    related: Vec<Said<'a>>,
    notes: &'a [String],
    help: &'a str,
    lines: &'a [Line],
}

impl Parts<'_> {
    fn render(&self, style: Style) -> String {
        let mut text = String::new();
        for budget in &BUDGETS {
            let (diagnostic, excerpt) = self.diagnostic(style.width, budget);
            text = self.emit(&diagnostic, &excerpt, false);
            if text.len() <= LIMIT {
                return if style.color { self.emit(&diagnostic, &excerpt, true) } else { text };
            }
        }
        escape::clip(&text, LIMIT - 1) + "\n"
    }

    /// Where nothing of the primary place may be shown, the renderer does not tell where it is.
    fn emit(&self, diagnostic: &Diagnostic<usize>, excerpt: &Excerpt, color: bool) -> String {
        let text = emit(diagnostic, excerpt, color);
        // What is wrong may take several lines.
        let lines = diagnostic.message.split('\n').count();
        let end = text.match_indices('\n').nth(lines - 1).and_then(|(at, _)| text.split_at_checked(at));
        match (self.primary.shown, end.map(|(first, rest)| (first, rest.strip_prefix('\n').unwrap_or(rest)))) {
            (Shown::Part(_), _) | (_, None) => text,
            (_, Some((first, rest))) => {
                let border = paint::border(color);
                let (place, rest) = (at(self.primary.place), rest.strip_prefix('\n').unwrap_or(rest));
                format!("{first}\n {}┌─{} {place}\n {}│{}\n{rest}", border.0, border.1, border.0, border.1)
            }
        }
    }

    fn diagnostic(&self, width: usize, budget: &Budget) -> (Diagnostic<usize>, Excerpt) {
        let mut said = vec![self.primary];
        for label in &self.related {
            let same = said.iter().any(|one| one.place == label.place && one.message == label.message);
            if !same && said.len() <= budget.labels {
                said.push(*label);
            }
        }
        let mut marks = Vec::new();
        let mut unseen = Vec::new();
        for (index, one) in said.into_iter().enumerate() {
            let style = if index == 0 { LabelStyle::Primary } else { LabelStyle::Secondary };
            let message = escape::clip(&escape::line(one.message), budget.label);
            match one.shown {
                Shown::Part(part) => marks.push(Mark { place: one.place, part: *part, message, style }),
                Shown::Entry(address) => {
                    let address = escape::clip(&escape::line(address), budget.label);
                    unseen.push(format!("{}: `{address}`: {message}", at(one.place)));
                }
                Shown::Nothing if message.is_empty() => {}
                Shown::Nothing => unseen.push(format!("{}: {message}", at(one.place))),
            }
        }
        // Line numbers, borders and blanks take about eight columns.
        let room = width.saturating_sub(8).clamp(24, 400);
        let (excerpt, labels) = Excerpt::new(self.lines, &marks, budget.window.min(room));
        let mut diagnostic = Diagnostic::new(self.severity)
            .with_message(self.first_line(width, budget))
            .with_labels(labels)
            .with_notes(unseen.iter().map(|line| wrap(line, room)).chain(self.notes(room, budget)).collect());
        diagnostic.code = self.code.map(str::to_owned);
        (diagnostic, excerpt)
    }

    /// What is wrong, broken at the width; the severity and the rule stand before it.
    fn first_line(&self, width: usize, budget: &Budget) -> String {
        let severity = match self.severity {
            Severity::Bug | Severity::Note | Severity::Help => 4,
            Severity::Error => 5,
            Severity::Warning => 7,
        };
        let before = severity + self.code.map_or(0, |code| code.len() + 2) + 2;
        let message = escape::clip(&escape::line(self.message), budget.message);
        wrap_from(&message, before, width.clamp(40, 400))
    }

    fn notes(&self, room: usize, budget: &Budget) -> Vec<String> {
        let mut left = budget.notes;
        let mut notes = Vec::new();
        for note in self.notes {
            let note = escape::clip(&escape::line(note), left);
            left = left.saturating_sub(note.len());
            if note.len() > '…'.len_utf8() {
                notes.push(wrap(&format!("note: {note}"), room));
            }
        }
        if !self.help.is_empty() {
            let help = escape::clip(&escape::lines(self.help), budget.help);
            let (first, rest) = help.split_once('\n').unwrap_or((help.as_str(), ""));
            let mut text = wrap(&format!("help: {first}"), room);
            // What follows is text to write into a file: it is shown as it is.
            for line in rest.lines() {
                text.push('\n');
                text.push_str(line);
            }
            notes.push(text);
        }
        notes
    }
}

/// `storage.yaml:12:3`
fn at(place: &Place) -> String {
    format!("{}:{}:{}", excerpt::tail(&escape::line(&place.file), 120), place.start.line, place.start.column)
}

/// Breaks prose at blanks; lines after the first are indented under the text.
fn wrap(text: &str, width: usize) -> String {
    wrap_from(text, 0, width)
}

/// The same for text that starts at a column.
fn wrap_from(text: &str, start: usize, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut column = start;
    for word in text.split(' ') {
        let length = word.chars().count();
        if !out.is_empty() && column + 1 + length > width {
            out.push_str("\n      ");
            column = 6;
        } else if !out.is_empty() {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

fn emit(diagnostic: &Diagnostic<usize>, excerpt: &Excerpt, color: bool) -> String {
    let mut painter = Painter { bytes: Vec::new(), color };
    let config = Config { tab_width: 4, ..Config::default() };
    // Writing to memory does not fail, and every label was made for this excerpt.
    let _ = term::emit_to_write_style(&mut painter, &config, excerpt, diagnostic);
    let text = String::from_utf8_lossy(&painter.bytes);
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(line.trim_end_matches(' '));
        out.push('\n');
    }
    out
}
