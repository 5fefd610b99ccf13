//! Where a policy is on a bucket: for certain, or perhaps, and in which worlds.

use super::assumed::if_on;
use super::judge::{Candidate, Subject};
use super::weigh::{Weigher, too_many};
use super::weighing::Weighing;
use super::worlds::{NONE, Set, Variant};
use crate::link::{Link, PolicyId};
use crate::model::{Leaning, Symbol, Text, Truth, Unknown, Value};

/// Where a policy is on a bucket.
pub(super) struct Tied<'a> {
    pub(super) candidate: Candidate<'a>,
    /// For certain.
    pub(super) certain: Set,
    /// Where it would be, if it existed.
    pub(super) named: Set,
    /// Perhaps, and would make a difference; why that is not known.
    pub(super) possible: Vec<(Set, Unknown, Option<Leaning>)>,
}

impl<'a> Weighing<'_, '_, 'a> {
    /// Where a policy is on the bucket.
    pub(super) fn tied(
        &mut self,
        subject: &Subject<'a>,
        candidate: Candidate<'a>,
        names: &[Variant<Text>],
        exists: Set,
    ) -> Tied<'a> {
        let mut tied = Tied { candidate, certain: NONE, named: NONE, possible: Vec::new() };
        if self.judge.is_impossible(candidate.id.template()) {
            return tied;
        }
        let there = self.space.formula(&candidate.policy.exists);
        let values = match candidate.id {
            PolicyId::Inline(..) => None,
            PolicyId::Resource(..) => Some(self.space.variants(&candidate.policy.bucket, self.space.may, false)),
        };
        let values = match values {
            None => {
                tied.named = exists;
                tied.certain = self.space.diagram.and(exists, there);
                return tied;
            }
            Some(Some(values)) => values,
            Some(None) => {
                tied.possible.push((exists, too_many(candidate.policy.span).because.remove(0), None));
                return tied;
            }
        };
        for value in &values {
            for name in names {
                let both = self.space.diagram.and(value.worlds, name.worlds);
                let both = self.space.diagram.and(both, exists);
                if both != NONE {
                    self.tie(subject, &value.value, &name.value, both, there, &mut tied);
                }
            }
        }
        tied
    }

    /// The same for one thing that the policy names, and one name of the bucket.
    fn tie(&mut self, subject: &Subject<'a>, value: &Value, name: &Text, both: Set, there: Set, tied: &mut Tied<'a>) {
        let candidate = tied.candidate;
        let linked = self.judge.attachments.link(candidate.id, value, subject.id, name);
        // Names that differ in no more than what worlds tell apart are equal in some of them.
        let linked = match linked {
            Link::Possible(unknown) => match self.told_apart(value, name) {
                Some(equal) => {
                    let equal = self.space.diagram.and(both, equal);
                    tied.named = self.space.diagram.or(tied.named, equal);
                    let on = self.space.diagram.and(equal, there);
                    if self.judge.deployment.doubt(candidate.id, subject.id.0, subject.id.1).is_none() {
                        tied.certain = self.space.diagram.or(tied.certain, on);
                        return;
                    }
                    self.perhaps(subject, value, name, on, unknown, tied);
                    return;
                }
                None => Link::Possible(unknown),
            },
            other => other,
        };
        match linked {
            Link::None => {}
            Link::Certain => {
                tied.named = self.space.diagram.or(tied.named, both);
                let on = self.space.diagram.and(both, there);
                tied.certain = self.space.diagram.or(tied.certain, on);
            }
            Link::Possible(unknown) => {
                let on = self.space.diagram.and(both, there);
                self.perhaps(subject, value, name, on, unknown, tied);
            }
        }
    }

    /// The worlds in which two names are equal, where each symbol in them has listed values.
    fn told_apart(&mut self, value: &Value, name: &Text) -> Option<Set> {
        let text = value.scalar_text()?;
        let facts = self.space.facts;
        let told = |symbol: &Symbol| facts.listed(symbol).is_some();
        let shared =
            |symbol: &Symbol| text.symbols().any(|one| one == symbol) && name.symbols().any(|one| one == symbol);
        let all = text.symbols().chain(name.symbols()).all(|symbol| told(symbol) || shared(symbol));
        let any = text.symbols().chain(name.symbols()).any(told);
        (all && any).then(|| self.space.equal(&text, name))
    }

    /// A policy that may be on the bucket matters where it would not let plain HTTP through.
    #[expect(clippy::needless_pass_by_value, reason = "the caller made it for this")]
    fn perhaps(
        &mut self,
        subject: &Subject<'a>,
        value: &Value,
        name: &Text,
        on: Set,
        unknown: Unknown,
        tied: &mut Tied<'a>,
    ) {
        if on == NONE {
            return;
        }
        let candidate = tied.candidate;
        let document = if_on(&candidate.policy.document, value, name);
        let names = [Variant { worlds: on, value: name.clone() }];
        // It may well be on another bucket: nothing else is said of it here.
        let mut silent = Weigher { remarks: None, ..self.weigher(&subject.bucket.settings) };
        let weighed = silent.weigh(candidate.id, &document, &names, on);
        let likely = unknown.likely.as_ref().and_then(|likely| likely.scalar_text());
        let likely = likely
            .is_some_and(|text| text.equals(name) == Truth::Yes || text.as_symbol() == Some(&subject.bucket.symbol));
        let lean = |leaning: Option<Leaning>| leaning.filter(|_| likely);
        if weighed.enforced != NONE {
            tied.possible.push((weighed.enforced, unknown.clone(), lean(Some(Leaning::Enforced))));
        }
        for (set, undecided) in weighed.undecided {
            tied.possible.push((set, unknown.clone(), lean(undecided.leaning)));
        }
    }

    /// Two policies that are on the bucket in one world.
    pub(super) fn conflict(&mut self, tied: &[Tied<'a>]) -> Option<(PolicyId, PolicyId)> {
        let certain: Vec<&Tied<'a>> = tied.iter().filter(|one| one.certain != NONE).collect();
        for (at, one) in certain.iter().enumerate() {
            for other in certain.iter().skip(at + 1) {
                if self.space.diagram.and(one.certain, other.certain) != NONE {
                    return Some((one.candidate.id, other.candidate.id));
                }
            }
        }
        None
    }
}

/// Why it is not known whether a policy is on a bucket.
pub(super) fn unsure(candidate: &Candidate<'_>, unknown: &Unknown) -> Unknown {
    told_unsure(&format!("`{}`", candidate.policy.address), unknown)
}

/// It is not known whether a policy, or one of many others, is on a bucket.
pub(super) fn unsure_of_many(candidate: &Candidate<'_>, unknown: &Unknown) -> Unknown {
    told_unsure(&format!("`{}`, or another,", candidate.policy.address), unknown)
}

fn told_unsure(policy: &str, unknown: &Unknown) -> Unknown {
    let cause = format!("it is not known whether policy {policy} is on this bucket: {}", unknown.cause);
    Unknown { cause, ..unknown.clone() }
}
