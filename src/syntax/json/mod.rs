//! JSON as RFC 8259 has it, strict and located.
//!
//! The reader does not recurse: open containers are frames on a heap stack. After an error it closes what is open, so
//! that the first half of a broken template is still there.

mod scalar;

pub(super) use scalar::unicode_escape;

use super::limits::{MAX_DEPTH, MAX_NODES, TOO_DEEP, TOO_MANY};
use super::{Comments, DuplicateKey, Kind, NodeId, Parse, SyntaxError, TreeBuilder, duplicates};
use crate::source::{FileId, SourceFile, Span};
use std::ops::Range;
use std::sync::Arc;

/// Reads a file as JSON. A byte-order mark at its start is passed over.
#[must_use]
pub fn parse_json(source: &Arc<SourceFile>) -> Parse {
    parse_json_at(source, 0..source.text().len())
}

/// Reads one JSON value that fills the byte range `range` of a file, such as a part of a large plan. All spans are
/// places in the whole file.
#[must_use]
pub fn parse_json_at(source: &Arc<SourceFile>, range: Range<usize>) -> Parse {
    let start = range.start;
    let Some(text) = source.text().get(range) else {
        let span = Span::at(source.id(), start);
        let error = SyntaxError::new("this range does not fit the file", span);
        let tree = TreeBuilder::new(Arc::clone(source)).finish(None);
        return Parse {
            tree,
            errors: vec![error],
            lapses: Vec::new(),
            comments: Comments::default(),
            duplicates: Vec::new(),
        };
    };
    let skip = if start == 0 && text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let text = text.get(skip..).unwrap_or("");
    let origin = InFile { file: source.id(), base: start + skip };
    JsonReader::new(text, origin, TreeBuilder::new(Arc::clone(source))).read().0
}

/// Reads a file as JSON that may hold comments and trailing commas, which are told as lapses.
pub(super) fn parse_lenient(source: &Arc<SourceFile>) -> Parse {
    let text = source.text().strip_prefix('\u{FEFF}').unwrap_or(source.text());
    let origin = InFile { file: source.id(), base: source.text().len() - text.len() };
    let reader = JsonReader::new(text, origin, TreeBuilder::new(Arc::clone(source)));
    JsonReader { lenient: true, ..reader }.read().0
}

/// So many lapses of a text are told. Nobody reads more.
const MAX_LAPSES: usize = 100;

/// What stands in a lapse's message for a comma that nothing follows.
pub(super) const TRAILING_COMMA: &str = "JSON allows no comma after the last entry";

/// Where the text that is read comes from.
pub(super) trait Origin {
    /// True where the text may hold holes.
    const HOLES: bool;
    /// The place in the file of the text's bytes `start..end`.
    fn span(&self, start: usize, end: usize) -> Span;
    /// The number of the hole that stands at byte `at` of the text.
    fn hole(&self, at: usize) -> Option<usize>;
}

/// Text that is a slice of the file.
struct InFile {
    file: FileId,
    base: usize,
}

impl Origin for InFile {
    const HOLES: bool = false;

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.base + start, self.base + end)
    }

    fn hole(&self, _at: usize) -> Option<usize> {
        None
    }
}

/// What a reader of embedded text must know about the nodes beyond the tree.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// For each node, the byte of the text at which it starts.
    pub(super) starts: Vec<u32>,
    /// The values that are a hole outside quotes, in the order of the text.
    pub(super) bare: Vec<NodeId>,
}

#[derive(Debug)]
struct Frame {
    kind: Kind,
    /// The opening bracket.
    open: usize,
    /// Where the container's children start among `JsonReader::items`.
    first: usize,
}

/// What may come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value after a comma.
    Item,
    /// A value or `]`.
    FirstItem,
    /// A key or `}`.
    FirstKey,
    Key,
    Colon,
    /// `,` or a closing bracket.
    Next,
    End,
}

/// The first error ends the reading.
#[derive(Debug)]
struct Failure {
    message: String,
    start: usize,
    end: usize,
}

