//! What a policy is worth for a bucket, world by world, without looking at every world.
//!
//! The document is taken apart into statements, each with the worlds in which it is there. A world is picked in which
//! as few of them are as can be, and decided. What denies everything there does so wherever the same statements are;
//! what gets through there does so wherever none of those statements is that may deny it: whole regions are settled
//! with one decision. Statements that cannot deny tell no worlds apart.

use super::frame::{Frame, Statement};
use super::verdict::{Cause, Exposure, Proof, Undecided};
use super::worlds::{ALL, NONE, Set, Space, Variant};
use crate::link::PolicyId;
use crate::model::{BucketSettings, Date, Text, Unknown, Value};
use crate::policy::{self, Decision, Document, Evaluation, Principal, Problem, Remark, Request, Resource, Target};
use crate::source::Span;
use std::collections::BTreeMap;

/// What reading a statement takes, in steps.
const STEPS_PER_STATEMENT: usize = 64;

/// What is found of a policy, each with the worlds in which it is so.
#[derive(Default)]
pub(super) struct Weighed {
    /// Where everything is denied, and by what.
    pub(super) enforced: Set,
    pub(super) proofs: Vec<Proof>,
    pub(super) exposed: Vec<(Set, Exposure)>,
    pub(super) undecided: Vec<(Set, Undecided)>,
    /// The documents that it may have.
    pub(super) frames: Vec<Frame>,
}

/// One document that a policy may be, for one name of the bucket, in one partition.
#[derive(Clone, Copy)]
struct Instance<'f> {
    id: PolicyId,
    frame: &'f Frame,
    name: &'f Text,
    partition: Option<&'static str>,
}

/// Weighs a policy in `worlds`, in all of which it is on the bucket.
pub(super) struct Weigher<'s, 'a> {
    pub(super) space: &'s mut Space<'a>,
    pub(super) today: Date,
    /// Set where a decision is given up for want of budget.
    pub(super) ran_out: &'s mut bool,
    /// What else the bucket says of itself.
    pub(super) settings: &'s BucketSettings,
    /// What is to be said of the policies beside what they decide, once for each place; `None` where nobody is told.
    pub(super) remarks: Option<&'s mut Vec<(PolicyId, Remark)>>,
}

impl Weigher<'_, '_> {
    /// What `document` is worth for a bucket with these names.
    pub(super) fn weigh(&mut self, id: PolicyId, document: &Value, names: &[Variant<Text>], worlds: Set) -> Weighed {
        let mut weighed = Weighed::default();
        self.weigh_with(id, document, names, worlds, false, &mut weighed);
        let listed = self.space.differs(document, true) || names.iter().any(|name| self.has_listed(&name.value));
        if listed && !weighed.undecided.is_empty() && weighed.exposed.is_empty() {
            // Each listed value of a parameter is a world of its own where that makes a difference.
            let open = weighed.undecided.iter().map(|(set, _)| *set).collect::<Vec<_>>();
            let open = open.into_iter().fold(NONE, |all, set| self.space.diagram.or(all, set));
            let mut closer = Weighed::default();
            let names = self.listed_names(names, open);
            if let Some(names) = names {
                self.weigh_with(id, document, &names, open, true, &mut closer);
                weighed.undecided = closer.undecided;
                weighed.enforced = self.space.diagram.or(weighed.enforced, closer.enforced);
                weighed.proofs.extend(closer.proofs);
                weighed.exposed.extend(closer.exposed);
                weighed.frames.extend(closer.frames);
            }
        } else if self.space.differs(document, true) && weighed.exposed.iter().all(|(set, _)| *set != worlds) {
            // Where a request gets through by a listed value is a part of the worlds in which it does.
            weighed.frames.extend(self.frames(document, worlds, true).into_iter().flatten());
        }
        weighed
    }

    fn has_listed(&self, name: &Text) -> bool {
        self.space.text_differs(name, true)
    }

    fn listed_names(&mut self, names: &[Variant<Text>], worlds: Set) -> Option<Vec<Variant<Text>>> {
        let mut all = Vec::new();
        for name in names {
            let there = self.space.diagram.and(name.worlds, worlds);
            if there != NONE {
                all.extend(self.space.text_variants(&name.value, there, true)?);
            }
        }
        Some(all)
    }

