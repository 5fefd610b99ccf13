//! Text with holes: what a string is when parts of it are known only at deploy time.

use super::{Pseudo, Symbol, SymbolKind};
use std::collections::VecDeque;
use std::fmt::Write as _;

/// An answer about something that may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds whatever the unknowns are.
    Yes,
    /// It holds for no value of the unknowns.
    No,
    /// It hangs on an unknown.
    Maybe,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Piece {
    /// Known characters, at least one.
    Literal(String),
    /// An unknown.
    Hole(Symbol),
}

/// Text with holes. Neighbouring literals are always merged, so that equal texts have equal pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text {
    pieces: Vec<Piece>,
}

impl Text {
    /// Known text.
    #[must_use]
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        let pieces = if text.is_empty() { Vec::new() } else { vec![Piece::Literal(text)] };
        Self { pieces }
    }

    /// Text that is one unknown.
    #[must_use]
    pub fn hole(symbol: Symbol) -> Self {
        Self { pieces: vec![Piece::Hole(symbol)] }
    }

    /// The pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The whole text, where no hole is in it.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The one symbol that is the whole text.
    #[must_use]
    pub(crate) fn as_symbol(&self) -> Option<&Symbol> {
        match self.pieces.as_slice() {
            [Piece::Hole(symbol)] => Some(symbol),
            _ => None,
        }
    }

    /// Whether it is, or is made of, what names something in another way than a bucket's name does.
    #[must_use]
    pub(crate) fn is_arn_or_address(&self) -> bool {
        let is_arn = matches!(self.pieces.first(), Some(Piece::Literal(start)) if start.starts_with("arn:"));
        is_arn || self.symbols().any(|symbol| *symbol.kind() == SymbolKind::Address)
    }

    /// Appends known characters.
    pub fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Literal(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else {
            // Most texts are of one piece.
            self.pieces.reserve_exact(usize::from(self.pieces.is_empty()));
            self.pieces.push(Piece::Literal(text.to_owned()));
        }
    }

    /// Appends another text.
    pub fn push(&mut self, other: &Text) {
        self.extend(&other.pieces);
    }

    /// Appends pieces.
    pub fn extend(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Literal(text) => self.push_str(text),
                Piece::Hole(symbol) => self.pieces.push(Piece::Hole(symbol.clone())),
            }
        }
    }

    /// The symbols in the text, in order.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(symbol) => Some(symbol),
            Piece::Literal(_) => None,
        })
    }

    /// The text with each hole replaced where `replace` has something for it.
    #[must_use]
    pub fn substitute(&self, replace: &impl Fn(&Symbol) -> Option<Text>) -> Text {
        let mut out = Text::default();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Hole(symbol) => match replace(symbol) {
                    Some(text) => out.push(&text),
                    None => out.pieces.push(piece.clone()),
                },
            }
        }
        out
    }

    /// What stands between `head`, with which this text must start, and `tail`, with which it must end.
    #[must_use]
    pub fn between(&self, head: &Text, tail: &Text) -> Option<Text> {
        let mut whole: VecDeque<Part<'_>> = self.pieces.iter().map(Part::of).collect();
        let mut head: VecDeque<Part<'_>> = head.pieces.iter().map(Part::of).collect();
        let mut tail: VecDeque<Part<'_>> = tail.pieces.iter().map(Part::of).collect();
        strip_start(&mut whole, &mut head);
        strip_end(&mut whole, &mut tail);
        (head.is_empty() && tail.is_empty()).then(|| joined(&whole))
    }

    /// The unknown in which alone this text and another one differ, and what it is where they are the same.
    #[must_use]
    pub(crate) fn solved(&self, other: &Text) -> Option<(Symbol, Text)> {
        let mut one: VecDeque<Part<'_>> = self.pieces.iter().map(Part::of).collect();
        let mut two: VecDeque<Part<'_>> = other.pieces.iter().map(Part::of).collect();
        strip_start(&mut one, &mut two);
        strip_end(&mut one, &mut two);
        let alone = |parts: &VecDeque<Part<'_>>| match (parts.len(), parts.front()) {
            (1, Some(Part::Hole(symbol))) => Some(Symbol::clone(symbol)),
            _ => None,
        };
        let solved = alone(&one).map(|symbol| (symbol, joined(&two)));
        let solved = solved.or_else(|| Some((alone(&two)?, joined(&one))))?;
        let is_of_itself = solved.1.symbols().any(|symbol| *symbol == solved.0);
        (!is_of_itself).then_some(solved)
    }

    /// The parts between delimiters; `None` where a hole may hold one.
    #[must_use]
    pub fn cut(&self, delimiter: &str) -> Option<Vec<Text>> {
        let mut done = Vec::new();
        let mut current = Text::default();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => {
                    let mut parts = literal.split(delimiter);
                    current.push_str(parts.next().unwrap_or(""));
                    for part in parts {
                        done.push(std::mem::replace(&mut current, Text::literal(part)));
                    }
                }
                Piece::Hole(symbol) if holds_none(symbol, delimiter) => current.push(&Text::hole(symbol.clone())),
                Piece::Hole(_) => return None,
            }
        }
        done.push(current);
        Some(done)
    }

    /// The text without white space at its ends, as far as they are known.
    #[must_use]
    pub(crate) fn trimmed(mut self) -> Self {
        if let Some(Piece::Literal(first)) = self.pieces.first_mut() {
            *first = first.trim_start().to_owned();
        }
        if let Some(Piece::Literal(last)) = self.pieces.last_mut() {
            last.truncate(last.trim_end().len());
        }
        self.pieces.retain(|piece| !matches!(piece, Piece::Literal(text) if text.is_empty()));
        self
    }

    /// How people read it: `${Name}` and the like for holes.
    #[must_use]
    pub fn shown(&self) -> String {
        self.pieces.iter().fold(String::new(), |mut out, piece| {
            let part = match piece {
                Piece::Literal(text) => text,
                Piece::Hole(symbol) => symbol.shown(),
            };
            let _ = out.write_str(part);
            out
        })
    }

    /// Whether both are the same text, whatever the unknowns are.
    #[must_use]
    pub fn equals(&self, other: &Text) -> Truth {
        if self == other {
            return Truth::Yes;
        }
        // What both start and end with says nothing: the rests are equal exactly where the wholes are.
        let mut one: VecDeque<Part<'_>> = self.pieces.iter().map(Part::of).collect();
        let mut two: VecDeque<Part<'_>> = other.pieces.iter().map(Part::of).collect();
        strip_start(&mut one, &mut two);
        strip_end(&mut one, &mut two);
        if one.is_empty() && two.is_empty() {
            return Truth::Yes;
        }
        if differ(&one, &two) { Truth::No } else { Truth::Maybe }
    }
}

