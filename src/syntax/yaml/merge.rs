//! Merge keys: `<<: *base` and `<<: [*first, *second]` (<https://yaml.org/type/merge.html>).

use crate::syntax::{Kind, Node, NodeId, SyntaxError, TreeBuilder};
use std::collections::HashSet;

/// The children of a mapping without its `<<` keys, which stand at `merges`.
pub(super) fn own(children: &[NodeId], merges: &[usize]) -> Vec<NodeId> {
    let is_own = |(index, _): &(usize, _)| merges.binary_search(&(2 * index)).is_err();
    children.chunks(2).enumerate().filter(is_own).flat_map(|(_, pair)| pair).copied().collect()
}

/// The children (key, value, key, value, …) of a mapping, with the entries that its `<<` keys (at `merges` among
/// `children`) stand for before its own. An entry of its own wins over merged ones, a later `<<` over an earlier one, an
/// earlier mapping of a list over a later one. A `<<` that holds no mapping is an error and stays an entry. A second `<<` is
/// an error too: YAML has each key once, and readers differ in which of the two they take.
///
/// Takes time in proportion to what the aliases stand for, which is bounded where aliases are counted.
pub(super) fn merge(
    tree: &TreeBuilder,
    children: &[NodeId],
    merges: &[usize],
    errors: &mut Vec<SyntaxError>,
) -> Vec<NodeId> {
    for second in merges.iter().skip(1).filter_map(|&index| children.get(index)) {
        let message = "`<<` stands twice in this mapping, and not every reader takes both";
        let help = "write one `<<` with a list: `<<: [*first, *second]`".to_owned();
        errors.push(SyntaxError { help, ..SyntaxError::new(message, tree.node(*second).span()) });
    }
    let mut own = Vec::with_capacity(children.len());
    let mut sources = Vec::new();
    for (index, pair) in children.chunks(2).enumerate() {
        let value = match pair {
            &[_, value] if merges.binary_search(&(2 * index)).is_ok() => tree.node(value),
            _ => {
                own.extend_from_slice(pair);
                continue;
            }
        };
        if let Some(found) = mappings(value) {
            sources.push(found);
        } else {
            let message = "`<<` needs a mapping or a list of mappings".to_owned();
            errors.push(SyntaxError::new(message, value.span()));
            own.extend_from_slice(pair);
        }
    }
    let mut seen: HashSet<&str> = own.iter().step_by(2).filter_map(|&key| tree.node(key).text()).collect();
    let mut all = Vec::new();
    for mapping in sources.iter().rev().flatten() {
        let entries: Vec<_> = mapping.entries().collect();
        // Of a key that stands twice in the mapping, the last counts.
        let fresh = entries.iter().rev().filter(|(key, _)| key.text().is_none_or(|text| seen.insert(text)));
        let from = all.len();
        all.extend(fresh.flat_map(|(key, value)| [value.id(), key.id()]));
        if let Some(added) = all.get_mut(from..) {
            added.reverse();
        }
    }
    all.extend_from_slice(&own);
    all
}

/// The mappings under a `<<`.
fn mappings(value: Node<'_>) -> Option<Vec<Node<'_>>> {
    match value.kind() {
        Kind::Mapping => Some(vec![value]),
        Kind::Sequence => value.items().map(|item| (item.kind() == Kind::Mapping).then_some(item)).collect(),
        _ => None,
    }
}