    fn weigh_with(
        &mut self,
        id: PolicyId,
        document: &Value,
        names: &[Variant<Text>],
        worlds: Set,
        listed: bool,
        weighed: &mut Weighed,
    ) {
        let Some(frames) = self.frames(document, worlds, listed) else {
            weighed.undecided.push((worlds, too_many(document.span)));
            return;
        };
        for frame in &frames {
            for name in names {
                let there = self.space.diagram.and(frame.worlds, name.worlds);
                for (there, partition) in self.homes(frame, there) {
                    if there != NONE {
                        self.weigh_instance(Instance { id, frame, name: &name.value, partition }, there, weighed);
                    }
                }
            }
        }
        weighed.frames.extend(frames);
    }

    fn weigh_instance(&mut self, instance: Instance<'_>, worlds: Set, weighed: &mut Weighed) {
        let Instance { id, frame, name, .. } = instance;
        let mut left = worlds;
        let invalid = frame.invalid.iter().cloned().chain(self.empty(frame, worlds)).collect::<Vec<_>>();
        for (set, problems) in &invalid {
            let there = self.space.diagram.and(worlds, *set);
            if there != NONE {
                let exposure = exposure(any_request(name), BTreeMap::new(), Cause::Invalid(id, problems.clone()));
                weighed.exposed.push((there, exposure));
                left = self.space.diagram.without(left, *set);
            }
        }
        let optional: Vec<&Statement> = frame
            .statements
            .iter()
            .filter(|one| one.can_deny() && !self.space.diagram.within(left, one.worlds))
            .collect();
        // Statements that are not there in the worlds that are looked at are told of all the same.
        for one in frame.statements.iter().filter(|_| left != NONE) {
            if self.space.diagram.intersect(left, one.worlds) && !self.space.diagram.within(left, one.worlds) {
                let (document, value) = frame.with(vec![one.value.clone()]);
                self.remark(id, &document, &value, name);
            }
        }
        if !optional.is_empty() && left != NONE {
            self.everything(instance, left, weighed);
            if let Some((set, _)) = weighed.exposed.last() {
                left = self.space.diagram.without(left, *set);
            }
        }
        let denied = self.plain_ones(instance, left, &optional, weighed);
        left = self.space.diagram.without(left, denied);
        while left != NONE {
            if self.space.is_exhausted() {
                weighed.undecided.push((left, too_many(frame.frame.span)));
                return;
            }
            let few = self.fewest(left, &optional);
            let Some(world) = self.space.diagram.pick(few) else { return };
            let there: Vec<bool> =
                frame.statements.iter().map(|one| self.space.diagram.holds(one.worlds, &world)).collect();
            let known = weighed.exposed.len();
            let settled = self.decide(instance, left, &there, weighed);
            left = self.space.diagram.without(left, settled);
            // One request that gets through is enough, where somebody can bring its world about.
            if weighed.exposed.len() > known && self.space.fewest(settled).is_ok() {
                return;
            }
        }
    }

    /// The worlds of `worlds` in which one of the statements denies everything by itself, whatever else is there.
    fn plain_ones(
        &mut self,
        instance: Instance<'_>,
        worlds: Set,
        statements: &[&Statement],
        weighed: &mut Weighed,
    ) -> Set {
        let Instance { id, frame, name, .. } = instance;
        let is_apart = |one: &Statement| one.alone.names_another_partition() || !one.alone.doubts.is_empty();
        if frame.statements.iter().any(is_apart) {
            return NONE;
        }
        let is_plain = |one: &&&Statement| policy::plain_deny(&one.alone, name).is_some();
        let plain: Vec<&Statement> = statements.iter().filter(is_plain).copied().collect();
        let without = self.space.diagram.without_all(worlds, plain.iter().map(|one| one.worlds));
        let denied = self.space.diagram.without(worlds, without);
        let Some(world) = self.space.diagram.pick(denied) else { return NONE };
        let there: Vec<bool> =
            frame.statements.iter().map(|one| self.space.diagram.holds(one.worlds, &world)).collect();
        let (document, value) = frame.document(&there);
        if !document.problems.is_empty() {
            return NONE;
        }
        self.remark(id, &document, &value, name);
        weighed.enforced = self.space.diagram.or(weighed.enforced, denied);
        let spans = |one: &Statement| one.alone.statements.iter().map(|one| one.span).collect();
        let there = plain.into_iter().filter(|one| self.space.diagram.intersect(worlds, one.worlds));
        weighed.proofs.extend(there.map(|one| Proof { policy: id, statements: spans(one) }));
        denied
    }

