//! Templates that are written inside of a string.

use crate::model::Body;
use crate::source::{Span, Within};
use crate::syntax::{Node, embedded};

/// Longer templates are not read: CloudFormation takes none
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
pub(super) const LARGEST: usize = 1 << 20;

/// The text of a scalar as that of a template; `None` for one that is too long to be one.
pub(super) fn of_node(node: Node<'_>) -> Option<Body> {
    let text = node.text().filter(|text| text.len() <= LARGEST)?;
    let map = embedded::scalar_map(node);
    let mut within = Within::new(node.span());
    for at in 0..text.len() {
        let place = map.range(at..at + 1);
        within.push(at, Span::new(node.span().file, place.start, place.end));
    }
    Some(Body { text: text.to_owned(), within, file: None })
}
