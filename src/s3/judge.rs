//! The verdict of each bucket: the worst over all worlds in which it exists.
//!
//! Worlds are never listed. What exists and what names what are sets of worlds; each policy settles regions of those
//! in which it is on the bucket, and what is left has no policy.

use super::tell::Words;
use super::verdict::{Cause, Exposure, Judged, Judgement, Proof, Undecided, Verdict};
use super::weigh::{Limits, Weighed, Weigher, any_request, exposure, if_on, too_many};
use super::worlds::{Cube, Facts, NONE, Set, Space, Variant};
use crate::link::{Attachments, Deployment, Link, PolicyId, Unfollowed, name};
use crate::model::{
    Bucket, BucketPolicy, BucketSettings, Condition, Data, Date, Leaning, Met, Symbol, Template, Text, Truth, Unknown,
    Value,
};
use crate::policy::Remark;
use crate::source::Span;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use std::collections::{BTreeMap, BTreeSet};

/// How many policies that are only possible are taken into account together. Past that a bucket is undecided.
const MAX_POSSIBLE: usize = 8;
/// How many further policies are looked at to name some that may be on an undecided bucket too.
const MAX_NAMED: usize = 4;
/// Fewer buckets than this are judged faster without threads.
const WORTH_THREADS: usize = 64;

/// Decides every bucket of a deployment.
#[must_use]
pub fn judge(deployment: &Deployment, today: Date) -> Judgement {
    let judge = Judge::new(deployment, today);
    let each = |(t, template): (usize, &Template)| (0..template.buckets.len()).map(move |b| (t, b)).collect::<Vec<_>>();
    let ids: Vec<(usize, usize)> = deployment.templates.iter().enumerate().flat_map(each).collect();
    let one = |(t, b): (usize, usize)| {
        let bucket = deployment.templates.get(t)?.buckets.get(b)?;
        Some(judge.bucket(t, b, bucket, &mut Limits::of_one()))
    };
    let mut buckets: Vec<Judged> = if ids.len() < WORTH_THREADS {
        ids.into_iter().filter_map(one).collect()
    } else {
        ids.into_par_iter().filter_map(one).collect()
    };
    // What took more than its share is decided one by one, out of what all have together.
    let mut limits = Limits::of_all();
    for judged in buckets.iter_mut().filter(|judged| judged.out_of_budget) {
        let bucket = deployment.templates.get(judged.template).and_then(|template| template.buckets.get(judged.bucket));
        if let Some(bucket) = bucket {
            *judged = judge.bucket(judged.template, judged.bucket, bucket, &mut limits);
        }
    }
    let tied: BTreeSet<PolicyId> =
        buckets.iter().flat_map(|judged| &judged.policies).map(|id| judge.original(*id)).collect();
    let policies = |(t, template): (usize, &Template)| {
        (0..template.policies.len()).map(move |p| PolicyId::Resource(t, p)).collect::<Vec<_>>()
    };
    let all = deployment.templates.iter().enumerate().flat_map(policies);
    let orphans = all
        .filter(|id| judge.original(*id) == *id && !tied.contains(id) && !judge.attachments.may_be_on_any(*id))
        .filter_map(|id| judge.orphan(id))
        .collect();
    Judgement { buckets, orphans }
}

pub(super) struct Judge<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) attachments: Attachments<'a>,
    pub(super) facts: Facts<'a>,
    pub(super) today: Date,
}

/// A policy that may be a bucket's.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) id: PolicyId,
    pub(super) policy: &'a BucketPolicy,
}

/// A bucket with what may be on it.
struct Subject<'a> {
    id: (usize, usize),
    bucket: &'a Bucket,
    name: Text,
    policies: Vec<Candidate<'a>>,
    carriers: Vec<&'a Unfollowed>,
}

/// Where a policy is on a bucket.
struct Tied<'a> {
    candidate: Candidate<'a>,
    /// For certain.
    certain: Set,
    /// Where it would be, if it existed.
    named: Set,
    /// Perhaps, and would make a difference; why that is not known.
    possible: Vec<(Set, Unknown, Option<Leaning>)>,
}

