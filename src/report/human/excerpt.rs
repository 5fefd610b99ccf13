//! The lines that a diagnostic shows: windows of them, escaped, with their true line and column numbers.
//!
//! The renderer prints every line that a label touches in full. A plan is often one line of megabytes, so the renderer
//! is given a made-up text instead, which holds only what is to be seen.

use super::super::escape;
use super::super::record::{self, Line as Source, Place};
use codespan_reporting::diagnostic::{Label, LabelStyle};
use codespan_reporting::files::{Error, Files, Location};
use std::ops::Range;

/// A place to underline.
#[derive(Clone, Debug)]
pub(super) struct Mark<'a> {
    pub(super) place: &'a Place,
    pub(super) part: record::Mark,
    pub(super) message: String,
    pub(super) style: LabelStyle,
}

impl Mark<'_> {
    fn start(&self) -> usize {
        self.part.start as usize
    }

    fn end(&self) -> usize {
        self.part.end as usize
    }
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
    /// Where labels start in `text`, and which line and column of the file that is.
    places: Vec<(usize, (u32, u32))>,
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
    pub(super) fn new(lines: &[Source], marks: &[Mark<'_>], width: usize) -> (Self, Vec<Label<usize>>) {
        let mut excerpt = Self::default();
        let mut labels = Vec::new();
        let mut done: Vec<&str> = Vec::new();
        for file in marks.iter().map(|mark| &*mark.place.file) {
            if done.contains(&file) {
                continue;
            }
            done.push(file);
            let mut here: Vec<&Mark<'_>> = marks.iter().filter(|mark| &*mark.place.file == file).collect();
            here.sort_by_key(|mark| (mark.place.start.offset, mark.place.end.offset));
            let (shown, ranges) = show(file, &here, lines, width);
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
struct Window<'a> {
    source: &'a Source,
    shown: Range<usize>,
}

/// Shows the lines of marks, which are in order. Gives where each went.
fn show(file: &str, marks: &[&Mark<'_>], lines: &[Source], width: usize) -> (Shown, Vec<Range<usize>>) {
    let mut shown = Shown { name: tail(&escape::line(file), 120), ..Shown::default() };
    let mut ranges = Vec::new();
    let mut last: Option<(Window<'_>, Vec<(usize, usize)>)> = None;
    for mark in marks {
        if !last.as_ref().is_some_and(|(window, _)| window.holds(mark.start())) {
            let Some(source) = lines.get(mark.part.line as usize) else { continue };
            let window = Window::new(source, mark.start(), width);
            let before = last.take().map(|(window, _)| window);
            fill_gap(&mut shown, lines, before.as_ref(), &window, width);
            let gap = shown.lines.last().map_or(0, |line| step(line.number, window.number()));
            let map = shown.push(&window, gap);
            last = Some((window, map));
        }
        if let Some((window, map)) = &last {
            let range = locate(map, mark.start())..locate(map, window.end_of(mark, width));
            shown.places.push((range.start, (mark.place.start.line, mark.place.start.column)));
            ranges.push(range);
        }
    }
    (shown, ranges)
}

impl<'a> Window<'a> {
    /// The part of a line to show around a place.
    fn new(source: &'a Source, start: usize, width: usize) -> Self {
        let (first, text) = (source.offset as usize, &source.text);
        let before = text.get(..start.saturating_sub(first)).unwrap_or("");
        let back = |count: usize| before.char_indices().rev().take(count).last().map_or(start, |(at, _)| first + at);
        // What stands before the place tells what it is; the line's own start tells most.
        let is_whole = !source.cut_before && back(width * 2 / 3) == first;
        let from = if is_whole { first } else { back(width / 4) };
        let after = text.get(from - first..).unwrap_or("");
        let to = after.char_indices().nth(width).map_or(first + text.len(), |(at, _)| from + at);
        Self { source, shown: from..to }
    }

    fn number(&self) -> usize {
        self.source.number as usize
    }

    fn text(&self) -> &'a str {
        let first = self.source.offset as usize;
        self.source.text.get(self.shown.start - first..self.shown.end - first).unwrap_or("")
    }

    fn cut_before(&self) -> bool {
        self.source.cut_before || self.shown.start > self.source.offset as usize
    }

    fn cut_after(&self) -> bool {
        self.source.cut_after || self.shown.end < self.source.offset as usize + self.source.text.len()
    }

    /// Whether a place of the file is shown already.
    fn holds(&self, offset: usize) -> bool {
        !self.source.alone && (self.shown.contains(&offset) || !self.cut_after() && offset == self.shown.end)
    }

    /// Where to stop underlining. What goes on past the window is underlined for a part of it only, so that there is
    /// room for what is said of it.
    fn end_of(&self, mark: &Mark<'_>, width: usize) -> usize {
        let (start, end) = (mark.start(), mark.end());
        if end <= self.shown.end || !self.cut_after() {
            return end.clamp(start, self.shown.end.max(start));
        }
        let rest = self.text().get(start.saturating_sub(self.shown.start)..).unwrap_or("");
        rest.char_indices().nth(width / 3).map_or(self.shown.end, |(at, _)| start + at)
    }
}

/// How far apart the renderer must take two lines to be: 1 for neighbours (and for two windows of one line), 3 where
/// it shall show a gap.
fn step(before: usize, after: usize) -> usize {
    if after.saturating_sub(before) <= 1 { 1 } else { 3 }
}

/// A single line between two others is shown: a gap mark would take as much room.
fn fill_gap(shown: &mut Shown, lines: &[Source], before: Option<&Window<'_>>, after: &Window<'_>, width: usize) {
    if before.is_none_or(|before| before.number() + 2 != after.number()) {
        return;
    }
    let between = (&after.source.file, after.source.number.saturating_sub(1));
    let is_between = |line: &&Source| (&line.file, line.number) == between && !line.cut_before && !line.alone;
    if let Some(line) = lines.iter().find(is_between) {
        shown.push(&Window::new(line, line.offset as usize, width), 1);
    }
}

impl Shown {
    /// Appends a window, escaped. Returns which byte of the file went where.
    fn push(&mut self, window: &Window<'_>, step: usize) -> Vec<(usize, usize)> {
        let start = self.text.len();
        let text = window.text();
        let mut map = Vec::with_capacity(text.len() + 1);
        if window.cut_before() {
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
        if window.cut_after() {
            self.text.push('…');
        }
        let index = self.lines.last().map_or(0, |line| line.index + step);
        self.lines.push(Line { index, number: window.number(), range: start..self.text.len() });
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
        let (line, column) = place.map_or((1, 1), |(_, place)| *place);
        Ok(Location { line_number: line as usize, column_number: column as usize })
    }
}
