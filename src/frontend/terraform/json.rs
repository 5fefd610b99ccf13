//! JSON of a plan as values. Nothing in it is to be evaluated: templates and texts with holes, where nodes become other
//! things (CloudFormation's `documents`, the source's `embedded` and `read_json`), have their own.

use crate::model::{Data, Entry, Value};
use crate::source::{SourceFile, Span};
use crate::syntax::embedded::{self, EmbeddedPiece};
use crate::syntax::{Kind, Node, parse_json};
use std::sync::Arc;

/// A node as a value, each part at its own place.
pub(in crate::frontend) fn plain(node: Node<'_>) -> Value {
    convert(node, &|node| node.span())
}

/// A node as a value of which every part stands at `span`.
pub(super) fn placed(node: Node<'_>, span: Span) -> Value {
    convert(node, &|_| span)
}

/// A string that holds a policy document, each part at its own place inside the string. What is no JSON stays text.
pub(super) fn document_text(node: Node<'_>) -> Value {
    let parse = embedded::parse(node.tree().source(), &embedded::fragments(node));
    match parse.tree.root() {
        Some(root) if parse.errors.is_empty() => plain(root),
        _ => plain(node),
    }
}

/// A policy document in a text of which no part may be pointed at: every part stands at `span`.
pub(super) fn concealed(text: &str, span: Span) -> Value {
    let scratch = Arc::new(SourceFile::new(span.file, "", text));
    let parse = parse_json(&scratch);
    match parse.tree.root() {
        Some(root) if parse.errors.is_empty() => convert(root, &|_| span),
        _ => Value::text(span, text),
    }
}

/// The text of a node. JSON inside a string is read into trees that write holes; there are none here.
fn text_of(node: Node<'_>) -> String {
    let literal = |piece: &EmbeddedPiece<'_>| match piece {
        EmbeddedPiece::Literal(text) => (*text).to_owned(),
        EmbeddedPiece::Hole(_) => String::new(),
    };
    embedded::node_pieces(node).iter().map(literal).collect()
}

/// The reader bounds the depth of a tree, and with it this recursion.
fn convert(node: Node<'_>, place: &dyn Fn(Node<'_>) -> Span) -> Value {
    let span = place(node);
    let data = match node.kind() {
        Kind::Null => Data::Null,
        Kind::Bool(flag) => Data::Bool(flag),
        Kind::Number => Data::Number(text_of(node)),
        Kind::String => return Value::text(span, text_of(node)),
        Kind::Sequence => Data::List(node.items().map(|item| convert(item, place)).collect()),
        Kind::Mapping => {
            let mut entries: Vec<Entry> = Vec::new();
            for (key, value) in node.entries() {
                let name = text_of(key);
                let entry = Entry { key: name.clone(), key_span: place(key), value: convert(value, place) };
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
