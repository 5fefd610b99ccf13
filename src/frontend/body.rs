//! Templates that are written inside of a string.

use crate::model::Body;
use crate::source::{Span, Within};
use crate::syntax::{Node, embedded};

/// The text of a scalar as that of a template.
pub(super) fn of_node(node: Node<'_>) -> Body {
    let (text, map) = (node.text().unwrap_or(""), embedded::scalar_map(node));
    let mut within = Within::new(node.span());
    for at in 0..text.len() {
        let place = map.range(at..at + 1);
        within.push(at, Span::new(node.span().file, place.start, place.end));
    }
    Body { text: text.to_owned(), within, file: None }
}
