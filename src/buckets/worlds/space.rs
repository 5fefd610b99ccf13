//! The deployments that can be, as one set, and conditions as sets of them.
//!
//! Each text that a condition compares is a variable: its values are the literals that it is compared with, those that
//! its parameter allows, and "any other". What two texts have to do with each other beyond that (both something else,
//! and yet the same) is a variable of its own, and so is what cannot be read. Two sets bound the truth: worlds that
//! *may* be, and worlds that are *sure* to be possible, as far as bounds of parameters are understood.

use super::Facts;
use super::collect::Collected;
use super::diagram::{ALL, Diagram, NONE, Set, Variable};
use crate::model::partition::{PARTITIONS, partition_of};
use crate::model::{Condition, Domain, Other, Pseudo, Symbol, SymbolKind, Text, Truth, Unknown};
use crate::policy::Budget;
use crate::source::Span;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

/// More variables than this are not looked at together.
const MAX_VARIABLES: usize = 800;

/// What a variable is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::buckets) enum Input {
    /// What a symbol holds.
    Symbol(Symbol),
    /// Whether two texts are equal where their values do not say.
    Equal(Text, Text),
    /// Whether a condition holds that cannot be read, by its place.
    Unread(Span),
}

/// Something that worlds differ in.
#[derive(Clone, Debug)]
pub(in crate::buckets) struct Asked {
    pub(in crate::buckets) input: Input,
    /// The values that are told apart, by their numbers; none for what is true (1) or not.
    pub(in crate::buckets) values: Vec<String>,
    /// Why nobody can choose it, where nobody can.
    pub(in crate::buckets) obstacle: Option<Unknown>,
}

/// The worlds that concern one bucket.
pub(in crate::buckets) struct Space<'a> {
    pub(in crate::buckets) facts: &'a Facts<'a>,
    pub(in crate::buckets) diagram: Diagram,
    pub(in crate::buckets) asked: Vec<Asked>,
    index: HashMap<Input, Variable>,
    formulas: HashMap<*const Condition, Set>,
    /// Symbols of which rules name a value, and that may hold anything all the same.
    unbounded: BTreeSet<Variable>,
    /// Worlds that may be.
    pub(in crate::buckets) may: Set,
    /// Worlds that can be brought about.
    pub(in crate::buckets) sure: Set,
    /// Set where a limit was reached: then nothing here is to be trusted.
    pub(in crate::buckets) overflow: bool,
}

