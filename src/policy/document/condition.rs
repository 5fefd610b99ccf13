//! `Condition`: operators, keys and values.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>.

use super::element;
use super::read::{Mapping, mapping};
use super::{Condition, Correction, Operator, OperatorBase, Problem, Quantifier, check};
use crate::model::{Data, Entry, Unknown, Value};
use crate::policy::nearest::meant;
use crate::source::Span;
use std::sync::LazyLock;

/// The conditions of one statement.
#[derive(Default)]
pub(super) struct Conditions {
    /// Those that can be read.
    pub(super) known: Vec<Condition>,
    /// Those that cannot.
    pub(super) unknown: Vec<Unknown>,
}

/// Reads the value of `Condition`. `live` says that policy variables may stand in values.
pub(super) fn read(value: Option<&Value>, live: bool, problems: &mut Vec<Problem>) -> Conditions {
    let mut conditions = Conditions::default();
    let Some(value) = value else { return conditions };
    match mapping(value) {
        Mapping::Entries(entries) => {
            for entry in entries.iter().filter(|entry| !matches!(entry.value.data, Data::Absent)) {
                conditions.read_operator(entry, live, problems);
            }
        }
        Mapping::Unknown(unknown) => conditions.unknown.push(unknown),
        Mapping::Other => problems.push(Problem {
            message: "`Condition` is no mapping".to_owned(),
            span: value.span,
            help: "write a mapping from operators to condition keys".to_owned(),
            instead: None,
        }),
    }
    conditions
}

impl Conditions {
    fn read_operator(&mut self, entry: &Entry, live: bool, problems: &mut Vec<Problem>) {
        let operator = match Operator::parse(&entry.key) {
            Parsed::Operator(operator) => operator,
            Parsed::OtherCase(documented) => {
                self.unknown.push(element::other_case(&entry.key, &documented, entry.key_span));
                return;
            }
            Parsed::None => {
                let names = || NAMES.iter().map(|(name, _)| name.as_str());
                // `BoolEquals`: one that goes on.
                let start = || names().filter(|name| entry.key.starts_with(name)).max_by_key(|name| name.len());
                let near = meant(&entry.key, names()).or_else(start);
                problems.push(Problem {
                    message: format!("`{}` is no condition operator", entry.key),
                    span: entry.key_span,
                    help: match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "take an operator of the IAM reference, such as `Bool` or `StringEquals`".to_owned(),
                    },
                    instead: near.map(|near| Correction::Word { from: entry.key.clone(), to: near.to_owned() }),
                });
                return;
            }
        };
        match mapping(&entry.value) {
            Mapping::Entries(keys) => {
                let mut keys = keys.iter().filter(|key| !matches!(key.value.data, Data::Absent)).peekable();
                if keys.peek().is_none() {
                    self.unknown.push(empty(entry.value.span));
                }
                for key in keys {
                    self.known.push(read_key(operator, entry.key_span, key, live, problems));
                }
            }
            Mapping::Unknown(unknown) => self.unknown.push(unknown),
            Mapping::Other => problems.push(Problem {
                message: format!("`{}` has no condition keys", entry.key),
                span: entry.value.span,
                help: "write a mapping from condition keys to values".to_owned(),
                instead: None,
            }),
        }
    }
}

fn read_key(operator: Operator, at: Span, key: &Entry, live: bool, problems: &mut Vec<Problem>) -> Condition {
    let texts = element::texts(&key.value);
    let mut unknown = texts.unknown.clone();
    if texts.is_empty() {
        unknown.push(empty(key.value.span));
    } else {
        texts.report(&key.key, problems);
    }
    for item in &texts.items {
        // A policy variable gets its value with the request.
        if let Some(text) = item.pattern.as_literal().filter(|text| !(live && text.contains("${"))) {
            check::value(operator.base, text, item.span, problems);
        }
    }
    Condition {
        operator,
        operator_span: at,
        key: key.key.to_ascii_lowercase(),
        key_written: key.key.clone(),
        key_span: key.key_span,
        values: texts.items,
        value_span: key.value.span,
        unknown,
        hops: texts.hops,
    }
}

/// The grammar has no empty list of values; whether AWS rejects one, or what it does to a request, is left open.
fn empty(span: Span) -> Unknown {
    Unknown::new("what an empty condition does is not documented", span, "give it a value, or remove it")
}

/// What an operator's name turned out to be.
#[derive(Debug)]
enum Parsed {
    Operator(Operator),
    /// An operator in other letter case than this one.
    OtherCase(String),
    None,
}

const BASES: &[OperatorBase] = {
    use OperatorBase as Op;
    &[
        Op::StringEquals,
        Op::StringNotEquals,
        Op::StringEqualsIgnoreCase,
        Op::StringNotEqualsIgnoreCase,
        Op::StringLike,
        Op::StringNotLike,
        Op::NumericEquals,
        Op::NumericNotEquals,
        Op::NumericLessThan,
        Op::NumericLessThanEquals,
        Op::NumericGreaterThan,
        Op::NumericGreaterThanEquals,
        Op::DateEquals,
        Op::DateNotEquals,
        Op::DateLessThan,
        Op::DateLessThanEquals,
        Op::DateGreaterThan,
        Op::DateGreaterThanEquals,
        Op::Bool,
        Op::BinaryEquals,
        Op::IpAddress,
        Op::NotIpAddress,
        Op::ArnEquals,
        Op::ArnNotEquals,
        Op::ArnLike,
        Op::ArnNotLike,
        Op::Null,
    ]
};

const QUANTIFIERS: &[(&str, Quantifier)] =
    &[("", Quantifier::Single), ("ForAllValues:", Quantifier::ForAllValues), ("ForAnyValue:", Quantifier::ForAnyValue)];

/// Every documented name. `Null` has no `IfExists` form.
static NAMES: LazyLock<Vec<(String, Operator)>> = LazyLock::new(|| {
    let mut names = Vec::new();
    for &(_, quantifier) in QUANTIFIERS {
        for &base in BASES {
            for if_exists in [false, true] {
                if !if_exists || base != OperatorBase::Null {
                    let operator = Operator { quantifier, base, if_exists };
                    names.push((operator.name(), operator));
                }
            }
        }
    }
    names
});

impl Operator {
    /// Reads an operator's name.
    fn parse(name: &str) -> Parsed {
        match NAMES.iter().find(|(documented, _)| documented.eq_ignore_ascii_case(name)) {
            Some((documented, operator)) if documented == name => Parsed::Operator(*operator),
            Some((documented, _)) => Parsed::OtherCase(documented.clone()),
            None => Parsed::None,
        }
    }

    /// The operator's name, as the IAM reference writes it.
    #[must_use]
    pub fn name(self) -> String {
        let prefix = QUANTIFIERS.iter().find(|(_, quantifier)| *quantifier == self.quantifier).map_or("", |(p, _)| p);
        format!("{prefix}{:?}{}", self.base, if self.if_exists { "IfExists" } else { "" })
    }
}