impl<'a> Judge<'a> {
    fn new(deployment: &'a Deployment, today: Date) -> Self {
        let facts = Facts::new(&deployment.templates, &deployment.choices);
        Self { deployment, attachments: Attachments::new(deployment), facts, today }
    }

    /// The policy resource that a policy is an alternative of, or is.
    fn original(&self, id: PolicyId) -> PolicyId {
        match (id, self.deployment.ties(id).and_then(|ties| ties.of)) {
            (PolicyId::Resource(template, _), Some(of)) => PolicyId::Resource(template, of),
            _ => id,
        }
    }

    fn candidate(&self, id: PolicyId) -> Option<Candidate<'a>> {
        Some(Candidate { id, policy: id.find(&self.deployment.templates)? })
    }

    fn bucket(&self, t: usize, b: usize, bucket: &'a Bucket, limits: &mut Limits) -> Judged {
        let id = (t, b);
        let policies = self.attachments.named(id).filter_map(|id| self.candidate(id)).collect();
        let carriers = self.attachments.carriers(id);
        let mut subject = Subject { id, bucket, name: name(bucket), policies, carriers };
        let mut rest = self.attachments.possible(id).filter_map(|id| self.candidate(id));
        let mut added = 0;
        loop {
            let mut space = self.space(&subject, limits);
            let mut weighing = Weighing::new(self, &mut space, limits);
            let mut judged = weighing.judged(&subject);
            let (bare, unsure_only) = (weighing.bare, weighing.unsure_only);
            // A policy that may be on the bucket matters only where no certain one is, and only if it could deny.
            if bare != NONE
                && let Some(next) = rest.find(|one| self.matters(&subject, one, limits))
            {
                if added < MAX_POSSIBLE {
                    added += 1;
                    subject.policies.push(next);
                    continue;
                }
                judged.verdict =
                    Verdict::Undecided(Undecided { because: vec![too_many_policies(bucket)], leaning: None });
            }
            if let (Verdict::Undecided(undecided), true) = (&mut judged.verdict, unsure_only) {
                for other in rest.take(MAX_NAMED) {
                    if self.matters(&subject, &other, limits) {
                        let value = &other.policy.bucket;
                        if let Link::Possible(unknown) = self.attachments.link(other.id, value, id, &subject.name) {
                            undecided.because.push(unsure(&other, &unknown));
                            judged.policies.push(other.id);
                        }
                    }
                }
            }
            return judged;
        }
    }

    /// The worlds that concern a bucket and its policies.
    fn space(&self, subject: &Subject<'a>, limits: &Limits) -> Space<'_> {
        let mut concerned = Concerned::new(&self.facts);
        concerned.condition(&subject.bucket.exists);
        concerned.text(&subject.name);
        for Candidate { policy, .. } in &subject.policies {
            concerned.policy(policy);
        }
        for carrier in &subject.carriers {
            concerned.condition(&carrier.exists);
        }
        concerned.space(limits)
    }

    /// Whether a policy that may be on a bucket could deny plain HTTP there, in some world.
    fn matters(&self, subject: &Subject<'a>, candidate: &Candidate<'a>, limits: &mut Limits) -> bool {
        let alone = Subject {
            id: subject.id,
            bucket: subject.bucket,
            name: subject.name.clone(),
            policies: vec![*candidate],
            carriers: Vec::new(),
        };
        let mut space = self.space(&alone, limits);
        let mut weighing = Weighing::new(self, &mut space, limits);
        let Some(names) = weighing.names(&alone) else { return true };
        let exists = weighing.exists(&alone);
        let tied = weighing.tied(&alone, *candidate, &names, exists);
        tied.certain != NONE || !tied.possible.is_empty()
    }

    /// Worlds in which no policy is on the bucket, and something may carry one that cannot be seen.
    fn unseen(&self, subject: &Subject<'a>, space: &mut Space<'_>, bare: Set) -> Vec<(Set, Undecided)> {
        if bare == NONE {
            return Vec::new();
        }
        let incomplete: Vec<(&Unknown, bool)> = self.attachments.incomplete(subject.id.0).collect();
        if !incomplete.is_empty() {
            let handed = subject.carriers.iter().map(|carrier| carrier.unknown.clone());
            let mut because: Vec<Unknown> = handed.collect();
            // A macro over the template may add a policy, and what is written says that there is none.
            let rewritten = because.is_empty() && incomplete.iter().any(|(_, rewritten)| *rewritten);
            because.extend(incomplete.iter().map(|(unknown, _)| Unknown::clone(unknown)));
            return vec![(bare, Undecided { because, leaning: rewritten.then_some(Leaning::Exposed) })];
        }
        let mut found = Vec::new();
        for carrier in &subject.carriers {
            let there = space.formula(&carrier.exists);
            let there = space.diagram.and(bare, there);
            if there != NONE {
                found.push((there, Undecided { because: vec![carrier.unknown.clone()], leaning: None }));
            }
        }
        found
    }
}

