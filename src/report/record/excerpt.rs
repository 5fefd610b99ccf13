//! The lines of a file that a finding may show, cut out while the source is at hand.
//!
//! A line may be a plan of megabytes, so only a window of it is kept: as much as the widest reader shows. How much of
//! that is shown, and how, is up to the report.

use super::Place;
use crate::source::{SourceFile, Sources, Span};
use std::sync::Arc;

/// How many characters are kept before a place, and from it on. No report shows more.
const BEFORE: usize = 110;
/// One more than [`WIDEST`], so that it is seen where a line goes on.
const AFTER: usize = WIDEST + 1;
/// The most characters of a line that a report shows.
pub(in crate::report) const WIDEST: usize = 160;

/// Lines around the places of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Each window once, in no particular order.
    pub lines: Vec<Line>,
}

/// A line of a file, or a window of it. Untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file's path as shown.
    pub file: Arc<str>,
    /// Its number, from 1.
    pub number: u32,
    /// The byte of the file at which `text` starts.
    pub offset: u32,
    /// The text, without its line break.
    pub text: Box<str>,
    /// Whether the line holds more before it.
    pub cut_before: bool,
    /// Whether the line holds more after it.
    pub cut_after: bool,
    /// Set where nothing beside it may be shown: it stands in a file that holds secrets.
    pub alone: bool,
}

/// What a place shows of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A part of a line, to be underlined.
    Part(Mark),
    /// The entry of a plan that is on one line with all others: its address.
    Entry(Box<str>),
    /// Nothing may be shown.
    Nothing,
}

/// What to underline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The index of the window among [`Excerpt::lines`].
    pub line: u32,
    /// The first byte, as an offset in the file.
    pub start: u32,
    /// One past the last byte; it may lie beyond the window.
    pub end: u32,
}

/// Cuts windows out of the files of a run.
pub(super) struct Cutter<'a> {
    sources: &'a Sources,
    excerpt: Excerpt,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self { sources, excerpt: Excerpt::default() }
    }

    /// What a place shows.
    pub(super) fn show(&mut self, span: Span) -> Shown {
        let span = self.sources.written(span);
        let Some(file) = self.sources.get(span.file) else { return Shown::Nothing };
        if file.is_confidential() {
            return self.show_confidential(file, span);
        }
        let span = speaking_part(file, span);
        self.mark(span, window(file, span))
    }

    /// What may be shown of a place in a file with secrets: of a JSON object or array nothing of its own, for an entry
    /// holds attributes of all kinds (what is inside of a JSON string has its quotes escaped: that is policy text); of
    /// anything else its own text.
    fn show_confidential(&mut self, file: &SourceFile, span: Span) -> Shown {
        let inside = file.slice(span).trim_start_matches(|c: char| matches!(c, '{' | '[') || c.is_whitespace());
        if !file.slice(span).starts_with(['{', '[']) || inside.starts_with('\\') {
            let own = own_text(file, span);
            return if own.text.is_empty() { Shown::Nothing } else { self.mark(span, own) };
        }
        let Some(heading) = file.heading(span.start) else { return Shown::Nothing };
        if let Some(line) = line_of_its_own(file, heading) {
            return self.mark(heading, line);
        }
        let address = serde_json::from_str(file.slice(heading)).unwrap_or_default();
        Shown::Entry(address)
    }

    fn mark(&mut self, span: Span, line: Line) -> Shown {
        let known = self.excerpt.lines.iter().position(|known| *known == line);
        let index = known.unwrap_or(self.excerpt.lines.len());
        if known.is_none() {
            self.excerpt.lines.push(line);
        }
        let line = u32::try_from(index).unwrap_or(u32::MAX);
        Shown::Part(Mark { line, start: span.start, end: span.end })
    }

    /// The windows. A single line between two others is kept too: a gap mark would take as much room.
    pub(super) fn finish(mut self) -> Excerpt {
        let mut between = Vec::new();
        for line in self.excerpt.lines.iter().filter(|line| !line.alone) {
            let has = |number: u32| {
                let same = |other: &&Line| other.file == line.file && other.number == number;
                self.excerpt.lines.iter().find(same).is_some()
            };
            let next = line.number.saturating_add(1);
            if has(next.saturating_add(1)) && !has(next) {
                between.extend(self.sources.iter().find(|file| file.path() == &*line.file).and_then(|file| {
                    let start = file.line_start(next)?;
                    Some(window(file, Span::at(file.id(), start as usize)))
                }));
            }
        }
        for line in between {
            if !self.excerpt.lines.contains(&line) {
                self.excerpt.lines.push(line);
            }
        }
        self.excerpt.lines.shrink_to_fit();
        self.excerpt
    }
}

