//! Policies on buckets that are not declared in the input, each with its own decision.

use super::candidate::{Candidate, DecidedDocument};
use super::judge::Judge;
use super::verdict::{Orphan, Undecided};
use super::worlds::Collector;
use crate::link::{PolicyId, orphan_name};
use crate::model::BucketSettings;
use crate::policy::{Decision, Problem, Remark};

impl Judge<'_> {
    pub(super) fn orphan(&self, id: PolicyId) -> Option<Orphan> {
        let candidate = Candidate { id, policy: id.find(&self.deployment.templates)? };
        let policy = candidate.policy;
        let mut collector = Collector::new(&self.parameters, &self.deployment.choices);
        collector.condition(&policy.exists);
        collector.value(&policy.bucket);
        collector.value(&policy.document);
        let worlds = collector.finish();
        let mut worst: Option<Result<Decision, Vec<Problem>>> = None;
        if worlds.count().is_none() {
            let Undecided { because, leaning } = super::judge::too_many_worlds(policy.span);
            let decision = Some(Decision::Undecided { because, leaning });
            return Some(Orphan { policy: id, decision, problems: Vec::new(), remarks: Vec::new() });
        }
        let mut remarks: Vec<Remark> = Vec::new();
        let all = worlds.all();
        for world in all.iter().filter(|world| worlds.holds(world, &policy.exists)) {
            let bucket = worlds.value(world, &policy.bucket);
            let name = orphan_name(&policy.address, &bucket);
            let document = candidate.document_in(&worlds, world);
            let (decision, said) =
                DecidedDocument::new(document, &name, &BucketSettings::default(), self.now).into_parts();
            for remark in said {
                let is_same = |other: &Remark| other.span == remark.span && other.kind == remark.kind;
                if !remarks.iter().any(is_same) {
                    remarks.push(remark);
                }
            }
            if worst.as_ref().is_none_or(|worst| badness(&decision) > badness(worst)) {
                worst = Some(decision);
            }
        }
        let (decision, problems) = match worst {
            Some(Ok(decision)) => (Some(decision), Vec::new()),
            Some(Err(problems)) => (None, problems),
            None => (None, Vec::new()),
        };
        Some(Orphan { policy: id, decision, problems, remarks })
    }
}

fn badness(decision: &Result<Decision, Vec<Problem>>) -> u8 {
    match decision {
        Ok(Decision::Enforced { .. }) => 0,
        Ok(Decision::Undecided { .. }) => 1,
        Ok(Decision::Exposed { .. }) => 2,
        Err(_) => 3,
    }
}
