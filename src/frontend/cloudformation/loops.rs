//! `Fn::ForEach`: mappings whose entries are repeated over a collection.
//!
//! A collection that is not known is one turn with an unknown value: what its body makes stands for what any turn
//! makes, and two loops over one collection mean the same turn. In strings such a value is a *mark*, a number between
//! control characters, so that logical ids and condition names made of it can be looked up like any others; where a
//! string becomes a text, the mark becomes a hole.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>.

use super::reader::{Loops, MAX_RESOURCES, Reader};
use crate::model::{Condition, Data, Name, Piece, Symbol, SymbolKind, Text, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Kind, Node};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

pub(super) const PREFIX: &str = "Fn::ForEach::";
/// So deep loops are looked into as they are written.
pub(super) const MAX_LOOPS: u32 = 8;
/// The most turns that the loops of one mapping may take together: far more than there can be resources.
const MAX_TURNS: usize = 20_000;
/// Stands around the number of a mark.
const MARK: char = '\u{1}';

/// Whether a key is that of a loop.
pub(super) fn is_loop(key: Node<'_>) -> bool {
    key.text().is_some_and(|key| key.starts_with(PREFIX))
}

/// Shows each entry of a section as it is written; those in the body of a loop in the loop's place.
pub(super) fn each_written<'a>(section: Node<'a>, depth: u32, see: &mut impl FnMut(Node<'a>, Node<'a>)) {
    for (key, value) in section.entries() {
        if !is_loop(key) || depth >= MAX_LOOPS {
            see(key, value);
        } else if let Some(body) = value.items().nth(2) {
            each_written(body, depth + 1, see);
        }
    }
}

/// One turn of a loop.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// The loop's variable.
    name: String,
    /// Its value, with marks.
    value: String,
    /// Where the collection has this item.
    exists: Condition,
}

impl Turn {
    /// Where the collection has this item.
    pub(super) fn exists(&self) -> &Condition {
        &self.exists
    }
}

/// An entry of a mapping after its loops are unrolled. A template may have as many as it has lines, so that it is small:
/// what it is called is told when it is asked for.
pub(super) struct Expanded<'a> {
    /// Its key as it is written.
    key: Node<'a>,
    pub(super) value: Node<'a>,
    pub(super) loops: Loops,
}

impl<'a> Expanded<'a> {
    /// The key, with marks.
    pub(super) fn key(&self) -> Cow<'a, str> {
        fill(self.key.text().unwrap_or_default(), &self.loops)
    }

    /// The key as people read it: the pattern of the loop where that is over what is not known.
    pub(super) fn shown(&self) -> Cow<'a, str> {
        fill_where(self.key.text().unwrap_or_default(), &self.loops, |value| !has_mark(value))
    }

    pub(super) fn key_span(&self) -> Span {
        self.key.span()
    }
}

/// The entries of a mapping, each key once, and what could not be unrolled.
#[derive(Default)]
pub(super) struct Entries<'a> {
    pub(super) list: Vec<Expanded<'a>>,
    pub(super) unknown: Option<Unknown>,
    /// Set where the entries are resources, of which a template has no more than so many.
    limit: Option<usize>,
    /// The loop that went past the limit.
    pub(super) too_many: Option<Span>,
    turns: usize,
    /// By key, once that is needed.
    index: Option<BTreeMap<Cow<'a, str>, usize>>,
}

/// No loops.
pub(super) fn none() -> Loops {
    Vec::new().into()
}

/// Fills in loop variables: `${Name}`, and `&{Name}` with all but letters and digits left out.
pub(super) fn fill<'t>(text: &'t str, loops: &Loops) -> Cow<'t, str> {
    fill_where(text, loops, |_| true)
}

/// Fills in loop variables where `known` takes their value, and leaves the others as they are written.
fn fill_where<'t>(text: &'t str, loops: &Loops, known: impl Fn(&str) -> bool) -> Cow<'t, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, turn, plain)) = next_variable(rest, loops) {
        out.push_str(rest.get(..at).unwrap_or(""));
        if !known(&turn.value) {
            out.push_str(rest.get(at..at + turn.name.len() + 3).unwrap_or(""));
        } else if plain {
            out.extend(turn.value.chars().filter(|&c| c.is_ascii_alphanumeric() || c == MARK));
        } else {
            out.push_str(&turn.value);
        }
        rest = rest.get(at + turn.name.len() + 3..).unwrap_or("");
    }
    if out.is_empty() && rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The next loop variable in a text: where it stands, its turn, and whether it is `&{Name}`.
