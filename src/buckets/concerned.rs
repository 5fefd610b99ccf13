//! What conditions and texts concern a bucket: the worlds that have to be told apart for it.

use super::worlds::{Facts, Space};
use crate::model::{BucketPolicy, Condition, Data, Met, Symbol, Text, Value};
use crate::policy::{Budget, partition_by_hand};
use std::collections::BTreeSet;

/// What conditions and texts concern a bucket.
pub(super) struct Concerned<'f, 'a> {
    facts: &'f Facts<'a>,
    conditions: Vec<&'f Condition>,
    symbols: Vec<&'f Symbol>,
    seen: BTreeSet<Symbol>,
    /// Whether a document names a partition other than `aws` by hand.
    partitions: bool,
}

impl<'f, 'a> Concerned<'f, 'a> {
    pub(super) fn new(facts: &'f Facts<'a>) -> Self {
        Self { facts, conditions: Vec::new(), symbols: Vec::new(), seen: BTreeSet::new(), partitions: false }
    }

    pub(super) fn condition(&mut self, condition: &'f Condition) {
        self.conditions.push(condition);
    }

    pub(super) fn policy(&mut self, policy: &'f BucketPolicy) {
        self.condition(&policy.exists);
        self.value(&policy.bucket);
        self.value(&policy.document);
    }

    pub(super) fn text(&mut self, text: &'_ Text) {
        for symbol in text.symbols() {
            self.symbol(symbol);
        }
    }

    fn symbol(&mut self, symbol: &Symbol) {
        if !self.seen.insert(symbol.clone()) {
            return;
        }
        let facts = self.facts;
        if let Some(choice) = facts.choices.get(symbol) {
            self.value(choice);
        }
        if let Some((parameter, _)) = facts.parameters.get_key_value(symbol) {
            self.symbols.push(parameter);
        }
    }

    fn value(&mut self, value: &'f Value) {
        let mut texts: Vec<&'f Text> = Vec::new();
        let conditions = &mut self.conditions;
        value.visit(&mut |met| match met {
            Met::Value(value) => !matches!(value.data, Data::Unknown(_)),
            Met::Text(text) => {
                texts.push(text);
                true
            }
            Met::Condition(condition) => {
                conditions.push(condition);
                false
            }
        });
        for text in texts {
            self.partitions |= partition_by_hand(text).is_some_and(|name| name != "aws");
            self.text(text);
        }
    }

    pub(super) fn space(self, budget: Budget) -> Space<'f> {
        Space::new(self.facts, &self.conditions, &self.symbols, self.partitions, budget)
    }
}
