//! The plain evaluator: is this one request denied?
//!
//! It follows
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html> and the pages on the
//! single elements, and knows nothing of sets of requests. Each step answers yes, no or maybe; a statement matches as
//! surely as the least sure of its elements.

mod answer;
mod condition;
mod glob;
mod held;
mod principal;
mod realizable;

use super::{Condition, Document, Effect, Element, Pattern, PrincipalElement, Request, Resource, Statement, Version};
use crate::model::{Text, Unknown};
pub(super) use answer::Answer;
pub(super) use condition::is_negated;
use glob::{Globs, Subject, TextReader, Token};
pub(super) use held::given;
pub use realizable::realizable;

/// What comes of one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluation {
    /// At least one statement denies it, whatever the unknowns are.
    Denied {
        /// Indexes of the statements that do.
        by: Vec<usize>,
    },
    /// No statement denies it, whatever the unknowns are.
    NotDenied,
    /// Whether a statement denies it hangs on something unknown.
    Maybe {
        /// What; at least one.
        because: Vec<Unknown>,
    },
}

/// Whether `document` explicitly denies `request`. `Allow` statements never matter, and a document that AWS rejects
/// denies nothing.
#[must_use]
pub fn evaluate(document: &Document, request: &Request) -> Evaluation {
    if !document.problems.is_empty() {
        return Evaluation::NotDenied;
    }
    let evaluator = Evaluator::new(document, request);
    let mut by = Vec::new();
    let mut because = document.unknown.clone();
    for (index, statement) in document.statements.iter().enumerate() {
        match evaluator.statement(statement) {
            Answer::Yes => by.push(index),
            Answer::No => {}
            Answer::Maybe(unknown) => answer::join(&mut because, unknown),
        }
    }
    if !by.is_empty() {
        Evaluation::Denied { by }
    } else if because.is_empty() {
        Evaluation::NotDenied
    } else {
        Evaluation::Maybe { because }
    }
}

/// One request against one document.
pub(super) struct Evaluator<'a> {
    request: &'a Request,
    /// Reads the texts of the policy.
    reader: TextReader<'a>,
    /// The request's full ARN.
    arn: Subject,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(document: &'a Document, request: &'a Request) -> Self {
        let partition = document.partition();
        let mut arn = Text::literal(format!("arn:{partition}:s3:::"));
        arn.push(&request.bucket);
        if let Resource::Object(key) = &request.resource {
            arn.push_str("/");
            arn.push_str(key);
        }
        let reader = TextReader { version: &document.version, request, partition };
        let arn = Subject::bucket_arn(&reader, &arn);
        Self { request, reader, arn }
    }

    /// A statement matches when all of its elements do.
    fn statement(&self, statement: &Statement) -> Answer {
        let effect = match &statement.effect {
            Effect::Deny => Answer::Yes,
            Effect::Allow => return Answer::No,
            Effect::Unknown(unknown) => Answer::maybe(unknown.clone()),
        };
        Answer::all([
            effect,
            self.principal(&statement.principal),
            self.action(&statement.action),
            self.resource(&statement.resource),
            self.conditions(statement),
        ])
    }

    /// Who asks.
    pub(super) fn principal(&self, element: &Element<PrincipalElement>) -> Answer {
        principal::matches(element, self.request)
    }

    /// Actions are case-insensitive globs; policy variables do not live in them.
    pub(super) fn action(&self, element: &Element<Pattern>) -> Answer {
        let action = Subject::known(&self.request.action.to_ascii_lowercase());
        let literal = TextReader { version: &Version::V2008, ..self.reader };
        any_item(element, |item| {
            let pattern = literal.pattern(&item.pattern, Globs::Live).lower_case();
            pattern.matches(&action, false, item.span)
        })
    }

    /// Resources are case-sensitive globs over the whole ARN, with policy variables.
    pub(super) fn resource(&self, element: &Element<Pattern>) -> Answer {
        any_item(element, |item| {
            let pattern = self.reader.pattern(&item.pattern, Globs::Live);
            pattern.matches(&self.arn, element.negated, item.span)
        })
    }

    /// Whether a pattern starts with the ARN of the request's bucket and a slash: it is about objects of that bucket.
    pub(super) fn is_inside(&self, item: &Pattern) -> bool {
        let pattern = self.reader.pattern(&item.pattern, Globs::Live).tokens;
        let slash = self.arn.tokens.iter().position(|token| *token == Token::Char('/'));
        let bucket = self.arn.tokens.get(..slash.unwrap_or(self.arn.tokens.len())).unwrap_or_default();
        pattern.starts_with(bucket) && pattern.get(bucket.len()) == Some(&Token::Char('/'))
    }

    /// All conditions have to hold.
    fn conditions(&self, statement: &Statement) -> Answer {
        let known = statement.conditions.iter().map(|condition| self.condition(condition));
        let unknown = statement.unknown_conditions.iter().map(|unknown| Answer::maybe(unknown.clone()));
        Answer::all(known.chain(unknown))
    }

    /// One condition.
    pub(super) fn condition(&self, condition: &Condition) -> Answer {
        condition::holds(condition, self.request, &self.reader)
    }
}

/// One item has to match; for the `Not…` form, none may.
fn any_item<T>(element: &Element<T>, matches: impl Fn(&T) -> Answer) -> Answer {
    let known = element.items.iter().map(matches);
    let unknown = element.unknown.iter().map(|unknown| Answer::maybe(unknown.clone()));
    let answer = Answer::any(known.chain(unknown));
    if element.negated { answer.not() } else { answer }
}
