//! The adapter before the YAML parser: events with their exact bytes. No other module knows the parser.
//!
//! The parser marks starts of scalars and brackets by line and column. Everything else (ends, tags, anchors, comments,
//! starts of block collections) is found by a cursor that goes through the text beside the parser: between two nodes
//! there is only white space, comments, properties, and the indicators that the open collection asks for.

mod again;

pub use super::guard::Given;
use super::guard::{Budget, Guarded};
use super::lexer::{Cursor, Range};
use super::lines::Lines;
use crate::source::SourceFile;
use crate::syntax::Comments;
use again::Asked;
use yaml_rust2::parser::{Event as Parsed, Parser, Tag as ParsedTag};
use yaml_rust2::scanner::{Marker, ScanError, TScalarStyle};

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// How a collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// By indentation.
    Block,
    /// In brackets.
    Flow,
    /// A mapping of one entry that stands in a flow sequence without brackets of its own: `[key: value]`.
    Pair,
}

/// What happens at a place of the text.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// A document starts.
    DocumentStart,
    /// A document ends.
    DocumentEnd,
    /// An alias of the anchor with that number.
    Alias(usize),
    /// A scalar with its decoded text.
    Scalar(String, Style),
    /// A sequence starts.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "other parsers' layouts are held against it"))]
    SequenceStart(Layout),
    /// The innermost collection, a sequence, ends.
    SequenceEnd,
    /// A mapping starts.
    #[cfg_attr(not(feature = "internals"), expect(dead_code, reason = "other parsers' layouts are held against it"))]
    MappingStart(Layout),
    /// The innermost collection, a mapping, ends.
    MappingEnd,
}

/// A tag.
#[derive(Clone, Debug)]
pub struct Tag {
    /// The tag with its handle resolved: `!Ref`, or `tag:yaml.org,2002:str` for `!!str`. A lone `!` stays `!`.
    pub name: String,
    /// Where it is written: first byte, one past the last.
    pub range: (usize, usize),
}

/// An event with its place.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happens.
    pub kind: EventKind,
    /// The bytes of it: first, one past the last. A scalar's quotes belong to it, its tag and anchor do not; a block
    /// scalar goes from its header to the end of its last line with text. Starts and ends of block collections are
    /// empty ranges, the start where the first entry starts and the end where the last one ends.
    pub range: (usize, usize),
    /// The node's tag.
    pub tag: Option<Tag>,
    /// The number of the node's anchor, from 1; 0 for none.
    pub anchor: usize,
    /// Where a scalar's text would start in the file if it stood there as it is.
    pub content: usize,
}

/// Why there are no more events.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong.
    pub message: String,
    /// The byte at which it is wrong.
    pub offset: usize,
}

/// An open collection.
#[derive(Clone, Copy, Debug)]
struct Open {
    layout: Layout,
    mapping: bool,
    /// In a mapping: a value is due, not a key.
    value: bool,
}