/// One bucket, being weighed.
pub(super) struct Weighing<'j, 's, 'a> {
    judge: &'j Judge<'a>,
    space: &'s mut Space<'j>,
    limits: &'s mut Limits,
    /// Where no policy that was looked at is on the bucket.
    bare: Set,
    /// Whether no policy is on it for certain anywhere, and some are possibly.
    unsure_only: bool,
    /// What is to be said of its policies beside the verdict.
    remarks: Vec<(PolicyId, Remark)>,
}

impl<'j, 's, 'a> Weighing<'j, 's, 'a> {
    fn new(judge: &'j Judge<'a>, space: &'s mut Space<'j>, limits: &'s mut Limits) -> Self {
        Self { judge, space, limits, bare: NONE, unsure_only: false, remarks: Vec::new() }
    }

    fn weigher<'w>(&'w mut self, settings: &'w BucketSettings) -> Weigher<'w, 'j> {
        let (space, limits, remarks) = (&mut *self.space, &mut *self.limits, &mut self.remarks);
        Weigher { space, today: self.judge.today, limits, settings, remarks }
    }

    fn names(&mut self, subject: &Subject<'a>) -> Option<Vec<Variant<Text>>> {
        self.space.text_variants(&subject.name, self.space.may, false)
    }

    /// Where the bucket exists.
    fn exists(&mut self, subject: &Subject<'a>) -> Set {
        let exists = self.space.formula(&subject.bucket.exists);
        self.space.diagram.and(self.space.may, exists)
    }

    fn judged(&mut self, subject: &Subject<'a>) -> Judged {
        let mut judged = Judged {
            template: subject.id.0,
            bucket: subject.id.1,
            policies: subject.policies.iter().map(|one| one.id).collect(),
            conflict: None,
            never_deployed: false,
            remarks: Vec::new(),
            out_of_budget: false,
            verdict: Verdict::Undecided(too_many(subject.bucket.span)),
        };
        let exists = self.exists(subject);
        let names = self.names(subject);
        let Some(names) = names.filter(|_| !self.space.is_exhausted()) else {
            judged.out_of_budget = true;
            return judged;
        };
        if exists == NONE {
            judged.policies.clear();
            judged.never_deployed = true;
            judged.verdict = Verdict::Enforced(Vec::new());
            return judged;
        }
        let tied: Vec<Tied<'a>> = subject.policies.iter().map(|one| self.tied(subject, *one, &names, exists)).collect();
        let on = |one: &&Tied<'a>| one.certain != NONE;
        let certain: BTreeSet<PolicyId> = tied.iter().filter(on).map(|one| one.candidate.id).collect();
        let possible = tied.iter().filter(|one| !on(one) && !one.possible.is_empty()).map(|one| one.candidate.id);
        judged.policies = certain.iter().copied().chain(possible).collect();
        self.unsure_only = certain.is_empty() && tied.iter().any(|one| !one.possible.is_empty());
        judged.conflict = self.conflict(&tied);
        let found = self.found(subject, &tied, &names, exists);
        judged.verdict = self.worst(subject, &found);
        judged.remarks = std::mem::take(&mut self.remarks);
        judged.out_of_budget = self.space.is_exhausted() || self.limits.is_exhausted();
        if self.space.is_exhausted() {
            judged.verdict = Verdict::Undecided(too_many(subject.bucket.span));
        }
        judged
    }

    /// All that is found, region by region.
    fn found(&mut self, subject: &Subject<'a>, tied: &[Tied<'a>], names: &[Variant<Text>], exists: Set) -> Found {
        let mut found = Found::default();
        let mut bare = exists;
        for one in tied {
            if one.certain == NONE {
                continue;
            }
            bare = self.space.diagram.without(bare, one.certain);
            let Candidate { id, policy } = one.candidate;
            let settings = &subject.bucket.settings;
            let weighed = self.weigher(settings).weigh(id, &policy.document, names, one.certain);
            found.add(weighed);
        }
        // A bucket has at most one policy, so where one is certain a possible one is none of its business.
        let mut unsettled = bare;
        for one in tied {
            for (set, unknown, leaning) in &one.possible {
                let there = self.space.diagram.and(bare, *set);
                if there != NONE {
                    unsettled = self.space.diagram.without(unsettled, there);
                    let because = vec![unsure(&one.candidate, unknown)];
                    found.undecided.push((there, Undecided { because, leaning: *leaning }));
                }
            }
        }
        self.bare = unsettled;
        for (set, undecided) in self.judge.unseen(subject, self.space, unsettled) {
            unsettled = self.space.diagram.without(unsettled, set);
            found.undecided.push((set, undecided));
        }
        let left_out: Vec<PolicyId> = tied
            .iter()
            .filter(|one| self.space.diagram.and(one.named, exists) != NONE)
            .map(|one| self.judge.original(one.candidate.id))
            .collect();
        for name in names {
            let there = self.space.diagram.and(unsettled, name.worlds);
            if there != NONE {
                let cause = if left_out.is_empty() { Cause::NoPolicy } else { Cause::PolicyLeftOut(left_out.clone()) };
                found.bare.push((there, exposure(any_request(&name.value), BTreeMap::new(), cause)));
            }
        }
        found
    }

    /// Where a policy is on the bucket.
    fn tied(
        &mut self,
        subject: &Subject<'a>,
        candidate: Candidate<'a>,
        names: &[Variant<Text>],
        exists: Set,
    ) -> Tied<'a> {
        let mut tied = Tied { candidate, certain: NONE, named: NONE, possible: Vec::new() };
        let there = self.space.formula(&candidate.policy.exists);
        let values = match candidate.id {
            PolicyId::Inline(..) => None,
            PolicyId::Resource(..) => Some(self.space.variants(&candidate.policy.bucket, self.space.may, false)),
        };
        let values = match values {
            None => {
                tied.named = exists;
                tied.certain = self.space.diagram.and(exists, there);
                return tied;
            }
            Some(Some(values)) => values,
            Some(None) => {
                tied.possible.push((exists, too_many(candidate.policy.span).because.remove(0), None));
                return tied;
            }
        };
        for value in &values {
            for name in names {
                let both = self.space.diagram.and(value.worlds, name.worlds);
                let both = self.space.diagram.and(both, exists);
                if both != NONE {
                    self.tie(subject, &value.value, &name.value, both, there, &mut tied);
                }
            }
        }
        tied
    }

    /// The same for one thing that the policy names, and one name of the bucket.
    fn tie(&mut self, subject: &Subject<'a>, value: &Value, name: &Text, both: Set, there: Set, tied: &mut Tied<'a>) {
        let candidate = tied.candidate;
        let linked = self.judge.attachments.link(candidate.id, value, subject.id, name);
        // Names that differ in no more than what worlds tell apart are equal in some of them.
        let linked = match linked {
            Link::Possible(unknown) => match self.told_apart(value, name) {
                Some(equal) => {
                    let equal = self.space.diagram.and(both, equal);
                    tied.named = self.space.diagram.or(tied.named, equal);
                    let on = self.space.diagram.and(equal, there);
                    if self.judge.deployment.doubt(candidate.id, subject.id.0, subject.id.1).is_none() {
                        tied.certain = self.space.diagram.or(tied.certain, on);
                        return;
                    }
                    self.perhaps(subject, value, name, on, unknown, tied);
                    return;
                }
                None => Link::Possible(unknown),
            },
            other => other,
        };
        match linked {
            Link::None => {}
            Link::Certain => {
                tied.named = self.space.diagram.or(tied.named, both);
                let on = self.space.diagram.and(both, there);
                tied.certain = self.space.diagram.or(tied.certain, on);
            }
            Link::Possible(unknown) => {
                let on = self.space.diagram.and(both, there);
                self.perhaps(subject, value, name, on, unknown, tied);
            }
        }
    }

    /// The worlds in which two names are equal, where each symbol in them has listed values.
    fn told_apart(&mut self, value: &Value, name: &Text) -> Option<Set> {
        let text = value.scalar_text()?;
        let facts = self.space.facts;
        let told = |symbol: &Symbol| facts.listed(symbol).is_some();
        let shared =
            |symbol: &Symbol| text.symbols().any(|one| one == symbol) && name.symbols().any(|one| one == symbol);
        let all = text.symbols().chain(name.symbols()).all(|symbol| told(symbol) || shared(symbol));
        let any = text.symbols().chain(name.symbols()).any(told);
        (all && any).then(|| self.space.equal(&text, name))
    }

    /// A policy that may be on the bucket matters where it would not let plain HTTP through.
    #[expect(clippy::needless_pass_by_value, reason = "the caller made it for this")]
    fn perhaps(
        &mut self,
        subject: &Subject<'a>,
        value: &Value,
        name: &Text,
        on: Set,
        unknown: Unknown,
        tied: &mut Tied<'a>,
    ) {
        if on == NONE {
            return;
        }
        let candidate = tied.candidate;
        let document = if_on(&candidate.policy.document, value, name);
        let names = [Variant { worlds: on, value: name.clone() }];
        let said = self.remarks.len();
        let weighed = self.weigher(&subject.bucket.settings).weigh(candidate.id, &document, &names, on);
        // It may well be on another bucket.
        self.remarks.truncate(said);
        let likely = unknown.likely.as_ref().and_then(|likely| likely.scalar_text());
        let likely = likely
            .is_some_and(|text| text.equals(name) == Truth::Yes || text.as_symbol() == Some(&subject.bucket.symbol));
        let lean = |leaning: Option<Leaning>| leaning.filter(|_| likely);
        for (set, _) in weighed.enforced {
            tied.possible.push((set, unknown.clone(), lean(Some(Leaning::Enforced))));
        }
        for (set, undecided) in weighed.undecided {
            tied.possible.push((set, unknown.clone(), lean(undecided.leaning)));
        }
    }

    /// Two policies that are on the bucket in one world.
    fn conflict(&mut self, tied: &[Tied<'a>]) -> Option<(PolicyId, PolicyId)> {
        let certain: Vec<&Tied<'a>> = tied.iter().filter(|one| one.certain != NONE).collect();
        for (at, one) in certain.iter().enumerate() {
            for other in certain.iter().skip(at + 1) {
                if self.space.diagram.and(one.certain, other.certain) != NONE {
                    return Some((one.candidate.id, other.candidate.id));
                }
            }
        }
        None
    }

    /// The worst of all worlds.
    fn worst(&mut self, subject: &Subject<'a>, found: &Found) -> Verdict {
        let mut doubtful: Vec<Unknown> = Vec::new();
        for exposed in [&found.exposed, &found.bare] {
            if let Some(verdict) = self.exposed(subject, exposed, &found.bare, &mut doubtful) {
                return verdict;
            }
        }
        // Whatever an obstacle comes to, something may get through.
        let all: Vec<(Set, Exposure)> = found.exposed.iter().chain(&found.bare).cloned().collect();
        if all.len() > 1 {
            let any = all.iter().fold(NONE, |any, (set, _)| self.space.diagram.or(any, *set));
            if let Ok(cube) = self.space.fewest(any) {
                for (set, exposure) in &all {
                    if self.space.diagram.and(cube.worlds, *set) != NONE {
                        let assumptions = Words::new(self.judge, self.space).tell(&cube, subject.id.0, &[]);
                        return Verdict::Exposed(Box::new(Exposure { assumptions, ..exposure.clone() }));
                    }
                }
            }
        }
        if !doubtful.is_empty() || !found.undecided.is_empty() {
            let undecided: Vec<&Undecided> = found.undecided.iter().map(|(_, undecided)| undecided).collect();
            return Verdict::Undecided(joined(&doubtful, &undecided));
        }
        let mut proofs: Vec<Proof> = Vec::new();
        for (_, proof) in &found.enforced {
            if !proofs.contains(proof) {
                proofs.push(proof.clone());
            }
        }
        Verdict::Enforced(proofs)
    }

    /// A request that gets through in a world that somebody can bring about: the one of the fewest assumptions.
    fn exposed(
        &mut self,
        subject: &Subject<'a>,
        exposed: &[(Set, Exposure)],
        bare: &[(Set, Exposure)],
        doubtful: &mut Vec<Unknown>,
    ) -> Option<Verdict> {
        let mut best: Option<(usize, Cube, &Exposure)> = None;
        let bare = bare.iter().fold(NONE, |all, (set, _)| self.space.diagram.or(all, *set));
        for (set, exposure) in exposed.iter().take(16) {
            // Without any policy the request gets through as well.
            let wider = self.space.diagram.or(*set, bare);
            let found = self.space.fewest(wider).ok();
            let found = found.filter(|cube| self.space.diagram.and(cube.worlds, *set) != NONE);
            match found.map_or_else(|| self.space.fewest(*set), Ok) {
                Ok(cube) => {
                    let size = cube.chosen.len();
                    if best.as_ref().is_none_or(|(fewest, ..)| size < *fewest) {
                        best = Some((size, cube, exposure));
                    }
                }
                Err(obstacles) => {
                    for obstacle in obstacles {
                        if !doubtful.contains(&obstacle) {
                            doubtful.push(obstacle);
                        }
                    }
                }
            }
        }
        let (_, cube, exposure) = best?;
        let mut used = vec![&subject.bucket.exists];
        for Candidate { policy, .. } in &subject.policies {
            used.push(&policy.exists);
        }
        let mut named = Vec::new();
        for condition in used {
            condition.visit(&mut |met| named_in(&met, &mut named));
        }
        for Candidate { policy, .. } in &subject.policies {
            policy.bucket.visit(&mut |met| named_in(&met, &mut named));
            policy.document.visit(&mut |met| named_in(&met, &mut named));
        }
        let choice = subject.name.symbols().filter_map(|symbol| self.judge.facts.choices.get(symbol));
        for value in choice.collect::<Vec<_>>() {
            value.visit(&mut |met| named_in(&met, &mut named));
        }
        let assumptions = Words::new(self.judge, self.space).tell(&cube, subject.id.0, &named);
        Some(Verdict::Exposed(Box::new(Exposure { assumptions, ..exposure.clone() })))
    }
}

