//! Random policies: every verdict is held against an enumeration of requests by an evaluator of this file's own, and
//! against the plain evaluator on random requests. `BUCKETLINT_SEED` picks another row of policies.

mod support;

use bucketlint::model::Text;
use bucketlint::policy::{Decision, Evaluation, Principal, Request, Resource, evaluate};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashSet};
use support::{decide_document, document};

/// A small generator of random numbers (xorshift64*).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
    /// One to `most` of them.
    fn some(&mut self, from: &[&str], most: usize) -> Vec<String> {
        let count = 1 + self.below(most);
        (0..count).map(|_| (*self.pick(from)).to_owned()).collect()
    }
}

fn seed() -> u64 {
    let seed = std::env::var("BUCKETLINT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(2026);
    println!("BUCKETLINT_SEED={seed}");
    seed
}

const ACTIONS: &[&str] = &[
    "*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "s3:getobject*",
    "s3:?etObject",
    "s3:Put*",
    "s3:PutObject",
    "s3:List*",
    "s3:ListBucket",
    "s3:*Object",
    "s3:*e*",
    "s3:?*",
    "s3:??????????*",
    "ec2:*",
    "s3:L*t",
    "s3:ListAllMyBuckets",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::data",
    "arn:aws:s3:::data/*",
    "arn:aws:s3:::data*",
    "arn:aws:s3:::data/a*",
    "arn:aws:s3:::data/ab*",
    "arn:aws:s3:::data/?*",
    "arn:aws:s3:::data/??*",
    "*/b",
    "arn:aws:s3:::data/?",
    "arn:aws:s3:::data/*a",
    "arn:aws:s3:::other/*",
    "arn:aws:s3:::d?ta*",
    "arn:aws:s3:::data/a/*",
    "arn:aws:s3:::data?*",
];
const AWS: &[&str] = &[
    "*",
    "111111111111",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:user/u",
    "arn:aws:iam::222222222222:role/r",
    "222222222222",
];

/// Condition keys: operators, values, and what a request can hold.
struct KeyCase {
    key: &'static str,
    operators: &'static [&'static str],
    values: &'static [&'static str],
    several: bool,
}

const KEYS: &[KeyCase] = &[
    KeyCase {
        key: "aws:SourceVpc",
        operators: &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "ForAnyValue:StringEquals",
            "ForAllValues:StringLike",
        ],
        values: &["a", "b", "ab", "a*", "*a", "?", "*", "A", "?*", "*b*", ""],
        several: false,
    },
    KeyCase {
        key: "aws:TagKeys",
        operators: &[
            "ForAnyValue:StringEquals",
            "ForAllValues:StringEquals",
            "ForAnyValue:StringNotEquals",
            "ForAllValues:StringNotEquals",
            "ForAnyValue:StringLike",
            "ForAllValues:StringNotLike",
        ],
        values: &["a", "b", "a*", "*", "?"],
        several: true,
    },
    KeyCase {
        key: "s3:max-keys",
        operators: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        values: &["-1", "0", "1", "1.5", "2", "10"],
        several: false,
    },
    KeyCase {
        key: "aws:CurrentTime",
        operators: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        values: &["2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z"],
        several: false,
    },
    KeyCase { key: "aws:PrincipalIsAWSService", operators: &["Bool"], values: &["true", "false"], several: false },
    KeyCase {
        key: "aws:SourceIp",
        operators: &["IpAddress", "NotIpAddress"],
        values: &["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "::/0", "2001:db8::/32"],
        several: false,
    },
    KeyCase {
        key: "aws:PrincipalArn",
        operators: &["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringLike", "StringNotEquals"],
        values: &[
            "arn:aws:iam::1:role/a",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::?:role/a",
            "arn:*:*:*:*:*",
            "arn:aws:iam:*:1:*",
        ],
        several: false,
    },
    KeyCase { key: "custom:Data", operators: &["BinaryEquals"], values: &["QQ==", "Qg==", "AAAA"], several: false },
];

fn condition(random: &mut Random, keys: &[&KeyCase]) -> Json {
    let mut operators = serde_json::Map::new();
    for _ in 0..random.below(3) {
        let case = *random.pick(keys);
        if random.chance(15) {
            operators.insert("Null".into(), json!({case.key: random.pick(&["true", "false"])}));
            continue;
        }
        let mut operator = (*random.pick(case.operators)).to_owned();
        if random.chance(25) {
            operator.push_str("IfExists");
        }
        operators.insert(operator, json!({case.key: random.some(case.values, 2)}));
    }
    let transport = match random.below(12) {
        0 => json!({"aws:SecureTransport": "true"}),
        1 => json!({"aws:SecureTransport": ["true", "false"]}),
        _ => json!({"aws:SecureTransport": "false"}),
    };
    let name = if random.chance(20) { "BoolIfExists" } else { "Bool" };
    if operators.contains_key(name) {
        return json!(operators);
    }
    operators.insert(name.into(), transport);
    if random.chance(5) {
        operators.insert("NumericLessThanIfExists".into(), json!({"s3:TlsVersion": "1.2"}));
    }
    json!(operators)
}

