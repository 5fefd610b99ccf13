//! The worst of all that is found of a bucket, and the deployment in which it is so.

use super::judge::Subject;
use super::tell::Words;
use super::verdict::{Cause, Exposure, Proof, Undecided, Verdict};
use super::weighing::{Found, Weighing};
use super::worlds::{Cube, NONE, Set, Variant};
use crate::model::{BucketSettings, Condition, Met, Text, Unknown};
use crate::source::Span;
use std::collections::BTreeSet;
use std::sync::Arc;

/// More requests than these are not compared by what they assume.
const MAX_EXPOSED: usize = 16;

impl<'a> Weighing<'_, '_, 'a> {
    /// The worst of all worlds.
    pub(super) fn worst(&mut self, subject: &Subject<'a>, names: &[Variant<Text>], found: &Found) -> Verdict {
        let mut doubtful: Vec<Unknown> = Vec::new();
        for exposed in [&found.exposed, &found.bare] {
            if let Some(verdict) = self.exposed(subject, names, found, exposed, &mut doubtful) {
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
        for proof in &found.proofs {
            if !proofs.contains(proof) {
                proofs.push(proof.clone());
            }
        }
        Verdict::Enforced(Arc::new(proofs))
    }

    /// All worlds in which a request is known to get through: there is no policy, or each that there is lets it. What AWS
    /// rejects is told of all worlds in which it does.
    fn gets_through(&mut self, set: Set, exposure: &Exposure, found: &Found, names: &[Variant<Text>]) -> Set {
        let mut all = set;
        if let Cause::Invalid(..) = exposure.cause {
            for (set, _) in found.exposed.iter().filter(|(_, other)| other.cause == exposure.cause) {
                all = self.space.diagram.or(all, *set);
            }
            return all;
        }
        for (bare, _) in &found.bare {
            all = self.space.diagram.or(all, *bare);
        }
        let settings = BucketSettings::default();
        for (on, frame) in &found.frames {
            let past = self.weigher(&settings).past(frame, names, &exposure.witness, *on);
            all = self.space.diagram.or(all, past);
        }
        all
    }

    /// A request that gets through in a world that somebody can bring about: the one of the fewest assumptions.
    fn exposed(
        &mut self,
        subject: &Subject<'a>,
        names: &[Variant<Text>],
        found: &Found,
        exposed: &[(Set, Exposure)],
        doubtful: &mut Vec<Unknown>,
    ) -> Option<Verdict> {
        let mut best: Option<(usize, Cube, &Exposure)> = None;
        let mut tried: Vec<(Set, Set, &Exposure)> = Vec::new();
        for (set, exposure) in exposed.iter().take(MAX_EXPOSED) {
            let gets_through = self.gets_through(*set, exposure, found, names);
            // What gets through wherever the bucket is assumes only that it is there: nothing less is to be found.
            if gets_through == found.exists {
                tried.clear();
            }
            tried.push((*set, gets_through, exposure));
            if gets_through == found.exists {
                break;
            }
        }
        for (set, gets_through, exposure) in tried {
            match self.space.fewest_of(set, gets_through) {
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
        let used = self.conditions_used(subject);
        let assumptions = Words::new(self.judge, self.space).tell(&cube, subject.id.0, &used);
        Some(Verdict::Exposed(Box::new(Exposure { assumptions, ..exposure.clone() })))
    }

    /// The named conditions that a bucket, its name and its policies use themselves.
    fn conditions_used<'s>(&self, subject: &'s Subject<'a>) -> Vec<&'s Condition>
    where
        'a: 's,
    {
        let mut used = Vec::new();
        let exists = subject.policies.iter().map(|one| &one.policy.exists);
        for condition in std::iter::once(&subject.bucket.exists).chain(exists) {
            condition.visit(&mut |met| named_in(&met, &mut used));
        }
        let choices = subject.name.symbols().filter_map(|symbol| self.judge.facts.choices.get(symbol));
        let values = subject.policies.iter().flat_map(|one| [&one.policy.bucket, &one.policy.document]);
        for value in values.chain(choices) {
            value.visit(&mut |met| named_in(&met, &mut used));
        }
        used
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
