//! The verdict of each bucket: the worst over all worlds in which it exists.

use super::candidate::{Candidate, Decided, State, any_request, exposed, remarks};
use super::verdict::{Cause, Exposure, Judged, Judgement, Proof, Undecided, Verdict};
use super::worlds::{self, Collector, MAX_WORLDS, Parameters, World, Worlds};
use crate::link::{Attachments, Deployment, Link, PolicyId, Unfollowed, name};
use crate::model::{Bucket, Data, Date, Leaning, Template, Text, Truth, Unknown};
use crate::policy::Decision;
use crate::source::Span;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use std::collections::{BTreeMap, BTreeSet};

/// How many policies that are only possible are taken into account together. Past that a bucket is undecided.
const MAX_POSSIBLE: usize = 8;
/// How many further policies are looked at to name some that may be on an undecided bucket too.
const MAX_NAMED: usize = 4;
/// Fewer buckets than this are judged faster without threads.
const WORTH_THREADS: usize = 64;

/// Decides every bucket of a deployment; requests come from the day `now` on.
#[must_use]
pub fn judge(deployment: &Deployment, now: Date) -> Judgement {
    let attachments = Attachments::new(deployment);
    let judge = Judge { deployment, attachments, parameters: worlds::parameters(&deployment.templates), now };
    let each = |(t, template): (usize, &Template)| (0..template.buckets.len()).map(move |b| (t, b)).collect::<Vec<_>>();
    let ids: Vec<(usize, usize)> = deployment.templates.iter().enumerate().flat_map(each).collect();
    let one = |(t, b): (usize, usize)| Some(judge.bucket(t, b, deployment.templates.get(t)?.buckets.get(b)?));
    let buckets: Vec<Judged> = if ids.len() < WORTH_THREADS {
        ids.into_iter().filter_map(one).collect()
    } else {
        ids.into_par_iter().filter_map(one).collect()
    };
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
    pub(super) parameters: Parameters<'a>,
    /// The day of the run.
    pub(super) now: Date,
}

/// A bucket with what may be on it.
struct Subject<'a> {
    id: (usize, usize),
    bucket: &'a Bucket,
    name: Text,
    policies: Vec<Candidate<'a>>,
    carriers: Vec<&'a Unfollowed>,
}

