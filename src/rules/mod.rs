//! The rules: each explains one kind of verdict in findings that people can act on.
//!
//! A bucket gets one finding that explains its verdict. The verdict's cause says which rule that is, so no two rules
//! speak about one cause; `conflicting_policies` alone adds to it.

mod conditional_policy;
mod conflicting_policies;
mod http_not_denied;
mod incomplete_input;
mod invalid_policy;
mod inverted_deny;
mod missing_bucket_policy;
mod never_deployed;
mod orphan_policy;
mod partial_deny;
mod remarks;
mod table;
mod undecided_policy;
mod words;

pub use table::{Control, Document, DocumentError, OF_CONTROL, RULES, Reference, Rule, controls, find, index, suggest};

use crate::finding::{Change, Finding, Intent, Target};
use crate::model::{Bucket, BucketPolicy, Format, Template, Words};
use crate::policy::{Correction, Miss, Problem};
use crate::s3::{Cause, Exposure, Judged, Judgement, Orphan, PolicyId, Undecided, Verdict};
use crate::source::Span;
use std::collections::BTreeMap;

/// A bucket with everything that a rule may want to say of it.
struct Case<'a> {
    templates: &'a [Template],
    judged: &'a Judged,
    bucket: &'a Bucket,
    /// The policy of a bucket that the same block makes, this one or another.
    of_block: Option<PolicyId>,
}

impl<'a> Case<'a> {
    /// What people who write the bucket's format call things.
    fn words(&self) -> Words {
        words_of(self.templates, self.judged)
    }

    fn policy(&self, id: PolicyId) -> Option<&'a BucketPolicy> {
        id.find(self.templates)
    }

    fn target(&self) -> Target {
        Target { span: self.bucket.span, address: self.bucket.address.clone() }
    }

    /// A policy for the bucket; in a module that can make one, the argument that asks for it. Where other buckets of the
    /// same block have a policy, rather that one for all of them.
    fn add_policy(&self) -> Vec<Intent> {
        if let Some(switch) = self.switch_on() {
            return vec![switch];
        }
        let align = self.of_block.and_then(|id| Some(self.align(self.policy(id)?)));
        align.into_iter().chain([Intent::AddPolicy { bucket: self.target() }]).collect()
    }

    /// The statement, joined to a policy; or that, and the policy wherever the bucket is.
    fn add_statement(&self, id: PolicyId) -> Vec<Intent> {
        let Some(policy) = self.policy(id) else { return Vec::new() };
        if let Some(switch) = self.switch_on() {
            return vec![switch];
        }
        let add = Intent::AddStatement { policy: of_policy(policy) };
        let both = Intent::All(vec![add.clone(), self.align(policy)]);
        vec![add, both]
    }

    /// The Deny statements that were written the wrong way round, turned; where that is all it takes.
    fn turn(misses: &[Miss]) -> Option<Intent> {
        let change = |miss: &Miss| Change { place: miss.span, from: "true".to_owned(), to: "false".to_owned() };
        let changes: Vec<Change> = misses.iter().filter(|miss| miss.inverted).map(change).collect();
        (!changes.is_empty()).then_some(Intent::Replace(changes))
    }

    /// All problems of a policy corrected, where what was meant is plain, and the statement joined to it where that does
    /// not do.
    fn correct(&self, id: PolicyId, problems: &[Problem]) -> Vec<Intent> {
        let change = |problem: &Problem| match problem.instead.clone()? {
            Correction::Word { from, to } => Some(Intent::Replace(vec![Change { place: problem.span, from, to }])),
            Correction::Everybody => Some(Intent::AddPrincipal { statement: problem.span }),
        };
        let changes: Option<Vec<Intent>> = problems.iter().map(change).collect();
        let add = self.policy(id).map(|policy| Intent::AddStatement { policy: of_policy(policy) });
        match (changes.map(Intent::All), add) {
            (Some(correct), Some(add)) => vec![correct.clone(), Intent::All(vec![correct, add])],
            // A policy without statements is rejected too.
            (correct, add) => correct.into_iter().chain(add).collect(),
        }
    }

    fn switch_on(&self) -> Option<Intent> {
        let switch = self.bucket.module_switch.clone()?;
        Some(Intent::SwitchOn { call: switch.call, argument: switch.argument })
    }

    /// The only policy of several, wherever the bucket is; or that, and the statement joined to it.
    fn align_condition(&self, policies: &[PolicyId]) -> Vec<Intent> {
        let [only] = policies else { return Vec::new() };
        let Some(policy) = self.policy(*only) else { return Vec::new() };
        let align = self.align(policy);
        let add = Intent::AddStatement { policy: of_policy(policy) };
        vec![align.clone(), Intent::All(vec![add, align])]
    }

    fn align(&self, policy: &BucketPolicy) -> Intent {
        Intent::AlignCondition { policy: of_policy(policy), bucket: self.target() }
    }
}

