//! The space of insecure requests, as far as some rules tell them apart.

use super::bits::Bits;
use super::condition::{self, CLOCK, Held, Key, Test};
use super::deny_set::{DenySet, DenySets};
use super::principal::Named;
use super::resource::Resources;
use super::search::{Dimension, Search, Tree, search};
use super::situation::{Situation, Splits, bound};
use super::who::{self, Asked, Who};
use super::{Budget, Sides, action, principal, resource};
use crate::model::Text;
use crate::policy::facts::{Asker, By, OnActions, Presence, Way, key};
use crate::policy::literal::Instant;
use crate::policy::{Context, Principal, Request, Resource};
use std::collections::{BTreeMap, HashMap, HashSet};

/// More keys than this are not looked at together.
const MAX_KEYS: usize = 200;

/// All insecure requests, sorted into classes by what some rules say of them.
pub(crate) struct Space<'a> {
    rules: &'a DenySets,
    active: Vec<&'a DenySet>,
    /// The plainest witnesses come from the first parts.
    parts: Vec<Part<'a>>,
}

/// The requests of one situation.
struct Part<'a> {
    situation: Situation,
    who: Vec<Who>,
    /// Keys that the principal settles.
    own: Vec<&'a str>,
    /// Moments, where the clock is asked for.
    moments: Option<Vec<Instant>>,
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
    OutOfBudget,
}

impl<'a> Space<'a> {
    /// The space that `active` (indexes of rules) tell apart. `None` where that takes more than the budget.
    pub(crate) fn new(rules: &'a DenySets, active: &[usize], budget: &mut Budget) -> Option<Self> {
        let active: Vec<&DenySet> = active.iter().filter_map(|index| rules.all.get(*index)).collect();
        let parts = Builder::new(rules, &active, budget)?.parts(budget)?;
        Some(Self { rules, active, parts })
    }

    /// A request that no active rule possibly denies, the plainest first.
    pub(crate) fn outside_may(&self, budget: &mut Budget) -> Found {
        self.find(|part| &part.may, |rule| rule.constant.may, |_| true, budget)
    }

    /// A request that none of those active rules that are `used` (by their place in `active`) surely denies.
    pub(crate) fn outside_must(&self, used: impl Fn(usize) -> bool, budget: &mut Budget) -> Found {
        self.find(|part| &part.must, |rule| rule.constant.must, used, budget)
    }

    fn find(
        &self,
        tree: impl for<'p> Fn(&'p Part<'a>) -> &'p Tree,
        applies: impl Fn(&DenySet) -> bool,
        used: impl Fn(usize) -> bool,
        budget: &mut Budget,
    ) -> Found {
        let mut alive = Bits::none(self.active.len());
        for (at, rule) in self.active.iter().enumerate() {
            if applies(rule) && used(at) {
                alive.insert(at);
            }
        }
        for part in &self.parts {
            match search(tree(part), &alive, self.active.len(), budget) {
                Search::Covered => {}
                Search::OutOfBudget => return Found::OutOfBudget,
                Search::Point(path) => {
                    let request = part.request(self.rules, &path, budget);
                    return request.map_or(Found::OutOfBudget, |one| Found::Request(Box::new(one)));
                }
            }
        }
        Found::Covered
    }
}

