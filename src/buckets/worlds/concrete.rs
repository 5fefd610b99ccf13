//! Worlds with a value for each input, so that somebody can bring them about.

use super::diagram::{Choice, Variable};
use super::parts::{Held, Whole};
use super::space::{Input, Space};
use crate::model::partition::{PARTITIONS, partition_of};
use crate::model::{Domain, Other, Part, Pseudo, Symbol, Text, Truth};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A world with a value for each input.
pub(super) type Values = BTreeMap<Symbol, String>;

/// What a world says of its inputs.
#[derive(Default)]
struct Said<'s> {
    values: Values,
    /// The same.
    told: Vec<(&'s Symbol, &'s str)>,
    /// Inputs that hold something else than these.
    others: Vec<(&'s Symbol, &'s [String])>,
    /// Inputs that it does not ask for: they may hold anything.
    free: Vec<(&'s Symbol, &'s [String])>,
    /// Texts that are the same, or not.
    guesses: Vec<(&'s Text, &'s Text, bool)>,
}

impl Said<'_> {
    /// The symbols that are guessed to be the same as one, itself included.
    fn same_as<'a>(&'a self, symbol: &'a Symbol) -> BTreeSet<&'a Symbol> {
        let mut same = BTreeSet::from([symbol]);
        let pairs = || self.guesses.iter().filter(|guess| guess.2).filter_map(|g| g.0.as_symbol().zip(g.1.as_symbol()));
        loop {
            let known = same.len();
            for (one, two) in pairs() {
                if same.contains(one) || same.contains(two) {
                    same.extend([one, two]);
                }
            }
            if same.len() == known {
                return same;
            }
        }
    }
}

