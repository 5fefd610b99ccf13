//! Encodings of text, and hashes of it.

use super::super::evaluate::Evaluator;
use super::super::value::{Encoding, Member, Val};
use crate::source::Span;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha2::digest::Digest;
use sha2::{Sha256, Sha512};
use std::fmt::Write as _;

impl Evaluator<'_> {
    pub(super) fn encoding_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let value = match (name, arguments) {
            ("base64encode", [value]) => self.encode_base64(value, span),
            ("base64decode", [value]) => self.decode_base64(value, span),
            ("textencodebase64", [value, charset]) if is_utf8(charset) => self.encode_base64(value, span),
            ("textdecodebase64", [value, charset]) if is_utf8(charset) => self.decode_base64(value, span),
            ("yamlencode", [value]) => Val::encoded(span, Encoding::Yaml, value.clone()),
            ("yamldecode", [value]) => self.parse_yaml(value, span),
            ("urlencode", [value]) => match value.as_literal() {
                Some(text) => Val::text(span, &url_encoded(&text)),
                None => self.needs(name, arguments, span),
            },
            ("urldecode", [value]) => match value.as_literal() {
                Some(text) => match url_decoded(&text) {
                    Some(text) => Val::text(span, &text),
                    None => self.failed(span, "the string is not URL-encoded"),
                },
                None => self.needs(name, arguments, span),
            },
            ("csvdecode", [value]) => match value.as_literal() {
                Some(text) => self.csv(&text, span),
                None => self.needs(name, arguments, span),
            },
            ("md5" | "sha1" | "sha256" | "sha512" | "base64sha256" | "base64sha512", [value]) => {
                match value.as_literal().and_then(|text| hashed(name, text.as_bytes())) {
                    Some(hash) => Val::text(span, &hash),
                    None => self.needs(name, arguments, span),
                }
            }
            _ => return None,
        };
        Some(value)
    }

    fn encode_base64(&self, value: &Val, span: Span) -> Val {
        match (value.as_literal(), value.as_frags()) {
            (Some(text), _) => Val::text(span, &STANDARD.encode(text)),
            // Of a text that holds unknown parts the encoding is known to its decoder only.
            (None, Some(frags)) if value.missing().is_none() => {
                Val::encoded(span, Encoding::Base64, Val::frags(value.span, frags))
            }
            _ => self.needs("base64encode", std::slice::from_ref(value), span),
        }
    }

    fn decode_base64(&self, value: &Val, span: Span) -> Val {
        if let Some(inner) = value.as_encoded(Encoding::Base64) {
            return (**inner).clone();
        }
        let Some(text) = value.as_literal() else {
            return self.needs("base64decode", std::slice::from_ref(value), span);
        };
        // Go's decoder passes over line breaks.
        let decoded = STANDARD.decode(text.replace(['\r', '\n'], "")).ok();
        match decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) => Val::text(span, &text),
            None => self.failed(span, "the string is not Base64 of UTF-8 text"),
        }
    }

    /// The rows of a table, by the names in its first one.
    fn csv(&self, text: &str, span: Span) -> Val {
        let Some(rows) = csv_rows(text).filter(|rows| self.spend(rows.iter().map(Vec::len).sum())) else {
            return self.unknown(span, "the string of `csvdecode` cannot be read", "write the value out");
        };
        let Some((names, rows)) = rows.split_first() else { return self.failed(span, "the table has no header") };
        if rows.iter().any(|row| row.len() != names.len()) {
            return self.failed(span, "the rows of the table differ in length");
        }
        let member = |(name, cell): (&String, &String)| Member {
            key: name.as_str().into(),
            key_span: span,
            value: Val::text(span, cell),
        };
        let row = |row: &Vec<String>| Val::object(span, names.iter().zip(row).map(member).collect());
        Val::list(span, rows.iter().map(row).collect())
    }
}

fn is_utf8(charset: &Val) -> bool {
    charset.as_literal().is_some_and(|name| name.eq_ignore_ascii_case("UTF-8"))
}

/// The hash of bytes, or their encoding, by the name of the function that takes text.
pub(super) fn hashed(name: &str, bytes: &[u8]) -> Option<String> {
    Some(match name {
        "base64" => STANDARD.encode(bytes),
        "md5" => hexadecimal(&Md5::digest(bytes)),
        "sha1" => hexadecimal(&sha1_smol::Sha1::from(bytes).digest().bytes()),
        "sha256" => hexadecimal(&Sha256::digest(bytes)),
        "sha512" => hexadecimal(&Sha512::digest(bytes)),
        "base64sha256" => STANDARD.encode(Sha256::digest(bytes)),
        "base64sha512" => STANDARD.encode(Sha512::digest(bytes)),
        _ => return None,
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn url_encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

fn url_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                out.push(u8::from_str_radix(digits, 16).ok()?);
                rest = rest.get(2..)?;
            }
            b'+' => out.push(b' '),
            byte => out.push(*byte),
        }
    }
    String::from_utf8(out).ok()
}

/// RFC 4180. `None` for quotes that do not fit.
fn csv_rows(text: &str) -> Option<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (cell, after) = if let Some(quoted) = rest.strip_prefix('"') {
            super::quoted(quoted, '"')?
        } else {
            let end = rest.find([',', '\n']).unwrap_or(rest.len());
            let (cell, after) = rest.split_at_checked(end)?;
            (cell.trim_end_matches('\r').to_owned(), after)
        };
        row.push(cell);
        if let Some(after) = after.strip_prefix(',') {
            rest = after;
            if rest.is_empty() {
                row.push(String::new());
            }
            continue;
        }
        rest = after.trim_start_matches('\r').strip_prefix('\n').or_else(|| after.is_empty().then_some(""))?;
        // Empty lines are no rows.
        let whole = std::mem::take(&mut row);
        if whole != [""] {
            rows.push(whole);
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    Some(rows)
}