impl Part<'_> {
    /// The request at a point, with every key that some rule asks for.
    fn request(&self, rules: &DenySets, path: &[usize], budget: &mut Budget) -> Option<Request> {
        let mut path = path.iter();
        let who = self.who.get(*path.next()?)?;
        let mut held: BTreeMap<&str, Held> = BTreeMap::new();
        for name in &self.own {
            if let Some(value) = who.settled(key(name).by) {
                held.insert(name, value);
            }
        }
        let moment = match &self.moments {
            Some(moments) => *moments.get(*path.next()?)?,
            None => rules.now,
        };
        for (name, points) in &self.keys {
            held.insert(name, points.get(*path.next()?)?.clone());
        }
        let action = self.actions.get(*path.next()?)?;
        let resource = if action.on_bucket {
            Resource::Bucket
        } else {
            Resource::Object(self.objects.get(*path.next()?)?.clone())
        };
        let forwarded = held.iter().any(|(name, value)| key(name).way == Way::Forwarded && value.is_some());
        let mut context = Context::from([("aws:securetransport".to_owned(), vec![Text::literal("false")])]);
        for (name, own) in &rules.keys {
            let value = if CLOCK.contains(&name.as_str()) {
                condition::at_moment(name, moment)
            } else {
                match held.remove(name.as_str()) {
                    Some(value) => value,
                    None if key(name).by == By::Forwarded && forwarded => Some(vec![Text::literal("true")]),
                    None => self.plainest(name, *own, who, action, budget)?,
                }
            };
            context.extend(value.map(|value| (name.clone(), value)));
        }
        // A session, and an account under another name, are told by their ARN too.
        if let Some(arn) = who.arn.as_ref().filter(|arn| who.principal != Principal::Arn((*arn).clone())) {
            context.insert("aws:principalarn".to_owned(), vec![arn.clone()]);
        }
        Some(Request {
            principal: who.principal.clone(),
            action: action.name.clone(),
            bucket: rules.bucket.clone(),
            resource,
            context,
        })
    }

    /// What a key holds that makes no difference here: nothing, where it may be left out.
    fn plainest(
        &self,
        name: &str,
        own: Key,
        who: &Who,
        action: &action::Candidate,
        budget: &mut Budget,
    ) -> Option<Held> {
        let fact = key(name);
        let whole = Who { arn: who.arn.clone().or_else(|| arn_of(who)), ..who.clone() };
        if fact.by.is_of_principal()
            && let Some(value) = whole.settled(fact.by)
        {
            return Some(value);
        }
        let situation = self.situation.asked_by(who.asker);
        let bare = action.name.strip_prefix("s3:").unwrap_or(&action.name);
        let has = action.has.as_ref().and_then(|_| Some(bound(fact)?.has(bare)));
        let presence = situation.presence(fact, has);
        let points = condition::points(name, own, &[], (presence, situation.domain(fact)), budget)?;
        points.into_iter().next()
    }
}

/// An ARN for a principal of which none is told.
fn arn_of(who: &Who) -> Option<Text> {
    match (&who.principal, who.asker) {
        (Principal::Arn(arn), _) => Some(arn.clone()),
        (_, Asker::Anonymous | Asker::Service) => None,
        _ => Some(Text::literal("arn:aws:iam::111122223333:role/any")),
    }
}

/// What the parts of a space have in common.
struct Builder<'a, 'b> {
    rules: &'a DenySets,
    active: &'b [&'a DenySet],
    splits: Splits,
    /// The keys that active rules ask for, the clock left out, with the tests of each rule.
    keys: Vec<(&'a str, Vec<Vec<&'a Test>>)>,
    /// The tests of each rule on the clock, where there are any.
    clock: Option<Vec<Vec<&'a Test>>>,
    /// The keys of `keys` that are bound to actions.
    bound: Vec<(&'a str, &'static OnActions)>,
    actions: Vec<action::Candidate>,
    objects: Vec<String>,
}

/// What keys may hold, by their place among the keys and what limits them.
type Known = HashMap<(usize, Presence, who::Domain), Vec<Held>>;

