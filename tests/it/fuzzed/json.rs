//! JSON against serde_json: the same texts are accepted, with the same content.

use super::places;
use bucketlint::source::{FileId, SourceFile};
use bucketlint::syntax::{Kind, Node, embedded, parse_json};
use serde_json::Value;
use std::sync::Arc;

/// The content as serde_json has it. serde_json nests at most 128 deep, so that this may recurse.
fn value(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(value),
        Kind::Number => serde_json::from_str(node.text().unwrap()).unwrap(),
        Kind::String => Value::String(node.text().unwrap().to_owned()),
        Kind::Sequence => node.items().map(value).collect(),
        Kind::Mapping => node.entries().map(|(key, entry)| (key.text().unwrap().to_owned(), value(entry))).collect(),
    }
}

pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.starts_with('\u{FEFF}') {
        return;
    }
    let source = Arc::new(SourceFile::new(FileId(0), "fuzz", text));
    let parsed = parse_json(&source);
    places::check(&parsed);
    match serde_json::from_str::<Value>(text) {
        Ok(expected) => {
            assert_eq!(parsed.errors, []);
            assert_eq!(value(parsed.tree.root().unwrap()), expected);
        }
        Err(error) => {
            let message = error.to_string();
            // serde_json has these two limits of its own.
            let limit = message.starts_with("number out of range") || message.starts_with("recursion limit exceeded");
            assert!(limit || !parsed.errors.is_empty(), "we accept what serde_json rejects: {message}");
        }
    }
    let mut open: Vec<Node<'_>> = parsed.tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        open.extend(node.items().chain(node.entries().flat_map(|(key, value)| [key, value])));
        if node.string().is_some() {
            places::check(&embedded::parse(&source, &embedded::fragments(node)));
        }
    }
}
