//! The deployments that can be, as one set, and conditions as sets of them.
//!
//! Each text that a condition compares is a variable: its values are the literals that it is compared with, those that
//! its parameter allows, and "any other". What two texts have to do with each other beyond that (both something else,
//! and yet the same) is a variable of its own, and so is what cannot be read. Two sets bound the truth: worlds that
//! *may* be, and worlds that are *sure* to be possible, as far as bounds of parameters are understood.

use super::Facts;
use super::diagram::{ALL, Diagram, NONE, Set, Variable};
use crate::model::partition::{PARTITIONS, partition_of};
use crate::model::{Condition, Domain, Other, Piece, Pseudo, Symbol, SymbolKind, Text, Truth, Unknown};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// More variables than this are not looked at together.
const MAX_VARIABLES: usize = 800;
/// How many ways of cutting a literal along a text with holes are told apart.
const MAX_CUTS: usize = 64;
/// How many places are looked at for that.
const MAX_CUT_STEPS: u32 = 20_000;
/// How many combinations of literals are put into two texts to compare them.
const MAX_COMBINATIONS: usize = 256;

/// What a variable is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::s3) enum Input {
    /// What a symbol holds.
    Symbol(Symbol),
    /// Whether two texts are equal where their values do not say.
    Equal(Text, Text),
    /// Whether a condition holds that cannot be read, by its place.
    Unread(Span),
}

/// Something that worlds differ in.
#[derive(Clone, Debug)]
pub(in crate::s3) struct Asked {
    pub(in crate::s3) input: Input,
    /// The values that are told apart, by their numbers; none for what is true (1) or not.
    pub(in crate::s3) values: Vec<String>,
    /// Why nobody can choose it, where nobody can.
    pub(in crate::s3) obstacle: Option<Unknown>,
}

/// The worlds that concern one bucket.
pub(in crate::s3) struct Space<'a> {
    pub(in crate::s3) facts: &'a Facts<'a>,
    pub(in crate::s3) diagram: Diagram,
    pub(in crate::s3) asked: Vec<Asked>,
    index: HashMap<Input, Variable>,
    formulas: HashMap<*const Condition, Set>,
    /// Worlds that may be.
    pub(in crate::s3) may: Set,
    /// Worlds that can be brought about.
    pub(in crate::s3) sure: Set,
    /// Set where a limit was reached: then nothing here is to be trusted.
    pub(in crate::s3) overflow: bool,
}

/// What conditions compare, before anything is made of it.
#[derive(Default)]
struct Collected<'c> {
    symbols: BTreeMap<Symbol, BTreeSet<String>>,
    /// Symbols that are compared with each other.
    pairs: BTreeSet<(Symbol, Symbol)>,
    seen: BTreeSet<*const Condition>,
    assertions: BTreeSet<usize>,
    conditions: Vec<&'c Condition>,
}

