//! Policies and what must be decided for them: the rows of the definition of a verdict.

use crate::support;

use crate::support::{decide_for, document, witness};
use bucketlint::model::Text;
use bucketlint::policy::{Decision, Principal, Resource};
use serde_json::{Value as Json, json};

/// The canonical Deny with parts replaced; `null` takes a part out.
fn deny(parts: &Json) -> Json {
    let mut statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    });
    let map = statement.as_object_mut().unwrap();
    for (key, part) in parts.as_object().unwrap() {
        if let Some(twin) = key.strip_prefix("Not") {
            map.remove(twin);
        }
        map.insert(key.clone(), part.clone());
    }
    map.retain(|_, part| !part.is_null());
    statement
}

fn policy(statements: &[Json]) -> Json {
    json!({"Version": "2012-10-17", "Statement": statements.iter().map(deny).collect::<Vec<_>>()})
}

fn verdict(policy: &Json) -> &'static str {
    match decide_for(policy, &Text::literal("data")) {
        Decision::Enforced { .. } => "enforced",
        Decision::Exposed { .. } => "exposed",
        Decision::Undecided { .. } => "undecided",
    }
}

#[track_caller]
fn check(expected: &str, statements: &[Json]) {
    assert_eq!(verdict(&policy(statements)), expected, "{statements:#?}");
}

#[test]
fn a_canonical_policy_is_enforced_in_every_spelling() {
    for parts in [
        json!({}),
        json!({"Principal": {"AWS": "*"}}),
        json!({"Principal": {"AWS": ["*"]}}),
        json!({"Principal": {"AWS": ["111122223333", "*"]}}),
        json!({"Action": "*"}),
        json!({"Action": ["S3:*"]}),
        json!({"Action": ["s3:Get*", "s3:*"]}),
        json!({"Resource": "*"}),
        json!({"Resource": "arn:aws:s3:::*"}),
        json!({"Resource": "arn:aws:s3:::data*"}),
        json!({"Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/?*"]}),
        json!({"NotResource": "arn:aws:s3:::other/*"}),
        json!({"NotPrincipal": {"AWS": []}}),
        json!({"NotAction": "ec2:*"}),
        json!({"Condition": {"Bool": {"AWS:securetransport": false}}}),
        json!({"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": ["true", "false"]}}}),
        json!({"Condition": {"Null": {"aws:SecureTransport": "false"}}}),
        json!({"Condition": {"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}}}),
        json!({"Condition": null}),
    ] {
        check("enforced", &[parts]);
    }
}

#[test]
fn what_leaves_a_request_is_exposed() {
    for parts in [
        json!({"Effect": "Allow"}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
        json!({"Condition": {"Null": {"aws:SecureTransport": "true"}}}),
        json!({"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}),
        json!({"Resource": "arn:aws:s3:::data/*"}),
        json!({"Resource": "arn:aws:s3:::data"}),
        json!({"Resource": "arn:aws:s3:::data/private*"}),
        json!({"Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/"]}),
        json!({"Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/??*"]}),
        json!({"Resource": "arn:aws:s3:::data?"}),
        json!({"Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]}),
        json!({"Resource": ["arn:aws:s3:::Data", "arn:aws:s3:::Data/*"]}),
        json!({"Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/${aws:username}*"]}),
        json!({"NotResource": "arn:aws:s3:::data/public/*"}),
        json!({"Action": "s3:Get*"}),
        json!({"Action": ["s3:GetObject", "s3:ListBucket"]}),
        json!({"NotAction": "s3:PutObject"}),
        json!({"NotAction": "s3:*Tagging"}),
        json!({"Principal": {"AWS": "arn:aws:iam::111122223333:user/one"}}),
        json!({"Principal": {"AWS": "111122223333"}}),
        json!({"Principal": {"Service": "logging.s3.amazonaws.com"}}),
        json!({"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/admin"}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}),
        json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
    ] {
        check("exposed", &[parts]);
    }
}

#[test]
fn a_policy_variable_covers_nothing() {
    for (operator, value) in [
        ("StringNotEquals", "${aws:ResourceAccount}"),
        ("StringEquals", "${aws:ResourceAccount}"),
        ("StringNotLike", "${aws:ResourceAccount}"),
        ("StringEqualsIfExists", "${aws:ResourceAccount}"),
    ] {
        check("exposed", &[json!({"Condition": {operator: {"aws:PrincipalAccount": value}}})]);
    }
    check("exposed", &[json!({"NotResource": "arn:aws:s3:::data/home/${aws:username}/*"})]);
    // The witness's own values are not what the variable happens to be.
    check(
        "exposed",
        &[
            json!({"Condition": {"Null": {"aws:SourceVpc": "true"}}}),
            json!({"Condition": {"StringEquals": {"aws:PrincipalAccount": "${aws:SourceVpc}"}}}),
            json!({"Condition": {"Null": {"aws:PrincipalAccount": "true"}}}),
        ],
    );
    check(
        "exposed",
        &[
            json!({"Condition": {"Null": {"aws:SourceVpc": "true"}}}),
            json!({"Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/${aws:SourceVpc}*"]}),
        ],
    );
    // Under the older version it is plain text.
    let plain = json!({"Version": "2008-10-17", "Statement": deny(&json!({"Resource": "arn:aws:s3:::data${*}"}))});
    assert_eq!(verdict(&plain), "exposed");
    check("exposed", &[json!({"Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/${*}"]})]);
}

