//! Where lines go into a text, so that everything else stays as it is.

use crate::frontend::writing::Refusal;
use crate::source::{Edit, FileId, Span};
use std::ops::Range;

/// The text of a file, as far as a writer looks at how it is laid out.
#[derive(Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
}

impl<'a> Layout<'a> {
    fn newline(self) -> &'static str {
        let first = self.text.find('\n').and_then(|at| self.text.get(..at));
        if first.is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" }
    }

    fn line_start(self, offset: usize) -> usize {
        self.text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
    }

    /// The white space that the line of `offset` starts with.
    fn margin(self, offset: usize) -> &'a str {
        let line = self.text.get(self.line_start(offset)..).unwrap_or("");
        let width = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..width).unwrap_or("")
    }

    /// Whether nothing but white space stands before `offset` in its line.
    pub(super) fn is_first(self, offset: usize) -> bool {
        self.line_start(offset) + self.margin(offset).len() == offset
    }

    /// Text of which all lines but the first get the margin of the line of `offset`.
    pub(super) fn hanging(self, text: &str, offset: usize) -> String {
        text.replace('\n', &format!("{}{}", self.newline(), self.margin(offset)))
    }

    /// A new line with the margin of the line of `offset`.
    pub(super) fn new_line(self, offset: usize) -> String {
        format!("{}{}", self.newline(), self.margin(offset))
    }

    pub(super) fn insert(self, offset: usize, text: impl Into<String>) -> Edit {
        Edit::insert(self.file, offset, text)
    }

    pub(super) fn replace(self, range: Range<usize>, text: &str) -> Edit {
        Edit::replace(Span::new(self.file, range.start, range.end), text)
    }

    /// The lines of a span away, where they hold nothing else.
    pub(super) fn without_line(self, span: Range<usize>) -> Result<Edit, Refusal> {
        let rest = self.text.get(span.end..).unwrap_or("");
        let end = span.end + rest.find('\n').map_or(rest.len(), |at| at + 1);
        let after = self.text.get(span.end..end).unwrap_or("").trim();
        if !self.is_first(span.start) || !(after.is_empty() || after.starts_with(['#', '/'])) {
            return Err(Refusal::Layout);
        }
        Ok(self.replace(self.line_start(span.start)..end, ""))
    }

    /// Lines of their own below the block that ends at `offset`, an empty one before them and after them.
    pub(super) fn below(self, offset: usize, lines: &[String]) -> Edit {
        let end = self.text.get(..offset).map_or(offset, |text| text.trim_end().len());
        let rest = self.text.get(end..).unwrap_or("");
        let end = end + rest.find('\n').map_or(rest, |at| rest.get(..at).unwrap_or("")).trim_end_matches('\r').len();
        let newline = self.newline();
        let next = self.text.get(end..).unwrap_or("").lines().nth(1).unwrap_or("");
        let after = if next.trim().is_empty() { "" } else { newline };
        self.insert(end, format!("{newline}{newline}{}{after}", lines.join(newline)))
    }

    /// Lines at the end of the block that spans `span`, before its bracket.
    pub(super) fn at_end_of_block(self, span: Range<usize>, lines: &[String]) -> Result<Edit, Refusal> {
        let end = self.text.get(..span.end).map_or(span.end, |text| text.trim_end().len());
        let bracket = end.checked_sub(1).filter(|&at| self.text.as_bytes().get(at) == Some(&b'}'));
        let bracket = bracket.ok_or(Refusal::Layout)?;
        let outer = self.margin(span.start);
        let newline = self.newline();
        let text: String = lines.iter().flat_map(|line| line.split('\n')).fold(String::new(), |text, line| {
            if line.is_empty() { text + newline } else { text + outer + "  " + line + newline }
        });
        if self.is_first(bracket) {
            return Ok(self.insert(self.line_start(bracket), text));
        }
        // A block in one line is opened up.
        let before = self.text.get(span.start..bracket).unwrap_or("");
        if before.trim_end().ends_with('{') {
            let from = span.start + before.trim_end().len();
            return Ok(self.replace(from..bracket, &format!("{newline}{text}{outer}")));
        }
        Err(Refusal::Layout)
    }
}
