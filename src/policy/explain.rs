//! Why each Deny statement lets a request through, in words.

use super::evaluate::{Answer, Evaluation, Evaluator, evaluate, is_negated};
use super::facts;
use super::remarks::{Flaw, flaw, near, told};
use super::{
    Condition, Decision, Document, Effect, Element, Miss, MissedElement, OperatorBase, Pattern, Principal,
    PrincipalElement, Request, Resource, Statement, partition_by_hand,
};
use crate::model::{Date, Hop, Text};
use crate::source::Span;

const TRANSPORT: &str = "aws:securetransport";
const TLS_VERSION: &str = "s3:tlsversion";
/// Stands for any object where a statement is tried on another resource than the request's.
const ANY_KEY: &str = "any-key/of-an-object";
/// Of more statements than this nobody reads all that is to be said of each.
const FEW_STATEMENTS: usize = 20;
/// More items than this are counted, not listed.
const MAX_LISTED: usize = 3;

/// For each Deny statement that lets `request` through, all reasons, the most telling first. A statement that matches
/// the request, or that may match it, is not there; nor is any statement of a document that AWS rejects.
#[must_use]
pub fn misses(document: &Document, request: &Request) -> Vec<Miss> {
    if !document.problems.is_empty() {
        return Vec::new();
    }
    let few = document.statements.len() <= FEW_STATEMENTS;
    let others: Vec<Request> = if few { others(request) } else { Vec::new() }
        .into_iter()
        .filter(|other| evaluate(document, other) == Evaluation::NotDenied)
        .collect();
    let others = others.iter().map(|other| Explainer::new(document, other, Vec::new())).collect();
    let explainer = Explainer::new(document, request, others);
    let statements = document.statements.iter().enumerate();
    let mut found: Vec<Miss> = statements
        .filter(|(_, statement)| statement.effect == Effect::Deny)
        .flat_map(|(index, statement)| explainer.statement(index, statement))
        .collect();
    if found.iter().any(|miss| miss.inverted) && !enforces_if_turned(document, request, &found) {
        for miss in found.iter_mut().filter(|miss| miss.inverted) {
            miss.inverted = false;
            if miss.element == MissedElement::Condition && miss.advice.as_deref() == Some(TURN) {
                "this Deny holds over HTTPS only".clone_into(&mut miss.message);
                miss.advice = Some(
                    "deny requests whose `aws:SecureTransport` is `\"false\"` in a statement of its own".to_owned(),
                );
            }
        }
    }
    found
}

/// What to write in an inverted Deny.
const TURN: &str = "write `\"false\"` for `aws:SecureTransport` in this Deny";

/// Whether the policy denies all plain HTTP once its inverted statements are turned round.
fn enforces_if_turned(document: &Document, request: &Request, found: &[Miss]) -> bool {
    let mut turned = document.clone();
    for miss in found.iter().filter(|miss| miss.inverted) {
        let Some(statement) = turned.statements.get_mut(miss.statement) else { continue };
        for condition in statement.conditions.iter_mut().filter(|condition| condition.key == TRANSPORT) {
            for value in &mut condition.values {
                value.pattern = Text::literal("false");
            }
        }
    }
    matches!(super::decide(&turned, &request.bucket, Date::default()), Decision::Enforced { .. })
}

struct Explainer<'a> {
    document: &'a Document,
    request: &'a Request,
    evaluator: Evaluator<'a>,
    /// The same for requests that differ from this one in a single respect, and get through too.
    others: Vec<Explainer<'a>>,
}

/// What to say of one element.
struct Reason {
    element: MissedElement,
    span: Span,
    message: String,
    advice: Option<String>,
    hops: Vec<Hop>,
}

impl<'a> Explainer<'a> {
    fn new(document: &'a Document, request: &'a Request, others: Vec<Self>) -> Self {
        Self { document, request, evaluator: Evaluator::new(document, request), others }
    }

