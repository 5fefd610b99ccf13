//! The safety net: what a document holds that concerns us, whether or not anybody reads it.

use super::FRONTENDS;
use crate::model::Notice;
use crate::syntax::{Node, Tree};

/// The first type of a bucket or a bucket policy in a tree, wherever it stands. `why` says why it is not read.
pub(super) fn unread(tree: &Tree, why: &str) -> Option<Notice> {
    let mut left: Vec<Node<'_>> = tree.root().into_iter().collect();
    let mut first: Option<Node<'_>> = None;
    while let Some(node) = left.pop() {
        // What an alias stands for is looked at where it is written.
        if node.is_alias() {
            continue;
        }
        left.extend(node.items());
        for (key, value) in node.entries() {
            if is_type(key, value) && first.is_none_or(|first| value.span() < first.span()) {
                first = Some(value);
            }
            left.push(value);
        }
    }
    let kind = first?;
    let message = format!("`{}` stands here and is not read: {why}", kind.text().unwrap_or_default());
    Some(Notice { message, span: kind.span() })
}

fn is_type(key: Node<'_>, value: Node<'_>) -> bool {
    let (Some(key), Some(value)) = (key.text(), value.text()) else { return false };
    FRONTENDS.iter().any(|frontend| {
        let (name, types) = frontend.types();
        name == key && types.contains(&value)
    })
}
