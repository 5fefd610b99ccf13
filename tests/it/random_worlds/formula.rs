//! Conditions and assertions: as the template writes them, and as functions of a deployment.

use super::inputs::{Inputs, mapped, partition};
use crate::support::random::Random;
use serde_json::{Value, json};

/// A text of a condition.
pub enum Words {
    Literal(&'static str),
    Parameter(usize),
    /// `${P}-x`, in several ways of writing it.
    Suffixed(usize, usize),
    /// Two parameters side by side.
    Both(usize, usize),
    Region,
    Partition,
    Mapped(Box<Words>),
}

pub enum Formula {
    Equals(Words, Words),
    /// Two lists of two texts.
    Lists([Words; 2], [Words; 2]),
    Named(usize),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
    /// Of rules only: each of these is one of those.
    EachIn(Vec<usize>, Vec<&'static str>),
}

impl Words {
    fn written(&self) -> Value {
        match self {
            Self::Literal(text) => json!(text),
            Self::Parameter(at) => json!({"Ref": format!("P{at}")}),
            Self::Suffixed(at, 0) => json!({"Fn::Sub": format!("${{P{at}}}-x")}),
            Self::Suffixed(at, 1) => json!({"Fn::Join": ["-", [{"Ref": format!("P{at}")}, "x"]]}),
            Self::Suffixed(at, _) => {
                json!({"Fn::Select": [1, ["no", {"Fn::Sub": ["${It}-x", {"It": {"Ref": format!("P{at}")}}]}]]})
            }
            Self::Both(one, two) => json!({"Fn::Sub": format!("${{P{one}}}${{P{two}}}")}),
            Self::Region => json!({"Ref": "AWS::Region"}),
            Self::Partition => json!({"Ref": "AWS::Partition"}),
            Self::Mapped(row) => {
                let mapping = if matches!(**row, Self::Region) { "R" } else { "M" };
                json!({"Fn::FindInMap": [mapping, row.written(), "tls"]})
            }
        }
    }

    /// The text in a deployment; `None` where it fails.
    fn text(&self, values: &[&str]) -> Option<String> {
        let region = || values.last().unwrap().to_string();
        Some(match self {
            Self::Literal(text) => (*text).to_owned(),
            Self::Parameter(at) => values[*at].to_owned(),
            Self::Suffixed(at, _) => format!("{}-x", values[*at]),
            Self::Both(one, two) => format!("{}{}", values[*one], values[*two]),
            Self::Region => region(),
            Self::Partition => partition(&region()).to_owned(),
            Self::Mapped(row) => mapped(&row.text(values)?, "tls")?.to_owned(),
        })
    }
}

/// Conditions, each of which may name those before it.
pub fn conditions(random: &mut Random, inputs: &Inputs, count: usize) -> Vec<Formula> {
    (0..count).map(|named| Formula::random(random, inputs, named, 2)).collect()
}

impl Formula {
    fn random(random: &mut Random, inputs: &Inputs, named: usize, depth: u32) -> Self {
        let count = inputs.parameters.len();
        let inner = |random: &mut Random| Self::random(random, inputs, named, depth - 1);
        let compared = |random: &mut Random| {
            let open: Vec<usize> = (0..count.min(3)).filter(|at| inputs.parameters[*at].holds.is_none()).collect();
            Words::Parameter(if open.is_empty() { 0 } else { open[random.below(open.len())] })
        };
        match random.below(if depth == 0 { 9 } else { 13 }) {
            0..=2 => Self::Equals(Words::Parameter(random.below(count)), literal(random, inputs)),
            3 => Self::Equals(compared(random), compared(random)),
            4 | 5 if named > 0 => Self::Named(random.below(named)),
            4 | 5 => Self::Equals(Words::Suffixed(random.below(count), random.below(3)), Words::Literal("a-x")),
            6 if inputs.with_region => region(random),
            6 => Self::Equals(Words::Mapped(Words::Parameter(random.below(count)).into()), Words::Literal("yes")),
            7 if inputs.literals.contains(&"ab") => {
                Self::Equals(Words::Both(random.below(count), random.below(count)), Words::Literal("ab"))
            }
            7 | 8 => Self::Lists(
                [Words::Parameter(random.below(count)), Words::Parameter(random.below(count))],
                [literal(random, inputs), literal(random, inputs)],
            ),
            9 => Self::Not(inner(random).into()),
            10 | 11 => Self::All((0..2 + random.below(2)).map(|_| inner(random)).collect()),
            _ => Self::Any((0..2 + random.below(2)).map(|_| inner(random)).collect()),
        }
    }