/// Reads over the document that stands before the text; gives what comes after it, where that is an error.
fn pass_first_document(parser: &mut Parser<Guarded<'_>>) -> Option<Result<(Parsed, Marker), ScanError>> {
    loop {
        match parser.next_token() {
            Ok((Parsed::DocumentEnd, _)) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

/// The events of one text.
#[derive(Debug)]
pub struct Events<'a> {
    parser: Parser<Guarded<'a>>,
    /// What the parser said next, where that had to be known.
    ahead: Option<Result<(Parsed, Marker), ScanError>>,
    budget: Budget,
    lines: Lines<'a>,
    cursor: Cursor<'a>,
    open: Vec<Open>,
    /// The end of the last thing that belongs to a node, white space and comments left out.
    content_end: usize,
    nul: Option<usize>,
    corrections: usize,
    asked: Asked,
}

impl<'a> Events<'a> {
    /// The events of `source`, which the parser is given with the changes of `given`.
    #[must_use]
    pub fn new(source: &'a SourceFile, given: &Given) -> Self {
        let whole = source.text();
        let start = if whole.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        // The parser takes NUL for the end.
        let nul = memchr::memchr(0, whole.as_bytes());
        let text = whole.get(start..nul.unwrap_or(whole.len())).unwrap_or("");
        let (before, columns) = given.before(text);
        let budget = Budget::new(text);
        let lines = Lines::new(source, start, columns, &given.indented);
        let starts: Vec<usize> = given.indented.iter().map(|&line| lines.line_start(line) - start).collect();
        let blanks: Vec<usize> = given.blanks.iter().map(|&offset| offset.saturating_sub(start)).collect();
        let mut parser = Parser::new(Guarded::new(before, text, budget.clone(), &starts, &blanks));
        let ahead = pass_first_document(&mut parser);
        Self {
            parser,
            ahead,
            budget,
            lines,
            cursor: Cursor::new(whole.get(..nul.unwrap_or(whole.len())).unwrap_or(""), start),
            open: Vec::new(),
            content_end: start,
            nul,
            corrections: 0,
            asked: Asked::Nothing,
        }
    }

    /// The comments passed so far, handed out.
    #[must_use]
    pub fn take_comments(&mut self) -> Comments {
        std::mem::take(&mut self.cursor.comments)
    }

    /// How often the cursor had to be put right by the parser's marks. Anything but 0 is a bug of this module.
    #[must_use]
    #[cfg(feature = "internals")]
    pub fn corrections(&self) -> usize {
        self.corrections
    }

    /// Where the last node that was read ends.
    #[must_use]
    pub(crate) fn content_end(&self) -> usize {
        self.content_end
    }

    /// The next event; `None` at the end of the text.
    ///
    /// # Errors
    /// What is not YAML, a NUL character, and collections that are too large to hold. There are no events after it.
    pub fn read(&mut self) -> Result<Option<Event>, Failure> {
        loop {
            let parsed = match self.ahead.take() {
                Some(parsed) => parsed,
                None => self.next_parsed(),
            };
            if self.budget.is_spent() {
                self.cursor.skip_trivia();
                let message = "this flow collection or scalar is too large".to_owned();
                return Err(Failure { message, offset: self.cursor.at });
            }
            let (event, mark) = parsed.map_err(|error| self.failure(&error))?;
            match self.nul {
                Some(offset) if matches!(event, Parsed::DocumentEnd | Parsed::StreamEnd) => {
                    return Err(Failure { message: "the text holds a NUL character".to_owned(), offset });
                }
                _ => {}
            }
            match event {
                Parsed::Nothing | Parsed::StreamStart => {}
                Parsed::StreamEnd => {
                    self.cursor.skip_document_end();
                    return Ok(None);
                }
                event => return check(self.locate(event, mark)).map(Some),
            }
        }
    }

    fn next_parsed(&mut self) -> Result<(Parsed, Marker), ScanError> {
        self.budget.refill();
        self.parser.next_token()
    }

    fn locate(&mut self, event: Parsed, mark: Marker) -> Event {
        match event {
            Parsed::Alias(anchor) => self.alias(anchor, mark),
            Parsed::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag, mark),
            Parsed::SequenceStart(anchor, tag) => self.start(false, anchor, tag, mark),
            Parsed::MappingStart(anchor, tag) => self.start(true, anchor, tag, mark),
            Parsed::SequenceEnd => self.end(EventKind::SequenceEnd, mark),
            Parsed::MappingEnd => self.end(EventKind::MappingEnd, mark),
            Parsed::DocumentEnd => bare(EventKind::DocumentEnd, (self.content_end, self.content_end)),
            Parsed::DocumentStart | Parsed::Nothing | Parsed::StreamStart | Parsed::StreamEnd => {
                let start = self.document_start();
                bare(EventKind::DocumentStart, (start, self.cursor.at))
            }
        }
    }

    fn document_start(&mut self) -> usize {
        self.cursor.skip_document_end();
        let start = self.cursor.at;
        self.cursor.skip_document_start();
        self.content_end = self.cursor.at;
        start
    }

    /// Passes over the indicator that announces the next node in the innermost collection.
    fn announce(&mut self) {
        let before = self.cursor.at;
        self.cursor.skip_trivia();
        let Some(open) = self.open.last() else { return };
        let flow = open.layout == Layout::Flow;
        let found = match (open.mapping, open.value) {
            (true, true) if open.layout == Layout::Block => self.cursor.skip_indicator(b':'),
            (true, true) => self.cursor.skip_byte(b':'),
            (mapping, _) => {
                let comma = flow && self.cursor.skip_byte(b',');
                if comma {
                    self.cursor.skip_trivia();
                }
                let indicator = if mapping { b'?' } else { b'-' };
                (mapping || !flow) && self.cursor.skip_indicator(indicator) || comma
            }
        };
        if found {
            self.content_end = self.cursor.at.max(before);
        }
    }

    /// Passes over the properties of a node, as many as the parser found.
    fn properties(&mut self, anchor: usize, tag: Option<ParsedTag>) -> Option<Tag> {
        let mut name = tag.map(|tag| tag.handle + &tag.suffix);
        let mut anchor = anchor > 0;
        let mut found = None;
        let flow = self.open.last().is_some_and(|open| open.layout != Layout::Block);
        loop {
            self.cursor.skip_trivia();
            match self.cursor.peek() {
                Some(b'!') if name.is_some() => {
                    let range = self.cursor.skip_tag(flow);
                    found = name.take().map(|name| Tag { name, range });
                }
                Some(b'&') if anchor => {
                    self.cursor.skip_anchor();
                    anchor = false;
                }
                _ => return found,
            }
            self.content_end = self.cursor.at;
        }
    }

    /// Puts the cursor where the parser says that the node is.
    fn correct(&mut self, mark: Marker) {
        let offset = self.lines.seek(mark.line(), mark.col());
        if offset != self.cursor.at {
            self.corrections += 1;
            self.cursor.at = offset.max(self.cursor.at);
        }
    }

    /// After a whole node.
    fn done(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.value = open.mapping && !open.value;
        }
    }

    fn alias(&mut self, anchor: usize, mark: Marker) -> Event {
        self.announce();
        self.cursor.skip_trivia();
        self.correct(mark);
        let start = self.cursor.at;
        self.cursor.skip_anchor();
        self.content_end = self.cursor.at;
        self.done();
        bare(EventKind::Alias(anchor), (start, self.cursor.at))
    }

    fn scalar(
        &mut self,
        mut text: String,
        style: TScalarStyle,
        anchor: usize,
        tag: Option<ParsedTag>,
        mark: Marker,
    ) -> Event {
        self.announce();
        let tag = self.properties(anchor, tag);
        let style = style_of(style);
        let (range, content) = match style {
            Style::Plain if text.is_empty() => ((self.content_end, self.content_end), self.content_end),
            Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => {
                self.correct(mark);
                let range = self.cursor.skip_flow_scalar(style, &text);
                (range, range.0 + usize::from(style != Style::Plain))
            }
            Style::Literal | Style::Folded => {
                let (range, content) = self.block_scalar(&text, mark);
                // Without any line there is nothing to keep the line break of; the parser keeps one.
                if text == "\n" && self.cursor.has_no_lines(range) {
                    text.clear();
                }
                (range, content)
            }
        };
        self.content_end = self.content_end.max(range.1);
        self.done();
        Event { kind: EventKind::Scalar(text, style), range, tag, anchor, content }
    }

    fn block_scalar(&mut self, text: &str, mark: Marker) -> (Range, usize) {
        if !matches!(self.cursor.peek(), Some(b'|' | b'>')) {
            self.corrections += 1;
        }
        let has_text = text.bytes().any(|byte| byte != b'\n');
        // The parser marks the first line with text, not the header.
        let content = has_text.then(|| (self.lines.seek(mark.line(), mark.col()), mark.col()));
        let range = self.cursor.skip_block_scalar(content);
        (range, content.map_or(range.1, |(start, _)| start))
    }

    fn start(&mut self, mapping: bool, anchor: usize, tag: Option<ParsedTag>, mark: Marker) -> Event {
        self.announce();
        let tag = self.properties(anchor, tag);
        let bracket = if mapping { b'{' } else { b'[' };
        let marked = self.cursor.peek() == Some(bracket)
            && self.lines.find(mark.line(), mark.col()) == self.cursor.at
            && !(mapping && self.is_around_next(mark));
        let layout = if marked {
            Layout::Flow
        } else if self.open.last().is_some_and(|open| open.layout != Layout::Block) {
            Layout::Pair
        } else {
            Layout::Block
        };
        let start = self.cursor.at;
        if layout == Layout::Flow {
            self.correct(mark);
            self.cursor.at += 1;
        }
        self.content_end = self.cursor.at;
        self.open.push(Open { layout, mapping, value: false });
        let kind = if mapping { EventKind::MappingStart(layout) } else { EventKind::SequenceStart(layout) };
        Event { kind, range: (start, self.cursor.at), tag, anchor, content: start }
    }

    /// In `[{a: b}: c]` the pair and its key are marked at the same brace.
    fn is_around_next(&mut self, mark: Marker) -> bool {
        if !self.open.last().is_some_and(|open| open.layout == Layout::Flow && !open.mapping) {
            return false;
        }
        let ahead = self.next_parsed();
        let place = |mark: &Marker| (mark.line(), mark.col());
        let same = matches!(&ahead, Ok((Parsed::MappingStart(..), next)) if place(next) == place(&mark));
        self.ahead = Some(ahead);
        same
    }

    fn at_closing_bracket(&self) -> bool {
        matches!(self.cursor.peek(), Some(b'}' | b']'))
    }

    fn end(&mut self, kind: EventKind, mark: Marker) -> Event {
        let flow = self.open.pop().is_some_and(|open| open.layout == Layout::Flow);
        if flow {
            self.cursor.skip_trivia();
            if self.cursor.skip_byte(b',') {
                self.cursor.skip_trivia();
            }
            // After a trailing comma the parser marks the comma.
            if !self.at_closing_bracket() {
                self.correct(mark);
            }
            self.cursor.at += usize::from(self.at_closing_bracket());
            self.content_end = self.cursor.at;
        }
        self.done();
        bare(kind, (self.content_end.saturating_sub(usize::from(flow)), self.content_end))
    }
}

/// In flow collections the parser takes block indicators for plain text; YAML does not, and no other parser does.
fn check(event: Event) -> Result<Event, Failure> {
    match &event.kind {
        EventKind::Scalar(text, Style::Plain) if text.starts_with(['|', '>']) => {
            let message = "text without quotes cannot start with `|` or `>` here".to_owned();
            Err(Failure { message, offset: event.range.0 })
        }
        _ => Ok(event),
    }
}

/// An event without properties.
fn bare(kind: EventKind, range: Range) -> Event {
    Event { kind, range, tag: None, anchor: 0, content: range.0 }
}

fn style_of(style: TScalarStyle) -> Style {
    match style {
        TScalarStyle::Plain => Style::Plain,
        TScalarStyle::SingleQuoted => Style::SingleQuoted,
        TScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        TScalarStyle::Literal => Style::Literal,
        TScalarStyle::Folded => Style::Folded,
    }
}
