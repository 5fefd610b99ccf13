//! Policy documents: mappings, or JSON in a text.
//!
//! JSON text may be put together by functions. What is known of it is read as JSON, and what is not known stands in
//! it as holes: one inside quotes becomes a hole of that text, one outside of them may be anything. A hole is taken
//! to hold neither quotes nor backslashes.

use super::call::{Call, Function};
use super::choice;
use super::loops::has_mark;
use super::reader::Reader;
use super::strings::{SubPiece, sub_pieces};
use crate::model::{Condition, Data, Entry, Piece, Symbol, Text, Unknown, Value};
use crate::source::Span;
use crate::syntax::embedded::{self, EmbeddedPiece, Fragment, OffsetMap};
use crate::syntax::{Kind, Node};
use std::ops::Range;
use std::sync::Arc;

/// The text of a scalar with its places.
struct Scalar {
    text: String,
    map: OffsetMap,
}

impl Scalar {
    /// `text` is what `node` holds, loop variables filled in: those move the text against its source.
    fn new(node: Node<'_>, text: String) -> Self {
        let map = if node.text() == Some(text.as_str()) {
            embedded::scalar_map(node)
        } else {
            OffsetMap::whole(text.len(), node.resolved().span().range())
        };
        Self { text, map }
    }
}

/// JSON text in parts.
#[derive(Default)]
struct Parts {
    fragments: Vec<Fragment>,
    /// The values of the holes, by their numbers.
    holes: Vec<Value>,
}

impl Parts {
    /// Text that a scalar holds.
    fn written(&mut self, scalar: &Scalar, range: Range<usize>) {
        let text = scalar.text.get(range.clone()).unwrap_or("").to_owned();
        self.fragments.push(Fragment::Text { text, map: scalar.map.slice(range) });
    }

    /// Text that comes from elsewhere, as a whole from `span`.
    fn placed(&mut self, text: &str, span: Span) {
        let map = OffsetMap::whole(text.len(), span.range());
        self.fragments.push(Fragment::Text { text: text.to_owned(), map });
    }

    /// A value that is put in.
    fn value(&mut self, value: Value) {
        let text = value.scalar_text();
        if let Some(literal) = text.as_ref().and_then(Text::as_literal) {
            self.placed(literal, value.span);
        } else {
            self.fragments.push(Fragment::Hole { index: self.holes.len(), span: value.span });
            self.holes.push(value);
        }
    }
}

impl<'a> Reader<'a> {
    /// The policy document at a node, as a structure.
    pub(super) fn document(&mut self, node: Node<'a>) -> Value {
        if !self.enter() {
            return Value::unknown(Self::too_large(node.resolved().span()));
        }
        let document = match Call::of(node, false) {
            Some(call) if call.function == Function::If => self.document_of_if(&call),
            Some(call) if matches!(call.function, Function::Sub | Function::Join) => self.document_in_text(node),
            None if node.kind() == Kind::String => self.document_in_text(node),
            _ => {
                let value = self.value(node);
                self.structure(value)
            }
        };
        self.leave();
        document
    }

    fn document_of_if(&mut self, call: &Call<'a>) -> Value {
        let items = call.items();
        let [name, then, otherwise] = items.as_slice() else {
            return self.malformed(call, "takes a condition and two values");
        };
        match self.condition_of_if(*name) {
            Condition::Always => self.document(*then),
            Condition::Never => self.document(*otherwise),
            condition => {
                let then = self.under(&condition, |reader| reader.document(*then));
                let not = Condition::Not(Arc::new(condition.clone()));
                let otherwise = self.under(&not, |reader| reader.document(*otherwise));
                choice::choose(condition, then, otherwise, call.span)
            }
        }
    }

    /// A document that was evaluated as a value.
    fn structure(&mut self, value: Value) -> Value {
        match value.data {
            Data::Json(inner) => Value::clone(&inner),
            Data::Choice { condition, then, otherwise } => {
                let then = self.structure(Value::clone(&then));
                let otherwise = self.structure(Value::clone(&otherwise));
                Value { data: choice::choose(condition, then, otherwise, value.span).data, ..value }
            }
            Data::Text(_) => {
                let span = value.span;
                let mut parts = Parts::default();
                parts.value(value);
                self.parsed(&parts, span)
            }
            data => Value { data, ..value },
        }
    }

    fn document_in_text(&mut self, node: Node<'a>) -> Value {
        let span = Call::of(node, false).map_or_else(|| node.resolved().span(), |call| call.span);
        let mut parts = Parts::default();
        if self.parts(node, false, &mut parts).is_none() {
            let cause = "the string of the document cannot be put together";
            return Value::unknown(Unknown::new(cause, span, "write the document out as a mapping"));
        }
        self.parsed(&parts, span)
    }

