//! What is said of a bucket.

use super::worlds::Chosen;
use crate::link::PolicyId;
use crate::model::{Bucket, Template, Unknown};
use crate::policy::{Decision, Leaning, Miss, Problem, Remark, Request};
use crate::source::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that was decided about a set of templates that are deployed together.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// One for each bucket, in the order of templates and buckets.
    pub buckets: Vec<Judged>,
    /// Policies on buckets that are not declared in the input.
    pub orphans: Vec<Orphan>,
}

/// A bucket with its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Index of the template.
    pub template: usize,
    /// Index in [`Template::buckets`].
    pub bucket: usize,
    /// Its policies: certain links first, then possible ones, as many as were looked at. Buckets that are judged alike
    /// share them.
    pub policies: Arc<Vec<PolicyId>>,
    /// Further ones that are told as one of those.
    pub(super) again: Vec<PolicyId>,
    /// True where its policies may all be on other buckets.
    pub unsure: bool,
    /// Two policies that name the bucket in one and the same deployment.
    pub conflict: Option<(PolicyId, PolicyId)>,
    /// Why the bucket is in no deployment, where it is in none.
    pub never_deployed: Option<Never>,
    /// True where the work that may be done on one bucket did not do.
    pub(super) out_of_budget: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// What is to be said of its policies beside the verdict.
    pub remarks: Vec<(PolicyId, Remark)>,
}

impl Judged {
    /// The bucket itself.
    #[must_use]
    pub fn find<'a>(&self, templates: &'a [Template]) -> Option<&'a Bucket> {
        templates.get(self.template)?.buckets.get(self.bucket)
    }
}

/// Why a bucket is in no deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {
    /// Its condition never holds.
    Condition,
    /// No values of the parameters meet all that the template asks of them.
    Rules,
}

/// The three verdicts.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Every insecure request is denied in every deployment in which the bucket exists.
    Enforced(Arc<Vec<Proof>>),
    /// An insecure request gets through in a deployment that can be.
    Exposed(Box<Exposure>),
    /// The input does not say enough.
    Undecided(Undecided),
}

/// Statements that deny every insecure request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The policy.
    pub policy: PolicyId,
    /// Where its statements stand that do the work.
    pub statements: Vec<Span>,
}

/// A request that gets through, and why.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// The request.
    pub witness: Request,
    /// The condition keys of its context as people write them, by their lower-case form.
    pub written: BTreeMap<String, String>,
    /// Why it gets through.
    pub cause: Cause,
    /// The deployment in which it does.
    pub assumptions: Vec<Assumption>,
}

/// Why an insecure request gets through.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// The bucket has no policy in any deployment.
    NoPolicy,
    /// The bucket's policy does not exist in the deployment at hand.
    PolicyLeftOut(Vec<PolicyId>),
    /// AWS would reject the policy, so that none takes effect.
    Invalid(PolicyId, Vec<Problem>),
    /// The policy lets it through: for each Deny statement, the element that does.
    Policy(PolicyId, Vec<Miss>),
}

/// A fact about the deployment under which a witness stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assumption {
    /// A named condition holds or does not.
    Condition(String, bool),
    /// A parameter is given so.
    Parameter(String, Chosen),
}

/// What is missing for a verdict.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// What is not known; at least one.
    pub because: Vec<Unknown>,
    /// Where all that is known points.
    pub leaning: Option<Leaning>,
}

/// A policy on a bucket that is not declared in the input.
#[derive(Clone, Debug)]
pub struct Orphan {
    /// The policy.
    pub policy: PolicyId,
    /// What it would do for the bucket that it names; `None` where AWS would reject it.
    pub decision: Option<Decision>,
    /// Why AWS would reject it.
    pub problems: Vec<Problem>,
    /// What is to be said of it beside its decision.
    pub remarks: Vec<Remark>,
}
