//! The enumerating evaluator.

use super::generator::{KEYS, KeyCase};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

/// Whether a glob matches, by trying every split.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', rest @ ..] => (0..=text.len()).any(|at| glob(rest, &text[at..])),
        [first, rest @ ..] => !text.is_empty() && (*first == b'?' || *first == text[0]) && glob(rest, &text[1..]),
    }
}

fn like(pattern: &str, text: &str) -> bool {
    glob(pattern.as_bytes(), text.as_bytes())
}

fn list(value: &Json) -> Vec<&str> {
    match value {
        Json::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect(),
        item => vec![item.as_str().unwrap()],
    }
}

fn element(statement: &Json, name: &str, matches: impl Fn(&Json) -> bool) -> bool {
    match statement.get(name) {
        Some(value) => matches(value),
        None => !matches(&statement[format!("Not{name}")]),
    }
}

/// Kind, account and name of those who may ask.
const WHO: &[(&str, &str, &str)] = &[
    ("anonymous", "", ""),
    ("aws", "111111111111", "root"),
    ("aws", "111111111111", "user/u"),
    ("aws", "111111111111", "user/x"),
    ("aws", "222222222222", "root"),
    ("aws", "222222222222", "role/r"),
    ("aws", "222222222222", "user/x"),
    ("aws", "333333333333", "user/u"),
    ("Service", "logs.amazonaws.com", ""),
    ("Service", "x.amazonaws.com", ""),
    ("Federated", "accounts.example.org", ""),
    ("Federated", "x.example.org", ""),
];

fn names(principal: &Json, who: (&str, &str, &str)) -> bool {
    if principal == "*" {
        return true;
    }
    principal.as_object().unwrap().iter().any(|(kind, entries)| {
        list(entries).into_iter().any(|entry| match kind.as_str() {
            "AWS" => {
                let root = format!("arn:aws:iam::{}:root", who.1);
                let own = format!("arn:aws:iam::{}:{}", who.1, who.2);
                entry == "*" || (who.0 == "aws" && (entry == who.1 || entry == root || entry == own))
            }
            kind => kind == who.0 && entry == who.1,
        })
    })
}

/// All texts of at most `length` of these letters.
fn texts(letters: &[&str], length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        last = last.iter().flat_map(|text| letters.iter().map(move |letter| format!("{text}{letter}"))).collect();
        all.extend(last.clone());
    }
    all
}

/// Actions with whether they are on the bucket.
fn actions() -> Vec<(String, bool)> {
    let mut all = Vec::new();
    let table = include_str!("../../data/s3-actions.tsv").lines().filter(|line| !line.starts_with('#'));
    for (name, kinds) in table.filter_map(|line| line.split_once('\t')) {
        if kinds.contains("object") {
            all.push((name.to_lowercase(), false));
        }
        if kinds.contains("bucket") {
            all.push((name.to_lowercase(), true));
        }
    }
    let parts = ["", "get", "put", "list", "object", "bucket", "x", "et", "e", "t", "l", "xxxxxxxxxxx", "xexxxxxxxxx"];
    for one in parts {
        for two in parts {
            for three in parts {
                let name = format!("{one}{two}{three}");
                let known = include_str!("../../data/s3-actions.tsv")
                    .lines()
                    .any(|line| line.split('\t').next().is_some_and(|known| known.eq_ignore_ascii_case(&name)));
                if !name.is_empty() && !known {
                    all.extend([(name.clone(), false), (name, true)]);
                }
            }
        }
    }
    all
}

