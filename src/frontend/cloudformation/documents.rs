//! Policy documents: mappings, or JSON in a text.

use super::call::{Call, Function};
use super::choice;
use super::reader::Reader;
use crate::model::{Condition, Data, Text, Unknown, Value};
use crate::syntax::Node;
use std::fmt::Write as _;
use std::sync::Arc;

impl<'a> Reader<'a> {
    /// The policy document at a node, as a structure.
    pub(super) fn document(&mut self, node: Node<'a>) -> Value {
        if !self.enter() {
            return Value::unknown(Self::too_large(node.resolved().span()));
        }
        let document = match Call::of(node, false) {
            Some(call) if call.function == Function::If => self.document_of_if(&call),
            _ => {
                let value = self.value(node);
                structure(value)
            }
        };
        self.leave();
        document
    }

    fn document_of_if(&mut self, call: &Call<'a>) -> Value {
        let items = call.items();
        let [name, then, otherwise] = items.as_slice() else {
            return self.value(call.argument);
        };
        match self.condition_of_if(*name) {
            Condition::Always => self.document(*then),
            Condition::Never => self.document(*otherwise),
            condition => {
                let then = self.document(*then);
                let otherwise = self.document(*otherwise);
                choice::choose(condition, then, otherwise, call)
            }
        }
    }
}

/// A document that was evaluated before its text could be read as JSON.
fn structure(value: Value) -> Value {
    match value.data {
        Data::Json(inner) => Value::clone(&inner),
        Data::Choice { condition, then, otherwise } => {
            let then = Arc::new(structure(Value::clone(&then)));
            let otherwise = Arc::new(structure(Value::clone(&otherwise)));
            Value { data: Data::Choice { condition, then, otherwise }, ..value }
        }
        Data::Text(text) if text.as_literal().is_none() => {
            let inner = text.symbols().next().map(|symbol| symbol.unknown().cause.clone()).unwrap_or_default();
            Value::unknown(Unknown::new(
                format!("the document is a text that is not known: {inner}"),
                value.span,
                "write the document out",
            ))
        }
        data => Value { data, ..value },
    }
}

/// The JSON text of a value in which all is known.
pub(super) fn json_text(value: &Value) -> Option<Text> {
    let mut out = String::new();
    write_json(value, &mut out)?;
    Some(Text::literal(out))
}

fn write_json(value: &Value, out: &mut String) -> Option<()> {
    match &value.data {
        Data::Null => out.push_str("null"),
        Data::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Data::Number(number) => out.push_str(number),
        Data::Text(text) => write_string(text.as_literal()?, out),
        Data::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json(item, out)?;
            }
            out.push(']');
        }
        Data::Map(entries) => {
            out.push('{');
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_string(&entry.key, out);
                out.push(':');
                write_json(&entry.value, out)?;
            }
            out.push('}');
        }
        Data::Json(_) | Data::Choice { .. } | Data::Absent | Data::Unknown(_) => return None,
    }
    Some(())
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if u32::from(control) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
