//! The fewest inputs that make something so, each with a value that can be chosen.

use super::concrete::Values;
use super::diagram::{ALL, Choice, Left, LeftOf, Set, Variable};
use super::parts::{Held, Whole};
use super::space::{Input, Space};
use crate::model::{Symbol, Unknown};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// With more inputs than this, the fewest are found by leaving out one after the other.
const MAX_EXACT: usize = 12;
/// How many worlds of a set are tried in search of one that can be brought about.
const MAX_TRIES: usize = 24;

/// What is chosen for one input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chosen {
    /// This value.
    Value(String),
    /// Any value but these.
    Not(Vec<String>),
}

/// Inputs and their values: wherever they are so, what is told holds.
#[derive(Clone, Debug, Default)]
pub(in crate::buckets) struct Cube {
    /// What is given for each input, by one of its symbols.
    pub(in crate::buckets) chosen: BTreeMap<Symbol, Chosen>,
    /// The worlds of which they are true.
    pub(in crate::buckets) worlds: Set,
}

impl Space<'_> {
    /// The fewest inputs that keep to `set`; an error names what keeps its worlds from being brought about.
    pub(in crate::buckets) fn fewest(&mut self, set: Set) -> Result<Cube, Vec<Unknown>> {
        self.fewest_of(set, set)
    }

    /// The fewest inputs that make a world of `set` and keep to `good`, which is all of `set` and more.
    pub(in crate::buckets) fn fewest_of(&mut self, set: Set, good: Set) -> Result<Cube, Vec<Unknown>> {
        let free = |variable: Variable, asked: &[super::space::Asked]| {
            asked.get(variable as usize).is_some_and(|asked| asked.obstacle.is_some())
        };
        let asked = self.asked.clone();
        let obstacle = |variable: Variable| free(variable, &asked);
        // Nobody chooses what hangs on an obstacle: it has to be so whatever that comes to.
        let possible = self.diagram.and(self.sure, good);
        let firm = self.diagram.whatever(possible, &obstacle);
        let firm = self.diagram.and(firm, set);
        let mut left = firm;
        for _ in 0..MAX_TRIES {
            let Some(world) = self.diagram.pick(left) else { break };
            if let Some(values) = self.concrete(&world) {
                let outside = self.diagram.not(good);
                let wrong = self.diagram.and(self.may, outside);
                return Ok(self.cube(&world, &values, wrong, firm));
            }
            let here = self.world_set(&world);
            left = self.diagram.without(left, here);
        }
        Err(self.obstacles(good))
    }

    /// What stands in the way of choosing a world of a set.
    pub(in crate::buckets) fn obstacles(&mut self, set: Set) -> Vec<Unknown> {
        let mut found: Vec<Unknown> = Vec::new();
        let add = |found: &mut Vec<Unknown>, unknown: &Unknown| {
            if !found.iter().any(|known| known.span == unknown.span && known.cause == unknown.cause) {
                found.push(unknown.clone());
            }
        };
        let both = self.diagram.and(self.may, set);
        let support = self.diagram.support(both);
        for pass in 0..2 {
            for variable in &support {
                let Some(asked) = self.asked.get(*variable as usize) else { continue };
                if let Some(obstacle) = &asked.obstacle {
                    add(&mut found, obstacle);
                }
                let symbols: Vec<&Symbol> = match &asked.input {
                    Input::Symbol(symbol) => vec![symbol],
                    Input::Equal(one, two) => one.symbols().chain(two.symbols()).collect(),
                    Input::Unread(_) => Vec::new(),
                };
                for symbol in symbols {
                    let unread = self.facts.parameters.get(symbol).and_then(|one| one.domain.unread.as_deref());
                    match unread {
                        Some(unread) => add(&mut found, unread),
                        None if pass == 1 => add(&mut found, symbol.unknown()),
                        None => {}
                    }
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    /// The worlds that agree with one in all that it says.
    fn world_set(&mut self, world: &HashMap<Variable, Choice>) -> Set {
        let mut sorted: Vec<(Variable, Choice)> = world.iter().map(|(variable, choice)| (*variable, *choice)).collect();
        sorted.sort_unstable();
        let sets = sorted.into_iter().map(|(variable, choice)| self.choice_set(variable, choice)).collect();
        self.diagram.all(sets)
    }

    fn choice_set(&mut self, variable: Variable, choice: Choice) -> Set {
        if let Some(value) = choice {
            return self.diagram.has(variable, value);
        }
        let count = self.asked.get(variable as usize).map_or(0, |asked| asked.values.len());
        // What is true or not has the one value that says that it is.
        let values = if count == 0 { 1..2 } else { 0..u32::try_from(count).unwrap_or(u32::MAX) };
        let values: Vec<(u32, bool)> = values.map(|value| (value, false)).collect();
        self.diagram.one_of(variable, &values, true)
    }

    fn left_set(&mut self, variable: Variable, left: &Left) -> Set {
        match left {
            Left::Only(choice) => self.choice_set(variable, *choice),
            Left::AllBut(values) => {
                let values: Vec<(u32, bool)> = values.iter().map(|value| (*value, false)).collect();
                self.diagram.one_of(variable, &values, true)
            }
        }
    }

    /// The fewest symbols whose values in a world keep what is possible out of `wrong`.
    fn cube(&mut self, world: &HashMap<Variable, Choice>, values: &Values, wrong: Set, firm: Set) -> Cube {
        let support = self.diagram.support(wrong);
        let symbols: Vec<Variable> = support
            .iter()
            .copied()
            .filter(|variable| {
                self.asked
                    .get(*variable as usize)
                    .is_some_and(|asked| matches!(asked.input, Input::Symbol(_)) && asked.obstacle.is_none())
            })
            .collect();
        let others: Vec<Variable> = support.iter().copied().filter(|variable| !symbols.contains(variable)).collect();
        let fixed = |space: &mut Self, kept: &[Variable], guesses: &[Variable]| {
            let own = |variable: &Variable| (*variable, Left::Only(world.get(variable).copied().flatten()));
            let left: LeftOf = kept.iter().chain(guesses).map(own).collect();
            !space.diagram.meets(wrong, &left)
        };
        let with_guesses = !fixed(self, &symbols, &[]);
        // Whether two other values are the same is told by giving both.
        let mut guesses = if with_guesses { others.clone() } else { Vec::new() };
        for variable in &others {
            let fewer: Vec<Variable> = guesses.iter().copied().filter(|other| other != variable).collect();
            if with_guesses && fixed(self, &symbols, &fewer) {
                guesses = fewer;
            }
        }
        let mut kept = symbols.clone();
        // Those that come first in the order are those that the resource itself hangs on: they go last.
        for variable in symbols.iter().rev() {
            let fewer: Vec<Variable> = kept.iter().copied().filter(|other| other != variable).collect();
            if fixed(self, &fewer, &guesses) {
                kept = fewer;
            }
        }
        let mut uncertain: BTreeSet<Symbol> = BTreeSet::new();
        for variable in &guesses {
            if let Some(Input::Equal(one, two)) = self.asked.get(*variable as usize).map(|asked| &asked.input) {
                uncertain.extend(one.symbols().chain(two.symbols()).cloned());
            }
        }
        let by_guess = uncertain.iter().filter_map(|symbol| self.variable(symbol));
        let told: BTreeSet<Variable> = kept.iter().copied().chain(by_guess).collect();
        if told.len() > 1
            && symbols.len() <= MAX_EXACT
            && let Some((fewer, other, values)) = self.smaller(&symbols, told.len(), wrong, firm)
        {
            return self.told(&fewer, &other, &values, wrong, (&BTreeSet::new(), ALL));
        }
        let as_guessed = guesses.iter().map(|one| self.choice_set(*one, world.get(one).copied().flatten())).collect();
        let as_guessed = self.diagram.all(as_guessed);
        self.told(&kept, world, values, wrong, (&uncertain, as_guessed))
    }

    /// A smaller set of variables that will do with some other values, and a world with these.
    fn smaller(
        &mut self,
        symbols: &[Variable],
        than: usize,
        wrong: Set,
        firm: Set,
    ) -> Option<(Vec<Variable>, HashMap<Variable, Choice>, Values)> {
        let mut masks: Vec<u32> =
            (0..1u32 << symbols.len()).filter(|mask| (mask.count_ones() as usize) < than).collect();
        masks.sort_by_key(|mask| mask.count_ones());
        for mask in masks {
            let kept: Vec<Variable> =
                (0u32..).zip(symbols).filter(|(at, _)| mask >> at & 1 == 1).map(|(_, v)| *v).collect();
            let free = |variable: Variable| !kept.contains(&variable);
            let spoilt = self.diagram.freed(wrong, &free);
            let right = self.diagram.not(spoilt);
            let good = self.diagram.and(right, firm);
            if self.diagram.is_exhausted() {
                return None;
            }
            let mut left = good;
            for _ in 0..4 {
                let Some(world) = self.diagram.pick(left) else { break };
                if let Some(values) = self.concrete(&world) {
                    return Some((kept, world, values));
                }
                let here = self.world_set(&world);
                left = self.diagram.without(left, here);
            }
        }
        None
    }

    /// What is given for some inputs, and for those that a guess is about, with the worlds in which it is as guessed.
    fn told(
        &mut self,
        kept: &[Variable],
        world: &HashMap<Variable, Choice>,
        values: &Values,
        wrong: Set,
        (guessed, guess): (&BTreeSet<Symbol>, Set),
    ) -> Cube {
        let mut cube = Cube { chosen: BTreeMap::new(), worlds: guess };
        let wrong = self.diagram.and(wrong, guess);
        let mut left = LeftOf::new();
        for variable in kept {
            let Some(Input::Symbol(symbol)) = self.asked.get(*variable as usize).map(|asked| asked.input.clone())
            else {
                continue;
            };
            let choice = world.get(variable).copied().flatten();
            left.insert(*variable, Left::Only(choice));
            let chosen = match choice {
                Some(value) => {
                    let values =
                        self.asked.get(*variable as usize).map(|asked| asked.values.clone()).unwrap_or_default();
                    Chosen::Value(values.get(value as usize).cloned().unwrap_or_default())
                }
                None => Chosen::Not(Vec::new()),
            };
            cube.chosen.insert(symbol, chosen);
        }
        for symbol in guessed {
            if let Some(value) = values.get(symbol) {
                cube.chosen.insert(symbol.clone(), Chosen::Value(value.clone()));
            }
        }
        for variable in kept {
            self.widen(*variable, wrong, guessed, &mut left, &mut cube);
        }
        cube.chosen = self.given(&cube.chosen, values);
        let mut sets: Vec<Set> = left.into_iter().map(|(variable, left)| self.left_set(variable, &left)).collect();
        sets.push(guess);
        cube.worlds = self.diagram.all(sets);
        cube
    }

    /// What is given for the parameters that symbols are parts of: one value where it takes more than one part.
    fn given(&self, chosen: &BTreeMap<Symbol, Chosen>, values: &Values) -> BTreeMap<Symbol, Chosen> {
        let mut parameters: BTreeMap<Whole<'_>, Vec<&Symbol>> = BTreeMap::new();
        for symbol in chosen.keys() {
            if let Some((whole, _)) = self.part_of(symbol) {
                parameters.entry(whole).or_default().push(symbol);
            }
        }
        let mut given = BTreeMap::new();
        for (symbol, own) in chosen {
            let Some((whole, part)) = self.part_of(symbol) else {
                given.insert(symbol.clone(), own.clone());
                continue;
            };
            // What a part is says of the value that it has that part, not what it is.
            let alone = || match own {
                _ if part.whole_of("").is_some() => Some(own.clone()),
                Chosen::Value(text) => self.whole(&[(symbol, Held::Value(text))]).map(Chosen::Value),
                Chosen::Not(texts) => self.whole(&[(symbol, Held::Other(texts))]).map(Chosen::Value),
            };
            let value = match parameters.get(&whole).map(Vec::as_slice) {
                Some([first, _, ..]) if *first != symbol => continue,
                Some(parts @ [_, _, ..]) => {
                    let held = |symbol: &&'_ Symbol| values.get(*symbol).map(|text| Held::Value(text));
                    let parts: Vec<_> = parts.iter().filter_map(|symbol| Some((*symbol, held(symbol)?))).collect();
                    self.whole(&parts).map_or_else(|| own.clone(), Chosen::Value)
                }
                _ => alone().unwrap_or_else(|| own.clone()),
            };
            given.insert(symbol.clone(), value);
        }
        given
    }

    /// A value of an input becomes "any but these" where most will do: all but those that are told apart and lead
    /// elsewhere. `left` holds what each input is as it is told so far: what one may be besides hangs on what the
    /// others may be.
    fn widen(
        &mut self,
        variable: Variable,
        wrong: Set,
        guessed: &BTreeSet<Symbol>,
        left: &mut LeftOf,
        cube: &mut Cube,
    ) {
        let Some(asked) = self.asked.get(variable as usize).cloned() else { return };
        let Input::Symbol(symbol) = &asked.input else { return };
        if guessed.contains(symbol) {
            return;
        }
        let (bad, bad_other) = self.diagram.values(wrong, variable, left);
        if bad_other {
            return;
        }
        let (good, good_other) = self.diagram.values(self.sure, variable, left);
        let good: Vec<u32> = good.into_iter().filter(|value| !bad.contains(value)).collect();
        let name = |value: &u32| asked.values.get(*value as usize).cloned();
        let not: Vec<String> = bad.iter().filter_map(name).collect();
        let chosen = match (good.as_slice(), good_other) {
            // One value is left: that is said.
            ([only], false) => name(only).map(Chosen::Value),
            // A value that is one of many good ones, where fewer are bad.
            (_, false) if good.len() < not.len() => None,
            _ => Some(Chosen::Not(not)),
        };
        if let Some(chosen) = chosen {
            if matches!(chosen, Chosen::Not(_)) {
                left.insert(variable, Left::AllBut(bad));
            }
            cube.chosen.insert(symbol.clone(), chosen);
        }
    }
}
