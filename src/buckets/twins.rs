//! Buckets that get one judgement: what is so of the one is so of the other.
//!
//! Many templates of one run declare a bucket of the same name, and then each of their policies is on each of them.

use super::judge::Judge;
use super::verdict::{Judged, Verdict};
use crate::link::{Deployment, PolicyId, Ties, name};
use crate::model::{Condition, Text, Truth};
use std::collections::{BTreeSet, HashMap};

/// Buckets on fewer policies are judged one by one.
const WORTH_A_LOOK: usize = 4;

type BucketId = (usize, usize);

/// For each bucket the first one that is just like it.
#[derive(Default)]
pub(super) struct Twins {
    first: HashMap<BucketId, BucketId>,
}

impl Twins {
    pub(super) fn of(judge: &Judge<'_>, ids: &[BucketId]) -> Self {
        let mut twins = Self::default();
        let mut known: HashMap<(Text, bool), BucketId> = HashMap::new();
        let mut surely_on: HashMap<Text, bool> = HashMap::new();
        for &id in ids {
            let Some((likeness, policies)) = judge.likeness(id) else { continue };
            let sure = surely_on.entry(likeness.0.clone());
            if !*sure.or_insert_with_key(|name| policies.iter().all(|id| judge.is_surely_on(*id, name))) {
                continue;
            }
            let first = *known.entry(likeness).or_insert(id);
            if first != id {
                twins.first.insert(id, first);
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

impl Judge<'_> {
    /// What buckets have in common that are judged alike, and their policies: a name that is written out, no condition, and
    /// no policy but those of that name.
    fn likeness(&self, (t, b): BucketId) -> Option<((Text, bool), &BTreeSet<PolicyId>)> {
        let bucket = self.deployment.templates.get(t)?.buckets.get(b)?;
        let own = name(bucket);
        own.as_literal()?;
        let policies = self.attachments.named_alone((t, b), &own)?;
        let ties = self.deployment.places.get(t)?.buckets.get(b);
        let there = *self.exists(t, &bucket.exists) == Condition::Always;
        let sure = there && ties.is_none_or(|ties| ties.unsure.is_empty());
        let alike = sure && policies.len() > WORTH_A_LOOK;
        alike.then(|| ((own, bucket.settings.blocks_public_policy.is_some()), policies))
    }

    /// Whether a policy is there for certain, on whatever bucket has this name.
    fn is_surely_on(&self, id: PolicyId, bucket: &Text) -> bool {
        let sure = |ties: &Ties| ties.alternative.is_none() && ties.unsure.is_empty();
        self.deployment.ties(id).is_none_or(sure)
            && id.find(&self.deployment.templates).is_some_and(|policy| {
                *self.exists(id.template(), &policy.exists) == Condition::Always
                    && policy.bucket.scalar_text().is_some_and(|text| text.equals(bucket) == Truth::Yes)
            })
    }
}
