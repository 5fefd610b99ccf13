//! Texts that are parts of one parameter's value: the value settles them all.

use super::diagram::{Set, Variable};
use super::space::{Input, Space};
use crate::model::{Domain, Part, Scope, Symbol, Truth};
use std::collections::BTreeMap;

/// How many ways of filling up a value are tried.
const FILLINGS: [&str; 4] = ["x", "y", "z", "w"];

/// What a world says of a part.
#[derive(Clone, Copy)]
pub(super) enum Held<'s> {
    /// It is this.
    Value(&'s str),
    /// It is none of these.
    Other(&'s [String]),
}

impl Held<'_> {
    fn allows(self, text: &str) -> bool {
        match self {
            Self::Value(value) => value == text,
            Self::Other(literals) => !literals.iter().any(|literal| literal == text),
        }
    }
}

/// A parameter, by the template and the name.
pub(super) type Whole<'s> = (Scope, &'s str);

impl Space<'_> {
    /// The parameter that a symbol is a part of.
    pub(super) fn part_of(&self, symbol: &Symbol) -> Option<(Whole<'_>, &Part)> {
        let parameter = self.facts.parameters.get(symbol)?;
        Some(((symbol.scope(), &parameter.name), &parameter.part))
    }

    /// Where the value of a parameter is one that is told apart, so are its parts.
    pub(super) fn bound_parts(&mut self) {
        let mut groups: BTreeMap<(Scope, String), Vec<(Variable, Part)>> = BTreeMap::new();
        for (variable, asked) in (0u32..).zip(&self.asked) {
            if let Input::Symbol(symbol) = &asked.input
                && let Some(((scope, name), part)) = self.part_of(symbol)
            {
                groups.entry((scope, name.to_owned())).or_default().push((variable, part.clone()));
            }
        }
        for group in groups.values().filter(|group| group.len() > 1) {
            for (whole, part) in group {
                for (value, text) in (0u32..).zip(self.values(*whole).to_vec()) {
                    let Some(text) = part.whole_of(&text) else { break };
                    let there = self.diagram.has(*whole, value);
                    self.settles(there, text, group, *whole);
                }
            }
        }
    }

    /// Wherever `there`, the value of a parameter is `text`, and each other of its parts is what that makes it.
    fn settles(&mut self, there: Set, text: &str, group: &[(Variable, Part)], whole: Variable) {
        for (variable, part) in group.iter().filter(|(variable, _)| *variable != whole) {
            // Taking a part that is not there fails the deployment, but it need not be taken in each.
            if let Some(text) = part.of(text) {
                self.implies(there, *variable, &text);
            }
        }
    }

    /// A value of a parameter of which all parts are as a world says.
    pub(super) fn whole(&self, parts: &[(&Symbol, Held<'_>)]) -> Option<String> {
        let of = |symbol: &Symbol| self.part_of(symbol).map(|(_, part)| part);
        let bounds = parts.first().and_then(|(symbol, _)| self.bounds_of_whole(symbol));
        let fits = |value: &String| {
            let allowed = bounds.is_none_or(|bounds| bounds.contains(value) == Truth::Yes);
            allowed
                && parts.iter().all(|(symbol, held)| {
                    let part = of(symbol).filter(|part| part.whole_of(value).is_none());
                    let text = part.map_or_else(|| Some(value.clone()), |part| part.of(value));
                    let bounded = part.is_some() || self.facts.domain(symbol).contains(value) == Truth::Yes;
                    bounded && text.map_or(matches!(held, Held::Other(_)), |text| held.allows(&text))
                })
        };
        let told = parts.iter().find_map(|(symbol, held)| match held {
            Held::Value(text) => of(symbol)?.whole_of(text).map(str::to_owned),
            Held::Other(_) => None,
        });
        let listed = || bounds?.listed().map(|all| all.into_iter().map(str::to_owned).collect());
        match told {
            Some(told) => Some(told).filter(fits),
            None => listed().unwrap_or_else(|| self.filled_up(parts)).into_iter().find(fits),
        }
    }

    /// The bounds of the parameter that a symbol is a part of.
    fn bounds_of_whole(&self, symbol: &Symbol) -> Option<&Domain> {
        let (whole, _) = self.part_of(symbol)?;
        let is_whole = |one: &Symbol| self.part_of(one).is_some_and(|(of, part)| of == whole && *part == Part::Whole);
        let (_, parameter) = self.facts.parameters.iter().find(|(one, _)| is_whole(one))?;
        Some(&parameter.domain)
    }

    /// Values with the items that a world names, and something in the other places.
    fn filled_up(&self, parts: &[(&Symbol, Held<'_>)]) -> Vec<String> {
        let mut items: BTreeMap<usize, &str> = BTreeMap::new();
        let (mut last, mut between) = (0, ",");
        let mut fillings: Vec<&str> = FILLINGS.to_vec();
        for (symbol, held) in parts {
            if let Some((_, Part::Item(delimiter, index))) = self.part_of(symbol) {
                let listed = self.facts.parameters.get(symbol).and_then(|one| one.domain.listed());
                fillings = listed.unwrap_or(fillings);
                last = last.max(*index);
                between = delimiter;
                if let Held::Value(text) = held {
                    items.insert(*index, text);
                }
            }
        }
        let mut found = Vec::new();
        for more in 0..=FILLINGS.len() {
            for filling in &fillings {
                let each = (0..=last + more).map(|at| items.get(&at).copied().unwrap_or(filling));
                found.push(each.collect::<Vec<_>>().join(between));
            }
        }
        found
    }
}
