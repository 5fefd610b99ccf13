//! Any bytes as YAML, then every scalar of it as JSON inside a string.

use super::places;
use bucketlint::source::{FileId, SourceFile, decode};
use bucketlint::syntax::{Node, embedded, parse, parse_yaml};
use std::sync::Arc;

pub fn target(data: &[u8]) {
    let Ok(text) = decode(data.to_vec()) else { return };
    let source = Arc::new(SourceFile::new(FileId(0), "fuzz", text));
    places::check(&parse(&source));
    let parsed = parse_yaml(&source);
    places::check(&parsed);
    let mut open: Vec<Node<'_>> = parsed.tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        if node.is_alias() {
            continue;
        }
        open.extend(node.items().chain(node.entries().flat_map(|(key, value)| [key, value])));
        if let Some(text) = node.text() {
            assert_eq!(embedded::scalar_map(node).len(), text.len());
            places::check(&embedded::parse(&source, &embedded::fragments(node)));
        }
    }
}
