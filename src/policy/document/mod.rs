//! A policy document, read out of a located value.

mod check;
mod condition;
mod element;
mod principal;
mod read;

use crate::model::{Hop, Text, Unknown};
use crate::source::Span;

/// A policy document as IAM's grammar has it.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where the document stands.
    pub span: Span,
    /// Its version; decides whether policy variables are live.
    pub version: Version,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
    /// A part whose structure is unknown and that may hold further statements (or the whole document).
    pub unknown: Vec<Unknown>,
    /// What AWS would reject it for. A document with problems takes no effect.
    pub problems: Vec<Problem>,
}

/// A reason for AWS to reject a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, as a clause.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What to write instead.
    pub help: String,
    /// What was meant, where that is plain.
    pub instead: Option<Correction>,
}

/// What corrects a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correction {
    /// A word in the place of another.
    Word {
        /// What is written.
        from: String,
        /// What is meant.
        to: String,
    },
    /// Everybody, for a Deny that names nobody.
    Everybody,
}

/// The version of the policy language.
#[derive(Clone, Debug, PartialEq)]
pub enum Version {
    /// `2012-10-17`: policy variables are live.
    V2012,
    /// `2008-10-17`, or none at all: `${…}` is literal text.
    V2008,
    /// Not known.
    Unknown(Unknown),
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Where it stands.
    pub span: Span,
    /// Its `Sid` and where that stands, where it is known text.
    pub sid: Option<(String, Span)>,
    /// Its effect.
    pub effect: Effect,
    /// Where the value of `Effect` stands.
    pub effect_span: Span,
    /// Who it matches.
    pub principal: Element<PrincipalElement>,
    /// Which actions it matches.
    pub action: Element<Pattern>,
    /// Which resources it matches.
    pub resource: Element<Pattern>,
    /// Its conditions; all must hold.
    pub conditions: Vec<Condition>,
    /// Unknown parts of `Condition`, which may narrow it further.
    pub unknown_conditions: Vec<Unknown>,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
    /// Not known.
    Unknown(Unknown),
}

/// An element and its negated twin: `Action` and `NotAction`, and so on.
#[derive(Clone, Debug)]
pub struct Element<T> {
    /// True for the `Not…` form.
    pub negated: bool,
    /// Where the value stands.
    pub span: Span,
    /// The alternatives, each with its place.
    pub items: Vec<T>,
    /// Alternatives whose structure is unknown: there may be any number of further items.
    pub unknown: Vec<Unknown>,
    /// Places that its value, or one of its items, passed through.
    pub hops: Vec<Hop>,
}

/// One pattern of `Action` or `Resource`.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The pattern (a glob), as written.
    pub pattern: Text,
    /// Where it stands.
    pub span: Span,
}

/// One entry of `Principal`.
#[derive(Clone, Debug)]
pub struct PrincipalElement {
    /// Under which key it stands.
    pub kind: PrincipalKind,
    /// Its text.
    pub text: Text,
    /// Where it stands.
    pub span: Span,
}

/// The keys of `Principal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// A bare `"*"`.
    Everyone,
    /// `AWS`.
    Aws,
    /// `Service`.
    Service,
    /// `Federated`.
    Federated,
    /// `CanonicalUser`.
    CanonicalUser,
}

/// One operator on one key.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// Where the operator's name stands.
    pub operator_span: Span,
    /// The condition key, in lower case.
    pub key: String,
    /// The condition key, as written.
    pub key_written: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The values, booleans and numbers as their IAM text.
    pub values: Vec<Pattern>,
    /// Where the value or the list of values stands.
    pub value_span: Span,
    /// Values whose structure is unknown: there may be any number of further values.
    pub unknown: Vec<Unknown>,
    /// Places that the value, or one of the list, passed through.
    pub hops: Vec<Hop>,
}

/// A condition operator with its prefix and suffix.
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// `ForAllValues:`, `ForAnyValue:` or neither.
    pub quantifier: Quantifier,
    /// The operator itself.
    pub base: OperatorBase,
    /// True with the suffix `IfExists`.
    pub if_exists: bool,
}

/// The set prefix of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quantifier {
    /// No prefix.
    Single,
    /// `ForAllValues:`.
    ForAllValues,
    /// `ForAnyValue:`.
    ForAnyValue,
}

/// The operators of the IAM reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are IAM's own")]
pub enum OperatorBase {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    Null,
}

impl OperatorBase {
    /// Whether it compares numbers as numbers, however they are written.
    #[must_use]
    pub fn is_numeric(self) -> bool {
        matches!(
            self,
            Self::NumericEquals
                | Self::NumericNotEquals
                | Self::NumericLessThan
                | Self::NumericLessThanEquals
                | Self::NumericGreaterThan
                | Self::NumericGreaterThanEquals
        )
    }
}