fn next_variable<'l>(text: &str, loops: &'l Loops) -> Option<(usize, &'l Turn, bool)> {
    if loops.is_empty() {
        return None;
    }
    for (at, _) in text.match_indices('{') {
        let Some(before) = at.checked_sub(1) else { continue };
        let plain = match text.as_bytes().get(before) {
            Some(b'$') => false,
            Some(b'&') => true,
            _ => continue,
        };
        let (name, _) = text.get(at + 1..)?.split_once('}')?;
        // The innermost loop of that name counts.
        if let Some(turn) = loops.iter().rev().find(|turn| turn.name == name) {
            return Some((before, turn, plain));
        }
    }
    None
}

/// Loops as a part of a symbol's key.
pub(super) fn shown(loops: &Loops) -> String {
    loops.iter().fold(String::new(), |mut out, turn| {
        let _ = write!(out, ";{}'{}={}'{}", turn.name.len(), turn.name, turn.value.len(), turn.value);
        out
    })
}

/// Whether a string stands for a text that is not known.
pub(super) fn has_mark(text: &str) -> bool {
    text.contains(MARK)
}

impl<'a> Entries<'a> {
    fn push(&mut self, entry: Expanded<'a>) {
        let Some(index) = &mut self.index else { return self.list.push(entry) };
        let key = entry.key();
        if let Some(earlier) = index.get(&key).and_then(|&at| self.list.get_mut(at)) {
            *earlier = entry;
        } else {
            index.insert(key, self.list.len());
            self.list.push(entry);
        }
    }

    /// Sees to it that each key stands once from here on: one that stands twice counts where it stands last.
    fn by_key(&mut self) {
        if self.index.is_none() {
            self.index = Some(BTreeMap::new());
            for entry in std::mem::take(&mut self.list) {
                self.push(entry);
            }
        }
    }

    /// Whether a key stands twice.
    fn repeats(&self) -> bool {
        let mut keys: Vec<u32> = (0..u32::try_from(self.list.len()).unwrap_or(u32::MAX)).collect();
        let key = |at: &u32| self.list.get(*at as usize).map(Expanded::key);
        keys.sort_unstable_by_key(key);
        keys.iter().zip(keys.iter().skip(1)).any(|(one, two)| key(one) == key(two))
    }

    /// Each key once, in the order of the file.
    fn finish(&mut self) {
        if self.index.is_none() && self.repeats() {
            self.by_key();
        }
        if self.turns > 0 {
            self.list.sort_by_key(|entry| entry.key_span().start);
        }
    }

    fn is_full(&self) -> bool {
        self.too_many.is_some()
    }
}

impl<'a> Reader<'a> {
    /// The entries of a mapping with its loops unrolled.
    pub(super) fn entries(&mut self, node: Node<'a>) -> Entries<'a> {
        let mut out = Entries::default();
        self.collect(node, &mut out);
        out.finish();
        out
    }

    /// The entries of a section but `Resources`. Where it cannot be read whole, the template is not whole.
    pub(super) fn section(&mut self, name: &str) -> Vec<Expanded<'a>> {
        let Some(section) = self.root.get(name) else { return Vec::new() };
        let entries = self.entries(section);
        self.macros.incomplete = self.macros.incomplete.take().or(entries.unknown);
        entries.list
    }

