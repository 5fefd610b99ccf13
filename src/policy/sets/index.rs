//! The values of a condition by what a text has to begin with, so that long lists are not compared one by one.

use super::value::Value;
use crate::model::Text;
use crate::policy::literal::Cidr;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Lists shorter than this are compared one by one.
const WORTH_AN_INDEX: usize = 16;

/// Where to look for the values that may match.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// By the fixed start of what they match, and by the length of that.
    by_start: BTreeMap<usize, HashMap<Box<str>, Vec<usize>>>,
    /// Ranges of addresses, joined where they meet, by family and first address.
    addresses: BTreeMap<(bool, u128), (u128, usize)>,
    /// Those that have to be looked at for any text.
    others: Vec<usize>,
}

impl Index {
    /// Sorts values in; `None` for so few that it is not worth it.
    pub(crate) fn of(values: &[Value]) -> Option<Self> {
        if values.len() < WORTH_AN_INDEX {
            return None;
        }
        let mut index = Self::default();
        let mut ranges: BTreeSet<(Cidr, usize)> = BTreeSet::new();
        for (at, value) in values.iter().enumerate() {
            match value {
                Value::Ip(range) => {
                    ranges.insert((*range, at));
                }
                value => match value.fixed_start() {
                    Some(start) => {
                        let same = index.by_start.entry(start.len()).or_default();
                        same.entry(start.into()).or_default().push(at);
                    }
                    None => index.others.push(at),
                },
            }
        }
        for (range, at) in ranges {
            index.join(range, at);
        }
        Some(index)
    }

    /// Adds a range that starts no earlier than all before. Ranges of addresses are nested or apart.
    fn join(&mut self, range: Cidr, at: usize) {
        let before = self.addresses.range(..=(range.v6, range.first)).next_back();
        if before.is_none_or(|((v6, _), (last, _))| *v6 != range.v6 || *last < range.last) {
            self.addresses.insert((range.v6, range.first), (range.last, at));
        }
    }

    /// The values that may match a text: all others do not. `None` where it takes a look at each.
    pub(crate) fn candidates(&self, text: &Text) -> Option<Vec<usize>> {
        let literal = text.as_literal()?;
        let mut found = self.others.clone();
        for (length, starts) in &self.by_start {
            let Some(start) = literal.get(..*length) else { continue };
            found.extend(starts.get(start).into_iter().flatten());
        }
        if !self.addresses.is_empty() {
            let address = Cidr::parse(literal)?;
            let before = self.addresses.range(..=(address.v6, address.first)).next_back();
            found.extend(before.map(|(_, (_, at))| *at));
        }
        Some(found)
    }
}
