//! Parameters with bounds of all kinds, rules over them, the Region with its partition, and mappings.

use super::formula::Formula;
use super::oracle::State;
use crate::support::random::Random;
use serde_json::{Map, Value, json};

/// Regions that something compares with, and one of each partition that nothing does.
const REGIONS: [&str; 6] = ["us-east-1", "cn-north-1", "us-gov-west-1", "eu-west-1", "cn-northwest-1", "us-gov-east-1"];
/// Rows of the mapping `M`, by a parameter, and of `R`, by the Region.
const ROWS: [(&str, &str); 4] = [("a", "yes"), ("b", "no"), ("1", "yes"), ("zz", "yes")];
const REGION_ROWS: [(&str, &str); 2] = [("us-east-1", "yes"), ("cn-north-1", "no")];

/// How many deployments are looked at one by one.
const MOST: usize = 60_000;

pub fn mappings() -> Value {
    let row = |(key, tls): &(&str, &str)| {
        let effect = if *tls == "yes" { "Deny" } else { "Allow" };
        ((*key).to_owned(), json!({"tls": tls, "effect": effect}))
    };
    let rows = |rows: &[(&str, &str)]| rows.iter().map(row).collect::<Map<_, _>>();
    json!({"M": rows(&ROWS), "R": rows(&REGION_ROWS)})
}

/// A cell of the mapping.
pub fn mapped(row: &str, column: &str) -> Option<&'static str> {
    let (_, tls) = ROWS.iter().chain(&REGION_ROWS).find(|(key, _)| *key == row)?;
    Some(match (column, *tls) {
        ("tls", tls) => tls,
        (_, "yes") => "Deny",
        _ => "Allow",
    })
}

pub fn partition(region: &str) -> &'static str {
    match region.split_once('-') {
        Some(("cn", _)) => "aws-cn",
        Some(("us", rest)) if rest.starts_with("gov-") => "aws-us-gov",
        _ => "aws",
    }
}

pub struct Parameter {
    declared: Value,
    pub values: Vec<&'static str>,
    /// Whether its values are listed, so that it may stand where a value is needed.
    pub holds: Option<&'static str>,
}

pub struct Inputs {
    pub parameters: Vec<Parameter>,
    pub literals: Vec<&'static str>,
    pub with_region: bool,
    rules: Vec<Rule>,
}

pub struct Rule {
    applies: Option<Formula>,
    asserts: Vec<Formula>,
}

impl Inputs {
    pub fn random(random: &mut Random) -> Self {
        let most = [3, 3, 5, 8][random.below(4)];
        let count = 1 + random.below(most);
        let literals: Vec<&str> =
            if count > 3 { vec!["a", "b", "1", ""] } else { vec!["a", "b", "ab", "prod", "", "1", "10", "zz"] };
        let with_region = random.below(3) == 0;
        let mut inputs = Self { parameters: Vec::new(), literals, with_region, rules: Vec::new() };
        for at in 0..count {
            let mut parameter = inputs.parameter(random, at);
            if inputs.parameters.iter().map(|one| one.values.len()).product::<usize>() * parameter.values.len() > MOST {
                parameter = Parameter { declared: listed(&["a", "b"]), values: vec!["a", "b"], holds: None };
            }
            inputs.parameters.push(parameter);
        }
        if random.below(3) == 0 {
            let rules = (0..1 + random.below(2)).map(|_| inputs.rule(random)).collect();
            inputs.rules = rules;
        }
        inputs
    }