/// Whether an unknown holds no such delimiter. Partitions, regions and bucket names hold no colon, slash or comma, and a
/// delimiter of one character cannot lie across the edge of a hole.
fn holds_none(symbol: &Symbol, delimiter: &str) -> bool {
    let plain = match symbol.kind() {
        SymbolKind::Partition | SymbolKind::BucketName => true,
        SymbolKind::Pseudo => {
            matches!(symbol.pseudo(), Some(Pseudo::Region | Pseudo::AccountId | Pseudo::StackName))
        }
        SymbolKind::Free | SymbolKind::Attribute | SymbolKind::Address => false,
    };
    plain && [":", "/", ",", "|", ";"].contains(&delimiter)
}

/// The text that parts come to.
fn joined(parts: &VecDeque<Part<'_>>) -> Text {
    let mut out = Text::default();
    for part in parts {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Hole(symbol) => out.push(&Text::hole(Symbol::clone(symbol))),
        }
    }
    out
}

/// A piece, borrowed, of which a part may be cut off.
#[derive(Clone, Copy)]
enum Part<'a> {
    Literal(&'a str),
    Hole(&'a Symbol),
}

impl<'a> Part<'a> {
    fn of(piece: &'a Piece) -> Self {
        match piece {
            Piece::Literal(text) => Part::Literal(text),
            Piece::Hole(symbol) => Part::Hole(symbol),
        }
    }

    fn literal(self) -> Option<&'a str> {
        match self {
            Part::Literal(text) => Some(text),
            Part::Hole(_) => None,
        }
    }

    /// False where it may be empty: only what may hold any text can.
    fn is_something(self) -> bool {
        !matches!(self, Part::Hole(symbol) if *symbol.kind() == SymbolKind::Free)
    }
}

