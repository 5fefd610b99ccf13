//! Dynamic references, `{{resolve:ssm:name}}`: CloudFormation fills them in at deploy time, wherever a finished text
//! holds one.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>.

use super::reader::Reader;
use crate::model::{Data, Entry, Name, Piece, SymbolKind, Text, Unknown, Value, is_canonical};
use crate::source::Span;
use std::sync::Arc;

const OPEN: &str = "{{resolve:";
const CLOSE: &str = "}}";

impl Reader<'_> {
    /// The same value with each dynamic reference in its texts an unknown of its own.
    pub(super) fn finished(&mut self, value: Value) -> Value {
        if !self.enter() {
            return Value::unknown(Self::too_large(value.span));
        }
        let span = value.span;
        let data = match value.data {
            Data::Text(text) => Data::Text(self.finished_text(text, span)),
            Data::Number(number) if !is_canonical(&number) => Data::Text(self.hole(Unknown::rewritten(&number, span))),
            Data::List(items) => Data::List(items.iter().map(|item| self.finished(item.clone())).collect()),
            Data::Map(entries) => {
                let entry = |entry: &Entry| Entry { value: self.finished(entry.value.clone()), ..entry.clone() };
                Data::Map(entries.iter().map(entry).collect())
            }
            Data::Json(inner) => Data::Json(Arc::new(self.finished(Value::clone(&inner)))),
            Data::Choice { condition, then, otherwise } => Data::Choice {
                condition,
                then: Arc::new(self.finished(Value::clone(&then))),
                otherwise: Arc::new(self.finished(Value::clone(&otherwise))),
            },
            data @ (Data::Null | Data::Bool(_) | Data::Number(_) | Data::Absent | Data::Unknown(_)) => data,
        };
        self.leave();
        Value { data, ..value }
    }

    /// A text with each dynamic reference in it an unknown.
    pub(super) fn finished_text(&self, text: Text, span: Span) -> Text {
        let speaks = |piece: &Piece| matches!(piece, Piece::Literal(literal) if literal.contains("{{"));
        if !text.pieces().iter().any(speaks) {
            return text;
        }
        let mut out = Text::default();
        // The reference that is being read, from its `{{resolve:` on.
        let mut open: Option<Text> = None;
        for piece in text.pieces() {
            match (piece, &mut open) {
                (Piece::Hole(symbol), Some(reference)) => reference.push(&Text::hole(symbol.clone())),
                (Piece::Hole(symbol), None) => out.push(&Text::hole(symbol.clone())),
                (Piece::Literal(literal), _) => self.read_literal(literal, &mut open, &mut out, span),
            }
        }
        if let Some(reference) = open {
            out.push(&reference);
        }
        out
    }

    fn read_literal(&self, literal: &str, open: &mut Option<Text>, out: &mut Text, span: Span) {
        let mut rest = literal;
        loop {
            if let Some(reference) = open {
                let Some((inside, after)) = rest.split_once(CLOSE) else {
                    reference.push_str(rest);
                    return;
                };
                reference.push_str(inside);
                reference.push_str(CLOSE);
                out.push(&self.resolved_later(reference, span));
                *open = None;
                rest = after;
            } else {
                let Some((before, after)) = rest.split_once(OPEN) else {
                    out.push_str(rest);
                    return;
                };
                out.push_str(before);
                *open = Some(Text::literal(OPEN));
                rest = after;
            }
        }
    }

    fn resolved_later(&self, reference: &Text, span: Span) -> Text {
        let shown = reference.shown();
        let unknown = Unknown::new(format!("`{shown}` is resolved at deploy time"), span, "write its value");
        Text::hole(self.symbol(Name::Dynamic(reference.clone()), SymbolKind::Free, shown, unknown))
    }
}
