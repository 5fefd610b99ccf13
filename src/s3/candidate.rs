//! One policy that may be on a bucket, and what it would be worth there.

use super::verdict::{Cause, Exposure, Proof, Undecided};
use super::worlds::{World, Worlds};
use crate::link::PolicyId;
use crate::model::{BucketPolicy, BucketSettings, Data, Date, Map, Piece, Symbol, Text, Value};
use crate::policy::{self, Decision, Document, Principal, Problem, Remark, Request, Resource, Target};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A policy that may be a bucket's.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) id: PolicyId,
    pub(super) policy: &'a BucketPolicy,
}

/// What one world says of a bucket.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// The bucket does not exist there.
    Elsewhere,
    /// No policy that was looked at is on it there.
    Bare,
    Enforced(Proof),
    /// The assumptions are filled in when the worst world is known.
    Exposed(Box<Exposure>),
    Undecided(Undecided),
}

/// Decisions that were made already: a policy's document rarely differs from world to world.
pub(super) type Decided = BTreeMap<PolicyId, Vec<DecidedDocument>>;

pub(super) struct DecidedDocument {
    /// What the bucket is called: it may differ from world to world, even where the document does not.
    name: Text,
    value: Value,
    decision: Result<Decision, Vec<Problem>>,
    /// Where its statements stand.
    statements: Vec<Span>,
    /// Condition keys as they are written, by their lower-case form.
    keys: BTreeMap<String, String>,
    /// What is to be said of it beside its verdict.
    remarks: Vec<Remark>,
}

impl DecidedDocument {
    pub(super) fn new(value: Value, name: &Text, settings: &BucketSettings, now: Date) -> Self {
        let document = Document::read(&value);
        let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
        let keys = conditions.map(|condition| (condition.key.clone(), condition.key_written.clone())).collect();
        let statements = document.statements.iter().map(|statement| statement.span).collect();
        let blocks_public_policy = settings.blocks_public_policy.is_some();
        let remarks = policy::remarks(&document, &value, &Target { bucket: name, blocks_public_policy });
        Self { name: name.clone(), value, decision: decide(&document, name, now), statements, keys, remarks }
    }

    /// The decision, and what is to be said beside it.
    pub(super) fn into_parts(self) -> (Result<Decision, Vec<Problem>>, Vec<Remark>) {
        (self.decision, self.remarks)
    }
}

/// What is to be said of the policies that were decided, once for each place.
pub(super) fn remarks(decided: &Decided) -> Vec<(PolicyId, Remark)> {
    let mut all = Vec::new();
    for (id, documents) in decided {
        let mut said = BTreeSet::new();
        for remark in documents.iter().flat_map(|one| &one.remarks) {
            if said.insert((remark.span, remark.kind)) {
                all.push((*id, remark.clone()));
            }
        }
    }
    all
}

impl Candidate<'_> {
    /// The document as it is in one world.
    pub(super) fn document_in(&self, worlds: &Worlds<'_>, world: &World) -> Value {
        if worlds.single() { self.policy.document.clone() } else { worlds.value(world, &self.policy.document) }
    }

    /// What a bucket called `name` is worth under the policy, in one world.
    pub(super) fn state(
        &self,
        worlds: &Worlds<'_>,
        world: &World,
        (name, settings): (&Text, &BucketSettings),
        now: Date,
        decided: &mut Decided,
    ) -> State {
        let id = self.id;
        let document = self.document_in(worlds, world);
        let earlier = decided.entry(id).or_default();
        let known = earlier.iter().position(|one| one.name == *name && one.value == document);
        let at = known.unwrap_or_else(|| {
            earlier.push(DecidedDocument::new(document, name, settings, now));
            earlier.len() - 1
        });
        let Some(one) = earlier.get(at) else { return State::Elsewhere };
        match &one.decision {
            Err(problems) => exposed(any_request(name), Cause::Invalid(id, problems.clone())),
            Ok(Decision::Enforced { by }) => {
                let statements = by.iter().filter_map(|&index| one.statements.get(index).copied()).collect();
                State::Enforced(Proof { policy: id, statements })
            }
            Ok(Decision::Exposed { witness, misses }) => {
                let written = written(witness, &one.keys);
                let cause = Cause::Policy(id, misses.clone());
                State::Exposed(Box::new(Exposure { witness: witness.clone(), written, cause, assumptions: Vec::new() }))
            }
            Ok(Decision::Undecided { because, leaning }) => {
                State::Undecided(Undecided { because: because.clone(), leaning: *leaning })
            }
        }
    }

    /// What the policy would be worth if it was on the bucket called `name`: what is then known of its own name is put
    /// into its document. A policy that would not enforce there makes no difference.
    pub(super) fn decision_if_on(
        &self,
        worlds: &Worlds<'_>,
        world: &World,
        name: &Text,
        now: Date,
    ) -> Result<Decision, Vec<Problem>> {
        let document = self.document_in(worlds, world);
        let own = worlds.value(world, &self.policy.bucket).scalar_text();
        let assumed = own.as_ref().and_then(|own| solved(own, name)).map(|(symbol, text)| IfSo { symbol, text });
        let document = assumed.and_then(|mut assumed| document.map(&mut assumed)).unwrap_or(document);
        decide(&Document::read(&document), name, now)
    }
}

/// What the one unknown of `own` is where `own` is `name`.
fn solved(own: &Text, name: &Text) -> Option<(Symbol, Text)> {
    let mut unknowns = own.symbols().filter(|symbol| !name.symbols().any(|other| other == *symbol));
    let symbol = unknowns.next()?.clone();
    if unknowns.next().is_some() {
        return None;
    }
    let at = own.pieces().iter().position(|piece| matches!(piece, Piece::Hole(other) if *other == symbol))?;
    let (before, after) = (own.pieces().get(..at)?, own.pieces().get(at + 1..)?);
    let mut head = Text::default();
    head.extend(before);
    let mut tail = Text::default();
    tail.extend(after);
    Some((symbol, name.between(&head, &tail)?))
}

/// Puts one text in for one symbol.
struct IfSo {
    symbol: Symbol,
    text: Text,
}

impl Map for IfSo {
    fn text(&mut self, text: &Text) -> Option<Data> {
        let concerned = text.symbols().any(|symbol| *symbol == self.symbol);
        concerned.then(|| Data::Text(text.substitute(&|symbol| (*symbol == self.symbol).then(|| self.text.clone()))))
    }
}

pub(super) fn decide(document: &Document, name: &Text, now: Date) -> Result<Decision, Vec<Problem>> {
    if document.problems.is_empty() { Ok(policy::decide(document, name, now)) } else { Err(document.problems.clone()) }
}

pub(super) fn exposed(witness: Request, cause: Cause) -> State {
    let written = written(&witness, &BTreeMap::new());
    State::Exposed(Box::new(Exposure { witness, written, cause, assumptions: Vec::new() }))
}

/// The witness's condition keys as people write them.
fn written(witness: &Request, keys: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let each = witness.context.keys().map(|key| {
        let transport = (key == "aws:securetransport").then(|| "aws:SecureTransport".to_owned());
        (key.clone(), transport.or_else(|| keys.get(key).cloned()).unwrap_or_else(|| key.clone()))
    });
    each.collect()
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
