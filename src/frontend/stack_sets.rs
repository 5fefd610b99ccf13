//! Stack sets: their parameters, and the groups of instances that are handed others.

use crate::model::{Condition, Data, Entry, NestedStack, Unknown, Value};
use std::collections::BTreeMap;

/// How a format spells what it says of a stack set.
pub(super) struct Spelling {
    /// The property that lists its groups of instances.
    pub(super) groups: &'static str,
    /// The property of a group that lists the parameters that its instances are handed in place of the set's.
    pub(super) overrides: &'static str,
    /// The name of a parameter, in lists of them.
    pub(super) key: &'static str,
    /// Its value.
    pub(super) value: &'static str,
}

impl Spelling {
    /// Arguments by their parameters, where they are listed in pairs of a key and a value.
    pub(super) fn by_key(&self, value: &Value) -> Value {
        match &value.data {
            Data::Choice { .. } => on_each_side(value, &|side| self.by_key(side)),
            Data::List(items) => {
                let entries: Option<Vec<Entry>> = items.iter().map(|item| self.pair(item)).collect();
                entries.map_or_else(|| not_read(value), |entries| Value::map_of(value.span, entries))
            }
            Data::Map(_) | Data::Unknown(_) => value.clone(),
            Data::Absent | Data::Null => Value::map_of(value.span, Vec::new()),
            Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::Json(_) => not_read(value),
        }
    }

    fn pair(&self, item: &Value) -> Option<Entry> {
        let key = item.entry(self.key)?;
        let value = item.get(self.value)?.clone();
        let name = key.value.scalar_text()?.as_literal()?.to_owned();
        Some(Entry { key: name, key_span: key.key_span, value })
    }

    /// A stack set, once for each of its groups of instances that is handed values of its own, and once for all others.
    /// Where no group is listed, instances may be made elsewhere.
    pub(super) fn by_group(&self, set: NestedStack, groups: Option<&Value>) -> Vec<NestedStack> {
        let Some(groups) = groups else { return vec![set] };
        let mut all = Vec::new();
        let mut as_the_set = Vec::new();
        for (holds, groups) in groups.sides() {
            match &groups.data {
                Data::List(groups) if !groups.is_empty() => {
                    for (number, group) in groups.iter().enumerate() {
                        for (there, group) in group.sides() {
                            self.group(&set, (number, &group), holds.clone().and(there), &mut all, &mut as_the_set);
                        }
                    }
                }
                Data::List(_) | Data::Absent | Data::Null => as_the_set.push(holds),
                _ => all.push(NestedStack {
                    arguments: not_read(&groups),
                    exists: set.exists.clone().and(holds),
                    ..set.clone()
                }),
            }
        }
        if !as_the_set.is_empty() {
            let exists = set.exists.clone().and(Condition::any(as_the_set));
            all.insert(0, NestedStack { exists, ..set });
        }
        all
    }

    /// One group of instances of a set, which is there where `holds` does.
    fn group(
        &self,
        set: &NestedStack,
        (number, group): (usize, &Value),
        holds: Condition,
        all: &mut Vec<NestedStack>,
        as_the_set: &mut Vec<Condition>,
    ) {
        let overrides = match &group.data {
            Data::Map(_) => group
                .get(self.overrides)
                .filter(|overrides| is_given(overrides))
                .map(|overrides| self.by_key(overrides)),
            Data::Absent => return,
            _ => Some(not_read(group)),
        };
        let Some(overrides) = overrides else { return as_the_set.push(holds) };
        all.push(NestedStack {
            arguments: over(&set.arguments, &overrides),
            exists: set.exists.clone().and(holds),
            group: Some(format!("{}[{number}]", self.groups)),
            ..set.clone()
        });
    }
}

fn is_given(value: &Value) -> bool {
    !matches!(value.data, Data::Absent | Data::Null)
}

/// Arguments with others put over them.
fn over(arguments: &Value, overrides: &Value) -> Value {
    match (&arguments.data, &overrides.data) {
        (_, Data::Choice { .. }) => on_each_side(overrides, &|side| over(arguments, side)),
        (Data::Choice { .. }, _) => on_each_side(arguments, &|side| over(side, overrides)),
        (Data::Map(own), Data::Map(others)) => {
            let mut entries: BTreeMap<&str, &Entry> = BTreeMap::new();
            entries.extend(own.iter().chain(others.iter()).map(|entry| (entry.key.as_str(), entry)));
            Value::map_of(arguments.span, entries.into_values().cloned().collect())
        }
        (Data::Unknown(_), _) => arguments.clone(),
        _ => overrides.clone(),
    }
}

/// What comes of each side of a value that is one of two.
fn on_each_side(value: &Value, of: &dyn Fn(&Value) -> Value) -> Value {
    let Data::Choice { condition, then, otherwise } = &value.data else { return of(value) };
    let (then, otherwise) = (of(then).into(), of(otherwise).into());
    Value::new(value.span, Data::Choice { condition: condition.clone(), then, otherwise })
}

/// What stands for arguments that cannot be read.
fn not_read(value: &Value) -> Value {
    if let Data::Unknown(unknown) = &value.data {
        return Value::unknown(Unknown::clone(unknown));
    }
    let cause = "which parameters are handed on is not known";
    Value::unknown(Unknown::new(cause, value.span, "write the keys and the values of the parameters out"))
}