pub(super) struct JsonReader<'a, O> {
    text: &'a str,
    origin: O,
    at: usize,
    builder: TreeBuilder,
    frames: Vec<Frame>,
    items: Vec<NodeId>,
    scratch: String,
    found: Vec<DuplicateKey>,
    places: Places,
    /// Whether comments and trailing commas are read over.
    lenient: bool,
    lapses: Vec<SyntaxError>,
    /// Where the last comma between two entries stands.
    comma: usize,
}

impl<'a, O: Origin> JsonReader<'a, O> {
    pub(super) fn new(text: &'a str, origin: O, builder: TreeBuilder) -> Self {
        Self {
            text,
            origin,
            at: 0,
            builder,
            frames: Vec::new(),
            items: Vec::new(),
            scratch: String::new(),
            found: Vec::new(),
            places: Places::default(),
            lenient: false,
            lapses: Vec::new(),
            comma: 0,
        }
    }

    pub(super) fn read(mut self) -> (Parse, Places) {
        let mut errors = Vec::new();
        if let Err(failure) = self.run() {
            let span = self.origin.span(failure.start, failure.end);
            errors.push(SyntaxError::new(failure.message, span));
            self.close_all();
        }
        let tree = self.builder.finish(self.items.first().copied());
        let lapses = self.lapses;
        (Parse { tree, errors, lapses, comments: Comments::default(), duplicates: self.found }, self.places)
    }

