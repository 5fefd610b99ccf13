//! Random parameters, rules, mappings and conditions: each verdict against all deployments, one by one.
//!
//! The suite tries a few. `BUCKETLINT_WORLDS=10000 cargo test random_worlds` tries so many.
#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::explicit_auto_deref,
    clippy::manual_is_multiple_of,
    unreachable_pub,
    reason = "a test stops at the first thing that it cannot do, and is read as prose"
)]

use crate::common::{bucket, lint_text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound as u64).unwrap()
    }
    fn one<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Literals that anything is compared with, and two that nothing is.
const LITERALS: [&str; 4] = ["a", "b", "prod", ""];
const OTHERS: [&str; 2] = ["zz", "yy"];

type World = BTreeMap<String, String>;

/// A parameter with the values that it may have.
struct Parameter {
    declared: Value,
    values: Vec<&'static str>,
}

fn parameter(random: &mut Random) -> Parameter {
    let all = || LITERALS.into_iter().chain(OTHERS);
    let (declared, values): (Value, Vec<&'static str>) = match random.below(7) {
        0 => (json!({"Type": "String", "AllowedValues": ["a", "b"]}), vec!["a", "b"]),
        1 => (json!({"Type": "String", "AllowedValues": ["a", "prod", "zz"]}), vec!["a", "prod", "zz"]),
        2 => (json!({"Type": "String", "MinLength": 1}), all().filter(|v| !v.is_empty()).collect()),
        3 => (json!({"Type": "String", "MaxLength": 2}), all().filter(|v| v.len() <= 2).collect()),
        4 => (json!({"Type": "String", "AllowedPattern": "[a-y]+|z{2}"}), vec!["a", "b", "prod", "zz", "yy"]),
        5 => (json!({"Type": "String", "AllowedPattern": "(a|prod)?"}), vec!["a", "prod", ""]),
        _ => (json!({"Type": "String"}), all().collect()),
    };
    Parameter { declared, values }
}

/// A condition: in the template's words, and as a function of the world.
fn condition(random: &mut Random, parameters: usize, named: usize, depth: u32) -> Value {
    let parameter = |random: &mut Random| json!({"Ref": format!("P{}", random.below(parameters))});
    match random.below(if depth == 0 { 4 } else { 8 }) {
        0 | 1 => json!({"Fn::Equals": [parameter(random), random.one(&LITERALS)]}),
        2 => json!({"Fn::Equals": [parameter(random), parameter(random)]}),
        3 if named > 0 => json!({"Condition": format!("C{}", random.below(named))}),
        3 => json!({"Fn::Equals": [{"Fn::Sub": format!("${{P{}}}-x", random.below(parameters))}, "a-x"]}),
        4 => json!({"Fn::Not": [condition(random, parameters, named, depth - 1)]}),
        5 | 6 => {
            let parts: Vec<Value> =
                (0..2 + random.below(2)).map(|_| condition(random, parameters, named, depth - 1)).collect();
            let name = random.one(&["Fn::And", "Fn::Or"]);
            json!({name: parts})
        }
        _ => json!({"Fn::Equals": [{"Fn::FindInMap": ["M", parameter(random), "tls"]}, "yes"]}),
    }
}

fn text(value: &Value, world: &World) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    if let Some(name) = value["Ref"].as_str() {
        return Some(world[name].clone());
    }
    if let Some(sub) = value["Fn::Sub"].as_str() {
        let (name, rest) = sub.trim_start_matches("${").split_once('}').unwrap();
        return Some(world[name].clone() + rest);
    }
    let row = text(&value["Fn::FindInMap"][1], world)?;
    MAPPING.iter().find(|(key, _)| *key == row).map(|(_, value)| (*value).to_owned())
}

const MAPPING: [(&str, &str); 3] = [("a", "yes"), ("b", "no"), ("zz", "yes")];

