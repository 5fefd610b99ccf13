//! Corrects what the parser refuses and Terraform reads: the parser stops at its first error, and one such place would
//! cost the whole file.
//!
//! - A line break inside of parentheses, brackets and `{ for … }` means nothing; the parser takes it for the end of the
//!   expression in places.
//! - Of two members of an object with one key the last counts; the parser takes neither.
//!
//! Nothing moves: what is taken out becomes blanks. A text that cannot be read even so is split into its top-level
//! blocks, so that a broken one costs itself only.
//!
//! Compared in November 2026: `hcl-edit` is the only maintained parser in Rust that gives the place of each expression.
//! `hcl-rs` is built on it and gives none, the grammar for tree-sitter comes as C, which this crate does without.

use std::collections::HashMap;
use std::ops::Range;

/// Words with which a top-level block starts, at the start of a line.
const TOP: [&str; 13] = [
    "resource",
    "data",
    "module",
    "variable",
    "output",
    "locals",
    "provider",
    "terraform",
    "moved",
    "import",
    "check",
    "removed",
    "ephemeral",
];

/// A corrected text.
pub(super) struct Corrected {
    /// Each byte stands where it stood.
    pub(super) text: String,
    /// Where the top-level blocks and attributes start and end.
    pub(super) parts: Vec<Range<usize>>,
}

/// Corrects a text. What takes time is linear in its length.
pub(super) fn correct(text: &str) -> Corrected {
    let mut mender = Mender::new(text);
    mender.run();
    let mut out = text.as_bytes().to_vec();
    for range in mender.blanks.iter().cloned() {
        for byte in out.get_mut(range).into_iter().flatten().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
            *byte = b' ';
        }
    }
    for &at in &mender.breaks {
        if let Some(byte) = out.get_mut(at) {
            *byte = b' ';
        }
    }
    let ends = mender.starts.iter().skip(1).copied().chain([text.len()]);
    let parts = mender.starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
    // Only whole characters became blanks, so it is text still.
    Corrected { text: String::from_utf8(out).unwrap_or_else(|_| text.to_owned()), parts }
}

/// What an open bracket is.
enum Open {
    /// `(`, `[`, `{ for`: line breaks mean nothing.
    Free,
    /// A block's body.
    Block,
    /// An object.
    Object(Members),
    /// `${` or `%{`: behind it the string goes on, or the heredoc that ends with this word.
    Template(Option<String>),
}

/// The members of an object.
#[derive(Default)]
struct Members {
    /// Where the earlier ones stand, by key.
    known: HashMap<String, Range<usize>>,
    /// The one that is being read: where it starts, and its key where that is plain text.
    current: Option<(usize, Option<String>)>,
}

struct Mender<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    open: Vec<Open>,
    /// The last character that is no white space.
    before: u8,
    blanks: Vec<Range<usize>>,
    breaks: Vec<usize>,
    starts: Vec<usize>,
}

