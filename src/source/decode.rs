//! From the bytes of a file to its text.

use std::fmt;

/// Why bytes could not be read as text.
#[derive(Clone, Debug)]
pub struct DecodeError {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// The byte of the file at which it is wrong.
    pub offset: usize,
    /// The text before that place, as far as it could be read: the error is shown at its end.
    pub before: String,
    /// The text from there on, with what is no text replaced.
    pub rest: String,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at byte {}", self.message, self.offset)
    }
}

impl std::error::Error for DecodeError {}

/// The text of a file: UTF-8, UTF-16 or UTF-32, with or without a byte-order mark, as readers of YAML tell them apart
/// (<https://yaml.org/spec/1.2.2/#52-character-encodings>).
///
/// A UTF-8 byte-order mark stays in the text, so that offsets into the text are offsets into the file; the readers
/// skip it. Other text is decoded, so that offsets count its UTF-8 form. Plain UTF-8 is not copied.
///
/// # Errors
/// Bytes that are neither, a NUL character (which some YAML readers take for the end of the file, dropping what
/// follows), and text longer than a [`Span`](super::Span) can address.
pub fn decode(bytes: Vec<u8>) -> Result<String, DecodeError> {
    let text = match bytes.as_slice() {
        [0xFF, 0xFE, 0, 0, rest @ ..] => decode_utf32(rest, 4, u32::from_le_bytes)?,
        [0, 0, 0xFE, 0xFF, rest @ ..] => decode_utf32(rest, 4, u32::from_be_bytes)?,
        [1..=u8::MAX, 0, 0, 0, ..] => decode_utf32(&bytes, 0, u32::from_le_bytes)?,
        [0, 0, 0, 1..=u8::MAX, ..] => decode_utf32(&bytes, 0, u32::from_be_bytes)?,
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, 2, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, 2, u16::from_be_bytes)?,
        // Text starts in ASCII where it matters to us.
        [1..=u8::MAX, 0, 1..=u8::MAX, 0, ..] => decode_utf16(&bytes, 0, u16::from_le_bytes)?,
        [0, 1..=u8::MAX, 0, 1..=u8::MAX, ..] => decode_utf16(&bytes, 0, u16::from_be_bytes)?,
        _ => String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            let rest = String::from_utf8_lossy(bytes.get(offset..).unwrap_or(&[])).into_owned();
            bytes.truncate(offset);
            let before = String::from_utf8(bytes).unwrap_or_default();
            DecodeError { message: "this is not UTF-8 text".to_owned(), offset, before, rest }
        })?,
    };
    if u32::try_from(text.len()).is_err() {
        let message = "the file is larger than 4 GiB".to_owned();
        return Err(DecodeError { message, offset: u32::MAX as usize, before: String::new(), rest: String::new() });
    }
    match memchr::memchr(0, text.as_bytes()) {
        Some(offset) => {
            let (before, rest) = text.split_at_checked(offset).unwrap_or_default();
            let (before, rest) = (before.to_owned(), rest.to_owned());
            Err(DecodeError { message: "the text holds a NUL character".to_owned(), offset, before, rest })
        }
        None => Ok(text),
    }
}

/// UTF-16 code units after a byte-order mark of so many bytes.
fn decode_utf16(bytes: &[u8], mark: usize, unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = mark;
    for decoded in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        let Ok(character) = decoded else {
            let message = "half of a UTF-16 surrogate pair is missing".to_owned();
            let pairs = pairs.get((offset - mark) / 2..).unwrap_or(&[]);
            let rest = char::decode_utf16(pairs.iter().map(|&pair| unit(pair)));
            let rest = rest.map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            return Err(DecodeError { message, offset, before: text, rest });
        };
        offset += 2 * character.len_utf16();
        text.push(character);
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        let message = "the UTF-16 text ends in the middle of a character".to_owned();
        Err(DecodeError { message, offset, before: text, rest: String::new() })
    }
}

/// UTF-32 code units after a byte-order mark of so many bytes.
fn decode_utf32(bytes: &[u8], mark: usize, unit: fn([u8; 4]) -> u32) -> Result<String, DecodeError> {
    let (units, rest) = bytes.as_chunks::<4>();
    let mut text = String::with_capacity(units.len());
    for (index, &bytes) in units.iter().enumerate() {
        let Some(character) = char::from_u32(unit(bytes)) else {
            let rest = units.get(index..).unwrap_or(&[]).iter();
            let replaced = |&bytes: &[u8; 4]| char::from_u32(unit(bytes)).unwrap_or(char::REPLACEMENT_CHARACTER);
            return Err(DecodeError {
                message: "this is no character of UTF-32 text".to_owned(),
                offset: mark + 4 * index,
                before: text,
                rest: rest.map(replaced).collect(),
            });
        };
        text.push(character);
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        let message = "the UTF-32 text ends in the middle of a character".to_owned();
        Err(DecodeError { message, offset: mark + 4 * units.len(), before: text, rest: String::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn utf8_stays_as_it_is() {
        let bytes = "\u{FEFF}a: é".as_bytes().to_vec();
        let place = bytes.as_ptr();
        let text = decode(bytes).unwrap();
        assert_eq!(text, "\u{FEFF}a: é", "the mark stays, so that offsets fit the file");
        assert_eq!(text.as_ptr(), place, "plain UTF-8 is not copied");
    }

    #[test]
    fn utf16_is_decoded() {
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decode(utf16("a: é𝄞", bytes)).unwrap(), "a: é𝄞");
        }
        let error = decode(vec![0xFF, 0xFE, b'a', 0, 0x34, 0xD8, b'b', 0]).unwrap_err();
        assert_eq!(error.offset, 4);
        assert_eq!(decode(vec![0xFE, 0xFF, 0, b'a', 0]).unwrap_err().offset, 4);
    }

    #[test]
    fn wide_text_needs_no_mark() {
        let text = "a: é𝄞";
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decode(text.encode_utf16().flat_map(bytes).collect()).unwrap(), text);
        }
        for bytes in [u32::to_le_bytes, u32::to_be_bytes] {
            let units = |mark: Option<char>| mark.into_iter().chain(text.chars()).flat_map(|one| bytes(u32::from(one)));
            assert_eq!(decode(units(None).collect()).unwrap(), text);
            assert_eq!(decode(units(Some('\u{FEFF}')).collect()).unwrap(), text);
            let broken = units(None).chain(bytes(0xD800)).chain(bytes(u32::from(b'b'))).collect();
            let error = decode(broken).unwrap_err();
            assert_eq!((error.offset, error.rest.as_str()), (20, "\u{FFFD}b"));
        }
        assert_eq!(decode(vec![b'a', 0, 0, 0, b'b']).unwrap_err().offset, 4);
    }

    #[test]
    fn broken_text_is_located() {
        assert_eq!(decode(b"ab\xFFc".to_vec()).unwrap_err().offset, 2);
        assert_eq!(decode(b"abc\0d".to_vec()).unwrap_err().offset, 3);
        assert_eq!(decode(utf16("ab\0", u16::to_le_bytes)).unwrap_err().offset, 2);
    }
}
