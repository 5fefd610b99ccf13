//! A verdict does not change when a template is rewritten in an equivalent way: long and short forms, YAML and JSON,
//! `Ref` or `Sub` or `Join`, scalar or list, key order, statement order.
//!
//! Each case is a policy in neutral form; it is printed in many spellings, and all must get the same verdict, rule
//! and witness.
#![allow(
    clippy::struct_excessive_bools,
    clippy::format_push_string,
    reason = "a test stops at the first thing that it cannot do"
)]

use bucketlint::frontend::NoFiles;
use bucketlint::lint::{Input, Options, Outcome, lint};
use bucketlint::report::{Leaning, Verdict, Witness};
use serde_json::{Map, Value, json};

/// A statement in neutral form.
#[derive(Clone)]
struct Statement {
    effect: &'static str,
    principal: Value,
    actions: &'static [&'static str],
    /// `BUCKET` and `OBJECTS` stand for the two ARNs.
    resources: &'static [&'static str],
    /// Operator, key, values.
    conditions: &'static [(&'static str, &'static str, &'static [&'static str])],
}

fn canonical() -> Statement {
    Statement {
        effect: "Deny",
        principal: json!("*"),
        actions: &["s3:*"],
        resources: &["BUCKET", "OBJECTS"],
        conditions: &[("Bool", "aws:SecureTransport", &["false"])],
    }
}

fn policies() -> Vec<(Verdict, Vec<Statement>)> {
    let deny = canonical;
    vec![
        (Verdict::Enforced, vec![deny()]),
        (
            Verdict::Enforced,
            vec![Statement { resources: &["BUCKET"], ..deny() }, Statement { resources: &["OBJECTS"], ..deny() }],
        ),
        (
            Verdict::Enforced,
            vec![
                Statement { effect: "Allow", conditions: &[], actions: &["s3:GetObject"], ..deny() },
                Statement {
                    conditions: &[
                        ("Bool", "aws:SecureTransport", &["false"]),
                        ("StringEquals", "aws:PrincipalOrgID", &["o-1", "o-2"]),
                    ],
                    ..deny()
                },
                Statement {
                    conditions: &[
                        ("Bool", "aws:SecureTransport", &["false"]),
                        ("StringNotEquals", "aws:PrincipalOrgID", &["o-1", "o-2"]),
                    ],
                    ..deny()
                },
            ],
        ),
        (Verdict::Exposed, vec![Statement { resources: &["OBJECTS"], ..deny() }]),
        (Verdict::Exposed, vec![Statement { resources: &["BUCKET"], ..deny() }]),
        (Verdict::Exposed, vec![Statement { actions: &["s3:Get*", "s3:Put*"], ..deny() }]),
        (Verdict::Exposed, vec![Statement { principal: json!({"AWS": "arn:aws:iam::111122223333:root"}), ..deny() }]),
        (Verdict::Exposed, vec![Statement { conditions: &[("Bool", "aws:SecureTransport", &["true"])], ..deny() }]),
        (Verdict::Exposed, vec![Statement { effect: "Allow", ..deny() }]),
        (
            Verdict::Exposed,
            vec![Statement {
                conditions: &[
                    ("Bool", "aws:SecureTransport", &["false"]),
                    ("IpAddress", "aws:SourceIp", &["10.0.0.0/8"]),
                ],
                ..deny()
            }],
        ),
        (
            Verdict::Undecided(Some(Leaning::Enforced)),
            vec![Statement { conditions: &[("StringEquals", "aws:SecureTransport", &["false"])], ..deny() }],
        ),
    ]
}

/// One way of writing things.
#[derive(Clone, Copy, Debug)]
struct Spelling {
    /// How the bucket's ARNs are written.
    arn: usize,
    /// How the policy names its bucket.
    name: usize,
    /// Whether one-element lists are lists.
    lists: bool,
    /// Whether keys and statements stand in reverse order.
    reversed: bool,
    /// Whether a statement alone stands without a list.
    bare_statement: bool,
    /// Whether `false` is a boolean and keys are in odd case.
    odd_words: bool,
    /// How the document is given: mapping, or JSON as a string.
    as_string: bool,
}

