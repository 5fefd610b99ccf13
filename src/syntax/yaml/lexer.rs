//! Where things that the parser does not locate start and end: comments, tags, anchors, indicators, ends of scalars.

use super::events::Style;
use crate::syntax::Comments;

/// A place in the text that moves forward only.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    pub(super) at: usize,
    /// Comments passed so far.
    pub(super) comments: Comments,
}

/// A byte range.
pub(super) type Range = (usize, usize);

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, comments: Comments::default() }
    }

    pub(super) fn length(&self) -> usize {
        self.text.len()
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    pub(super) fn peek_at(&self, offset: usize) -> Option<u8> {
        self.bytes().get(offset).copied()
    }

    /// Passes over white space and comments.
    pub(super) fn skip_trivia(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'#' => {
                    let end = self.line_end(self.at);
                    self.comments.push(self.at, end);
                    self.at = end;
                }
                _ => break,
            }
        }
    }

    /// Passes over `byte` where it is next; true if so.
    pub(super) fn skip_byte(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes over the indicator `byte`, which white space must follow.
    pub(super) fn skip_indicator(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte) && is_blank_or_end(self.peek_at(self.at + 1));
        self.at += usize::from(found);
        found
    }

    /// Passes over white space, comments, and `...`.
    pub(super) fn skip_document_end(&mut self) {
        self.skip_trivia();
        while self.skip_marker("...") {
            self.skip_trivia();
        }
    }

    /// Passes over `---`, and any lines of directives before it.
    pub(super) fn skip_document_start(&mut self) {
        while self.peek() == Some(b'%') {
            let end = self.line_end(self.at);
            let directive = self.text.get(self.at..end).unwrap_or("");
            if let Some(offset) = directive.find(" #").or_else(|| directive.find("\t#")) {
                self.comments.push(self.at + offset + 1, end);
            }
            self.at = end;
            self.skip_trivia();
        }
        self.skip_marker("---");
    }

    fn skip_marker(&mut self, marker: &str) -> bool {
        let rest = self.bytes().get(self.at..).unwrap_or(&[]);
        let before = self.at.checked_sub(1).and_then(|before| self.peek_at(before));
        let found = matches!(before, None | Some(b'\n' | b'\r' | 0xBF))
            && rest.starts_with(marker.as_bytes())
            && is_blank_or_end(rest.get(marker.len()).copied());
        self.at += if found { marker.len() } else { 0 };
        found
    }

    /// Passes over a tag and gives its range.
    pub(super) fn skip_tag(&mut self, flow: bool) -> Range {
        let start = self.at;
        let rest = self.bytes().get(start..).unwrap_or(&[]);
        let length = if rest.starts_with(b"!<") {
            memchr::memchr(b'>', rest).map_or(rest.len(), |at| at + 1)
        } else {
            let ends = |byte: &u8| is_blank_or_end(Some(*byte)) || flow && is_flow(*byte);
            rest.iter().position(ends).unwrap_or(rest.len())
        };
        self.at += length;
        (start, self.at)
    }

    /// Passes over `&name` or `*name`.
    pub(super) fn skip_anchor(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or("");
        let ends = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{FEFF}' | ',' | '[' | ']' | '{' | '}');
        self.at += rest.find(ends).unwrap_or(rest.len());
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes().get(from..).unwrap_or(&[]);
        memchr::memchr2(b'\n', b'\r', rest).map_or(self.text.len(), |length| from + length)
    }

    /// After the line break at `at`.
    fn after_break(&self, at: usize) -> usize {
        match (self.peek_at(at), self.peek_at(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => at + 2,
            (Some(b'\r' | b'\n'), _) => at + 1,
            _ => at,
        }
    }

    /// Passes over the flow scalar (plain or quoted) at the cursor, whose decoded text is `value`, and gives its range.
    pub(super) fn skip_flow_scalar(&mut self, style: Style, value: &str) -> Range {
        let start = self.at;
        self.at = match style {
            Style::SingleQuoted => self.single_quoted_end(),
            Style::DoubleQuoted => self.double_quoted_end(),
            _ => self.plain_end(value),
        };
        (start, self.at)
    }

    fn plain_end(&self, value: &str) -> usize {
        let rest = self.bytes().get(self.at..).unwrap_or(&[]);
        if rest.starts_with(value.as_bytes()) {
            return self.at + value.len();
        }
        let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let mut at = self.at;
        for byte in value.bytes().filter(|&byte| !is_space(byte)) {
            while self.peek_at(at).is_some_and(is_space) {
                at += 1;
            }
            if self.peek_at(at) != Some(byte) {
                break;
            }
            at += 1;
        }
        at
    }

    /// How many line breaks the quoted scalar at `start` holds.
    pub(super) fn breaks_in_quotes(&self, start: usize) -> usize {
        let quoted = Self::new(self.text, start);
        let end = match quoted.peek() {
            Some(b'\'') => quoted.single_quoted_end(),
            Some(b'"') => quoted.double_quoted_end(),
            _ => start,
        };
        let scalar = self.text.get(start..end).unwrap_or("");
        scalar.matches(['\n', '\r']).count() - scalar.matches("\r\n").count()
    }

    fn single_quoted_end(&self) -> usize {
        let mut at = self.at + 1;
        loop {
            let rest = self.bytes().get(at..).unwrap_or(&[]);
            let Some(length) = memchr::memchr(b'\'', rest) else { return self.text.len() };
            at += length + 1;
            if self.peek_at(at) != Some(b'\'') {
                return at;
            }
            at += 1;
        }
    }

    fn double_quoted_end(&self) -> usize {
        let mut at = self.at + 1;
        loop {
            let rest = self.bytes().get(at..).unwrap_or(&[]);
            let Some(length) = memchr::memchr2(b'"', b'\\', rest) else { return self.text.len() };
            at += length;
            if self.peek_at(at) == Some(b'"') {
                return at + 1;
            }
            at += 1;
            // The escaped character, whole.
            at += self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        }
    }

    /// Passes over the block scalar whose header is at the cursor. `content` is where its first line with text starts
    /// and how far that is indented; `None` where it has no text. Gives the range up to the end of the last line with
    /// text, the line break left out.
    pub(super) fn skip_block_scalar(&mut self, content: Option<(usize, usize)>) -> Range {
        let start = self.at;
        let header_end = self.line_end(start);
        let comment = self.text.get(start..header_end).and_then(|header| header.find('#'));
        if let Some(offset) = comment {
            self.comments.push(start + offset, header_end);
        }
        let header = self.text.get(start..comment.map_or(header_end, |offset| start + offset)).unwrap_or("");
        self.at = start + header.trim_end_matches([' ', '\t']).len();
        if let Some((content, indent)) = content {
            self.at = self.block_end(content, indent);
            (start, self.at)
        } else {
            let end = self.at;
            self.at = header_end;
            (start, end)
        }
    }

    /// Whether a block scalar without text has no line whose break is kept: its header is not one that keeps them
    /// (`|+`), or is all there is.
    pub(super) fn has_no_lines(&self, header: Range) -> bool {
        let keeps = self.text.get(header.0..header.1).is_some_and(|header| header.contains('+'));
        !keeps || self.after_break(self.line_end(header.1)) >= self.text.len()
    }

    fn block_end(&self, content: usize, indent: usize) -> usize {
        let mut end = self.line_end(content);
        let mut line = self.after_break(end);
        while line < self.text.len() {
            let rest = self.bytes().get(line..).unwrap_or(&[]);
            let spaces = rest.iter().take(indent).take_while(|&&byte| byte == b' ').count();
            let first = rest.get(spaces).copied();
            let blank = matches!(first, Some(b'\n' | b'\r'));
            let marker = indent == 0 && rest.starts_with(b"...") && is_blank_or_end(rest.get(3).copied());
            if !blank && (spaces < indent || first.is_none() || marker) {
                break;
            }
            let line_end = self.line_end(line + spaces);
            if !blank {
                end = line_end;
            }
            line = self.after_break(line_end);
        }
        end
    }
}

fn is_blank_or_end(byte: Option<u8>) -> bool {
    matches!(byte, None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

fn is_flow(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}
