//! The verdict of each bucket: the worst over all worlds in which it exists.
//!
//! Worlds are never listed. What exists and what names what are sets of worlds; each policy settles regions of those
//! in which it is on the bucket, and what is left has no policy.

use super::concerned::Concerned;
use super::impossible::impossible;
use super::tied::{unsure, unsure_of_many};
use super::twins::Twins;
use super::verdict::{Judged, Judgement, Undecided, Verdict};
use super::weighing::Weighing;
use super::worlds::{Facts, NONE, Set, Space};
use crate::link::{Attachments, Deployment, Link, PolicyId, Unfollowed, name};
use crate::model::{Bucket, BucketPolicy, Condition, Date, Leaning, Template, Text, Unknown};
use crate::policy::Budget;
use crate::threads;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

/// How many policies that are only possible are taken into account together. Past that a bucket is undecided.
const MAX_POSSIBLE: usize = 8;
/// How many further policies that may be on an undecided bucket too are named; where there are more, that is said.
const MAX_NAMED: usize = 2;
/// Fewer buckets than this are judged faster without threads.
const WORTH_THREADS: usize = 64;

/// The steps that each bucket has: nearly all take far fewer.
pub(super) const OWN_STEPS: u64 = 400_000;
/// The steps that those buckets of a deployment share evenly that take more.
const SHARED_STEPS: u64 = 16_000_000;

/// Where what a template that nobody can deploy declares exists.
static NEVER: Condition = Condition::Never;

/// Decides every bucket of a deployment.
///
/// Each bucket has steps of its own, and those that take more a share by their number, so that what is said of one
/// hangs neither on an order nor on what the others use up.
#[must_use]
pub fn judge(deployment: &Deployment, today: Date) -> Judgement {
    let judge = Judge::new(deployment, today);
    let each = |(t, template): (usize, &Template)| (0..template.buckets.len()).map(move |b| (t, b)).collect::<Vec<_>>();
    let ids: Vec<(usize, usize)> = deployment.templates.iter().enumerate().flat_map(each).collect();
    let twins = Twins::of(&judge, &ids);
    let (alike, own): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| twins.has(*id));
    let mut buckets = judge.all(&own, OWN_STEPS);
    judge.again(&mut buckets);
    let tied: BTreeSet<PolicyId> = buckets
        .iter()
        .flat_map(|judged| judged.policies.iter().chain(&judged.again))
        .map(|id| judge.original(*id))
        .collect();
    let known: HashMap<_, _> = buckets.iter().map(|one| ((one.template, one.bucket), one)).collect();
    let alike: Vec<Judged> = alike.iter().filter_map(|id| twins.judged(deployment, *id, &known)).collect();
    buckets.extend(alike);
    buckets.sort_by_key(|judged| (judged.template, judged.bucket));
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
    /// Templates that nobody can deploy.
    impossible: BTreeSet<usize>,
    /// For each policy of each template whether it could guard some bucket, once somebody asks.
    pub(super) guards: Vec<Vec<OnceLock<bool>>>,
    pub(super) today: Date,
}

/// A policy that may be a bucket's.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) id: PolicyId,
    pub(super) policy: &'a BucketPolicy,
}