const ARNS: usize = 6;
const NAMES: usize = 4;

fn spellings() -> Vec<Spelling> {
    let mut all = Vec::new();
    for arn in 0..ARNS {
        for name in 0..NAMES {
            let bits = arn * NAMES + name;
            let bit = |at: usize| (bits >> at) & 1 == 1;
            let one = Spelling {
                arn,
                name,
                lists: bit(0),
                reversed: bit(1),
                bare_statement: !bit(2),
                odd_words: bit(3),
                as_string: false,
            };
            all.push(one);
            all.push(Spelling { lists: !one.lists, reversed: !one.reversed, odd_words: !one.odd_words, ..one });
        }
    }
    all
}

fn resource(word: &str, arn: usize) -> Value {
    let objects = word == "OBJECTS";
    let tail = if objects { "/*" } else { "" };
    match arn {
        0 if objects => json!({"Fn::Sub": "${Data.Arn}/*"}),
        0 => json!({"Fn::GetAtt": ["Data", "Arn"]}),
        1 if objects => json!({"Fn::Join": ["", [{"Fn::GetAtt": "Data.Arn"}, "/*"]]}),
        1 => json!({"Fn::GetAtt": "Data.Arn"}),
        2 => json!({"Fn::Sub": format!("arn:aws:s3:::${{Data}}{tail}")}),
        3 => json!({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Data"}, tail]]}),
        4 => json!({"Fn::Sub": [format!("${{Arn}}{tail}"), {"Arn": {"Fn::GetAtt": ["Data", "Arn"]}}]}),
        _ => json!(format!("arn:aws:s3:::acme-data{tail}")),
    }
}

fn bucket_name(name: usize) -> Value {
    match name {
        0 => json!({"Ref": "Data"}),
        1 => json!({"Fn::Sub": "${Data}"}),
        2 => json!("acme-data"),
        _ => json!({"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Join": ["/", ["x", {"Ref": "Data"}]]}]}]}),
    }
}

fn listed(mut values: Vec<Value>, spelling: Spelling) -> Value {
    if spelling.reversed {
        values.reverse();
    }
    if values.len() == 1 && !spelling.lists { values.remove(0) } else { Value::Array(values) }
}

