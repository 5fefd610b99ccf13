//! Buckets that get one judgement: what is certain of the one is so of the other.
//!
//! Many templates of one run declare a bucket of the same name, and then each of their policies is on each of them.

use super::judge::Judge;
use super::verdict::{Judged, Verdict};
use crate::link::{PolicyId, name};
use crate::model::{Condition, Truth};
use std::collections::HashMap;

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
        let mut known: HashMap<(String, bool), Vec<BucketId>> = HashMap::new();
        for &id in ids {
            let Some(likeness) = judge.likeness(id) else { continue };
            let alike = known.entry(likeness).or_default();
            let same = |other: &&BucketId| judge.attachments.named(**other).eq(judge.attachments.named(id));
            match alike.iter().find(same) {
                Some(first) => {
                    twins.first.insert(id, *first);
                }
                None => alike.push(id),
            }
        }
        twins
    }

    /// Whether a bucket is like an earlier one.
    pub(super) fn has(&self, id: BucketId) -> bool {
        self.first.contains_key(&id)
    }

    /// The judgement of a bucket from that of the one that it is like. Why one is `undecided` is told by its own place.
    pub(super) fn judged(&self, id: BucketId, judged: &HashMap<BucketId, &Judged>) -> Option<Judged> {
        let first = *judged.get(self.first.get(&id)?)?;
        let told = !matches!(first.verdict, Verdict::Undecided(_)) && !first.out_of_budget;
        told.then(|| Judged { template: id.0, bucket: id.1, ..first.clone() })
    }
}

impl Judge<'_> {
    /// What buckets have in common that are judged alike: a name that is written out, no condition, and policies that
    /// are all there, by that name, for certain.
    fn likeness(&self, (t, b): BucketId) -> Option<(String, bool)> {
        let bucket = self.deployment.templates.get(t)?.buckets.get(b)?;
        let own = name(bucket);
        let literal = own.as_literal()?.to_owned();
        let on = |id: PolicyId| {
            id.find(&self.deployment.templates).is_some_and(|policy| {
                policy.exists == Condition::Always
                    && policy.bucket.scalar_text().is_some_and(|text| text.equals(&own) == Truth::Yes)
                    && self.deployment.doubt(id, t, b).is_none()
            })
        };
        let many = self.attachments.named((t, b)).nth(WORTH_A_LOOK).is_some();
        let alike = many && bucket.exists == Condition::Always && self.attachments.named((t, b)).all(on);
        alike.then_some((literal, bucket.settings.blocks_public_policy.is_some()))
    }
}
