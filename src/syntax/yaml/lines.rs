//! From the parser's lines and columns to byte offsets.
//!
//! The parser's own index counts characters and drifts after block scalars that are not ASCII; its lines and columns
//! are right.

use super::guard::{INDENT, LINES_BEFORE};
use crate::source::SourceFile;
use std::rc::Rc;

#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    source: &'a SourceFile,
    /// Where the first line starts: after a byte-order mark.
    first: usize,
    /// How many characters the parser was given before the text on its first line.
    prefix: usize,
    /// The lines that the parser was given indented.
    indented: Rc<[usize]>,
    line: usize,
    column: usize,
    offset: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(source: &'a SourceFile, first: usize, prefix: usize, indented: &[usize]) -> Self {
        Self { source, first, prefix, indented: indented.into(), line: 1, column: 0, offset: first }
    }

    /// The byte at the parser's `line` and `column` (in characters, from 0), remembered so that the next place on the
    /// same line is found from here: a file of one long line takes linear time.
    pub(super) fn seek(&mut self, line: usize, column: usize) -> usize {
        let line = Self::own(line);
        let added = match line {
            1 => self.prefix,
            _ if self.indented.binary_search(&line).is_ok() => INDENT,
            _ => 0,
        };
        let column = column.saturating_sub(added);
        if line != self.line || column < self.column {
            self.line = line;
            self.column = 0;
            self.offset = self.line_start(line);
        }
        self.offset = self.advance(column - self.column);
        self.column = column;
        self.offset
    }

    /// The line of the text (from 1) that the parser's line is.
    pub(super) fn own(line: usize) -> usize {
        line.saturating_sub(LINES_BEFORE).max(1)
    }

    /// As [`Lines::seek`], without remembering.
    pub(super) fn find(&self, line: usize, column: usize) -> usize {
        self.clone().seek(line, column)
    }

    /// The first byte of a line; the end of the text for a line after it.
    pub(super) fn line_start(&self, line: usize) -> usize {
        match line {
            0 | 1 => self.first,
            _ => {
                let start = u32::try_from(line).ok().and_then(|line| self.source.line_start(line));
                start.map_or(self.source.text().len(), |start| start as usize)
            }
        }
    }

    fn advance(&self, characters: usize) -> usize {
        let text = self.source.text();
        let end = self.offset + characters;
        match text.as_bytes().get(self.offset..end) {
            Some(bytes) if bytes.is_ascii() => end,
            _ => {
                let rest = text.get(self.offset..).unwrap_or("");
                let length = rest.char_indices().nth(characters).map_or(rest.len(), |(index, _)| index);
                self.offset + length
            }
        }
    }
}
