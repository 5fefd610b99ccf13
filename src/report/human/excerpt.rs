//! The lines that a diagnostic shows: windows of them, escaped, with their true line and column numbers.
//!
//! The renderer prints every line that a label touches in full. A plan is often one line of megabytes, so the renderer
//! is given a made-up text instead, which holds only what is to be seen.

use super::super::escape;
use crate::source::{FileId, LineColumn, SourceFile, Sources, Span};
use codespan_reporting::diagnostic::{Label, LabelStyle};
use codespan_reporting::files::{Error, Files, Location};
use std::ops::Range;

/// A place to underline.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) style: LabelStyle,
}

/// The made-up texts of the files that a diagnostic touches.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    files: Vec<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    name: String,
    text: String,
    lines: Vec<Line>,
    /// Where labels start in `text`, and what place that is in the file.
    places: Vec<(usize, LineColumn)>,
}

/// A line of the made-up text: one window of one line of the file.
#[derive(Debug)]
struct Line {
    /// What the renderer tells neighbours and gaps by.
    index: usize,
    number: usize,
    range: Range<usize>,
}

impl Excerpt {
    /// The excerpt for some marks, and the labels that point into it. Files stand in the order in which marks name
    /// them first. No window is wider than `width` characters.
    pub(super) fn new(sources: &Sources, marks: &[Mark], width: usize) -> (Self, Vec<Label<usize>>) {
        let mut excerpt = Self::default();
        let mut labels = Vec::new();
        let mut done: Vec<FileId> = Vec::new();
        for file in marks.iter().filter_map(|mark| sources.get(mark.span.file)) {
            if done.contains(&file.id()) {
                continue;
            }
            done.push(file.id());
            let mut here: Vec<&Mark> = marks.iter().filter(|mark| mark.span.file == file.id()).collect();
            here.sort_by_key(|mark| (mark.span.start, mark.span.end));
            let spans: Vec<_> = here.iter().map(|mark| (speaking_part(file, mark.span), mark.span.start)).collect();
            let (shown, ranges) = show(file, &spans, width);
            let id = excerpt.files.len();
            excerpt.files.push(shown);
            labels.extend(
                here.iter()
                    .zip(ranges)
                    .map(|(mark, range)| Label::new(mark.style, id, range).with_message(&mark.message)),
            );
        }
        // The renderer shows files in the order of the labels: the primary one first.
        labels.sort_by_key(|label| (label.style != LabelStyle::Primary, label.file_id));
        (excerpt, labels)
    }

    fn file(&self, id: usize) -> Result<&Shown, Error> {
        self.files.get(id).ok_or(Error::FileMissing)
    }
}

/// The window of one line, in bytes of the file.
struct Window {
    number: usize,
    line: Range<usize>,
    shown: Range<usize>,
}

