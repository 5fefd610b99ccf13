//! Policies on buckets that are not declared in the input, each with its own decision.

use super::concerned::Concerned;
use super::judge::{Judge, OWN_STEPS};
use super::verdict::{Cause, Orphan, Undecided};
use super::weigh::{Weighed, Weigher, too_many};
use super::worlds::{NONE, Set, Space, Variant};
use crate::link::{PolicyId, orphan_name};
use crate::model::{BucketPolicy, BucketSettings, Text, Value};
use crate::policy::{Budget, Decision, Remark};

impl Judge<'_> {
    pub(super) fn orphan(&self, id: PolicyId) -> Option<Orphan> {
        let policy = id.find(&self.deployment.templates)?;
        let (mut space, exists) = self.worlds_of(id, policy, OWN_STEPS);
        let mut orphan = Orphan { policy: id, decision: None, problems: Vec::new(), remarks: Vec::new() };
        if exists == NONE {
            return Some(orphan);
        }
        let buckets = space.variants(&policy.bucket, exists, false);
        let Some(buckets) = buckets.filter(|_| !space.is_exhausted()) else {
            return Some(out_of_budget(id, policy));
        };
        let called = |one: Variant<_>| Variant { worlds: one.worlds, value: orphan_name(&policy.address, &one.value) };
        let names: Vec<_> = buckets.into_iter().map(called).collect();
        let (weighed, remarks) = self.weigh_alone(&mut space, id, &policy.document, &names, exists);
        if space.is_exhausted() {
            return Some(out_of_budget(id, policy));
        }
        // Of a policy that has no bucket's name everything would be another bucket's.
        let remarks = remarks.into_iter().filter(|_| !policy.has_no_name());
        orphan.remarks = remarks.map(|(_, remark)| remark).collect();
        for (_, exposure) in &weighed.exposed {
            match &exposure.cause {
                Cause::Invalid(_, problems) => {
                    orphan.problems.clone_from(problems);
                    orphan.decision = None;
                    return Some(orphan);
                }
                Cause::Policy(_, misses) if orphan.decision.is_none() => {
                    let (witness, misses) = (exposure.witness.clone(), misses.clone());
                    orphan.decision = Some(Decision::Exposed { witness, misses });
                }
                Cause::Policy(..) | Cause::NoPolicy | Cause::PolicyLeftOut(_) => {}
            }
        }
        if orphan.decision.is_none() {
            orphan.decision = Some(match weighed.undecided.into_iter().next() {
                Some((_, one)) => Decision::Undecided { because: one.because, leaning: one.leaning },
                None => Decision::Enforced { by: Vec::new() },
            });
        }
        Some(orphan)
    }

    /// The worlds that have to be told apart for a policy by itself, and those in which it exists.
    pub(super) fn worlds_of<'s>(&'s self, id: PolicyId, policy: &'s BucketPolicy, steps: u64) -> (Space<'s>, Set) {
        let mut concerned = Concerned::new(&self.facts);
        concerned.policy(policy);
        let mut space = concerned.space(Budget::of(steps));
        let exists = space.formula(self.exists(id.template(), &policy.exists));
        let exists = space.diagram.and(space.may, exists);
        (space, exists)
    }

    /// What a policy is worth by itself, with what is to be said of it: no bucket is at hand that says more.
    pub(super) fn weigh_alone(
        &self,
        space: &mut Space<'_>,
        id: PolicyId,
        document: &Value,
        names: &[Variant<Text>],
        worlds: Set,
    ) -> (Weighed, Vec<(PolicyId, Remark)>) {
        let (settings, mut remarks) = (BucketSettings::default(), Vec::new());
        let (settings, ran_out) = (&settings, &mut false);
        let mut weigher = Weigher { space, today: self.today, ran_out, settings, remarks: Some(&mut remarks) };
        (weigher.weigh(id, document, names, worlds), remarks)
    }
}

/// Nothing is said of what could not be looked at to its end.
fn out_of_budget(id: PolicyId, policy: &BucketPolicy) -> Orphan {
    let Undecided { because, leaning } = too_many(policy.span);
    let decision = Some(Decision::Undecided { because, leaning });
    Orphan { policy: id, decision, problems: Vec::new(), remarks: Vec::new() }
}
