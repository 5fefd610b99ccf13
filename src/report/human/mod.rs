//! What people read: excerpts of the source with labels, notes and help, rendered by `codespan-reporting`.

mod excerpt;
mod paint;
#[cfg(test)]
mod tests;

use super::escape;
use crate::finding::{self, Finding};
use crate::source::{Sources, Span};
use codespan_reporting::diagnostic::{Diagnostic, LabelStyle, Severity};
use codespan_reporting::term::{self, Config};
use excerpt::{Excerpt, Mark};
use paint::Painter;

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
pub const LIMIT: usize = 2048;

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
    Budget { labels: 8, window: 160, message: 400, label: 160, notes: 700, help: 1200 },
    Budget { labels: 4, window: 80, message: 300, label: 120, notes: 300, help: 700 },
    Budget { labels: 2, window: 48, message: 240, label: 80, notes: 240, help: 480 },
    Budget { labels: 0, window: 32, message: 200, label: 60, notes: 160, help: 160 },
];

/// Renders a finding: at most [`LIMIT`] bytes (its colours aside), with a blank line at its end.
#[must_use]
pub fn finding(finding: &Finding, sources: &Sources, style: Style) -> String {
    let severity = match finding.severity {
        finding::Severity::Error => Severity::Error,
        finding::Severity::Warning => Severity::Warning,
        finding::Severity::Note => Severity::Note,
    };
    let primary = (&finding.primary.message, finding.primary.span);
    let related = finding.related.iter().map(|label| (&label.message, label.span));
    let parts = Parts {
        severity,
        code: Some(finding.rule),
        message: &finding.message,
        primary,
        related: related.collect(),
        notes: &finding.notes,
        help: &finding.help,
    };
    parts.render(sources, style)
}

/// Renders an error at a place, in the same way as a finding.
#[must_use]
pub fn error(message: &str, span: Span, sources: &Sources, style: Style) -> String {
    let parts = Parts {
        severity: Severity::Error,
        code: None,
        message,
        primary: (&String::new(), span),
        related: Vec::new(),
        notes: &[],
        help: "",
    };
    parts.render(sources, style)
}

/// Renders an error of a file as a whole.
#[must_use]
pub fn file_error(file: &str, message: &str, style: Style) -> String {
    let file = excerpt::tail(&escape::line(file), 240);
    let message = escape::clip(&escape::line(message), 400);
    let text = emit(&Diagnostic::error().with_message(format!("{file}: {message}")), &Excerpt::default(), style.color);
    // One line: nothing has to be set off from its neighbours.
    format!("{}\n", text.trim_end())
}

/// A rendered text without its colours, for a stream that takes none. All escape sequences in it are ours.
#[must_use]
pub fn without_color(rendered: &str) -> String {
    let mut parts = rendered.split('\u{1b}');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        out.push_str(part.split_once('m').map_or("", |(_, text)| text));
    }
    out
}

struct Parts<'a> {
    severity: Severity,
    code: Option<&'static str>,
    message: &'a str,
    primary: (&'a String, Span),
    related: Vec<(&'a String, Span)>,
    notes: &'a [String],
    help: &'a str,
}

impl Parts<'_> {
    fn render(&self, sources: &Sources, style: Style) -> String {
        let mut text = String::new();
        for budget in &BUDGETS {
            let (diagnostic, excerpt) = self.diagnostic(sources, style.width, budget);
            text = emit(&diagnostic, &excerpt, false);
            if text.len() <= LIMIT {
                return if style.color { emit(&diagnostic, &excerpt, true) } else { text };
            }
        }
        escape::clip(&text, LIMIT - 1) + "\n"
    }

    fn diagnostic(&self, sources: &Sources, width: usize, budget: &Budget) -> (Diagnostic<usize>, Excerpt) {
        let mut marks = vec![mark(self.primary, LabelStyle::Primary, budget)];
        for &label in &self.related {
            let same = marks.iter().any(|mark| mark.span == label.1 && mark.message == *label.0);
            if !same && marks.len() <= budget.labels {
                marks.push(mark(label, LabelStyle::Secondary, budget));
            }
        }
        // Line numbers, borders and blanks take about eight columns.
        let room = width.saturating_sub(8).clamp(24, 400);
        let (excerpt, labels) = Excerpt::new(sources, &marks, budget.window.min(room));
        let mut diagnostic = Diagnostic::new(self.severity)
            .with_message(escape::clip(&escape::line(self.message), budget.message))
            .with_labels(labels)
            .with_notes(self.notes(room, budget));
        diagnostic.code = self.code.map(str::to_owned);
        (diagnostic, excerpt)
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

fn mark((message, span): (&String, Span), style: LabelStyle, budget: &Budget) -> Mark {
    Mark { span, message: escape::clip(&escape::line(message), budget.label), style }
}

/// Breaks prose at blanks; lines after the first are indented under the text.
fn wrap(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push_str("\n      ");
            column = 6;
        } else if column > 0 {
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