/// Whether a condition holds; `None` where the deployment fails.
fn holds(value: &Value, conditions: &Value, world: &World) -> Option<bool> {
    let (name, argument) = value.as_object().unwrap().iter().next().unwrap();
    let items = argument.as_array();
    match name.as_str() {
        "Fn::Equals" => Some(text(&argument[0], world)? == text(&argument[1], world)?),
        "Condition" => holds(&conditions[argument.as_str().unwrap()], conditions, world),
        "Fn::Not" => Some(!holds(&argument[0], conditions, world)?),
        "Fn::And" => items.unwrap().iter().try_fold(true, |all, one| Some(holds(one, conditions, world)? && all)),
        _ => items.unwrap().iter().try_fold(false, |any, one| Some(holds(one, conditions, world)? || any)),
    }
}

/// A statement, or several by condition.
fn statement(random: &mut Random, conditions: usize, depth: u32) -> Value {
    if depth > 0 && random.below(2) == 0 {
        let name = format!("C{}", random.below(conditions));
        let (then, otherwise) = (statement(random, conditions, depth - 1), statement(random, conditions, depth - 1));
        return json!({"Fn::If": [name, then, otherwise]});
    }
    let both = json!(["arn:aws:s3:::data", "arn:aws:s3:::data/*"]);
    let resource = match random.below(6) {
        0 => return json!({"Ref": "AWS::NoValue"}),
        1 => json!("arn:aws:s3:::data"),
        2 => json!("arn:aws:s3:::data/*"),
        3 if depth > 0 => {
            let name = format!("C{}", random.below(conditions));
            json!({"Fn::If": [name, both, "arn:aws:s3:::data/*"]})
        }
        _ => both,
    };
    let effect = if random.below(5) == 0 { "Allow" } else { "Deny" };
    json!({"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
}

fn chosen<'v>(value: &'v Value, conditions: &Value, world: &World) -> &'v Value {
    match value["Fn::If"].as_array() {
        Some(parts) => {
            let holds = holds(&conditions[parts[0].as_str().unwrap()], conditions, world).unwrap();
            chosen(&parts[if holds { 1 } else { 2 }], conditions, world)
        }
        None => value,
    }
}

/// What of a bucket is denied over plain HTTP: itself, its objects. `None` where it does not exist.
fn denied(template: &Value, world: &World) -> Option<(bool, bool)> {
    let conditions = &template["Conditions"];
    let exists = |resource: &Value| {
        resource["Condition"].as_str().is_none_or(|name| holds(&conditions[name], conditions, world).unwrap())
    };
    if !exists(&template["Resources"]["Data"]) {
        return None;
    }
    let policy = &template["Resources"]["Policy"];
    if !exists(policy) {
        return Some((false, false));
    }
    let statements = policy["Properties"]["PolicyDocument"]["Statement"].as_array().unwrap();
    let mut covered = (false, false);
    for statement in statements.iter().map(|one| chosen(one, conditions, world)) {
        if statement["Effect"] == "Deny" {
            let resource = chosen(&statement["Resource"], conditions, world);
            let has = |arn: &str| resource == arn || resource.as_array().is_some_and(|all| all.contains(&json!(arn)));
            covered = (covered.0 || has("arn:aws:s3:::data"), covered.1 || has("arn:aws:s3:::data/*"));
        }
    }
    Some(covered)
}

/// All deployments that are possible.
fn worlds(template: &Value, parameters: &[Parameter]) -> Vec<World> {
    let mut worlds = vec![World::new()];
    for (at, parameter) in parameters.iter().enumerate() {
        let longer = |world: &World| {
            let add = |value: &&str| {
                let mut world = world.clone();
                world.insert(format!("P{at}"), (*value).to_owned());
                world
            };
            parameter.values.iter().map(add).collect::<Vec<_>>()
        };
        worlds = worlds.iter().flat_map(longer).collect();
    }
    let conditions = &template["Conditions"];
    let named = conditions.as_object().unwrap();
    worlds.retain(|world| {
        named.values().all(|one| holds(one, conditions, world).is_some())
            && template["Rules"].as_object().into_iter().flatten().all(|(_, rule)| {
                let rule = &rule["Assertions"][0]["Assert"]["Fn::Contains"];
                rule[0].as_array().unwrap().contains(&json!(world[rule[1]["Ref"].as_str().unwrap()]))
            })
    });
    worlds
}

