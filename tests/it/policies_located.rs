//! Problems of a policy, and the reasons why it lets a request through, point at the text that they are about.

use bucketlint::model::{Data, Entry, Text, Value};
use bucketlint::policy::{Document, Principal, Request, Resource, misses};
use bucketlint::source::{SourceFile, Sources};
use bucketlint::syntax::{Kind, Node, parse_json};
use std::collections::BTreeMap;
use std::sync::Arc;

fn value(node: Node<'_>) -> Value {
    let text = || node.text().unwrap_or_default().to_owned();
    let data = match node.kind() {
        Kind::Null => Data::Null,
        Kind::Bool(flag) => Data::Bool(flag),
        Kind::Number => Data::Number(text()),
        Kind::String => Data::Text(Text::literal(text())),
        Kind::Sequence => Data::List(node.items().map(value).collect()),
        Kind::Mapping => {
            let entry = |(key, node): (Node<'_>, Node<'_>)| Entry {
                key: key.text().unwrap_or_default().to_owned(),
                key_span: key.span(),
                value: value(node),
            };
            Data::Map(node.entries().map(entry).collect())
        }
    };
    Value::new(node.span(), data)
}

fn read(json: &str) -> (Arc<SourceFile>, Document) {
    let source = Sources::default().add("policy.json", json);
    let parse = parse_json(&source);
    assert!(parse.errors.is_empty(), "{json}");
    let document = Document::read(&value(parse.tree.root().expect("there is a value")));
    (source, document)
}

fn statement(parts: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{{{parts}}}]}}"#)
}

#[test]
fn problems_point_at_what_is_wrong() {
    let rest = r#""Action": "s3:*", "Resource": "*""#;
    let full = format!(r#""Effect": "Deny", "Principal": "*", {rest}"#);
    for (json, expected) in [
        (r#"{"Version": "2013", "Statement": []}"#.to_owned(), vec![r#""2013""#, "[]"]),
        (r#"{"Version": "2012-10-17"}"#.to_owned(), vec![r#"{"Version": "2012-10-17"}"#]),
        (r#"{"Statment": []}"#.to_owned(), vec![r#""Statment""#, r#"{"Statment": []}"#]),
        (statement(&format!(r#""Effect": "deny", "Principal": "*", {rest}"#)), vec![r#""deny""#]),
        (statement(&format!(r#""Effect": "Deny", "Principal": ["*"], {rest}"#)), vec![r#"["*"]"#]),
        (
            statement(&format!(r#""Effect": "Deny", "Principal": {{"AWS": ["*", "arn:aws:iam::1:role/*"]}}, {rest}"#)),
            vec![r#""arn:aws:iam::1:role/*""#],
        ),
        (statement(&format!(r#""NotAction": [], {full}"#)), vec![r#""NotAction""#]),
        (statement(&format!(r#""Condition": {{"Bools": {{"a": "true"}}}}, {full}"#)), vec![r#""Bools""#]),
        (
            statement(&format!(r#""Condition": {{"Bool": {{"a": ["true", "yes"], "b": 1}}}}, {full}"#)),
            vec![r#""yes""#, "1"],
        ),
        (
            statement(r#""Effect": "Deny", "Principal": "*", "Action": ["s3:*", "Run"], "Resource": []"#),
            vec![r#""Run""#, "[]"],
        ),
    ] {
        let (source, document) = read(&json);
        let found: Vec<&str> = document.problems.iter().map(|problem| source.slice(problem.span)).collect();
        assert_eq!(found, expected, "{json}: {:?}", document.problems);
    }
}

#[test]
fn reasons_point_at_the_element_that_lets_the_request_through() {
    let rest = r#""Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}"#;
    for (parts, expected) in [
        (r#""Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::data"]"#, r#"["arn:aws:s3:::data"]"#),
        (
            r#""Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/a/*"]"#,
            r#""arn:aws:s3:::data/a/*""#,
        ),
        (r#""Principal": "*", "NotAction": ["s3:Put*", "s3:Get*"], "Resource": "*""#, r#""s3:Get*""#),
        (r#""Principal": {"AWS": "123456789012"}, "Action": "s3:*", "Resource": "*""#, r#"{"AWS": "123456789012"}"#),
    ] {
        let (source, document) = read(&statement(&format!("{rest}, {parts}")));
        assert!(document.problems.is_empty(), "{parts}: {:?}", document.problems);
        let request = Request {
            principal: Principal::Anonymous,
            action: "s3:GetObject".to_owned(),
            bucket: "data".into(),
            resource: Resource::Object("key".to_owned()),
            context: BTreeMap::from([("aws:securetransport".to_owned(), vec!["false".into()])]),
        };
        let found: Vec<String> =
            misses(&document, &request).iter().map(|miss| source.slice(miss.span).to_owned()).collect();
        assert_eq!(found, [expected], "{parts}");
    }
}