/// What each key may hold.
fn held(case: &KeyCase) -> Vec<Option<Vec<String>>> {
    let singles: Vec<String> = match case.key {
        "aws:SourceVpc" => texts(&["a", "b", "A", "x", "*", "?"], 3),
        "aws:TagKeys" => ["a", "b", "ax", "xx", "x", "", "a*", "*", "?"].map(String::from).to_vec(),
        "s3:max-keys" => (-8..=44).map(|quarter| (f64::from(quarter) / 4.0).to_string()).collect(),
        "aws:CurrentTime" => {
            (0..16).map(|half| format!("{}-{:02}-01T00:00:00Z", 2018 + half / 2, 1 + half % 2)).collect()
        }
        "aws:PrincipalIsAWSService" => ["true", "false"].map(String::from).to_vec(),
        "aws:SourceIp" => {
            ["9.9.9.9", "10.0.0.1", "10.1.0.1", "10.1.2.3", "10.2.0.0", "11.0.0.0", "2001:db8::1", "2001:db9::1", "::"]
                .map(String::from)
                .to_vec()
        }
        "aws:PrincipalArn" => {
            let mut all: Vec<String> = case.values.iter().map(ToString::to_string).collect();
            for service in ["iam", "x"] {
                for region in ["", "x"] {
                    for account in ["", "1", "2", "22"] {
                        for name in ["role/a", "role/b", "x", ""] {
                            all.push(format!("arn:aws:{service}:{region}:{account}:{name}"));
                        }
                    }
                }
            }
            all
        }
        "custom:Data" => ["QQ==", "Qg==", "AAAA", "AAAAAAAA"].map(String::from).to_vec(),
        other => panic!("{other}"),
    };
    let mut all = vec![None];
    if case.several {
        for set in 1_usize..1 << singles.len() {
            let chosen = singles.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
            all.push(Some(chosen.map(|(_, value)| value.clone()).collect()));
        }
    } else {
        all.extend(singles.into_iter().map(|value| Some(vec![value])));
    }
    all
}

fn address(text: &str) -> (bool, u128) {
    match text.parse().unwrap() {
        std::net::IpAddr::V4(four) => (false, u32::from(four).into()),
        std::net::IpAddr::V6(six) => (true, six.into()),
    }
}

fn in_range(range: &str, text: &str) -> bool {
    let (start, length) = match range.split_once('/') {
        Some((start, length)) => (start, Some(length.parse::<u32>().unwrap())),
        None => (range, None),
    };
    let ((six, start), (other_six, own)) = (address(start), address(text));
    let width = if six { 128 } else { 32 };
    let rest = width - length.unwrap_or(width);
    let cut = |number: u128| number.checked_shr(rest).unwrap_or(0);
    six == other_six && cut(start) == cut(own)
}

fn compare(operator: &str, policy: &str, value: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().unwrap();
    match operator {
        "StringEquals" | "StringNotEquals" | "Bool" | "BinaryEquals" | "DateEquals" | "DateNotEquals" => {
            policy == value
        }
        "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => policy.eq_ignore_ascii_case(value),
        "StringLike" | "StringNotLike" => like(policy, value),
        "ArnEquals" | "ArnLike" | "ArnNotEquals" | "ArnNotLike" => {
            policy.splitn(6, ':').zip(value.splitn(6, ':')).all(|(one, two)| like(one, two))
        }
        "NumericEquals" | "NumericNotEquals" => number(value) == number(policy),
        "NumericLessThan" => number(value) < number(policy),
        "NumericLessThanEquals" => number(value) <= number(policy),
        "NumericGreaterThan" => number(value) > number(policy),
        "NumericGreaterThanEquals" => number(value) >= number(policy),
        // Dates of one form and zone compare as text.
        "DateLessThan" => value < policy,
        "DateLessThanEquals" => value <= policy,
        "DateGreaterThan" => value > policy,
        "DateGreaterThanEquals" => value >= policy,
        "IpAddress" | "NotIpAddress" => in_range(policy, value),
        other => panic!("{other}"),
    }
}

fn holds(operator: &str, policy: &Json, values: Option<&[String]>) -> bool {
    let policy = list(policy);
    if operator == "Null" {
        return policy.contains(&if values.is_none() { "true" } else { "false" });
    }
    let (set, operator) = operator.split_once(':').unwrap_or(("", operator));
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let negated = operator.contains("Not");
    let Some(values) = values else {
        return if_exists || set == "ForAllValues" || (set.is_empty() && negated);
    };
    let one = |value: &String| policy.iter().any(|own| compare(operator, own, value)) != negated;
    if set == "ForAnyValue" { values.iter().any(one) } else { values.iter().all(one) }
}

fn conditions(statement: &Json, key: &str, values: Option<&[String]>) -> bool {
    let operators = statement.get("Condition").and_then(Json::as_object).into_iter().flatten();
    operators
        .flat_map(|(operator, keys)| keys.as_object().unwrap().iter().map(move |(own, values)| (operator, own, values)))
        .filter(|(_, own, _)| *own == key)
        .all(|(operator, _, policy)| holds(operator, policy, values))
}

