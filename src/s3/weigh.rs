//! What a policy is worth for a bucket, world by world, without looking at every world.
//!
//! The document is taken apart into statements, each with the worlds in which it is there. A world is picked in which
//! as few of them are as can be, and decided. What denies everything there does so wherever the same statements are;
//! what gets through there does so wherever none of those statements is that may deny it: whole regions are settled
//! with one decision. Statements that cannot deny tell no worlds apart.

use super::verdict::{Cause, Exposure, Proof, Undecided};
use super::worlds::{ALL, MAX_VARIANTS, NONE, Set, Space, Variant};
use crate::link::PolicyId;
use crate::model::{BucketSettings, Data, Date, Entry, Map, Piece, Symbol, Text, Unknown, Value};
use crate::policy::{
    self, Decision, Document, Effect, Evaluation, Principal, Problem, Remark, Request, Resource, Target, evaluate,
};
use crate::source::Span;
use std::collections::BTreeMap;

/// What is found of a policy, each with the worlds in which it is so.
#[derive(Default)]
pub(super) struct Weighed {
    pub(super) enforced: Vec<(Set, Proof)>,
    pub(super) exposed: Vec<(Set, Exposure)>,
    pub(super) undecided: Vec<(Set, Undecided)>,
}

/// What is left of the work that may be done, in counted steps: so that answers are the same on every machine.
///
/// Each bucket has a share of its own, which does for nearly all; the few that take more are decided afterwards, out
/// of what all buckets of the deployment have together. So one heavy bucket turns no other `undecided`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Decisions over sets of requests.
    decisions: u32,
    /// Steps on sets of worlds.
    steps: u64,
}

impl Limits {
    /// What one bucket has.
    pub(super) fn of_one() -> Self {
        Self { decisions: 12, steps: 400_000 }
    }

    /// What all buckets of a deployment have together, besides.
    pub(super) fn of_all() -> Self {
        Self { decisions: 200, steps: 4_000_000 }
    }

    /// How many steps on sets of worlds are left.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// Whether nothing is left.
    pub(super) fn is_exhausted(&self) -> bool {
        self.decisions == 0 || self.steps == 0
    }
}

/// One document that a policy may have.
#[expect(clippy::struct_field_names, reason = "`frame` is what the document is without its statements")]
struct Frame {
    worlds: Set,
    /// The document without its statements.
    frame: Value,
    /// The entry that holds the statements, and where their list stands.
    list: Option<(Entry, Span)>,
    statements: Vec<Statement>,
    /// Where something makes AWS reject it.
    invalid: Vec<(Set, Vec<Problem>)>,
}

/// One statement that a document may have.
struct Statement {
    worlds: Set,
    value: Value,
    /// A document of this statement alone.
    alone: Document,
}

impl Statement {
    /// Whether it tells worlds apart.
    fn can_deny(&self) -> bool {
        !self.alone.unknown.is_empty()
            || !self.alone.problems.is_empty()
            || self.alone.statements.iter().any(|one| one.effect != Effect::Allow)
    }
}

