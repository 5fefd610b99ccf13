//! Lays the decoded text of a scalar beside its source.
//!
//! The decoded text is known, so that this is no second decoder: it only asks which bytes of the source each byte came
//! from. Where the two part (which would be a bug), the rest of the text maps to the rest of the scalar.

use super::{MARK, OffsetMap, marked};
use crate::syntax::json::unicode_escape;
use std::ops::Range;

/// The map of the text `decoded` of the scalar at `whole` in `source`. With `marks`, `decoded` holds marks.
pub(super) fn align(source: &str, whole: Range<usize>, decoded: &str, marks: bool) -> OffsetMap {
    let scalar = source.get(whole.clone()).unwrap_or("");
    if decoded.is_empty() {
        let quote = usize::from(scalar.starts_with(['"', '\'']));
        return OffsetMap::whole(0, whole.start + quote..whole.start + quote);
    }
    let inner = match scalar.bytes().next() {
        Some(b'"' | b'\'') => whole.start + 1..whole.end.saturating_sub(1).max(whole.start + 1),
        _ => whole.clone(),
    };
    let mut aligner = Aligner { source, at: inner.start, end: inner.end, decoded, map: OffsetMap::default(), marks };
    let done = match scalar.bytes().next() {
        Some(b'|' | b'>') => aligner.block(),
        Some(b'"') => aligner.flow(Quote::Double),
        Some(b'\'') => aligner.flow(Quote::Single),
        _ => aligner.flow(Quote::None),
    };
    if done.is_none() || !aligner.decoded.is_empty() {
        let rest = aligner.decoded.len();
        let from = aligner.at.min(whole.end);
        aligner.map.push_whole(rest, from..whole.end);
    }
    aligner.map
}

/// The length of the JSON string that starts `text`, quotes included.
pub(super) fn quoted_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

struct Aligner<'a> {
    source: &'a str,
    at: usize,
    end: usize,
    /// What is still to be placed.
    decoded: &'a str,
    map: OffsetMap,
    marks: bool,
}

impl<'a> Aligner<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..self.end).unwrap_or("")
    }

    /// Places the next `length` bytes of the text at the next `width` bytes of the source.
    fn place(&mut self, length: usize, width: usize) -> Option<()> {
        self.decoded = self.decoded.get(length..)?;
        if length > 0 {
            self.map.push(length, self.at..self.at + width);
        }
        self.at += width;
        Some(())
    }

    /// The length of the next character of the text, as it is written there.
    fn next_length(&self) -> Option<usize> {
        let character = self.decoded.chars().next()?;
        if self.marks && character == MARK {
            return Some(marked(self.decoded).1);
        }
        Some(character.len_utf8())
    }

    /// A plain or quoted scalar.
    fn flow(&mut self, quote: Quote) -> Option<()> {
        let mut after_escaped_break = false;
        while !self.decoded.is_empty() {
            let rest = self.rest();
            let first = rest.chars().next()?;
            match first {
                '\\' if quote == Quote::Double => {
                    let width = break_length(rest.get(1..)?);
                    after_escaped_break = width > 0;
                    if after_escaped_break { self.place(0, 1 + width) } else { self.escape(rest) }?;
                    continue;
                }
                '\'' if quote == Quote::Single => self.place(1, 2)?,
                ' ' | '\t' | '\n' | '\r' => self.blanks(rest, after_escaped_break)?,
                _ => {
                    let length = self.next_length()?;
                    let fits = self.marks || self.decoded.starts_with(first);
                    fits.then(|| self.place(length, first.len_utf8()))??;
                }
            }
            after_escaped_break = false;
        }
        Some(())
    }

    fn escape(&mut self, rest: &str) -> Option<()> {
        let width = match rest.as_bytes().get(1)? {
            b'x' => 4,
            b'U' => 10,
            b'u' => unicode_escape(rest)?.1,
            _ => 2,
        };
        let length = self.next_length()?;
        self.place(length, width)
    }

    /// White space, which is folded where it holds a line break.
    fn blanks(&mut self, rest: &str, after_escaped_break: bool) -> Option<()> {
        let width = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        let run = rest.get(..width)?;
        let breaks = count_breaks(run);
        let length = match (breaks, after_escaped_break) {
            (breaks, true) => breaks,
            (0, false) => width,
            (1, false) => 1,
            (breaks, false) => breaks - 1,
        };
        self.place(length, width)
    }

    /// A literal or folded block, from its header.
    fn block(&mut self) -> Option<()> {
        let first_text = self.decoded.lines().find(|line| !line.trim_start_matches(' ').is_empty())?;
        let header = self.rest().find(['\n', '\r'])?;
        self.at += header + break_length(self.rest().get(header..)?);
        let indent = self.block_indent()?.checked_sub(leading_spaces(first_text))?;
        let mut line_end = self.at;
        while self.at < self.end && !self.decoded.is_empty() {
            let line = self.rest();
            let width = line.find(['\n', '\r']).unwrap_or(line.len());
            let next = self.at + width + break_length(line.get(width..)?);
            if let Some(text) = line.get(indent..width).filter(|text| !text.is_empty()) {
                let start = self.at + indent;
                self.at = line_end;
                self.separator(text, start - line_end)?;
                self.decoded.starts_with(text).then(|| self.place(text.len(), text.len()))??;
                line_end = self.at;
            }
            self.at = next;
        }
        self.at = line_end;
        Some(())
    }

    /// How far the first line with more than spaces is indented.
    fn block_indent(&self) -> Option<usize> {
        let mut lines = self.rest().split(['\n', '\r']);
        lines.find(|line| !line.trim_start_matches(' ').is_empty()).map(leading_spaces)
    }

    /// What stands in the text between two lines of the source, the second of which is `text`.
    fn separator(&mut self, text: &str, width: usize) -> Option<()> {
        let breaks = self.decoded.len() - self.decoded.trim_start_matches('\n').len();
        let folded = breaks == 0 && !self.map.is_empty() && !text.starts_with([' ', '\t']);
        let length = if folded && self.decoded.starts_with(' ') { 1 } else { breaks };
        self.place(length, width)
    }
}

fn leading_spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The length of the line break that starts `text`; 0 for none.
fn break_length(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with(['\n', '\r'])) }
}

fn count_breaks(text: &str) -> usize {
    let all = text.matches(['\n', '\r']).count();
    all - text.matches("\r\n").count()
}
