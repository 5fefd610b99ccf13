//! Random policies.

use crate::support::random::Random;
use serde_json::{Value as Json, json};

pub const ACTIONS: &[&str] = &[
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
pub const RESOURCES: &[&str] = &[
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
pub const AWS: &[&str] = &[
    "*",
    "111111111111",
    "arn:aws:iam::111111111111:root",
    "arn:aws:iam::111111111111:user/u",
    "arn:aws:iam::222222222222:role/r",
    "arn:aws:sts::222222222222:assumed-role/r/s",
    "222222222222",
];

/// Condition keys: operators, values, and what a request can hold.
pub struct KeyCase {
    pub key: &'static str,
    pub operators: &'static [&'static str],
    pub values: &'static [&'static str],
    pub several: bool,
}

const STRINGS: &[&str] = &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"];

pub const KEYS: &[KeyCase] = &[
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
        values: &["2020-01-01T00:00:00Z", "2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
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
            "arn:aws:iam::111111111111:role/a",
            "arn:aws:iam::222222222222:role/r",
            "arn:aws:iam::111111111111:user/u",
            "arn:aws:iam::111111111111:root",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::1???????????:role/a",
            "arn:aws:iam::222222222222:role/p/*",
            "arn:*:*:*:*:*",
            "arn:aws:iam:*:111111111111:*",
            "arn:aws:sts::*:federated-user/f",
        ],
        several: false,
    },
    KeyCase {
        key: "aws:PrincipalAccount",
        operators: STRINGS,
        values: &["111111111111", "222222222222", "1*", "anonymous", "*", "*1"],
        several: false,
    },
    KeyCase {
        key: "aws:PrincipalType",
        operators: STRINGS,
        values: &["Anonymous", "Account", "User", "AssumedRole", "FederatedUser", "A*", "*User"],
        several: false,
    },
    KeyCase {
        key: "aws:userid",
        operators: STRINGS,
        values: &["anonymous", "111111111111", "AROA:*", "AIDA", "*:*", "*"],
        several: false,
    },
    KeyCase { key: "aws:username", operators: STRINGS, values: &["u", "x", "u*", "*", "p/*"], several: false },
    KeyCase {
        key: "aws:PrincipalServiceName",
        operators: STRINGS,
        values: &["logs.amazonaws.com", "*.amazonaws.com", "x*"],
        several: false,
    },
    KeyCase { key: "aws:PrincipalOrgID", operators: STRINGS, values: &["o-a", "o-*", "*"], several: false },
    KeyCase { key: "aws:PrincipalTag/t", operators: STRINGS, values: &["a", "b", "*"], several: false },
    KeyCase { key: "aws:SourceAccount", operators: STRINGS, values: &["111111111111", "1*"], several: false },
    KeyCase { key: "aws:UserAgent", operators: STRINGS, values: &["a", "a*", "*"], several: false },
    KeyCase { key: "aws:SourceVpce", operators: STRINGS, values: &["a", "a*", "*"], several: false },
    KeyCase { key: "aws:ViaAWSService", operators: &["Bool"], values: &["true", "false"], several: false },
    KeyCase {
        key: "aws:CalledVia",
        operators: &["ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAllValues:StringNotEquals"],
        values: &["a", "b"],
        several: true,
    },
    KeyCase { key: "s3:prefix", operators: STRINGS, values: &["a", "a*", "*"], several: false },
    KeyCase { key: "s3:x-amz-acl", operators: STRINGS, values: &["private", "p*"], several: false },
    KeyCase { key: "s3:authType", operators: STRINGS, values: &["POST", "REST*"], several: false },
    KeyCase {
        key: "aws:EpochTime",
        operators: &[
            "DateLessThan",
            "DateGreaterThanEquals",
            "NumericLessThan",
            "NumericGreaterThanEquals",
            "NumericEquals",
            "NumericNotEquals",
        ],
        // 2027-01-01, 2028-01-01 and the second after, in seconds since 1970.
        values: &["1798761600", "1830297600", "1830297601", "0"],
        several: false,
    },
    KeyCase { key: "custom:Data", operators: &["BinaryEquals"], values: &["QQ==", "Qg==", "AAAA"], several: false },
];

pub fn condition(random: &mut Random, keys: &[&KeyCase]) -> Json {
    let mut operators = serde_json::Map::new();
    for _ in 0..random.below(3) {
        let case = *random.pick(keys);
        if random.chance(15) {
            operators.insert("Null".into(), json!({case.key: random.pick(&["true", "false"])}));
            continue;
        }
        let mut operator = (*random.pick(case.operators)).to_owned();
        // `ForAnyValue` with `IfExists` has no documented meaning on an absent key, so that it decides nothing.
        if random.chance(25) && !operator.starts_with("ForAnyValue:") {
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

pub fn statement(random: &mut Random, keys: &[&KeyCase]) -> Json {
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

pub fn policy(random: &mut Random) -> Json {
    let keys = [random.pick(KEYS), random.pick(KEYS), random.pick(KEYS)];
    let keys = if random.chance(60) { &keys[..2] } else { &keys[..] };
    let count = 1 + random.below(6);
    let statements: Vec<Json> = (0..count).map(|_| statement(random, keys)).collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}