/// Weighs a policy in `worlds`, in all of which it is on the bucket.
pub(super) struct Weigher<'s, 'a> {
    pub(super) space: &'s mut Space<'a>,
    pub(super) today: Date,
    pub(super) limits: &'s mut Limits,
    /// What else the bucket says of itself.
    pub(super) settings: &'s BucketSettings,
    /// What is to be said of the policies beside what they decide, once for each place.
    pub(super) remarks: &'s mut Vec<(PolicyId, Remark)>,
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
                weighed.enforced.extend(closer.enforced);
                weighed.exposed.extend(closer.exposed);
            }
        }
        weighed
    }

    fn has_listed(&self, name: &Text) -> bool {
        self.space.differs(&Value::new(Span::at(crate::source::FileId::default(), 0), Data::Text(name.clone())), true)
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
                if there != NONE {
                    self.frame(id, frame, &name.value, there, weighed);
                }
            }
        }
    }

    /// One document for one name.
    fn frame(&mut self, id: PolicyId, frame: &Frame, name: &Text, worlds: Set, weighed: &mut Weighed) {
        let mut left = worlds;
        let invalid = frame.invalid.iter().cloned().chain(self.empty(frame, worlds)).collect::<Vec<_>>();
        for (set, problems) in &invalid {
            let there = self.space.diagram.and(left, *set);
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
            let there = self.space.diagram.and(left, one.worlds);
            if there != NONE && there != left {
                let (document, value) = frame.with(vec![one.value.clone()]);
                self.remark(id, &document, &value, name);
            }
        }
        if !optional.is_empty() && left != NONE {
            self.everything(id, frame, name, left, weighed);
            if let Some((set, _)) = weighed.exposed.last() {
                left = self.space.diagram.without(left, *set);
            }
        }
        while left != NONE {
            if self.space.is_exhausted() || self.limits.decisions == 0 {
                weighed.undecided.push((left, too_many(frame.frame.span)));
                return;
            }
            let mut few = left;
            for one in &optional {
                let without = self.space.diagram.without(few, one.worlds);
                if without != NONE {
                    few = without;
                }
            }
            let Some(world) = self.space.diagram.pick(few) else { return };
            let there: Vec<bool> =
                frame.statements.iter().map(|one| self.space.diagram.holds(one.worlds, &world)).collect();
            let known = weighed.exposed.len();
            let settled = self.decide(id, frame, name, left, &there, weighed);
            left = self.space.diagram.without(left, settled);
            // One request that gets through is enough, where somebody can bring its world about.
            if weighed.exposed.len() > known && self.space.fewest(settled).is_ok() {
                return;
            }
        }
    }

    /// The worlds in which the document has no statement at all.
    fn empty(&mut self, frame: &Frame, worlds: Set) -> Option<(Set, Vec<Problem>)> {
        let mut left = worlds;
        for statement in &frame.statements {
            if left == NONE {
                return None;
            }
            left = self.space.diagram.without(left, statement.worlds);
        }
        let problems = frame.with(Vec::new()).0.problems;
        (left != NONE && !problems.is_empty()).then_some((left, problems))
    }

    /// Whether a request gets past all statements that there may be: then it does so in every world.
    fn everything(&mut self, id: PolicyId, frame: &Frame, name: &Text, worlds: Set, weighed: &mut Weighed) {
        let all = vec![true; frame.statements.len()];
        let (document, _) = frame.document(&all);
        if !document.problems.is_empty() || self.limits.decisions == 0 {
            return;
        }
        self.limits.decisions -= 1;
        if let Decision::Exposed { witness, misses } = policy::decide(&document, name, self.today) {
            let cause = Cause::Policy(id, misses);
            weighed.exposed.push((worlds, exposure(witness, keys(&document), cause)));
        }
    }

    /// Decides the document of one world; the worlds that this settles.
    fn decide(
        &mut self,
        id: PolicyId,
        frame: &Frame,
        name: &Text,
        left: Set,
        there: &[bool],
        weighed: &mut Weighed,
    ) -> Set {
        let (document, value) = frame.document(there);
        self.remark(id, &document, &value, name);
        if !document.problems.is_empty() {
            let same = self.alike(frame, left, there);
            let cause = Cause::Invalid(id, document.problems.clone());
            weighed.exposed.push((same, exposure(any_request(name), BTreeMap::new(), cause)));
            return same;
        }
        self.limits.decisions = self.limits.decisions.saturating_sub(1);
        match policy::decide(&document, name, self.today) {
            Decision::Enforced { by } => {
                let spans = by.iter().filter_map(|&at| document.statements.get(at)).map(|one| one.span).collect();
                let own = frame.own(there);
                let mut set = left;
                for at in by.iter().filter_map(|at| own.get(*at)) {
                    if let Some(statement) = frame.statements.get(*at) {
                        set = self.space.diagram.and(set, statement.worlds);
                    }
                }
                weighed.enforced.push((set, Proof { policy: id, statements: spans }));
                set
            }
            Decision::Exposed { witness, misses } => {
                let mut set = left;
                for statement in frame.statements.iter().filter(|one| one.can_deny()) {
                    if evaluate(&statement.alone, &witness) != Evaluation::NotDenied {
                        set = self.space.diagram.without(set, statement.worlds);
                    }
                }
                let same = self.alike(frame, left, there);
                set = self.space.diagram.or(set, same);
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
        let blocks_public_policy = self.settings.blocks_public_policy.is_some();
        for remark in policy::remarks(document, value, &Target { bucket: name, blocks_public_policy }) {
            let is_same =
                |(of, other): &(PolicyId, Remark)| *of == id && other.span == remark.span && other.kind == remark.kind;
            if !self.remarks.iter().any(is_same) {
                self.remarks.push((id, remark));
            }
        }
    }

    /// The worlds with the same statements that can deny.
    fn alike(&mut self, frame: &Frame, left: Set, there: &[bool]) -> Set {
        let mut same = left;
        let none = !there.contains(&true);
        for (statement, there) in frame.statements.iter().zip(there) {
            if *there && (statement.can_deny()) {
                same = self.space.diagram.and(same, statement.worlds);
            } else if !*there && (none || statement.can_deny()) {
                same = self.space.diagram.without(same, statement.worlds);
            }
        }
        same
    }

    /// The documents that a policy may have.
    fn frames(&mut self, document: &Value, worlds: Set, listed: bool) -> Option<Vec<Frame>> {
        let mut frames = Vec::new();
        self.add_frames(document, worlds, listed, &mut frames)?;
        Some(frames)
    }

    fn add_frames(&mut self, document: &Value, worlds: Set, listed: bool, frames: &mut Vec<Frame>) -> Option<()> {
        if worlds == NONE {
            return Some(());
        }
        match &document.data {
            Data::Choice { condition, then, otherwise } => {
                let holds = self.space.formula(condition);
                let there = self.space.diagram.and(worlds, holds);
                let elsewhere = self.space.diagram.without(worlds, holds);
                self.add_frames(then, there, listed, frames)?;
                self.add_frames(otherwise, elsewhere, listed, frames)
            }
            Data::Json(inner) => self.add_frames(inner, worlds, listed, frames),
            Data::Map(entries) => {
                let (own, others): (Vec<Entry>, Vec<Entry>) =
                    entries.iter().cloned().partition(|entry| entry.key == "Statement");
                let rest = Value { span: document.span, hops: Vec::new(), data: Data::Map(others.into()) };
                for frame in self.any_variants(&rest, worlds, listed)? {
                    let frame = self.frame_of(frame, own.first(), listed)?;
                    frames.push(frame);
                    if frames.len() > MAX_VARIANTS {
                        return None;
                    }
                }
                Some(())
            }
            _ => {
                for whole in self.any_variants(document, worlds, listed)? {
                    let invalid = match Document::read(&whole.value).problems {
                        problems if problems.is_empty() => Vec::new(),
                        problems => vec![(ALL, problems)],
                    };
                    let Variant { worlds, value } = whole;
                    frames.push(Frame { worlds, frame: value, list: None, statements: Vec::new(), invalid });
                }
                Some(())
            }
        }
    }

    fn frame_of(&mut self, frame: Variant<Value>, own: Option<&Entry>, listed: bool) -> Option<Frame> {
        let Variant { worlds, value } = frame;
        let mut made = Frame { worlds, frame: value, list: None, statements: Vec::new(), invalid: Vec::new() };
        if let Some(entry) = own {
            made.list = Some((entry.clone(), entry.value.span));
            self.add_statements(&entry.value, worlds, listed, &mut made)?;
        }
        Some(made)
    }

    fn add_statements(&mut self, value: &Value, worlds: Set, listed: bool, frame: &mut Frame) -> Option<()> {
        match &value.data {
            Data::Choice { condition, then, otherwise } => {
                let holds = self.space.formula(condition);
                let there = self.space.diagram.and(worlds, holds);
                let elsewhere = self.space.diagram.without(worlds, holds);
                self.add_statements(then, there, listed, frame)?;
                self.add_statements(otherwise, elsewhere, listed, frame)
            }
            Data::List(items) => items.iter().try_for_each(|item| self.add_statements(item, worlds, listed, frame)),
            Data::Json(inner) => self.add_statements(inner, worlds, listed, frame),
            Data::Absent => Some(()),
            _ => {
                let variants = match self.any_variants(value, worlds, listed) {
                    Some(variants) => variants,
                    None => vec![Variant { worlds, value: Value::unknown(intricate(value.span)) }],
                };
                for one in variants {
                    if one.worlds == NONE {
                        continue;
                    }
                    let alone = frame.alone(&one.value);
                    if !alone.problems.is_empty() {
                        frame.invalid.push((one.worlds, alone.problems.clone()));
                    }
                    frame.statements.push(Statement { worlds: one.worlds, value: one.value, alone });
                }
                if !listed && self.space.differs(value, true) {
                    self.hidden_problems(value, worlds, frame);
                }
                (frame.statements.len() <= 4 * MAX_VARIANTS).then_some(())
            }
        }
    }

    /// What AWS would reject of a statement for some listed value of a parameter.
    fn hidden_problems(&mut self, value: &Value, worlds: Set, frame: &mut Frame) {
        for one in self.space.variants(value, worlds, true).into_iter().flatten() {
            let problems = frame.alone(&one.value).problems;
            if !problems.is_empty() {
                frame.invalid.push((one.worlds, problems));
            }
        }
    }

    /// The variants of a value; without those by listed values where these are too many.
    fn any_variants(&mut self, value: &Value, worlds: Set, listed: bool) -> Option<Vec<Variant<Value>>> {
        match self.space.variants(value, worlds, listed) {
            None if listed => self.space.variants(value, worlds, false),
            variants => variants,
        }
    }
}

impl Frame {
    /// A document with these statements.
    fn with(&self, statements: Vec<Value>) -> (Document, Value) {
        let Data::Map(others) = &self.frame.data else { return (Document::read(&self.frame), self.frame.clone()) };
        let mut entries = others.to_vec();
        if let Some((entry, span)) = &self.list {
            entries.push(Entry { value: Value::list(*span, statements), ..entry.clone() });
        }
        let value = Value::map_of(self.frame.span, entries);
        (Document::read(&value), value)
    }

    fn document(&self, there: &[bool]) -> (Document, Value) {
        let statements = self.statements.iter().zip(there).filter(|(_, there)| **there);
        self.with(statements.map(|(one, _)| one.value.clone()).collect())
    }

    fn alone(&self, statement: &Value) -> Document {
        self.with(vec![statement.clone()]).0
    }

    /// For each statement of the document of a world its index here.
    fn own(&self, there: &[bool]) -> Vec<usize> {
        let each = self.statements.iter().zip(there).enumerate().filter(|(_, (_, there))| **there);
        each.flat_map(|(at, (one, _))| one.alone.statements.iter().map(move |_| at)).collect()
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

fn intricate(span: Span) -> Unknown {
    Unknown::new("this hangs on more conditions than are told apart", span, "say it with fewer conditions")
}

/// A limit was reached.
pub(super) fn too_many(span: Span) -> Undecided {
    let cause = "bucket and policy hang on more combinations of inputs than can be looked at";
    let remedy = "give the values of the parameters with `--parameters`";
    Undecided { because: vec![Unknown::new(cause, span, remedy)], leaning: None }
}

/// The document of a policy as it is if the policy is on the bucket called `name`: what is then known of its own name
/// is put in. A policy that would not enforce there makes no difference.
pub(super) fn if_on(document: &Value, own: &Value, name: &Text) -> Value {
    let assumed = own.scalar_text().and_then(|own| solved(&own, name)).map(|(symbol, text)| IfSo { symbol, text });
    assumed.and_then(|mut assumed| document.map(&mut assumed)).unwrap_or_else(|| document.clone())
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