    /// The same of the section `Resources`.
    pub(super) fn resource_entries(&mut self, node: Node<'a>) -> Entries<'a> {
        let mut out = Entries { limit: Some(MAX_RESOURCES), ..Entries::default() };
        self.collect(node, &mut out);
        out.finish();
        out
    }

    fn collect(&mut self, node: Node<'a>, out: &mut Entries<'a>) {
        if !self.enter() {
            out.unknown = Some(Self::too_large(node.resolved().span()));
            return;
        }
        let mut loops = Vec::new();
        out.list.reserve_exact(node.entry_count());
        for (key, value) in node.entries() {
            if !self.spend(1) {
                out.unknown = Some(Self::too_large(node.resolved().span()));
                break;
            }
            // CloudFormation refuses such a key; what was meant by it is not known.
            let Some(text) = key.text() else {
                let unknown = Unknown::new("a key of this mapping is no string", key.span(), "put the key in quotes");
                out.unknown = Some(unknown);
                continue;
            };
            if fill(text, &self.loops).starts_with(PREFIX) {
                loops.push((key, value));
            } else if !self.loops.is_empty() && out.limit.is_some_and(|limit| out.list.len() >= limit) {
                out.too_many.get_or_insert_with(|| key.span());
            } else {
                out.push(Expanded { key, value, loops: self.loops.clone() });
            }
        }
        if !loops.is_empty() {
            out.by_key();
        }
        // What stands outside of loops is not lost where they go past a limit.
        for (key, value) in loops {
            self.unroll(key, value, out);
        }
        self.leave();
    }

    fn unroll(&mut self, key: Node<'a>, value: Node<'a>, out: &mut Entries<'a>) {
        let parts: Vec<_> = value.items().collect();
        let [identifier, collection, body] = parts.as_slice() else {
            out.unknown = Some(not_a_loop(value));
            return;
        };
        let name = identifier.text().unwrap_or("").to_owned();
        if name.is_empty() || body.kind() != Kind::Mapping {
            out.unknown = Some(not_a_loop(value));
            return;
        }
        for (item, exists) in self.collection(*collection, &name) {
            if out.is_full() {
                return;
            }
            out.turns += 1;
            if out.turns > MAX_TURNS || !self.spend(1) {
                out.unknown = Some(Self::too_large(key.span()));
                return;
            }
            let turn = Turn { name: name.clone(), value: item, exists };
            let loops = self.loops.iter().cloned().chain([turn]).collect();
            self.within(loops, |reader| reader.collect(*body, out));
        }
    }

    /// The items of a collection, with marks, and where each is one.
    fn collection(&mut self, node: Node<'a>, variable: &str) -> Vec<(String, Condition)> {
        let value = self.value(node);
        let mut leaves = Vec::new();
        self.leaves(&value, node, variable, &mut Vec::new(), &mut leaves);
        let mut items: Vec<(String, Vec<Condition>)> = Vec::new();
        let mut index: BTreeMap<String, usize> = BTreeMap::new();
        for (path, texts) in &leaves {
            for text in texts {
                let at = *index.entry(text.clone()).or_insert_with(|| {
                    items.push((text.clone(), Vec::new()));
                    items.len() - 1
                });
                if let Some((_, paths)) = items.get_mut(at) {
                    paths.push(path.iter().cloned().fold(Condition::Always, Condition::and));
                }
            }
        }
        let everywhere = leaves.len();
        let exists = |mut paths: Vec<Condition>| {
            paths.dedup();
            match paths.len() {
                // Each leaf has it.
                count if count == everywhere => Condition::Always,
                1 => paths.pop().unwrap_or(Condition::Always),
                _ => Condition::Any(paths.into()),
            }
        };
        items.into_iter().map(|(text, paths)| (text, exists(paths))).collect()
    }

    /// The lists that a collection may be, each with the conditions under which it is that one.
    fn leaves(
        &mut self,
        value: &Value,
        node: Node<'a>,
        variable: &str,
        path: &mut Vec<Condition>,
        out: &mut Vec<(Vec<Condition>, Vec<String>)>,
    ) {
        match &value.data {
            Data::Choice { condition, then, otherwise } if self.spend(1) => {
                path.push(condition.clone());
                self.leaves(then, node, variable, path, out);
                path.pop();
                path.push(Condition::Not(Arc::new(condition.clone())));
                self.leaves(otherwise, node, variable, path, out);
                path.pop();
            }
            Data::List(items) => {
                let mut texts = Vec::new();
                // A reference to a list among the items gives its items.
                let flat = items.iter().flat_map(|item| match &item.data {
                    Data::List(inner) => inner.iter().collect::<Vec<_>>(),
                    _ => vec![item],
                });
                for (at, item) in flat.enumerate() {
                    texts.push(self.item(item, Some(at), node, variable));
                }
                // An item twice is one turn: the same keys again.
                let mut seen = std::collections::BTreeSet::new();
                texts.retain(|text| seen.insert(text.clone()));
                out.push((path.clone(), texts));
            }
            Data::Absent => out.push((path.clone(), Vec::new())),
            _ => {
                let item = self.item(value, None, node, variable);
                out.push((path.clone(), vec![item]));
            }
        }
    }

    /// One item, or the mark of any item where the value is no known text.
    fn item(&mut self, value: &Value, place: Option<usize>, node: Node<'a>, variable: &str) -> String {
        if let Some(text) = value.scalar_text().filter(|_| place.is_some()) {
            return self.marked(&text);
        }
        let mut key = String::new();
        // The same list, written again elsewhere, has the same items; a loop in a loop over it has others.
        self.describe(node, false, &mut key, super::reader::MAX_DEPTH);
        if let Some(place) = place {
            let _ = write!(key, "@{place}");
        }
        let same = |turn: &&Turn| {
            self.turn_symbol(turn).is_some_and(|symbol| {
                symbol.scope() == self.scope && matches!(symbol.name(), Name::Element(list, _) if **list == *key)
            })
        };
        let outer = u32::try_from(self.loops.iter().filter(same).count()).unwrap_or(u32::MAX);
        let symbol = self.symbol(
            Name::Element(key.as_str().into(), outer),
            SymbolKind::Attribute,
            format!("${{{variable}}}"),
            Unknown::new(
                "a loop (`Fn::ForEach`) goes over a collection that is not known",
                value.span,
                "loop over a list of literals, or give its parameter with `--parameters`",
            ),
        );
        self.mark(&symbol)
    }

    fn turn_symbol(&self, turn: &Turn) -> Option<&Symbol> {
        let number = turn.value.strip_prefix(MARK)?.strip_suffix(MARK)?;
        self.marks.get(number.parse::<usize>().ok()?)
    }

    /// The mark of a symbol.
    fn mark(&mut self, symbol: &Symbol) -> String {
        let number = self.marks.iter().position(|known| known == symbol).unwrap_or_else(|| {
            self.marks.push(symbol.clone());
            self.marks.len() - 1
        });
        format!("{MARK}{number}{MARK}")
    }

    /// A text as a string with marks.
    pub(super) fn marked(&mut self, text: &Text) -> String {
        let mut out = String::new();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Hole(symbol) => out.push_str(&self.mark(symbol)),
            }
        }
        out
    }

    /// A string with marks as a text.
    pub(super) fn unmarked(&self, text: &str) -> Text {
        let mut out = Text::default();
        if !has_mark(text) {
            return Text::literal(text);
        }
        for (at, part) in text.split(MARK).enumerate() {
            // Every second part stands between marks.
            let symbol = part.parse::<usize>().ok().filter(|_| at % 2 == 1).and_then(|number| self.marks.get(number));
            match symbol {
                Some(symbol) => out.push(&Text::hole(symbol.clone())),
                None => out.push_str(part),
            }
        }
        out
    }

    /// A string with marks, as people read it.
    pub(super) fn legible(&self, text: &str) -> String {
        if has_mark(text) { self.unmarked(text).shown() } else { text.to_owned() }
    }

    /// Where the turns of `loops` are taken that are inside of the current ones.
    pub(super) fn taken(&self, loops: &Loops) -> Condition {
        let inner = loops.iter().skip(self.loops.len());
        inner.map(|turn| turn.exists.clone()).fold(Condition::Always, Condition::and)
    }

    /// The value of a loop variable.
    pub(super) fn loop_variable(&self, name: &str) -> Option<Text> {
        let turn = self.loops.iter().rev().find(|turn| turn.name == name)?;
        Some(self.unmarked(&turn.value))
    }
}

fn not_a_loop(node: Node<'_>) -> Unknown {
    Unknown::new(
        "a loop (`Fn::ForEach`) is not a list of a variable, a collection and a mapping",
        node.resolved().span(),
        "write it as `[Variable, [item, …], {key: value}]`",
    )
}
