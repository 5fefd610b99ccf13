//! Buckets that get one judgement: what is so of the one is so of the other.
//!
//! Many templates of one run declare a bucket of the same name, and then each of their policies is on each of them. In one
//! template many buckets may have one name as well, be it a parameter's value or under one condition.

use super::judge::Judge;
use super::verdict::{Judged, Verdict};
use crate::link::{Deployment, PolicyId, Ties, name};
use crate::model::{Bucket, Condition, Met, Text, Truth};
use std::collections::{BTreeSet, HashMap};

/// Buckets on fewer policies are judged one by one.
const WORTH_A_LOOK: usize = 4;
/// Of one name no more conditions than these are told apart.
const MAX_KINDS: usize = 16;

type BucketId = (usize, usize);

/// For each bucket the first one that is just like it.
#[derive(Default)]
pub(super) struct Twins {
    first: HashMap<BucketId, BucketId>,
}

/// What buckets have in common that are judged alike.
#[derive(PartialEq, Eq, Hash)]
struct Likeness {
    name: Text,
    blocks_public_policy: bool,
    /// Only those of one template, where something hangs on inputs: these are told as that template sees them.
    template: Option<usize>,
}

/// The first bucket of a kind; `None` where those of the kind are not judged alike.
type Kind<'c> = (&'c Condition, Option<BucketId>);

impl Twins {
    pub(super) fn of(judge: &Judge<'_>, ids: &[BucketId]) -> Self {
        let mut twins = Self::default();
        let mut known: HashMap<Likeness, Vec<Kind<'_>>> = HashMap::new();
        let mut told_alike: HashMap<Text, bool> = HashMap::new();
        for &id in ids {
            let Some((bucket, exists, policies)) = judge.alike(id) else { continue };
            let name = name(bucket);
            let alone = *exists != Condition::Always
                || !*told_alike
                    .entry(name.clone())
                    .or_insert_with_key(|name| name.as_literal().is_some() && judge.are_told_alike(policies));
            let blocks_public_policy = bucket.settings.blocks_public_policy.is_some();
            let likeness = Likeness { name, blocks_public_policy, template: alone.then_some(id.0) };
            let called = likeness.name.clone();
            let kinds = known.entry(likeness).or_default();
            match kinds.iter().find(|(other, _)| *other == exists) {
                Some((_, Some(first))) => {
                    twins.first.insert(id, *first);
                }
                None if kinds.len() < MAX_KINDS => {
                    let sure = policies.iter().all(|id| judge.is_surely_on(*id, &called, exists));
                    kinds.push((exists, sure.then_some(id)));
                }
                Some((_, None)) | None => {}
            }
        }
        twins
    }

    /// Whether a bucket is like an earlier one.
    pub(super) fn has(&self, id: BucketId) -> bool {
        self.first.contains_key(&id)
    }

    /// The judgement of a bucket from that of the one that it is like. What is said of that one's place is said of its own.
    pub(super) fn judged(
        &self,
        deployment: &Deployment,
        id: BucketId,
        judged: &HashMap<BucketId, &Judged>,
    ) -> Option<Judged> {
        let first = *judged.get(self.first.get(&id)?)?;
        let mut own = Judged { template: id.0, bucket: id.1, again: Vec::new(), ..first.clone() };
        let (from, to) = (first.find(&deployment.templates)?.span, own.find(&deployment.templates)?.span);
        if let Verdict::Undecided(undecided) = &mut own.verdict {
            for unknown in undecided.because.iter_mut().filter(|unknown| unknown.span == from) {
                unknown.span = to;
            }
        }
        Some(own)
    }
}

impl<'a> Judge<'a> {
    /// A bucket that may be judged with others, where it is, and its policies: there are no others but those of its name.
    fn alike(&self, (t, b): BucketId) -> Option<(&'a Bucket, &'a Condition, &BTreeSet<PolicyId>)> {
        let bucket = self.deployment.templates.get(t)?.buckets.get(b)?;
        let policies = self.attachments.named_alone((t, b), &name(bucket))?;
        let ties = self.deployment.places.get(t)?.buckets.get(b);
        let sure = ties.is_none_or(|ties| ties.unsure.is_empty());
        (sure && policies.len() > WORTH_A_LOOK).then(|| (bucket, self.exists(t, &bucket.exists), policies))
    }

    /// Whether a policy is there for certain wherever a bucket is that has this name and exists so.
    fn is_surely_on(&self, id: PolicyId, bucket: &Text, exists: &Condition) -> bool {
        let sure = |ties: &Ties| ties.alternative.is_none() && ties.unsure.is_empty();
        self.deployment.ties(id).is_none_or(sure)
            && id.find(&self.deployment.templates).is_some_and(|policy| {
                let there = self.exists(id.template(), &policy.exists);
                (*there == Condition::Always || there == exists)
                    && policy.bucket.scalar_text().is_some_and(|text| text.equals(bucket) == Truth::Yes)
            })
    }

    /// Whether nothing that policies say hangs on an input.
    fn are_told_alike(&self, policies: &BTreeSet<PolicyId>) -> bool {
        policies.iter().filter_map(|id| id.find(&self.deployment.templates)).all(|policy| {
            let mut alike = true;
            policy.document.visit(&mut |met| {
                alike &= match met {
                    Met::Condition(_) => false,
                    Met::Text(text) => !text.symbols().any(|symbol| {
                        self.facts.parameters.contains_key(symbol) || self.facts.choices.contains_key(symbol)
                    }),
                    Met::Value(_) => true,
                };
                alike
            });
            alike
        })
    }
}
