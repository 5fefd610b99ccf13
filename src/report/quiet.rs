//! JSON, for all formats that are written in it: a record a line, and safe to print.

use super::escape::{is_hidden, starts_logging_command};
use serde::Serialize;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Writes a value as JSON, with a line break at its end. What lies in fewer than `lines` containers has a line of its own;
/// what lies deeper shares one, so that a record is a line: half the size, and `grep` finds it.
///
/// # Errors
/// Where `out` cannot be written.
pub(super) fn write(value: &impl Serialize, lines: usize, out: &mut dyn Write) -> io::Result<()> {
    let quiet = Quiet { lines, depth: 0, is_empty: true };
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, quiet))?;
    out.write_all(b"\n")
}

/// A list that is written item by item.
pub(super) struct Items<I>(pub(super) I);

impl<I: Iterator + Clone> Serialize for Items<I>
where
    I::Item: Serialize,
{
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// JSON in which no character is hidden and no text is a command of a CI system: such characters are written as `\u…`,
/// which readers take for the same text.
struct Quiet {
    /// Containers within so many others are written in lines.
    lines: usize,
    /// In how many containers the writer stands.
    depth: usize,
    /// Whether nothing stands yet in the innermost of them.
    is_empty: bool,
}

impl Quiet {
    fn begin<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.is_empty = true;
        out.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let in_lines = self.depth <= self.lines && !self.is_empty;
        self.depth = self.depth.saturating_sub(1);
        self.is_empty = false;
        if in_lines {
            self.line(out)?;
        }
        out.write_all(bracket)
    }

    fn next<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        if self.depth <= self.lines { self.line(out) } else { Ok(()) }
    }

    fn line<W: ?Sized + Write>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for Quiet {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, character) in text.char_indices() {
            let before = text.get(..at).unwrap_or("");
            let rest = text.get(at..).unwrap_or("");
            let command = character == '#' && before.ends_with('#') && starts_logging_command(rest);
            if !command && !is_hidden(character) {
                continue;
            }
            out.write_all(text.get(plain..at).unwrap_or("").as_bytes())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            plain = at + character.len_utf8();
        }
        out.write_all(text.get(plain..).unwrap_or("").as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_empty = false;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.next(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_empty = false;
        Ok(())
    }
}
