//! Whether two values say the same, wherever they are written.

use crate::model::{Data, Value};

/// Lists that are longer are compared in order only.
const MAX_UNORDERED: usize = 64;
/// How many pairs are looked at.
const FUEL: u32 = 200_000;

/// Whether two documents have the same content: keys in any order, a list of one item like the item, lists in any
/// order (AWS and the provider rearrange them).
pub(super) fn same(one: &Value, two: &Value) -> bool {
    Comparison { fuel: FUEL }.equal(one, two)
}

struct Comparison {
    fuel: u32,
}

impl Comparison {
    fn equal(&mut self, one: &Value, two: &Value) -> bool {
        let Some(fuel) = self.fuel.checked_sub(1) else { return false };
        self.fuel = fuel;
        match (&one.data, &two.data) {
            (Data::Json(one), _) => self.equal(one, two),
            (_, Data::Json(two)) => self.equal(one, two),
            (Data::Map(ones), Data::Map(twos)) => {
                let mut entries = ones.iter().map(|entry| (&entry.value, two.get(&entry.key)));
                ones.len() == twos.len() && entries.all(|(one, two)| two.is_some_and(|two| self.equal(one, two)))
            }
            (Data::List(ones), Data::List(twos)) => {
                ones.len() == twos.len()
                    && (ones.iter().zip(twos.iter()).all(|(one, two)| self.equal(one, two))
                        || (ones.len() <= MAX_UNORDERED && self.rearranged(ones, twos)))
            }
            (Data::List(items), _) if items.len() == 1 => items.iter().all(|item| self.equal(item, two)),
            (_, Data::List(items)) if items.len() == 1 => items.iter().all(|item| self.equal(one, item)),
            (Data::Null | Data::Absent, Data::Null | Data::Absent) => true,
            _ => one.scalar_text().is_some_and(|text| Some(text) == two.scalar_text()),
        }
    }

    fn rearranged(&mut self, ones: &[Value], twos: &[Value]) -> bool {
        let mut left: Vec<&Value> = twos.iter().collect();
        ones.iter().all(|one| {
            let found = left.iter().position(|two| self.equal(one, two));
            found.map(|at| left.swap_remove(at)).is_some()
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::frontend::terraform::json::concealed;
    use crate::source::{FileId, Span};

    #[test]
    fn order_and_single_items_do_not_matter() {
        let value = |text: &str| concealed(text, Span::at(FileId(0), 0));
        let same = |one: &str, two: &str| super::same(&value(one), &value(two));
        assert!(same(r#"{"a":1,"b":[1,2]}"#, r#"{"b":["2","1"],"a":["1"]}"#));
        assert!(!same(r#"{"a":[1,1,2]}"#, r#"{"a":[1,2,2]}"#));
        assert!(!same(r#"{"a":1}"#, r#"{"a":1,"b":2}"#));
        assert!(!same("[1]", "[]"));
        let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
        assert!(same(&deep, &deep));
    }
}
