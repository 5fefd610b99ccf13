//! Keys that stand twice in one mapping.

use super::{DuplicateKey, Node, NodeId, TreeBuilder};
use crate::source::Span;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

/// Up to this many keys, comparing each with each is faster than a hash table.
const FEW: usize = 12;

/// So many duplicates are remembered per text. Nobody reads more, and they must not cost more memory than the text.
const MAX_FOUND: usize = 10_000;

/// Adds the duplicates among the keys of `children` (key, value, key, value, …) to `found`.
pub(super) fn find(builder: &TreeBuilder, children: &[NodeId], found: &mut Vec<DuplicateKey>) {
    let keys = children.iter().step_by(2).map(|&id| builder.node(id));
    if children.len() <= 2 * FEW {
        find_few(&keys, found);
    } else if may_repeat(keys.clone()) {
        find_many(keys, found);
    }
}

fn find_few<'a>(keys: &(impl Iterator<Item = Node<'a>> + Clone), found: &mut Vec<DuplicateKey>) {
    for (index, key) in keys.clone().enumerate() {
        let Some(text) = key.text() else { continue };
        let earlier = keys.clone().take(index).filter(|other| other.text() == Some(text)).last();
        if let Some(first) = earlier {
            add(found, text, first.span(), key.span());
        }
    }
}

/// False only where each key stands once. A table of all keys is several times as large as a text of short ones, and
/// hardly any text needs it: their hashes are a quarter of that. Nobody can choose keys of one hash.
fn may_repeat<'a>(keys: impl Iterator<Item = Node<'a>>) -> bool {
    let state = RandomState::new();
    let mut hashes: Vec<u64> = keys.filter_map(Node::text).map(|text| state.hash_one(text)).collect();
    hashes.sort_unstable();
    hashes.iter().zip(hashes.iter().skip(1)).any(|(one, two)| one == two)
}

fn find_many<'a>(keys: impl Iterator<Item = Node<'a>>, found: &mut Vec<DuplicateKey>) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for key in keys {
        let Some(text) = key.text() else { continue };
        if let Some(first) = seen.insert(text, key.span()) {
            add(found, text, first, key.span());
        }
    }
}

fn add(found: &mut Vec<DuplicateKey>, key: &str, first: Span, second: Span) {
    if found.len() < MAX_FOUND {
        found.push(DuplicateKey { key: key.to_owned(), first, second });
    }
}
