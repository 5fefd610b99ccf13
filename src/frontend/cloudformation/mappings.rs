//! `Fn::FindInMap`.

use super::call::Call;
use super::choice;
use super::reader::Reader;
use super::transforms::TRANSFORM;
use crate::model::partition::partition_of;
use crate::model::{Condition, Data, Hop, Pseudo, SymbolKind, Text, Truth, Unknown, Value};
use crate::syntax::{Kind, Node};

impl<'a> Reader<'a> {
    /// `Fn::FindInMap`. Keys that are not known are what tells deployments apart: the value is a choice between those
    /// under all keys, and no other key can be deployed.
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
            reader.look_up(call, &[text(0), text(1), text(2)], default)
        })
    }

    fn look_up(&mut self, call: &Call<'a>, keys: &[Text; 3], default: Option<Node<'a>>) -> Value {
        if default.is_none()
            && let Some(text) = self.by_rule(keys)
        {
            return Value::new(call.span, Data::Text(text));
        }
        let default = default.map(|node| self.value(node));
        let found = match self.mappings {
            Some(section) => self.descend(section, keys, default.as_ref()),
            None => Ok(default),
        };
        match found {
            Ok(Some(value)) => {
                let hop = Hop { span: value.span, what: "found in a mapping".to_owned() };
                Value { span: call.span, hops: vec![hop], data: value.data }
            }
            Ok(None) => self.malformed_text(call, "finds nothing under these keys"),
            Err(TooMany) => {
                let cause = "the key that it looks up is not known";
                let unknown = Unknown::new(cause, call.span, "look it up by a literal key");
                self.opaque(call, SymbolKind::Free, unknown)
            }
        }
    }

    /// What stands under some keys, one level for each; `None` for nothing.
    fn descend(&mut self, node: Node<'a>, keys: &[Text], default: Option<&Value>) -> Result<Option<Value>, TooMany> {
        let Some((key, rest)) = keys.split_first() else { return Ok(Some(self.value(node))) };
        if node.kind() != Kind::Mapping {
            return Ok(default.cloned());
        }
        if let Some(literal) = key.as_literal() {
            return match node.get(literal) {
                Some(inner) => self.descend(inner, rest, default),
                None => Ok(default.cloned()),
            };
        }
        let mut sides = Vec::new();
        let fitting = node.entries().filter_map(|(name, value)| {
            let name = Text::literal(name.text()?);
            (key.equals(&name) != Truth::No).then(|| (Condition::Equals(key.clone(), name), value))
        });
        for (is_key, inner) in fitting.collect::<Vec<_>>() {
            if sides.len() >= MAX_KEYS || !self.spend(1) {
                return Err(TooMany);
            }
            let found = self.under(&is_key, |reader| reader.descend(inner, rest, default))?;
            sides.extend(found.map(|value| (is_key, value)));
        }
        if default.is_none() && !sides.is_empty() {
            let keys = sides.iter().map(|(is_key, _)| is_key.clone());
            let keys = keys.filter(|is_key| match is_key {
                Condition::Equals(_, name) => name.as_literal().is_none_or(|name| self.bounds_allow(key, name)),
                _ => true,
            });
            let keys = Condition::any(keys.collect());
            self.assert(keys, key.symbols().cloned().collect());
        }
        let spare = (Condition::Always, default.cloned());
        sides.extend(spare.1.map(|value| (spare.0, value)));
        Ok(choice_of(&sides))
    }

    /// What a rule says that all rows of a mapping follow.
    fn by_rule(&mut self, [map, first, second]: &[Text; 3]) -> Option<Text> {
        let table = self.mappings?.get(map.as_literal()?)?;
        let text = self.column(table, first, second.as_literal()?)?;
        let rows: Vec<Text> = table.entries().filter_map(|(row, _)| row.text().map(Text::literal)).collect();
        let is_row = |row| Condition::Equals(first.clone(), row);
        let rows: Vec<Condition> = rows.into_iter().map(is_row).collect();
        self.assert(Condition::Any(rows.into()), first.symbols().cloned().collect());
        Some(text)
    }

    /// What a whole column of a mapping gives by a rule: the key that it is looked up by, or the partition of the
    /// region that it is looked up by, which templates older than `AWS::Partition` hold in mappings.
    fn column(&mut self, table: Node<'a>, key: &Text, column: &str) -> Option<Text> {
        let symbol = key.as_symbol().filter(|_| table.entries().next().is_some())?;
        let region = symbol.pseudo() == Some(Pseudo::Region);
        let (mut keys, mut partitions) = (true, region);
        for (row, value) in table.entries() {
            let (row, value) = (row.text()?, value.get(column)?.string()?);
            keys &= row == value;
            partitions &= partition(row) == value;
            if !self.spend(1) || !(keys || partitions) {
                return None;
            }
        }
        Some(if keys { key.clone() } else { self.pseudo_text(Pseudo::Partition, symbol.unknown().span) })
    }
}

/// More keys than this are not told apart.
const MAX_KEYS: usize = 1_000;

/// There are more keys than are told apart.
struct TooMany;

/// One of several values: each where its condition holds, the last one where none does.
fn choice_of(sides: &[(Condition, Value)]) -> Option<Value> {
    let (_, last) = sides.last()?;
    if sides.iter().all(|(_, value)| value.data == last.data) {
        return Some(last.clone());
    }
    let (left, right) = sides.split_at(sides.len() / 2);
    let (then, otherwise) = (choice_of(left)?, choice_of(right)?);
    let condition = match left {
        [(only, _)] => only.clone(),
        _ => Condition::Any(left.iter().map(|(condition, _)| condition.clone()).collect()),
    };
    let span = then.span;
    Some(choice::choose(condition, then, otherwise, span))
}

/// The partition that a Region belongs to; the common one for names of no Region.
pub(in crate::frontend) fn partition(region: &str) -> &'static str {
    partition_of(region).map_or("aws", |partition| partition.name)
}

/// True for a mapping section that another file is pasted into.
fn is_pasted(mappings: Option<Node<'_>>) -> bool {
    let pasted = |node: Node<'_>| node.get(TRANSFORM).is_some();
    mappings.is_some_and(|section| pasted(section) || section.entries().any(|(_, map)| pasted(map)))
}

/// The value that stands for whatever is found, where nothing of a mapping can be relied on.
fn unknown_map(call: &Call<'_>) -> Value {
    Value::new(
        call.span,
        Data::Unknown(Box::new(Unknown::new("a macro adds to the mapping", call.span, "write the value"))),
    )
}
