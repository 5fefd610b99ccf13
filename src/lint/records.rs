//! From verdicts to the records that reports are made of.

use super::suppress::Muted;
use crate::buckets::{Assumption, Chosen, Exposure, Judged, Orphan, Verdict};
use crate::finding::Finding;
use crate::link::Deployment;
use crate::model::{self, BucketPolicy, Data, Notice, Template, Text};
use crate::policy::{Decision, Request};
use crate::report::{
    BucketRecord, FindingRecord, Given, NoticeRecord, OrphanRecord, Place, PolicyRecord, SuppressionRecord, Witness,
    escape,
};
use crate::rules;
use crate::source::Sources;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many bytes of what stands in a file are repeated.
const LONGEST: usize = 256;
/// More policies of one bucket are counted only.
const MAX_POLICIES: usize = 20;
/// How many bytes of a reason are repeated.
const LONGEST_REASON: usize = 1_000;

/// The record of a bucket of the input `path`.
pub(super) fn bucket(
    path: &Arc<str>,
    deployment: &Deployment,
    judged: &Judged,
    sources: &Sources,
) -> Option<BucketRecord> {
    let templates = &deployment.templates;
    let bucket = judged.find(templates)?;
    let (verdict, witness) = match &judged.verdict {
        Verdict::Enforced(_) => (model::Verdict::Enforced, None),
        Verdict::Undecided(undecided) => (model::Verdict::Undecided(undecided.leaning), None),
        Verdict::Exposed(exposure) => (model::Verdict::Exposed, Some(Box::new(exposed(&bucket.address, exposure)))),
    };
    let enforced_by = match &judged.verdict {
        Verdict::Enforced(proofs) => {
            let statements = proofs.iter().take(MAX_POLICIES).flat_map(|proof| &proof.statements);
            statements.map(|span| Place::of(sources, *span)).collect()
        }
        _ => Vec::new(),
    };
    let record = |policy: &BucketPolicy| PolicyRecord {
        place: Place::of(sources, policy.span),
        address: policy.address.clone(),
    };
    let policies: Vec<PolicyRecord> =
        judged.policies.iter().take(MAX_POLICIES).filter_map(|id| id.find(templates)).map(record).collect();
    let mut reason = rules::reason(templates, judged);
    reason.shrink_to_fit();
    Some(BucketRecord {
        input: Arc::clone(path),
        place: Place::of(sources, bucket.span),
        address: bucket.address.clone(),
        deployment: deployment.places.get(judged.template).and_then(|place| place.label.as_deref().map(str::to_owned)),
        construct: bucket.path.clone(),
        verdict,
        policies_omitted: judged.policies.len().saturating_sub(MAX_POLICIES),
        policies,
        witness,
        reason,
        enforced_by,
    })
}

/// The record of a policy on a bucket that is not in the input.
pub(super) fn orphan(templates: &[Template], orphan: &Orphan, sources: &Sources) -> Option<OrphanRecord> {
    let policy = orphan.policy.find(templates)?;
    let bucket = as_written(policy, sources);
    let (verdict, witness) = match &orphan.decision {
        // What AWS rejects denies nothing; what exists in no deployment leaves no request to deny.
        None if orphan.problems.is_empty() => (model::Verdict::Enforced, None),
        None => (model::Verdict::Exposed, None),
        Some(Decision::Enforced { .. }) => (model::Verdict::Enforced, None),
        Some(Decision::Undecided { leaning, .. }) => (model::Verdict::Undecided(*leaning), None),
        Some(Decision::Exposed { witness: request, .. }) => {
            let unnamed = format!("<{}>", policy.address);
            let context = request.context.iter();
            let context = context.map(|(key, values)| (key.clone(), values.iter().map(Text::shown).collect()));
            let witness = witness(request, &unnamed, context.collect());
            (model::Verdict::Exposed, Some(Box::new(witness)))
        }
    };
    Some(OrphanRecord {
        place: Place::of(sources, policy.span),
        address: policy.address.clone(),
        bucket,
        verdict,
        witness,
        reason: rules::orphan_reason(orphan),
    })
}

/// What a policy says of its bucket, in the words of its file.
fn as_written(policy: &BucketPolicy, sources: &Sources) -> String {
    let value = &policy.bucket;
    let file = sources.get(value.span.file).filter(|file| !file.is_confidential());
    let written = file.map(|file| file.slice(value.span)).filter(|text| !text.is_empty());
    let known = || match &value.data {
        Data::Text(text) => text.shown(),
        _ => String::new(),
    };
    escape::clip(&written.map_or_else(known, str::to_owned), LONGEST)
}

/// The record of a finding, and of what mutes it.
pub(super) fn finding(finding: &Finding, muted: Option<&Muted>, sources: &Sources) -> FindingRecord {
    let mut record = FindingRecord::new(finding, sources);
    record.suppressed = muted.map(|muted| {
        let reason = escape::clip(&muted.reason, LONGEST_REASON);
        Box::new(SuppressionRecord { by: muted.by, reason, place: Some(Place::of(sources, muted.span)) })
    });
    record
}

/// The record of a notice.
pub(super) fn notice(notice: &Notice, sources: &Sources) -> NoticeRecord {
    NoticeRecord::new(notice.message.clone(), notice.span, sources)
}

fn exposed(address: &str, exposure: &Exposure) -> Witness {
    let context = exposure.witness.context.iter().map(|(key, values)| {
        (exposure.written.get(key).unwrap_or(key).clone(), values.iter().map(Text::shown).collect())
    });
    let mut told = witness(&exposure.witness, &format!("<{address}>"), context.collect());
    for assumption in &exposure.assumptions {
        match assumption {
            Assumption::Condition(name, holds) => {
                told.assumptions.insert(name.clone(), *holds);
            }
            Assumption::Parameter(name, chosen) => {
                let given = match chosen {
                    Chosen::Value(value) => Given::Value(value.clone()),
                    Chosen::Not(values) => Given::Not(values.clone()),
                };
                told.parameters.insert(name.clone(), given);
            }
        }
    }
    told
}

fn witness(request: &Request, unnamed: &str, context: Vec<(String, Vec<String>)>) -> Witness {
    Witness {
        principal: request.principal.shown(),
        action: request.action.clone(),
        resource: request.arn(unnamed),
        context,
        assumptions: BTreeMap::new(),
        parameters: BTreeMap::new(),
    }
}
