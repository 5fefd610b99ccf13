//! What rules are asked about. Each is handed one after the other to every rule of the table; a rule says nothing of
//! what is not its own.

use super::Case;
use crate::buckets::{Cause, Exposure, Judgement, Orphan, PolicyId, Verdict};
use crate::finding::Finding;
use crate::model::{Bucket, BucketPolicy, Template, Unknown};
use crate::policy::{Miss, Remark, RemarkKind};
use crate::source::Span;
use std::collections::{BTreeMap, HashSet};

/// One thing that a rule may have something to say of.
pub enum Subject<'a> {
    /// A bucket with its verdict.
    Bucket(Case<'a>),
    /// What is to be said of a policy beside the verdict of its bucket.
    Remark {
        /// The policy.
        policy: Option<&'a BucketPolicy>,
        /// The address of what the finding counts for: the bucket's, or the policy's where that is not in the input.
        address: &'a str,
        /// The remark.
        remark: &'a Remark,
    },
    /// A policy on a bucket that is not in the input.
    Orphan(&'a BucketPolicy, &'a Orphan),
    /// A part of a file that cannot be read and that no bucket speaks of.
    Unread(&'a Unknown),
    /// A suppression, or one of its rules, that mutes nothing.
    IdleSuppression {
        /// Where it stands.
        span: Span,
        /// Why it mutes nothing.
        message: String,
    },
}

/// How a policy fails to deny plain HTTP: its most telling Deny statements say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// A Deny about plain HTTP leaves some of it through.
    Partial,
    /// A Deny locks HTTPS out.
    Inverted,
    /// No Deny is about plain HTTP.
    None,
}

/// A policy that lets a request through.
pub(super) struct LetThrough<'a> {
    pub(super) exposure: &'a Exposure,
    pub(super) policy: PolicyId,
    pub(super) misses: &'a [Miss],
}

impl<'a> Subject<'a> {
    /// The bucket.
    pub(super) fn bucket(&self) -> Option<&Case<'a>> {
        match self {
            Subject::Bucket(case) => Some(case),
            _ => None,
        }
    }

    /// The bucket that a request reaches without TLS, and how.
    pub(super) fn exposed(&self) -> Option<(&Case<'a>, &'a Exposure)> {
        let case = self.bucket()?;
        match &case.judged.verdict {
            Verdict::Exposed(exposure) => Some((case, exposure)),
            _ => None,
        }
    }

    /// The bucket whose policy fails to deny plain HTTP in this way.
    pub(super) fn let_through(&self, by: Gap) -> Option<(&Case<'a>, LetThrough<'a>)> {
        let (case, exposure) = self.exposed()?;
        match &exposure.cause {
            Cause::Policy(policy, misses) if gap(misses) == by => {
                Some((case, LetThrough { exposure, policy: *policy, misses }))
            }
            _ => None,
        }
    }
}

fn gap(misses: &[Miss]) -> Gap {
    if misses.iter().any(|miss| miss.about_transport && !miss.inverted) {
        Gap::Partial
    } else if misses.iter().any(|miss| miss.inverted) {
        Gap::Inverted
    } else {
        Gap::None
    }
}

/// All subjects of a judgement, each with the number of its template and the bucket whose finding it would be.
pub(super) fn subjects<'a>(
    templates: &'a [Template],
    judgement: &'a Judgement,
) -> Vec<(usize, Option<&'a Bucket>, Subject<'a>)> {
    let mut subjects = Vec::new();
    let of_blocks = policies_of_blocks(templates, judgement);
    for judged in &judgement.buckets {
        let Some(bucket) = judged.find(templates) else { continue };
        let of_block = of_blocks.get(&(judged.template, bucket.span)).copied();
        let case = Case { templates, judged, bucket, of_block };
        subjects.push((judged.template, Some(bucket), Subject::Bucket(case)));
        for (id, remark) in told(&judged.remarks, |(_, remark)| remark) {
            let subject = Subject::Remark { policy: id.find(templates), address: &bucket.address, remark };
            subjects.push((judged.template, Some(bucket), subject));
        }
    }
    subjects.extend(unread(templates, judgement).map(|(index, unknown)| (index, None, Subject::Unread(unknown))));
    for orphan in &judgement.orphans {
        let Some(policy) = orphan.policy.find(templates) else { continue };
        subjects.push((orphan.policy.template(), None, Subject::Orphan(policy, orphan)));
        for remark in told(&orphan.remarks, |remark| remark) {
            let subject = Subject::Remark { policy: Some(policy), address: &policy.address, remark };
            subjects.push((orphan.policy.template(), None, subject));
        }
    }
    subjects
}

/// The remarks that are findings of their own.
fn told<T>(remarks: &[T], remark: impl Fn(&T) -> &Remark) -> impl Iterator<Item = &T> {
    remarks.iter().filter(move |one| remark(one).kind != RemarkKind::AllowOverTls)
}

/// A policy of the buckets that one block makes, by its template and place.
fn policies_of_blocks(templates: &[Template], judgement: &Judgement) -> BTreeMap<(usize, Span), PolicyId> {
    let mut of_blocks = BTreeMap::new();
    for judged in &judgement.buckets {
        if let (Some(policy), Some(bucket)) = (judged.policies.first(), judged.find(templates)) {
            of_blocks.entry((judged.template, bucket.span)).or_insert(*policy);
        }
    }
    of_blocks
}

/// The parts that cannot be read and that no undecided bucket names, each with the number of its template. A file that is
/// deployed in several places has one.
fn unread<'a>(templates: &'a [Template], judgement: &'a Judgement) -> impl Iterator<Item = (usize, &'a Unknown)> {
    let undecided = judgement.buckets.iter().filter_map(|judged| match &judged.verdict {
        Verdict::Undecided(undecided) => Some(&undecided.because),
        _ => None,
    });
    let mut told: HashSet<Span> = undecided.flatten().map(|because| because.span).collect();
    let parts = templates.iter().enumerate().filter_map(|(index, one)| Some((index, one.incomplete.as_ref()?)));
    parts.filter(move |(_, unknown)| told.insert(unknown.span))
}

/// The findings on one subject, in the order of the table.
pub(super) fn findings<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = Finding> + 's {
    super::RULES.iter().filter_map(move |rule| (rule.check)(subject))
}