#[test]
fn what_has_no_documented_meaning_is_undecided() {
    for condition in [
        json!({"StringEquals": {"aws:SecureTransport": "false"}}),
        json!({"StringLike": {"aws:SecureTransport": "false"}}),
        json!({"Bool": {"aws:SecureTransport": "False"}}),
    ] {
        check("undecided", &[json!({"Condition": condition})]);
    }
}

fn with(condition: &Json) -> Json {
    json!({"Condition": condition})
}

#[test]
fn statements_are_joined() {
    check("enforced", &[json!({"Resource": "arn:aws:s3:::data"}), json!({"Resource": "arn:aws:s3:::data/*"})]);
    check("enforced", &[json!({"Action": "s3:Put*"}), json!({"NotAction": "s3:Put*"})]);
    check(
        "enforced",
        &[json!({"Principal": {"AWS": "111122223333"}}), json!({"NotPrincipal": {"AWS": "111122223333"}})],
    );
    check(
        "enforced",
        &[json!({"Resource": ["arn:aws:s3:::data/a*"]}), json!({"NotResource": ["arn:aws:s3:::data/ab*"]})],
    );
    check(
        "exposed",
        &[json!({"Resource": ["arn:aws:s3:::data/ab*"]}), json!({"NotResource": ["arn:aws:s3:::data/a*"]})],
    );
    for (enforced, one, two) in [
        (
            true,
            json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
            json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}),
        ),
        (
            false,
            json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
            json!({"StringNotEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}),
        ),
        (
            true,
            json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}),
            json!({"StringNotLike": {"aws:SourceVpc": "vpc-1*"}}),
        ),
        (
            false,
            json!({"StringEquals": {"aws:SourceVpc": "vpc-*"}}),
            json!({"StringNotLike": {"aws:SourceVpc": "vpc-*"}}),
        ),
        (
            true,
            json!({"StringEqualsIgnoreCase": {"aws:SourceVpc": "VPC-1"}}),
            json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}),
        ),
        (
            false,
            json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}),
            json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        ),
        (
            true,
            json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}),
            json!({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
        ),
        (
            true,
            json!({"NumericLessThanIfExists": {"s3:max-keys": "10"}}),
            json!({"NumericGreaterThanEquals": {"s3:max-keys": "10.0"}}),
        ),
        (
            false,
            json!({"NumericLessThanIfExists": {"s3:max-keys": "10"}}),
            json!({"NumericGreaterThan": {"s3:max-keys": "10"}}),
        ),
        (
            true,
            json!({"DateLessThanIfExists": {"aws:CurrentTime": "2030-01-01"}}),
            json!({"DateGreaterThanEquals": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
        ),
        (
            true,
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            json!({"NotIpAddress": {"aws:SourceIp": "10.1.0.0/16"}}),
        ),
        (
            false,
            json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/9"}}),
            json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        ),
        (true, json!({"Null": {"aws:SourceVpc": "true"}}), json!({"Null": {"aws:SourceVpc": "false"}})),
        (
            true,
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}),
            json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::1*:role/a"}}),
        ),
        (
            false,
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam:*:1:role/a"}}),
            json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a"}}),
        ),
        (
            true,
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}),
            json!({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}),
        ),
        (
            false,
            json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}}),
            json!({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}),
        ),
        (
            false,
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}),
            json!({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a"]}}),
        ),
        (
            true,
            json!({"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": ["a"]}}),
            json!({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a"]}}),
        ),
    ] {
        check(if enforced { "enforced" } else { "exposed" }, &[with(&one), with(&two)]);
    }
}

#[test]
fn other_conditions_do_not_disturb_the_deny() {
    let extra =
        |value: &str| with(&json!({"StringLike": {"aws:UserAgent": value}, "Bool": {"aws:SecureTransport": "false"}}));
    check("enforced", &[extra("*curl*"), extra("?"), json!({}), extra("wget*")]);
}

