//! The deployment in which a witness stands, in the words of the templates: conditions and parameters.

use super::judge::Judge;
use super::verdict::Assumption;
use super::worlds::{Chosen, Cube, Space};
use crate::link::shown;
use crate::model::{Condition, Scope, Symbol};
use std::collections::{BTreeMap, BTreeSet};

/// Tells a cube of worlds.
pub(super) struct Words<'w, 'j, 'a> {
    judge: &'w Judge<'a>,
    space: &'w mut Space<'j>,
}

impl<'w, 'j, 'a> Words<'w, 'j, 'a> {
    pub(super) fn new(judge: &'w Judge<'a>, space: &'w mut Space<'j>) -> Self {
        Self { judge, space }
    }

    /// The parameters of a cube, and what it makes of the conditions in `named`, as the template `home` sees them.
    pub(super) fn tell(&mut self, cube: &Cube, home: usize, named: &[&Condition]) -> Vec<Assumption> {
        let mut told = BTreeSet::new();
        let mut scopes: BTreeMap<&str, BTreeSet<Scope>> = BTreeMap::new();
        for condition in named {
            if let Condition::Named { scope, name, .. } = condition {
                scopes.entry(name).or_default().insert(*scope);
            }
        }
        for condition in named {
            let Condition::Named { scope, name, .. } = condition else { continue };
            let Some(holds) = self.settled(condition, cube) else { continue };
            let shared = scopes.get(&**name).is_some_and(|scopes| scopes.len() > 1);
            let name = if shared { self.qualified(name, *scope) } else { name.to_string() };
            told.insert(Assumption::Condition(name, holds));
        }
        for (symbol, chosen) in &cube.chosen {
            if *chosen != Chosen::Not(Vec::new()) {
                let name = self.of_another_account(symbol, home, cube);
                let name = name.unwrap_or_else(|| self.parameter(symbol, home));
                told.insert(Assumption::Parameter(name, self.shown(symbol, chosen)));
            }
        }
        told.into_iter().collect()
    }

    /// Whether a condition holds in all worlds of a cube, or in none; `None` where the cube has nothing to do with it.
    fn settled(&mut self, condition: &Condition, cube: &Cube) -> Option<bool> {
        let set = self.space.formula(condition);
        let worlds = self.space.diagram.and(self.space.may, cube.worlds);
        let all = self.space.may;
        if self.space.diagram.within(worlds, set) {
            return (!self.space.diagram.within(all, set)).then_some(true);
        }
        let is_apart = !self.space.diagram.intersect(worlds, set) && self.space.diagram.intersect(all, set);
        is_apart.then_some(false)
    }

    /// A condition of a nested stack with that stack before it.
    fn qualified(&self, name: &str, scope: Scope) -> String {
        // A template that is written in place is a part of the file that deploys it.
        let is_there = |one: Scope| one.instance == scope.instance && one.file.input() == scope.file.input();
        let place = self.judge.deployment.places.iter().find(|place| is_there(place.scope));
        match place {
            Some(place) if !place.path.is_empty() => format!("{}/{name}", place.path),
            _ => name.to_owned(),
        }
    }

    /// What is chosen for a parameter; of a secret nothing is told but that it is one.
    fn shown(&self, symbol: &Symbol, chosen: &Chosen) -> Chosen {
        match self.judge.facts.parameters.get(symbol).filter(|one| one.is_secret) {
            Some(secret) => Chosen::Value(format!("<{}>", secret.name)),
            None => chosen.clone(),
        }
    }

    /// What AWS fills in for another account and Region than the bucket's, with what is deployed there before it; `None`
    /// where no other is told beside it.
    fn of_another_account(&self, symbol: &Symbol, home: usize, cube: &Cube) -> Option<String> {
        let pseudo = symbol.pseudo()?;
        let alike = cube.chosen.keys().filter(|other| other.pseudo() == Some(pseudo));
        let places = &self.judge.deployment.places;
        let own = places.get(places.get(home)?.site)?.scope;
        if alike.count() == 1 || symbol.scope() == own {
            return None;
        }
        let there = places.iter().find(|place| place.scope == symbol.scope())?;
        Some(match &there.label {
            Some(label) => format!("{label}/{}", pseudo.name()),
            None => format!("{}#{}", shown(self.judge.deployment.paths.get(there.member)?), pseudo.name()),
        })
    }

    /// A parameter as the bucket's own file sees it: another file's with that file before it.
    fn parameter(&self, symbol: &Symbol, home: usize) -> String {
        let deployment = self.judge.deployment;
        let Some(parameter) = self.judge.facts.parameters.get(symbol) else {
            return symbol.pseudo().map_or_else(|| symbol.shown().to_owned(), |pseudo| pseudo.name().to_owned());
        };
        let own = deployment.places.get(home).is_some_and(|place| place.scope.file == symbol.scope().file);
        match deployment.file_of(symbol.scope()).filter(|_| !own) {
            Some(path) => format!("{}#{}", shown(path), parameter.name),
            None => parameter.name.clone(),
        }
    }
}
