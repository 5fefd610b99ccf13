//! Bounds on what is handed on: texts that have to be within a domain that is not their own.

use super::diagram::{ALL, Set};
use super::space::Space;
use crate::model::{Condition, Domain, Name, Other, Symbol, Text, Truth};
use std::collections::BTreeSet;

impl Space<'_> {
    /// The worlds in which a text is one of the domain's. What nobody chooses is taken to be.
    pub(super) fn within(&mut self, text: &Text, domain: &Domain) -> Set {
        let Some((symbol, variable)) = text.as_symbol().and_then(|symbol| Some((symbol, self.variable(symbol)?)))
        else {
            return ALL;
        };
        let values = self.values(variable).to_vec();
        let truths: Vec<Truth> = values.iter().map(|value| domain.contains(value)).collect();
        let other = joint(&self.facts.domain(symbol), domain, &values.into_iter().collect());
        let of = |fits: &dyn Fn(Truth) -> bool| -> Vec<(u32, bool)> {
            (0u32..).zip(&truths).map(|(value, truth)| (value, fits(*truth))).collect()
        };
        let sure = self.diagram.one_of(variable, &of(&|truth| truth == Truth::Yes), other == Truth::Yes);
        let may = self.diagram.one_of(variable, &of(&|truth| truth != Truth::No), other != Truth::No);
        if sure == may {
            return sure;
        }
        let unread = domain.unread.as_deref().unwrap_or(symbol.unknown()).clone();
        let unread = self.formula(&Condition::Unknown(unread.into()));
        let guessed = self.diagram.and(may, unread);
        self.diagram.or(sure, guessed)
    }
}

/// Whether whoever deploys chooses what a symbol holds.
pub(super) fn is_chosen(symbol: &Symbol) -> bool {
    matches!(symbol.name(), Name::Parameter(_)) || symbol.pseudo().is_some()
}

/// Whether two domains have a text in common that is none of `than`.
fn joint(one: &Domain, two: &Domain, than: &BTreeSet<String>) -> Truth {
    match (one.other(than), two.other(than)) {
        (Other::None, _) | (_, Other::None) => Truth::No,
        (Other::Some(text), _) if two.contains(&text) == Truth::Yes => Truth::Yes,
        (_, Other::Some(text)) if one.contains(&text) == Truth::Yes => Truth::Yes,
        _ => Truth::Maybe,
    }
}
