//! The keys at the top of a text: of JSON that is too large for a tree, and of text that cannot be read.

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The first of the keys at the top of a JSON object (or of the first object of a list) for which `wanted` holds.
/// Reading stops there; what follows may be no JSON at all.
pub(super) fn first_key<'t>(json: &'t str, wanted: &dyn Fn(&str) -> bool) -> Option<Cow<'t, str>> {
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    // The error is how the reading stops.
    let _ = Search { wanted, found: &mut found }.deserialize(&mut deserializer);
    found
}

struct Search<'s, 't> {
    wanted: &'s dyn Fn(&str) -> bool,
    found: &'s mut Option<Cow<'t, str>>,
}

#[derive(serde::Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'t> DeserializeSeed<'t> for Search<'_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Search<'_, 't> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            if (self.wanted)(&key) {
                *self.found = Some(key);
                return Err(A::Error::custom("found"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<(), A::Error> {
        items.next_element_seed(self)?;
        Err(A::Error::custom("only the first item is looked at"))
    }
}

/// Whether `wanted` holds for a key that stands at a line's start, or at the top of an object that the text starts with,
/// or that follows on such a one. The text need not be JSON nor YAML.
pub(super) fn any_key(text: &str, wanted: &dyn Fn(&str) -> bool) -> bool {
    let body = text.trim_start_matches('\u{FEFF}');
    let mut objects = behind_comments(body);
    while let Some(inner) = objects.strip_prefix('{') {
        match behind_object(inner, wanted) {
            Some(rest) => objects = rest.trim_ascii_start(),
            None => return true,
        }
    }
    body.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).filter_map(key).any(|key| wanted(&key))
}

/// What follows the comments that a text in JSON starts with.
fn behind_comments(text: &str) -> &str {
    let mut rest = text.trim_ascii_start();
    loop {
        let behind = if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map(|(_, behind)| behind)
        } else {
            rest.strip_prefix("//").and_then(|comment| comment.split_once('\n')).map(|(_, behind)| behind)
        };
        match behind {
            Some(behind) => rest = behind.trim_ascii_start(),
            None => return rest,
        }
    }
}

/// The key that a line of YAML starts with.
fn key(line: &str) -> Option<Cow<'_, str>> {
    // A byte-order mark may stand before each document.
    let line = line.trim_start_matches('\u{FEFF}');
    let mut line = line.strip_prefix("? ").unwrap_or(line).trim_start_matches("--- ");
    while line.starts_with(['&', '!']) {
        line = line.split_once(' ')?.1.trim_start();
    }
    let (key, rest) = scalar(line)?;
    let explicit = rest.trim().is_empty();
    (explicit || rest.trim_start().starts_with(':')).then_some(key)
}

/// The scalar that a text starts with, and what follows it.
fn scalar(text: &str) -> Option<(Cow<'_, str>, &str)> {
    if let Some(rest) = text.strip_prefix('\'') {
        let (key, rest) = rest.split_once('\'')?;
        return Some((Cow::Borrowed(key), rest));
    }
    let Some(rest) = text.strip_prefix('"') else {
        let end = text.find([':', ',', '{', '}', '[', ']', '"', '\'', '#', ' ', '\t']).unwrap_or(text.len());
        let (key, rest) = text.split_at_checked(end)?;
        return (!key.is_empty()).then_some((Cow::Borrowed(key), rest));
    };
    let mut escaped = false;
    let end = rest.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    let (key, rest) = rest.split_at_checked(end)?;
    Some((unescape(key), rest.get(1..)?))
}

/// A text in double quotes with the escapes that spell letters read.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut parts = text.split('\\');
    out.extend(parts.next());
    for part in parts {
        let digits = match part.bytes().next() {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => 0,
        };
        let code = part.get(1..=digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32) {
            Some(character) => {
                out.push(character);
                out.push_str(part.get(digits + 1..).unwrap_or(""));
            }
            None => out.push_str(part),
        }
    }
    Cow::Owned(out)
}

/// What follows an object, whose text after its brace is `rest`; `None` where `wanted` holds for a key at its top.
fn behind_object<'t>(mut rest: &'t str, wanted: &dyn Fn(&str) -> bool) -> Option<&'t str> {
    let mut depth = 1usize;
    // Whether a key may come next.
    let mut due = true;
    while let Some(first) = rest.bytes().next() {
        match first {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => due = true,
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => {
                let Some((text, after)) = scalar(rest) else {
                    // A quote without its end, or a lone sign: step over it.
                    rest = after_first(rest);
                    continue;
                };
                if depth == 1 && due && after.trim_ascii_start().starts_with(':') && wanted(&text) {
                    return None;
                }
                due = false;
                rest = after;
                continue;
            }
        }
        rest = after_first(rest);
        if depth == 0 {
            break;
        }
    }
    Some(rest)
}

fn after_first(text: &str) -> &str {
    let mut characters = text.chars();
    characters.next();
    characters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_that_is_wanted_is_found() {
        let wanted = |key: &str| key == "a" || key == "b";
        assert_eq!(first_key(r#"{"x": {"a": 1}, "b": 2, "a": 3}"#, &wanted).as_deref(), Some("b"));
        assert_eq!(first_key(r#"{"x": 1, "\u0061": no JSON"#, &wanted).as_deref(), Some("a"));
        assert_eq!(first_key(r#"[{"x": 1, "a": 2}]"#, &wanted).as_deref(), Some("a"));
        for none in [r#"{"x": no, "a": 1}"#, r#"["a", {"a": 1}]"#, r#"{"x": {"a": 1}}"#, "a: 1", ""] {
            assert_eq!(first_key(none, &wanted), None, "{none}");
        }
    }

    #[test]
    fn keys_of_what_cannot_be_read_are_found() {
        let wanted = |key: &str| key == "Resources";
        for text in [
            "Resources:\n  A: [",
            "a: 1\r'Resources' : {",
            "--- &x !y \"\\x52esources\":\n",
            "? Resources\n: [",
            "\u{FEFF}{\"x\": {\"y\": [1, \"}\"]}, \"\\u0052esources\": nope",
            "{a: b, Resources: [}",
            "{'a': '\u{7}', \"Resources\" :",
            "x\u{85}Resources: {",
            "a: b\n---\n\u{FEFF}Resources: {",
            "{}\n{\"a\": {}}{\"Resources\": {",
            "// a\n/* b */ {\"Resources\": {",
        ] {
            assert!(any_key(text, &wanted), "{text}");
        }
        for text in [
            "# Resources: x",
            "  Resources: {",
            "a: Resources: b",
            "{\"a\": {\"Resources\": [",
            "{\"a\": \"Resources\": ",
            "{\"a\": \"Resources",
            "Resources of all kinds: {",
            "{} [{\"Resources\": 1",
            "",
        ] {
            assert!(!any_key(text, &wanted), "{text}");
        }
    }
}
