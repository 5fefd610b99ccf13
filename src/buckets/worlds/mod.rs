//! The deployments that can be, as sets: which there are, what is in each, and in whose words a set is told.
//!
//! [`space`] makes conditions into sets of worlds over a [`diagram`], [`variants`] takes a value with choices apart into
//! what it may be and where, [`cube`] finds the fewest inputs that keep a world within a set, and checks that they can
//! be chosen.

mod collect;
mod concrete;
mod cube;
mod diagram;
mod equality;
mod parts;
mod space;
mod variants;
mod within;

pub use cube::Chosen;
pub(super) use cube::Cube;
pub(super) use diagram::{ALL, NONE, Set};
pub(super) use space::Space;
pub(super) use variants::{MAX_VARIANTS, Variant};

use crate::model::{Assertion, Domain, Parameter, Symbol, Template, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How many combinations of literals are put into two texts to compare them.
const MAX_COMBINATIONS: usize = 256;

/// What is known of the inputs of a deployment.
pub(super) struct Facts<'a> {
    /// Parameters by their symbols.
    pub(super) parameters: HashMap<&'a Symbol, &'a Parameter>,
    /// Symbols that stand for one of several values.
    pub(super) choices: &'a BTreeMap<Symbol, Value>,
    assertions: Vec<&'a Assertion>,
    asserted: HashMap<&'a Symbol, Vec<usize>>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(templates: &'a [Template], choices: &'a BTreeMap<Symbol, Value>) -> Self {
        let parameters = templates.iter().flat_map(|template| &template.parameters).map(|one| (&one.symbol, one));
        let assertions: Vec<&Assertion> = templates.iter().flat_map(|template| &template.assertions).collect();
        let mut asserted: HashMap<&Symbol, Vec<usize>> = HashMap::new();
        for (at, assertion) in assertions.iter().enumerate() {
            for symbol in &assertion.about {
                asserted.entry(symbol).or_default().push(at);
            }
        }
        Self { parameters: parameters.collect(), choices, assertions, asserted }
    }

    /// The values of a parameter that lists them.
    pub(super) fn listed(&self, symbol: &Symbol) -> Option<Vec<&'a str>> {
        self.parameters.get(symbol)?.listed()
    }

    /// The values that a symbol may have.
    fn domain(&self, symbol: &Symbol) -> Arc<Domain> {
        self.parameters.get(symbol).map_or_else(|| space::domain_of_kind(symbol), |one| Arc::clone(&one.domain))
    }
}
