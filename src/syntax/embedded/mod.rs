//! JSON text inside a string: a policy given as text, or as text with holes (`Fn::Sub`, `Fn::Join`) whose values are
//! not known.
//!
//! The tree that comes out points into the file that holds the string, through a map of the string's escapes. A node of
//! such a tree can hold JSON text again, to any depth.
//!
//! **Holes in text.** A hole inside a JSON string is written into the text of its node as a mark that no input can
//! forge: the reader doubles the mark's character wherever it stands for itself. [`node_pieces`] takes a text apart
//! again. Text without holes and without U+10FFFF is plain.

mod align;
mod map;

pub use map::OffsetMap;

use super::json::{JsonReader, Origin, Places};
use super::{Kind, Node, NodeId, Parse, TreeBuilder};
use crate::source::{FileId, SourceFile, Span};
use std::ops::Range;
use std::sync::Arc;

/// The character that a hole is written with in the text of a node.
pub(super) const MARK: char = '\u{10FFFF}';
/// Its first byte in UTF-8.
pub(super) const MARK_LEAD: u8 = 0xF4;
/// What ends the number of a hole.
const HOLE_END: char = ';';

/// A part of the text to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// Known text.
    Text {
        /// The text, decoded.
        text: String,
        /// Where each of its bytes stands in the file.
        map: OffsetMap,
    },
    /// A value that is not known.
    Hole {
        /// The caller's number for it, which comes back in [`EmbeddedPiece::Hole`].
        index: usize,
        /// Where it is written.
        span: Span,
    },
}

/// A part of the text of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbeddedPiece<'a> {
    /// Known text.
    Literal(&'a str),
    /// The hole with that number.
    Hole(usize),
}

/// What a tree of embedded text remembers: enough to read a string inside of it once more.
#[derive(Debug)]
pub(super) struct Host {
    text: String,
    map: OffsetMap,
    places: Places,
}

struct InHost<'a> {
    file: FileId,
    map: &'a OffsetMap,
    /// Where holes stand in the text, and their numbers.
    holes: &'a [(usize, usize)],
}

impl Origin for InHost<'_> {
    const HOLES: bool = true;

    fn span(&self, start: usize, end: usize) -> Span {
        let range = self.map.range(start..end);
        Span::new(self.file, range.start, range.end)
    }

    fn hole(&self, at: usize) -> Option<usize> {
        let found = self.holes.binary_search_by_key(&at, |&(place, _)| place).ok()?;
        self.holes.get(found).map(|&(_, index)| index)
    }
}

/// Reads the fragments, one after another, as one JSON text. All of them must come from `source`.
///
/// A hole inside quotes becomes a part of that string's text. A hole outside quotes may stand where a whole value is
/// due; it becomes a string of nothing but that hole, and `is_bare` tells. Elsewhere it is an error.
#[must_use]
pub fn parse(source: &Arc<SourceFile>, fragments: &[Fragment]) -> Parse {
    let mut text = String::new();
    let mut map = OffsetMap::default();
    let mut holes = Vec::new();
    for fragment in fragments {
        match fragment {
            Fragment::Text { text: part, map: places } => {
                text.push_str(part);
                map.append(places);
            }
            Fragment::Hole { index, span } => {
                holes.push((text.len(), *index));
                text.push(MARK);
                map.push(MARK.len_utf8(), span.range());
            }
        }
    }
    let origin = InHost { file: source.id(), map: &map, holes: &holes };
    let (mut parse, places) = JsonReader::new(&text, origin, TreeBuilder::new(Arc::clone(source))).read();
    parse.tree.set_host(Host { text, map, places });
    parse
}

/// Where each byte of the text of a scalar stands in the file. Exact where the text is written as it is or escaped;
/// folded white space maps to the white space that it was folded from.
#[must_use]
pub fn scalar_map(node: Node<'_>) -> OffsetMap {
    let node = node.resolved();
    let Some(text) = node.text() else { return OffsetMap::default() };
    let whole = node.span().range();
    let Some(host) = node.tree().host() else {
        return align::align(node.tree().source().text(), whole, text, false);
    };
    let Some(inner) = host.scalar_range(node) else { return OffsetMap::whole(text.len(), whole) };
    align::align(&host.text, inner, text, true).through(&host.map)
}