    /// Takes an expression apart into known text with its places, and holes.
    fn parts(&mut self, node: Node<'a>, ignore_tag: bool, parts: &mut Parts) -> Option<()> {
        if !self.enter() {
            return None;
        }
        let done = match Call::of(node, ignore_tag) {
            Some(call) if call.function == Function::Sub => self.parts_of_sub(&call, parts),
            Some(call) if call.function == Function::Join => self.parts_of_join(&call, parts),
            Some(_) => {
                let value = self.value(node);
                let value = self.as_text(value);
                parts.value(value);
                Some(())
            }
            None => self.scalar(node).map(|text| self.parts_of_string(node, text, parts)),
        };
        self.leave();
        done
    }

    /// A string as it is written; the values of loops in it that are not known are holes.
    fn parts_of_string(&mut self, node: Node<'a>, text: String, parts: &mut Parts) {
        if !has_mark(&text) {
            let scalar = Scalar::new(node, text);
            parts.written(&scalar, 0..scalar.text.len());
            return;
        }
        let span = node.resolved().span();
        for piece in self.unmarked(&text).pieces() {
            match piece {
                Piece::Literal(text) => parts.placed(text, span),
                Piece::Hole(symbol) => parts.value(Value::new(span, Data::Text(Text::hole(symbol.clone())))),
            }
        }
    }

    fn parts_of_sub(&mut self, call: &Call<'a>, parts: &mut Parts) -> Option<()> {
        let template = self.sub_template(call)?;
        let scalar = Scalar::new(template.node, template.text);
        for piece in sub_pieces(&scalar.text) {
            if !self.spend(1) {
                return None;
            }
            match piece {
                SubPiece::Text { start, end } => {
                    let text = scalar.text.get(start..end).unwrap_or_default();
                    if has_mark(text) {
                        self.parts_of_string(template.node, text.to_owned(), parts);
                    } else {
                        parts.written(&scalar, start..end);
                    }
                }
                SubPiece::Escaped { start, end } => {
                    parts.written(&scalar, start..start + 2);
                    parts.written(&scalar, start + 3..end);
                }
                SubPiece::Variable { name, start, end } => {
                    let place = scalar.map.range(start..end);
                    let span = Span::new(self.file, place.start, place.end);
                    let value = self.sub_variable(call, &name, &template.variables);
                    parts.value(Value { span, ..value });
                }
            }
        }
        Some(())
    }

    fn parts_of_join(&mut self, call: &Call<'a>, parts: &mut Parts) -> Option<()> {
        let items = call.items();
        let [delimiter, list] = items.as_slice() else { return None };
        let text = self.scalar(*delimiter).filter(|_| Call::of(*delimiter, false).is_none())?;
        let delimiter = Scalar::new(*delimiter, text);
        if list.kind() != Kind::Sequence || Call::of(*list, false).is_some() {
            let value = self.join(call);
            parts.value(value);
            return Some(());
        }
        let mut first = true;
        for item in list.items() {
            if Call::of(item, false).is_some_and(|call| call.argument.text() == Some("AWS::NoValue")) {
                continue;
            }
            if !std::mem::take(&mut first) {
                parts.written(&delimiter, 0..delimiter.text.len());
            }
            let holes = parts.holes.len();
            self.parts(item, false, parts)?;
            // An item that may be left out takes its delimiter along.
            let may_go = parts.holes.get(holes..).is_some_and(|new| new.iter().any(may_be_absent));
            if may_go && !delimiter.text.is_empty() {
                return None;
            }
        }
        Some(())
    }

    /// Reads parts as JSON.
    fn parsed(&mut self, parts: &Parts, span: Span) -> Value {
        if let ([Fragment::Hole { .. }], [Value { data: Data::Choice { .. }, .. }]) =
            (parts.fragments.as_slice(), parts.holes.as_slice())
        {
            return self.parsed_by_sides(parts, span);
        }
        let length = parts.fragments.iter().map(length_of).sum();
        if !self.spend_text(length) {
            return Value::unknown(Self::too_large(span));
        }
        let source = Arc::clone(self.root.tree().source());
        let parse = embedded::parse(&source, &parts.fragments);
        let bare = parts.holes.first().filter(|_| parts.fragments.len() == 1);
        if let Some(hole) = bare {
            return Value::unknown(Unknown { span, ..cause_of(hole) });
        }
        if let Some(error) = parse.errors.first() {
            if parts.holes.iter().any(|hole| matches!(hole.data, Data::Choice { .. })) {
                return self.parsed_by_sides(parts, span);
            }
            if parts.holes.is_empty() {
                self.notice(format!("the policy document is no JSON: {}", error.message), error.span);
                return Value::text(error.span, "");
            }
            let cause = format!("the document can be read as JSON only at deploy time: {}", error.message);
            return Value::unknown(Unknown::new(cause, error.span, "write the document out as a mapping"));
        }
        for duplicate in &parse.duplicates {
            self.notice(duplicate.message(parse.tree.source()), duplicate.second);
        }
        match parse.tree.root() {
            Some(root) => self.json(root, &parts.holes),
            None => Value::new(span, Data::Null),
        }
    }

