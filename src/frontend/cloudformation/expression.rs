//! Any value of a template: nodes to values, functions evaluated.

use super::call::{Call, Function};
use super::choice;
use super::loops::has_mark;
use super::reader::Reader;
use crate::model::{Condition, Data, Entry, SymbolKind, Text, Unknown, Value, is_canonical};
use crate::source::Span;
use crate::syntax::{Kind, Node};
use std::sync::Arc;

impl<'a> Reader<'a> {
    /// What stands at a node.
    pub(super) fn value(&mut self, node: Node<'a>) -> Value {
        self.value_of(node, false)
    }

    /// The argument of a function as a value.
    pub(super) fn argument(&mut self, call: &Call<'a>) -> Value {
        self.value_of(call.argument, call.tagged)
    }

    fn value_of(&mut self, node: Node<'a>, ignore_tag: bool) -> Value {
        if !self.enter() {
            return Value::unknown(Self::too_large(node.resolved().span()));
        }
        let value = match Call::of(node, ignore_tag) {
            Some(call) => self.call(&call),
            None => self.plain(node),
        };
        self.leave();
        value
    }

    fn plain(&mut self, node: Node<'a>) -> Value {
        let span = node.resolved().span();
        let data = match node.kind() {
            Kind::Null => Data::Null,
            Kind::Bool(flag) => Data::Bool(flag),
            Kind::Number => Data::Number(self.scalar(node).unwrap_or_default()),
            Kind::String => {
                let text = self.scalar(node).unwrap_or_default();
                if !self.spend_text(text.len()) {
                    return Value::unknown(Self::too_large(span));
                }
                Data::Text(self.unmarked(&text))
            }
            Kind::Sequence => {
                let items: Vec<_> = node.items().map(|item| self.value(item)).filter(is_there).collect();
                Data::List(items.into())
            }
            Kind::Mapping => return self.mapping(node, span),
        };
        Value::new(span, data)
    }

    fn mapping(&mut self, node: Node<'a>, span: Span) -> Value {
        let expanded = self.entries(node);
        if let Some(unknown) = expanded.unknown {
            return Value::unknown(unknown);
        }
        let mut entries = Vec::new();
        for entry in expanded.list {
            let (key, key_span) = (entry.key(), entry.key_span());
            if has_mark(&key) {
                let cause = "a key of this mapping is made by a loop over a collection that is not known";
                return Value::unknown(Unknown::new(cause, key_span, "write the key out"));
            }
            let taken = self.taken(&entry.loops);
            let value = self.within(entry.loops, |reader| reader.value(entry.value));
            let absent = Value::new(value.span, Data::Absent);
            let span = value.span;
            let value = choice::choose(taken, value, absent, span);
            if is_there(&value) {
                entries.push(Entry { key: key.into_owned(), key_span, value });
            }
        }
        Value::map_of(span, entries)
    }

    fn call(&mut self, call: &Call<'a>) -> Value {
        match call.function {
            Function::Ref => self.reference(call),
            Function::GetAtt => self.attribute(call),
            Function::Sub => self.sub(call),
            Function::Join => self.join(call),
            Function::Select => self.select(call),
            Function::Split => self.split(call),
            Function::FindInMap => self.find_in_map(call),
            Function::If => self.either(call),
            Function::Base64 => self.base64(call),
            Function::ImportValue => self.import(call),
            Function::GetStackOutput => self.stack_output(call),
            Function::ToJsonString => self.json_string(call),
            Function::Length => self.length(call),
            Function::GetAzs => Value::unknown(Unknown::new(
                "the availability zones of a region are known at deploy time",
                call.span,
                "write them as a list",
            )),
            Function::Cidr => Value::unknown(Unknown::new(
                "`Fn::Cidr` is worked out at deploy time",
                call.span,
                "write the address ranges as a list",
            )),
            Function::Transform => Value::unknown(super::transforms::inner(call)),
            Function::And | Function::Or | Function::Not | Function::Equals | Function::Condition => {
                self.malformed(call, "stands in conditions only")
            }
            Function::Other => self.malformed(call, "is no function of CloudFormation in this place"),
        }
    }

    /// `Fn::If`.
    fn either(&mut self, call: &Call<'a>) -> Value {
        let items = call.items();
        let [name, then, otherwise] = items.as_slice() else {
            return self.malformed(call, "takes a condition and two values");
        };
        let condition = self.condition_of_if(*name);
        match condition {
            Condition::Always => self.value(*then),
            Condition::Never => self.value(*otherwise),
            condition => {
                let then = self.under(&condition, |reader| reader.value(*then));
                let not = Condition::Not(Arc::new(condition.clone()));
                let otherwise = self.under(&not, |reader| reader.value(*otherwise));
                choice::choose(condition, then, otherwise, call.span)
            }
        }
    }

    /// The condition that an `Fn::If` names.
    pub(super) fn condition_of_if(&mut self, name: Node<'a>) -> Condition {
        match self.scalar(name) {
            Some(text) if name.tag().is_none() => self.named_condition(&text, name.resolved().span()),
            // With the transform AWS::LanguageExtensions, a condition may stand here itself.
            _ => self.condition(name),
        }
    }

    /// `Fn::ToJsonString`.
    fn json_string(&mut self, call: &Call<'a>) -> Value {
        let value = self.argument(call);
        Value::new(call.span, Data::Json(Arc::new(value)))
    }

    /// A function that cannot be read: a notice, and unknown.
    pub(super) fn malformed(&mut self, call: &Call<'a>, why: &str) -> Value {
        let message = format!("`{}` {why}", call.name);
        self.notice(message.clone(), call.span);
        Value::unknown(Unknown::new(message, call.span, "write it as the CloudFormation reference has it"))
    }

    /// A value in a place that takes text: scalars become text. What is not known becomes a hole, and what can never
    /// be text too. Choices and [`Data::Absent`] stay.
    pub(super) fn as_text(&mut self, value: Value) -> Value {
        if let Data::Number(number) = &value.data
            && !is_canonical(number)
        {
            let unknown = Unknown::rewritten(number, value.span);
            return Value::new(value.span, Data::Text(self.hole(unknown)));
        }
        if let Some(text) = value.scalar_text() {
            return Value { data: Data::Text(text), ..value };
        }
        match value.data {
            Data::Choice { .. } | Data::Absent => value,
            Data::Unknown(unknown) => Value::new(value.span, Data::Text(self.hole(*unknown))),
            Data::Json(inner) => {
                let text = super::json_text::json_text(&inner);
                let span = value.span;
                let data = text.unwrap_or_else(|| self.hole(not_text(span)));
                Value::new(span, Data::Text(data))
            }
            _ => {
                let unknown = not_text(value.span);
                Value::new(value.span, Data::Text(self.hole(unknown)))
            }
        }
    }

    /// Text put together, as a value at the place of `call`.
    pub(super) fn joined(&mut self, call: &Call<'a>, text: Text, kind: SymbolKind) -> Value {
        let length = text.pieces().iter().map(|piece| match piece {
            crate::model::Piece::Literal(text) => text.len(),
            crate::model::Piece::Hole(_) => 64,
        });
        let length: usize = length.sum();
        if length > super::reader::MAX_TEXT || !self.spend_text(length) {
            return self.opaque(call, kind, Self::too_large(call.span));
        }
        Value::new(call.span, Data::Text(text))
    }
}

fn is_there(value: &Value) -> bool {
    value.data != Data::Absent
}

fn not_text(span: Span) -> Unknown {
    Unknown::new("a list or a mapping stands where a string is needed", span, "write a string here")
}
