//! What holds in every world: a statement that no condition touches, and that denies everything as it stands.
//!
//! It takes a few steps and no worlds, so that whatever else a policy says, and whatever other buckets take, such a
//! bucket is never `undecided` for want of budget.

use super::judge::{Candidate, Judge, Subject};
use super::verdict::Proof;
use super::weigh::Weigher;
use super::worlds::{ALL, Space};
use crate::link::{Link, PolicyId};
use crate::model::{BucketSettings, Condition, Data, Text, Value};
use crate::policy::{self, Budget};

/// The steps that taking a document apart may take.
const STEPS: u64 = 200_000;

impl<'a> Judge<'a> {
    /// The statement of a bucket's only policy that denies everything wherever the bucket is.
    pub(super) fn plainly(&self, subject: &Subject<'a>) -> Option<Proof> {
        let [only] = subject.policies.as_slice() else { return None };
        let (id, policy) = (only.id, only.policy);
        let there = self.exists(id.template(), &policy.exists);
        let everywhere = *there == Condition::Always || there == self.exists(subject.id.0, &subject.bucket.exists);
        let one_name = !subject.name.symbols().any(|symbol| self.facts.choices.contains_key(symbol));
        if !everywhere || !one_name || !self.is_on(only, subject) {
            return None;
        }
        // Conditions are not looked into: whatever they come to, a document is one of those that they can make.
        let mut space = Space::new(&self.facts, &[], &[], false, Budget::of(STEPS));
        let settings = BucketSettings::default();
        let mut weigher =
            Weigher { space: &mut space, today: self.today, ran_out: &mut false, settings: &settings, remarks: None };
        let proof = weigher.plainly(id, &policy.document, &subject.name);
        proof.filter(|_| !space.is_exhausted())
    }

    fn is_on(&self, only: &Candidate<'a>, subject: &Subject<'a>) -> bool {
        let bucket = &only.policy.bucket;
        match only.id {
            PolicyId::Inline(..) => true,
            PolicyId::Resource(..) if matches!(bucket.data, Data::Choice { .. }) => false,
            PolicyId::Resource(..) => {
                matches!(self.attachments.link(only.id, bucket, subject.id, &subject.name), Link::Certain)
            }
        }
    }
}

impl Weigher<'_, '_> {
    /// The statement that is there in all worlds, of a document that is valid in all, and that denies everything.
    fn plainly(&mut self, id: PolicyId, document: &Value, name: &Text) -> Option<Proof> {
        let frames = self.frames(document, ALL, false)?;
        let [frame] = frames.as_slice() else { return None };
        let is_doubtful = frame.statements.iter().any(|one| !one.alone.doubts.is_empty());
        if frame.worlds != ALL || !frame.invalid.is_empty() || is_doubtful {
            return None;
        }
        let always: Vec<bool> = frame.statements.iter().map(|one| one.worlds == ALL).collect();
        let (document, _) = frame.document(&always);
        let plain = policy::plain_deny(&document, name).and_then(|at| document.statements.get(at))?;
        document.problems.is_empty().then(|| Proof { policy: id, statements: vec![plain.span] })
    }
}

#[cfg(test)]
mod tests {
    use crate::buckets::judge::Judge;
    use crate::buckets::verdict::Verdict;
    use crate::frontend::cloudformation::{self, Inputs};
    use crate::link::side_by_side;
    use crate::model::Date;
    use crate::policy::Budget;
    use crate::source::Sources;
    use crate::syntax;

    /// The verdict of a bucket that has no steps for its worlds, where another template's policy is on it.
    fn verdict_without_steps(rules: &str) -> Verdict {
        let bucket = "Resources: {Data: {Type: 'AWS::S3::Bucket', Properties: {BucketName: acme-data}}}";
        let guard = format!(
            "Parameters: {{Env: {{Type: String}}}}\nRules:\n{rules}Resources:\n  Guard:\n    Type: AWS::S3::BucketPolicy\n    \
             Properties:\n      Bucket: acme-data\n      PolicyDocument:\n        Statement: {{Effect: Deny, Principal: '*', \
             Action: '*', Resource: '*', Condition: {{Bool: {{'aws:SecureTransport': 'false'}}}}}}\n"
        );
        let mut sources = Sources::default();
        let mut read = |name: &str, text: &str| {
            cloudformation::read(&syntax::parse(&sources.add(name, text.to_owned())), &Inputs::default())
        };
        let deployment = side_by_side(vec![read("bucket.yaml", bucket), read("guard.yaml", &guard)]);
        let judge = Judge::new(&deployment, Date::default());
        let judged = judge.bucket(0, 0, &deployment.templates[0].buckets[0], Budget::of(0));
        judged.verdict
    }

    #[test]
    fn what_a_template_that_nobody_can_deploy_declares_guards_nothing() {
        let is = |rule: &str, value: &str| {
            format!("  {rule}: {{Assertions: [{{Assert: {{'Fn::Equals': [{{Ref: Env}}, {value}]}}}}]}}\n")
        };
        assert!(matches!(verdict_without_steps(&is("One", "a")), Verdict::Enforced(_)));
        let contradiction = format!("{}{}", is("One", "a"), is("Two", "b"));
        assert!(matches!(verdict_without_steps(&contradiction), Verdict::Undecided(_)));
    }
}
