//! Random policies: every verdict is held against an enumeration of requests by an evaluator of this file's own, and
//! against the plain evaluator on random requests. `BUCKETLINT_SEED` picks another row of policies.
#![allow(
    clippy::pedantic,
    clippy::print_stdout,
    clippy::explicit_auto_deref,
    clippy::manual_is_multiple_of,
    unreachable_pub,
    reason = "a test stops at the first thing that it cannot do, and is read as prose"
)]

mod enumeration;
mod generator;

use crate::support::random::{Random, seed, times};
use crate::support::{decide_document, document, today};
use bucketlint::model::Text;
use bucketlint::policy::{Decision, Evaluation, Instant, Principal, Request, Resource, evaluate, realizable};
use generator::policy;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

fn show(policy: &Json) -> String {
    serde_json::to_string_pretty(policy).unwrap()
}

#[test]
fn verdicts_agree_with_an_enumeration() {
    let seed = seed();
    let grids = enumeration::Grids::new();
    let mut enforced = 0_u64;
    let count = times(300);
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
                let can_be = realizable(&witness, Instant::start_of(today()));
                assert!(can_be.is_ok(), "policy {number}: nobody sends {witness:?}: {can_be:?} {}", show(&policy));
                assert!(
                    enumeration::passes(&policy, &witness),
                    "policy {number} denies {witness:?}: {}",
                    show(&policy)
                );
            }
            Decision::Undecided { because, .. } => {
                panic!("policy {number} is undecided because {because:?}: {}", show(&policy))
            }
        }
    }
    println!("{enforced} of {count} are enforced");
    assert!(enforced > count / 20, "{enforced}");
}

/// Some request that somebody can send, with a value for every key that is always there.
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
    let account = *random.pick(&["111111111111", "222222222222", "333333333333"]);
    let role = *random.pick(&["a", "r", "p/r"]);
    let (kind, principal) = match random.below(8) {
        0 => ("service", Principal::Service((*random.pick(&["logs.amazonaws.com", "x.amazonaws.com"])).into())),
        1 => ("federated", Principal::Federated("accounts.example.org".into())),
        2 => (
            "user",
            Principal::Arn(Text::literal(format!("arn:aws:iam::{account}:user/{}", random.pick(&["u", "p/u"])))),
        ),
        3 => ("role", Principal::Arn(Text::literal(format!("arn:aws:iam::{account}:role/{role}")))),
        4 => ("root", Principal::Arn(Text::literal(format!("arn:aws:iam::{account}:root")))),
        _ => ("anonymous", Principal::Anonymous),
    };
    let mut context = BTreeMap::from([("aws:securetransport".to_owned(), vec![Text::literal("false")])]);
    let mut always = |key: &str, value: &str| drop(context.insert(key.to_owned(), vec![Text::literal(value)]));
    let year = 2027 + random.below(3);
    let (time, epoch) = [
        ("2027-06-01T00:00:00Z", "1811808000"),
        ("2028-01-01T00:00:00Z", "1830297600"),
        ("2029-01-01T00:00:00Z", "1861920000"),
    ][year - 2027];
    always("aws:currenttime", time);
    always("aws:epochtime", epoch);
    always("aws:useragent", *random.pick(&["a", "ab", "x"]));
    if kind != "anonymous" {
        always("aws:viaawsservice", *random.pick(&["true", "false"]));
    }
    match kind {
        "service" => {
            always("aws:principalaccount", account);
            always("aws:principaltype", *random.pick(&["AWSService", "x"]));
            always("aws:userid", *random.pick(&["AIDA", "x:y"]));
        }
        "federated" => {
            always("aws:principalarn", &format!("arn:aws:iam::{account}:role/{role}"));
            always("aws:userid", "AROA:x");
        }
        "role" => always("aws:userid", *random.pick(&["AROA:x", "x:y"])),
        "user" => always("aws:userid", *random.pick(&["AIDA", "x"])),
        _ => {}
    }
    let mut hold = |random: &mut Random, key: &str, values: Vec<Text>| {
        if random.chance(60) {
            context.insert(key.to_owned(), values);
        }
    };
    let text = |text: &str| vec![Text::literal(text)];
    let number = random.below(48);
    let quarter = (number as f64 / 4.0 - 1.0).to_string();
    if random.chance(50) {
        hold(random, "aws:sourcevpc", text(&vpc));
        hold(random, "aws:sourcevpce", text("a"));
    } else {
        let address = format!("10.{}.{}.{}", random.below(3), random.below(4), random.below(5));
        hold(random, "aws:sourceip", text(&address));
    }
    if !on_bucket || action != "s3:ListBucket" {
        hold(random, "s3:x-amz-acl", text("private"));
    }
    hold(random, "aws:tagkeys", tags);
    hold(random, "s3:max-keys", text(&quarter));
    hold(random, "s3:prefix", text("ab"));
    if kind != "anonymous" {
        hold(random, "aws:principaltag/t", text("a"));
        hold(random, "s3:authtype", text("POST"));
        hold(random, "aws:principalorgid", text("o-a"));
        hold(random, "aws:sourceaccount", text(account));
    }
    let data = *random.pick(&["QQ==", "Qg==", "AAAA", "AAAAAAAA"]);
    hold(random, "custom:data", text(data));
    let resource = if on_bucket { Resource::Bucket } else { Resource::Object(key) };
    let mut request = Request { principal, action, bucket: "data".into(), resource, context };
    // What is too much is taken away again.
    let now = Instant::start_of(today());
    while let Err(why) = realizable(&request, now) {
        let named = request.context.keys().find(|key| why.contains(key.as_str())).cloned();
        request.context.remove(&named.unwrap_or_else(|| panic!("{why} {request:?}")));
    }
    request
}

#[test]
fn enforced_policies_deny_random_requests() {
    let seed = seed();
    let mut requests = 0;
    let mut number = 0;
    let wanted = times(10_000);
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
    for number in 0..times(200) {
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
