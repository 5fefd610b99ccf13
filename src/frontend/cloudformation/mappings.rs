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
        if default.is_none()
            && let ([table], Some(second)) = (found.as_slice(), second.as_literal())
            && let Some(text) = self.column(*table, &first, second)
        {
            return Value::new(call.span, Data::Text(text));
        }
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

    /// What a whole column of a mapping gives by a rule: the key that it is looked up by, or the partition of the
    /// region that it is looked up by, which templates older than `AWS::Partition` hold in mappings.
    fn column(&mut self, table: Node<'a>, key: &Text, column: &str) -> Option<Text> {
        let symbol = key.as_symbol().filter(|_| table.entries().next().is_some())?;
        let region = *symbol.kind() == SymbolKind::Pseudo && symbol.key().ends_with(":AWS::Region");
        let (mut keys, mut partitions) = (true, region);
        for (row, value) in table.entries() {
            let (row, value) = (row.text()?, value.get(column)?.string()?);
            keys &= row == value;
            partitions &= partition(row) == value;
            if !self.spend(1) || !(keys || partitions) {
                return None;
            }
        }
        let partition = Text::hole(self.pseudo_symbol("AWS::Partition", symbol.unknown().span));
        Some(if keys { key.clone() } else { partition })
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

/// The partition that a region belongs to.
///
/// See <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>.
fn partition(region: &str) -> &'static str {
    const BY_PREFIX: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let found = BY_PREFIX.iter().find(|(prefix, _)| region.starts_with(prefix));
    found.map_or("aws", |(_, partition)| partition)
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