/// What to underline of a span: of one that starts with a line of nothing but a bracket, the line after it.
fn speaking_part(file: &SourceFile, span: Span) -> Span {
    if file.is_confidential() {
        return span;
    }
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

/// Shows the lines of spans, which are in order; each with the offset that it is to be known by. Gives where each
/// went.
fn show(file: &SourceFile, spans: &[(Span, u32)], width: usize) -> (Shown, Vec<Range<usize>>) {
    let mut shown = Shown { name: tail(&escape::line(file.path()), 120), ..Shown::default() };
    let mut ranges = Vec::new();
    let mut last: Option<(Window, Vec<(usize, usize)>)> = None;
    for &(span, known_by) in spans {
        let start = span.start as usize;
        if file.is_confidential() || !last.as_ref().is_some_and(|(window, _)| window.holds(start)) {
            let window = window(file, span, width);
            let before = last.take().map(|(window, _)| window);
            fill_gap(&mut shown, file, before.as_ref(), &window, width);
            let gap = shown.lines.last().map_or(0, |line| step(line.number, window.number));
            let map = shown.push(file, &window, gap);
            last = Some((window, map));
        }
        if let Some((window, map)) = &last {
            let range = locate(map, start)..locate(map, window.end_of(file, span, width));
            shown.places.push((range.start, file.position(known_by)));
            ranges.push(range);
        }
    }
    (shown, ranges)
}

impl Window {
    fn holds(&self, offset: usize) -> bool {
        self.shown.contains(&offset) || self.shown.end == self.line.end && offset == self.line.end
    }

    /// Where to stop underlining. What goes on past the window is underlined for a part of it only, so that there is
    /// room for what is said of it.
    fn end_of(&self, file: &SourceFile, span: Span, width: usize) -> usize {
        let (start, end) = (span.start as usize, span.end as usize);
        if end <= self.shown.end || self.shown.end == self.line.end {
            return end.clamp(start, self.shown.end.max(start));
        }
        let rest = file.text().get(start..self.shown.end).unwrap_or("");
        rest.char_indices().nth(width / 3).map_or(self.shown.end, |(at, _)| start + at)
    }
}

/// How far apart the renderer must take two lines to be: 1 for neighbours (and for two windows of one line), 3 where
/// it shall show a gap.
fn step(before: usize, after: usize) -> usize {
    if after.saturating_sub(before) <= 1 { 1 } else { 3 }
}

/// A single line between two others is shown: a gap mark would take as much room.
fn fill_gap(shown: &mut Shown, file: &SourceFile, before: Option<&Window>, after: &Window, width: usize) {
    let near = before.filter(|before| before.number + 2 == after.number && !file.is_confidential());
    let Some(before) = near else { return };
    let number = u32::try_from(before.number + 1).unwrap_or(u32::MAX);
    if let Some(start) = file.line_start(number) {
        let between = window(file, Span::at(file.id(), start as usize), width);
        shown.push(file, &between, 1);
    }
}

/// The part of a line to show around a span.
fn window(file: &SourceFile, span: Span, width: usize) -> Window {
    if file.is_confidential() {
        return confidential(file, span, width);
    }
    let line = file.line_span(span.start).range();
    let number = file.position(span.start).line as usize;
    let start = (span.start as usize).clamp(line.start, line.end);
    let back = |count: usize| {
        let before = file.text().get(line.start..start).unwrap_or("");
        before.char_indices().rev().take(count).last().map_or(start, |(at, _)| line.start + at)
    };
    // What stands before the span tells what it is; the line's own start tells most.
    let from = if back(width * 2 / 3) == line.start { line.start } else { back(width / 4) };
    let after = file.text().get(from..line.end).unwrap_or("");
    let to = after.char_indices().nth(width).map_or(line.end, |(at, _)| from + at);
    Window { number, line, shown: from..to }
}

/// What may be shown of a span in a file with secrets: of a JSON object or array only its bracket, for an entry holds
/// attributes of all kinds (what is inside of a JSON string has its quotes escaped: that is policy text); of anything
/// else its own text.
fn confidential(file: &SourceFile, span: Span, width: usize) -> Window {
    let line = file.line_span(span.start).range();
    let number = file.position(span.start).line as usize;
    let start = (span.start as usize).clamp(line.start, line.end);
    let text = file.text().get(start..(span.end as usize).clamp(start, line.end)).unwrap_or("");
    let inside = file.slice(span).trim_start_matches(|c: char| matches!(c, '{' | '[') || c.is_whitespace());
    let structure = text.starts_with(['{', '[']) && !inside.starts_with('\\');
    let count = if structure { 1 } else { width };
    let to = text.char_indices().nth(count).map_or(start + text.len(), |(at, _)| start + at);
    Window { number, line, shown: start..to }
}

impl Shown {
    /// Appends a window, escaped. Returns which byte of the file went where.
    fn push(&mut self, file: &SourceFile, window: &Window, step: usize) -> Vec<(usize, usize)> {
        let start = self.text.len();
        let text = file.text().get(window.shown.clone()).unwrap_or("");
        let mut map = Vec::with_capacity(text.len() + 1);
        if window.shown.start > window.line.start {
            self.text.push('…');
        }
        for (at, character) in text.char_indices() {
            map.push((window.shown.start + at, self.text.len()));
            if character == '\t' {
                self.text.push(character);
            } else {
                escape::push(&mut self.text, character, text.get(at..).unwrap_or(""));
            }
        }
        map.push((window.shown.end, self.text.len()));
        if window.shown.end < window.line.end {
            self.text.push('…');
        }
        let index = self.lines.last().map_or(0, |line| line.index + step);
        self.lines.push(Line { index, number: window.number, range: start..self.text.len() });
        self.text.push('\n');
        map
    }

    fn line(&self, index: usize) -> Result<&Line, Error> {
        let found = self.lines.iter().find(|line| line.index == index);
        found.ok_or(Error::LineTooLarge { given: index, max: self.lines.len() })
    }
}

/// Where a byte of the file went; the first shown one where it lies before the window.
fn locate(map: &[(usize, usize)], offset: usize) -> usize {
    let after = map.partition_point(|&(real, _)| real < offset);
    map.get(after).or(map.last()).map_or(0, |&(_, shown)| shown)
}

/// The last `limit` bytes of a path: its end says most.
pub(super) fn tail(path: &str, limit: usize) -> String {
    if path.len() <= limit {
        return path.to_owned();
    }
    let start = (path.len() - limit..path.len()).find(|&start| path.is_char_boundary(start)).unwrap_or(path.len());
    format!("…{}", path.get(start..).unwrap_or(""))
}

impl<'a> Files<'a> for Excerpt {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.file(id)?.name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.file(id)?.text)
    }

    fn line_index(&'a self, id: usize, byte_index: usize) -> Result<usize, Error> {
        let lines = &self.file(id)?.lines;
        let after = lines.partition_point(|line| line.range.start <= byte_index);
        Ok(lines.get(after.saturating_sub(1)).map_or(0, |line| line.index))
    }

    fn line_number(&'a self, id: usize, line_index: usize) -> Result<usize, Error> {
        Ok(self.file(id)?.line(line_index)?.number)
    }

    fn line_range(&'a self, id: usize, line_index: usize) -> Result<Range<usize>, Error> {
        Ok(self.file(id)?.line(line_index)?.range.clone())
    }

    fn location(&'a self, id: usize, byte_index: usize) -> Result<Location, Error> {
        let place = self.file(id)?.places.iter().find(|(at, _)| *at == byte_index);
        let place = place.map_or(LineColumn { line: 1, column: 1 }, |(_, place)| *place);
        Ok(Location { line_number: place.line as usize, column_number: place.column as usize })
    }
}
