//! The worlds in which two texts are equal.

use super::MAX_COMBINATIONS;
use super::collect::cuts;
use super::diagram::{ALL, NONE, Set, Variable};
use super::space::{Asked, Input, Space};
use crate::model::{Domain, Other, Symbol, Text, Truth};

impl Space<'_> {
    /// The worlds in which two texts are equal.
    pub(in crate::buckets) fn equal(&mut self, one: &Text, two: &Text) -> Set {
        match one.equals(two) {
            Truth::Yes => return ALL,
            Truth::No => return NONE,
            Truth::Maybe => {}
        }
        match (one.as_literal(), two.as_literal()) {
            (Some(literal), None) => self.is_literal(two, literal),
            (None, Some(literal)) => self.is_literal(one, literal),
            _ => self.same(one, two),
        }
    }

    /// The worlds in which a text is a literal: for each way of cutting it, all holes have their part.
    fn is_literal(&mut self, text: &Text, literal: &str) -> Set {
        let Some(cuts) = cuts(text, literal) else { return self.unclear(text, &Text::literal(literal)) };
        let mut any = NONE;
        for cut in cuts {
            let mut all = ALL;
            for (symbol, value) in &cut {
                let is = match self.symbol_is(symbol, value) {
                    Some(is) => is,
                    // A symbol that was not collected (a text that only a policy holds).
                    None => self.unclear(&Text::hole((*symbol).clone()), &Text::literal(*value)),
                };
                all = self.diagram.and(all, is);
            }
            any = self.diagram.or(any, all);
        }
        any
    }

    /// Two texts with holes: by the values of those that are told apart, and by a guess where none of them says.
    fn same(&mut self, one: &Text, two: &Text) -> Set {
        let mut symbols: Vec<Symbol> = one.symbols().chain(two.symbols()).cloned().collect();
        symbols.sort();
        symbols.dedup();
        let variables: Vec<(Symbol, Variable)> = symbols
            .into_iter()
            .filter_map(|symbol| self.variable(&symbol).map(|variable| (symbol, variable)))
            .collect();
        let pair = one.as_symbol().is_some() && two.as_symbol().is_some();
        let combinations = variables.iter().map(|(_, variable)| self.values(*variable).len() + 1).product::<usize>();
        if combinations > MAX_COMBINATIONS && !pair {
            return self.unclear(one, two);
        }
        if pair {
            return self.same_symbols(one, two, &variables);
        }
        self.same_below(one, two, &variables)
    }

    /// Two symbols are equal where they have one value, or both another one and that is guessed to be the same.
    fn same_symbols(&mut self, one: &Text, two: &Text, variables: &[(Symbol, Variable)]) -> Set {
        let [(_, first), (_, second)] = variables else { return self.unclear(one, two) };
        let (first, second) = (*first, *second);
        let mut any = NONE;
        for (at, value) in (0u32..).zip(self.values(first).to_vec()) {
            let Some(other) = self.values(second).iter().position(|one| *one == value) else { continue };
            let first = self.diagram.has(first, at);
            let second = self.diagram.has(second, u32::try_from(other).unwrap_or(u32::MAX));
            let both = self.diagram.and(first, second);
            any = self.diagram.or(any, both);
        }
        let neither = |space: &mut Self, variable: Variable| {
            let count = u32::try_from(space.values(variable).len()).unwrap_or(u32::MAX);
            let values: Vec<(u32, bool)> = (0..count).map(|value| (value, false)).collect();
            space.diagram.one_of(variable, &values, true)
        };
        let (others, more) = (neither(self, first), neither(self, second));
        let both = self.diagram.and(others, more);
        if both == NONE || self.have_nothing_else_in_common(first, second) {
            return any;
        }
        let guess = self.unclear(one, two);
        let guessed = self.diagram.and(both, guess);
        self.diagram.or(any, guessed)
    }

    /// Whether no value that is not told apart can be that of both.
    fn have_nothing_else_in_common(&self, first: Variable, second: Variable) -> bool {
        let domain = |variable: Variable| match &self.asked.get(variable as usize)?.input {
            Input::Symbol(symbol) => Some(self.facts.domain(symbol)),
            _ => None,
        };
        let (Some(one), Some(two)) = (domain(first), domain(second)) else { return false };
        let told = self.values(first).iter().chain(self.values(second)).cloned().collect();
        Domain::common(&[&one, &two], &told) == Other::None
    }

    fn same_below(&mut self, one: &Text, two: &Text, variables: &[(Symbol, Variable)]) -> Set {
        match one.equals(two) {
            Truth::Yes => return ALL,
            Truth::No => return NONE,
            Truth::Maybe => {}
        }
        let Some(((symbol, variable), rest)) = variables.split_first() else {
            return match (one.as_literal(), two.as_literal()) {
                // Whatever is left is none of the literals that are told apart.
                (Some(literal), None) if two.as_symbol().is_some_and(|s| self.tells(s, literal)) => NONE,
                (None, Some(literal)) if one.as_symbol().is_some_and(|s| self.tells(s, literal)) => NONE,
                _ => self.unclear(one, two),
            };
        };
        let mut any = NONE;
        let mut others = Vec::new();
        for (at, value) in (0u32..).zip(self.values(*variable).to_vec()) {
            let put = |text: &Text| text.substitute(&|other| (other == symbol).then(|| Text::literal(value.clone())));
            let below = self.same_below(&put(one), &put(two), rest);
            let is = self.diagram.has(*variable, at);
            let here = self.diagram.and(is, below);
            any = self.diagram.or(any, here);
            others.push((at, false));
        }
        let below = self.same_below(one, two, rest);
        let other = self.diagram.one_of(*variable, &others, true);
        let here = self.diagram.and(other, below);
        self.diagram.or(any, here)
    }

    fn tells(&self, symbol: &Symbol, literal: &str) -> bool {
        self.variable(symbol).is_some_and(|variable| self.values(variable).iter().any(|one| one == literal))
    }

    /// A guess: whether two texts are equal.
    fn unclear(&mut self, one: &Text, two: &Text) -> Set {
        let (one, two) = if one <= two { (one.clone(), two.clone()) } else { (two.clone(), one.clone()) };
        let obstacle = one
            .symbols()
            .chain(two.symbols())
            .find(|symbol| !self.facts.parameters.contains_key(symbol) && symbol.pseudo().is_none())
            .map(|symbol| symbol.unknown().clone());
        let variable = self.add(Asked { input: Input::Equal(one, two), values: Vec::new(), obstacle });
        self.diagram.has(variable, 1)
    }
}
