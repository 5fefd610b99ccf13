//! Any bytes as YAML, then every scalar of it as JSON inside a string.

#![no_main]

mod places;

use bucketlint::source::{FileId, SourceFile, decode};
use bucketlint::syntax::{Node, embedded, parse, parse_yaml, yaml_events::Events};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = decode(data.to_vec()) else { return };
    let source = Arc::new(SourceFile::new(FileId(0), "fuzz", text));
    places::check(&parse(&source));
    let mut events = Events::new(&source);
    let end = std::iter::from_fn(|| events.read().transpose()).find_map(Result::err);
    assert!(end.is_some() || events.corrections() == 0, "the cursor went astray");
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
});