impl<'a, 'b> Builder<'a, 'b> {
    fn new(rules: &'a DenySets, active: &'b [&'a DenySet], budget: &mut Budget) -> Option<Self> {
        let mut names: Vec<&'a str> =
            active.iter().flat_map(|rule| &rule.tests).map(|test| test.key.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() > MAX_KEYS {
            return None;
        }
        let mut splits = Splits::of(&names);
        // Whose session it is makes a difference to a policy that names one.
        splits.askers |= active.iter().any(|rule| rule.principals.items.iter().any(Named::is_session));
        let tests = |is: &dyn Fn(&str) -> bool| -> Vec<Vec<&'a Test>> {
            active.iter().map(|rule| rule.tests.iter().filter(|test| is(&test.key)).collect()).collect()
        };
        let on_clock = |name: &str| CLOCK.contains(&name);
        let clock = names.iter().any(|name| on_clock(name)).then(|| tests(&on_clock));
        names.retain(|name| !on_clock(name));
        let keys: Vec<_> = names.iter().map(|name| (*name, tests(&|key| key == *name))).collect();
        let bound: Vec<_> = names.iter().filter_map(|name| Some((*name, bound(key(name))?))).collect();

        let elements: Vec<_> = active.iter().map(|rule| &rule.actions).collect();
        let on: Vec<&OnActions> = bound.iter().map(|(_, actions)| *actions).collect();
        let actions = action::candidates(&elements, &on, budget)?;
        let resources: Vec<&Resources> = active.iter().map(|rule| &rule.resources).collect();
        let objects = resource::keys(&resources, budget)?;
        Some(Self { rules, active, splits, keys, clock, bound, actions, objects })
    }

    fn parts(self, budget: &mut Budget) -> Option<Vec<Part<'a>>> {
        let mut groups: Vec<Option<Vec<bool>>> = Vec::new();
        for candidate in &self.actions {
            if self.bound.is_empty() {
                break;
            }
            if !groups.contains(&candidate.has) {
                groups.push(candidate.has.clone());
            }
        }
        let mut parts = Vec::new();
        let mut known = Known::new();
        let mut asked: HashMap<Option<Asker>, Vec<Who>> = HashMap::new();
        for situation in self.splits.situations() {
            let who = if let Some(who) = asked.get(&situation.asker) {
                who.clone()
            } else {
                let who = self.who(situation.asker, budget)?;
                asked.insert(situation.asker, who.clone());
                who
            };
            if groups.is_empty() {
                parts.push(self.part(&situation, who, None, &mut known, budget)?);
                continue;
            }
            for group in &groups {
                parts.push(self.part(&situation, who.clone(), Some(group), &mut known, budget)?);
            }
        }
        Some(parts)
    }

    /// Who may ask: of one kind, where that matters.
    fn who(&self, asker: Option<Asker>, budget: &mut Budget) -> Option<Vec<Who>> {
        let principals: Vec<_> = self.active.iter().map(|rule| &rule.principals).collect();
        let partition = &self.rules.partition;
        let Some(asker) = asker else {
            let all = principal::candidates(&principals, partition).into_iter();
            let who = |principal: Principal| {
                let asker = principal.askers().first().copied().unwrap_or(Asker::Anonymous);
                Who { principal, asker, arn: None }
            };
            return Some(all.map(who).collect());
        };
        let own = self.keys.iter().filter(|(name, _)| key(name).by.is_of_principal());
        let tests = own.flat_map(|(_, tests)| tests.iter().flatten().copied()).collect();
        Asked { principals, tests, partition }.of(asker, budget)
    }

    /// The requests of a situation, with the actions of one group.
    fn part(
        &self,
        situation: &Situation,
        who: Vec<Who>,
        group: Option<&Option<Vec<bool>>>,
        known: &mut Known,
        budget: &mut Budget,
    ) -> Option<Part<'a>> {
        let rules = self.rules;
        let active = self.active;
        let mut trees = Trees { count: active.len(), must: Tree::default(), may: Tree::default() };

