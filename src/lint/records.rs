//! From verdicts to the records that reports are made of.

use crate::model::{Notice, Template};
use crate::policy::Leaning;
use crate::report::{self, BucketRecord, Place, PolicyRecord, RelatedRecord, Witness};
use crate::rules;
use crate::s3::{Assumption, Exposure, Judged, Verdict};
use crate::source::Sources;
use std::collections::BTreeMap;

/// The record of a bucket of the input `path`.
pub(super) fn bucket(path: &str, templates: &[Template], judged: &Judged, sources: &Sources) -> Option<BucketRecord> {
    let bucket = judged.find(templates)?;
    let (verdict, witness) = match &judged.verdict {
        Verdict::Enforced(_) => (report::Verdict::Enforced, None),
        Verdict::Undecided(undecided) => (report::Verdict::Undecided(undecided.leaning.map(leaning)), None),
        Verdict::Exposed(exposure) => (report::Verdict::Exposed, Some(witness(&bucket.address, exposure))),
    };
    let enforced_by = match &judged.verdict {
        Verdict::Enforced(proofs) => {
            proofs.iter().flat_map(|proof| &proof.statements).map(|span| Place::of(sources, *span)).collect()
        }
        _ => Vec::new(),
    };
    let policies = judged.policies.iter().filter_map(|id| id.find(templates));
    Some(BucketRecord {
        input: path.to_owned(),
        place: Place::of(sources, bucket.span),
        address: bucket.address.clone(),
        verdict,
        policies: policies
            .map(|policy| PolicyRecord { place: Place::of(sources, policy.span), address: policy.address.clone() })
            .collect(),
        witness,
        reason: rules::reason(templates, judged),
        enforced_by,
    })
}

/// The record of a notice.
pub(super) fn notice(notice: &Notice, sources: &Sources) -> RelatedRecord {
    RelatedRecord { message: notice.message.clone(), place: Place::of(sources, notice.span) }
}

fn leaning(leaning: Leaning) -> report::Leaning {
    match leaning {
        Leaning::Enforced => report::Leaning::Enforced,
        Leaning::Exposed => report::Leaning::Exposed,
    }
}

fn witness(address: &str, exposure: &Exposure) -> Witness {
    let request = &exposure.witness;
    let context = request.context.iter().map(|(key, values)| {
        (exposure.written.get(key).unwrap_or(key).clone(), values.iter().map(crate::model::Text::shown).collect())
    });
    let mut assumptions = BTreeMap::new();
    for assumption in &exposure.assumptions {
        let (name, value) = match assumption {
            Assumption::Condition(name, holds) => (name, report::Assumption::Condition(*holds)),
            Assumption::Parameter(name, Some(value)) => (name, report::Assumption::Value(value.clone())),
            Assumption::Parameter(name, None) => (name, report::Assumption::Value("any other value".to_owned())),
        };
        assumptions.insert(name.clone(), value);
    }
    Witness {
        principal: request.principal.shown(),
        action: request.action.clone(),
        resource: request.arn(&format!("<{address}>")),
        context: context.collect(),
        assumptions,
    }
}
