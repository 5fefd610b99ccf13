//! Strings, numbers, words and holes.

use super::{Failure, JsonReader, Origin};
use crate::syntax::Kind;
use crate::syntax::embedded::{MARK, MARK_LEAD, push_hole, push_mark};

impl<O: Origin> JsonReader<'_, O> {
    /// The scalar value that starts with `byte`.
    pub(super) fn scalar(&mut self, byte: u8) -> Result<(), Failure> {
        match byte {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Kind::Bool(true)),
            b'f' => self.word("false", Kind::Bool(false)),
            b'n' => self.word("null", Kind::Null),
            MARK_LEAD if O::HOLES => self.bare_hole(),
            _ => self.no_value(),
        }
    }

    fn no_value(&self) -> Result<(), Failure> {
        Err(self.failure(format!("expected a value, but {}", self.describe())))
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<(), Failure> {
        if !self.rest().starts_with(word) {
            return self.no_value();
        }
        let start = self.at;
        self.at += word.len();
        self.push_scalar(kind, start, word)
    }

    fn number(&mut self) -> Result<(), Failure> {
        let start = self.at;
        self.skip_byte(b"-");
        if self.skip_byte(b"0") {
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.failure("a number has no leading zeros".to_owned()));
            }
        } else {
            self.digits()?;
        }
        if self.skip_byte(b".") {
            self.digits()?;
        }
        if self.skip_byte(b"eE") {
            self.skip_byte(b"+-");
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        self.push_scalar(Kind::Number, start, text)
    }

    fn skip_byte(&mut self, any: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| any.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self) -> Result<(), Failure> {
        let length = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return Err(self.failure(format!("expected a digit, but {}", self.describe())));
        }
        self.at += length;
        Ok(())
    }

    /// A string in double quotes, with the reader at its opening quote.
    pub(super) fn string(&mut self) -> Result<(), Failure> {
        let start = self.at;
        self.at += 1;
        let length = self.plain_run();
        if self.text.as_bytes().get(self.at + length) == Some(&b'"') {
            let text = self.text.get(self.at..self.at + length).unwrap_or("");
            self.at += length + 1;
            return self.push_scalar(Kind::String, start, text);
        }
        let mut decoded = std::mem::take(&mut self.scratch);
        decoded.clear();
        self.decode_string(start, &mut decoded)?;
        let pushed = self.push_scalar(Kind::String, start, &decoded);
        self.scratch = decoded;
        pushed
    }

    /// How many bytes from here on stand for themselves.
    fn plain_run(&self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or(&[]);
        let special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\') || O::HOLES && *byte == MARK_LEAD;
        rest.iter().position(special).unwrap_or(rest.len())
    }

    fn decode_string(&mut self, start: usize, decoded: &mut String) -> Result<(), Failure> {
        loop {
            let length = self.plain_run();
            decoded.push_str(self.text.get(self.at..self.at + length).unwrap_or(""));
            self.at += length;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape(decoded)?,
                Some(MARK_LEAD) if O::HOLES => self.marked(decoded),
                Some(byte) => {
                    let message = format!("U+{byte:04X} must be escaped in a string");
                    return Err(self.failure(message));
                }
                None => {
                    let message = "this string is not closed".to_owned();
                    return Err(Failure { message, start, end: start + 1 });
                }
            }
        }
    }

    /// At a backslash. Leaves the reader after the escape.
    fn escape(&mut self, decoded: &mut String) -> Result<(), Failure> {
        let start = self.at;
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        let plain = match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let (character, length) = unicode_escape(self.rest()).ok_or_else(|| {
                    let message = "`\\u` needs four hexadecimal digits, and surrogates come in pairs".to_owned();
                    Failure { message, start, end: start + 2 }
                })?;
                self.at += length;
                push_character::<O>(decoded, character);
                return Ok(());
            }
            _ => {
                let length = self.rest().chars().take(2).map(char::len_utf8).sum::<usize>();
                let message = "there is no such escape in JSON".to_owned();
                return Err(Failure { message, start, end: start + length });
            }
        };
        self.at += 2;
        decoded.push(plain);
        Ok(())
    }

    /// In a string, at a byte that may start the character that holes are written with.
    fn marked(&mut self, decoded: &mut String) {
        let Some(character) = self.rest().chars().next() else { return };
        match self.origin.hole(self.at) {
            Some(index) => push_hole(decoded, index),
            None => push_character::<O>(decoded, character),
        }
        self.at += character.len_utf8();
    }

    /// A hole where a value is due.
    fn bare_hole(&mut self) -> Result<(), Failure> {
        let Some(index) = self.origin.hole(self.at) else { return self.no_value() };
        let start = self.at;
        self.at += MARK.len_utf8();
        let mut text = String::new();
        push_hole(&mut text, index);
        self.push_scalar(Kind::String, start, &text)?;
        self.places.bare.extend(self.items.last());
        Ok(())
    }
}

fn push_character<O: Origin>(decoded: &mut String, character: char) {
    if O::HOLES && character == MARK { push_mark(decoded) } else { decoded.push(character) }
}

/// The character of a `\uXXXX` or a pair of them at the start of `text`, and the length of the escape.
pub(in crate::syntax) fn unicode_escape(text: &str) -> Option<(char, usize)> {
    const LENGTH: usize = 6;
    let first = code_unit(text)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, LENGTH));
    }
    let second = code_unit(text.get(LENGTH..)?)?;
    let character = char::decode_utf16([first, second]).next()?.ok()?;
    Some((character, 2 * LENGTH))
}

fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u16::from_str_radix(digits, 16).ok())?
}