fn mapping(entries: Vec<(&str, Value)>) -> Value {
    // Keys are sorted in here; the YAML printer turns them round.
    Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn statement(one: &Statement, spelling: Spelling) -> Value {
    let actions = one
        .actions
        .iter()
        .map(|action| json!(if spelling.odd_words { action.to_uppercase() } else { (*action).to_owned() }));
    let resources = one.resources.iter().map(|word| resource(word, spelling.arn));
    let mut condition: Map<String, Value> = Map::new();
    for (operator, key, values) in one.conditions {
        let values = values.iter().map(|value| match *value {
            "false" if spelling.odd_words => json!(false),
            "true" if spelling.odd_words => json!(true),
            other => json!(other),
        });
        let key = if spelling.odd_words { key.to_uppercase().replace("AWS:", "aws:") } else { (*key).to_owned() };
        condition.insert((*operator).to_owned(), json!({key: listed(values.collect(), spelling)}));
    }
    let principal = match &one.principal {
        Value::String(_) if spelling.odd_words => {
            json!({"AWS": if spelling.lists { json!(["*"]) } else { json!("*") }})
        }
        other => other.clone(),
    };
    let mut entries = vec![
        ("Effect", json!(one.effect)),
        ("Principal", principal),
        ("Action", listed(actions.collect(), spelling)),
        ("Resource", listed(resources.collect(), spelling)),
    ];
    if !condition.is_empty() {
        entries.push(("Condition", Value::Object(condition)));
    }
    mapping(entries)
}

fn document(statements: &[Statement], spelling: Spelling) -> Value {
    let mut all: Vec<Value> = statements.iter().map(|one| statement(one, spelling)).collect();
    if spelling.reversed {
        all.reverse();
    }
    let all = if all.len() == 1 && spelling.bare_statement { all.remove(0) } else { Value::Array(all) };
    mapping(vec![("Version", json!("2012-10-17")), ("Statement", all)])
}

fn template(statements: &[Statement], spelling: Spelling) -> Value {
    let document = document(statements, spelling);
    let document = if spelling.as_string { json!(document.to_string()) } else { document };
    let bucket = json!({"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "acme-data"}});
    let policy = mapping(vec![
        ("Type", json!("AWS::S3::BucketPolicy")),
        ("Properties", mapping(vec![("Bucket", bucket_name(spelling.name)), ("PolicyDocument", document)])),
    ]);
    json!({"Resources": mapping(vec![("Data", bucket), ("DataPolicy", policy)])})
}

/// YAML with short forms (`!Ref`, `!Sub`, …), in block style.
fn yaml(value: &Value, indent: usize, reversed: bool, out: &mut String) {
    let pad = "  ".repeat(indent);
    match value {
        Value::Object(map)
            if map.len() == 1 && map.keys().next().is_some_and(|k| k == "Ref" || k.starts_with("Fn::")) =>
        {
            let (name, inner) = map.iter().next().unwrap();
            out.push_str(&format!("!{} ", name.trim_start_matches("Fn::")));
            match inner {
                Value::String(text) => out.push_str(&format!("'{text}'")),
                // A tag cannot hold a tag, so that what is inside is written long.
                other => out.push_str(&other.to_string()),
            }
            out.push('\n');
        }
        Value::Object(map) => {
            out.push('\n');
            let mut entries: Vec<_> = map.iter().collect();
            if reversed {
                entries.reverse();
            }
            for (key, value) in entries {
                out.push_str(&format!("{pad}'{key}': "));
                yaml(value, indent + 1, reversed, out);
            }
        }
        Value::Array(items) => {
            out.push('\n');
            for item in items {
                out.push_str(&format!("{pad}- "));
                yaml(item, indent + 1, reversed, out);
            }
        }
        Value::String(text) => out.push_str(&format!("'{}'\n", text.replace('\'', "''"))),
        other => out.push_str(&format!("{other}\n")),
    }
}

/// Verdict, rules and witness of the bucket; linted in the process, since there are a thousand spellings.
fn summary(name: &str, text: &str) -> (Verdict, Vec<&'static str>, Option<Witness>) {
    let input = Input { path: name.to_owned(), named: true, bytes: text.as_bytes().to_vec(), ..Input::default() };
    let Outcome::Linted(report) = lint(input, &Options::default(), &NoFiles) else { panic!("{text}") };
    assert!(report.errors.is_empty(), "{text}\n{:#?}", report.errors);
    let [data] = report.buckets.as_slice() else { panic!("{text}\n{:#?}", report.buckets) };
    let rules = report.findings.iter().map(|finding| finding.rule).collect();
    (data.verdict, rules, data.witness.as_deref().cloned())
}

#[test]
fn every_spelling_gets_the_same_verdict_rule_and_witness() {
    for (verdict, statements) in policies() {
        let plain = spellings()[0];
        let first = summary("t.json", &template(&statements, plain).to_string());
        assert_eq!(first.0, verdict, "{}", template(&statements, plain));
        for spelling in spellings() {
            let value = template(&statements, spelling);
            let compact = summary("t.json", &value.to_string());
            assert_eq!(compact, first, "{spelling:?}\n{value:#}");
            let mut text = String::new();
            yaml(&value, 0, spelling.reversed, &mut text);
            assert_eq!(summary("t.yaml", &text), first, "{spelling:?}\n{text}");
        }
        // As a JSON string, pretty JSON and CRLF.
        {
            let spelling = Spelling { as_string: true, arn: 5, ..plain };
            let value = template(&statements, spelling);
            assert_eq!(summary("t.json", &value.to_string()), first, "{value:#}");
            let pretty = serde_json::to_string_pretty(&value).unwrap().replace('\n', "\r\n").replace("  ", "\t");
            assert_eq!(summary("t.json", &pretty), first, "{pretty}");
        }
    }
}