    fn statement(&self, index: usize, statement: &Statement) -> Vec<Miss> {
        let on_transport = || statement.conditions.iter().filter(|condition| condition.key == TRANSPORT);
        let missed = |condition: &Condition| self.evaluator.condition(condition) == Answer::No;
        let about_transport = on_transport().next().is_some() && !on_transport().any(missed);
        let inverted = on_transport().any(|condition| missed(condition) && self.holds_over_tls(condition));
        let about_tls = statement.conditions.iter().any(is_about_tls);
        let (of_tls, others): (Vec<&Condition>, Vec<&Condition>) = statement
            .conditions
            .iter()
            .filter(|condition| missed(condition))
            .partition(|condition| is_about_tls(condition));
        let reasons: Vec<Reason> = (of_tls.into_iter().map(|condition| self.condition(condition, about_transport)))
            .chain(self.resource(&statement.resource))
            .chain(self.principal(&statement.principal))
            .chain(self.action(&statement.action))
            .chain(others.into_iter().map(|condition| self.condition(condition, about_transport)))
            .collect();
        let more = if about_tls && !reasons.is_empty() { self.further(statement, &reasons) } else { Vec::new() };
        let miss = |reason: Reason| Miss {
            statement: index,
            element: reason.element,
            span: reason.span,
            hops: reason.hops,
            message: reason.message,
            advice: reason.advice,
            about_transport,
            about_tls,
            inverted,
        };
        reasons.into_iter().chain(more).map(miss).collect()
    }

    /// What else of a statement lets plain HTTP through, though not this request: it would be found next.
    fn further(&self, statement: &Statement, told: &[Reason]) -> Vec<Reason> {
        let first = |element: MissedElement, look: &dyn Fn(&Self) -> Option<Reason>| {
            let is_told = told.iter().any(|known| known.element == element);
            if is_told { None } else { self.others.iter().find_map(look) }
        };
        let resource = first(MissedElement::Resource, &|other| other.resource(&statement.resource));
        let principal = first(MissedElement::Principal, &|other| other.principal(&statement.principal));
        let action = first(MissedElement::Action, &|other| other.action(&statement.action));
        resource.into_iter().chain(principal).chain(action).collect()
    }

    /// Whether the condition holds for the same request over TLS.
    fn holds_over_tls(&self, condition: &Condition) -> bool {
        let mut request = self.request.clone();
        request.context.insert(TRANSPORT.to_owned(), vec![Text::literal("true")]);
        Evaluator::new(self.document, &request).condition(condition) == Answer::Yes
    }

    fn principal(&self, element: &Element<PrincipalElement>) -> Option<Reason> {
        if self.evaluator.principal(element) != Answer::No {
            return None;
        }
        let names = |items: &[PrincipalElement]| listed(items.iter().map(|item| item.text.shown()));
        let exempt = |one: &Element<PrincipalElement>| self.evaluator.principal(one) == Answer::Yes;
        let (span, message) = match exempted(element, exempt) {
            Some(item) => (item.span, format!("this Deny exempts {} by `NotPrincipal`", quoted(&item.text.shown()))),
            None => (element.span, format!("this Deny applies to {} only", names(&element.items))),
        };
        let advice = if element.negated {
            "write `Principal` with `*` in place of `NotPrincipal`"
        } else {
            "name everyone, `*`, as `Principal`"
        };
        Some(Reason {
            element: MissedElement::Principal,
            span,
            message,
            advice: Some(advice.to_owned()),
            hops: element.hops.clone(),
        })
    }

    fn action(&self, element: &Element<Pattern>) -> Option<Reason> {
        if self.evaluator.action(element) != Answer::No {
            return None;
        }
        let exempt = |one: &Element<Pattern>| self.evaluator.action(one) == Answer::Yes;
        let (span, message) = match exempted(element, exempt) {
            Some(item) => (item.span, format!("this Deny exempts {} by `NotAction`", quoted(&item.pattern.shown()))),
            None => (element.span, format!("this Deny covers {} only", patterns(&element.items))),
        };
        let advice = if element.negated {
            "write `Action` with `s3:*` in place of `NotAction`"
        } else {
            "cover every action with `s3:*`"
        };
        Some(Reason {
            element: MissedElement::Action,
            span,
            message,
            advice: Some(advice.to_owned()),
            hops: element.hops.clone(),
        })
    }

