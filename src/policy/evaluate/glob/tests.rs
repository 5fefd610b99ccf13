//! Matching with holes, held against matching with every hole filled in.

use super::*;
use crate::policy::{Principal, Resource};
use crate::source::FileId;
use std::collections::BTreeMap;

/// `*` and `?` by the definition, for short texts.
fn defined(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|at| defined(rest, &text[at..])),
        Some((p, rest)) => text.split_first().is_some_and(|(t, text)| (*p == '?' || p == t) && defined(rest, text)),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    defined(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
}

/// A small generator of our own (xorshift), so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn text(&mut self, parts: &[&str]) -> String {
        let length = self.below(6);
        (0..length).map(|_| parts[self.below(parts.len())]).collect()
    }
}

/// `X` and `Y` are holes, everything else is literal.
fn holed(source: &str, kind: &SymbolKind) -> Text {
    let mut text = Text::default();
    for c in source.chars() {
        if matches!(c, 'X' | 'Y') {
            let unknown = Unknown::new("it is a hole", Span::at(FileId(0), 0), "fill it in");
            text.push(&Text::hole(Symbol::new(c.to_string(), kind.clone(), c, unknown)));
        } else {
            text.push_str(&c.to_string());
        }
    }
    text
}

fn answer(pattern: &Text, subject: &Text, in_name: bool) -> Answer {
    let request = Request {
        principal: Principal::Anonymous,
        action: "s3:GetObject".to_owned(),
        bucket: Text::literal("data"),
        resource: Resource::Bucket,
        context: BTreeMap::new(),
    };
    let reader = TextReader { version: &Version::V2012, request: &request, partition: "aws" };
    let value = Subject { in_name, ..Subject::value(&reader, subject) };
    reader.pattern(pattern, Globs::Live).matches(&value, false, Span::at(FileId(0), 0))
}

#[test]
fn texts_without_holes_match_by_the_definition() {
    let mut random = Random(0x1234_5678_9abc_def1);
    for _ in 0..20_000 {
        let pattern = random.text(&["a", "b", "*", "?", "/"]);
        let text = random.text(&["a", "b", "/"]);
        let got = answer(&pattern.as_str().into(), &text.as_str().into(), true);
        assert_eq!(got, Answer::of(matches(&pattern, &text)), "`{pattern}` on `{text}`");
    }
}

/// Holds the answer for holes of `kind` against all fillings with `values`.
fn holds_for_all(kind: &SymbolKind, values: &[&str], in_name: bool, seed: u64) {
    let mut random = Random(seed);
    let mut decided = 0;
    for _ in 0..2_000 {
        let pattern = random.text(&["a", "b", "*", "?", "/", "X", "Y"]);
        let subject = random.text(&["a", "b", "/", "X", "Y"]);
        let got = answer(&holed(&pattern, kind), &holed(&subject, kind), in_name);
        for x in values {
            for y in values {
                let fill = |text: &str| text.replace('X', x).replace('Y', y);
                let real = matches(&fill(&pattern), &fill(&subject));
                let sound = match got {
                    Answer::Yes => real,
                    Answer::No => !real,
                    Answer::Maybe(_) => true,
                };
                assert!(sound, "{kind:?}: `{pattern}` on `{subject}` is {got:?}, but not with X = `{x}`, Y = `{y}`");
            }
        }
        decided += usize::from(!matches!(got, Answer::Maybe(_)));
    }
    assert!(decided > 500, "most answers are certain: {decided}");
}

#[test]
fn answers_hold_whatever_the_holes_are() {
    holds_for_all(&SymbolKind::Pseudo, &["a", "b", "ab", "aa", "ba", "aba"], true, 0x9e37_79b9_7f4a_7c15);
    holds_for_all(&SymbolKind::Attribute, &["a", "b", "ab", "/", "a/b"], false, 0xd1b5_4a32_d192_ed03);
    holds_for_all(&SymbolKind::Free, &["a", "b", "ab", "", "ba"], true, 0x8538_ecb5_bd45_6ea3);
    holds_for_all(&SymbolKind::Free, &["a", "", "ab", "*", "?", "a*", "/"], false, 0xaef1_7502_108e_f2d9);
}

#[test]
fn a_long_pattern_on_a_long_text_ends_soon() {
    let pattern = "a*".repeat(500) + "b";
    let text = "a".repeat(2_000);
    assert_eq!(answer(&pattern.as_str().into(), &text.as_str().into(), true), Answer::No);
}