/// A bucket with what may be on it.
pub(super) struct Subject<'a> {
    pub(super) id: (usize, usize),
    pub(super) bucket: &'a Bucket,
    pub(super) name: Text,
    pub(super) policies: Vec<Candidate<'a>>,
    pub(super) carriers: Vec<&'a Unfollowed>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(deployment: &'a Deployment, today: Date) -> Self {
        let facts = Facts::new(&deployment.templates, &deployment.choices);
        let impossible = impossible(deployment, &facts);
        let unasked = |template: &Template| template.policies.iter().map(|_| OnceLock::new()).collect();
        let guards = deployment.templates.iter().map(unasked).collect();
        Self { deployment, attachments: Attachments::new(deployment), facts, impossible, guards, today }
    }

    /// Whether nothing of a template is ever there.
    pub(super) fn is_impossible(&self, template: usize) -> bool {
        self.impossible.contains(&template)
    }

    /// Where something that a template declares exists, by the condition that stands on it. Whatever asks whether a
    /// bucket or a policy is there asks it here, so that none forgets the templates that nobody can deploy.
    pub(super) fn exists<'c>(&self, template: usize, own: &'c Condition) -> &'c Condition {
        if self.is_impossible(template) { &NEVER } else { own }
    }

    /// Those that took more than their own steps, each with a share of those that they have together.
    fn again(&self, buckets: &mut [Judged]) {
        let heavy: Vec<&mut Judged> = buckets.iter_mut().filter(|one| one.out_of_budget).collect();
        let ids: Vec<(usize, usize)> = heavy.iter().map(|one| (one.template, one.bucket)).collect();
        let share = SHARED_STEPS / (ids.len() as u64).max(1);
        if share > OWN_STEPS {
            for (place, judged) in heavy.into_iter().zip(self.all(&ids, share)) {
                *place = judged;
            }
        }
    }

    /// Some buckets, each with so many steps.
    fn all(&self, ids: &[(usize, usize)], steps: u64) -> Vec<Judged> {
        let one = |(t, b): (usize, usize)| {
            let bucket = self.deployment.templates.get(t)?.buckets.get(b)?;
            Some(self.bucket(t, b, bucket, Budget::of(steps)))
        };
        threads::each(ids.to_vec(), WORTH_THREADS, one).into_iter().flatten().collect()
    }

    /// The policy resource that a policy is an alternative of, or is.
    pub(super) fn original(&self, id: PolicyId) -> PolicyId {
        match (id, self.deployment.ties(id).and_then(|ties| ties.of)) {
            (PolicyId::Resource(template, _), Some(of)) => PolicyId::Resource(template, of),
            _ => id,
        }
    }

    fn candidate(&self, id: PolicyId) -> Option<Candidate<'a>> {
        Some(Candidate { id, policy: id.find(&self.deployment.templates)? })
    }

    pub(super) fn bucket(&self, t: usize, b: usize, bucket: &'a Bucket, mut budget: Budget) -> Judged {
        let id = (t, b);
        let policies = self.attachments.named(id).into_iter().filter_map(|id| self.candidate(id)).collect();
        let carriers = self.attachments.carriers(id);
        let mut subject = Subject { id, bucket, name: name(bucket), policies, carriers };
        let named = subject.policies.len();
        let mut judged = self.weighed(&mut subject, &mut budget);
        if judged.out_of_budget {
            subject.policies.truncate(named);
            if let Some(proof) = self.plainly(&subject) {
                judged.out_of_budget = false;
                judged.verdict = Verdict::Enforced(Arc::new(vec![proof]));
            }
        }
        judged
    }

    /// A bucket with the policies that name it, and as many of those that may be on it as it takes.
    fn weighed(&self, subject: &mut Subject<'a>, budget: &mut Budget) -> Judged {
        let mut rest =
            self.attachments.possible(subject.id, |id| self.may_guard(id)).filter_map(|id| self.candidate(id));
        let mut added = 0;
        loop {
            let mut space = self.space(subject, *budget);
            let mut weighing = Weighing::new(self, &mut space);
            let mut judged = weighing.judged(subject);
            let bare = weighing.bare;
            *budget = *space.budget();
            // A policy that may be on the bucket matters only where no certain one is, and only if it could deny.
            if bare != NONE
                && let Some(next) = rest.find(|one| self.matters(subject, one, budget))
            {
                if added < MAX_POSSIBLE {
                    added += 1;
                    subject.policies.push(next);
                    continue;
                }
                judged.verdict =
                    Verdict::Undecided(Undecided { because: vec![too_many_policies(subject.bucket)], leaning: None });
            }
            if judged.unsure
                && let Verdict::Undecided(undecided) = &mut judged.verdict
            {
                let others: Vec<_> =
                    rest.filter(|other| self.matters(subject, other, budget)).take(MAX_NAMED + 1).collect();
                self.name_others(subject, &others, undecided, &mut judged.policies);
            }
            return judged;
        }
    }

    /// Policies, each once, and those that are one of them: one may be known by its alternatives, or be deployed in several
    /// places.
    pub(super) fn told_once(&self, policies: impl Iterator<Item = PolicyId>) -> (Vec<PolicyId>, Vec<PolicyId>) {
        let mut seen = BTreeSet::new();
        let mut is_new = |id: &PolicyId| match id.find(&self.deployment.templates) {
            Some(policy) => seen.insert((policy.span, policy.address.as_str())),
            None => false,
        };
        policies.partition(|id| is_new(id))
    }

    /// Names the further policies that may be on a bucket, or says that there are many.
    fn name_others(
        &self,
        subject: &Subject<'a>,
        others: &[Candidate<'a>],
        undecided: &mut Undecided,
        policies: &mut Arc<Vec<PolicyId>>,
    ) {
        let possible =
            |one: &Candidate<'a>| match self.attachments.link(one.id, &one.policy.bucket, subject.id, &subject.name) {
                Link::Possible(unknown) => Some(unknown),
                Link::Certain | Link::None => None,
            };
        if others.len() > MAX_NAMED {
            let first = subject.policies.iter().find_map(|one| Some(unsure_of_many(one, &possible(one)?)));
            undecided.because = first.map_or_else(|| std::mem::take(&mut undecided.because), |first| vec![first]);
            return;
        }
        for other in others {
            if let Some(unknown) = possible(other) {
                undecided.because.push(unsure(other, &unknown));
                Arc::make_mut(policies).push(other.id);
            }
        }
    }

    /// The worlds that concern a bucket and its policies.
    fn space(&self, subject: &Subject<'a>, budget: Budget) -> Space<'_> {
        let mut concerned = Concerned::new(&self.facts);
        concerned.condition(&subject.bucket.exists);
        concerned.text(&subject.name);
        for Candidate { policy, .. } in &subject.policies {
            concerned.policy(policy);
        }
        for carrier in &subject.carriers {
            concerned.condition(&carrier.exists);
        }
        concerned.space(budget)
    }

    /// Whether a policy that may be on a bucket could deny plain HTTP there, in some world.
    fn matters(&self, subject: &Subject<'a>, candidate: &Candidate<'a>, budget: &mut Budget) -> bool {
        let alone = Subject {
            id: subject.id,
            bucket: subject.bucket,
            name: subject.name.clone(),
            policies: vec![*candidate],
            carriers: Vec::new(),
        };
        let mut space = self.space(&alone, *budget);
        let mut weighing = Weighing::new(self, &mut space);
        let Some(names) = weighing.names(&alone) else { return true };
        let exists = weighing.exists(&alone);
        let tied = weighing.tied(&alone, *candidate, &names, exists);
        *budget = *space.budget();
        // What could not be looked at to its end may matter.
        space.is_exhausted() || tied.certain != NONE || !tied.possible.is_empty()
    }

    /// Worlds in which no policy is on the bucket, and something may carry one that cannot be seen.
    pub(super) fn unseen(&self, subject: &Subject<'a>, space: &mut Space<'_>, bare: Set) -> Vec<(Set, Undecided)> {
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

/// More policies may be on the bucket than are taken into account.
fn too_many_policies(bucket: &Bucket) -> Unknown {
    let cause = format!("more than {MAX_POSSIBLE} policies may be on this bucket in some deployments only");
    Unknown::new(cause, bucket.span, "give the values of its deployment with `--parameters` or `--var-file`")
}