impl<'a> Space<'a> {
    /// The worlds that conditions tell apart, and symbols in `texts` whose values are listed or
    /// bounded by rules. Whether partitions are named by hand: then each Region has its own.
    pub(in crate::buckets) fn new(
        facts: &'a Facts<'a>,
        conditions: &[&'a Condition],
        texts: &[&Symbol],
        partitions: bool,
        budget: Budget,
    ) -> Self {
        let mut collected = Collected::default();
        collected.partitions = partitions;
        for condition in conditions {
            collected.condition(condition);
        }
        for symbol in texts {
            if facts.listed(symbol).is_some() || facts.asserted.contains_key(symbol) {
                collected.symbols.entry((*symbol).clone()).or_default();
            }
        }
        let compared = collected.compared();
        collected.close(facts);
        let mut space = Self {
            facts,
            diagram: Diagram::new(budget),
            asked: Vec::new(),
            index: HashMap::new(),
            formulas: HashMap::new(),
            unbounded: BTreeSet::new(),
            may: ALL,
            sure: ALL,
            overflow: false,
        };
        let order = collected.order();
        let Collected { mut symbols, pairs, assertions, .. } = collected;
        // What is asked together stands together: a diagram is small where it has to remember little.
        for symbol in order {
            if let Some(literals) = symbols.remove(symbol) {
                space.declare(symbol.clone(), literals.into_iter().collect());
            }
        }
        for (symbol, literals) in symbols {
            space.declare(symbol, literals.into_iter().collect());
        }
        space.bound_symbols();
        space.bound_regions();
        space.bound_parts();
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
        space.find_unbounded(&compared);
        space
    }

    /// What no condition compares, and what rules only name: a value that they name is none of a few that may be. In a
    /// place that holds a value such a parameter is unknown.
    fn find_unbounded(&mut self, compared: &BTreeSet<Symbol>) {
        for variable in 0..u32::try_from(self.asked.len()).unwrap_or(u32::MAX) {
            let Some(Asked { input: Input::Symbol(symbol), values, .. }) = self.asked.get(variable as usize) else {
                continue;
            };
            let own = self.facts.asserted.contains_key(symbol) && !compared.contains(symbol);
            if !own || values.is_empty() || self.facts.listed(symbol).is_some() {
                continue;
            }
            let none: Vec<(u32, bool)> = (0u32..).zip(values).map(|(at, _)| (at, false)).collect();
            let other = self.diagram.one_of(variable, &none, true);
            let with_other = self.diagram.and(self.may, other);
            let free = |one: Variable| one == variable;
            if self.diagram.freed(with_other, &free) == self.diagram.freed(self.may, &free) {
                self.unbounded.insert(variable);
            }
        }
    }

    /// The variable of a symbol that has values of its own in a place that holds a value.
    pub(super) fn told_apart(&self, symbol: &Symbol) -> Option<Variable> {
        self.variable(symbol).filter(|variable| !self.unbounded.contains(variable))
    }

    pub(super) fn bound(&mut self, may: Set, sure: Set) {
        self.may = self.diagram.and(self.may, may);
        self.sure = self.diagram.and(self.sure, sure);
    }

    /// Whether a limit was reached: then no set is to be trusted.
    pub(in crate::buckets) fn is_exhausted(&self) -> bool {
        self.overflow || self.diagram.is_exhausted()
    }

    /// What is left of the work that may be done.
    pub(in crate::buckets) fn budget(&mut self) -> &mut Budget {
        &mut self.diagram.budget
    }

    pub(super) fn add(&mut self, asked: Asked) -> Variable {
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
    pub(in crate::buckets) fn variable(&self, symbol: &Symbol) -> Option<Variable> {
        self.index.get(&Input::Symbol(symbol.clone())).copied()
    }

    pub(super) fn values(&self, variable: Variable) -> &[String] {
        self.asked.get(variable as usize).map(|asked| asked.values.as_slice()).unwrap_or_default()
    }

    /// The worlds in which a symbol has a value that is told apart.
    pub(in crate::buckets) fn symbol_is(&mut self, symbol: &Symbol, value: &str) -> Option<Set> {
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
    pub(super) fn implies(&mut self, there: Set, variable: Variable, value: &str) {
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

    /// Those of some worlds in which a condition holds, and the others.
    pub(in crate::buckets) fn split(&mut self, worlds: Set, condition: &Condition) -> (Set, Set) {
        let holds = self.formula(condition);
        (self.diagram.and(worlds, holds), self.diagram.without(worlds, holds))
    }

    /// The worlds in which a condition holds.
    pub(in crate::buckets) fn formula(&mut self, condition: &Condition) -> Set {
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
            Condition::Within(text, domain) => self.within(text, domain),
            Condition::Unknown(unknown) => {
                let obstacle = Some(Unknown::clone(unknown));
                let variable = self.add(Asked { input: Input::Unread(unknown.span), values: Vec::new(), obstacle });
                self.diagram.has(variable, 1)
            }
        }
    }
}

// What AWS fills in: each space of worlds asks for it, and an expression takes long to read.
static REGIONS: Shared = LazyLock::new(|| {
    Arc::new(Domain::matching(
        "(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso|us-isob|eu-isoe|us-isof|eusc-de)-[a-z]+-[0-9]",
    ))
});
static ACCOUNTS: Shared = LazyLock::new(|| Arc::new(Domain::matching("[0-9]{12}")));
static STACK_NAMES: Shared =
    LazyLock::new(|| Arc::new(Domain { longest: Some(128), ..Domain::matching("[a-zA-Z][a-zA-Z0-9-]*") }));
static STACK_IDS: Shared = LazyLock::new(|| Arc::new(Domain::matching("arn:.+")));
static PARTITION_NAMES: Shared = LazyLock::new(|| Arc::new(Domain::of(PARTITIONS.iter().map(|one| one.name))));
static URL_SUFFIXES: Shared = LazyLock::new(|| Arc::new(Domain::of(PARTITIONS.iter().map(|one| one.suffix))));
static NOT_EMPTY: Shared = LazyLock::new(|| Arc::new(Domain { shortest: 1, ..Domain::default() }));

type Shared = LazyLock<Arc<Domain>>;

/// The values that a symbol may have where no parameter says.
pub(in crate::buckets) fn domain_of_kind(symbol: &Symbol) -> Arc<Domain> {
    let shared = match symbol.pseudo() {
        Some(Pseudo::Partition) => &PARTITION_NAMES,
        Some(Pseudo::Region) => &REGIONS,
        Some(Pseudo::AccountId) => &ACCOUNTS,
        Some(Pseudo::StackName) => &STACK_NAMES,
        Some(Pseudo::UrlSuffix) => &URL_SUFFIXES,
        Some(Pseudo::StackId) => &STACK_IDS,
        None if *symbol.kind() == SymbolKind::Free => return Domain::any(),
        None => &NOT_EMPTY,
    };
    Arc::clone(shared)
}
