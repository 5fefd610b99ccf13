//! One bucket, being weighed: all that is found of it, region of worlds by region.

use super::frame::Frame;
use super::judge::{Candidate, Judge, Subject};
use super::tied::{Tied, unsure};
use super::verdict::{Cause, Exposure, Judged, Never, Proof, Undecided, Verdict};
use super::weigh::{Weighed, Weigher, any_request, exposure, too_many};
use super::worlds::{NONE, Set, Space, Variant};
use crate::link::PolicyId;
use crate::model::{BucketSettings, Text};
use crate::policy::Remark;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One bucket, being weighed.
pub(super) struct Weighing<'j, 's, 'a> {
    pub(super) judge: &'j Judge<'a>,
    pub(super) space: &'s mut Space<'j>,
    /// Whether a decision was given up for want of budget.
    pub(super) ran_out: bool,
    /// Where no policy that was looked at is on the bucket.
    pub(super) bare: Set,
    /// What is to be said of its policies beside the verdict.
    pub(super) remarks: Vec<(PolicyId, Remark)>,
}

impl<'j, 's, 'a> Weighing<'j, 's, 'a> {
    pub(super) fn new(judge: &'j Judge<'a>, space: &'s mut Space<'j>) -> Self {
        Self { judge, space, ran_out: false, bare: NONE, remarks: Vec::new() }
    }

    pub(super) fn weigher<'w>(&'w mut self, settings: &'w BucketSettings) -> Weigher<'w, 'j> {
        let (space, ran_out, remarks) = (&mut *self.space, &mut self.ran_out, &mut self.remarks);
        Weigher { space, today: self.judge.today, ran_out, settings, remarks: Some(remarks) }
    }

    pub(super) fn names(&mut self, subject: &Subject<'a>) -> Option<Vec<Variant<Text>>> {
        self.space.text_variants(&subject.name, self.space.may, false)
    }

    /// Where the bucket exists.
    pub(super) fn exists(&mut self, subject: &Subject<'a>) -> Set {
        let exists = self.space.formula(self.judge.exists(subject.id.0, &subject.bucket.exists));
        self.space.diagram.and(self.space.may, exists)
    }

    pub(super) fn judged(&mut self, subject: &Subject<'a>) -> Judged {
        // What is said where the budget does not do: whatever may be on the bucket is told as such.
        let unsettled = Judged {
            template: subject.id.0,
            bucket: subject.id.1,
            policies: Arc::new(subject.policies.iter().map(|one| one.id).collect()),
            again: Vec::new(),
            unsure: false,
            conflict: None,
            never_deployed: None,
            remarks: Vec::new(),
            out_of_budget: false,
            verdict: Verdict::Undecided(too_many(subject.bucket.span)),
        };
        let exists = self.exists(subject);
        let names = self.names(subject);
        let Some(names) = names.filter(|_| !self.space.is_exhausted()) else {
            return Judged { out_of_budget: true, ..unsettled };
        };
        let mut judged = unsettled.clone();
        if exists == NONE {
            judged.policies = Arc::default();
            let possible = self.space.may != NONE && !self.judge.is_impossible(subject.id.0);
            judged.never_deployed = Some(if possible { Never::Condition } else { Never::Rules });
            judged.verdict = Verdict::Enforced(Arc::default());
            return judged;
        }
        let tied: Vec<Tied<'a>> = subject.policies.iter().map(|one| self.tied(subject, *one, &names, exists)).collect();
        let on = |one: &&Tied<'a>| one.certain != NONE;
        let certain: BTreeSet<PolicyId> = tied.iter().filter(on).map(|one| one.candidate.id).collect();
        let possible = tied.iter().filter(|one| !on(one) && !one.possible.is_empty()).map(|one| one.candidate.id);
        let all = certain.iter().copied().chain(possible);
        let (told, again) = self.judge.told_once(all);
        (judged.policies, judged.again) = (Arc::new(told), again);
        judged.unsure = certain.is_empty() && tied.iter().any(|one| !one.possible.is_empty());
        judged.conflict = self.conflict(&tied);
        let found = self.found(subject, &tied, &names, exists);
        judged.verdict = self.worst(subject, &names, &found);
        judged.remarks = std::mem::take(&mut self.remarks);
        judged.out_of_budget = self.ran_out;
        if self.space.is_exhausted() {
            return Judged { out_of_budget: true, ..unsettled };
        }
        judged
    }

    /// All that is found, region by region.
    fn found(&mut self, subject: &Subject<'a>, tied: &[Tied<'a>], names: &[Variant<Text>], exists: Set) -> Found {
        let mut found = Found { exists, ..Found::default() };
        let mut bare = exists;
        for one in tied {
            if one.certain == NONE {
                continue;
            }
            bare = self.space.diagram.without(bare, one.certain);
            let Candidate { id, policy } = one.candidate;
            let settings = &subject.bucket.settings;
            let weighed = self.weigher(settings).weigh(id, &policy.document, names, one.certain);
            found.add(weighed, one.certain);
        }
        // A bucket has at most one policy, so where one is certain a possible one is none of its business.
        let mut unsettled = bare;
        for one in tied {
            for (set, unknown, leaning) in &one.possible {
                let there = self.space.diagram.and(bare, *set);
                if there != NONE {
                    unsettled = self.space.diagram.without(unsettled, there);
                    let because = vec![unsure(&one.candidate, unknown)];
                    found.undecided.push((there, Undecided { because, leaning: *leaning }));
                }
            }
        }
        self.bare = unsettled;
        for (set, undecided) in self.judge.unseen(subject, self.space, unsettled) {
            unsettled = self.space.diagram.without(unsettled, set);
            found.undecided.push((set, undecided));
        }
        let left_out: Vec<PolicyId> = tied
            .iter()
            .filter(|one| self.space.diagram.and(one.named, exists) != NONE)
            .map(|one| self.judge.original(one.candidate.id))
            .collect();
        for name in names {
            let there = self.space.diagram.and(unsettled, name.worlds);
            if there != NONE {
                let cause = if left_out.is_empty() { Cause::NoPolicy } else { Cause::PolicyLeftOut(left_out.clone()) };
                found.bare.push((there, exposure(any_request(&name.value), BTreeMap::new(), cause)));
            }
        }
        found
    }
}

/// All that is found of a bucket.
#[derive(Default)]
pub(super) struct Found {
    /// Where the bucket exists.
    pub(super) exists: Set,
    pub(super) proofs: Vec<Proof>,
    pub(super) exposed: Vec<(Set, Exposure)>,
    pub(super) bare: Vec<(Set, Exposure)>,
    pub(super) undecided: Vec<(Set, Undecided)>,
    /// The documents of the policies that are on the bucket for certain, with the worlds in which they are.
    pub(super) frames: Vec<(Set, Frame)>,
}

impl Found {
    fn add(&mut self, weighed: Weighed, on: Set) {
        self.proofs.extend(weighed.proofs);
        self.exposed.extend(weighed.exposed);
        self.undecided.extend(weighed.undecided);
        self.frames.extend(weighed.frames.into_iter().map(|frame| (on, frame)));
    }
}