    /// The worlds of `worlds` in which as few of the statements are there as can be.
    fn fewest(&mut self, worlds: Set, statements: &[&Statement]) -> Set {
        let none = self.space.diagram.without_all(worlds, statements.iter().map(|one| one.worlds));
        if none != NONE {
            return none;
        }
        statements.iter().fold(worlds, |few, one| {
            let without = self.space.diagram.without(few, one.worlds);
            if without == NONE { few } else { without }
        })
    }

    /// The worlds of `worlds` in which a request gets past a document, whatever the bucket is called there.
    pub(super) fn past(&mut self, frame: &Frame, names: &[Variant<Text>], request: &Request, worlds: Set) -> Set {
        let worlds = self.space.diagram.and(worlds, frame.worlds);
        let mut past = frame.invalid.iter().fold(NONE, |all, (set, _)| self.space.diagram.or(all, *set));
        if let Some((empty, _)) = self.empty(frame, worlds) {
            past = self.space.diagram.or(past, empty);
        }
        for name in names {
            let request = Request { bucket: name.value.clone(), ..request.clone() };
            let there = self.space.diagram.and(worlds, name.worlds);
            for (there, partition) in self.homes(frame, there) {
                let there = self.undenied(frame, &request, partition, there);
                past = self.space.diagram.or(past, there);
            }
        }
        self.space.diagram.and(past, worlds)
    }

    /// The worlds of `worlds` in which a document has no statement that may deny a request.
    fn undenied(&mut self, frame: &Frame, request: &Request, partition: Option<&'static str>, worlds: Set) -> Set {
        if worlds == NONE {
            return NONE;
        }
        let may_deny = frame.statements.iter().filter(|one| one.can_deny());
        let may_deny = may_deny.filter(|one| one.evaluated(request, partition) != Evaluation::NotDenied);
        self.space.diagram.without_all(worlds, may_deny.map(|one| one.worlds))
    }

    /// The worlds in which the document has no statement at all.
    fn empty(&mut self, frame: &Frame, worlds: Set) -> Option<(Set, Vec<Problem>)> {
        if frame.statements.iter().any(|one| one.worlds == ALL) {
            return None;
        }
        let left = self.space.diagram.without_all(worlds, frame.statements.iter().map(|one| one.worlds));
        let problems = if left == NONE { Vec::new() } else { frame.with(Vec::new()).0.problems };
        (!problems.is_empty()).then_some((left, problems))
    }

    /// Whether a request gets past all statements that there may be: then it does so in every world.
    fn everything(&mut self, instance: Instance<'_>, worlds: Set, weighed: &mut Weighed) {
        let Instance { id, frame, name, partition } = instance;
        let all = vec![true; frame.statements.len()];
        let (mut document, _) = frame.document(&all);
        document.deployed_in = partition;
        if !document.problems.is_empty() {
            return;
        }
        if let Decision::Exposed { witness, misses } = self.decision(&document, name) {
            let cause = Cause::Policy(id, misses);
            weighed.exposed.push((worlds, exposure(witness, keys(&document), cause)));
        }
    }

    fn decision(&mut self, document: &Document, name: &Text) -> Decision {
        let (statements, today) = (document.statements.len(), self.today);
        let (decision, ran_out) = self.space.budget().half(|budget| {
            budget.spend(STEPS_PER_STATEMENT * (1 + statements));
            policy::decide_within(document, name, today, budget)
        });
        *self.ran_out |= ran_out;
        decision
    }