    fn resource(&self, element: &Element<Pattern>) -> Option<Reason> {
        if self.evaluator.resource(element) != Answer::No {
            return None;
        }
        let reason = |span, message: String, advice: &str| {
            let advice = Some(advice.to_owned());
            Some(Reason { element: MissedElement::Resource, span, message, advice, hops: element.hops.clone() })
        };
        let exempt = |one: &Element<Pattern>| self.evaluator.resource(one) == Answer::Yes;
        if let Some(item) = exempted(element, exempt) {
            let message = format!("this Deny exempts {} by `NotResource`", quoted(&item.pattern.shown()));
            return reason(
                item.span,
                message,
                "write `Resource` with the bucket's ARN and that ARN with `/*` in place of `NotResource`",
            );
        }
        let covers = |resource| self.covers(element, resource);
        let own: Vec<&Pattern> = element.items.iter().filter(|item| self.evaluator.is_inside(item)).collect();
        let on_bucket = self.request.resource == Resource::Bucket;
        if on_bucket && covers(Resource::Object(ANY_KEY.to_owned())) {
            let message = "this Deny covers the objects only".to_owned();
            reason(element.span, message, "add the bucket's own ARN to `Resource`")
        } else if let Some(first) = own.first() {
            let these = listed(own.iter().map(|item| item.pattern.shown()));
            let rest = if on_bucket { ", not the bucket itself" } else { "" };
            let message = format!("this Deny covers only the objects that match {these}{rest}");
            reason(first.span, message, "name the bucket's ARN, and that ARN with `/*`, as `Resource`")
        } else if !on_bucket && covers(Resource::Bucket) {
            let message = "this Deny covers the bucket itself only".to_owned();
            reason(element.span, message, "add the bucket's ARN with `/*` to `Resource`")
        } else if let Some((item, flaw)) = element.items.iter().find_map(|item| Some((item, self.flaw(item)?))) {
            let message = format!("this Deny names no ARN: {}", told(flaw, &item.pattern.shown()));
            reason(item.span, message, "name the ARN of this bucket, and that ARN with `/*`, as `Resource`")
        } else if let Some(item) = element.items.iter().find(|item| self.is_in_another_partition(item)) {
            let partition = quoted(self.document.partition());
            let message = format!(
                "this Deny names {}, and the bucket is in partition {partition}",
                quoted(&item.pattern.shown())
            );
            reason(item.span, message, "write the bucket's own ARN, and that ARN with `/*`, as `Resource`")
        } else {
            let message = format!("this Deny names another bucket: {}", patterns(&element.items));
            reason(element.span, message, "name the ARN of this bucket, and that ARN with `/*`, as `Resource`")
        }
    }

    /// Whether an ARN is one of another partition than the bucket's, whatever it names there.
    fn is_in_another_partition(&self, item: &Pattern) -> bool {
        partition_by_hand(&item.pattern).is_some_and(|name| name != self.document.partition())
    }

    /// What keeps a resource from being the ARN of any bucket.
    fn flaw(&self, item: &Pattern) -> Option<Flaw> {
        flaw(&item.pattern, &self.request.bucket).filter(|flaw| *flaw != Flaw::Everything)
    }

    /// Whether the element surely covers another resource of the same bucket.
    fn covers(&self, element: &Element<Pattern>, resource: Resource) -> bool {
        let request = Request { resource, ..self.request.clone() };
        Evaluator::new(self.document, &request).resource(element) == Answer::Yes
    }

