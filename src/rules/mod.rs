//! The rules: each explains one kind of verdict in findings that people can act on.
//!
//! A rule is one row of the table and one function: it is shown each subject (a bucket with its verdict, a policy on a
//! bucket that is not in the input, …) and says nothing of what is not its own. A bucket gets one finding that explains
//! its verdict: the verdict's cause says which rule that is, so no two rules speak about one cause.

mod conditional_policy;
mod conflicting_policies;
mod denies_everything;
mod http_not_denied;
mod incomplete_input;
mod invalid_policy;
mod inverted_deny;
mod missing_bucket_policy;
mod never_deployed;
mod orphan_policy;
mod partial_deny;
mod refused_policy;
mod subject;
mod table;
mod undecided_policy;
mod unused_suppression;
mod words;

pub use subject::Subject;
use subject::{Gap, LetThrough};
pub use table::{
    Control, Document, DocumentError, RULES, Reference, Rule, controls, explains_verdict, find, index, suggest,
};

use crate::buckets::{Assumption, Cause, Exposure, Judged, Judgement, Orphan, PolicyId, Undecided, Verdict};
use crate::finding::{Change, Finding, Intent, Target};
use crate::model::{Bucket, BucketPolicy, Format, Template, Words};
use crate::policy::{Correction, Miss, Problem};
use crate::source::Span;

/// A bucket with everything that a rule may want to say of it.
pub struct Case<'a> {
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
        let both = |other: Intent| Intent::All(vec![add.clone(), other]);
        vec![add.clone(), both(self.align(policy)), both(self.counterpart(policy))]
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

    /// What gives a bucket a policy in every deployment: its only policy wherever the bucket is, or another where that is
    /// not, each perhaps with the statement joined to it; or one where `exposure` says that there is none.
    fn everywhere(&self, policies: &[PolicyId], exposure: &Exposure) -> Vec<Intent> {
        let mut ways = Vec::new();
        if let [only] = policies
            && let Some(policy) = self.policy(*only)
        {
            let add = Intent::AddStatement { policy: of_policy(policy) };
            for way in [self.align(policy), self.counterpart(policy)] {
                ways.extend([way.clone(), Intent::All(vec![add.clone(), way])]);
            }
        }
        let holds = exposure.assumptions.iter().filter_map(|assumption| match assumption {
            Assumption::Condition(name, holds) => Some((name.clone(), *holds)),
            Assumption::Parameter(..) => None,
        });
        ways.push(Intent::AddPolicyWhere { bucket: self.target(), holds: holds.collect() });
        ways.push(Intent::AddPolicy { bucket: self.target() });
        ways
    }

    fn counterpart(&self, policy: &BucketPolicy) -> Intent {
        Intent::AddCounterpart { policy: of_policy(policy), bucket: self.target() }
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
    for (template, bucket, subject) in subject::subjects(templates, judgement) {
        let Some(of_template) = findings.get_mut(template) else { continue };
        let found = subject::findings(&subject);
        of_template.extend(found.map(|finding| match bucket {
            Some(bucket) => words::with_website(words::with_origin(finding, bucket), bucket),
            None => finding,
        }));
    }
    findings
}

/// The finding on a suppression, or a rule of one, that mutes nothing.
#[must_use]
pub(crate) fn of_idle_suppression(span: Span, message: String) -> Option<Finding> {
    subject::findings(&Subject::IdleSuppression { span, message }).next()
}

/// What people who write the format of a bucket call things.
fn words_of(templates: &[Template], judged: &Judged) -> Words {
    templates.get(judged.template).map_or(Format::named("").words(), |template| template.format.words())
}

/// What a policy on a bucket that is not in the input makes of it, in one clause.
#[must_use]
pub(crate) fn orphan_reason(orphan: &Orphan) -> String {
    orphan_policy::reason(orphan)
}

/// One sentence that says why a bucket has its verdict, for the list of buckets.
#[must_use]
pub fn reason(templates: &[Template], judged: &Judged) -> String {
    match &judged.verdict {
        Verdict::Enforced(proofs) => match judged.never_deployed {
            Some(never) => {
                format!("no deployment has this bucket: {}", never_deployed::why(never, words_of(templates, judged)))
            }
            None => words::proof(templates, proofs),
        },
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