fn of_policy(policy: &BucketPolicy) -> Target {
    Target { span: policy.span, address: policy.address.clone() }
}

/// All findings about decided buckets and orphan policies: for each template its own.
#[must_use]
pub fn check(templates: &[Template], judgement: &Judgement) -> Vec<Vec<Finding>> {
    let mut findings = vec![Vec::new(); templates.len()];
    let mut add = |template: usize, found: Vec<Finding>| {
        if let Some(of_template) = findings.get_mut(template) {
            of_template.extend(found);
        }
    };
    let of_blocks = policies_of_blocks(templates, judgement);
    for judged in &judgement.buckets {
        let Some(bucket) = judged.find(templates) else { continue };
        let of_block = of_blocks.get(&(judged.template, bucket.span)).copied();
        let case = Case { templates, judged, bucket, of_block };
        let found = explain(&case).into_iter().chain(conflicting_policies::check(&case)).chain(remarks::check(&case));
        add(
            judged.template,
            found.map(|finding| words::with_website(words::with_origin(finding, bucket), bucket)).collect(),
        );
    }
    for (index, finding) in incomplete_input::check(templates, judgement) {
        add(index, vec![finding]);
    }
    for orphan in &judgement.orphans {
        add(orphan.policy.template(), orphan_policy::check(templates, orphan));
        add(orphan.policy.template(), remarks::of_orphan(templates, orphan));
    }
    findings
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

/// The one finding that explains a verdict.
fn explain(case: &Case<'_>) -> Option<Finding> {
    match &case.judged.verdict {
        Verdict::Enforced(_) => case.judged.never_deployed.then(|| never_deployed::check(case)),
        Verdict::Undecided(undecided) => Some(undecided_policy::check(case, undecided)),
        Verdict::Exposed(exposure) => Some(match &exposure.cause {
            Cause::NoPolicy => missing_bucket_policy::check(case, exposure),
            Cause::PolicyLeftOut(policies) => conditional_policy::check(case, exposure, policies),
            Cause::Invalid(id, problems) => invalid_policy::check(case, exposure, *id, problems),
            Cause::Policy(id, misses) => by_misses(case, exposure, *id, misses),
        }),
    }
}

/// What people who write the format of a bucket call things.
fn words_of(templates: &[Template], judged: &Judged) -> Words {
    templates.get(judged.template).map_or(Format::named("").words(), |template| template.format.words())
}

/// Which rule a policy breaks that lets a request through: the most telling of its Deny statements says.
fn by_misses(case: &Case<'_>, exposure: &Exposure, id: PolicyId, misses: &[Miss]) -> Finding {
    if misses.iter().any(|miss| miss.about_transport && !miss.inverted) {
        partial_deny::check(case, exposure, id, misses)
    } else if misses.iter().any(|miss| miss.inverted) {
        inverted_deny::check(case, exposure, id, misses)
    } else {
        http_not_denied::check(case, exposure, id, misses)
    }
}

/// What a policy on a bucket that is not in the input makes of it, in one clause.
#[must_use]
pub fn orphan_reason(orphan: &Orphan) -> String {
    orphan_policy::reason(orphan)
}

/// One sentence that says why a bucket has its verdict, for the list of buckets.
#[must_use]
pub fn reason(templates: &[Template], judged: &Judged) -> String {
    match &judged.verdict {
        Verdict::Enforced(_) if judged.never_deployed => {
            "no deployment has this bucket: its condition never holds".to_owned()
        }
        Verdict::Enforced(proofs) => words::proof(templates, proofs),
        Verdict::Undecided(Undecided { because, .. }) => {
            because.first().map_or_else(String::new, |one| one.cause.clone())
        }
        Verdict::Exposed(exposure) => match &exposure.cause {
            Cause::NoPolicy => "no bucket policy names this bucket".to_owned(),
            Cause::PolicyLeftOut(_) => format!(
                "no bucket policy exists {}",
                words::deployment(words_of(templates, judged), &exposure.assumptions)
            ),
            Cause::Invalid(_, problems) => {
                let first = problems.first().map_or("it is not valid", |problem| problem.message.as_str());
                format!("AWS would reject the policy: {first}")
            }
            Cause::Policy(_, misses) => words::telling_miss(misses)
                .map_or_else(|| "no Deny statement is about plain HTTP".to_owned(), |miss| miss.message.clone()),
        },
    }
}