    fn run(&mut self) -> Result<(), Failure> {
        let mut expect = Expect::Value;
        loop {
            self.skip_blanks();
            let Some(byte) = self.peek() else {
                return if expect == Expect::End { Ok(()) } else { Err(self.unexpected(expect)) };
            };
            expect = match (expect, byte) {
                (Expect::Value | Expect::Item | Expect::FirstItem, b'{') => {
                    self.open(Kind::Mapping, Expect::FirstKey)?
                }
                (Expect::Value | Expect::Item | Expect::FirstItem, b'[') => {
                    self.open(Kind::Sequence, Expect::FirstItem)?
                }
                (Expect::FirstItem, b']') | (Expect::FirstKey, b'}') => self.close(),
                (Expect::Key, b'}') | (Expect::Item, b']') if self.lenient => {
                    self.lapse(TRAILING_COMMA, self.comma, self.comma + 1);
                    self.close()
                }
                (Expect::Value | Expect::Item | Expect::FirstItem, _) => {
                    self.scalar(byte)?;
                    self.after_value()
                }
                (Expect::FirstKey | Expect::Key, b'"') => {
                    self.string()?;
                    Expect::Colon
                }
                (Expect::Colon, b':') => {
                    self.at += 1;
                    Expect::Value
                }
                (Expect::Next, b',' | b']' | b'}') => self.next(byte)?,
                _ => return Err(self.unexpected(expect)),
            };
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        self.skip_white_space();
        while self.lenient && self.peek() == Some(b'/') && self.skip_comment() {
            self.skip_white_space();
        }
    }

    fn skip_white_space(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or(&[]);
        let blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        self.at += rest.iter().position(|byte| !blank(byte)).unwrap_or(rest.len());
    }

    /// Passes over a comment as JavaScript has it; false where there is none.
    fn skip_comment(&mut self) -> bool {
        let (start, rest) = (self.at, self.rest().as_bytes());
        let length = match rest.get(1) {
            Some(b'/') => memchr::memchr2(b'\n', b'\r', rest),
            Some(b'*') => memchr::memmem::find(rest.get(2..).unwrap_or(&[]), b"*/").map(|at| at + 4),
            _ => return false,
        };
        self.at += length.unwrap_or(rest.len());
        self.lapse("JSON allows no comments", start, self.at);
        true
    }

    fn lapse(&mut self, message: &str, start: usize, end: usize) {
        if self.lapses.len() < MAX_LAPSES {
            let span = self.origin.span(start, end);
            self.lapses.push(SyntaxError::new(message, span));
        }
    }

    fn after_value(&self) -> Expect {
        if self.frames.is_empty() { Expect::End } else { Expect::Next }
    }

    /// After a `,` or at a closing bracket.
    fn next(&mut self, byte: u8) -> Result<Expect, Failure> {
        let mapping = self.frames.last().is_some_and(|frame| frame.kind == Kind::Mapping);
        match (byte, mapping) {
            (b',', _) => {
                self.comma = self.at;
                self.at += 1;
                Ok(if mapping { Expect::Key } else { Expect::Item })
            }
            (b'}', true) | (b']', false) => Ok(self.close()),
            _ => Err(self.unexpected(Expect::Next)),
        }
    }

    fn open(&mut self, kind: Kind, next: Expect) -> Result<Expect, Failure> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(self.failure(TOO_DEEP.to_owned()));
        }
        if self.builder.size() >= MAX_NODES {
            return Err(self.failure(TOO_MANY.to_owned()));
        }
        self.frames.push(Frame { kind, open: self.at, first: self.items.len() });
        self.at += 1;
        Ok(next)
    }

    /// At the closing bracket of the innermost container.
    fn close(&mut self) -> Expect {
        self.at += 1;
        self.close_here();
        self.after_value()
    }

    /// Ends the innermost container where the reader stands.
    fn close_here(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let children = self.items.get(frame.first..).unwrap_or(&[]);
        if frame.kind == Kind::Mapping {
            duplicates::find(&self.builder, children, &mut self.found);
        }
        let span = self.origin.span(frame.open, self.at);
        let node = self.builder.container(frame.kind, span, children);
        self.items.truncate(frame.first);
        self.note(node, frame.open);
    }

    fn close_all(&mut self) {
        while let Some(frame) = self.frames.last() {
            if frame.kind == Kind::Mapping && !(self.items.len() - frame.first).is_multiple_of(2) {
                let nothing = self.origin.span(self.at, self.at);
                let node = self.builder.scalar(Kind::Null, nothing, "", None);
                self.note(node, self.at);
            }
            self.close_here();
        }
    }

    /// Puts a finished node among the children of the innermost container.
    fn note(&mut self, node: NodeId, start: usize) {
        self.items.push(node);
        if O::HOLES {
            self.places.starts.push(u32::try_from(start).unwrap_or(u32::MAX));
        }
    }

    fn push_scalar(&mut self, kind: Kind, start: usize, text: &str) -> Result<(), Failure> {
        if self.builder.size() >= MAX_NODES {
            return Err(self.failure(TOO_MANY.to_owned()));
        }
        let span = self.origin.span(start, self.at);
        // A quoted string that holds no escape stands in the file between its quotes.
        let inner = if kind == Kind::String { (start + 1, self.at.saturating_sub(1)) } else { (start, self.at) };
        let verbatim = (inner.1.saturating_sub(inner.0) == text.len()).then(|| self.origin.span(inner.0, inner.1));
        let node = self.builder.scalar(kind, span, text, verbatim);
        self.note(node, start);
        Ok(())
    }

    /// A failure at the character at which the reader stands.
    fn failure(&self, message: String) -> Failure {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        Failure { message, start: self.at, end: self.at + length }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn unexpected(&self, expect: Expect) -> Failure {
        let mapping = self.frames.last().is_some_and(|frame| frame.kind == Kind::Mapping);
        let wanted = match expect {
            Expect::Value | Expect::Item => "a value",
            Expect::FirstItem => "a value or `]`",
            Expect::FirstKey => "a key in double quotes or `}`",
            Expect::Key => "a key in double quotes",
            Expect::Colon => "`:` after the key",
            Expect::Next if mapping => "`,` or `}`",
            Expect::Next => "`,` or `]`",
            Expect::End => "nothing after the value",
        };
        self.failure(format!("expected {wanted}, but {}", self.describe()))
    }

    /// What stands where the reader is, in words.
    fn describe(&self) -> String {
        if O::HOLES && self.origin.hole(self.at).is_some() {
            return "found a part that is not known".to_owned();
        }
        match self.rest().chars().next() {
            None => "the text ends".to_owned(),
            Some(character) if character.is_control() => format!("found U+{:04X}", u32::from(character)),
            Some(character) => format!("found `{character}`"),
        }
    }
}

#[cfg(test)]
mod tests;