fn statement(random: &mut Random, keys: &[&KeyCase]) -> Json {
    let mut out = serde_json::Map::new();
    out.insert("Effect".into(), json!(if random.chance(90) { "Deny" } else { "Allow" }));
    let broad = random.chance(50);
    let mut put = |name: &str, negated: bool, value: Json| {
        out.insert(if negated { format!("Not{name}") } else { name.to_owned() }, value);
    };
    let principal = match random.below(6) {
        0 => json!({"Service": "logs.amazonaws.com"}),
        1 => json!({"Federated": "accounts.example.org", "AWS": random.some(AWS, 1)}),
        2 | 3 => json!({"AWS": random.some(AWS, 2)}),
        _ => json!("*"),
    };
    let everyone = broad || random.chance(30);
    let negated = !everyone && random.chance(40);
    put("Principal", negated, if everyone { json!("*") } else { principal });
    let all = broad && random.chance(70);
    let negated = !all && random.chance(35);
    put("Action", negated, if all { json!("s3:*") } else { json!(random.some(ACTIONS, 3)) });
    let negated = random.chance(if broad { 10 } else { 35 });
    put("Resource", negated, json!(random.some(RESOURCES, 3)));
    if random.chance(85) {
        out.insert("Condition".into(), condition(random, keys));
    }
    Json::Object(out)
}

