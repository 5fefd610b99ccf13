//! The verdict of each bucket: the worst over all worlds in which it exists.

use super::attach::{self, Candidates, Link, Names};
use super::verdict::{Assumption, Cause, Exposure, Judged, Judgement, Orphan, PolicyId, Proof, Undecided, Verdict};
use super::worlds::{self, Collector, MAX_WORLDS, Parameters, World, Worlds};
use crate::model::{Bucket, BucketPolicy, Condition, Data, Date, Template, Text, Unknown, Value};
use crate::policy::{self, Decision, Document, Leaning, Principal, Problem, Request, Resource};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Decides every bucket of templates that are deployed side by side; requests come from the day `now` on.
#[must_use]
pub fn judge(templates: &[Template], now: Date) -> Judgement {
    let names = Names::new(templates);
    let candidates = Candidates::new(templates, &names);
    let judge = Judge { templates, names, parameters: worlds::parameters(templates), now };
    let mut tied = BTreeSet::new();
    let mut buckets = Vec::new();
    for (t, template) in templates.iter().enumerate() {
        for (b, bucket) in template.buckets.iter().enumerate() {
            let ids: Vec<PolicyId> = candidates.of(t, b, &bucket.symbol).collect();
            let judged = judge.bucket(t, b, bucket, &ids);
            tied.extend(judged.policies.iter().copied());
            buckets.push(judged);
        }
    }
    let all = templates
        .iter()
        .enumerate()
        .flat_map(|(t, template)| (0..template.policies.len()).map(move |p| PolicyId::Resource(t, p)));
    let orphans = all.filter(|id| !tied.contains(id)).filter_map(|id| judge.orphan(id)).collect();
    Judgement { buckets, orphans }
}

struct Judge<'a> {
    templates: &'a [Template],
    names: Names,
    parameters: Parameters<'a>,
    /// The day of the run.
    now: Date,
}

/// A policy that may be a bucket's.
struct Candidate<'a> {
    id: PolicyId,
    policy: &'a BucketPolicy,
    /// Its document, with everything put in that is known of names.
    document: Value,
}

impl Candidate<'_> {
    /// The document as it is in one world.
    fn document_in(&self, worlds: &Worlds, world: &World) -> Value {
        if worlds.single() { self.document.clone() } else { worlds.value(world, &self.document) }
    }
}

/// What one world says of a bucket.
#[derive(Clone, Debug)]
enum State {
    /// The bucket does not exist there.
    Elsewhere,
    Enforced(Proof),
    /// The assumptions are filled in when the worst world is known.
    Exposed(Box<Exposure>),
    Undecided(Undecided),
}

/// Decisions that were made already: a policy's document rarely differs from world to world.
type Decided = BTreeMap<PolicyId, Vec<DecidedDocument>>;

struct DecidedDocument {
    /// What the bucket is called: it may differ from world to world, even where the document does not.
    name: Text,
    value: Value,
    decision: Result<Decision, Vec<Problem>>,
    /// Where its statements stand.
    statements: Vec<Span>,
    /// Condition keys as they are written, by their lower-case form.
    keys: BTreeMap<String, String>,
}

impl DecidedDocument {
    fn new(value: Value, name: &Text, now: Date) -> Self {
        let document = Document::read(&value);
        let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
        let keys = conditions.map(|condition| (condition.key.clone(), condition.key_written.clone())).collect();
        let statements = document.statements.iter().map(|statement| statement.span).collect();
        Self { name: name.clone(), value, decision: decide(&document, name, now), statements, keys }
    }
}

