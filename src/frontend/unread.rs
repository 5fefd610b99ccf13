//! The safety net: what a document holds that concerns us, whether or not anybody reads it.

use super::{FRONTENDS, suggest};
use crate::model::Notice;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::{self, Node, Tree};
use std::sync::Arc;

/// The first type of a bucket or a bucket policy in a tree, wherever it stands, or else in a string of it. `why` says why
/// it is not read.
pub(super) fn unread(tree: &Tree, why: &str) -> Option<Notice> {
    let told = typed(tree).map(|kind| Notice {
        message: format!("`{}` stands here and is not read: {why}", kind.text().unwrap_or_default().trim()),
        span: kind.span(),
    });
    told.or_else(|| inside(tree, &[]))
}

/// The first string of a tree that holds YAML or JSON with a type of ours and that nobody reads: those at `read` are.
pub(super) fn inside(tree: &Tree, read: &[Span]) -> Option<Notice> {
    let kind_in = |text: &str| {
        let names = FRONTENDS.iter().flat_map(|frontend| frontend.types().1);
        let may_hold = names.into_iter().any(|name| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some());
        let parse = may_hold.then(|| syntax::parse(&Arc::new(SourceFile::new(FileId(0), "", text))))?;
        typed(&parse.tree)?.text().map(str::to_owned)
    };
    let text = first(tree, |node, _| {
        !read.contains(&node.span()) && node.string().is_some_and(|text| kind_in(text).is_some())
    })?;
    let kind = kind_in(text.string()?)?;
    let message = format!("`{kind}` stands in this string and is not read: lint what it holds as a file of its own");
    Some(Notice { message, span: text.span() })
}

/// The first type of ours in a tree.
fn typed(tree: &Tree) -> Option<Node<'_>> {
    first(tree, |node, key| key.is_some_and(|key| is_type(key, node)))
}

/// The first node in the order of the text for which `wanted` holds, given its key too where it is a value.
fn first<'t>(tree: &'t Tree, wanted: impl Fn(Node<'t>, Option<Node<'t>>) -> bool) -> Option<Node<'t>> {
    let mut left: Vec<(Node<'_>, Option<Node<'_>>)> = tree.root().map(|root| (root, None)).into_iter().collect();
    let mut first: Option<Node<'_>> = None;
    while let Some((node, key)) = left.pop() {
        if wanted(node, key) && first.is_none_or(|first| node.span() < first.span()) {
            first = Some(node);
        }
        // What an alias stands for is looked at where it is written.
        if node.is_alias() {
            continue;
        }
        left.extend(node.items().map(|item| (item, None)));
        left.extend(node.entries().map(|(key, value)| (value, Some(key))));
    }
    first
}

/// Whether a value is a type of ours under the key for one, however they are spelled.
fn is_type(key: Node<'_>, value: Node<'_>) -> bool {
    let (Some(key), Some(value)) = (key.text(), value.text()) else { return false };
    FRONTENDS.iter().any(|frontend| {
        let (name, types) = frontend.types();
        suggest::is_spelled_like(key, name) && types.iter().any(|known| suggest::is_spelled_like(value, known))
    })
}
