//! The decision: does a policy deny every insecure request on a bucket?
//!
//! What is claimed here over *sets* of requests is checked with [`evaluate`] on single ones. The search is lazy: it
//! looks for a request outside of just a few statements, and takes up those that deny what it finds, until either
//! nothing is left or something stands. So the work hangs on the statements that matter, not on all of them.

mod settled;
mod variables;

use super::literal::Instant;
use super::plain::{is_met_by_http_only, plain_deny};
use super::sets::{DenySet, DenySets, Found, How, Space};
use super::{
    Budget, Context, Decision, Document, Effect, Evaluation, Leaning, Pattern, Principal, Request, Resource, Statement,
    evaluate, likely, realizable,
};
use crate::model::{Date, Piece, Text, Unknown};
use crate::source::Span;

/// The work that a decision by itself may take.
const BUDGET: u64 = 1_500_000;

/// Rounds in which only denying statements are taken up; after them the set grows whatever they deny.
const LAZY_ROUNDS: u32 = 8;

/// Decides whether every insecure request on `bucket` (its name, holes included) is denied by `document`. `today` is
/// the day of the run (UTC): requests come from then on.
///
/// The document must have no problems: AWS rejects one that has, and then it decides nothing.
#[must_use]
pub fn decide(document: &Document, bucket: &Text, today: Date) -> Decision {
    decide_within(document, bucket, today, &mut Budget::of(BUDGET))
}

/// The same with what is left of a budget. Past it the decision is `undecided`.
#[must_use]
pub fn decide_within(document: &Document, bucket: &Text, today: Date, budget: &mut Budget) -> Decision {
    let now = Instant::start_of(today);
    match settled::decide_known(document, bucket, now, budget) {
        Decision::Enforced { .. } if !document.doubts.is_empty() => {
            Decision::Undecided { because: document.doubts.clone(), leaning: Some(Leaning::Enforced) }
        }
        Decision::Undecided { because, .. } => {
            let (leaning, _) = budget.half(|budget| lean(document, bucket, now, budget));
            Decision::Undecided { because, leaning }
        }
        decided => decided,
    }
}

/// Where an undecided policy points: with each unknown what it probably is, and with operators of another type than
/// their key's comparing what they can.
fn lean(document: &Document, bucket: &Text, now: Instant, budget: &mut Budget) -> Option<Leaning> {
    let replaced = likely::replaced(document, bucket);
    let (document, bucket) = replaced.as_ref().map_or((document, bucket), |(document, bucket)| (document, bucket));
    if replaced.is_some() {
        match settled::decide_known(document, bucket, now, budget) {
            Decision::Enforced { .. } => return Some(Leaning::Enforced),
            Decision::Exposed { .. } => return Some(Leaning::Exposed),
            Decision::Undecided { .. } => {}
        }
    }
    if !document.unknown.is_empty() {
        return None;
    }
    let rules = DenySets::read(document, bucket, How { now, settled: &[], lean: true, secure: false });
    let mut decider = Decider::new(document, &rules);
    match decider.look(Side::May, budget) {
        Looked::At(_) => return Some(Leaning::Exposed),
        Looked::Covered => {}
        Looked::OutOfBudget => return None,
    }
    match decider.look(Side::Must, budget) {
        Looked::Covered => Some(Leaning::Enforced),
        Looked::At(_) | Looked::OutOfBudget => None,
    }
}

/// Whether the policy denies every request, over TLS too: the first of the statements that do it over TLS. What is not
/// known, or too intricate, is no lock.
pub(super) fn denies_everything(document: &Document, bucket: &Text, budget: &mut Budget) -> Option<Span> {
    let leaves_tls_alone = |statement: &Statement| {
        statement.effect == Effect::Allow || statement.conditions.iter().any(is_met_by_http_only)
    };
    if document.statements.iter().all(leaves_tls_alone) {
        return None;
    }
    let how = How { now: Instant(0), settled: &[], lean: false, secure: true };
    let rules = DenySets::read(document, bucket, how);
    // A look at two plain requests tells nearly every policy.
    let denied = |request: &Request| rules.all.iter().any(|rule| rule.at(request, &rules.keys, true).must);
    if rules.all.is_empty() || !probes(bucket).take(4).all(|request| denied(&request)) {
        return None;
    }
    let mut over_tls = Decider::new(document, &rules);
    if !matches!(over_tls.look(Side::Must, budget), Looked::Covered) {
        return None;
    }
    let plain = DenySets::read(document, bucket, How { secure: false, ..how });
    if !matches!(Decider::new(document, &plain).look(Side::Must, budget), Looked::Covered) {
        return None;
    }
    let Decision::Enforced { by } = over_tls.enforced(budget) else { return None };
    document.statements.get(*by.first()?).map(|statement| statement.effect_span)
}