impl Host {
    /// Where a scalar stands in the text.
    fn scalar_range(&self, node: Node<'_>) -> Option<Range<usize>> {
        let start = *self.places.starts.get(node.id().index())? as usize;
        let length = match node.kind() {
            Kind::String if !is_bare(node) => align::quoted_length(self.text.get(start..)?),
            Kind::String => MARK.len_utf8(),
            _ => node.text()?.len(),
        };
        Some(start..start + length)
    }
}

/// True for a value that is a hole outside quotes, so that it may stand for any JSON, not just for text.
#[must_use]
pub(crate) fn is_bare(node: Node<'_>) -> bool {
    node.tree().host().is_some_and(|host| host.places.bare.binary_search(&node.id()).is_ok())
}

/// The text of a scalar taken apart into known text and holes. A node of a file's own tree has no holes.
#[must_use]
pub fn node_pieces(node: Node<'_>) -> Vec<EmbeddedPiece<'_>> {
    let Some(text) = node.text() else { return Vec::new() };
    if node.tree().host().is_some() { pieces(text) } else { vec![EmbeddedPiece::Literal(text)] }
}

/// Takes apart the text of a node of a tree that [`parse`] made. Other text must not be given: see [`node_pieces`].
#[must_use]
pub fn pieces(text: &str) -> Vec<EmbeddedPiece<'_>> {
    located_pieces(text).into_iter().map(|(piece, _)| piece).collect()
}

/// The text of a scalar as fragments that can be read as JSON in turn. Holes keep their numbers.
#[must_use]
pub fn fragments(node: Node<'_>) -> Vec<Fragment> {
    let Some(text) = node.text() else { return Vec::new() };
    let map = scalar_map(node);
    if node.tree().host().is_none() {
        return vec![Fragment::Text { text: text.to_owned(), map }];
    }
    let file = node.span().file;
    let fragment = |(piece, range): (EmbeddedPiece<'_>, Range<usize>)| match piece {
        EmbeddedPiece::Literal(part) if part.len() == range.len() => {
            Fragment::Text { text: part.to_owned(), map: map.slice(range) }
        }
        EmbeddedPiece::Literal(part) => {
            Fragment::Text { text: part.to_owned(), map: OffsetMap::whole(part.len(), map.range(range)) }
        }
        EmbeddedPiece::Hole(index) => {
            let place = map.range(range);
            Fragment::Hole { index, span: Span::new(file, place.start, place.end) }
        }
    };
    located_pieces(text).into_iter().map(fragment).collect()
}

/// Pieces and the bytes of `text` that each is written with.
fn located_pieces(text: &str) -> Vec<(EmbeddedPiece<'_>, Range<usize>)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find(MARK).unwrap_or(rest.len());
        if plain > 0 {
            pieces.push((EmbeddedPiece::Literal(rest.get(..plain).unwrap_or("")), at..at + plain));
            at += plain;
            continue;
        }
        let (piece, length) = marked(rest);
        pieces.push((piece, at..at + length));
        at += length;
    }
    pieces
}

/// What the mark at the start of `text` stands for, and the bytes that it is written with.
fn marked(text: &str) -> (EmbeddedPiece<'_>, usize) {
    let itself = EmbeddedPiece::Literal(text.get(..MARK.len_utf8()).unwrap_or(""));
    let rest = text.get(MARK.len_utf8()..).unwrap_or("");
    if rest.starts_with(MARK) {
        return (itself, 2 * MARK.len_utf8());
    }
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.get(..length).filter(|_| rest.get(length..).is_some_and(|rest| rest.starts_with(HOLE_END)));
    match number.and_then(|number| Some((number.len(), number.parse().ok()?))) {
        Some((length, index)) => (EmbeddedPiece::Hole(index), MARK.len_utf8() + length + HOLE_END.len_utf8()),
        None => (itself, MARK.len_utf8()),
    }
}

/// Writes hole `index` into the text of a node.
pub(super) fn push_hole(text: &mut String, index: usize) {
    text.push(MARK);
    text.push_str(&index.to_string());
    text.push(HOLE_END);
}

/// Writes a [`MARK`] that stands for itself.
pub(super) fn push_mark(text: &mut String) {
    text.push(MARK);
    text.push(MARK);
}

impl NodeId {
    fn index(self) -> usize {
        self.raw() as usize
    }
}

#[cfg(test)]
mod tests;