    /// Decides the document of one world; the worlds that this settles.
    fn decide(&mut self, instance: Instance<'_>, left: Set, there: &[bool], weighed: &mut Weighed) -> Set {
        let Instance { id, frame, name, partition } = instance;
        let (mut document, value) = frame.document(there);
        document.deployed_in = partition;
        self.remark(id, &document, &value, name);
        if !document.problems.is_empty() {
            let same = self.alike(frame, left, there);
            let cause = Cause::Invalid(id, document.problems.clone());
            weighed.exposed.push((same, exposure(any_request(name), BTreeMap::new(), cause)));
            return same;
        }
        match self.decision(&document, name) {
            Decision::Enforced { by } => {
                let spans = by.iter().filter_map(|&at| document.statements.get(at)).map(|one| one.span).collect();
                let own = frame.own(there);
                let mut set = left;
                for at in by.iter().filter_map(|at| own.get(*at)) {
                    if let Some(statement) = frame.statements.get(*at) {
                        set = self.space.diagram.and(set, statement.worlds);
                    }
                }
                weighed.enforced = self.space.diagram.or(weighed.enforced, set);
                weighed.proofs.push(Proof { policy: id, statements: spans });
                set
            }
            Decision::Exposed { witness, misses } => {
                let set = self.undenied(frame, &witness, partition, left);
                let same = self.alike(frame, left, there);
                let set = self.space.diagram.or(set, same);
                weighed.exposed.push((set, exposure(witness, keys(&document), Cause::Policy(id, misses))));
                set
            }
            Decision::Undecided { because, leaning } => {
                let same = self.alike(frame, left, there);
                weighed.undecided.push((same, Undecided { because, leaning }));
                same
            }
        }
    }

    /// Keeps what is to be said of a document beside its decision.
    fn remark(&mut self, id: PolicyId, document: &Document, value: &Value, name: &Text) {
        let Some(remarks) = self.remarks.as_deref_mut() else { return };
        let blocks_public_policy = self.settings.blocks_public_policy.is_some();
        let target = Target { bucket: name, blocks_public_policy };
        for remark in policy::remarks(document, value, &target, self.space.budget()) {
            let is_same = |(of, other): &&mut (PolicyId, Remark)| {
                *of == id && other.span == remark.span && other.kind == remark.kind
            };
            let Some((_, known)) = remarks.iter_mut().find(is_same) else {
                remarks.push((id, remark));
                continue;
            };
            let new = remark.also.into_iter().filter(|one| !known.also.contains(one)).collect::<Vec<_>>();
            known.also.extend(new);
        }
    }

    /// The worlds with the same statements that can deny.
    fn alike(&mut self, frame: &Frame, left: Set, there: &[bool]) -> Set {
        let none = !there.contains(&true);
        let told = || frame.statements.iter().zip(there);
        let with = told().filter(|(one, there)| **there && one.can_deny()).map(|(one, _)| one.worlds);
        let without = told().filter(|(one, there)| !**there && (none || one.can_deny())).map(|(one, _)| one.worlds);
        let same = self.space.diagram.all(with.chain([left]).collect());
        self.space.diagram.without_all(same, without)
    }
}

/// Condition keys as they are written, by their lower-case form.
pub(super) fn keys(document: &Document) -> BTreeMap<String, String> {
    let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
    conditions.map(|condition| (condition.key.clone(), condition.key_written.clone())).collect()
}

/// A request that gets through; its assumptions are filled in later.
#[expect(clippy::needless_pass_by_value, reason = "the caller made it for this")]
pub(super) fn exposure(witness: Request, keys: BTreeMap<String, String>, cause: Cause) -> Exposure {
    let each = witness.context.keys().map(|key| {
        let transport = (key == "aws:securetransport").then(|| "aws:SecureTransport".to_owned());
        (key.clone(), transport.or_else(|| keys.get(key).cloned()).unwrap_or_else(|| key.clone()))
    });
    let written = each.collect();
    Exposure { witness, written, cause, assumptions: Vec::new() }
}

/// The simplest insecure request, for a bucket that no policy guards.
pub(super) fn any_request(name: &Text) -> Request {
    Request {
        principal: Principal::Anonymous,
        action: "s3:GetObject".to_owned(),
        bucket: name.clone(),
        resource: Resource::Object("any-key".to_owned()),
        context: [("aws:securetransport".to_owned(), vec![Text::literal("false")])].into(),
    }
}

/// A limit was reached.
pub(super) fn too_many(span: Span) -> Undecided {
    let cause = "bucket and policy hang on more combinations of inputs than can be looked at";
    let remedy = "give the values of its deployment with `--parameters` or `--var-file`";
    Undecided { because: vec![Unknown::new(cause, span, remedy)], leaning: None }
}
