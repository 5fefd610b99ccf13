//! JSON of a plan as values.

use super::escapes::Escapes;
use crate::model::{Data, Entry, Value};
use crate::source::{SourceFile, Span};
use crate::syntax::{Kind, Node, parse_json};
use std::sync::Arc;

/// A node as a value, each part at its own place.
pub(super) fn plain(node: Node<'_>) -> Value {
    convert(node, &|node| node.span())
}

/// A node as a value of which every part stands at `span`.
pub(super) fn placed(node: Node<'_>, span: Span) -> Value {
    convert(node, &|_| span)
}

/// A string that holds a policy document, each part at its own place inside the string. What is no JSON stays text.
pub(super) fn document_text(node: Node<'_>) -> Value {
    let text = node.text().unwrap_or("");
    let Some(escapes) = Escapes::of(node) else { return concealed(text, node.span()) };
    embedded(text, node.span(), &|part| escapes.span(part.span().start, part.span().end))
}

/// A policy document in a text of which no part may be pointed at: every part stands at `span`.
pub(super) fn concealed(text: &str, span: Span) -> Value {
    embedded(text, span, &|_| span)
}

fn embedded(text: &str, span: Span, place: &dyn Fn(Node<'_>) -> Span) -> Value {
    let scratch = Arc::new(SourceFile::new(span.file, "", text));
    let parse = parse_json(&scratch);
    match parse.tree.root() {
        Some(root) if parse.errors.is_empty() => convert(root, place),
        _ => Value::text(span, text),
    }
}

/// The reader bounds the depth of a tree, and with it this recursion.
fn convert(node: Node<'_>, place: &dyn Fn(Node<'_>) -> Span) -> Value {
    let span = place(node);
    let data = match node.kind() {
        Kind::Null => Data::Null,
        Kind::Bool(flag) => Data::Bool(flag),
        Kind::Number => Data::Number(node.text().unwrap_or("").to_owned()),
        Kind::String => return Value::text(span, node.text().unwrap_or("")),
        Kind::Sequence => Data::List(node.items().map(|item| convert(item, place)).collect()),
        Kind::Mapping => {
            let mut entries: Vec<Entry> = Vec::new();
            for (key, value) in node.entries() {
                let name = key.text().unwrap_or("");
                let entry = Entry { key: name.to_owned(), key_span: place(key), value: convert(value, place) };
                // The last of two equal keys counts, as in every JSON reader of AWS and Terraform.
                match entries.iter_mut().find(|earlier| earlier.key == name) {
                    Some(earlier) => *earlier = entry,
                    None => entries.push(entry),
                }
            }
            Data::Map(entries.into())
        }
    };
    Value::new(span, data)
}

/// A value of a `policy` argument as a policy document.
pub(super) fn as_document(value: Value) -> Value {
    match &value.data {
        Data::Json(inner) => {
            let hops = [inner.hops.clone(), value.hops].concat();
            Value { hops, ..(**inner).clone() }
        }
        Data::Text(text) => match text.as_literal() {
            Some(literal) => concealed(literal, value.span),
            None => value,
        },
        _ => value,
    }
}