/// The named conditions that something uses itself.
fn named_in<'c>(met: &Met<'c>, named: &mut Vec<&'c Condition>) -> bool {
    let Met::Condition(condition @ Condition::Named { scope, name, .. }) = met else { return true };
    let known = |one: &&Condition| matches!(one, Condition::Named { scope: s, name: n, .. } if s == scope && n == name);
    if !named.iter().any(known) {
        named.push(condition);
    }
    false
}

/// All that is found of a bucket.
#[derive(Default)]
struct Found {
    enforced: Vec<(Set, Proof)>,
    exposed: Vec<(Set, Exposure)>,
    bare: Vec<(Set, Exposure)>,
    undecided: Vec<(Set, Undecided)>,
}

impl Found {
    fn add(&mut self, weighed: Weighed) {
        self.enforced.extend(weighed.enforced);
        self.exposed.extend(weighed.exposed);
        self.undecided.extend(weighed.undecided);
    }
}

/// What conditions and texts concern a bucket.
pub(super) struct Concerned<'f, 'a> {
    facts: &'f Facts<'a>,
    conditions: Vec<&'f Condition>,
    symbols: Vec<&'f Symbol>,
    seen: BTreeSet<Symbol>,
}

impl<'f, 'a> Concerned<'f, 'a> {
    pub(super) fn new(facts: &'f Facts<'a>) -> Self {
        Self { facts, conditions: Vec::new(), symbols: Vec::new(), seen: BTreeSet::new() }
    }

