//! Random policies: nothing panics, and what always holds does.

use crate::support::random::Random;
use bucketlint::model::{Data, Entry, Symbol, SymbolKind, Text, Unknown, Value};
use bucketlint::policy::{Document, Effect, Evaluation, Principal, Request, Resource, evaluate, misses};
use bucketlint::source::{FileId, Span};
use std::collections::BTreeMap;

const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

fn map(entries: Vec<(&str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(key, value)| Entry { key: key.to_owned(), key_span: SPAN, value });
    Value::map_of(SPAN, entries.collect())
}

fn text(text: &str) -> Value {
    Value::text(SPAN, text)
}

fn texts(random: &mut Random, of: &[&str]) -> Value {
    let count = 1 + random.below(2);
    Value::list(SPAN, (0..count).map(|_| text(random.one(of))).collect())
}

const PRINCIPALS: &[&str] = &["*", "123456789012", "arn:aws:iam::123456789012:user/jane", "arn:aws:iam::1:root"];
const ACTIONS: &[&str] = &["*", "s3:*", "s3:Get*", "s3:PutObject", "s3:?*Object", "iam:*"];
const RESOURCES: &[&str] =
    &["*", "arn:aws:s3:::data", "arn:aws:s3:::data/*", "arn:aws:s3:::data*", "arn:aws:s3:::data/a?c", "arn:*:x"];
const CONDITIONS: &[(&str, &[&str])] = &[
    ("aws:SecureTransport", &["true", "false"]),
    ("aws:UserAgent", &["a", "b*", "${aws:username}"]),
    ("s3:TlsVersion", &["1.2"]),
    ("aws:SourceIp", &["10.0.0.0/8"]),
];
const OPERATORS: &[&[&str]] = &[
    &["Bool", "BoolIfExists", "ForAnyValue:Bool", "Null"],
    &["StringEquals", "StringNotLike", "StringLikeIfExists", "ForAllValues:StringNotEquals"],
    &["NumericLessThan", "NumericNotEqualsIfExists"],
    &["IpAddress", "NotIpAddress"],
];

/// A statement that AWS takes; its elements are negated now and then.
fn statement(random: &mut Random) -> Value {
    let pick = |random: &mut Random, name: &'static str, negated: &'static str| [name, negated][random.below(4) / 3];
    let principal = map(vec![("AWS", texts(random, PRINCIPALS))]);
    let mut entries = vec![
        ("Effect", text(random.one(&["Deny", "Deny", "Allow"]))),
        (pick(random, "Principal", "NotPrincipal"), principal),
        (pick(random, "Action", "NotAction"), texts(random, ACTIONS)),
        (pick(random, "Resource", "NotResource"), texts(random, RESOURCES)),
    ];
    if random.below(2) == 0 {
        let index = random.below(CONDITIONS.len());
        let (key, values) = CONDITIONS[index];
        let operator = random.one(OPERATORS[index]);
        let value = texts(random, values);
        entries.push(("Condition", map(vec![(operator, map(vec![(key, value)]))])));
    }
    map(entries)
}

fn document(statements: Vec<Value>) -> Document {
    Document::read(&map(vec![("Version", text("2012-10-17")), ("Statement", Value::list(SPAN, statements))]))
}

fn request(random: &mut Random) -> Request {
    let principal = match random.one(PRINCIPALS) {
        "*" => Principal::Anonymous,
        "123456789012" => Principal::Service("logging.s3.amazonaws.com".into()),
        arn => Principal::Arn(arn.into()),
    };
    let mut context = BTreeMap::from([("aws:securetransport".to_owned(), vec!["false".into()])]);
    for (key, values) in [("aws:useragent", ["a", "bb"]), ("aws:sourceip", ["10.1.1.1", "192.0.2.1"])] {
        if random.below(2) == 0 {
            context.insert(key.to_owned(), vec![random.one(&values).into()]);
        }
    }
    let resource = match random.one(&["", "abc", "k"]) {
        "" => Resource::Bucket,
        key => Resource::Object(key.to_owned()),
    };
    let action = random.one(&["s3:GetObject", "s3:PutObject", "s3:ListBucket"]).to_owned();
    Request { principal, action, bucket: "data".into(), resource, context }
}