        let is_own = |name: &str| {
            let by = key(name).by;
            situation.asker.is_some_and(|asker| by.is_of_principal() && who::domain(by, asker).is_none())
        };
        let own: Vec<&'a str> = self.keys.iter().map(|(name, _)| *name).filter(|name| is_own(name)).collect();
        let own_tests: Vec<_> = self.keys.iter().filter(|(name, _)| is_own(name)).collect();
        let says = |at: usize, who: &Who, canonical: bool| {
            let Some(rule) = active.get(at) else { return Sides::NO };
            let mut sides = rule.principals.at(&who.principal, who.arn.as_ref(), canonical);
            for (name, tests) in &own_tests {
                let (Some(key_of), Some(held)) = (rules.keys.get(*name), who.settled(key(name).by)) else {
                    continue;
                };
                sides = all_at(tests.get(at), *key_of, &held, canonical).and(sides);
            }
            sides
        };
        let who = trees
            .shared(who, budget, |at, one| Sides { must: says(at, one, true).must, may: says(at, one, false).may })?;

        let mut moments = None;
        if let Some(clock) = &self.clock {
            let found = condition::moments(&clock.concat(), rules.now);
            let says = |at: usize, moment: Instant, canonical: bool| {
                let tests = clock.get(at).map(Vec::as_slice).unwrap_or_default();
                tests.iter().fold(Sides::YES, |sides, test| {
                    let Some(own) = rules.keys.get(&test.key) else { return sides };
                    let held = condition::at_moment(&test.key, moment);
                    test.at(*own, held.as_deref(), canonical).and(sides)
                })
            };
            moments = Some(trees.shared(found, budget, |at, moment| Sides {
                must: says(at, *moment, true).must,
                may: says(at, *moment, false).may,
            })?);
        }

        let mut keys = Vec::new();
        for place in 0..self.keys.len() {
            let Some((name, tests)) = self.keys.get(place).filter(|(name, _)| !is_own(name)) else { continue };
            let fact = key(name);
            let has = match group {
                Some(Some(has)) => {
                    let at = self.bound.iter().position(|(bound, _)| bound == name);
                    at.and_then(|at| has.get(at).copied())
                }
                _ => None,
            };
            let limits = (situation.presence(fact, has), situation.domain(fact));
            let key_of = *rules.keys.get(*name)?;
            let points = if let Some(points) = known.get(&(place, limits.0, limits.1)) {
                points.clone()
            } else {
                let points = condition::points(name, key_of, &tests.concat(), limits, budget)?;
                known.insert((place, limits.0, limits.1), points.clone());
                points
            };
            let points = trees.shared(points, budget, |at, held| Sides {
                must: all_at(tests.get(at), key_of, held, true).must,
                may: all_at(tests.get(at), key_of, held, false).may,
            })?;
            keys.push((*name, points));
        }

        let of_group = |one: &&action::Candidate| group.is_none_or(|group| one.has == *group);
        let candidates: Vec<action::Candidate> = self.actions.iter().filter(of_group).cloned().collect();
        let (objects, buckets): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| !one.on_bucket);
        let actions = trees.actions(objects, buckets, budget, |at, one| {
            active.get(at).map_or(Sides::NO, |rule| rule.actions.at(&one.name.to_ascii_lowercase()))
        })?;

        let at = |at: usize, resource: &Resource| active.get(at).map_or(Sides::NO, |rule| rule.resources.at(resource));
        let objects = trees
            .last(self.objects.clone(), budget, |index, key: &String| at(index, &Resource::Object(key.clone())))?;
        trees.last(vec![()], budget, |index, ()| at(index, &Resource::Bucket))?;
        let (must, may) = (trees.must, trees.may);
        Some(Part { situation: situation.clone(), who, own, moments, keys, actions, objects, must, may })
    }
}

/// Whether all tests of a rule on a key hold.
fn all_at(tests: Option<&Vec<&Test>>, key: Key, held: &Held, canonical: bool) -> Sides {
    let tests = tests.map(Vec::as_slice).unwrap_or_default();
    tests.iter().map(|test| test.at(key, held.as_deref(), canonical)).fold(Sides::YES, Sides::and)
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
            (one.name.strip_prefix("s3:").and_then(super::super::facts::actions::lookup).is_none(), one.on_bucket)
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