#[test]
fn todays_actions_do_not_cover_later_ones() {
    let table = include_str!("../../src/policy/facts/s3-actions.tsv");
    let names = table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next());
    let names: Vec<String> = names.map(|name| format!("s3:{name}")).collect();
    let request = witness(&policy(&[json!({"Action": names})]), &Text::literal("data")).unwrap();
    assert_eq!(request.action, "s3:NewAction");
    // One letter after the other they do.
    let letters: Vec<String> = ('a'..='z').chain('0'..='9').map(|c| format!("s3:{c}*")).collect();
    check("enforced", &[json!({"Action": letters.clone()})]);
    check("exposed", &[json!({"Action": letters[1..].to_vec()})]);
    // Known actions count on their own kind of resource only.
    check(
        "enforced",
        &[json!({"NotAction": "s3:GetObject"}), json!({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"})],
    );
    check("enforced", &[json!({"NotAction": "s3:ListAllMyBuckets"})]);
    check(
        "exposed",
        &[json!({"NotAction": "s3:GetObject"}), json!({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::data"})],
    );
}

#[test]
fn an_intricate_policy_gets_no_wrong_verdict() {
    // Which of 26 letters a key holds makes 2²⁶ classes.
    let letters = |parts: &str| -> Vec<Json> {
        parts.chars().map(|c| json!({"Resource": format!("arn:aws:s3:::data/*{c}*")})).collect()
    };
    let mut statements = letters("abcdefghijklmnopqrstuvwxyz");
    let request = witness(&policy(&statements), &Text::literal("data")).unwrap();
    assert_eq!(request.resource, Resource::Bucket);
    statements.push(json!({"Resource": "arn:aws:s3:::data"}));
    let request = witness(&policy(&statements), &Text::literal("data")).unwrap();
    assert_eq!(request.resource, Resource::Object("~".into()));
    // What does the work is found beside them all the same.
    statements.push(json!({"Resource": "arn:aws:s3:::data/*"}));
    check("enforced", &statements);
}

#[test]
fn witnesses_are_plain() {
    let find = |parts: Json| witness(&policy(&[parts]), &Text::literal("data")).unwrap();
    let request = find(json!({"Resource": "arn:aws:s3:::data/*"}));
    assert_eq!((request.action.as_str(), request.resource), ("s3:ListBucket", Resource::Bucket));
    assert_eq!(request.principal, Principal::Anonymous);
    assert_eq!(request.context.len(), 1);
    let request = find(json!({"Resource": "arn:aws:s3:::data"}));
    assert_eq!((request.action.as_str(), request.resource), ("s3:GetObject", Resource::Object("any-key".into())));
    let request = find(json!({"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/admin"}}));
    assert_eq!(request.principal, Principal::Arn("arn:aws:iam::111122223333:role/admin".into()));
    let request = find(json!({"NotAction": "s3:DeleteObject*"}));
    assert_eq!(request.action, "s3:DeleteObject");
}

#[test]
fn only_the_statements_that_do_the_work_are_named() {
    let statements = [
        json!({"Action": "s3:Get*"}),
        json!({"Resource": "arn:aws:s3:::data/*"}),
        json!({"Effect": "Allow"}),
        json!({"Resource": "arn:aws:s3:::data"}),
        json!({"Principal": {"AWS": "111122223333"}}),
    ];
    let decision = decide_for(&policy(&statements), &Text::literal("data"));
    assert_eq!(decision, Decision::Enforced { by: vec![1, 3] });
}

mod unknowns {
    use super::{Decision, Json, Principal, Text, deny, document, json, support};
    use bucketlint::policy::Leaning;
    use support::{text, verdict_of, with_likely};

    /// Holes are written `‹kind:name›`.
    #[track_caller]
    fn check(expected: &str, bucket: &str, statements: &[Json]) {
        let policy = json!({"Version": "2012-10-17", "Statement": statements.iter().map(deny).collect::<Vec<_>>()});
        assert_eq!(verdict_of(&policy, &text(bucket)), expected, "{bucket} {statements:#?}");
    }

    fn resources(name: &str) -> Json {
        json!({"Resource": [format!("arn:aws:s3:::{name}"), format!("arn:‹partition:p›:s3:::{name}/*")]})
    }

    #[test]
    fn the_same_unknown_is_the_same_bucket() {
        for name in ["‹name:B›", "‹free:P›", "‹free:P›-logs-‹pseudo:Region›", "‹attribute:A›"] {
            check("enforced", name, &[resources(name)]);
            check("exposed", name, &[json!({"Resource": format!("arn:aws:s3:::{name}/*")})]);
            check("exposed", name, &[json!({"Resource": format!("arn:aws:s3:::{name}")})]);
            check(
                "exposed",
                name,
                &[json!({"Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/a*")]})],
            );
        }
        check("enforced", "‹name:B›", &[json!({"Resource": "arn:aws:s3:::‹name:B›*"})]);
        check("enforced", "‹name:B›", &[json!({"Resource": "*"})]);
    }

    #[test]
    fn a_made_up_name_is_no_other() {
        check("exposed", "‹name:B›", &[resources("‹name:C›")]);
        check("exposed", "‹name:B›", &[resources("data")]);
        check("exposed", "data", &[resources("‹name:B›")]);
        check("undecided", "‹name:B›", &[resources("‹free:P›")]);
        check("undecided", "data", &[resources("‹free:P›")]);
        check("exposed", "‹pseudo:Stack›-logs", &[resources("‹pseudo:Stack›-data")]);
        check("exposed", "data", &[resources("‹free:P›-logs")]);
    }

    #[test]
    fn an_unknown_does_not_matter_where_the_rest_decides() {
        check("enforced", "data", &[json!({}), resources("‹free:P›")]);
        check("enforced", "data", &[json!({"Action": "s3:*"}), json!({"Action": "‹free:P›"})]);
        check("exposed", "data", &[json!({"Action": "s3:Get‹free:P›"})]);
        check("undecided", "data", &[json!({"Action": "‹free:P›"})]);
        // It is no wildcard, but any one action may be the one it names.
        check("undecided", "data", &[json!({"Action": "‹attribute:P›"})]);
        check("undecided", "data", &[json!({"Principal": {"AWS": "‹free:P›"}})]);
        check("exposed", "data", &[json!({"Principal": {"AWS": "‹attribute:Role›"}})]);
        check("exposed", "data", &[json!({"NotPrincipal": {"AWS": "‹attribute:Role›"}})]);
        check("exposed", "data", &[json!({"NotPrincipal": {"AWS": "‹pseudo:AccountId›"}})]);
        check("exposed", "data", &[json!({"Principal": {"AWS": "arn:aws:iam::‹pseudo:AccountId›:root"}})]);
        check("undecided", "data", &[json!({"Condition": {"Bool": {"aws:SecureTransport": "‹free:P›"}}})]);
        check("undecided", "data", &[json!({"Effect": "‹free:P›"})]);
        let role = json!({"Condition": {"ArnNotEquals": {"aws:PrincipalArn": "‹attribute:Role›"}}});
        check("exposed", "data", &[role]);
    }

    #[test]
    fn an_unknown_value_equals_itself() {
        let only = |operator: &str, value: &str| json!({"Condition": {operator: {"aws:SourceVpc": value}}});
        check("enforced", "data", &[only("StringEquals", "‹free:P›"), only("StringNotEquals", "‹free:P›")]);
        check("undecided", "data", &[only("StringEquals", "‹free:P›"), only("StringNotEquals", "‹free:Q›")]);
        check("undecided", "data", &[only("StringNotEquals", "‹free:P›"), only("StringNotEquals", "abc")]);
        check("undecided", "data", &[only("StringNotEquals", "‹free:P›"), only("StringNotEquals", "‹free:Q›")]);
        check(
            "enforced",
            "data",
            &[only("StringLike", "‹free:P›*"), only("StringLike", "*"), only("StringNotLike", "?*")],
        );
        check("exposed", "data", &[only("StringEquals", "‹free:P›")]);
    }

    #[test]
    fn an_undecided_verdict_leans_where_its_likely_values_point() {
        let leaning = |likely: &str| {
            let policy = json!({"Version": "2012-10-17", "Statement": [deny(&json!({"Action": "‹free:P›"}))]});
            match support::decide_document(&with_likely(&document(&policy), likely), &Text::literal("data")) {
                Decision::Undecided { leaning, because } => {
                    assert!(!because.is_empty());
                    leaning
                }
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(leaning("s3:*"), Some(Leaning::Enforced));
        assert_eq!(leaning("s3:Get*"), Some(Leaning::Exposed));
    }

    #[test]
    fn a_role_that_is_not_known_is_its_own_witness() {
        let policy = json!({"Version": "2012-10-17",
            "Statement": deny(&json!({"NotPrincipal": {"AWS": "‹attribute:Role›"}}))});
        let request = support::witness(&policy, &Text::literal("data")).unwrap();
        assert_eq!(request.principal, Principal::Arn(text("‹attribute:Role›")));
    }
}
