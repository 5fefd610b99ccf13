//! What conditions compare, before anything is made of it.

use super::Facts;
use super::within::is_chosen;
use crate::model::partition::PARTITIONS;
use crate::model::{Condition, Name, Other, Part, Piece, Pseudo, Symbol, Text, Truth};
use std::collections::{BTreeMap, BTreeSet};

/// How many ways of cutting a literal along a text with holes are told apart.
const MAX_CUTS: usize = 64;
/// How many places are looked at for that.
const MAX_CUT_STEPS: u32 = 20_000;
/// How many values of one symbol are tried in search of one that another cannot hold.
const MAX_SEPARATING: usize = 8;

/// What conditions compare, before anything is made of it.
#[derive(Default)]
pub(super) struct Collected<'c> {
    pub(super) symbols: BTreeMap<Symbol, BTreeSet<String>>,
    /// Symbols that are compared with each other.
    pub(super) pairs: BTreeSet<(Symbol, Symbol)>,
    seen: BTreeSet<*const Condition>,
    pub(super) assertions: BTreeSet<usize>,
    /// Whether partitions are told apart where Regions are.
    pub(super) partitions: bool,
    conditions: Vec<&'c Condition>,
}

/// What is told by a Region: they go with each other.
const KIN: [Pseudo; 3] = [Pseudo::Region, Pseudo::Partition, Pseudo::UrlSuffix];

impl<'c> Collected<'c> {
    pub(super) fn condition(&mut self, condition: &'c Condition) {
        if !self.seen.insert(condition) {
            return;
        }
        self.conditions.push(condition);
        match condition {
            Condition::Always | Condition::Never | Condition::Unknown(_) => {}
            Condition::Named { formula, .. } | Condition::Not(formula) => self.condition(formula),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            Condition::Equals(one, two) => self.equality(one, two),
            Condition::Within(text, domain) => {
                if let Some(symbol) = text.as_symbol().filter(|symbol| is_chosen(symbol)) {
                    let literals = self.symbols.entry(symbol.clone()).or_default();
                    literals.extend(domain.listed().into_iter().flatten().map(str::to_owned));
                }
            }
        }
    }

