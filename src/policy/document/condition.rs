//! `Condition`: operators, keys and values.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>.

use super::element;
use super::read::{Mapping, mapping};
use super::{Condition, Correction, Operator, OperatorBase, Problem, Quantifier, check};
use crate::model::{Data, Entry, Unknown, Value};
use crate::policy::nearest::meant;
use crate::source::Span;

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
                let names: Vec<String> = names().collect();
                let names = || names.iter().map(String::as_str);
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
    let texts = element::texts(&key.value, operator.base.is_numeric());
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

const BASES: &[(&str, OperatorBase)] = {
    use OperatorBase as Op;
    &[
        ("StringEquals", Op::StringEquals),
        ("StringNotEquals", Op::StringNotEquals),
        ("StringEqualsIgnoreCase", Op::StringEqualsIgnoreCase),
        ("StringNotEqualsIgnoreCase", Op::StringNotEqualsIgnoreCase),
        ("StringLike", Op::StringLike),
        ("StringNotLike", Op::StringNotLike),
        ("NumericEquals", Op::NumericEquals),
        ("NumericNotEquals", Op::NumericNotEquals),
        ("NumericLessThan", Op::NumericLessThan),
        ("NumericLessThanEquals", Op::NumericLessThanEquals),
        ("NumericGreaterThan", Op::NumericGreaterThan),
        ("NumericGreaterThanEquals", Op::NumericGreaterThanEquals),
        ("DateEquals", Op::DateEquals),
        ("DateNotEquals", Op::DateNotEquals),
        ("DateLessThan", Op::DateLessThan),
        ("DateLessThanEquals", Op::DateLessThanEquals),
        ("DateGreaterThan", Op::DateGreaterThan),
        ("DateGreaterThanEquals", Op::DateGreaterThanEquals),
        ("Bool", Op::Bool),
        ("BinaryEquals", Op::BinaryEquals),
        ("IpAddress", Op::IpAddress),
        ("NotIpAddress", Op::NotIpAddress),
        ("ArnEquals", Op::ArnEquals),
        ("ArnNotEquals", Op::ArnNotEquals),
        ("ArnLike", Op::ArnLike),
        ("ArnNotLike", Op::ArnNotLike),
        ("Null", Op::Null),
    ]
};

const QUANTIFIERS: &[(&str, Quantifier)] =
    &[("", Quantifier::Single), ("ForAllValues:", Quantifier::ForAllValues), ("ForAnyValue:", Quantifier::ForAnyValue)];

const IF_EXISTS: &str = "IfExists";

/// Every documented name.
fn names() -> impl Iterator<Item = String> {
    let each = |&(_, quantifier): &(_, Quantifier)| {
        BASES.iter().flat_map(move |&(_, base)| {
            let operator = |if_exists| Operator { quantifier, base, if_exists };
            [false, true].map(operator).into_iter().filter(|operator| operator.is_documented())
        })
    };
    QUANTIFIERS.iter().flat_map(each).map(Operator::name)
}

impl Operator {
    /// Reads an operator's name.
    fn parse(name: &str) -> Parsed {
        let Some(operator) = Self::in_any_case(name) else { return Parsed::None };
        let documented = operator.name();
        if documented == name { Parsed::Operator(operator) } else { Parsed::OtherCase(documented) }
    }

    fn in_any_case(name: &str) -> Option<Self> {
        let begun = |(prefix, quantifier): &(&str, Quantifier)| {
            let (start, rest) = name.split_at_checked(prefix.len())?;
            start.eq_ignore_ascii_case(prefix).then_some((*quantifier, rest))
        };
        // Without a quantifier there is nothing before the name, so that the others are looked for first.
        let (quantifier, rest) = QUANTIFIERS.iter().rev().find_map(begun)?;
        let ended = rest.len().checked_sub(IF_EXISTS.len()).and_then(|at| rest.split_at_checked(at));
        let ended = ended.filter(|(_, end)| end.eq_ignore_ascii_case(IF_EXISTS));
        let (base, if_exists) = ended.map_or((rest, false), |(base, _)| (base, true));
        let (_, base) = BASES.iter().find(|(documented, _)| documented.eq_ignore_ascii_case(base))?;
        Some(Self { quantifier, base: *base, if_exists }).filter(|operator| operator.is_documented())
    }

    /// `Null` has no `IfExists` form.
    fn is_documented(self) -> bool {
        !self.if_exists || self.base != OperatorBase::Null
    }

    /// The operator's name, as the IAM reference writes it.
    #[must_use]
    pub fn name(self) -> String {
        let prefix = QUANTIFIERS.iter().find(|(_, quantifier)| *quantifier == self.quantifier).map_or("", |(p, _)| p);
        let base = BASES.iter().find(|(_, base)| *base == self.base).map_or("", |(name, _)| name);
        format!("{prefix}{base}{}", if self.if_exists { IF_EXISTS } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_name_is_read_as_it_is_written() {
        assert_eq!(names().count(), 3 * (2 * BASES.len() - 1));
        for name in names() {
            assert!(matches!(Operator::parse(&name), Parsed::Operator(operator) if operator.name() == name), "{name}");
            let other = name.to_ascii_uppercase();
            assert!(matches!(Operator::parse(&other), Parsed::OtherCase(documented) if documented == name), "{other}");
        }
        for name in
            ["NullIfExists", "IfExists", "ForAllValues:", "ForAllValues:ForAnyValue:Bool", "BoolIfExistsIfExists"]
        {
            assert!(matches!(Operator::parse(name), Parsed::None), "{name}");
        }
    }
}
