//! Characters that are line breaks to some readers of YAML, and text to others.
//!
//! YAML 1.1 (libyaml, `PyYAML`; AWS documents that version) breaks lines at them, YAML 1.2 does not. Nobody types them, but
//! a stranger can hide a resource behind one in a comment.

use super::{SyntaxError, parse_json};
use crate::source::{SourceFile, Span};
use std::sync::Arc;

const BREAKS: [&str; 3] = ["\u{85}", "\u{2028}", "\u{2029}"];
/// What stands for one of them as a break that both versions know: blanks before it are no part of any line.
const BREAK: &str = "\r\n";

/// So many of them are tried for the one that is to blame; past that, the first one is named.
const MAX_TRIED: usize = 1_000;

/// The error where a text means something else to readers who break lines at U+0085, U+2028 and U+2029: `meaning` gives
/// what it means. In JSON they break nothing.
pub fn matters<M: PartialEq>(source: &Arc<SourceFile>, meaning: impl Fn(&Arc<SourceFile>) -> M) -> Option<SyntaxError> {
    let places = places(source.text());
    if places.is_empty() || parse_json(source).errors.is_empty() {
        return None;
    }
    let as_text = meaning(source);
    let differs = |count: usize| meaning(&broken(source, places.get(..count).unwrap_or(&places))) != as_text;
    if !differs(places.len()) {
        return None;
    }
    let (mut same, mut different) = (0, places.len());
    while different - same > 1 && places.len() <= MAX_TRIED {
        let middle = usize::midpoint(same, different);
        if differs(middle) { different = middle } else { same = middle }
    }
    let (start, length) = places.get(if places.len() > MAX_TRIED { 0 } else { same }).copied()?;
    let character = source.text().get(start..start + length)?.chars().next()?;
    let message = format!(
        "this character (U+{:04X}) is a line break to some readers of YAML and text to others, who read something else here",
        u32::from(character)
    );
    let help = "take it out, or write it as an escape in double quotes".to_owned();
    Some(SyntaxError { message, span: Span::new(source.id(), start, start + length), help })
}

/// Where they stand, in order, each with its length.
fn places(text: &str) -> Vec<(usize, usize)> {
    let of = |one: &'static str| memchr::memmem::find_iter(text.as_bytes(), one).map(move |at| (at, one.len()));
    let mut places: Vec<_> = BREAKS.into_iter().flat_map(of).collect();
    places.sort_unstable();
    places
}

/// The text with breaks in their places. All else stays where it is.
fn broken(source: &SourceFile, places: &[(usize, usize)]) -> Arc<SourceFile> {
    let mut text = String::with_capacity(source.text().len());
    let mut from = 0;
    for (start, length) in places {
        text.push_str(source.text().get(from..*start).unwrap_or(""));
        text.push_str(&" ".repeat(length - BREAK.len()));
        text.push_str(BREAK);
        from = start + length;
    }
    text.push_str(source.text().get(from..).unwrap_or(""));
    Arc::new(SourceFile::new(source.id(), source.shared_path(), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::syntax::parse;

    fn told(text: &str) -> Option<(String, std::ops::Range<usize>)> {
        let source = Arc::new(SourceFile::new(FileId(0), "t.yaml", text));
        let keys = |source: &Arc<SourceFile>| {
            let parse = parse(source);
            let root = parse.tree.root();
            let keys =
                root.into_iter().flat_map(|root| root.entries().filter_map(|(key, _)| key.text().map(str::to_owned)));
            keys.collect::<Vec<_>>()
        };
        matters(&source, keys).map(|error| (error.message, error.span.range()))
    }

    #[test]
    fn only_what_means_something_else_is_told() {
        for text in ["a: 1\n", "a: \"x\u{85}y\"\n", "# c\u{2028}# d\na: 'x\u{2029}\u{85}y'\n", "{\"a\u{2028}b\": 1}"] {
            assert_eq!(told(text), None, "{text:?}");
        }
        let (message, range) = told("a: \"x\u{85}y\"\n# c\u{2028}b: 1\n").unwrap();
        assert!(message.contains("U+2028"), "{message}");
        assert_eq!(range, 13..16);
        let many = format!("# {}\u{2029}b: 1\n", "\u{85}#".repeat(MAX_TRIED));
        assert_eq!(told(&many).unwrap().1, 2..4);
    }
}
