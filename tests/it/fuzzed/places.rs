//! What holds for every tree.

use bucketlint::syntax::{Node, Parse};

/// Every span lies in the text, on character boundaries.
pub fn check(parse: &Parse) {
    let text = parse.tree.source().text();
    let fits = |range: std::ops::Range<usize>| assert!(text.get(range.clone()).is_some(), "{range:?}");
    parse.errors.iter().for_each(|error| fits(error.span.range()));
    parse.comments.spans(parse.tree.source().id()).for_each(|span| fits(span.range()));
    for found in &parse.duplicates {
        fits(found.first.range());
        fits(found.second.range());
    }
    let mut open: Vec<Node<'_>> = parse.tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        fits(node.span().range());
        node.tag_span().into_iter().for_each(|span| fits(span.range()));
        if !node.is_alias() {
            open.extend(node.items().chain(node.entries().flat_map(|(key, value)| [key, value])));
        }
    }
}