#[test]
fn a_policy_denies_what_one_of_its_statements_denies() {
    let mut random = Random::new(0x0dd0_5eed_0000_0001);
    let (mut denied, mut passed) = (0, 0);
    for round in 0..5_000 {
        let statements: Vec<Value> = (0..=random.below(3)).map(|_| statement(&mut random)).collect();
        let whole = document(statements.clone());
        assert_eq!(whole.problems, [], "round {round}");
        let request = request(&mut random);
        let alone: Vec<Evaluation> =
            statements.iter().map(|statement| evaluate(&document(vec![statement.clone()]), &request)).collect();
        let by: Vec<usize> =
            (0..alone.len()).filter(|&index| matches!(alone[index], Evaluation::Denied { .. })).collect();
        match evaluate(&whole, &request) {
            Evaluation::Denied { by: named } => {
                denied += 1;
                assert_eq!(named, by, "round {round}");
            }
            Evaluation::NotDenied => {
                passed += 1;
                assert!(alone.iter().all(|one| *one == Evaluation::NotDenied), "round {round}");
                let all: Vec<usize> = (0..whole.statements.len())
                    .filter(|&index| whole.statements[index].effect == Effect::Deny)
                    .collect();
                let mut missed: Vec<usize> = misses(&whole, &request).iter().map(|miss| miss.statement).collect();
                missed.dedup();
                assert_eq!(missed, all, "round {round}: each Deny that does not match has its reason");
            }
            Evaluation::Maybe { because } => {
                assert!(by.is_empty() && !because.is_empty(), "round {round}");
            }
        }
    }
    assert!(denied > 500 && passed > 500, "both come up: {denied} denied, {passed} passed");
}

/// Any value at all, words of the grammar preferred.
fn anything(random: &mut Random, depth: usize) -> Value {
    const KEYS: &[&str] = &[
        "Version",
        "Statement",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "AWS",
        "Bool",
        "Null",
        "StringLike",
        "ForAnyValue:ArnLike",
        "aws:SecureTransport",
        "x",
        "effect",
    ];
    const WORDS: &[&str] = &[
        "*",
        "Deny",
        "Allow",
        "2012-10-17",
        "s3:*",
        "true",
        "arn:aws:s3:::*",
        "${aws:username}",
        "${",
        "${x, 'y'}",
        "",
    ];
    let hole = || {
        let unknown = Unknown::new("it is a hole", SPAN, "fill it in");
        Text::hole(Symbol::new("X", SymbolKind::Free, "X", unknown))
    };
    let data = match random.below(if depth == 0 { 7 } else { 12 }) {
        0 => Data::Null,
        1 => Data::Bool(true),
        2 => Data::Number("1".to_owned()),
        3 => Data::Absent,
        4 => Data::Text(hole()),
        5 => Data::Unknown(Box::new(Unknown::new("it is unknown", SPAN, "tell"))),
        6 => Data::Text(random.one(WORDS).into()),
        7 => Data::Json(anything(random, depth - 1).into()),
        8 => Data::List((0..random.below(3)).map(|_| anything(random, depth - 1)).collect()),
        _ => {
            let mut keys: Vec<&str> = (0..random.below(9)).map(|_| random.one(KEYS)).collect();
            keys.sort_unstable();
            keys.dedup();
            return map(keys.into_iter().map(|key| (key, anything(random, depth - 1))).collect());
        }
    };
    Value::new(SPAN, data)
}

#[test]
fn any_value_is_read_without_a_panic() {
    let mut random = Random::new(0x0dd0_5eed_0000_0002);
    let (mut passed, mut unsure) = (0, 0);
    for _ in 0..5_000 {
        let statement = map(vec![
            ("Effect", anything(&mut random, 1)),
            ("Principal", anything(&mut random, 3)),
            ("Action", anything(&mut random, 2)),
            ("Resource", anything(&mut random, 2)),
            ("Condition", anything(&mut random, 4)),
        ]);
        for value in [anything(&mut random, 6), map(vec![("Statement", statement)])] {
            let document = Document::read(&value);
            let request = request(&mut random);
            match evaluate(&document, &request) {
                Evaluation::Denied { .. } => {}
                Evaluation::NotDenied => passed += 1,
                Evaluation::Maybe { .. } => unsure += 1,
            }
            let _ = misses(&document, &request);
            if !document.problems.is_empty() {
                assert_eq!(evaluate(&document, &request), Evaluation::NotDenied);
            }
        }
    }
    assert!(passed > 100 && unsure > 100, "both come up: {passed} passed, {unsure} unsure");
}
