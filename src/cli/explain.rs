//! `explain`: a rule's document, as it fits a terminal.

use super::arguments::{Color, Explain};
use super::{FAILED, terminal};
use crate::report::human::Style;
use crate::rules::{self, Control, Document, Reference, Rule};
use std::fmt::Write as _;

/// The sections that are shown unless all are asked for.
const SHORT: [&str; 4] = ["What it does", "Why it matters", "How to fix it", "Controls"];
/// What is done by hand is lost with the next deployment: it is not the first thing to tell.
const BY_HAND: &str = "Console";
/// Lines of prose are easier to read where they do not go on for ever.
const WIDEST: usize = 100;
/// What stands before each line of code.
const MARGIN: &str = "    ";

pub(super) fn explain(arguments: &Explain, color: Color) -> u8 {
    // The parser takes known names only.
    let Some(rule) = rules::find(&arguments.rule) else { return FAILED };
    let style = terminal::standard_output(color);
    let page = |document: Document| Page { style, full: arguments.full, out: String::new() }.of(rule, &document);
    super::rules::finish(rule.document().map(page))
}

/// A page that is being written.
struct Page {
    style: Style,
    /// Whether all sections are shown, and all examples of each.
    full: bool,
    out: String,
}

impl Page {
    fn of(mut self, rule: &Rule, document: &Document) -> String {
        let Document { title, since, references, compliance, body, .. } = document;
        self.heading(&format!("{} ({}, since {since}): {title}", rule.name, rule.severity.name()));
        for section in sections(body, "## ") {
            let shown = self.full || SHORT.contains(&section.title);
            if shown {
                self.section(&section, compliance);
            }
        }
        if self.full {
            self.references(references);
        } else {
            self.paragraph(&format!("Examples and what exactly is checked: bucketlint explain {} --full", rule.name));
        }
        self.out
    }

    fn section(&mut self, section: &Section<'_>, controls: &[Control]) {
        self.out.push('\n');
        self.heading(&format!("## {}", section.title));
        self.text(section.text);
        let full = self.full;
        for part in sections(section.text, "### ").iter().filter(|part| full || part.title != BY_HAND) {
            self.out.push('\n');
            self.heading(&format!("### {}", part.title));
            self.text(part.text);
        }
        if section.title == "Controls" {
            self.controls(controls);
        }
    }

    /// Prose and code up to the next heading; in short, up to the first code that is shown.
    fn text(&mut self, text: &str) {
        let mut prose = String::new();
        let mut lines = text.lines().take_while(|line| !line.starts_with("### ")).peekable();
        while let Some(line) = lines.next() {
            let starts_anew = line.is_empty() || line.starts_with(['-', '|']) || line.starts_with("```");
            if starts_anew && !prose.is_empty() {
                self.paragraph(&std::mem::take(&mut prose));
            }
            if line.starts_with("```") {
                self.code(lines.by_ref().take_while(|line| !line.starts_with("```")));
                if !self.full {
                    return;
                }
            } else if line.is_empty() {
                if lines.peek().is_some() {
                    self.out.push('\n');
                }
            } else if line.starts_with('|') {
                let _ = writeln!(self.out, "{line}");
            } else {
                prose.push_str(if prose.is_empty() { "" } else { " " });
                prose.push_str(line.trim());
            }
        }
        if !prose.is_empty() {
            self.paragraph(&prose);
        }
    }

    fn code<'l>(&mut self, lines: impl Iterator<Item = &'l str>) {
        for line in lines {
            let _ = writeln!(self.out, "{}", format!("{MARGIN}{line}").trim_end());
        }
    }

    /// Prose, broken at blanks. What follows a dash stands right of it.
    fn paragraph(&mut self, text: &str) {
        let hanging = if text.starts_with("- ") { "  " } else { "" };
        let mut column = 0;
        for word in text.split(' ') {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > self.style.width.min(WIDEST) {
                let _ = write!(self.out, "\n{hanging}");
                column = hanging.len();
            } else if column > 0 {
                self.out.push(' ');
                column += 1;
            }
            self.out.push_str(word);
            column += length;
        }
        self.out.push('\n');
    }

    /// The controls by framework, one line each.
    fn controls(&mut self, controls: &[Control]) {
        let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
        for Control { framework, version, control, .. } in controls {
            let of = format!("{framework} {version}");
            match lines.iter_mut().find(|(known, _)| *known == of) {
                Some((_, names)) => names.push(control),
                None => lines.push((of, vec![control])),
            }
        }
        if !lines.is_empty() {
            self.out.push('\n');
        }
        for (of, names) in lines {
            self.paragraph(&format!("- {of}: {}", names.join(", ")));
        }
    }

    fn references(&mut self, references: &[Reference]) {
        self.out.push('\n');
        self.heading("## References");
        self.out.push('\n');
        for Reference { title, url } in references {
            let _ = writeln!(self.out, "- {title}: <{url}>");
        }
    }

    fn heading(&mut self, text: &str) {
        let (on, off) = if self.style.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        let _ = writeln!(self.out, "{on}{text}{off}");
    }
}

/// A part of a document below a heading.
struct Section<'a> {
    title: &'a str,
    text: &'a str,
}

/// The sections of a text whose headings start with `mark`. A heading in code is none.
fn sections<'a>(text: &'a str, mark: &str) -> Vec<Section<'a>> {
    let mut heads: Vec<(usize, &str)> = Vec::new();
    let (mut at, mut in_code) = (0, false);
    for line in text.split_inclusive('\n') {
        in_code ^= line.starts_with("```");
        if let (false, Some(title)) = (in_code, line.strip_prefix(mark)) {
            heads.push((at, title.trim()));
        }
        at += line.len();
    }
    let ends = heads.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    let section = |(&(start, title), end): (&(usize, &'a str), usize)| {
        let section = text.get(start..end).unwrap_or("");
        Section { title, text: section.split_once('\n').map_or("", |(_, rest)| rest) }
    };
    heads.iter().zip(ends).map(section).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    fn page(rule: &Rule, width: usize, full: bool) -> String {
        let style = Style { color: false, width };
        Page { style, full, out: String::new() }.of(rule, &rule.document().unwrap())
    }

    #[test]
    fn a_page_fits_the_width_and_shows_no_tests() {
        for rule in RULES {
            for (width, full) in [(60, false), (100, false), (80, true)] {
                let text = page(rule, width, full);
                assert!(!text.contains("expect=") && !text.contains("```"), "{text}");
                let prose = text.lines().filter(|line| !line.starts_with([' ', '|', '#']) && !line.contains("http"));
                let mut prose = prose.skip(1).filter(|line| line.contains(' '));
                assert!(prose.all(|line| line.chars().count() <= width), "{} {width}: {text}", rule.name);
            }
        }
    }

    #[test]
    fn all_of_a_document_is_shown_where_that_is_asked_for() {
        for rule in RULES {
            let (short, full) = (page(rule, 100, false), page(rule, 100, true));
            assert!(short.lines().count() < 140, "{}: {}", rule.name, short.lines().count());
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let shown = words(&full);
            let body = rule.document().unwrap().body;
            let mut missing =
                words(body).into_iter().filter(|word| !word.contains(['`', '=']) && !shown.contains(word));
            assert_eq!(missing.find(|word| word != rule.name && word != "#"), None, "{}", rule.name);
        }
    }
}