impl Judge<'_> {
    /// The policy resource that a policy is an alternative of, or is.
    fn original(&self, id: PolicyId) -> PolicyId {
        match (id, self.deployment.ties(id).and_then(|ties| ties.of)) {
            (PolicyId::Resource(template, _), Some(of)) => PolicyId::Resource(template, of),
            _ => id,
        }
    }

    fn candidate(&self, id: PolicyId) -> Option<Candidate<'_>> {
        Some(Candidate { id, policy: id.find(&self.deployment.templates)? })
    }

    fn bucket(&self, t: usize, b: usize, bucket: &Bucket) -> Judged {
        let id = (t, b);
        let policies = self.attachments.named(id).filter_map(|id| self.candidate(id)).collect();
        let carriers = self.attachments.carriers(id);
        let mut subject = Subject { id, bucket, name: name(bucket), policies, carriers };
        let mut rest = self.attachments.possible(id).filter_map(|id| self.candidate(id));
        let mut judged = Judged {
            template: t,
            bucket: b,
            policies: Vec::new(),
            conflict: None,
            verdict: Verdict::Enforced(Vec::new()),
            remarks: Vec::new(),
        };
        let mut decided = Decided::new();
        let mut added = 0;
        loop {
            let worlds = self.worlds(&subject);
            if worlds.count().is_none() {
                judged.policies = subject.policies.iter().map(|one| one.id).collect();
                judged.verdict = Verdict::Undecided(too_many_worlds(bucket.span));
                return judged;
            }
            let mut ties = Ties::default();
            let mut states: BTreeMap<World, State> = BTreeMap::new();
            for world in worlds.all() {
                let state = self.state(&worlds, &world, &subject, &mut decided, &mut ties);
                states.insert(world, state);
            }
            let bare = states.values().any(|state| matches!(state, State::Bare));
            // A policy that may be on the bucket matters only where no certain one is, and only if it could deny.
            if bare && let Some(next) = rest.find(|one| self.matters(&subject, one)) {
                if added < MAX_POSSIBLE {
                    added += 1;
                    subject.policies.push(next);
                    continue;
                }
                Self::limit(&mut states, bucket);
            }
            self.bare(&worlds, &mut states, &subject);
            judged.policies = ties.certain.iter().chain(ties.possible.difference(&ties.certain)).copied().collect();
            judged.conflict = ties.conflict;
            judged.remarks = remarks(&decided);
            let unsure_only = ties.certain.is_empty() && !ties.possible.is_empty();
            judged.verdict = self.worst(&worlds, &states, &subject);
            if let (Verdict::Undecided(undecided), true) = (&mut judged.verdict, unsure_only) {
                for other in rest.take(MAX_NAMED) {
                    if self.matters(&subject, &other) {
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

    fn worlds(&self, subject: &Subject<'_>) -> Worlds<'_> {
        let mut collector = Collector::new(&self.parameters, &self.deployment.choices);
        collector.condition(&subject.bucket.exists);
        collector.text(&subject.name);
        for Candidate { policy, .. } in &subject.policies {
            collector.condition(&policy.exists);
            collector.value(&policy.bucket);
            collector.value(&policy.document);
        }
        for carrier in &subject.carriers {
            collector.condition(&carrier.exists);
        }
        collector.finish()
    }

    /// Whether a policy that may be on a bucket could deny plain HTTP there, in some world.
    fn matters(&self, subject: &Subject<'_>, candidate: &Candidate<'_>) -> bool {
        let mut collector = Collector::new(&self.parameters, &self.deployment.choices);
        collector.condition(&subject.bucket.exists);
        collector.text(&subject.name);
        collector.condition(&candidate.policy.exists);
        collector.value(&candidate.policy.bucket);
        collector.value(&candidate.policy.document);
        let worlds = collector.finish();
        if worlds.count().is_none() {
            return true;
        }
        worlds.all().iter().any(|world| {
            worlds.holds(world, &subject.bucket.exists)
                && worlds.holds(world, &candidate.policy.exists)
                && self.may_deny(&worlds, world, subject, candidate)
        })
    }

    /// The same in one world in which both exist.
    fn may_deny(&self, worlds: &Worlds<'_>, world: &World, subject: &Subject<'_>, candidate: &Candidate<'_>) -> bool {
        let name = worlds.text(world, &subject.name);
        let value = worlds.value(world, &candidate.policy.bucket);
        self.attachments.link(candidate.id, &value, subject.id, &name) != Link::None
            && matches!(
                candidate.decision_if_on(worlds, world, &name, self.now),
                Ok(Decision::Enforced { .. } | Decision::Undecided { .. })
            )
    }

    fn state(
        &self,
        worlds: &Worlds<'_>,
        world: &World,
        subject: &Subject<'_>,
        decided: &mut Decided,
        ties: &mut Ties,
    ) -> State {
        if !worlds.holds(world, &subject.bucket.exists) {
            return State::Elsewhere;
        }
        let name = worlds.text(world, &subject.name);
        let mut certain = Vec::new();
        let mut possible = Vec::new();
        for candidate in &subject.policies {
            if !worlds.holds(world, &candidate.policy.exists) {
                continue;
            }
            let link = match candidate.id {
                PolicyId::Inline(..) => Link::Certain,
                PolicyId::Resource(..) => {
                    let value = worlds.value(world, &candidate.policy.bucket);
                    self.attachments.link(candidate.id, &value, subject.id, &name)
                }
            };
            match link {
                Link::Certain => certain.push(candidate),
                Link::Possible(unknown) => possible.push((candidate, unknown)),
                Link::None => {}
            }
        }
        ties.certain.extend(certain.iter().map(|one| one.id));
        ties.possible.extend(possible.iter().map(|(one, _)| one.id));
        if let ([first, second, ..], None) = (certain.as_slice(), ties.conflict) {
            ties.conflict = Some((first.id, second.id));
        }
        // A bucket has at most one policy, so where one is certain a possible one is none of its business.
        let each =
            certain.iter().map(|one| one.state(worlds, world, (&name, &subject.bucket.settings), self.now, decided));
        if let Some(worst) = each.reduce(worse) {
            return worst;
        }
        possible.retain(|(one, _)| self.may_deny(worlds, world, subject, one));
        if possible.is_empty() {
            return State::Bare;
        }
        State::Undecided(self.unsure_link(worlds, world, subject, &name, &possible))
    }

    /// No policy is certain, but some may be the bucket's: undecided, leaning where the likely link decides.
    fn unsure_link(
        &self,
        worlds: &Worlds<'_>,
        world: &World,
        subject: &Subject<'_>,
        name: &Text,
        possible: &[(&Candidate<'_>, Unknown)],
    ) -> Undecided {
        let likely = possible.iter().find(|(_, unknown)| {
            unknown.likely.as_ref().is_some_and(|value| {
                let value = worlds.value(world, value).scalar_text();
                value.is_some_and(|text| {
                    text.equals(name) == Truth::Yes || text.as_symbol() == Some(&subject.bucket.symbol)
                })
            })
        });
        let leaning = likely.and_then(|(one, _)| match one.decision_if_on(worlds, world, name, self.now) {
            Ok(Decision::Enforced { .. }) => Some(Leaning::Enforced),
            Ok(Decision::Exposed { .. }) | Err(_) => Some(Leaning::Exposed),
            Ok(Decision::Undecided { leaning, .. }) => leaning,
        });
        let because = possible.iter().map(|(one, unknown)| unsure(one, unknown)).collect();
        Undecided { because, leaning }
    }

    /// Worlds in which no policy is on the bucket: undecided where something may carry one that cannot be seen, else
    /// exposed.
    fn bare(&self, worlds: &Worlds<'_>, states: &mut BTreeMap<World, State>, subject: &Subject<'_>) {
        let incomplete: Vec<(&Unknown, bool)> = self.attachments.incomplete(subject.id.0).collect();
        for (world, state) in states {
            if !matches!(state, State::Bare) {
                continue;
            }
            let handed = subject.carriers.iter().filter(|carrier| worlds.holds(world, &carrier.exists));
            let mut because: Vec<Unknown> = handed.map(|carrier| carrier.unknown.clone()).collect();
            // A macro over the template may add a policy, and what is written says that there is none.
            let rewritten = because.is_empty() && incomplete.iter().any(|(_, rewritten)| *rewritten);
            because.extend(incomplete.iter().map(|(unknown, _)| Unknown::clone(unknown)));
            if !because.is_empty() {
                *state = State::Undecided(Undecided { because, leaning: rewritten.then_some(Leaning::Exposed) });
                continue;
            }
            let elsewhere: Vec<PolicyId> = subject
                .policies
                .iter()
                .filter(|Candidate { policy, .. }| {
                    !worlds.holds(world, &policy.exists) || matches!(policy.bucket.data, Data::Choice { .. })
                })
                .map(|one| self.original(one.id))
                .collect();
            let cause = if elsewhere.is_empty() { Cause::NoPolicy } else { Cause::PolicyLeftOut(elsewhere) };
            *state = exposed(any_request(&worlds.text(world, &subject.name)), cause);
        }
    }

    /// More policies may be on the bucket than are taken into account.
    fn limit(states: &mut BTreeMap<World, State>, bucket: &Bucket) {
        let cause = format!("more than {MAX_POSSIBLE} policies may be on this bucket in some deployments only");
        let unknown = Unknown::new(cause, bucket.span, "give the values of the parameters with `--parameters`");
        for state in states.values_mut().filter(|state| matches!(state, State::Bare)) {
            *state = State::Undecided(Undecided { because: vec![unknown.clone()], leaning: None });
        }
    }

    /// The worst of all worlds.
    fn worst(&self, worlds: &Worlds<'_>, states: &BTreeMap<World, State>, subject: &Subject<'_>) -> Verdict {
        let is_exposed = |world: &World| matches!(states.get(world), Some(State::Exposed(_)));
        let mut doubtful = false;
        let mut found: Option<(u8, &World, &Exposure, BTreeSet<usize>)> = None;
        for (world, state) in states {
            let State::Exposed(exposure) = state else { continue };
            let rank = u8::from(matches!(exposure.cause, Cause::PolicyLeftOut(_)));
            if found.as_ref().is_some_and(|(best, ..)| *best <= rank) {
                continue;
            }
            let decisive = worlds.decisive(world, is_exposed);
            if worlds.doubtful(&decisive) {
                doubtful = true;
            } else {
                found = Some((rank, world, exposure, decisive));
            }
        }
        if let Some((_, world, exposure, decisive)) = found {
            let home = subject.id.0;
            let assumptions = self.assumptions(worlds, world, &decisive, home, subject.bucket, &subject.policies);
            return Verdict::Exposed(Box::new(Exposure { assumptions, ..exposure.clone() }));
        }
        let undecided: Vec<&Undecided> = states
            .values()
            .filter_map(|state| match state {
                State::Undecided(undecided) => Some(undecided),
                _ => None,
            })
            .collect();
        if doubtful || !undecided.is_empty() {
            let obstacles = worlds.obstacles();
            return Verdict::Undecided(joined(doubtful.then_some(obstacles.as_slice()), &undecided));
        }
        let mut proofs: Vec<Proof> = Vec::new();
        for state in states.values() {
            if let State::Enforced(proof) = state
                && !proofs.contains(proof)
            {
                proofs.push(proof.clone());
            }
        }
        Verdict::Enforced(proofs)
    }
}

#[derive(Default)]
struct Ties {
    certain: BTreeSet<PolicyId>,
    possible: BTreeSet<PolicyId>,
    conflict: Option<(PolicyId, PolicyId)>,
}

/// Why it is not known whether a policy is on a bucket.
fn unsure(candidate: &Candidate<'_>, unknown: &Unknown) -> Unknown {
    let address = &candidate.policy.address;
    let cause = format!("it is not known whether policy `{address}` is on this bucket: {}", unknown.cause);
    Unknown { cause, ..unknown.clone() }
}

/// The worse of two states of one bucket in one world.
fn worse(one: State, two: State) -> State {
    let rank = |state: &State| match state {
        State::Elsewhere => 0,
        State::Enforced(_) => 1,
        State::Undecided(_) => 2,
        State::Bare | State::Exposed(_) => 3,
    };
    if rank(&two) > rank(&one) { two } else { one }
}

pub(super) fn too_many_worlds(span: Span) -> Undecided {
    let cause = format!("bucket and policy hang on more than {MAX_WORLDS} combinations of inputs");
    let remedy = "give the values of the parameters with `--parameters`";
    Undecided { because: vec![Unknown::new(cause, span, remedy)], leaning: None }
}

fn joined(obstacles: Option<&[Unknown]>, undecided: &[&Undecided]) -> Undecided {
    let mut because: Vec<Unknown> = Vec::new();
    let each = undecided.iter().flat_map(|one| one.because.iter().cloned());
    for unknown in obstacles.into_iter().flatten().cloned().chain(each) {
        if !because.iter().any(|known| known.span == unknown.span && known.cause == unknown.cause) {
            because.push(unknown);
        }
    }
    let mut leanings = undecided.iter().map(|one| one.leaning);
    let first = leanings.next().flatten();
    let leaning = if obstacles.is_none() && leanings.all(|other| other == first) { first } else { None };
    Undecided { because, leaning }
}