fn fits(world: &World, given: &serde_json::Map<String, Value>, but: Option<&str>) -> bool {
    given.iter().filter(|(name, _)| but != Some(name.as_str())).all(|(name, value)| match value["not"].as_array() {
        Some(not) => !not.contains(&json!(world[name])),
        None => value == &json!(world[name]),
    })
}

fn check(seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let count = 1 + random.below(if seed % 10 == 0 { 5 } else { 3 });
    let parameters: Vec<Parameter> = (0..count).map(|_| parameter(&mut random)).collect();
    let named = 1 + random.below(if seed % 10 == 0 { 12 } else { 4 });
    let mut conditions = serde_json::Map::new();
    for at in 0..named {
        conditions.insert(format!("C{at}"), condition(&mut random, count, at, 2));
    }
    let statements: Vec<Value> = (0..=random.below(3)).map(|_| statement(&mut random, named, 2)).collect();
    let mut data = json!({"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}});
    let mut policy = json!({"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Data"},
        "PolicyDocument": {"Version": "2012-10-17", "Statement": statements.clone()}}});
    for resource in [&mut data, &mut policy] {
        if random.below(3) == 0 {
            resource["Condition"] = json!(format!("C{}", random.below(named)));
        }
    }
    let declared: serde_json::Map<_, _> =
        parameters.iter().enumerate().map(|(at, one)| (format!("P{at}"), one.declared.clone())).collect();
    let mut template = json!({"Parameters": declared, "Conditions": conditions,
        "Mappings": {"M": MAPPING.iter().map(|(key, tls)| ((*key).to_owned(), json!({"tls": tls})))
            .collect::<serde_json::Map<_, _>>()},
        "Resources": {"Data": data, "Policy": policy}});
    if random.below(4) == 0 {
        let name = format!("P{}", random.below(count));
        template["Rules"] =
            json!({"R": {"Assertions": [{"Assert": {"Fn::Contains": [["a", "b", "zz"], {"Ref": name}]}}]}});
    }
    let all = worlds(&template, &parameters);
    let states: Vec<(&World, Option<(bool, bool)>)> =
        all.iter().map(|world| (world, denied(&template, world))).collect();
    let exposed = states.iter().any(|(_, state)| state.is_some_and(|covered| covered != (true, true)));
    let want = if exposed { "exposed" } else { "enforced" };
    let report = lint_text("t.json", &template.to_string(), &["--isolated"]);
    let judged = bucket(&report, "Data");
    assert_eq!(judged["verdict"], want, "seed {seed}: {template:#}\n{judged:#}");
    if !exposed {
        return;
    }
    let given = judged["witness"]["parameters"].as_object().unwrap();
    let on_object = judged["witness"]["resource"].as_str().unwrap().contains('/');
    let passes = |state: &Option<(bool, bool)>| {
        state.is_some_and(|(bucket, objects)| !(if on_object { objects } else { bucket }))
    };
    // Where two parameters with other values than any literal are compared, both are given, with values of their own.
    let literal = |value: &Value| value.as_str().is_none_or(|text| LITERALS.contains(&text) || text == "zz");
    // Fewest are asked for where one statement decides: several may let one request through in different worlds.
    if !given.values().all(literal) || statements.len() > 1 || statements[0]["Effect"].is_null() {
        return;
    }
    let told = |but: Option<&str>| {
        states.iter().filter(|(world, _)| fits(world, given, but)).map(|(_, state)| passes(state)).collect::<Vec<_>>()
    };
    let so = told(None);
    assert!(!so.is_empty() && so.iter().all(|passes| *passes), "seed {seed}: {template:#}\n{judged:#}");
    for name in given.keys() {
        let others = told(Some(name));
        assert!(others.iter().any(|passes| !passes), "seed {seed}: {name} is not needed: {template:#}\n{judged:#}");
    }
}

#[test]
fn verdicts_are_those_of_all_deployments() {
    let count = std::env::var("BUCKETLINT_WORLDS").ok().and_then(|count| count.parse().ok()).unwrap_or(60);
    for seed in 1..=count {
        check(seed);
    }
}
