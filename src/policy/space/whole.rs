//! The space of insecure requests, as far as some rules tell them apart.

use super::bits::Bits;
use super::condition::{self, Held, Test};
use super::resource::Resources;
use super::rule::{Rule, Rules};
use super::search::{Dimension, Search, Tree, search};
use super::{Budget, Sides, action, principal, resource};
use crate::model::Text;
use crate::policy::{Context, Principal, Request, Resource};
use std::collections::HashSet;

/// More keys than this are not looked at together.
const MAX_KEYS: usize = 200;

/// All insecure requests, sorted into classes by what some rules say of them.
pub(crate) struct Space<'a> {
    rules: &'a Rules,
    active: Vec<&'a Rule>,
    principals: Vec<Principal>,
    keys: Vec<(&'a str, Vec<Held>)>,
    actions: Vec<action::Candidate>,
    objects: Vec<String>,
    /// The search trees of what is surely and what is possibly denied.
    must: Tree,
    may: Tree,
}

/// What is found outside of the rules.
pub(crate) enum Found {
    /// This request.
    Request(Box<Request>),
    /// Nothing: the rules cover all.
    Covered,
    /// The rules are too intricate.
    Intricate,
}

impl<'a> Space<'a> {
    /// The space that `active` (indexes of rules) tell apart. `None` where that takes more than the budget.
    pub(crate) fn new(rules: &'a Rules, active: &[usize], budget: &mut Budget) -> Option<Self> {
        let active: Vec<&Rule> = active.iter().filter_map(|index| rules.all.get(*index)).collect();
        let mut trees = Trees { count: active.len(), must: Tree::default(), may: Tree::default() };

        let principals: Vec<_> = active.iter().map(|rule| &rule.principals).collect();
        let candidates = principal::candidates(&principals, &rules.partition);
        let principals = trees.shared(candidates, budget, |at, principal| {
            let sides = |canonical| active.get(at).map_or(Sides::NO, |rule| rule.principals.at(principal, canonical));
            Sides { must: sides(true).must, may: sides(false).may }
        })?;

        let mut names: Vec<&'a str> =
            active.iter().flat_map(|rule| &rule.tests).map(|test| test.key.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() > MAX_KEYS {
            return None;
        }
        let mut keys = Vec::new();
        for name in names {
            let key = *rules.keys.get(name)?;
            let of = |rule: &'a Rule| rule.tests.iter().filter(|test| test.key == name).collect::<Vec<&Test>>();
            let tests: Vec<Vec<&Test>> = active.iter().map(|rule| of(rule)).collect();
            let points = condition::points(name, key, &tests.concat(), budget)?;
            let sides = |canonical: bool, at: usize, held: &Held| {
                let tests = tests.get(at).map(Vec::as_slice).unwrap_or_default();
                tests.iter().map(|test| test.at(key, held.as_deref(), canonical)).fold(Sides::YES, Sides::and)
            };
            let points = trees.shared(points, budget, |at, held| Sides {
                must: sides(true, at, held).must,
                may: sides(false, at, held).may,
            })?;
            keys.push((name, points));
        }

        let actions: Vec<_> = active.iter().map(|rule| &rule.actions).collect();
        let candidates = action::candidates(&actions, budget)?;
        let (objects, buckets): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| !one.on_bucket);
        let mut actions = trees.actions(objects, buckets, budget, |at, one| {
            active.get(at).map_or(Sides::NO, |rule| rule.actions.at(&one.name.to_ascii_lowercase()))
        })?;
        actions.shrink_to_fit();

        let resources: Vec<&Resources> = active.iter().map(|rule| &rule.resources).collect();
        let candidates = resource::keys(&resources, budget)?;
        let at = |at: usize, resource: &Resource| active.get(at).map_or(Sides::NO, |rule| rule.resources.at(resource));
        let objects =
            trees.last(candidates, budget, |index, key: &String| at(index, &Resource::Object(key.clone())))?;
        trees.last(vec![()], budget, |index, ()| at(index, &Resource::Bucket))?;
        Some(Self { rules, active, principals, keys, actions, objects, must: trees.must, may: trees.may })
    }

    /// A request that no active rule possibly denies, the plainest first.
    pub(crate) fn outside_may(&self, budget: &mut Budget) -> Found {
        self.find(&self.may, |rule| rule.constant.may, |_| true, budget)
    }

    /// A request that none of those active rules that are `used` (by their place in `active`) surely denies.
    pub(crate) fn outside_must(&self, used: impl Fn(usize) -> bool, budget: &mut Budget) -> Found {
        self.find(&self.must, |rule| rule.constant.must, used, budget)
    }