/// Decides from what is known.
fn decide_one(document: &Document, bucket: &Text, how: How<'_>, budget: &mut Budget) -> Decision {
    if let Some(plain) = plain_deny(document, bucket) {
        return Decision::Enforced { by: vec![plain] };
    }
    let rules = DenySets::read(document, bucket, how);
    let mut decider = Decider::new(document, &rules);
    if document.unknown.is_empty() {
        match decider.look(Side::May, budget) {
            Looked::At(request) => return decider.exposed(&with_settled(*request, how)),
            Looked::Covered => {}
            Looked::OutOfBudget => return decider.probe().unwrap_or_else(|| decider.out_of_budget()),
        }
    }
    match decider.look(Side::Must, budget) {
        Looked::At(request) => decider.undecided(&with_settled(*request, how)),
        Looked::Covered => decider.enforced(budget),
        Looked::OutOfBudget => decider.out_of_budget(),
    }
}

/// The request with what the bucket settles.
fn with_settled(mut request: Request, how: How<'_>) -> Request {
    for (key, held) in how.settled {
        request.context.extend(held.clone().map(|values| (key.clone(), values)));
    }
    request
}

/// Anonymous requests with known and later actions, on the bucket and on objects with all kinds of keys.
fn probes(bucket: &Text) -> impl Iterator<Item = Request> {
    let keys = ["any-key", "~", "é", "_", "/", "0"].into_iter().map(str::to_owned);
    let letters = ('a'..='z').chain('A'..='Z').chain('1'..='9').map(String::from);
    let objects = keys.chain(letters).map(Resource::Object);
    let resources = std::iter::once(Resource::Bucket).chain(objects);
    resources.flat_map(move |resource| {
        let actions: &[&str] = match resource {
            Resource::Bucket => &["ListBucket", "GetBucketAcl", "NewAction"],
            Resource::Object(_) => &["GetObject", "PutObject", "DeleteObject", "NewAction"],
        };
        let bucket = bucket.clone();
        actions.iter().map(move |action| Request {
            principal: Principal::Anonymous,
            action: format!("s3:{action}"),
            bucket: bucket.clone(),
            resource: resource.clone(),
            context: Context::from([("aws:securetransport".to_owned(), vec![Text::literal("false")])]),
        })
    })
}

/// Which requests count as denied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Those denied whatever the unknowns are.
    Must,
    /// Those that may be.
    May,
}

/// What comes of a look.
enum Looked {
    /// This request is not denied.
    At(Box<Request>),
    /// All are.
    Covered,
    /// There is no telling.
    OutOfBudget,
}

struct Decider<'a> {
    document: &'a Document,
    rules: &'a DenySets,
    /// The rules taken up so far (indexes), in the order of the document.
    active: Vec<usize>,
}

impl<'a> Decider<'a> {
    fn new(document: &'a Document, rules: &'a DenySets) -> Self {
        Self { document, rules, active: Vec::new() }
    }

    /// Looks for a request that no rule denies.
    fn look(&mut self, side: Side, budget: &mut Budget) -> Looked {
        for round in 0.. {
            let Some(space) = Space::new(self.rules, &self.active, budget) else { break };
            let found = match side {
                Side::Must => space.outside_must(|_| true, budget),
                Side::May => space.outside_may(budget),
            };
            let request = match found {
                Found::Request(request) => request,
                Found::Covered => return Looked::Covered,
                Found::OutOfBudget => break,
            };
            let denying = self.denying(&request, side);
            if denying.is_empty() {
                return Looked::At(request);
            }
            self.take_up(denying, round);
        }
        Looked::OutOfBudget
    }

    /// The rules not taken up yet that deny a request, the broadest first.
    fn denying(&self, request: &Request, side: Side) -> Vec<usize> {
        let denies = |index: &usize| {
            self.rules.all.get(*index).is_some_and(|rule| {
                let sides = rule.at(request, &self.rules.keys, side == Side::Must);
                if side == Side::Must { sides.must } else { sides.may }
            })
        };
        let new = |index: &usize| self.active.binary_search(index).is_err();
        let mut denying: Vec<usize> = (0..self.rules.all.len()).filter(new).filter(denies).collect();
        denying.sort_by_cached_key(|index| self.rules.all.get(*index).map(DenySet::narrowness));
        denying
    }

    fn take_up(&mut self, denying: Vec<usize>, round: u32) {
        let count = 1_usize.checked_shl(round).unwrap_or(usize::MAX);
        self.active.extend(denying.into_iter().take(count.max(1)));
        self.active.sort_unstable();
        if round >= LAZY_ROUNDS {
            let more = 1_usize.checked_shl(round - LAZY_ROUNDS).unwrap_or(usize::MAX);
            let new = |index: &usize| self.active.binary_search(index).is_err();
            let new: Vec<usize> = (0..self.rules.all.len()).filter(new).take(more).collect();
            self.active.extend(new);
            self.active.sort_unstable();
        }
    }