impl<'a> Space<'a> {
    /// The worlds that conditions tell apart, and symbols with listed values in `texts`.
    pub(in crate::s3) fn new(
        facts: &'a Facts<'a>,
        conditions: &[&'a Condition],
        texts: &[&Symbol],
        steps: u64,
    ) -> Self {
        let mut collected = Collected::default();
        for condition in conditions {
            collected.condition(condition);
        }
        for symbol in texts {
            if facts.listed(symbol).is_some() {
                collected.symbols.entry((*symbol).clone()).or_default();
            }
        }
        collected.close(facts);
        let mut space = Self {
            facts,
            diagram: Diagram::new(steps),
            asked: Vec::new(),
            index: HashMap::new(),
            formulas: HashMap::new(),
            may: ALL,
            sure: ALL,
            overflow: false,
        };
        let Collected { symbols, pairs, assertions, .. } = collected;
        for (symbol, literals) in symbols {
            space.declare(symbol, literals.into_iter().collect());
        }
        space.bound_symbols();
        space.bound_regions();
        for (one, two) in pairs {
            space.equal(&Text::hole(one), &Text::hole(two));
        }
        space.bound_equalities();
        for at in assertions {
            if let Some(assertion) = facts.assertions.get(at) {
                let holds = space.formula(&assertion.holds);
                space.bound(holds, holds);
            }
        }
        space
    }

    fn bound(&mut self, may: Set, sure: Set) {
        self.may = self.diagram.and(self.may, may);
        self.sure = self.diagram.and(self.sure, sure);
    }

    /// Whether a limit was reached: then no set is to be trusted.
    pub(in crate::s3) fn is_exhausted(&self) -> bool {
        self.overflow || self.diagram.is_exhausted()
    }

    fn add(&mut self, asked: Asked) -> Variable {
        if let Some(&known) = self.index.get(&asked.input) {
            return known;
        }
        let variable = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
        self.overflow |= self.asked.len() >= MAX_VARIABLES;
        self.index.insert(asked.input.clone(), variable);
        self.asked.push(asked);
        variable
    }

    fn declare(&mut self, symbol: Symbol, values: Vec<String>) {
        let chosen = self.facts.parameters.contains_key(&symbol)
            || matches!(symbol.kind(), SymbolKind::Pseudo | SymbolKind::Partition);
        let obstacle = (!chosen).then(|| symbol.unknown().clone());
        self.add(Asked { input: Input::Symbol(symbol), values, obstacle });
    }

    /// The variable of a symbol.
    pub(in crate::s3) fn variable(&self, symbol: &Symbol) -> Option<Variable> {
        self.index.get(&Input::Symbol(symbol.clone())).copied()
    }

    fn values(&self, variable: Variable) -> &[String] {
        self.asked.get(variable as usize).map(|asked| asked.values.as_slice()).unwrap_or_default()
    }

    /// The worlds in which a symbol has a value that is told apart.
    pub(in crate::s3) fn symbol_is(&mut self, symbol: &Symbol, value: &str) -> Option<Set> {
        let variable = self.variable(symbol)?;
        let at = self.values(variable).iter().position(|one| one == value)?;
        Some(self.diagram.has(variable, u32::try_from(at).ok()?))
    }

    /// The bounds of parameters and of what AWS fills in.
    fn bound_symbols(&mut self) {
        for variable in 0..self.asked.len() {
            let Some(Asked { input: Input::Symbol(symbol), values, .. }) = self.asked.get(variable) else { continue };
            let domain = self.facts.domain(symbol);
            let contains: Vec<Truth> = values.iter().map(|value| domain.contains(value)).collect();
            let other = domain.other(&values.iter().cloned().collect());
            let variable = u32::try_from(variable).unwrap_or(u32::MAX);
            let of = |fits: &dyn Fn(Truth) -> bool| -> Vec<(u32, bool)> {
                (0u32..).zip(&contains).map(|(value, truth)| (value, fits(*truth))).collect()
            };
            let may = self.diagram.one_of(variable, &of(&|truth| truth != Truth::No), other != Other::None);
            let sure =
                self.diagram.one_of(variable, &of(&|truth| truth == Truth::Yes), matches!(other, Other::Some(_)));
            self.bound(may, sure);
        }
    }

    /// A Region goes with its partition, and a partition with its suffix.
    fn bound_regions(&mut self) {
        let scopes: BTreeSet<_> = self
            .asked
            .iter()
            .filter_map(|asked| match &asked.input {
                Input::Symbol(symbol) if symbol.pseudo().is_some() => Some(symbol.scope()),
                _ => None,
            })
            .collect();
        for scope in scopes {
            let partition = Pseudo::Partition.symbol(scope);
            if let Some(region) = self.variable(&Pseudo::Region.symbol(scope)) {
                for (at, value) in (0u32..).zip(self.values(region).to_vec()) {
                    let (Some(home), Some(variable)) = (partition_of(&value), self.variable(&partition)) else {
                        continue;
                    };
                    let there = self.diagram.has(region, at);
                    self.implies(there, variable, home.name);
                }
            }
            if let Some(suffix) = self.variable(&Pseudo::UrlSuffix.symbol(scope)) {
                for one in &PARTITIONS {
                    let Some(there) = self.symbol_is(&partition, one.name) else { continue };
                    self.implies(there, suffix, one.suffix);
                }
            }
        }
    }

    /// Wherever `there`, the variable has that value.
    fn implies(&mut self, there: Set, variable: Variable, value: &str) {
        let values = self.values(variable);
        let is: Vec<(u32, bool)> = (0u32..).zip(values).map(|(at, one)| (at, one == value)).collect();
        let listed = is.iter().any(|(_, is)| *is);
        let has = self.diagram.one_of(variable, &is, !listed);
        let not = self.diagram.not(there);
        let implied = self.diagram.or(not, has);
        self.bound(implied, implied);
    }

    /// What is equal to the same is equal.
    fn bound_equalities(&mut self) {
        let equal: Vec<(Symbol, Symbol, Variable)> = (0u32..)
            .zip(&self.asked)
            .filter_map(|(variable, asked)| match &asked.input {
                Input::Equal(one, two) => Some((one.as_symbol()?.clone(), two.as_symbol()?.clone(), variable)),
                _ => None,
            })
            .collect();
        if equal.len() > 64 {
            self.overflow = true;
            return;
        }
        let other = |(one, two, _): &(Symbol, Symbol, Variable), symbol: &Symbol| {
            if one == symbol { Some(two.clone()) } else { (two == symbol).then(|| one.clone()) }
        };
        for first in &equal {
            for second in &equal {
                let shared = [&first.0, &first.1].into_iter().find(|one| other(second, one).is_some());
                let Some(shared) = shared.filter(|_| first.2 < second.2) else { continue };
                let (Some(one), Some(two)) = (other(first, shared), other(second, shared)) else { continue };
                if one == two {
                    continue;
                }
                let both = [self.diagram.has(first.2, 1), self.diagram.has(second.2, 1)];
                let both = self.diagram.and(both[0], both[1]);
                let third = self.equal(&Text::hole(one), &Text::hole(two));
                let not = self.diagram.not(both);
                let implied = self.diagram.or(not, third);
                self.bound(implied, implied);
            }
        }
    }

    /// The worlds in which a condition holds.
    pub(in crate::s3) fn formula(&mut self, condition: &Condition) -> Set {
        match condition {
            Condition::Always => ALL,
            Condition::Never => NONE,
            Condition::Named { formula, .. } => {
                let key: *const Condition = std::sync::Arc::as_ptr(formula);
                if let Some(&known) = self.formulas.get(&key) {
                    return known;
                }
                let set = self.formula(formula);
                self.formulas.insert(key, set);
                set
            }
            Condition::Not(inner) => {
                let inner = self.formula(inner);
                self.diagram.not(inner)
            }
            Condition::All(parts) => parts.iter().fold(ALL, |all, part| {
                let part = self.formula(part);
                self.diagram.and(all, part)
            }),
            Condition::Any(parts) => parts.iter().fold(NONE, |any, part| {
                let part = self.formula(part);
                self.diagram.or(any, part)
            }),
            Condition::Equals(one, two) => self.equal(one, two),
            Condition::Unknown(unknown) => {
                let obstacle = Some(Unknown::clone(unknown));
                let variable = self.add(Asked { input: Input::Unread(unknown.span), values: Vec::new(), obstacle });
                self.diagram.has(variable, 1)
            }
        }
    }

    /// The worlds in which two texts are equal.
    pub(in crate::s3) fn equal(&mut self, one: &Text, two: &Text) -> Set {
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
        let guess = self.unclear(one, two);
        let guessed = self.diagram.and(both, guess);
        self.diagram.or(any, guessed)
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

impl<'c> Collected<'c> {
    fn condition(&mut self, condition: &'c Condition) {
        if !self.seen.insert(condition) {
            return;
        }
        self.conditions.push(condition);
        match condition {
            Condition::Always | Condition::Never | Condition::Unknown(_) => {}
            Condition::Named { formula, .. } | Condition::Not(formula) => self.condition(formula),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            Condition::Equals(one, two) => self.equality(one, two),
        }
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

    /// Takes in what is asserted of anything that is taken in, and shares literals between what is compared.
    fn close(&mut self, facts: &'c Facts<'c>) {
        let mut left: Vec<Symbol> = self.symbols.keys().cloned().collect();
        let mut done: BTreeSet<Symbol> = BTreeSet::new();
        while let Some(symbol) = left.pop() {
            if !done.insert(symbol.clone()) {
                continue;
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
        // Each pass carries literals one step further.
        for _ in 0..self.pairs.len().min(16) {
            for (one, two) in &self.pairs {
                let of = |symbol: &Symbol| self.symbols.get(symbol).cloned().unwrap_or_default();
                let both: BTreeSet<String> = of(one).union(&of(two)).cloned().collect();
                if both.len() > MAX_COMBINATIONS {
                    continue;
                }
                for symbol in [one, two] {
                    self.symbols.insert(symbol.clone(), both.clone());
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
            if has(self, &partition) || with_suffix {
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
type Cut<'s> = Vec<(&'s Symbol, &'s str)>;

/// All ways of cutting a literal so that a text with holes is it; `None` for too many.
fn cuts<'s>(text: &'s Text, literal: &'s str) -> Option<Vec<Cut<'s>>> {
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

/// The values that a symbol may have where no parameter says.
pub(in crate::s3) fn domain_of_kind(symbol: &Symbol) -> Domain {
    match symbol.pseudo() {
        Some(Pseudo::Partition) => {
            Domain { allowed: Some(PARTITIONS.iter().map(|one| one.name.to_owned()).collect()), ..Domain::default() }
        }
        Some(Pseudo::Region) => Domain::matching(
            "(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso|us-isob|eu-isoe|us-isof|eusc-de)-[a-z]+-[0-9]",
        ),
        Some(Pseudo::AccountId) => Domain::matching("[0-9]{12}"),
        Some(Pseudo::StackName) => Domain { longest: Some(128), ..Domain::matching("[a-zA-Z][a-zA-Z0-9-]*") },
        Some(Pseudo::UrlSuffix) => {
            Domain { allowed: Some(PARTITIONS.iter().map(|one| one.suffix.to_owned()).collect()), ..Domain::default() }
        }
        Some(Pseudo::StackId) => Domain::matching("arn:.+"),
        None if *symbol.kind() == SymbolKind::Free => Domain::default(),
        None => Domain { shortest: 1, ..Domain::default() },
    }
}