    /// The symbols in the order in which the conditions speak of them. One may stand there more than once.
    pub(super) fn order(&self) -> Vec<&'c Symbol> {
        let texts = self.conditions.iter().flat_map(|condition| match condition {
            Condition::Equals(one, two) => [Some(one), Some(two)],
            Condition::Within(text, _) => [Some(text), None],
            _ => [None, None],
        });
        texts.flatten().flat_map(Text::symbols).collect()
    }

    fn equality(&mut self, one: &Text, two: &Text) {
        for symbol in one.symbols().chain(two.symbols()) {
            self.symbols.entry(symbol.clone()).or_default();
        }
        let (text, literal) = match (one.as_literal(), two.as_literal()) {
            (Some(literal), None) => (two, literal),
            (None, Some(literal)) => (one, literal),
            _ => {
                if let (Some(one), Some(two)) = (one.as_symbol(), two.as_symbol()) {
                    let (one, two) = if one <= two { (one, two) } else { (two, one) };
                    self.pairs.insert((one.clone(), two.clone()));
                }
                return;
            }
        };
        for (symbol, value) in cuts(text, literal).into_iter().flatten().flatten() {
            self.symbols.entry(symbol.clone()).or_default().insert(value.to_owned());
        }
    }

    /// The symbols that conditions compare with a literal.
    pub(super) fn compared(&self) -> BTreeSet<Symbol> {
        let with_literals = self.symbols.iter().filter(|(_, literals)| !literals.is_empty());
        with_literals.map(|(symbol, _)| symbol.clone()).collect()
    }

    /// Takes in what is asserted of anything that is taken in, and shares literals between what is compared.
    pub(super) fn close(&mut self, facts: &'c Facts<'c>) {
        let mut left: Vec<Symbol> = self.symbols.keys().cloned().collect();
        let mut done: BTreeSet<Symbol> = BTreeSet::new();
        while let Some(symbol) = left.pop() {
            if !done.insert(symbol.clone()) {
                continue;
            }
            // A Region goes with its partition: what is asserted of the one is of the other.
            if symbol.pseudo().is_some_and(|own| KIN.contains(&own)) {
                left.extend(KIN.map(|kin| kin.symbol(symbol.scope())));
            }
            // What is asserted of a parameter is of its parts, and its listed values say which of them go together.
            if let Name::Part(whole, _) = symbol.name() {
                left.push(whole.clone());
                if facts.listed(whole).is_some() {
                    self.symbols.entry(whole.clone()).or_default();
                }
            }
            for &at in facts.asserted.get(&symbol).into_iter().flatten() {
                if self.assertions.insert(at)
                    && let Some(assertion) = facts.assertions.get(at)
                {
                    self.condition(&assertion.holds);
                    left.extend(assertion.about.iter().cloned());
                    left.extend(self.symbols.keys().filter(|symbol| !done.contains(*symbol)).cloned());
                }
            }
        }
        self.partitions();
        for (symbol, literals) in &mut self.symbols {
            literals.extend(facts.listed(symbol).into_iter().flatten().map(str::to_owned));
        }
        self.parts(facts);
        self.separate(facts);
        // Each pass carries literals one step further.
        for _ in 0..self.pairs.len().min(16) {
            for (one, two) in &self.pairs {
                let of = |symbol: &Symbol| self.symbols.get(symbol).cloned().unwrap_or_default();
                let both: BTreeSet<String> = of(one).union(&of(two)).cloned().collect();
                if both.len() > super::MAX_COMBINATIONS {
                    continue;
                }
                for symbol in [one, two] {
                    self.symbols.insert(symbol.clone(), both.clone());
                }
            }
        }
    }

    /// What the literals of a parameter make of its parts.
    fn parts(&mut self, facts: &Facts<'_>) {
        let of = |symbol: &Symbol| facts.parameters.get(symbol).map(|one| (symbol.scope(), &one.name, &one.part));
        let all: Vec<(Symbol, BTreeSet<String>)> = self.symbols.clone().into_iter().collect();
        for (symbol, literals) in &mut self.symbols {
            let is_part = |part: &Part| part.whole_of("").is_none();
            let Some((scope, name, part)) = of(symbol).filter(|(.., part)| is_part(part)) else { continue };
            for (other, wholes) in all.iter().filter(|(other, _)| other != symbol) {
                let Some((_, _, whole)) = of(other).filter(|(s, n, _)| (*s, *n) == (scope, name)) else { continue };
                literals.extend(wholes.iter().filter_map(|text| part.of(whole.whole_of(text)?)));
            }
        }
    }

    /// Of two symbols that are compared, one may hold what the other cannot: that value alone tells them apart.
    fn separate(&mut self, facts: &Facts<'_>) {
        for (one, two) in &self.pairs {
            for (symbol, other) in [(one, two), (two, one)] {
                let Some(literals) = self.symbols.get_mut(symbol) else { continue };
                let (own, excluded) = (facts.domain(symbol), facts.domain(other));
                let mut tried = literals.clone();
                for _ in 0..MAX_SEPARATING {
                    let Other::Some(value) = own.other(&tried) else { break };
                    if excluded.contains(&value) == Truth::No {
                        literals.insert(value);
                        break;
                    }
                    tried.insert(value);
                }
            }
        }
    }

    /// Regions, partitions and suffixes go together.
    fn partitions(&mut self) {
        let has = |collected: &Self, symbol: &Symbol| collected.symbols.contains_key(symbol);
        let scopes: BTreeSet<_> =
            self.symbols.keys().filter(|symbol| symbol.pseudo().is_some()).map(Symbol::scope).collect();
        for scope in scopes {
            let (partition, suffix) = (Pseudo::Partition.symbol(scope), Pseudo::UrlSuffix.symbol(scope));
            let with_suffix = has(self, &suffix);
            let with_region = self.partitions && has(self, &Pseudo::Region.symbol(scope));
            if has(self, &partition) || with_suffix || with_region {
                let names = PARTITIONS.iter().map(|one| one.name.to_owned());
                self.symbols.entry(partition).or_default().extend(names);
            }
            if with_suffix {
                let suffixes = PARTITIONS.iter().map(|one| one.suffix.to_owned());
                self.symbols.entry(suffix).or_default().extend(suffixes);
            }
        }
    }
}

/// A value for each hole of a text.
pub(super) type Cut<'s> = Vec<(&'s Symbol, &'s str)>;

/// All ways of cutting a literal so that a text with holes is it; `None` for too many.
pub(super) fn cuts<'s>(text: &'s Text, literal: &'s str) -> Option<Vec<Cut<'s>>> {
    let mut cutter = Cutter { found: Vec::new(), steps: MAX_CUT_STEPS };
    cutter.cut(text.pieces(), literal, &mut Vec::new())?;
    Some(cutter.found)
}

struct Cutter<'s> {
    found: Vec<Cut<'s>>,
    steps: u32,
}

impl<'s> Cutter<'s> {
    fn cut(&mut self, pieces: &'s [Piece], rest: &'s str, done: &mut Cut<'s>) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        let Some((first, after)) = pieces.split_first() else {
            if rest.is_empty() {
                self.found.push(done.clone());
            }
            return (self.found.len() <= MAX_CUTS).then_some(());
        };
        match first {
            Piece::Literal(literal) => match rest.strip_prefix(literal.as_str()) {
                Some(rest) => self.cut(after, rest, done),
                None => Some(()),
            },
            Piece::Hole(symbol) => {
                if let Some((_, value)) = done.iter().find(|(known, _)| *known == symbol) {
                    return match rest.strip_prefix(*value) {
                        Some(rest) => self.cut(after, rest, done),
                        None => Some(()),
                    };
                }
                if after.is_empty() {
                    done.push((symbol, rest));
                    self.found.push(done.clone());
                    done.pop();
                    return (self.found.len() <= MAX_CUTS).then_some(());
                }
                let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
                for at in ends {
                    let (Some(value), Some(rest)) = (rest.get(..at), rest.get(at..)) else { continue };
                    done.push((symbol, value));
                    self.cut(after, rest, done)?;
                    done.pop();
                }
                Some(())
            }
        }
    }
}
