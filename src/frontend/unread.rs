//! The safety net: what a document holds that concerns us, whether or not anybody reads it.

use super::detect::may_be_input;
use super::{FRONTENDS, suggest};
use crate::model::Notice;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::{self, Node, NodeId, Tree};
use std::collections::HashSet;
use std::sync::Arc;

/// The first type of a bucket or a bucket policy in a tree, wherever it stands, or else in a string of it. `why` says why
/// it is not read.
pub(super) fn unread(tree: &Tree, why: &str) -> Option<Notice> {
    beside(tree, &HashSet::new(), why).or_else(|| inside(tree, &[]))
}

/// The first type of a bucket or a bucket policy in a tree besides those that are `read`.
pub(super) fn beside(tree: &Tree, read: &HashSet<NodeId>, why: &str) -> Option<Notice> {
    typed(tree, read).map(|kind| Notice {
        message: format!("`{}` stands here and is not read: {why}", kind.text().unwrap_or_default().trim()),
        span: kind.span(),
    })
}

/// The names of types that concern us.
fn types() -> impl Iterator<Item = &'static &'static str> {
    FRONTENDS.iter().flat_map(|frontend| frontend.types().1)
}

/// The first string of a tree that holds YAML or JSON with a type of ours and that nobody reads: those at `read` are.
pub(super) fn inside(tree: &Tree, read: &[Span]) -> Option<Notice> {
    // A type has a key, and most strings are shorter than that; its key is quoted, or white space stands behind it.
    let shortest = types().map(|name| name.len()).min().map_or(usize::MAX, |name| name + ":T".len());
    let kind_in = |text: &str| {
        let stands = |name: &&str| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some();
        let may_hold = may_be_input(text.as_bytes()) && types().any(stands);
        let parse = may_hold.then(|| syntax::parse(&Arc::new(SourceFile::new(FileId(0), "", text))))?;
        typed(&parse.tree, &HashSet::new())?.text().map(str::to_owned)
    };
    let holds = |node: &Node<'_>| {
        let is_read = || read.contains(&node.span());
        let may_hold = |text: &str| text.len() > shortest && text.contains([' ', '\t', '\r', '\n', '"', '\'']);
        node.string().is_some_and(|text| may_hold(text) && !is_read() && kind_in(text).is_some())
    };
    let text = tree.written().filter(holds).min_by_key(|node| node.span())?;
    let kind = kind_in(text.string()?)?;
    let message = format!("`{kind}` stands in this string and is not read: lint what it holds as a file of its own");
    Some(Notice { message, span: text.span() })
}

/// The first type of ours in a tree besides some.
fn typed<'t>(tree: &'t Tree, but: &HashSet<NodeId>) -> Option<Node<'t>> {
    let values = tree.written().flat_map(Node::entries).filter(|(key, value)| is_type(*key, *value));
    let values = values.map(|(_, value)| value).filter(|value| !but.contains(&value.resolved().id()));
    values.min_by_key(|value| value.span())
}

/// Whether a value is a type of ours under the key for one, however they are spelled.
fn is_type(key: Node<'_>, value: Node<'_>) -> bool {
    let (Some(key), Some(value)) = (key.text(), value.text()) else { return false };
    FRONTENDS.iter().any(|frontend| {
        let (name, types) = frontend.types();
        suggest::is_spelled_like(key, name) && types.iter().any(|known| suggest::is_spelled_like(value, known))
    })
}