    /// What `Rules` may say.
    pub fn of_rule(random: &mut Random, inputs: &Inputs, depth: u32) -> Self {
        let count = inputs.parameters.len();
        let inner = |random: &mut Random| Self::of_rule(random, inputs, depth - 1);
        match random.below(if depth == 0 { 3 } else { 6 }) {
            0 => Self::Equals(Words::Parameter(random.below(count)), literal(random, inputs)),
            1 => Self::EachIn(vec![random.below(count)], vec!["a", "b", "zz", "1", "true"]),
            2 => Self::EachIn(vec![random.below(count), random.below(count)], vec!["a", "b", "1", "Deny", "true"]),
            3 => Self::Not(inner(random).into()),
            4 => Self::All(vec![inner(random), inner(random)]),
            _ => Self::Any(vec![inner(random), inner(random)]),
        }
    }

    pub fn written(&self) -> Value {
        let all = |parts: &[Self]| parts.iter().map(Self::written).collect::<Vec<_>>();
        let words = |pair: &[Words; 2]| json!([pair[0].written(), pair[1].written()]);
        match self {
            Self::Equals(one, two) => json!({"Fn::Equals": [one.written(), two.written()]}),
            Self::Lists(one, two) => json!({"Fn::Equals": [words(one), words(two)]}),
            Self::Named(at) => json!({"Condition": format!("C{at}")}),
            Self::Not(inner) => json!({"Fn::Not": [inner.written()]}),
            Self::All(parts) => json!({"Fn::And": all(parts)}),
            Self::Any(parts) => json!({"Fn::Or": all(parts)}),
            Self::EachIn(members, list) => match members.as_slice() {
                [only] => json!({"Fn::Contains": [list, {"Ref": format!("P{only}")}]}),
                members => {
                    let members: Vec<Value> = members.iter().map(|at| json!({"Ref": format!("P{at}")})).collect();
                    json!({"Fn::EachMemberIn": [members, list]})
                }
            },
        }
    }

    /// Whether it holds, by the values of parameters and what comes of the conditions before; `None` where the
    /// deployment fails. All of it is evaluated, whatever comes of a part.
    pub fn holds(&self, values: &[&str], before: &[bool]) -> Option<bool> {
        let pair = |one: &Words, two: &Words| Some(one.text(values)? == two.text(values)?);
        match self {
            Self::Equals(one, two) => pair(one, two),
            Self::Lists(one, two) => Some(pair(&one[0], &two[0])? & pair(&one[1], &two[1])?),
            Self::Named(at) => Some(before[*at]),
            Self::Not(inner) => Some(!inner.holds(values, before)?),
            Self::All(parts) => parts.iter().try_fold(true, |all, one| Some(one.holds(values, before)? && all)),
            Self::Any(parts) => parts.iter().try_fold(false, |any, one| Some(one.holds(values, before)? || any)),
            Self::EachIn(members, list) => Some(members.iter().all(|at| list.contains(&values[*at]))),
        }
    }
}

fn literal(random: &mut Random, inputs: &Inputs) -> Words {
    Words::Literal(random.one(&inputs.literals))
}

fn region(random: &mut Random) -> Formula {
    match random.below(4) {
        0 => Formula::Equals(Words::Region, Words::Literal(random.one(&["us-east-1", "cn-north-1", "us-gov-west-1"]))),
        1 => Formula::Equals(Words::Literal(random.one(&["aws", "aws-cn", "aws-us-gov"])), Words::Partition),
        2 => Formula::Equals(Words::Mapped(Words::Region.into()), Words::Literal("yes")),
        _ => Formula::Equals(Words::Partition, Words::Literal("aws")),
    }
}