/// Grids that no policy changes, and what single entries of policies say of all their points.
pub struct Grids {
    objects: Vec<String>,
    buckets: Vec<String>,
    keys: Vec<String>,
    held: BTreeMap<&'static str, Vec<Option<Vec<String>>>>,
    said: RefCell<HashMap<String, Rc<Vec<bool>>>>,
}

impl Grids {
    pub fn new() -> Self {
        let named = |on_bucket: bool| {
            actions().into_iter().filter(move |(_, bucket)| *bucket == on_bucket).map(|(name, _)| format!("s3:{name}"))
        };
        let keys = texts(&["a", "b", "x", "/"], 4).into_iter().filter(|key| !key.is_empty());
        Self {
            objects: named(false).collect(),
            buckets: named(true).collect(),
            keys: keys.map(|key| format!("arn:aws:s3:::data/{key}")).collect(),
            held: KEYS.iter().map(|case| (case.key, held(case))).collect(),
            said: RefCell::default(),
        }
    }

    fn says<T>(&self, what: String, points: &[T], matches: impl Fn(&T) -> bool) -> Rc<Vec<bool>> {
        if let Some(known) = self.said.borrow().get(&what) {
            return Rc::clone(known);
        }
        let said = Rc::new(points.iter().map(matches).collect::<Vec<bool>>());
        self.said.borrow_mut().insert(what, Rc::clone(&said));
        said
    }

    /// For each point the set of statements of which an element matches it.
    fn globs(&self, statements: &[&Json], name: &str, grid: &str, points: &[String]) -> HashSet<u32> {
        let negated = format!("Not{name}");
        let said: Vec<(bool, Vec<Rc<Vec<bool>>>)> = statements
            .iter()
            .map(|one| {
                let is_negated = one.get(name).is_none();
                let patterns = list(&one[if is_negated { &negated } else { name }]);
                let of = |pattern: &str| {
                    let lower = if name == "Action" { pattern.to_lowercase() } else { pattern.to_owned() };
                    self.says(format!("{grid} {pattern}"), points, |point| like(&lower, point))
                };
                (is_negated, patterns.into_iter().map(of).collect())
            })
            .collect();
        masks(points.len(), statements.len(), |one, point| said[one].1.iter().any(|said| said[point]) != said[one].0)
    }
}

/// The sets of statements that match the points of a dimension.
fn masks(points: usize, statements: usize, matches: impl Fn(usize, usize) -> bool) -> HashSet<u32> {
    let mask = |point| (0..statements).filter(|one| matches(*one, point)).fold(0, |mask, one| mask | 1_u32 << one);
    (0..points).map(mask).collect()
}

fn join(one: &HashSet<u32>, two: &HashSet<u32>) -> HashSet<u32> {
    one.iter().flat_map(|one| two.iter().map(move |two| one & two)).collect()
}

/// Whether every request of the grid is denied.
pub fn enforced(policy: &Json, grids: &Grids) -> bool {
    let all = policy["Statement"].as_array().unwrap().iter();
    let http = ["false".to_owned()];
    let about_http =
        |one: &&Json| conditions(one, "aws:SecureTransport", Some(&http)) && conditions(one, "s3:TlsVersion", None);
    let statements: Vec<&Json> = all.filter(|one| one["Effect"] == "Deny").filter(about_http).collect();
    let statements = statements.as_slice();
    let bucket = ["arn:aws:s3:::data".to_owned()];
    let mut rest = join(
        &grids.globs(statements, "Action", "on bucket", &grids.buckets),
        &grids.globs(statements, "Resource", "bucket", &bucket),
    );
    rest.extend(join(
        &grids.globs(statements, "Action", "on object", &grids.objects),
        &grids.globs(statements, "Resource", "object", &grids.keys),
    ));
    let who = masks(WHO.len(), statements.len(), |one, at| {
        element(statements[one], "Principal", |value| names(value, WHO[at]))
    });
    rest = join(&rest, &who);
    for (key, held) in &grids.held {
        let said: Vec<_> = statements
            .iter()
            .map(|one| {
                let what = format!("{key} {}", one.get("Condition").unwrap_or(&Json::Null));
                grids.says(what, held, |values| conditions(one, key, values.as_deref()))
            })
            .collect();
        rest = join(&rest, &masks(held.len(), statements.len(), |one, point| said[one][point]));
    }
    !rest.contains(&0)
}
