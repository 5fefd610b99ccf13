//! Random policies with unknowns: what is decided must hold for every value that the unknowns may have.
#![allow(clippy::print_stdout, reason = "a test fails by panicking, and says what it tries")]

use crate::support;
use crate::support::random::{Random, seed, times};
use crate::support::{decide_document, document, text};
use bucketlint::model::{Name, Symbol, SymbolKind, Text};
use bucketlint::policy::{Decision, Document, Evaluation, Principal, Request, decide, evaluate};
use serde_json::{Value as Json, json};

const BUCKETS: &[&str] = &["data", "‹name:B›", "‹free:P›", "‹free:P›-x", "‹pseudo:S›-data", "a-‹pseudo:S›"];
const PARTS: &[&str] =
    &["", "*", "/*", "/?*", "/a*", "/‹free:Q›", "/‹free:P›*", "/‹pseudo:S›/*", "‹free:Q›*", "/${aws:username}*"];
const ACTIONS: &[&str] = &["s3:*", "s3:*", "*", "‹free:Q›", "s3:‹free:Q›*", "s3:Get*", "s3:‹attribute:A›"];
const PRINCIPALS: &[&str] = &[
    "*",
    "‹free:Q›",
    "‹attribute:A›",
    "‹pseudo:S›",
    "arn:aws:iam::‹pseudo:S›:root",
    "arn:aws:iam::‹pseudo:S›:user/u",
    "111111111111",
    "arn:aws:iam::111111111111:user/u",
    "arn:aws:iam::111111111111:‹free:Q›",
];
const VALUES: &[&str] = &[
    "a",
    "a*",
    "*",
    "‹free:P›",
    "‹free:Q›",
    "‹attribute:A›",
    "‹pseudo:S›",
    "x‹free:Q›",
    "‹attribute:A›*",
    "${aws:userid}",
];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringNotEqualsIfExists",
];

fn statement(random: &mut Random, bucket: &str) -> Json {
    let mut out = json!({"Effect": "Deny"});
    let mut put = |random: &mut Random, name: &str, value: Json, percent: usize| {
        let negated = random.below(100) < percent;
        out[if negated { format!("Not{name}") } else { name.to_owned() }] = value;
    };
    let everyone = random.below(100) < 60;
    let principal = if everyone { json!("*") } else { json!({"AWS": random.some(PRINCIPALS, 2)}) };
    put(random, "Principal", principal, if everyone { 0 } else { 40 });
    let actions = random.some(ACTIONS, 2);
    put(random, "Action", json!(actions), 20);
    let resources: Vec<String> = (0..=random.below(3))
        .map(|_| {
            let name = if random.below(100) < 80 { bucket } else { random.one(BUCKETS) };
            format!("arn:‹partition:p›:s3:::{name}{}", random.one(PARTS))
        })
        .collect();
    put(random, "Resource", json!(resources), 20);
    if random.below(100) < 50 {
        let operator = random.one(OPERATORS);
        out["Condition"] = json!({operator: {"aws:SourceVpc": random.some(VALUES, 2)}});
    }
    out
}

/// The document with every hole filled.
fn fill(document: &Document, fill: &impl Fn(&Symbol) -> Option<Text>) -> Document {
    let mut document = document.clone();
    for statement in &mut document.statements {
        for item in statement.action.items.iter_mut().chain(&mut statement.resource.items) {
            item.pattern = item.pattern.substitute(fill);
        }
        for item in &mut statement.principal.items {
            item.text = item.text.substitute(fill);
        }
        for item in statement.conditions.iter_mut().flat_map(|condition| &mut condition.values) {
            item.pattern = item.pattern.substitute(fill);
        }
    }
    document
}

fn fill_request(request: &Request, fill: &impl Fn(&Symbol) -> Option<Text>) -> Request {
    let mut request = request.clone();
    request.bucket = request.bucket.substitute(fill);
    if let Principal::Arn(arn) = &request.principal {
        request.principal = Principal::Arn(arn.substitute(fill));
    }
    for value in request.context.values_mut().flatten() {
        *value = value.substitute(fill);
    }
    request
}

#[test]
fn decisions_hold_whatever_the_unknowns_are() {
    let mut random = Random::new(seed());
    let mut decided = [0_usize; 2];
    for _ in 0..times(1_000) {
        let bucket = random.one(BUCKETS);
        let statements: Vec<Json> = (0..=random.below(4)).map(|_| statement(&mut random, bucket)).collect();
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        let document = document(&policy);
        assert!(document.problems.is_empty(), "{:?} {policy:#}", document.problems);
        let bucket = text(bucket);
        let decision = decide_document(&document, &bucket);
        for _ in 0..8 {
            let in_name = bucket.symbols().map(|symbol| symbol.name().clone()).collect::<Vec<_>>();
            let values: Vec<(&str, &str)> = ["P", "Q", "S", "A"]
                .into_iter()
                .map(|name| {
                    let free = &[
                        "*",
                        "",
                        "a",
                        "any",
                        "data",
                        "?",
                        "s3:*",
                        "GetObject",
                        "*-x",
                        "any-key",
                        "111111111111",
                        "user/u",
                    ];
                    let plain = &["a", "any", "data", "GetObject", "any-key", "user", "111111111111", "111122223333"];
                    let is_free = matches!(name, "P" | "Q") && !in_name.iter().any(|own| *own == Name::from(name));
                    (name, random.one(if is_free { free } else { plain }))
                })
                .collect();
            let value = |symbol: &Symbol| match symbol.kind() {
                SymbolKind::BucketName => Some(Text::literal("stack-b-1x2y3z")),
                _ => values
                    .iter()
                    .find(|(name, _)| Name::from(*name) == *symbol.name())
                    .map(|(_, value)| Text::literal(*value)),
            };
            let (document, bucket) = (fill(&document, &value), bucket.substitute(&value));
            match &decision {
                Decision::Enforced { .. } => {
                    let filled = decide(&document, &bucket, support::today());
                    assert!(!matches!(filled, Decision::Exposed { .. }), "{values:?} {filled:?} {policy:#}");
                    decided[0] += 1;
                }
                Decision::Exposed { witness, .. } => {
                    let witness = fill_request(witness, &value);
                    let evaluation = evaluate(&document, &witness);
                    assert!(!matches!(evaluation, Evaluation::Denied { .. }), "{values:?} {witness:?} {policy:#}");
                    decided[1] += 1;
                }
                Decision::Undecided { .. } => {}
            }
        }
    }
    println!("{decided:?}");
    assert!(decided.iter().all(|count| *count > 200), "{decided:?}");
}