    fn find(
        &self,
        tree: &Tree,
        applies: impl Fn(&Rule) -> bool,
        used: impl Fn(usize) -> bool,
        budget: &mut Budget,
    ) -> Found {
        let mut alive = Bits::none(self.active.len());
        for (at, rule) in self.active.iter().enumerate() {
            if applies(rule) && used(at) {
                alive.insert(at);
            }
        }
        match search(tree, &alive, self.active.len(), budget) {
            Search::Covered => Found::Covered,
            Search::Intricate => Found::Intricate,
            Search::Point(path) => self.request(&path).map_or(Found::Intricate, |one| Found::Request(Box::new(one))),
        }
    }

    /// The request at a point.
    fn request(&self, path: &[usize]) -> Option<Request> {
        let mut path = path.iter();
        let principal = self.principals.get(*path.next()?)?.clone();
        let mut context = Context::from([("aws:securetransport".to_owned(), vec![Text::literal("false")])]);
        for (name, points) in &self.keys {
            if let Some(values) = points.get(*path.next()?)? {
                context.insert((*name).to_owned(), values.clone());
            }
        }
        let action = self.actions.get(*path.next()?)?;
        let resource = if action.on_bucket {
            Resource::Bucket
        } else {
            Resource::Object(self.objects.get(*path.next()?)?.clone())
        };
        Some(Request { principal, action: action.name.clone(), bucket: self.rules.bucket.clone(), resource, context })
    }
}

/// The two trees under construction.
struct Trees {
    count: usize,
    must: Tree,
    may: Tree,
}

/// The points that are kept, one for each class, and the boxes of each.
type Sorted<P> = (Vec<P>, Vec<Bits>, Vec<Bits>);

impl Trees {
    /// Keeps one point of each class.
    fn sort<P>(&self, points: Vec<P>, budget: &mut Budget, sides: &impl Fn(usize, &P) -> Sides) -> Option<Sorted<P>> {
        let (mut kept, mut musts, mut mays) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for point in points {
            budget.spend(self.count + 1)?;
            let (mut must, mut may) = (Bits::none(self.count), Bits::none(self.count));
            for at in 0..self.count {
                let sides = sides(at, &point);
                if sides.must {
                    must.insert(at);
                }
                if sides.may {
                    may.insert(at);
                }
            }
            if seen.insert((must.clone(), may.clone())) {
                kept.push(point);
                musts.push(must);
                mays.push(may);
            }
        }
        Some((kept, musts, mays))
    }

    fn shared<P>(&mut self, points: Vec<P>, budget: &mut Budget, sides: impl Fn(usize, &P) -> Sides) -> Option<Vec<P>> {
        let (kept, must, may) = self.sort(points, budget, &sides)?;
        self.must.shared.push(Dimension { classes: must, branches: Vec::new() });
        self.may.shared.push(Dimension { classes: may, branches: Vec::new() });
        Some(kept)
    }

    fn last<P>(&mut self, points: Vec<P>, budget: &mut Budget, sides: impl Fn(usize, &P) -> Sides) -> Option<Vec<P>> {
        let (kept, must, may) = self.sort(points, budget, &sides)?;
        self.must.last.push(Dimension { classes: must, branches: Vec::new() });
        self.may.last.push(Dimension { classes: may, branches: Vec::new() });
        Some(kept)
    }

    /// Actions on objects and on the bucket make one dimension, which goes on with the one or the other resource.
    fn actions(
        &mut self,
        objects: Vec<action::Candidate>,
        buckets: Vec<action::Candidate>,
        budget: &mut Budget,
        sides: impl Fn(usize, &action::Candidate) -> Sides,
    ) -> Option<Vec<action::Candidate>> {
        let mut all = Vec::new();
        for candidates in [objects, buckets] {
            let (kept, must, may) = self.sort(candidates, budget, &sides)?;
            all.extend(kept.into_iter().zip(must).zip(may));
        }
        // Those known today come first.
        let rank = |one: &action::Candidate| {
            (one.name.strip_prefix("s3:").and_then(super::super::actions::lookup).is_none(), one.on_bucket)
        };
        all.sort_by_key(|((one, _), _)| rank(one));
        let branches: Vec<usize> = all.iter().map(|((one, _), _)| usize::from(one.on_bucket)).collect();
        let mut kept = Vec::new();
        let (mut musts, mut mays) = (Vec::new(), Vec::new());
        for ((one, must), may) in all {
            kept.push(one);
            musts.push(must);
            mays.push(may);
        }
        self.must.shared.push(Dimension { classes: musts, branches: branches.clone() });
        self.may.shared.push(Dimension { classes: mays, branches });
        Some(kept)
    }
}