    fn parameter(&self, random: &mut Random, at: usize) -> Parameter {
        // Only the first three are compared with each other, so that three others of each kind will do, and what one of
        // them, or a rule, may list. All may be keys of the mapping.
        let others: &[&str] = if at < 3 {
            &["x", "y", "w", "2", "3", "4", "prod", "zz", "vpc-1", "vpc-2", "vpc-3", "Deny", "true"]
        } else {
            &["x", "3", "zz", "Deny", "true"]
        };
        let of = |declared: Value, more: &[&'static str], fits: &dyn Fn(&str) -> bool| {
            let mut values: Vec<&'static str> = self.literals.iter().chain(more).copied().filter(|v| fits(v)).collect();
            values.sort_unstable();
            values.dedup();
            Parameter { declared, values, holds: None }
        };
        let is_number = |text: &str, low: i32, high: i32| text.parse().is_ok_and(|n: i32| low <= n && n <= high);
        match random.below(16) {
            0 => of(listed(&["a", "b"]), &[], &|v| ["a", "b"].contains(&v)),
            1 => Parameter { declared: listed(&["a", "prod", "zz"]), values: vec!["a", "prod", "zz"], holds: None },
            2 => of(json!({"Type": "String", "MinLength": 1}), others, &|v| !v.is_empty()),
            3 => of(json!({"Type": "String", "MaxLength": "2"}), others, &|v| v.len() <= 2),
            4 => of(json!({"Type": "String", "AllowedPattern": "[a-y]+|z{2}"}), others, &|v| {
                v == "zz" || (!v.is_empty() && v.bytes().all(|b| (b'a'..=b'y').contains(&b)))
            }),
            5 => Parameter {
                declared: json!({"Type": "String", "AllowedPattern": "(a|prod)?"}),
                values: vec!["a", "prod", ""],
                holds: None,
            },
            6 => of(json!({"Type": "Number", "MinValue": 1, "MaxValue": "5"}), others, &|v| is_number(v, 1, 5)),
            7 => of(json!({"Type": "Number", "MinValue": 2}), others, &|v| is_number(v, 2, 99)),
            8 => Parameter {
                declared: json!({"Type": "Number", "AllowedValues": [1, 2]}),
                values: vec!["1", "2"],
                holds: None,
            },
            9 => of(json!({"Type": "AWS::EC2::KeyPair::KeyName"}), others, &|v| !v.is_empty()),
            10 => Parameter {
                declared: json!({"Type": "AWS::EC2::VPC::Id"}),
                values: vec!["vpc-1", "vpc-2", "vpc-3"],
                holds: None,
            },
            11 => of(json!({"Type": "String", "MinLength": 1, "MaxLength": 1}), others, &|v| v.len() == 1),
            12 => of(json!({"Type": "String", "AllowedValues": []}), others, &|_| true),
            13 => of_values(&["Deny", "Allow"]),
            14 => of_values(&["true", "false"]),
            _ => of(json!({"Type": "String", "Default": "a"}), others, &|_| true),
        }
    }

    fn rule(&self, random: &mut Random) -> Rule {
        let applies = (random.below(2) == 0).then(|| Formula::of_rule(random, self, 1));
        let asserts = (0..1 + random.below(2)).map(|_| Formula::of_rule(random, self, 1)).collect();
        Rule { applies, asserts }
    }

    pub fn declared(&self) -> Value {
        let one = |(at, one): (usize, &Parameter)| (format!("P{at}"), one.declared.clone());
        Value::Object(self.parameters.iter().enumerate().map(one).collect())
    }

    pub fn rules(&self) -> Value {
        let one = |(at, rule): (usize, &Rule)| {
            let asserts: Vec<Value> = rule.asserts.iter().map(|one| json!({"Assert": one.written()})).collect();
            let mut written = json!({ "Assertions": asserts });
            if let Some(applies) = &rule.applies {
                written["RuleCondition"] = applies.written();
            }
            (format!("R{at}"), written)
        };
        Value::Object(self.rules.iter().enumerate().map(one).collect())
    }

    /// Whether a deployment with these values meets all rules.
    pub fn allows(&self, values: &[&str]) -> bool {
        let holds = |formula: &Formula| formula.holds(values, &[]).unwrap();
        self.rules.iter().all(|rule| !rule.applies.as_ref().is_none_or(holds) || rule.asserts.iter().all(holds))
    }

    /// All values of all parameters, and of the Region after them.
    pub fn all(&self) -> Vec<Vec<&'static str>> {
        let mut all = vec![Vec::new()];
        let region: &[&str] = if self.with_region { &REGIONS } else { &["eu-west-1"] };
        for values in self.parameters.iter().map(|one| one.values.as_slice()).chain([region]) {
            let longer = |world: &Vec<&'static str>| {
                let add = |value: &&'static str| world.iter().copied().chain([*value]).collect();
                values.iter().map(add).collect::<Vec<Vec<&str>>>()
            };
            all = all.iter().flat_map(longer).collect();
        }
        all.retain(|values| self.allows(values));
        all
    }

    fn place(&self, name: &str) -> usize {
        name.strip_prefix('P').and_then(|at| at.parse().ok()).unwrap_or(self.parameters.len())
    }

    /// What a parameter, or something that AWS fills in, is in a deployment.
    pub fn value(&self, name: &str, state: &State) -> &'static str {
        let value = state.values[self.place(name)];
        if name == "AWS::Partition" { partition(value) } else { value }
    }

    /// Whether a value is one of those that are looked at.
    pub fn knows(&self, name: &str, value: &str) -> bool {
        match self.parameters.get(self.place(name)) {
            Some(parameter) => parameter.values.contains(&value),
            None => REGIONS.contains(&value) || value.starts_with("aws"),
        }
    }
}

fn listed(values: &[&str]) -> Value {
    json!({"Type": "String", "AllowedValues": values})
}

fn of_values(values: &'static [&'static str]) -> Parameter {
    Parameter { declared: listed(values), values: values.to_vec(), holds: Some(values[0]) }
}