impl Judge<'_> {
    fn bucket(&self, t: usize, b: usize, bucket: &Bucket, ids: &[PolicyId]) -> Judged {
        let policies: Vec<Candidate<'_>> = ids.iter().filter_map(|id| self.candidate(*id)).collect();
        let worlds = self.worlds(bucket, &policies);
        let mut judged = Judged {
            template: t,
            bucket: b,
            policies: Vec::new(),
            conflict: None,
            verdict: Verdict::Enforced(Vec::new()),
        };
        if worlds.count().is_none() {
            judged.policies = ids.to_vec();
            judged.verdict = Verdict::Undecided(too_many_worlds(bucket.span));
            return judged;
        }
        let mut decided = Decided::new();
        let mut states = BTreeMap::new();
        let mut ties = Ties::default();
        for world in worlds.all() {
            let state = self.state(&worlds, &world, t, bucket, &policies, &mut decided, &mut ties);
            states.insert(world, state);
        }
        judged.policies = ties.certain.iter().chain(ties.possible.difference(&ties.certain)).copied().collect();
        judged.conflict = ties.conflict;
        judged.verdict = self.worst(&worlds, &states, bucket, &policies);
        judged
    }

    fn worlds(&self, bucket: &Bucket, policies: &[Candidate<'_>]) -> Worlds {
        let mut collector = Collector::new(&self.parameters);
        collector.condition(&bucket.exists);
        collector.text(&self.names.of(bucket));
        for Candidate { policy, .. } in policies {
            collector.condition(&policy.exists);
            collector.value(&policy.bucket);
            collector.value(&policy.document);
        }
        collector.finish()
    }

    #[expect(clippy::too_many_arguments, reason = "the loop's state: splitting it would only rename the parts")]
    fn state(
        &self,
        worlds: &Worlds,
        world: &World,
        t: usize,
        bucket: &Bucket,
        policies: &[Candidate<'_>],
        decided: &mut Decided,
        ties: &mut Ties,
    ) -> State {
        if !worlds.holds(world, &bucket.exists) {
            return State::Elsewhere;
        }
        let mut certain = Vec::new();
        let mut possible = Vec::new();
        for candidate in policies {
            let Candidate { id, policy, .. } = candidate;
            if !worlds.holds(world, &policy.exists) {
                continue;
            }
            let link = match id {
                PolicyId::Inline(..) => Link::Certain,
                PolicyId::Resource(..) => {
                    let value = worlds.value(world, &policy.bucket);
                    attach::link(&self.names, &value, policy.reach.as_deref(), bucket)
                }
            };
            match link {
                Link::Certain => certain.push(candidate),
                Link::Possible(unknown) => possible.push((candidate, unknown)),
                Link::None => {}
            }
        }
        ties.certain.extend(certain.iter().map(|one| one.id));
        if let ([first, second, ..], None) = (certain.as_slice(), ties.conflict) {
            ties.conflict = Some((first.id, second.id));
        }
        let name = worlds.text(world, &self.names.of(bucket));
        // A bucket has at most one policy, so where one is certain a possible one is none of its business.
        let each = certain.iter().map(|one| under(worlds, world, one, &name, self.now, decided));
        if let Some(worst) = each.reduce(worse) {
            return worst;
        }
        if !possible.is_empty() {
            ties.possible.extend(possible.iter().map(|(one, _)| one.id));
            return State::Undecided(self.unsure_link(worlds, world, bucket, &name, &possible));
        }
        if let Some(unknown) = self.templates.get(t).and_then(|template| template.incomplete.as_ref()) {
            return State::Undecided(Undecided { because: vec![unknown.clone()], leaning: None });
        }
        let elsewhere: Vec<PolicyId> = policies
            .iter()
            .filter(|Candidate { policy, .. }| {
                !worlds.holds(world, &policy.exists) || matches!(policy.bucket.data, Data::Choice { .. })
            })
            .map(|one| one.id)
            .collect();
        let cause = if elsewhere.is_empty() { Cause::NoPolicy } else { Cause::PolicyLeftOut(elsewhere) };
        exposed(any_request(&name), cause)
    }

    /// A policy with its document in canonical form, made once for all worlds.
    fn candidate(&self, id: PolicyId) -> Option<Candidate<'_>> {
        let policy = id.find(self.templates)?;
        Some(Candidate { id, policy, document: self.names.value(&policy.document) })
    }

    /// No policy is certain, but some may be the bucket's: undecided, leaning where the likely link decides.
    fn unsure_link(
        &self,
        worlds: &Worlds,
        world: &World,
        bucket: &Bucket,
        name: &Text,
        possible: &[(&Candidate<'_>, Unknown)],
    ) -> Undecided {
        let likely = possible.iter().find(|(_, unknown)| {
            let likely = unknown.likely.as_ref();
            likely.is_some_and(|value| attach::link(&self.names, value, None, bucket) == Link::Certain)
        });
        let leaning = likely.and_then(|(one, _)| {
            match decide(&Document::read(&one.document_in(worlds, world)), name, self.now) {
                Ok(Decision::Enforced { .. }) => Some(Leaning::Enforced),
                Ok(Decision::Exposed { .. }) | Err(_) => Some(Leaning::Exposed),
                Ok(Decision::Undecided { leaning, .. }) => leaning,
            }
        });
        let because = possible
            .iter()
            .map(|(Candidate { policy, .. }, unknown)| Unknown {
                cause: format!(
                    "it is not known whether policy `{}` is on this bucket: {}",
                    policy.address, unknown.cause
                ),
                ..unknown.clone()
            })
            .collect();
        Undecided { because, leaning }
    }

    /// The worst of all worlds.
    fn worst(
        &self,
        worlds: &Worlds,
        states: &BTreeMap<World, State>,
        bucket: &Bucket,
        policies: &[Candidate<'_>],
    ) -> Verdict {
        let is_exposed = |world: &World| matches!(states.get(world), Some(State::Exposed(_)));
        let mut doubtful = false;
        let mut found: Option<(u8, &World, &Exposure, BTreeSet<usize>)> = None;
        for (world, state) in states {
            let State::Exposed(exposure) = state else { continue };
            let rank = u8::from(matches!(exposure.cause, Cause::PolicyLeftOut(_)));
            if found.as_ref().is_some_and(|(best, ..)| *best <= rank) {
                continue;
            }
            let decisive = worlds.decisive(world, is_exposed);
            if worlds.doubtful(&decisive) {
                doubtful = true;
            } else {
                found = Some((rank, world, exposure, decisive));
            }
        }
        if let Some((_, world, exposure, decisive)) = found {
            let assumptions = self.assumptions(worlds, world, &decisive, bucket, policies);
            return Verdict::Exposed(Box::new(Exposure { assumptions, ..exposure.clone() }));
        }
        let undecided: Vec<&Undecided> = states
            .values()
            .filter_map(|state| match state {
                State::Undecided(undecided) => Some(undecided),
                _ => None,
            })
            .collect();
        if doubtful || !undecided.is_empty() {
            let obstacles = worlds.obstacles();
            return Verdict::Undecided(joined(doubtful.then_some(obstacles.as_slice()), &undecided));
        }
        let mut proofs: Vec<Proof> = Vec::new();
        for state in states.values() {
            if let State::Enforced(proof) = state
                && !proofs.contains(proof)
            {
                proofs.push(proof.clone());
            }
        }
        Verdict::Enforced(proofs)
    }

    fn assumptions(
        &self,
        worlds: &Worlds,
        world: &World,
        decisive: &BTreeSet<usize>,
        bucket: &Bucket,
        policies: &[Candidate<'_>],
    ) -> Vec<Assumption> {
        let mut named = BTreeMap::new();
        named_conditions(&bucket.exists, &mut named);
        for Candidate { policy, .. } in policies {
            named_conditions(&policy.exists, &mut named);
            conditions_in(&policy.bucket, &mut named);
            conditions_in(&policy.document, &mut named);
        }
        let mut told = BTreeSet::new();
        for (name, condition) in &named {
            if worlds.mentions(condition, decisive) {
                told.insert(Assumption::Condition(name.clone(), worlds.holds(world, condition)));
            }
        }
        for (symbol, value) in worlds.symbols(world, decisive) {
            if !named.values().any(|condition| has(condition, &symbol)) {
                let parameter = self.parameters.get(&symbol);
                let name = parameter.map_or_else(|| symbol.shown().to_owned(), |parameter| parameter.name.clone());
                told.insert(Assumption::Parameter(name, value));
            }
        }
        told.into_iter().collect()
    }

    fn orphan(&self, id: PolicyId) -> Option<Orphan> {
        let candidate = self.candidate(id)?;
        let policy = candidate.policy;
        let mut collector = Collector::new(&self.parameters);
        collector.condition(&policy.exists);
        collector.value(&policy.bucket);
        collector.value(&policy.document);
        let worlds = collector.finish();
        let mut worst: Option<Result<Decision, Vec<Problem>>> = None;
        if worlds.count().is_none() {
            let Undecided { because, leaning } = too_many_worlds(policy.span);
            let decision = Some(Decision::Undecided { because, leaning });
            return Some(Orphan { policy: id, decision, problems: Vec::new() });
        }
        let all = worlds.all();
        for world in all.iter().filter(|world| worlds.holds(world, &policy.exists)) {
            let bucket = worlds.value(world, &policy.bucket);
            let name = attach::orphan_name(&self.names, policy, &bucket);
            let decision = decide(&Document::read(&candidate.document_in(&worlds, world)), &name, self.now);
            if worst.as_ref().is_none_or(|worst| badness(&decision) > badness(worst)) {
                worst = Some(decision);
            }
        }
        let (decision, problems) = match worst {
            Some(Ok(decision)) => (Some(decision), Vec::new()),
            Some(Err(problems)) => (None, problems),
            None => (None, Vec::new()),
        };
        Some(Orphan { policy: id, decision, problems })
    }
}

/// What a bucket called `name` is worth under one policy, in one world.
fn under(
    worlds: &Worlds,
    world: &World,
    candidate: &Candidate<'_>,
    name: &Text,
    now: Date,
    decided: &mut Decided,
) -> State {
    let id = candidate.id;
    let document = candidate.document_in(worlds, world);
    let earlier = decided.entry(id).or_default();
    let known = earlier.iter().position(|one| one.name == *name && one.value == document);
    let at = known.unwrap_or_else(|| {
        earlier.push(DecidedDocument::new(document, name, now));
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

#[derive(Default)]
struct Ties {
    certain: BTreeSet<PolicyId>,
    possible: BTreeSet<PolicyId>,
    conflict: Option<(PolicyId, PolicyId)>,
}

fn decide(document: &Document, name: &Text, now: Date) -> Result<Decision, Vec<Problem>> {
    if document.problems.is_empty() { Ok(policy::decide(document, name, now)) } else { Err(document.problems.clone()) }
}

fn badness(decision: &Result<Decision, Vec<Problem>>) -> u8 {
    match decision {
        Ok(Decision::Enforced { .. }) => 0,
        Ok(Decision::Undecided { .. }) => 1,
        Ok(Decision::Exposed { .. }) => 2,
        Err(_) => 3,
    }
}

/// The worse of two states of one bucket in one world.
fn worse(one: State, two: State) -> State {
    let rank = |state: &State| match state {
        State::Elsewhere => 0,
        State::Enforced(_) => 1,
        State::Undecided(_) => 2,
        State::Exposed(_) => 3,
    };
    if rank(&two) > rank(&one) { two } else { one }
}

fn exposed(witness: Request, cause: Cause) -> State {
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
fn any_request(name: &Text) -> Request {
    Request {
        principal: Principal::Anonymous,
        action: "s3:GetObject".to_owned(),
        bucket: name.clone(),
        resource: Resource::Object("any-key".to_owned()),
        context: [("aws:securetransport".to_owned(), vec![Text::literal("false")])].into(),
    }
}

fn too_many_worlds(span: Span) -> Undecided {
    let cause = format!("bucket and policy hang on more than {MAX_WORLDS} combinations of inputs");
    let remedy = "give the values of the parameters with `--parameters`";
    Undecided { because: vec![Unknown::new(cause, span, remedy)], leaning: None }
}

fn joined(obstacles: Option<&[Unknown]>, undecided: &[&Undecided]) -> Undecided {
    let mut because: Vec<Unknown> = Vec::new();
    let each = undecided.iter().flat_map(|one| one.because.iter().cloned());
    for unknown in obstacles.into_iter().flatten().cloned().chain(each) {
        if !because.iter().any(|known| known.span == unknown.span && known.cause == unknown.cause) {
            because.push(unknown);
        }
    }
    let mut leanings = undecided.iter().map(|one| one.leaning);
    let first = leanings.next().flatten();
    let leaning = if obstacles.is_none() && leanings.all(|other| other == first) { first } else { None };
    Undecided { because, leaning }
}

fn named_conditions(condition: &Condition, into: &mut BTreeMap<String, Condition>) {
    match condition {
        Condition::Named { name, formula } => {
            if into.insert(name.to_string(), condition.clone()).is_none() {
                named_conditions(formula, into);
            }
        }
        Condition::Not(inner) => named_conditions(inner, into),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| named_conditions(part, into)),
        Condition::Always | Condition::Never | Condition::Equals(..) | Condition::Unknown(_) => {}
    }
}

fn conditions_in(value: &Value, into: &mut BTreeMap<String, Condition>) {
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| conditions_in(item, into)),
        Data::Map(entries) => entries.iter().for_each(|entry| conditions_in(&entry.value, into)),
        Data::Json(inner) => conditions_in(inner, into),
        Data::Choice { condition, then, otherwise } => {
            named_conditions(condition, into);
            conditions_in(then, into);
            conditions_in(otherwise, into);
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::Absent | Data::Unknown(_) => {}
    }
}

fn has(condition: &Condition, symbol: &crate::model::Symbol) -> bool {
    match condition {
        Condition::Always | Condition::Never | Condition::Unknown(_) => false,
        Condition::Named { formula, .. } | Condition::Not(formula) => has(formula, symbol),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(|part| has(part, symbol)),
        Condition::Equals(one, two) => one.symbols().chain(two.symbols()).any(|other| other == symbol),
    }
}
