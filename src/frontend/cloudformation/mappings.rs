//! `Fn::FindInMap`.

use super::call::Call;
use super::reader::Reader;
use crate::model::{Data, Hop, SymbolKind, Text, Unknown, Value};
use crate::syntax::{Kind, Node};

impl<'a> Reader<'a> {
    /// `Fn::FindInMap`. With keys that are not known it is one unknown, the same wherever the same expression
    /// stands; where all that can be found is the same, it is known all the same.
    pub(super) fn find_in_map(&mut self, call: &Call<'a>) -> Value {
        let items = call.items();
        let [map, first, second, options @ ..] = items.as_slice() else {
            return self.malformed(call, "takes a mapping and two keys");
        };
        if is_pasted(self.mappings) {
            return unknown_map(call);
        }
        let default = options.first().and_then(|options| options.get("DefaultValue"));
        let keys = [*map, *first, *second].map(|key| self.value(key)).to_vec();
        self.lift(call, keys, &mut |reader, keys| {
            let keys: Vec<_> = keys.into_iter().map(|key| reader.as_text(key)).collect();
            let text = |at: usize| keys.get(at).and_then(Value::scalar_text).unwrap_or_default();
            reader.look_up(call, [text(0), text(1), text(2)], default)
        })
    }

    fn look_up(&mut self, call: &Call<'a>, [map, first, second]: [Text; 3], default: Option<Node<'a>>) -> Value {
        let found = self.under(self.mappings.into_iter().collect(), &map);
        let found = self.under(found, &first);
        let mut found = self.under(found, &second);
        let known = [&map, &first, &second].iter().all(|key| key.as_literal().is_some());
        if let Some(default) = default.filter(|_| !known || found.is_empty()) {
            found.push(default);
        }
        let mut values: Vec<Value> = found.iter().map(|node| self.value(*node)).collect();
        let Some(first) = values.pop() else {
            return self.malformed_text(call, "finds nothing under these keys");
        };
        if values.iter().all(|value| value.data == first.data) {
            let hop = Hop { span: first.span, what: "found in a mapping".to_owned() };
            return Value { span: call.span, hops: vec![hop], data: first.data };
        }
        let unknown = Unknown::new("the key that it looks up is not known", call.span, "look it up by a literal key");
        if values.iter().chain([&first]).any(|value| value.scalar_text().is_none()) {
            return Value::unknown(unknown);
        }
        self.opaque(call, SymbolKind::Free, unknown)
    }

    /// All that may stand under a key: its value, or every value where the key is not known.
    fn under(&mut self, nodes: Vec<Node<'a>>, key: &Text) -> Vec<Node<'a>> {
        let mut found = Vec::new();
        for node in nodes.into_iter().filter(|node| node.kind() == Kind::Mapping) {
            match key.as_literal() {
                Some(key) => found.extend(node.get(key)),
                None => {
                    for (_, value) in node.entries() {
                        if self.spend(1) {
                            found.push(value);
                        }
                    }
                }
            }
        }
        found
    }
}

/// True for a mapping section that another file is pasted into.
fn is_pasted(mappings: Option<Node<'_>>) -> bool {
    let pasted = |node: Node<'_>| node.get("Fn::Transform").is_some();
    mappings.is_some_and(|section| pasted(section) || section.entries().any(|(_, map)| pasted(map)))
}

/// The value that stands for whatever is found, where nothing of a mapping can be relied on.
fn unknown_map(call: &Call<'_>) -> Value {
    Value::new(
        call.span,
        Data::Unknown(Box::new(Unknown::new("a macro adds to the mapping", call.span, "write the value"))),
    )
}