fn policy(random: &mut Random) -> Json {
    let keys = [random.pick(KEYS), random.pick(KEYS)];
    let count = 1 + random.below(6);
    let statements: Vec<Json> = (0..count).map(|_| statement(random, &keys)).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The enumerating evaluator.
mod enumeration {
    use super::{BTreeMap, HashSet, Json, KEYS, KeyCase};
    use std::cell::RefCell;
    use std::collections::HashMap;
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
        let table = include_str!("../data/s3-actions.tsv").lines().filter(|line| !line.starts_with('#'));
        for (name, kinds) in table.filter_map(|line| line.split_once('\t')) {
            if kinds.contains("object") {
                all.push((name.to_lowercase(), false));
            }
            if kinds.contains("bucket") {
                all.push((name.to_lowercase(), true));
            }
        }
        let parts = ["", "get", "put", "list", "object", "bucket", "x", "et", "e", "t", "xxxxxxxxxxx"];
        for one in parts {
            for two in parts {
                for three in parts {
                    let name = format!("{one}{two}{three}");
                    let known = include_str!("../data/s3-actions.tsv")
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
            "aws:SourceIp" => [
                "9.9.9.9",
                "10.0.0.1",
                "10.1.0.1",
                "10.1.2.3",
                "10.2.0.0",
                "11.0.0.0",
                "2001:db8::1",
                "2001:db9::1",
                "::",
            ]
            .map(String::from)
            .to_vec(),
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
            .flat_map(|(operator, keys)| {
                keys.as_object().unwrap().iter().map(move |(own, values)| (operator, own, values))
            })
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
                actions()
                    .into_iter()
                    .filter(move |(_, bucket)| *bucket == on_bucket)
                    .map(|(name, _)| format!("s3:{name}"))
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
            masks(points.len(), statements.len(), |one, point| {
                said[one].1.iter().any(|said| said[point]) != said[one].0
            })
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
}

fn show(policy: &Json) -> String {
    serde_json::to_string_pretty(policy).unwrap()
}

#[test]
fn verdicts_agree_with_an_enumeration() {
    let seed = seed();
    let grids = enumeration::Grids::new();
    let mut enforced = 0_u64;
    let count = if cfg!(debug_assertions) { 3_000 } else { 10_000 };
    for number in 0..count {
        let mut random = Random::new(seed * 1_000_003 + number);
        let policy = policy(&mut random);
        let document = document(&policy);
        assert!(document.problems.is_empty(), "{:?} {}", document.problems, show(&policy));
        let expected = enumeration::enforced(&policy, &grids);
        enforced += u64::from(expected);
        match decide_document(&document, &Text::literal("data")) {
            Decision::Enforced { .. } => assert!(expected, "policy {number} is not enforced: {}", show(&policy)),
            Decision::Exposed { witness, .. } => {
                assert!(!expected, "policy {number} is not exposed by {witness:?}: {}", show(&policy));
            }
            Decision::Undecided { because, .. } => {
                panic!("policy {number} is undecided because {because:?}: {}", show(&policy))
            }
        }
    }
    println!("{enforced} of {count} are enforced");
    assert!(enforced > count / 20, "{enforced}");
}

fn random_request(random: &mut Random) -> Request {
    let mut word = |letters: &[&str], most: usize| -> String {
        let length = 1 + random.below(most);
        (0..length).map(|_| *random.pick(letters)).collect()
    };
    let key = word(&["a", "b", "x", "/", "é"], 5);
    let later = word(&["get", "put", "list", "object", "bucket", "x", "e", "7"], 4);
    let vpc = word(&["a", "b", "A", "*", "?"], 4);
    let tags: Vec<Text> = (0..3).map(|_| Text::literal(word(&["a", "b", "x"], 2))).collect();
    let (action, on_bucket) = match random.below(4) {
        0 => ("s3:ListBucket".to_owned(), true),
        1 => ("s3:GetObject".to_owned(), false),
        2 => ("s3:PutObject".to_owned(), false),
        _ => (format!("s3:x{later}"), random.chance(30)),
    };
    let principal = match random.below(6) {
        0 => Principal::Service("logs.amazonaws.com".into()),
        1 => Principal::Federated("accounts.example.org".into()),
        2 | 3 => {
            let (account, name) =
                (*random.pick(&["111111111111", "222222222222", "3"]), *random.pick(&["root", "user/u", "role/r"]));
            Principal::Arn(Text::literal(format!("arn:aws:iam::{account}:{name}")))
        }
        _ => Principal::Anonymous,
    };
    let mut context = BTreeMap::from([("aws:securetransport".to_owned(), vec![Text::literal("false")])]);
    let mut hold = |random: &mut Random, key: &str, values: Vec<Text>| {
        if random.chance(60) {
            context.insert(key.to_owned(), values);
        }
    };
    let number = random.below(48);
    let quarter = (number as f64 / 4.0 - 1.0).to_string();
    hold(random, "aws:sourcevpc", vec![Text::literal(vpc)]);
    hold(random, "aws:tagkeys", tags);
    hold(random, "s3:max-keys", vec![Text::literal(quarter)]);
    let year = 2019 + random.below(5);
    hold(random, "aws:currenttime", vec![Text::literal(format!("{year}-01-01T00:00:00Z"))]);
    let service = *random.pick(&["true", "false"]);
    hold(random, "aws:principalisawsservice", vec![service.into()]);
    let address = format!("10.{}.{}.{}", random.below(3), random.below(4), random.below(5));
    hold(random, "aws:sourceip", vec![Text::literal(address)]);
    let arn = format!(
        "arn:aws:iam:{}:{}:role/{}",
        random.pick(&["", "x"]),
        random.pick(&["1", "2", "22"]),
        random.pick(&["a", "b"])
    );
    hold(random, "aws:principalarn", vec![Text::literal(arn)]);
    let data = *random.pick(&["QQ==", "Qg==", "AAAA", "AAAAAAAA"]);
    hold(random, "custom:data", vec![data.into()]);
    let resource = if on_bucket { Resource::Bucket } else { Resource::Object(key) };
    Request { principal, action, bucket: "data".into(), resource, context }
}

/// A million of them; a tenth without optimisation.
#[test]
fn enforced_policies_deny_random_requests() {
    let seed = seed();
    let mut requests = 0;
    let mut number = 0;
    let wanted = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    while requests < wanted {
        let mut random = Random::new(seed * 7_000_003 + number);
        number += 1;
        let policy = policy(&mut random);
        let document = document(&policy);
        if !matches!(decide_document(&document, &Text::literal("data")), Decision::Enforced { .. }) {
            continue;
        }
        for _ in 0..1_000 {
            let request = random_request(&mut random);
            let evaluation = evaluate(&document, &request);
            assert!(matches!(evaluation, Evaluation::Denied { .. }), "{request:?} {}", show(&policy));
            requests += 1;
        }
    }
}

/// Statements that together match what one matches.
fn split(random: &mut Random, statement: &Json) -> Vec<Json> {
    let with = |name: &str, value: Json| {
        let mut one = statement.clone();
        one[name] = value;
        one
    };
    let list = |name: &str| statement.get(name).and_then(Json::as_array).filter(|items| items.len() > 1);
    match random.below(3) {
        0 if list("Action").is_some() => {
            list("Action").unwrap().iter().map(|item| with("Action", item.clone())).collect()
        }
        1 if list("Resource").is_some() => {
            list("Resource").unwrap().iter().map(|item| with("Resource", json!([item]))).collect()
        }
        _ => {
            let half = |operator: &str| {
                let mut condition = statement.get("Condition").cloned().unwrap_or_else(|| json!({}));
                condition[operator] = json!({"aws:Referer": "x"});
                with("Condition", condition)
            };
            vec![half("StringEquals"), half("StringNotEquals")]
        }
    }
}

#[test]
fn splitting_a_statement_changes_no_verdict() {
    let seed = seed();
    for number in 0..if cfg!(debug_assertions) { 1_000 } else { 10_000 } {
        let mut random = Random::new(seed * 3_000_017 + number);
        let mut policy = policy(&mut random);
        let enforced = |policy: &Json| {
            matches!(decide_document(&document(policy), &Text::literal("data")), Decision::Enforced { .. })
        };
        let before = enforced(&policy);
        let whole = policy.clone();
        let statements = policy["Statement"].as_array_mut().unwrap();
        let at = random.below(statements.len());
        let has_own = |name: &str| statements[at].pointer(&format!("/Condition/{name}")).is_some();
        if has_own("StringEquals") || has_own("StringNotEquals") {
            continue;
        }
        let parts = split(&mut random, &statements[at]);
        statements.splice(at..=at, parts);
        assert_eq!(before, enforced(&policy), "{} {}", show(&whole), show(&policy));
    }
}