    fn condition(&self, condition: &Condition, about_transport: bool) -> Reason {
        let key = quoted(&condition.key_written);
        let also = if about_transport { "also " } else { "" };
        let values = patterns(&condition.values);
        let present = self.request.context.contains_key(&condition.key);
        let (message, advice) = if condition.key == TRANSPORT {
            self.transport(condition)
        } else if condition.key == TLS_VERSION && !present {
            (
                format!(
                    "this Deny {also}asks for {key}, which is absent from plain HTTP requests, so it never holds for them"
                ),
                "deny requests whose `aws:SecureTransport` is `false` in a statement of its own".to_owned(),
            )
        } else if !facts::key(&condition.key).is_known() && near(&condition.key).is_some() {
            let meant = near(&condition.key).unwrap_or_default();
            (
                format!("this Deny {also}asks for {key}, which is no condition key that AWS documents"),
                format!("did you mean `{meant}`?"),
            )
        } else {
            let message = match condition.operator.base {
                OperatorBase::Null if present => format!("this Deny {also}asks for {key} to be absent"),
                OperatorBase::Null => format!("this Deny {also}asks for {key} to be there"),
                _ if !present => format!("this Deny {also}asks for {key}, which a request may lack"),
                _ if is_negated(condition.operator.base) => {
                    format!("this Deny exempts requests whose {key} is {values}")
                }
                _ => format!("this Deny {also}asks for {key} to be {values} (`{}`)", condition.operator.name()),
            };
            (message, format!("remove the condition on {key}, or deny plain HTTP in a statement without it"))
        };
        let span = condition.value_span;
        Reason { element: MissedElement::Condition, span, message, advice: Some(advice), hops: condition.hops.clone() }
    }

    fn transport(&self, condition: &Condition) -> (String, String) {
        let message = if self.holds_over_tls(condition) {
            "this Deny locks HTTPS out and lets plain HTTP through"
        } else {
            "this Deny never holds: `aws:SecureTransport` is in every request"
        };
        let advice = if condition.operator.base == OperatorBase::Bool && !condition.operator.if_exists {
            "write `\"false\"` for `aws:SecureTransport` in this Deny"
        } else {
            "ask with `Bool` for `aws:SecureTransport` to be `\"false\"`"
        };
        (message.to_owned(), advice.to_owned())
    }
}

/// Requests over plain HTTP that differ from one in a single respect.
fn others(request: &Request) -> Vec<Request> {
    let mut by_anybody = Request { principal: Principal::Anonymous, ..request.clone() };
    by_anybody.context.retain(|key, _| key == TRANSPORT || !facts::key(key).by.is_of_principal());
    let on = |action: &str, resource| Request { action: action.to_owned(), resource, ..request.clone() };
    vec![
        on("s3:ListBucket", Resource::Bucket),
        on("s3:GetObject", Resource::Object(ANY_KEY.to_owned())),
        by_anybody,
        on("s3:AnyOtherAction", request.resource.clone()),
    ]
}

fn is_about_tls(condition: &Condition) -> bool {
    let meant = || !facts::key(&condition.key).is_known() && near(&condition.key) == Some("aws:SecureTransport");
    condition.key == TRANSPORT || condition.key == TLS_VERSION || meant()
}

/// The item of a negated element that leaves out what is asked about.
fn exempted<T: Clone>(element: &Element<T>, matches: impl Fn(&Element<T>) -> bool) -> Option<&T> {
    element.items.iter().filter(|_| element.negated).find(|item| matches(&alone(element, item)))
}

/// The element with `item` alone, in its positive form.
fn alone<T: Clone>(element: &Element<T>, item: &T) -> Element<T> {
    Element { negated: false, items: vec![item.clone()], unknown: Vec::new(), hops: Vec::new(), ..*element }
}

fn patterns(items: &[Pattern]) -> String {
    listed(items.iter().map(|item| item.pattern.shown()))
}

/// Names a few, and counts the rest.
fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let rest = items.len().saturating_sub(MAX_LISTED);
    let mut parts: Vec<String> = items.take(MAX_LISTED).map(|item| quoted(&item)).collect();
    if rest > 0 {
        parts.push(format!("{rest} more"));
    }
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// Longer texts are cut: a message is a line.
fn quoted(text: &str) -> String {
    const MAX: usize = 100;
    if text.chars().nth(MAX).is_none() {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(MAX).collect();
    format!("`{start}…`")
}