    fn condition(&mut self, condition: &'f Condition) {
        self.conditions.push(condition);
    }

    pub(super) fn policy(&mut self, policy: &'f BucketPolicy) {
        self.condition(&policy.exists);
        self.value(&policy.bucket);
        self.value(&policy.document);
    }

    fn text(&mut self, text: &'_ Text) {
        for symbol in text.symbols() {
            self.symbol(symbol);
        }
    }

    fn symbol(&mut self, symbol: &Symbol) {
        if !self.seen.insert(symbol.clone()) {
            return;
        }
        let facts = self.facts;
        if let Some(choice) = facts.choices.get(symbol) {
            self.value(choice);
        }
        if let Some((parameter, _)) = facts.parameters.get_key_value(symbol) {
            self.symbols.push(parameter);
        }
    }

    fn value(&mut self, value: &'f Value) {
        let mut texts: Vec<&'f Text> = Vec::new();
        let conditions = &mut self.conditions;
        value.visit(&mut |met| match met {
            Met::Value(value) => !matches!(value.data, Data::Unknown(_)),
            Met::Text(text) => {
                texts.push(text);
                true
            }
            Met::Condition(condition) => {
                conditions.push(condition);
                false
            }
        });
        for text in texts {
            self.text(text);
        }
    }

    pub(super) fn space(self, limits: &Limits) -> Space<'f> {
        Space::new(self.facts, &self.conditions, &self.symbols, limits.steps())
    }
}

