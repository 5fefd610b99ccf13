//! Texts by what is known at their ends, so that those that may be equal to another are found without a look at all.

use crate::model::{Piece, Text, Truth};
use std::collections::BTreeMap;

/// Texts with something for each.
#[derive(Debug)]
pub(super) struct TextIndex<T> {
    items: Vec<(Text, T)>,
    /// By the literal that a text starts with.
    starts: BTreeMap<String, Vec<usize>>,
    /// By the literal that a text ends with, back to front.
    ends: BTreeMap<String, Vec<usize>>,
    /// Those that do not start with a literal, by what they end with.
    ends_only: BTreeMap<String, Vec<usize>>,
    /// Those that do not end with a literal, by what they start with.
    starts_only: BTreeMap<String, Vec<usize>>,
    /// Those of which neither end is known.
    open: Vec<usize>,
}

impl<T> Default for TextIndex<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            starts: BTreeMap::new(),
            ends: BTreeMap::new(),
            ends_only: BTreeMap::new(),
            starts_only: BTreeMap::new(),
            open: Vec::new(),
        }
    }
}

impl<T> TextIndex<T> {
    pub(super) fn insert(&mut self, text: Text, item: T) {
        let at = self.items.len();
        let (start, end) = (start(&text), end(&text));
        if let Some(start) = &start {
            self.starts.entry(start.clone()).or_default().push(at);
        }
        if let Some(end) = &end {
            self.ends.entry(end.clone()).or_default().push(at);
        }
        match (start, end) {
            (None, None) => self.open.push(at),
            (None, Some(end)) => self.ends_only.entry(end).or_default().push(at),
            (Some(start), None) => self.starts_only.entry(start).or_default().push(at),
            (Some(_), Some(_)) => {}
        }
        self.items.push((text, item));
    }

    /// What is there, in the order in which it came.
    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|(_, item)| item)
    }

    /// What is there for texts that are, or may be, equal to `text`, in the order in which they came.
    pub(super) fn fitting(&self, text: &Text) -> Vec<(&Text, &T, Truth)> {
        let (start, end) = (start(text), end(text));
        let by_start = start.as_ref().map(|start| {
            agreeing(&self.starts, start).chain(rest(&self.ends_only, end.as_deref())).collect::<Vec<_>>()
        });
        let by_end = end
            .as_ref()
            .map(|end| agreeing(&self.ends, end).chain(rest(&self.starts_only, start.as_deref())).collect::<Vec<_>>());
        // Names that start alike often end in a number of their own, or the other way round.
        let mut found = match (by_start, by_end) {
            (Some(by_start), Some(by_end)) if by_end.len() < by_start.len() => by_end,
            (Some(found), _) | (None, Some(found)) => found,
            (None, None) => (0..self.items.len()).collect(),
        };
        found.extend(&self.open);
        found.sort_unstable();
        found.dedup();
        let fitting = found.into_iter().filter_map(|at| {
            let (other, item) = self.items.get(at)?;
            let equal = other.equals(text);
            (equal != Truth::No).then_some((other, item, equal))
        });
        fitting.collect()
    }
}

/// The entries under keys that `text` starts with, or that start with it.
fn agreeing<'a>(map: &'a BTreeMap<String, Vec<usize>>, text: &'a str) -> impl Iterator<Item = usize> + 'a {
    let shorter = text.char_indices().map(|(at, _)| at).filter_map(|at| map.get(text.get(..at)?));
    let longer = map.range(text.to_owned()..).take_while(move |(key, _)| key.starts_with(text)).map(|(_, items)| items);
    shorter.chain(longer).flatten().copied()
}

/// The entries of texts of which that end is known alone, as far as it agrees with `text`.
fn rest<'a>(map: &'a BTreeMap<String, Vec<usize>>, text: Option<&'a str>) -> Box<dyn Iterator<Item = usize> + 'a> {
    match text {
        Some(text) => Box::new(agreeing(map, text)),
        None => Box::new(map.values().flatten().copied()),
    }
}

fn start(text: &Text) -> Option<String> {
    match text.pieces().first() {
        None => Some(String::new()),
        Some(Piece::Literal(literal)) => Some(literal.clone()),
        Some(Piece::Hole(_)) => None,
    }
}

fn end(text: &Text) -> Option<String> {
    match text.pieces().last() {
        None => Some(String::new()),
        Some(Piece::Literal(literal)) => Some(literal.chars().rev().collect()),
        Some(Piece::Hole(_)) => None,
    }
}

/// Whether a name has a part that says something of it: what only separates (`-`) does not.
pub(super) fn is_settled_in_part(text: &Text) -> bool {
    text.pieces()
        .iter()
        .any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains(char::is_alphanumeric)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Symbol, SymbolKind, Unknown};
    use crate::source::{FileId, Span};

    fn text(words: &str) -> Text {
        let mut out = Text::default();
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            if let Some(name) = word.strip_prefix('*') {
                let unknown = Unknown::new("unknown", Span::at(FileId(0), 0), "");
                out.push(&Text::hole(Symbol::new(name, SymbolKind::Free, name, unknown)));
            } else {
                out.push_str(word);
            }
        }
        out
    }

    #[test]
    fn finds_what_a_look_at_all_finds() {
        let all =
            ["", "a", "ab", "abc", "*x", "*y", "a *x", "ab *y", "*x c", "*x bc", "a *x c", "*x b *y", "b", "*x *y"];
        let mut index = TextIndex::default();
        for words in all {
            index.insert(text(words), words);
        }
        for words in all {
            let asked = text(words);
            let found: Vec<&str> = index.fitting(&asked).into_iter().map(|(_, item, _)| *item).collect();
            let expected: Vec<&str> = all.into_iter().filter(|other| text(other).equals(&asked) != Truth::No).collect();
            assert_eq!(found, expected, "{words}");
        }
    }
}
