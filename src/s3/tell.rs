//! The deployment in which a witness stands, in the words of the templates: conditions and parameters.

use super::candidate::Candidate;
use super::judge::Judge;
use super::verdict::Assumption;
use super::worlds::{World, Worlds};
use crate::model::{Bucket, Condition, Met, Scope, Symbol};
use std::collections::{BTreeMap, BTreeSet};

/// Named conditions, each under its own name and scope.
type Named = BTreeMap<(String, Scope), Condition>;

impl Judge<'_> {
    pub(super) fn assumptions(
        &self,
        worlds: &Worlds<'_>,
        world: &World,
        decisive: &BTreeSet<usize>,
        home: usize,
        bucket: &Bucket,
        policies: &[Candidate<'_>],
    ) -> Vec<Assumption> {
        let mut named = Named::new();
        let mut collect = |met: Met<'_>| match met {
            Met::Condition(condition) => match condition {
                Condition::Named { scope, name, .. } => {
                    named.insert((name.to_string(), *scope), condition.clone()).is_none()
                }
                _ => true,
            },
            Met::Value(_) | Met::Text(_) => true,
        };
        bucket.exists.visit(&mut collect);
        for Candidate { policy, .. } in policies {
            policy.exists.visit(&mut collect);
            policy.bucket.visit(&mut collect);
            policy.document.visit(&mut collect);
        }
        let mut told = BTreeSet::new();
        for ((name, scope), condition) in &named {
            if worlds.mentions(condition, decisive) {
                let shared = named.keys().filter(|(other, _)| other == name).count() > 1;
                let name = if shared { self.qualified(name, *scope) } else { name.clone() };
                told.insert(Assumption::Condition(name, worlds.holds(world, condition)));
            }
        }
        for (symbol, value) in worlds.symbols(world, decisive) {
            if !named.values().any(|condition| has(condition, &symbol)) {
                told.insert(Assumption::Parameter(self.parameter(&symbol, home), value));
            }
        }
        told.into_iter().collect()
    }

    /// A condition of a nested stack with that stack before it.
    fn qualified(&self, name: &str, scope: Scope) -> String {
        let place = self.deployment.places.iter().find(|place| place.scope == scope);
        match place {
            Some(place) if !place.path.is_empty() => format!("{}/{name}", place.path),
            _ => name.to_owned(),
        }
    }

    /// A parameter as the bucket's own file sees it: another file's with that file before it.
    fn parameter(&self, symbol: &Symbol, home: usize) -> String {
        let Some(parameter) = self.parameters.get(symbol) else { return symbol.shown().to_owned() };
        let own = self.deployment.places.get(home).is_some_and(|place| place.scope.file == symbol.scope().file);
        match self.deployment.file_of(symbol.scope()).filter(|_| !own) {
            Some(path) => format!("{}#{}", path.to_string_lossy().replace('\\', "/"), parameter.name),
            None => parameter.name.clone(),
        }
    }
}

fn has(condition: &Condition, symbol: &Symbol) -> bool {
    let mut found = false;
    condition.visit(&mut |met| {
        if let Met::Text(text) = met {
            found |= text.symbols().any(|other| other == symbol);
        }
        !found
    });
    found
}
