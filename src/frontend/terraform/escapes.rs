//! Where the characters of a decoded JSON string stand in the file.

use crate::source::Span;
use crate::syntax::Node;

/// A run of decoded text that stands in the file as it is, or one escape.
#[derive(Clone, Copy, Debug)]
struct Run {
    decoded: u32,
    /// The file's byte of the run's first.
    written: u32,
    escape: bool,
}

/// Maps bytes of a decoded JSON string to bytes of the file.
#[derive(Debug)]
pub(super) struct Escapes {
    string: Span,
    runs: Vec<Run>,
}

impl Escapes {
    /// The map of a string node; `None` where its text is not that of a JSON string in the file.
    pub(super) fn of(node: Node<'_>) -> Option<Self> {
        let (span, decoded) = (node.span(), node.text()?);
        let raw = node.tree().source().slice(span).strip_prefix('"')?.strip_suffix('"')?;
        let start = span.start as usize + 1;
        let (mut runs, mut read, mut length) = (Vec::new(), 0, 0);
        while read < raw.len() {
            let rest = raw.get(read..)?;
            let plain = memchr::memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
            let mut run = |length: usize, read: usize, escape: bool| {
                let (decoded, written) = (u32::try_from(length).ok()?, u32::try_from(start + read).ok()?);
                runs.push(Run { decoded, written, escape });
                Some(())
            };
            if plain > 0 {
                run(length, read, false)?;
            }
            if let Some(escape) = rest.get(plain..).filter(|escape| !escape.is_empty()) {
                run(length + plain, read + plain, true)?;
                let (taken, made) = one_escape(escape)?;
                read += taken;
                length += made;
            }
            read += plain;
            length += plain;
        }
        (length == decoded.len()).then_some(Self { string: span, runs })
    }

    /// The place in the file of the decoded bytes `start..end`.
    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.string.file, self.written(start) as usize, self.written(end) as usize)
    }

    fn written(&self, decoded: u32) -> u32 {
        let after = self.runs.partition_point(|run| run.decoded <= decoded);
        let end = self.string.end.saturating_sub(1);
        match after.checked_sub(1).and_then(|at| self.runs.get(at)) {
            Some(run) if run.escape && run.decoded == decoded => run.written,
            // Past an escape that ends the text, or inside the character it stands for.
            Some(run) if run.escape => self.runs.get(after).map_or(end, |next| next.written),
            Some(run) => (run.written + (decoded - run.decoded)).min(end),
            None => self.string.start + 1,
        }
    }
}

/// How many bytes an escape takes in the file, and how many it stands for.
fn one_escape(text: &str) -> Option<(usize, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    match unit(0) {
        None => Some((2, 1)),
        Some(0xD800..0xDC00) => unit(6).filter(|low| (0xDC00..0xE000).contains(low)).map(|_| (12, 4)),
        Some(unit) => char::from_u32(unit).map(|character| (6, character.len_utf8())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::syntax::parse_json;

    /// The written form of each decoded character.
    fn written(json: &str) -> Vec<String> {
        let source = Sources::default().add("a", json);
        let parse = parse_json(&source);
        let node = parse.tree.root().unwrap();
        let escapes = Escapes::of(node).unwrap();
        let place = |(at, character): (usize, char)| {
            let (start, end) = (u32::try_from(at).unwrap(), u32::try_from(at + character.len_utf8()).unwrap());
            source.slice(escapes.span(start, end)).to_owned()
        };
        node.text().unwrap().char_indices().map(place).collect()
    }

    #[test]
    fn each_character_is_found() {
        assert_eq!(written(r#""""#), Vec::<String>::new());
        assert_eq!(written(r#""ab""#), ["a", "b"]);
        assert_eq!(written(r#""a\"\n\\""#), ["a", "\\\"", "\\n", "\\\\"]);
        assert_eq!(written(r#""\u0041é\ud834\udd1ex""#), ["\\u0041", "é", "\\ud834\\udd1e", "x"]);
    }
}