/// Takes away what both start with.
fn strip_start<'a>(one: &mut VecDeque<Part<'a>>, two: &mut VecDeque<Part<'a>>) {
    loop {
        let rests = match (one.front(), two.front()) {
            (Some(Part::Hole(a)), Some(Part::Hole(b))) if a == b => ("", ""),
            (Some(Part::Literal(a)), Some(Part::Literal(b))) => {
                let common: usize =
                    a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
                if common == 0 {
                    return;
                }
                (a.get(common..).unwrap_or(""), b.get(common..).unwrap_or(""))
            }
            _ => return,
        };
        one.pop_front();
        two.pop_front();
        for (parts, rest) in [(&mut *one, rests.0), (&mut *two, rests.1)] {
            if !rest.is_empty() {
                parts.push_front(Part::Literal(rest));
            }
        }
    }
}

/// Takes away what both end with.
fn strip_end<'a>(one: &mut VecDeque<Part<'a>>, two: &mut VecDeque<Part<'a>>) {
    loop {
        let rests = match (one.back(), two.back()) {
            (Some(Part::Hole(a)), Some(Part::Hole(b))) if a == b => ("", ""),
            (Some(Part::Literal(a)), Some(Part::Literal(b))) => {
                let common: usize =
                    a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
                if common == 0 {
                    return;
                }
                let keep = |text: &str| text.len() - common;
                (a.get(..keep(a)).unwrap_or(""), b.get(..keep(b)).unwrap_or(""))
            }
            _ => return,
        };
        one.pop_back();
        two.pop_back();
        for (parts, rest) in [(&mut *one, rests.0), (&mut *two, rests.1)] {
            if !rest.is_empty() {
                parts.push_back(Part::Literal(rest));
            }
        }
    }
}

/// Whether two texts that neither start nor end alike differ, whatever the holes hold.
fn differ(one: &VecDeque<Part<'_>>, two: &VecDeque<Part<'_>>) -> bool {
    // Two literals at one edge have characters there that are not the same.
    let literals =
        |a: Option<&Part<'_>>, b: Option<&Part<'_>>| matches!((a, b), (Some(Part::Literal(_)), Some(Part::Literal(_))));
    literals(one.front(), two.front())
        || literals(one.back(), two.back())
        || generated_differs(one, two)
        || generated_differs(two, one)
        || cannot_be(one, two)
        || cannot_be(two, one)
}

/// A made-up bucket name equals neither hand-written text nor another bucket's name.
fn generated_differs(one: &VecDeque<Part<'_>>, two: &VecDeque<Part<'_>>) -> bool {
    let generated = |part: &Part<'_>| matches!(part, Part::Hole(symbol) if symbol.kind().is_made_up());
    let by_hand = |part: &Part<'_>| generated(part) || part.literal().is_some();
    one.len() == 1 && one.iter().all(generated) && two.len() <= 1 && two.iter().all(by_hand)
}