    /// Reads parts as JSON where the sides of a choice are more than text in quotes: one document for each.
    fn parsed_by_sides(&mut self, parts: &Parts, span: Span) -> Value {
        let overflow = |_: &Self| Value::unknown(Self::too_large(span));
        let length: usize = parts.fragments.iter().map(length_of).sum();
        self.lift_at(span, parts.holes.clone(), &overflow, &mut |reader, holes| {
            // Reading again costs as much as evaluating what is written there.
            if !reader.spend(u32::try_from(length / 8).unwrap_or(u32::MAX)) {
                return Value::unknown(Self::too_large(span));
            }
            let mut side = Parts::default();
            for fragment in &parts.fragments {
                match fragment {
                    Fragment::Text { .. } => side.fragments.push(fragment.clone()),
                    Fragment::Hole { index, .. } => {
                        if let Some(value) = holes.get(*index).filter(|value| value.data != Data::Absent) {
                            side.value(value.clone());
                        }
                    }
                }
            }
            reader.parsed(&side, span)
        })
    }

    /// A node of JSON text as a value.
    fn json(&mut self, node: Node<'_>, holes: &[Value]) -> Value {
        let span = node.span();
        if !self.enter() {
            return Value::unknown(Self::too_large(span));
        }
        let data = match node.kind() {
            Kind::Null => Data::Null,
            Kind::Bool(flag) => Data::Bool(flag),
            Kind::Number => Data::Number(node.text().unwrap_or_default().to_owned()),
            Kind::String => self.json_string_of(node, holes).data,
            Kind::Sequence => Data::List(node.items().map(|item| self.json(item, holes)).collect()),
            Kind::Mapping => self.json_mapping(node, holes),
        };
        self.leave();
        Value::new(span, data)
    }

    fn json_mapping(&mut self, node: Node<'_>, holes: &[Value]) -> Data {
        let mut entries: Vec<Entry> = Vec::new();
        for (key, value) in node.entries() {
            let known = self.json_string_of(key, holes).scalar_text();
            let Some(name) = known.as_ref().and_then(Text::as_literal) else {
                let unknown = Unknown::new("a key of this mapping is not known", key.span(), "write the key out");
                return Data::Unknown(Box::new(unknown));
            };
            let entry = Entry { key: name.to_owned(), key_span: key.span(), value: self.json(value, holes) };
            match entries.iter_mut().find(|earlier| earlier.key == entry.key) {
                Some(earlier) => *earlier = entry,
                None => entries.push(entry),
            }
        }
        Data::Map(entries.into())
    }

    fn json_string_of(&mut self, node: Node<'_>, holes: &[Value]) -> Value {
        let span = node.span();
        let pieces = embedded::node_pieces(node);
        if embedded::is_bare(node) {
            let hole = pieces.iter().find_map(|piece| match piece {
                EmbeddedPiece::Hole(index) => holes.get(*index),
                EmbeddedPiece::Literal(_) => None,
            });
            // The JSON that a side of a choice holds is read by itself.
            return match hole {
                Some(hole) => self.structure(Value { span, ..hole.clone() }),
                None => Value::unknown(Self::too_large(span)),
            };
        }
        let part = |piece: EmbeddedPiece<'_>| match piece {
            EmbeddedPiece::Literal(text) => Some(Value::text(span, text)),
            EmbeddedPiece::Hole(index) => holes.get(index).cloned(),
        };
        let parts = pieces.into_iter().filter_map(part).collect();
        let overflow = |reader: &Self| Value::new(span, Data::Text(reader.hole(Self::too_large(span))));
        self.lift_at(span, parts, &overflow, &mut |_, parts| {
            let mut text = Text::default();
            for part in parts {
                if let Data::Text(part) = &part.data {
                    text.push(part);
                }
            }
            Value::new(span, Data::Text(text))
        })
    }
}

fn length_of(fragment: &Fragment) -> usize {
    match fragment {
        Fragment::Text { text, .. } => text.len(),
        Fragment::Hole { .. } => 1,
    }
}

fn may_be_absent(value: &Value) -> bool {
    match &value.data {
        Data::Absent => true,
        Data::Choice { then, otherwise, .. } => may_be_absent(then) || may_be_absent(otherwise),
        _ => false,
    }
}

/// Why a value that stands where JSON should be is not known.
fn cause_of(value: &Value) -> Unknown {
    let text = value.scalar_text();
    let symbol = text.as_ref().and_then(|text| text.symbols().next().map(Symbol::unknown).cloned());
    let mut unknown = symbol.unwrap_or_else(|| {
        let cause = "JSON text that hangs on a condition stands here";
        Unknown::new(cause, value.span, "write the document out as a mapping")
    });
    // What is likely is a text, and here it is the JSON in it that counts.
    unknown.likely = None;
    unknown
}
