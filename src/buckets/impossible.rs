//! Templates that nobody can deploy: no values of their parameters meet all that is asked of them.

use super::worlds::{Facts, NONE, Space};
use crate::link::Deployment;
use crate::model::Condition;
use crate::policy::Budget;
use std::collections::{BTreeMap, BTreeSet};

/// The steps that looking for a contradiction in a template and what it deploys may take.
const STEPS: u64 = 400_000;

/// The templates of which nothing is ever there, by their index. A nested stack that cannot be made takes down the one
/// that makes it.
pub(super) fn impossible(deployment: &Deployment, facts: &Facts<'_>) -> BTreeSet<usize> {
    let mut trees: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, place) in deployment.places.iter().enumerate() {
        // What is only perhaps deployed there takes down nothing.
        if deployment.places.get(place.root).is_some_and(|root| root.unsure == place.unsure) {
            trees.entry(place.root).or_default().push(at);
        }
    }
    let asked = |tree: &Vec<usize>| -> Vec<&Condition> {
        let templates = tree.iter().filter_map(|at| deployment.templates.get(*at));
        templates.flat_map(|template| &template.assertions).map(|one| &one.holds).collect()
    };
    let contradict = |tree: &Vec<usize>| {
        let asked = asked(tree);
        if asked.is_empty() {
            return false;
        }
        let mut space = Space::new(facts, &asked, &[], false, Budget::of(STEPS));
        // What speaks of no symbol is asserted all the same.
        let all = asked.iter().fold(space.may, |all, one| space.split(all, one).0);
        all == NONE && !space.is_exhausted()
    };
    let none = trees.into_iter().filter(|(_, tree)| contradict(tree)).map(|(root, _)| root).collect::<BTreeSet<_>>();
    let places = deployment.places.iter().enumerate();
    places.filter(|(_, place)| none.contains(&place.root)).map(|(at, _)| at).collect()
}