/// Whether `pattern` can be no text of literals: one of its own literals is not there, in order, or what stands
/// between them needs more characters than there are.
fn cannot_be(pattern: &VecDeque<Part<'_>>, text: &VecDeque<Part<'_>>) -> bool {
    let literal = match (text.len(), text.front().and_then(|part| part.literal())) {
        (0, _) => "",
        (1, Some(literal)) => literal,
        _ => return false,
    };
    let mut rest = literal;
    let mut gap = 0usize;
    let mut anchored = true;
    for part in pattern {
        match part {
            Part::Hole(_) => {
                gap += usize::from(part.is_something());
                anchored = false;
            }
            Part::Literal(own) => {
                let from = rest.char_indices().nth(gap).map_or(rest.len(), |(at, _)| at);
                let found = if anchored {
                    rest.starts_with(own).then_some(0)
                } else if rest.chars().count() < gap {
                    None
                } else {
                    rest.get(from..).and_then(|later| later.find(own)).map(|at| from + at)
                };
                let Some(at) = found else { return true };
                rest = rest.get(at + own.len()..).unwrap_or("");
                gap = 0;
                anchored = true;
            }
        }
    }
    if anchored {
        // The last literal must end the text; where a hole stands before it, it may be found again further on.
        let last = pattern.back().and_then(|part| part.literal()).unwrap_or("");
        return !literal.ends_with(last);
    }
    rest.chars().count() < gap
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::literal(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Unknown;
    use crate::source::{FileId, Span};

    fn hole(key: &str, kind: SymbolKind) -> Text {
        let unknown = Unknown::new("unknown", Span::at(FileId(0), 0), "");
        Text::hole(Symbol::new(key, kind, format!("${{{key}}}"), unknown))
    }

    /// Words: `*x` a free hole, `+x` an attribute, `@x` a made-up bucket name, others literal.
    fn text(words: &str) -> Text {
        let mut out = Text::default();
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            match word.split_at(1) {
                ("*", name) => out.push(&hole(name, SymbolKind::Free)),
                ("+", name) => out.push(&hole(name, SymbolKind::Attribute)),
                ("@", name) => out.push(&hole(name, SymbolKind::BucketName)),
                _ => out.push_str(word),
            }
        }
        out
    }

    #[test]
    fn what_two_texts_differ_in_is_solved() {
        let cases = [
            ("*x -data", "prod-data", Some(("x", "prod"))),
            ("prod-data", "*x -data", Some(("x", "prod"))),
            ("*x -data", "*y -data", Some(("x", "*y"))),
            ("*x -data", "*y -b-data", Some(("x", "*y -b"))),
            ("*x -data", "*y -other", None),
            ("*x", "a *x b", None),
            ("*x - *y", "a-b", None),
            ("a", "a", None),
        ];
        for (one, two, expected) in cases {
            let expected = expected.map(|(name, value)| (hole(name, SymbolKind::Free), text(value)));
            let solved = text(one).solved(&text(two)).map(|(symbol, value)| (Text::hole(symbol), value));
            assert_eq!(solved, expected, "{one} = {two}");
        }
    }

    #[test]
    fn equality_is_sound_and_looks_past_what_is_common() {
        let cases = [
            ("", "", Truth::Yes),
            ("a *x", "a *x", Truth::Yes),
            ("a", "b", Truth::No),
            ("*x", "*y", Truth::Maybe),
            ("*x", "a", Truth::Maybe),
            ("*x", "", Truth::Maybe),
            ("+x", "", Truth::No),
            ("*x -a", "*x -b", Truth::No),
            ("*x -a", "*y -a", Truth::Maybe),
            ("*x -a", "*x -a +y", Truth::No),
            ("*x -a", "*x -a *y", Truth::Maybe),
            ("pre- *x -logs", "pre-my-bucket", Truth::No),
            ("*x -logs", "my-logs", Truth::Maybe),
            ("*x -logs-a", "my-logs-logs-a", Truth::Maybe),
            ("+x -logs", "-logs", Truth::No),
            ("*x -mid- *y", "nothing", Truth::No),
            ("a *x b *y c", "abc", Truth::Maybe),
            ("a +x b +y c", "abc", Truth::No),
            ("a +x b +y c", "azbzc", Truth::Maybe),
            ("@b", "literal", Truth::No),
            ("@b", "@c", Truth::No),
            ("@b", "*x", Truth::Maybe),
            ("@b", "*x lit", Truth::Maybe),
            ("arn: @b", "arn:lit", Truth::No),
            ("arn: @b /a", "arn:lit/a", Truth::No),
            ("ab", "a *x b", Truth::Maybe),
            ("aba *x", "ab *x", Truth::No),
            ("aba *x", "ab *y", Truth::Maybe),
            ("aa *x", "*x aa", Truth::Maybe),
        ];
        for (one, two, expected) in cases {
            assert_eq!(text(one).equals(&text(two)), expected, "{one} == {two}");
            assert_eq!(text(two).equals(&text(one)), expected, "{two} == {one}");
        }
    }
}