    /// A request outside of all that may be denied, checked by the plain evaluator.
    fn exposed(&self, request: &Request) -> Decision {
        if let Err(why) = realizable(request, self.rules.now) {
            debug_assert!(false, "nobody can send {request:?}: {why}");
            return self.disagreement(request);
        }
        match evaluate(self.document, request) {
            Evaluation::NotDenied => self.witness(request.clone()),
            Evaluation::Maybe { because } => match self.by_variable(request) {
                Some(request) => self.witness(request),
                None => Decision::Undecided { because, leaning: None },
            },
            Evaluation::Denied { by } => {
                if let Some(variable) = by.iter().find_map(|index| self.variable(*index)) {
                    return self
                        .probe()
                        .unwrap_or_else(|| Decision::Undecided { because: vec![variable], leaning: None });
                }
                debug_assert!(false, "the witness {request:?} is denied by {by:?}");
                self.disagreement(request)
            }
        }
    }

    /// A policy variable of a statement, whose value in a request may happen to be the one that is matched.
    fn variable(&self, statement: usize) -> Option<Unknown> {
        let statement = self.document.statements.get(statement)?;
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        let mut items = statement.resource.items.iter().chain(values);
        let has_variable = |item: &&Pattern| {
            item.pattern.pieces().iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains("${")))
        };
        let item = items.find(has_variable)?;
        Some(Unknown::new(
            "what a policy variable stands for hangs on each request",
            item.span,
            "write the string without a policy variable",
        ))
    }

    /// A last attempt where the policy is too intricate to be searched: some requests that are often left out.
    fn probe(&self) -> Option<Decision> {
        let passes = |request: &Request| {
            let mut rules = self.rules.all.iter();
            rules.all(|rule| !rule.at(request, &self.rules.keys, false).may) && self.passes(request)
        };
        probes(&self.rules.bucket).find(passes).map(|request| self.witness(request))
    }

    /// Whether somebody can send a request, and no statement denies it.
    fn passes(&self, request: &Request) -> bool {
        realizable(request, self.rules.now).is_ok() && evaluate(self.document, request) == Evaluation::NotDenied
    }

    fn witness(&self, request: Request) -> Decision {
        let misses = super::explain::misses(self.document, &request);
        Decision::Exposed { witness: request, misses }
    }

    /// A request outside of all that is surely denied, while everything may be denied.
    fn undecided(&self, request: &Request) -> Decision {
        match evaluate(self.document, request) {
            Evaluation::NotDenied if self.passes(request) => self.witness(request.clone()),
            Evaluation::NotDenied => self.disagreement(request),
            Evaluation::Maybe { because } => match self.by_variable(request) {
                Some(request) => self.witness(request),
                None => Decision::Undecided { because, leaning: None },
            },
            Evaluation::Denied { .. } => {
                // It is denied, but not by the same statements whatever the unknowns are.
                let mut because = self.document.unknown.clone();
                because.extend(self.unknowns());
                if because.is_empty() {
                    return self.disagreement(request);
                }
                Decision::Undecided { because, leaning: None }
            }
        }
    }

    /// The unknowns of all statements that may deny.
    fn unknowns(&self) -> Vec<Unknown> {
        let statements = self.rules.all.iter().filter_map(|rule| self.document.statements.get(rule.statement));
        let mut found = Vec::new();
        for unknown in statements.flat_map(likely::unknowns) {
            if !found.contains(&unknown) {
                found.push(unknown);
            }
        }
        found
    }

    /// The rules that are taken up cover everything: without which of them do they not?
    fn enforced(self, budget: &mut Budget) -> Decision {
        budget.half(|budget| self.fewest(budget)).0
    }

    fn fewest(self, budget: &mut Budget) -> Decision {
        let by = |places: &[usize], decider: &Self| {
            let rules = places.iter().filter_map(|place| decider.rules.all.get(*decider.active.get(*place)?));
            Decision::Enforced { by: rules.map(|rule| rule.statement).collect() }
        };
        let mut needed: Vec<usize> = (0..self.active.len()).collect();
        let space = Space::new(self.rules, &self.active, budget);
        let Some(space) = space else { return by(&needed, &self) };
        let narrowness = |place: &usize| {
            let rule = self.active.get(*place).and_then(|index| self.rules.all.get(*index));
            rule.map(|rule| std::cmp::Reverse((rule.narrowness(), rule.statement)))
        };
        let mut order = needed.clone();
        order.sort_by_cached_key(narrowness);
        for place in order {
            let without: Vec<usize> = needed.iter().copied().filter(|other| *other != place).collect();
            let covers = space.outside_must(|other| without.binary_search(&other).is_ok(), budget);
            if matches!(covers, Found::Covered) {
                needed = without;
            }
        }
        by(&needed, &self)
    }

    fn out_of_budget(&self) -> Decision {
        let because = Unknown::new(
            "this policy has more cases than can be told apart in reasonable time",
            self.document.span,
            "say it with fewer statements, or with a Deny of its own for insecure transport",
        );
        Decision::Undecided { because: vec![because], leaning: None }
    }

    fn disagreement(&self, request: &Request) -> Decision {
        let because = Unknown::new(
            format!("internal disagreement: whether `{}` is denied is judged in two ways", request.action),
            self.document.span,
            "report this policy as a bug of the linter",
        );
        Decision::Undecided { because: vec![because], leaning: None }
    }
}
