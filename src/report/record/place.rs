//! Places, resolved: no source text is needed to write them, in whichever unit a reader counts.

use crate::source::{LineColumn, SourceFile, Sources, Span};
use std::sync::Arc;

/// A position, resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Byte offset, from 0.
    pub offset: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
    /// Column in UTF-16 units, from 1.
    pub utf16: u32,
    /// Column in bytes of UTF-8, from 1.
    pub byte: u32,
}

/// A range in a file, resolved; the end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's path as shown. Untrusted.
    pub file: Arc<str>,
    /// The first character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

impl Place {
    /// Resolves a span. A span of no known file (which no layer makes) gives the start of a file without name.
    #[must_use]
    pub fn of(sources: &Sources, span: Span) -> Self {
        let span = sources.written(span);
        let Some(file) = sources.get(span.file) else { return Self::start_of("") };
        let at = |offset| position(file, offset);
        Self { file: file.shared_path(), start: at(span.start), end: at(span.end) }
    }

    /// Whether another place lies within it.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        self.file == other.file && self.start.offset <= other.start.offset && other.end.offset <= self.end.offset
    }

    /// The start of a file, for what is said of the file as a whole.
    #[must_use]
    pub fn start_of(file: impl Into<Arc<str>>) -> Self {
        let start = Position { offset: 0, line: 1, column: 1, utf16: 1, byte: 1 };
        Self { file: file.into(), start, end: start }
    }
}

fn position(file: &SourceFile, offset: u32) -> Position {
    let LineColumn { line, column, utf16, byte } = file.position(offset);
    Position { offset, line, column, utf16, byte }
}
