//! A policy document, read out of a located value.

mod check;
mod condition;
mod element;
mod principal;
mod read;

use crate::model::{Hop, Piece, Text, Unknown};
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
    /// What AWS may reject it for: whether it does is not documented, so that the document proves nothing.
    pub doubts: Vec<Unknown>,
    /// The partition that it is deployed in, where that is known.
    pub deployed_in: Option<&'static str>,
}

impl Document {
    /// The partition of its deployment. One that is written by hand is taken as it: `aws` before all others, and none
    /// that is known not to be it, but `aws`. What names any other one then names nothing in this deployment.
    pub(super) fn partition(&self) -> &str {
        let by_hand = || self.partitions_by_hand();
        match self.deployed_in {
            Some(known) if by_hand().any(|name| name == known) || by_hand().all(|name| name != "aws") => known,
            Some(_) => "aws",
            None if by_hand().any(|name| name == "aws") => "aws",
            None => by_hand().min().unwrap_or("aws"),
        }
    }

    /// Whether it names another partition than `aws` by hand.
    #[must_use]
    pub(crate) fn names_another_partition(&self) -> bool {
        self.partitions_by_hand().any(|name| name != "aws")
    }

    fn partitions_by_hand(&self) -> impl Iterator<Item = &str> {
        let items = self.statements.iter().flat_map(|statement| &statement.resource.items);
        items.filter_map(|item| partition_by_hand(&item.pattern))
    }
}

/// The partition that an ARN names by hand.
pub(crate) fn partition_by_hand(arn: &Text) -> Option<&str> {
    let Piece::Literal(start) = arn.pieces().first()? else { return None };
    let (partition, _) = start.strip_prefix("arn:")?.split_once(':')?;
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!partition.is_empty() && partition.chars().all(is_name)).then_some(partition)
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