/// Why it is not known whether a policy is on a bucket.
fn unsure(candidate: &Candidate<'_>, unknown: &Unknown) -> Unknown {
    let address = &candidate.policy.address;
    let cause = format!("it is not known whether policy `{address}` is on this bucket: {}", unknown.cause);
    Unknown { cause, ..unknown.clone() }
}

/// More policies may be on the bucket than are taken into account.
fn too_many_policies(bucket: &Bucket) -> Unknown {
    let cause = format!("more than {MAX_POSSIBLE} policies may be on this bucket in some deployments only");
    Unknown::new(cause, bucket.span, "give the values of the parameters with `--parameters`")
}

fn joined(obstacles: &[Unknown], undecided: &[&Undecided]) -> Undecided {
    let mut because: Vec<Unknown> = Vec::new();
    let mut seen: BTreeSet<(Span, String)> = BTreeSet::new();
    let each = undecided.iter().flat_map(|one| one.because.iter().cloned());
    for unknown in obstacles.iter().cloned().chain(each) {
        if seen.insert((unknown.span, unknown.cause.clone())) {
            because.push(unknown);
        }
    }
    let mut leanings = undecided.iter().map(|one| one.leaning);
    let first = leanings.next().flatten();
    let leaning = if obstacles.is_empty() && leanings.all(|other| other == first) { first } else { None };
    Undecided { because, leaning }
}