impl<'a> Mender<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            open: Vec::new(),
            before: b'\n',
            blanks: Vec::new(),
            breaks: Vec::new(),
            starts: Vec::new(),
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts_with(&self, word: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word.as_bytes()))
    }

    fn run(&mut self) {
        while self.at < self.bytes.len() {
            if self.at == 0 || self.bytes.get(self.at - 1) == Some(&b'\n') {
                self.line_start();
            }
            let byte = self.peek(0);
            match byte {
                b'\n' => self.line_break(),
                b'#' => self.line_comment(),
                b'/' if self.peek(1) == b'/' => self.line_comment(),
                b'/' if self.peek(1) == b'*' => self.comment(),
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => self.token(byte),
            }
        }
    }

    /// A block at the start of a line ends whatever was left open.
    fn line_start(&mut self) {
        let word = self.word();
        let next = self.bytes.get(self.at + word.len()..).unwrap_or(&[]).trim_ascii_start().first();
        if TOP.contains(&word) && matches!(next, Some(b'"' | b'{')) {
            self.open.clear();
        }
        if self.open.is_empty() && !word.is_empty() {
            self.starts.push(self.at);
        }
    }

    /// The identifier that starts here.
    fn word(&self) -> &'a str {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let end = rest.iter().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        self.text.get(self.at..self.at + end).unwrap_or("")
    }

    fn line_break(&mut self) {
        match self.open.last_mut() {
            Some(Open::Free) => {
                self.breaks.push(self.at);
                if self.at > 0 && self.bytes.get(self.at - 1) == Some(&b'\r') {
                    self.breaks.push(self.at - 1);
                }
            }
            Some(Open::Object(_)) => self.end_member(self.at),
            _ => {}
        }
        self.at += 1;
    }

    fn line_comment(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let end = self.at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if matches!(self.open.last(), Some(Open::Free)) {
            self.blanks.push(self.at..end);
        }
        self.at = end;
    }

    fn comment(&mut self) {
        let rest = self.bytes.get(self.at + 2..).unwrap_or(&[]);
        self.at += 2 + memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
    }

    fn token(&mut self, byte: u8) {
        self.start_member();
        match byte {
            b'"' => {
                self.at += 1;
                self.string();
                self.before = b'"';
                return;
            }
            b'(' | b'[' => self.open.push(Open::Free),
            b'{' => self.brace(),
            b')' | b']' => {
                self.open.pop();
            }
            b'}' => {
                self.end_member(self.at);
                if let Some(Open::Template(heredoc)) = self.open.pop() {
                    self.at += 1;
                    match heredoc {
                        Some(word) => self.heredoc(&word, false),
                        None => self.string(),
                    }
                    self.before = b'"';
                    return;
                }
            }
            b',' => self.end_member(self.at + 1),
            b'<' if self.peek(1) == b'<' && self.heredoc_starts() => return,
            _ => {
                let length = self.word().len().max(1);
                self.before = self.bytes.get(self.at + length - 1).copied().unwrap_or(byte);
                self.at += length;
                return;
            }
        }
        self.before = byte;
        self.at += 1;
    }

    fn brace(&mut self) {
        let rest = self.bytes.get(self.at + 1..).unwrap_or(&[]).trim_ascii_start();
        let iterates = rest.starts_with(b"for") && rest.get(3).is_some_and(u8::is_ascii_whitespace);
        let follows_name = self.before.is_ascii_alphanumeric() || matches!(self.before, b'"' | b'_' | b'-');
        let in_body = matches!(self.open.last(), None | Some(Open::Block));
        self.open.push(match (iterates, follows_name && in_body) {
            (_, true) => Open::Block,
            (true, false) => Open::Free,
            (false, false) => Open::Object(Members::default()),
        });
    }

    /// Reads on in a string, up to its end or to the next template in it.
    fn string(&mut self) {
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'"' => {
                    self.at += 1;
                    return;
                }
                // A string ends with its line: so does what is broken in it.
                b'\n' => return,
                b'\\' => self.at += 2,
                b'$' | b'%' if self.template(None) => return,
                _ => self.at += 1,
            }
        }
    }

    /// Passes over `${`, or over the escape of one.
    fn template(&mut self, heredoc: Option<&str>) -> bool {
        if self.starts_with("$${") || self.starts_with("%%{") {
            self.at += 3;
            return false;
        }
        if self.peek(1) != b'{' {
            self.at += 1;
            return false;
        }
        self.at += 2;
        self.open.push(Open::Template(heredoc.map(str::to_owned)));
        true
    }

    fn heredoc_starts(&mut self) -> bool {
        let dash = usize::from(self.peek(2) == b'-');
        let rest = self.text.get(self.at + 2 + dash..).unwrap_or("");
        let Some((word, _)) = rest.split_once('\n') else { return false };
        let word = word.trim_end_matches('\r');
        if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return false;
        }
        self.at = self.bytes.len() - rest.len() + word.len();
        let word = word.to_owned();
        self.at += if self.peek(0) == b'\r' { 2 } else { 1 };
        self.heredoc(&word, true);
        true
    }

    /// Reads on in a heredoc, up to its end or to the next template in it.
    fn heredoc(&mut self, word: &str, mut line_start: bool) {
        while self.at < self.bytes.len() {
            if line_start {
                let rest = self.bytes.get(self.at..).unwrap_or(&[]);
                let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or(&[]);
                if line.trim_ascii() == word.as_bytes() {
                    // The line break behind it belongs to it.
                    self.at += line.len() + 1;
                    self.before = b'"';
                    self.end_member(self.at.min(self.bytes.len()));
                    return;
                }
            }
            match self.peek(0) {
                b'$' | b'%' => {
                    if self.template(Some(word)) {
                        return;
                    }
                    line_start = false;
                }
                byte => {
                    self.at += 1;
                    line_start = byte == b'\n';
                }
            }
        }
    }

    /// Where a member of an object starts: with its key.
    fn start_member(&mut self) {
        let Some(Open::Object(members)) = self.open.last() else { return };
        if members.current.is_some() || matches!(self.peek(0), b'}' | b',') {
            return;
        }
        let (key, length) = if self.peek(0) == b'"' {
            let rest = self.text.get(self.at + 1..).unwrap_or("");
            let key = rest.split(['"', '\n']).next().unwrap_or("");
            let plain = !key.contains(['\\', '$', '%']);
            (plain.then(|| key.to_owned()), key.len() + 2)
        } else {
            let word = self.word();
            ((!word.is_empty()).then(|| word.to_owned()), word.len())
        };
        let next = self.bytes.get(self.at + length..).unwrap_or(&[]);
        let next = next.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        let key = key.filter(|_| matches!(next, Some(b'=' | b':')));
        let start = self.at;
        if let Some(Open::Object(members)) = self.open.last_mut() {
            members.current = Some((start, key));
        }
    }

    /// Where it ends. An earlier one with its key does not count.
    fn end_member(&mut self, end: usize) {
        let Some(Open::Object(members)) = self.open.last_mut() else { return };
        let Some((start, key)) = members.current.take() else { return };
        if let Some(earlier) = key.and_then(|key| members.known.insert(key, start..end)) {
            self.blanks.push(earlier);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parses(text: &str) -> bool {
        hcl_edit::parser::parse_body(text).is_ok()
    }

    #[test]
    fn what_terraform_reads_can_be_read() {
        let texts = [
            "m = { for k in [\"a\"] : k => x == \"none\" ? \"1\" : x == \"t\" ? \"2\" :\n  \"3\"\n}\n",
            "m = { for k, v in x : k => v == 1 ? \"1\" : # one\r\n  v == 2 ? { a = 1\r\n b = 2 } :\r\n  \"3\"\r\n}\r\n",
            "m = { a = 1, a = 2 }\n",
            "m = {\n  \"a\" = { a = 1, b = 2 }\n  b = 3 # é\n  \"a\" : [1,\n 2]\n}\n",
            "m = {\n  a = <<EOT\n${{ a = 1, a = 2 }}\nEOT\n  a = 2\n}\n",
            "m = f(<<-EOT\n  x ${y}\n  EOT\n  , 1)\n",
        ];
        for text in texts {
            let corrected = correct(text);
            assert_eq!(corrected.text.len(), text.len());
            assert!(parses(&corrected.text), "{text}\n{}", corrected.text);
        }
        assert!(!parses(texts[0]) && !parses(texts[2]), "the parser reads it by itself: nothing to correct");
    }

    #[test]
    fn the_last_of_two_members_counts() {
        assert_eq!(correct("m = { a = 1, b = 0, a = 2 }\n").text, "m = {        b = 0, a = 2 }\n");
        let block = "b {\n  a = 1\n  a = 2\n}\n";
        assert_eq!(correct(block).text, block, "in a block Terraform takes neither");
    }

    #[test]
    fn what_is_right_stays_as_it_is() {
        let text = "locals {\n  a = \"}${ {a = \"(\"}[\"a\"] }\" // (\n  b = { /* a = 1 */ a = \"$${\" }\n}\n";
        assert_eq!(correct(text).text, text);
    }

    #[test]
    fn blocks_are_told_apart_even_where_one_is_broken() {
        let text = "resource \"a\" \"b\" {\n  x = [1, {\n}\nresource \"c\" \"d\" {\n  y = <<EOT\nmodule \"z\" {\nEOT\n}\nlocals {\n}\n";
        let corrected = correct(text);
        let parts: Vec<&str> = corrected
            .parts
            .iter()
            .map(|part| text.get(part.clone()).unwrap_or("").split('"').nth(1).unwrap_or(""))
            .collect();
        assert_eq!(parts, ["a", "c", ""]);
    }
}