impl Space<'_> {
    /// A value for each input of a world, where all that it says can be so.
    pub(super) fn concrete(&self, world: &HashMap<Variable, Choice>) -> Option<Values> {
        let mut said = self.said(world);
        let wholes = self.wholes(&said)?;
        for (symbol, text) in &wholes {
            said.values.insert((*symbol).clone(), text.clone());
        }
        said.others.retain(|(symbol, _)| !wholes.contains_key(symbol));
        let mut values = said.values.clone();
        // Two of which it is said that they differ are not given one value.
        let compared: BTreeSet<&Symbol> =
            said.guesses.iter().flat_map(|(one, two, _)| one.symbols().chain(two.symbols())).collect();
        let mut used: BTreeSet<String> = BTreeSet::new();
        for (symbol, literals) in &said.others {
            let same = said.same_as(symbol);
            let value = match same.iter().find_map(|other| values.get(*other)) {
                Some(value) => value.clone(),
                None => self.fresh(symbol, &same, literals, &used, &values)?,
            };
            // A value that hangs on an obstacle is nobody's choice, and any will do.
            let is_chosen = self.facts.parameters.contains_key(*symbol) || symbol.pseudo().is_some();
            if is_chosen && (literals.contains(&value) || !self.can_hold(symbol, &value)) {
                return None;
            }
            used.extend(compared.contains(*symbol).then(|| value.clone()));
            values.insert((*symbol).clone(), value);
        }
        for (symbol, literals) in &said.free {
            let same = said.same_as(symbol);
            let shared = same.iter().find_map(|other| values.get(*other)).cloned();
            let listed = || literals.iter().find(|literal| self.can_hold(symbol, literal)).cloned();
            let value = shared.or_else(|| self.fresh(symbol, &same, literals, &used, &values)).or_else(listed);
            let Some(value) = value.filter(|value| self.can_hold(symbol, value)) else { continue };
            used.extend(compared.contains(*symbol).then(|| value.clone()));
            values.insert((*symbol).clone(), value);
        }
        let kept = |(one, two, same): &(&Text, &Text, bool)| match (filled(one, &values), filled(two, &values)) {
            (Some(one), Some(two)) => (one == two) == *same,
            _ => false,
        };
        said.guesses.iter().all(kept).then_some(values)
    }

    fn said(&self, world: &HashMap<Variable, Choice>) -> Said<'_> {
        let mut said = Said::default();
        for (variable, asked) in (0u32..).zip(&self.asked) {
            let choice = world.get(&variable).copied();
            match &asked.input {
                Input::Symbol(symbol) => match (choice, choice.flatten()) {
                    (_, Some(value)) => {
                        let value = asked.values.get(value as usize).map(String::as_str).unwrap_or_default();
                        said.told.push((symbol, value));
                        said.values.insert(symbol.clone(), value.to_owned());
                    }
                    (Some(_), None) => said.others.push((symbol, &asked.values)),
                    (None, None) => said.free.push((symbol, &asked.values)),
                },
                Input::Equal(one, two) => said.guesses.extend(choice.map(|choice| (one, two, choice == Some(1)))),
                Input::Unread(_) => {}
            }
        }
        said
    }

    /// The parts of parameters of which a world says more than one thing, as one value of each makes them; `None` where
    /// none does.
    fn wholes<'s>(&self, said: &Said<'s>) -> Option<BTreeMap<&'s Symbol, String>> {
        let mut groups: BTreeMap<Whole<'_>, Vec<(&'s Symbol, Held<'_>)>> = BTreeMap::new();
        let told = said.told.iter().map(|(symbol, text)| (*symbol, Held::Value(text)));
        let others = said.others.iter().map(|(symbol, literals)| (*symbol, Held::Other(literals)));
        for (symbol, held) in told.chain(others) {
            if let Some((whole, _)) = self.part_of(symbol) {
                groups.entry(whole).or_default().push((symbol, held));
            }
        }
        let mut found = BTreeMap::new();
        for group in groups.values().filter(|group| group.len() > 1) {
            let value = self.whole(group)?;
            for (symbol, _) in group {
                let text = match self.part_of(symbol) {
                    Some((_, part)) if part.whole_of(&value).is_none() => part.of(&value),
                    _ => Some(value.clone()),
                };
                found.extend(text.map(|text| (*symbol, text)));
            }
        }
        Some(found)
    }

    /// Whether a symbol can be made to hold a text.
    fn can_hold(&self, symbol: &Symbol, text: &str) -> bool {
        let part = self.facts.parameters.get(symbol).map_or(&Part::Whole, |one| &one.part);
        self.facts.domain(symbol).contains(text) == Truth::Yes && part.value_for(text).is_some()
    }

    /// A value that nobody names, and that all symbols that are the same can hold.
    fn fresh(
        &self,
        symbol: &Symbol,
        same: &BTreeSet<&Symbol>,
        literals: &[String],
        used: &BTreeSet<String>,
        values: &Values,
    ) -> Option<String> {
        if symbol.pseudo() == Some(Pseudo::Region) {
            let partition = values.get(&Pseudo::Partition.symbol(symbol.scope()));
            let fits = |region: &&&str| {
                !literals.iter().any(|literal| literal == **region)
                    && !used.contains(**region)
                    && partition.is_none_or(|name| partition_of(region).is_some_and(|home| home.name == name))
            };
            let known = PARTITIONS.iter().flat_map(|one| one.example).find(fits).map(|region| (*region).to_owned());
            // Each partition may get more.
            let next = |region: &&str| {
                let (place, _) = region.rsplit_once('-')?;
                (2..=9).map(|number| format!("{place}-{number}")).find(|region| fits(&&region.as_str()))
            };
            return known.or_else(|| PARTITIONS.iter().flat_map(|one| one.example).find_map(next));
        }
        let known: BTreeSet<String> = literals.iter().cloned().collect();
        let distinct = known.union(used).cloned().collect();
        let domains: Vec<Arc<Domain>> = same.iter().map(|symbol| self.facts.domain(symbol)).collect();
        let other = |than: &BTreeSet<String>| match domains.as_slice() {
            [only] => only.other(than),
            all => Domain::common(&all.iter().map(Arc::as_ref).collect::<Vec<_>>(), than),
        };
        match (other(&distinct), other(&known)) {
            (Other::Some(value), _) | (_, Other::Some(value)) => Some(value),
            _ => None,
        }
    }
}

/// A text with all its holes filled.
fn filled(text: &Text, values: &Values) -> Option<String> {
    let filled = text.substitute(&|symbol| values.get(symbol).map(Text::literal));
    filled.as_literal().map(str::to_owned)
}
