//! Text with holes: what a string is when parts of it are known only at deploy time.

use super::Unknown;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

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

/// What kind of thing a hole stands for. It says what the hole's value can and cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SymbolKind {
    /// A parameter, an import, or anything else that may hold any text, `*` included.
    Free,
    /// The partition of the deployment (`AWS::Partition`). Policies take a partition written by hand as this one.
    Partition,
    /// A value that AWS fills in for the deployment (region, account, stack name): fixed text of at least
    /// one character without glob characters.
    Pseudo,
    /// The name of a declared bucket that AWS or the provider makes up: it equals no text written by hand, and no
    /// other bucket's name.
    BucketName,
    /// An attribute of a declared resource that is known after deployment: fixed text of at least one character
    /// without glob characters.
    Attribute,
}

/// Identifies one unknown text. Two symbols are the same unknown exactly when their keys are equal.
#[derive(Clone, Debug)]
pub struct Symbol(Arc<SymbolData>);

#[derive(Debug)]
struct SymbolData {
    key: String,
    kind: SymbolKind,
    shown: String,
    unknown: Unknown,
}

impl Symbol {
    /// A symbol. `key` is its identity within the run (front ends start it with their file's id, so that a parameter
    /// of one template is not taken for another's). `shown` is what people read (`${Name}`).
    #[must_use]
    pub fn new(key: impl Into<String>, kind: SymbolKind, shown: impl Into<String>, unknown: Unknown) -> Self {
        Self(Arc::new(SymbolData { key: key.into(), kind, shown: shown.into(), unknown }))
    }

    /// The identity.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// What it stands for.
    #[must_use]
    pub fn kind(&self) -> &SymbolKind {
        &self.0.kind
    }

    /// How people read it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.0.shown
    }

    /// Why it is not known, where, and what would tell.
    #[must_use]
    pub fn unknown(&self) -> &Unknown {
        &self.0.unknown
    }
}

impl PartialEq for Symbol {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}
impl Eq for Symbol {}
impl Hash for Symbol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}
impl PartialOrd for Symbol {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Symbol {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.key.cmp(&other.0.key)
    }
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
    pub fn as_symbol(&self) -> Option<&Symbol> {
        match self.pieces.as_slice() {
            [Piece::Hole(symbol)] => Some(symbol),
            _ => None,
        }
    }

    /// Appends known characters.
    pub fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Literal(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else {
            self.pieces.push(Piece::Literal(text.to_owned()));
        }
    }

    /// Appends another text.
    pub fn push(&mut self, other: &Text) {
        for piece in &other.pieces {
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
        if self.pieces.iter().all(|p| matches!(p, Piece::Literal(_)))
            && other.pieces.iter().all(|p| matches!(p, Piece::Literal(_)))
        {
            return Truth::No;
        }
        if differ_by_generated_name(self, other) || self.rules_out(other) {
            return Truth::No;
        }
        Truth::Maybe
    }

    /// A made-up bucket name as the whole text equals neither hand-written text nor another bucket's name.
    fn rules_out(&self, other: &Text) -> bool {
        let ends = |text: &Text, last: bool| {
            let piece = if last { text.pieces.last() } else { text.pieces.first() };
            match piece {
                None => Some(String::new()),
                Some(Piece::Literal(text)) => Some(text.clone()),
                Some(Piece::Hole(_)) => None,
            }
        };
        let clash = |one: Option<String>, two: Option<String>, last: bool| match (one, two) {
            (Some(one), Some(two)) if last => !one.ends_with(&two) && !two.ends_with(&one),
            (Some(one), Some(two)) => !one.starts_with(&two) && !two.starts_with(&one),
            _ => false,
        };
        clash(ends(self, false), ends(other, false), false) || clash(ends(self, true), ends(other, true), true)
    }
}

fn differ_by_generated_name(one: &Text, two: &Text) -> bool {
    let generated = |text: &Text| text.as_symbol().is_some_and(|s| *s.kind() == SymbolKind::BucketName);
    match (generated(one), generated(two)) {
        (true, true) => true,
        (true, false) => two.as_literal().is_some(),
        (false, true) => one.as_literal().is_some(),
        (false, false) => false,
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::literal(text)
    }
}