/// What to underline of a span: of one that starts with a line of nothing but a bracket, the line after it.
fn speaking_part(file: &SourceFile, span: Span) -> Span {
    let line = file.line_span(span.start);
    let first = file.text().get(span.start as usize..line.end as usize).unwrap_or("");
    if span.end <= line.end || !matches!(first.trim(), "{" | "[") {
        return span;
    }
    let next = file.position(span.start).line.saturating_add(1);
    let Some(start) = file.line_start(next) else { return span };
    let next = file.line_span(start);
    let indent = file.slice(next).len() - file.slice(next).trim_start().len();
    let start = next.start as usize + indent;
    if start >= span.end as usize { span } else { Span::new(file.id(), start, span.end as usize) }
}

/// The part of its line around the start of a span.
fn window(file: &SourceFile, span: Span) -> Line {
    let line = file.line_span(span.start).range();
    let start = (span.start as usize).clamp(line.start, line.end);
    let before = file.text().get(line.start..start).unwrap_or("");
    let from = before.char_indices().rev().take(BEFORE).last().map_or(start, |(at, _)| line.start + at);
    let after = file.text().get(start..line.end).unwrap_or("");
    let to = after.char_indices().nth(AFTER).map_or(line.end, |(at, _)| start + at);
    cut(file, from..to, false)
}

/// The text of a span as far as it stands on one line, and nothing beside it.
fn own_text(file: &SourceFile, span: Span) -> Line {
    let line = file.line_span(span.start).range();
    let start = (span.start as usize).clamp(line.start, line.end);
    let text = file.text().get(start..(span.end as usize).clamp(start, line.end)).unwrap_or("");
    let to = text.char_indices().nth(AFTER).map_or(start + text.len(), |(at, _)| start + at);
    cut(file, start..to, true)
}

/// The line of an entry's address, where that holds nothing else.
fn line_of_its_own(file: &SourceFile, heading: Span) -> Option<Line> {
    let line = file.line_span(heading.start).range();
    let before = file.text().get(line.start..heading.start as usize)?;
    let after = file.text().get(heading.end as usize..line.end)?;
    let key = before.trim().strip_suffix(':')?.trim_end();
    if !(key.starts_with('"') && key.ends_with('"') && memchr::memchr_iter(b'"', key.as_bytes()).count() == 2) {
        return None;
    }
    matches!(after.trim(), "" | ",").then(|| Line { alone: true, ..window(file, Span::at(heading.file, line.start)) })
}

fn cut(file: &SourceFile, range: std::ops::Range<usize>, alone: bool) -> Line {
    let span = Span::new(file.id(), range.start, range.end);
    let line = file.line_span(span.start);
    Line {
        file: file.shared_path(),
        number: file.position(span.start).line,
        offset: span.start,
        text: file.shown(span).into(),
        cut_before: line.start < span.start,
        cut_after: span.end < line.end,
        alone,
    }
}

/// A place with what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Where.
    pub place: Place,
    /// What of it.
    pub shown: Shown,
}

impl Cutter<'_> {
    /// A span, resolved.
    pub(super) fn spot(&mut self, span: Span) -> Spot {
        Spot { place: Place::of(self.sources, span), shown: self.show(span) }
    }
}
